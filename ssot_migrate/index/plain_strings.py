"""Turns f-strings and t-strings of newer grammars into tuples of what they read.

`f"{names["a"]!r} of {total}"` becomes `(  names["a"],      total ,)`: every expression stays
where it was.
"""

from __future__ import annotations

import ast
import warnings
from typing import TYPE_CHECKING, TypeAlias

import libcst as cst

if TYPE_CHECKING:
    from collections.abc import Iterator

_Piece: TypeAlias = tuple[bool, str]
"""Whether the text is code, and the text."""
_FORMATTED = (cst.FormattedString, cst.TemplatedString)
_EXPRESSIONS = (cst.FormattedStringExpression, cst.TemplatedStringExpression)


def is_formatted(node: cst.CSTNode) -> bool:
    """Whether a string, or a part of a concatenation, is formatted."""
    if isinstance(node, cst.ConcatenatedString):
        return is_formatted(node.left) or is_formatted(node.right)
    return isinstance(node, _FORMATTED)


def plain(node: cst.BaseExpression, older: cst.CSTTransformer) -> cst.BaseExpression:
    """A formatted string as it is, if the interpreter reads it; else a tuple in its place.

    Args:
        node: The string.
        older: Rewrites the expressions inside.
    """
    code = _code(node)
    if _is_readable(code):
        return node
    text = _as_tuple(list(_pieces(node, older)))
    if _is_readable(text):
        return cst.parse_expression(text)
    lines = code.count("\n")
    return cst.SimpleString('"""' + "\n" * lines + '"""' if lines else '""')


def _code(node: cst.CSTNode) -> str:
    return cst.Module(body=[]).code_for_node(node)


def _is_readable(code: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(f"({code}\n)", mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _as_tuple(pieces: list[_Piece]) -> str:
    text, owes_comma = "", False
    for is_code, piece in pieces:
        if is_code:
            text, owes_comma = text + piece, True
            continue
        for character in piece:
            if character in "\r\n":
                text += character
            elif owes_comma:
                text, owes_comma = text + "," + " " * (len(character.encode()) - 1), False
            else:
                text += " " * len(character.encode())
    return f"({text[1:-1]})"


def _pieces(node: cst.CSTNode, older: cst.CSTTransformer) -> Iterator[_Piece]:
    if isinstance(node, _EXPRESSIONS):
        before = "{" + _code(node.whitespace_before_expression)
        expression = _code(node.expression)
        specification = list(node.format_spec or ())
        behind = _code(node)[len(before) + len(expression) :]
        width = sum(len(_code(part)) for part in specification) + 1
        yield False, before
        rewritten = node.expression.visit(older)
        yield True, _code(rewritten) if isinstance(rewritten, cst.CSTNode) else ""
        yield False, behind[: len(behind) - width]
        for part in specification:
            yield from _pieces(part, older)
        yield False, "}"
    elif isinstance(node, (*_FORMATTED, cst.ConcatenatedString)):
        yield from ((False, _code(parenthesis)) for parenthesis in node.lpar)
        if isinstance(node, cst.ConcatenatedString):
            yield from _pieces(node.left, older)
            yield False, _code(node.whitespace_between)
            yield from _pieces(node.right, older)
        else:
            yield False, node.start
            for piece in node.parts:
                yield from _pieces(piece, older)
            yield False, node.end
        yield from ((False, _code(parenthesis)) for parenthesis in node.rpar)
    else:
        yield False, _code(node)
