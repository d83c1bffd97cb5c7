"""Replaces dotted paths in string literals, and nothing else of the literal.

Prefix, quotes and escapes stay, and so does the way a literal is divided into adjacent ones: each
part of a path is replaced in the literal that holds it.
"""

from __future__ import annotations

import re
import warnings
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

import libcst as cst
import msgspec

from ssot_migrate.domain.finding import Fix
from ssot_migrate.domain.outcome import Left
from ssot_migrate.rewrite.decisions import ReplaceString
from ssot_migrate.rewrite.document import Document, Refused, TextEdit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssot_migrate.rewrite.decisions import FileTask

HANDLES: tuple[type, ...] = (ReplaceString,)

_TOKEN = re.compile(r"\w+|\W")
_PATH_CHARACTER = re.compile(r"[\w.:]")
_CHARACTER = re.compile(r"\r\n|.", re.DOTALL)
_ESCAPE = re.compile(
    r"\\(?:N\{[^}]*\}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{1,3}|\r\n|.)|\r\n|.",
    re.DOTALL,
)


def rewrite(
    document: Document,
    task: FileTask,  # noqa: ARG001 - all codemods share one signature
    decisions: Sequence[ReplaceString],
) -> Iterator[TextEdit | Left]:
    """Replace the literals of one file.

    Args:
        document: The file.
        task: What is to happen in it.
        decisions: The literals, and the values that they are to have.
    """
    for decision in decisions:
        try:
            yield from _replaced(document, decision)
        except _Cannot as why:
            yield Left(
                line=decision.span.line,
                column=decision.span.column,
                why=str(why),
                cause=msgspec.structs.replace(decision.cause, fix=Fix.MANUAL),
            )


class _Cannot(Exception):  # noqa: N818 - a verdict, not an error
    """Why a literal is left as it is."""


class _Piece(NamedTuple):
    """One of adjacent literals.

    Args:
        offset: Where its inside starts in the document.
        prefix: What stands before its quotes.
        quote: The quotes.
        inside: What stands between them.
        spans: Where in `inside` each character of its value is written.
    """

    offset: int
    prefix: str
    quote: str
    inside: str
    spans: tuple[tuple[int, int], ...]

    def value(self, inside: str) -> str:
        """Its value with another inside."""
        literal = f"{self.prefix}{self.quote}{inside}{self.quote}"
        return _evaluated(literal)

    def written(self, text: str) -> str:
        """A text as it is written between these quotes."""
        if "r" in self.prefix.lower():
            return text
        return text.replace("\\", "\\\\").replace(self.quote[0], f"\\{self.quote[0]}")


class _Change(NamedTuple):
    """What replaces a part of a piece's inside."""

    start: int
    end: int
    text: str


def _replaced(document: Document, decision: ReplaceString) -> Iterator[TextEdit]:
    pieces = _pieces(document, decision)
    if "".join(piece.value(piece.inside) for piece in pieces) != decision.before:
        raise _Cannot("the literal has another value than the one that was read")
    edits: list[TextEdit] = []
    value = ""
    for piece, changes in zip(pieces, _divided(pieces, decision), strict=True):
        inside, position = "", 0
        for start, end, text in _widened(piece, changes):
            _require_encoding(document, text)
            inside += piece.inside[position:start] + text
            position = end
            edits.append(TextEdit(piece.offset + start, piece.offset + end, text, decision.cause))
        try:
            value += piece.value(inside + piece.inside[position:])
        except _Cannot:
            break
    if value != decision.after:
        raise _Cannot(f"{decision.after!r} cannot be written between its quotes")
    yield from edits


def _divided(pieces: Sequence[_Piece], decision: ReplaceString) -> list[list[_Change]]:
    """What changes inside each piece: what is new stands in the first piece that is concerned."""
    found: list[list[_Change]] = [[] for _ in pieces]
    for start, end, text in _differences(decision.before, decision.after):
        rest: str | None = text
        first = 0
        for piece, changes in zip(pieces, found, strict=True):
            last = first + len(piece.spans)
            low, high = max(start, first), min(end, last)
            if low < high:
                at, to = piece.spans[low - first][0], piece.spans[high - first - 1][1]
                changes.append(_Change(at, to, piece.written(rest or "")))
                rest = None
            elif low == high and start == end and rest is not None:
                at = piece.spans[low - first][0] if low < last else len(piece.inside)
                changes.append(_Change(at, at, piece.written(rest)))
                rest = None
            first = last
    return found


def _differences(before: str, after: str) -> Iterator[_Change]:
    """What differs between two texts, word by word."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    offsets = [0]
    for token in old:
        offsets.append(offsets[-1] + len(token))
    if len(old) == len(new):
        for number, (one, other) in enumerate(zip(old, new, strict=True)):
            if one != other:
                yield _Change(offsets[number], offsets[number + 1], other)
        return
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for what, start, end, first, last in matcher.get_opcodes():
        if what != "equal":
            yield _Change(offsets[start], offsets[end], "".join(new[first:last]))


def _widened(piece: _Piece, changes: Sequence[_Change]) -> Iterator[_Change]:
    """The changes as replacements of whole paths."""
    runs: list[tuple[int, int, list[_Change]]] = []
    for change in changes:
        low, high = change.start, change.end
        while low and _PATH_CHARACTER.match(piece.inside, low - 1):
            low -= 1
        while high < len(piece.inside) and _PATH_CHARACTER.match(piece.inside, high):
            high += 1
        if runs and low <= runs[-1][1]:
            earlier, _, together = runs.pop()
            runs.append((earlier, high, [*together, change]))
        else:
            runs.append((low, high, [change]))
    for low, high, together in runs:
        text, position = "", low
        for start, end, new in together:
            text += piece.inside[position:start] + new
            position = end
        yield _Change(low, high, text + piece.inside[position:high])


def _require_encoding(document: Document, text: str) -> None:
    try:
        document.encoded(text)
    except Refused as refused:
        raise _Cannot(f"the file {refused.why}") from refused


# Pieces


def _pieces(document: Document, decision: ReplaceString) -> list[_Piece]:
    start, end = document.slice(decision.span)
    text = document.text[start:end]
    try:
        # In parentheses, so that adjacent literals may stand on several lines.
        node = cst.parse_expression(f"({text}\n)")
    except Exception as problem:  # LibCST's failures share no base class
        raise _Cannot("LibCST does not read the literal") from problem
    return [_piece(literal, start + offset - 1) for literal, offset in _literals(node, 0)]


def _literals(node: cst.BaseExpression, offset: int) -> Iterator[tuple[cst.SimpleString, int]]:
    """The plain literals of a string, each with its offset."""
    offset += sum(len(_code(parenthesis)) for parenthesis in getattr(node, "lpar", ()))
    if isinstance(node, cst.ConcatenatedString):
        yield from _literals(node.left, offset)
        offset += len(_code(node.left)) + len(_code(node.whitespace_between))
        yield from _literals(node.right, offset)
    elif isinstance(node, cst.SimpleString):
        yield node, offset
    else:
        raise _Cannot("a part of the text is computed")


def _code(node: cst.CSTNode) -> str:
    return cst.Module(body=[]).code_for_node(node)


def _piece(literal: cst.SimpleString, offset: int) -> _Piece:
    if "b" in literal.prefix.lower():
        raise _Cannot("it is bytes, not text")
    inside = literal.raw_value
    value, spans = "", []
    written = _CHARACTER if "r" in literal.prefix.lower() else _ESCAPE
    for match in written.finditer(inside):
        characters = _characters(match.group())
        value += characters
        spans += [match.span()] * len(characters)
    before = len(literal.prefix) + len(literal.quote)
    piece = _Piece(offset + before, literal.prefix, literal.quote, inside, tuple(spans))
    if piece.value(inside) != value:
        raise _Cannot("its escapes are not understood")
    return piece


def _characters(written: str) -> str:
    """What one character or escape between quotes stands for."""
    if written in ("\r", "\r\n"):
        return "\n"
    if len(written) == 1:
        return written
    return "" if written[1] in "\r\n" else _evaluated(f'"""{written}"""')


def _evaluated(literal: str) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return str(cst.SimpleString(literal).evaluated_value)
    except Exception as problem:
        raise _Cannot("its text cannot be read") from problem
