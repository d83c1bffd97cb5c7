"""Statements where they stand: in which suite, and with what on their lines."""

from __future__ import annotations

import ast
import re
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.index.syntax import Columns, tests_type_checking

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssot_migrate.rewrite.document import Document

_LINE_END = re.compile(r"\r\n|\r|\n|\Z")
_BLANK = re.compile(r"[ \t\f]*\Z")
_PRAGMA = re.compile(
    r"#\s*(?:noqa|type:\s*ignore|pragma|pylint|ruff|isort|nosec|fmt|mypy|pyright|pyre)\b"
)


class Place(msgspec.Struct, frozen=True):
    """One import statement of a document.

    Args:
        node: The statement.
        start: Offset of its first character; `end` is behind its last one.
        suite: Identity of the suite it stands in.
        position: Its number in that suite, of `siblings`.
        siblings: The suite's statements.
    """

    node: ast.Import | ast.ImportFrom
    start: int
    end: int
    suite: int
    position: int
    siblings: tuple[ast.stmt, ...]


def import_places(document: Document) -> list[Place]:
    """The import statements of a document, in source order, as `ModuleFacts.imports` has them."""
    columns = Columns(document.data)
    found = [
        Place(
            node,
            document.offset(node.lineno, columns.at(node.lineno, node.col_offset)),
            document.offset(
                node.end_lineno or 0, columns.at(node.end_lineno or 0, node.end_col_offset or 0)
            ),
            id(suite),
            position,
            tuple(suite),
        )
        for suite in _suites(document.tree)
        for position, node in enumerate(suite)
        if isinstance(node, (ast.Import, ast.ImportFrom))
    ]
    return sorted(found, key=lambda place: place.start)


def has_own_lines(document: Document, place: Place) -> bool:
    """Whether a statement shares its lines with nothing but a comment."""
    text = document.text
    before = text[document.line_start(place.start) : place.start]
    return bool(_BLANK.fullmatch(before)) and comment_behind(document, place) is not None


def indentation(document: Document, place: Place) -> str:
    """The white space in front of a statement on its own lines."""
    return document.text[document.line_start(place.start) : place.start]


def line_end(document: Document, offset: int) -> int:
    """The offset at which the line of `offset` ends, before its line end."""
    found = _LINE_END.search(document.text, offset)
    return found.start() if found else len(document.text)


def comment_behind(document: Document, place: Place) -> str | None:
    """The comment behind a statement, empty if there is none; None if there is code."""
    rest = document.text[place.end : line_end(document, place.end)].strip(" \t\f")
    if rest.startswith(";"):
        rest = rest[1:].lstrip(" \t\f")
    return rest if not rest or rest.startswith("#") else None


def has_comment_above(document: Document, place: Place) -> bool:
    """Whether the line above a statement is a comment."""
    start = document.line_start(place.start)
    if not start:
        return False
    above = document.text[document.line_start(start - 1) : start]
    return above.lstrip(" \t\f").startswith("#")


def only_imports_between(earlier: Place, later: Place) -> bool:
    """Whether nothing but imports runs between two statements of a suite."""
    between = earlier.siblings[earlier.position + 1 : later.position]
    return all(
        isinstance(one, (ast.Import, ast.ImportFrom))
        or (isinstance(one, ast.If) and tests_type_checking(one.test))
        for one in between
    )


def are_one_a_line(places: Sequence[Place]) -> bool:
    """Whether a file imports one name a statement, from one module again and again."""
    froms = [place.node for place in places if isinstance(place.node, ast.ImportFrom)]
    repeated = sum(
        len(node.names) == len(after.names) == 1
        and (node.level, node.module) == (after.level, after.module)
        for node, after in pairwise(froms)
    )
    return repeated > sum(len(node.names) > 1 for node in froms)


def is_pragma(comment: str) -> bool:
    """Whether a comment speaks to a tool about the statement it stands behind."""
    return bool(_PRAGMA.match(comment))


def _suites(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    """Every list of statements below a node."""
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        for field in ("body", "orelse", "finalbody"):
            suite = getattr(node, field, None)
            if isinstance(suite, list) and suite:
                yield suite
                pending += suite
        for field in ("handlers", "cases"):
            pending += getattr(node, field, ())
