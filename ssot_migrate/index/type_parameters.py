"""PEP 695 type parameters for trees of interpreters that do not know them."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from ssot_migrate.index.quoted import parse_at
from ssot_migrate.index.syntax import Columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PARAMETER = re.compile(r"\s*\*{0,2}\s*(\w+)\s*(?P<rest>.*)", re.DOTALL)
_HEADER = re.compile(r"(?:(?:async\s+)?def|class|type)\s+\w+\s*\[")
_OPENING, _CLOSING = "([{", ")]}"


class TypeParameter(ast.AST):
    """A type parameter, with the fields of Python 3.12's that matter for reading names."""

    _fields = ("bound", "default_value")

    def __init__(self, name: str, bound: ast.expr | None, default: ast.expr | None) -> None:
        super().__init__()
        self.name = name
        self.bound = bound
        self.default_value = default


def attach_type_parameters(tree: ast.Module, source: bytes) -> None:
    """Give the functions and classes of a tree the type parameters that their source shows.

    A `type` statement, which the tree has as an assignment of a tuple, gets what its parameters
    read as further elements.

    Args:
        tree: Parsed from the source without them, every position as it was.
        source: The original.
    """
    lines = Columns(source).lines
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found = list(_parameters(node, lines))
            if found:
                node.type_params = found  # type: ignore[union-attr]
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple):
            for parameter in _parameters(node, lines):
                node.value.elts += filter(None, (parameter.bound, parameter.default_value))


def _parameters(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Assign,
    lines: Sequence[bytes],
) -> Iterator[TypeParameter]:
    end_line = (node.end_lineno or 0) if isinstance(node, ast.Assign) else node.body[0].lineno
    header = b"\n".join(lines[node.lineno - 1 : end_line]).decode("utf-8", "replace")
    start = len(lines[node.lineno - 1][: node.col_offset].decode("utf-8", "replace"))
    opened = _HEADER.match(header, start)
    for begin, end in _divided(header, opened.end()) if opened else ():
        parameter = _PARAMETER.fullmatch(header, begin, end)
        if parameter is None:
            continue
        bound = default = None
        position, rest = parameter.start("rest"), parameter["rest"]
        if rest.startswith(":"):
            stop = _end(header, position + 1, end, "=")
            bound = _parsed(header, position + 1, stop, node.lineno)
            position, rest = stop, header[stop:end]
        if rest.startswith("="):
            default = _parsed(header, position + 1, end, node.lineno)
        yield TypeParameter(parameter[1], bound, default)


def _parsed(text: str, start: int, end: int, line: int) -> ast.expr | None:
    before = text[:start]
    column = len(before.rpartition("\n")[2].encode())
    try:
        return parse_at(text[start:end], line + before.count("\n"), column)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _divided(text: str, position: int) -> Iterator[tuple[int, int]]:
    """The parts between the commas, up to the closing bracket."""
    while position < len(text):
        end = _end(text, position, len(text), ",]")
        yield position, end
        if end >= len(text) or text[end] == "]":
            return
        position = end + 1


def _end(text: str, position: int, end: int, stops: str) -> int:
    """The offset of the next of `stops` outside brackets and strings."""
    depth, quote = 0, ""
    while position < end:
        character = text[position]
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif depth == 0 and character in stops:
            return position
        else:
            depth += (character in _OPENING) - (character in _CLOSING)
        position += 1
    return end
