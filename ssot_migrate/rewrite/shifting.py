"""Moves lines into a suite, or out of one, without touching what strings hold."""

from __future__ import annotations

import io
import re
import tokenize
from typing import TYPE_CHECKING

from ssot_migrate.rewrite.document import Document, Refused, TextEdit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.domain.outcome import Cause
    from ssot_migrate.rewrite.decisions import Shift

_STRINGS = ("STRING", "FSTRING_MIDDLE", "TSTRING_MIDDLE")
_INDENT = re.compile(r"[ \t]*")
_USUAL = "    "


def shifts(document: Document, shift: Shift, cause: Cause) -> Iterator[TextEdit]:
    """Yield the edits that indent, or dedent, some lines by one level.

    Args:
        document: The file.
        shift: The lines.
        cause: Why.

    Lines that are not as deep as their suite, within brackets, stay as they are.

    Raises:
        Refused: The lines are in no suite, or cannot be told from those of strings.
    """
    inside = _inside_strings(document)
    step = _step(document, shift)
    for line in range(shift.first, shift.last + 1):
        start = document.offset(line, 1)
        stop = document.text.find("\n", start)
        text = document.text[start : len(document.text) if stop < 0 else stop]
        if line in inside or not text.strip():
            continue
        if shift.is_deeper:
            yield TextEdit(start, start, step, cause)
        elif text.startswith(step):
            yield TextEdit(start, start + len(step), "", cause)


def _step(document: Document, shift: Shift) -> str:
    """One level of indentation, as the lines around have it."""
    start = document.offset(shift.first, 1)
    match = _INDENT.match(document.text, start)
    own = match.group() if match else ""
    if shift.is_deeper:
        return "\t" if own.startswith("\t") else _USUAL
    head = document.offset(shift.first, 1)
    for line in range(shift.first - 1, 0, -1):
        head = document.offset(line, 1)
        above = _INDENT.match(document.text, head)
        outer = above.group() if above else ""
        if document.text[head:start].strip() and len(outer) < len(own):
            return own.removeprefix(outer)
    raise Refused(f"line {shift.first} is in no suite")


def _inside_strings(document: Document) -> set[int]:
    """The lines that start inside of a string."""
    found: set[int] = set()
    try:
        for token in tokenize.tokenize(io.BytesIO(document.data).readline):
            if tokenize.tok_name[token.type] in _STRINGS:
                found.update(range(token.start[0] + 1, token.end[0] + 1))
    except (SyntaxError, tokenize.TokenError) as problem:
        raise Refused("its lines cannot be told from those of its strings") from problem
    return found
