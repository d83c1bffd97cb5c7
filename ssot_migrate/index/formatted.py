"""Gives what stands in an f-string its true position, which older interpreters get wrong.

Before Python 3.12 an f-string was a token, and the parser guessed where its fields are. Here they
are found in the text, parsed where they stand, and their positions copied if the trees agree.
"""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from typing import TYPE_CHECKING, NamedTuple

from ssot_migrate.index.quoted import parse_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

IS_EXACT = sys.version_info >= (3, 12)
_OPENING, _CLOSING = "([{", ")]}"


class _Field(NamedTuple):
    """The code of a replacement field, and the offset at which it starts."""

    offset: int
    code: str


def settle(node: ast.JoinedStr, lines: Sequence[bytes]) -> None:
    """Correct the positions of all nodes in an f-string; does nothing where it cannot be sure.

    Args:
        node: The f-string, with all parts of an implicit concatenation.
        lines: The file's lines as UTF-8, without their ends.
    """
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    segment = [line.decode("utf-8", "replace") for line in lines[first : last + 1]]
    if not segment:
        return
    start = len(lines[first][: node.col_offset].decode("utf-8", "replace"))
    end = len(lines[last][: node.end_col_offset].decode("utf-8", "replace"))
    segment[-1] = segment[-1][:end]
    segment[0] = segment[0][start:]
    text = "\n".join(segment)
    try:
        fields = list(_fields_of_literals(text))
        exact = [_parsed(field, text, node.lineno, node.col_offset) for field in fields]
    except (SyntaxError, ValueError, IndexError, RecursionError, tokenize.TokenError):
        return
    guessed = list(values_of(node))
    if [ast.dump(one) for one in exact] == [ast.dump(one) for one in guessed]:
        for right, wrong in zip(exact, guessed, strict=True):
            for source, target in zip(ast.walk(right), ast.walk(wrong), strict=True):
                ast.copy_location(target, source)


def values_of(node: ast.JoinedStr) -> Iterator[ast.expr]:
    """The values of the fields, those of a format specification behind their own."""
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            yield part.value
            if isinstance(part.format_spec, ast.JoinedStr):
                yield from values_of(part.format_spec)


def _parsed(field: _Field, text: str, line: int, column: int) -> ast.expr:
    """The field's expression; its nodes know their places in the file."""
    before = text[: field.offset]
    below = before.count("\n")
    start = len(before.rpartition("\n")[2].encode()) + (0 if below else column)
    return parse_at(field.code, line + below, start)


def _fields_of_literals(text: str) -> Iterator[_Field]:
    """The fields of every f-string among adjacent literals."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    # In parentheses, so that literals may stand on several lines.
    for token in tokenize.generate_tokens(io.StringIO(f"({text})").readline):
        if token.type != tokenize.STRING:
            continue
        row, column = token.start
        offset = starts[row - 1] + column - (1 if row == 1 else 0)
        prefix = token.string[: len(token.string) - len(token.string.lstrip("fFrRbBuU"))]
        if "f" not in prefix.lower():
            continue
        quote = 3 if token.string[len(prefix) :][:3] in ('"""', "'''") else 1
        begin = offset + len(prefix) + quote
        yield from _fields(text, begin, offset + len(token.string) - quote)


def _fields(text: str, position: int, end: int) -> Iterator[_Field]:
    """The fields between two offsets of an f-string's inside."""
    while position < end:
        character = text[position]
        if text[position : position + 2] in ("{{", "}}"):
            position += 2
        elif character == "\\" and text[position + 1 : position + 3] == "N{":
            position = text.index("}", position) + 1
        elif character == "{":
            stop = _end_of_code(text, position + 1, end)
            code = text[position + 1 : stop]
            if text[stop] in "!:}" and code.rstrip().endswith("=") and not _compares(code):
                code = code.rstrip()[:-1]
            yield _Field(position + 1, code)
            while text[stop] not in ":}":
                stop += 1
            close = _end_of_field(text, stop, end)
            if text[stop] == ":":
                yield from _fields(text, stop + 1, close)
            position = close + 1
        else:
            position += 1


def _compares(code: str) -> bool:
    return code.rstrip().endswith(("==", "!=", "<=", ">="))


def _end_of_code(text: str, position: int, end: int) -> int:
    """Where a field's expression ends: at `!`, `:` or `}` outside brackets and strings."""
    depth, quote = 0, ""
    while position < end:
        character = text[position]
        if quote:
            if text.startswith(quote, position):
                position += len(quote) - 1
                quote = ""
        elif character in "'\"":
            quote = character * 3 if text.startswith(character * 3, position) else character
            position += len(quote) - 1
        elif depth == 0 and (character in ":}" or (character == "!" and text[position + 1] != "=")):
            return position
        elif character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth -= 1
        position += 1
    raise ValueError("a field without an end")


def _end_of_field(text: str, position: int, end: int) -> int:
    depth = 0
    while position < end:
        depth += {"{": 1, "}": -1}.get(text[position], 0)
        if depth < 0:
            return position
        position += 1
    raise ValueError("a field without an end")
