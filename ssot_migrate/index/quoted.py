"""Code in strings and comments: quoted annotations and PEP 484 type comments, where they stand."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LITERAL = re.compile(r"[uU]?(?P<quotes>'''|\"\"\"|'|\")(?P<inside>.*)(?P=quotes)", re.DOTALL)
_TYPE_COMMENT = re.compile(r"#\s*type:\s*(?!ignore\b)(?=\S)")
_HAS_TYPE_COMMENT = re.compile(rb"#\s*type:\s*(?!ignore\b)\S")


class TypeComment(NamedTuple):
    """What a type comment says, and the line on which it stands."""

    line: int
    types: tuple[ast.expr, ...]


def parse_at(code: str, line: int, column: int) -> ast.expr:
    """Parse an expression whose nodes say where it stands.

    Args:
        code: The expression; it may run over several lines.
        line: The line of its first character.
        column: The byte offset of its first character in that line.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: As `ast.parse` does.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # The parenthesis allows white space and line ends.
        expression = ast.parse(f"({code}\n)", mode="eval").body
    _shift(expression, line, column - 1)
    return expression


def parse_quoted(value: str, quotation: ast.Constant, lines: Sequence[bytes]) -> ast.expr | None:
    """Parse the code in a string literal; None where it is none.

    Nodes say where they stand if the literal is plain, else where the literal stands.
    """
    text = _text_of(quotation, lines)
    literal = _LITERAL.fullmatch(text)
    try:
        if literal and literal["inside"] == value:
            before = text[: literal.start("inside")]
            return parse_at(value, quotation.lineno, quotation.col_offset + len(before.encode()))
        expression = parse_at(value, 1, 0)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    for node in ast.walk(expression):
        ast.copy_location(node, quotation)
    return expression


def type_comments(source: bytes, lines: Sequence[bytes]) -> Iterator[TypeComment]:
    """The readable type comments of a file."""
    if not _HAS_TYPE_COMMENT.search(source):
        return
    text = "\n".join(line.decode("utf-8", "replace") for line in lines)
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (SyntaxError, tokenize.TokenError):
        return
    for token in tokens:
        if token.type != tokenize.COMMENT or not (found := _TYPE_COMMENT.match(token.string)):
            continue
        code = token.string[found.end() :].partition("#")[0].rstrip()
        before = token.line[: token.start[1]] + token.string[: found.end()]
        try:
            yield TypeComment(token.start[0], _types(code, token.start[0], len(before.encode())))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue


def _types(code: str, line: int, column: int) -> tuple[ast.expr, ...]:
    if "->" not in code:
        return (parse_at(code, line, column),)
    function = ast.parse(code, mode="func_type")
    types = (*function.argtypes, function.returns)
    for one in types:
        _shift(one, line, column)
    return types


def _shift(expression: ast.expr, line: int, column: int) -> None:
    """Move the nodes of a tree that was parsed on its own to where it stands."""
    for node in ast.walk(expression):
        if isinstance(node, (ast.expr, ast.keyword, ast.arg)):
            node.col_offset += column if node.lineno == 1 else 0
            node.end_col_offset = (node.end_col_offset or 0) + (
                column if node.end_lineno == 1 else 0
            )
            node.lineno += line - 1
            node.end_lineno = (node.end_lineno or 1) + line - 1


def _text_of(node: ast.expr, lines: Sequence[bytes]) -> str:
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    rows = list(lines[first : last + 1])
    if not rows:
        return ""
    rows[-1] = rows[-1][: node.end_col_offset]
    rows[0] = rows[0][node.col_offset :]
    return b"\n".join(rows).decode("utf-8", "replace")
