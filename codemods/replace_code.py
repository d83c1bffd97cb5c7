"""Replaces expressions and heads of statements; what is kept of them may change by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.rewrite.decisions import ReplaceCode
from ssot_migrate.rewrite.document import Document, Refused, TextEdit
from ssot_migrate.rewrite.shifting import shifts
from ssot_migrate.rewrite.splicing import Change, Part, Unreadable, changes, is_in_order

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssot_migrate.domain.outcome import Left
    from ssot_migrate.rewrite.decisions import FileTask

HANDLES = (ReplaceCode,)


def rewrite(
    document: Document,
    task: FileTask,  # noqa: ARG001 - all codemods share one signature
    decisions: Sequence[ReplaceCode],
) -> Iterator[TextEdit | Left]:
    """Replace code in one file.

    Args:
        document: The file.
        task: What is to happen in it.
        decisions: The places, and what becomes of them.

    Raises:
        Refused: A place holds no code by itself.
    """
    yield from _Replacing(document, decisions).edits()


class _Replacing:
    """All replacements of one file."""

    def __init__(self, document: Document, decisions: Sequence[ReplaceCode]) -> None:
        self._document = document
        self._text = document.text
        spans = ((*document.slice(one.span), one) for one in decisions)
        self._places = sorted(spans, key=lambda found: (found[0], -found[1]))

    def edits(self) -> Iterator[TextEdit]:
        """The edits, in order of position; those inside of moved text are part of its edit."""
        behind = -1
        for start, end, decision in self._places:
            if end <= behind:
                continue
            parts = self._parts(decision)
            if is_in_order(parts):
                several = self._changes(start, end, parts)
            else:
                several = [Change(start, end, self._moved(start, end, parts))]
                behind = end
            yield from (TextEdit(*change, decision.cause) for change in several)
            if decision.shift is not None:
                yield from shifts(self._document, decision.shift, decision.cause)

    def _changes(self, start: int, end: int, parts: Sequence[Part]) -> list[Change]:
        try:
            return changes(self._text, start, end, parts)
        except Unreadable as problem:
            line, _column = self._document.position(start)
            raise Refused(f"what is to be replaced in line {line} is no code") from problem

    def _moved(self, start: int, end: int, parts: Sequence[Part]) -> str:
        """The text of parts that change their order, with the replacements inside of them."""
        return "".join(
            part if isinstance(part, str) else self._inside(*part, (start, end)) for part in parts
        )

    def _inside(self, start: int, end: int, outer: tuple[int, int]) -> str:
        text, position = "", start
        for first, last, decision in self._places:
            is_inside = start <= first and last <= end and (first, last) != outer
            if not is_inside or first < position:
                continue
            text += self._text[position:first]
            text += self._moved(first, last, self._parts(decision))
            position = last
        return text + self._text[position:end]

    def _parts(self, decision: ReplaceCode) -> tuple[Part, ...]:
        return tuple(
            part if isinstance(part, str) else self._document.slice(part) for part in decision.parts
        )
