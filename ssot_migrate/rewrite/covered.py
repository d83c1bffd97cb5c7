"""Which parts of a file's text replaced code covers, before and after."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ssot_migrate.rewrite.decisions import FileTask, ReplaceCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssot_migrate.index.facts import Reference
    from ssot_migrate.rewrite.document import Document, TextEdit

_LINE_END = re.compile(r"\r\n|\r|\n")


class Covered:
    """Tells the uses of names that come and go with replaced code from all the others.

    Args:
        document: The file as it was.
        after: Its new text.
        edits: What changed, in order.
        task: What was decided.
    """

    def __init__(
        self, document: Document, after: str, edits: Sequence[TextEdit], task: FileTask
    ) -> None:
        places = [
            document.slice(one.span) for one in task.decisions if isinstance(one, ReplaceCode)
        ]
        self._before: list[tuple[int, int]] = []
        self._after: list[tuple[int, int]] = []
        moved = 0
        for edit in edits:
            start = edit.start + moved
            if any(first <= edit.start and edit.end <= last for first, last in places):
                self._before.append((edit.start, edit.end))
                self._after.append((start, start + len(edit.text)))
            moved += len(edit.text) - (edit.end - edit.start)
        self._starts = {False: _starts(document.text), True: _starts(after)}

    def goes(self, use: Reference) -> bool:
        """Whether a use of the original lies in text that goes."""
        return self._is_in(use, self._before, is_after=False)

    def comes(self, use: Reference) -> bool:
        """Whether a use of the new version lies in text that comes."""
        return self._is_in(use, self._after, is_after=True)

    def is_cut(self, use: Reference, *, is_after: bool) -> bool:
        """Whether a use starts outside of the text that goes, or comes, and reaches into it."""
        places = self._after if is_after else self._before
        starts = self._starts[is_after]
        first = starts[use.line - 1] + use.column - 1
        last = starts[use.end_line - 1] + use.end_column - 1
        return any(first < start < last for start, _end in places)

    def _is_in(self, use: Reference, places: Sequence[tuple[int, int]], *, is_after: bool) -> bool:
        at = self._starts[is_after][use.line - 1] + use.column - 1
        return any(start <= at < end for start, end in places)


def _starts(text: str) -> list[int]:
    return [0, *(match.end() for match in _LINE_END.finditer(text))]
