"""One file's syntax, for questions that its facts do not answer: what stands where, and why."""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.finding import Span
from ssot_migrate.index.binder import Binder
from ssot_migrate.index.call_walk import CallWalk
from ssot_migrate.index.calls import CallReader
from ssot_migrate.index.extract import module_facts
from ssot_migrate.index.facts import Unparsable
from ssot_migrate.index.parse import may_exhaust_parser, parse
from ssot_migrate.index.syntax import Columns
from ssot_migrate.workspace.source import Undecodable, decode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.index.bound import Routine
    from ssot_migrate.index.call_facts import CallFacts
    from ssot_migrate.index.scopes import Scope

_LINE_END = re.compile(r"\r\n|\r|\n")


class Scene:
    """A parsed file.

    Args:
        tree: Its syntax.
        data: Its content.
        text: The same, decoded.

    Attributes:
        walk: What its names are bound to, and its calls with their scopes.
    """

    def __init__(self, tree: ast.Module, data: bytes, text: str) -> None:
        self.tree = tree
        self.text = text
        self._columns = Columns(data)
        self.module = module_facts(tree, data)
        imports = self.module.imports
        self.walk = CallWalk(tree, imports, Binder(tree, imports), self._columns)
        reader = CallReader(self.walk, self._columns)
        self._facts = reader.facts()
        self._origins = reader.origins
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    @property
    def facts(self) -> CallFacts:
        """Its calls, with the origins of all that was asked for since."""
        if len(self._facts.origins) < len(self._origins.table):
            table = tuple(self._origins.table)
            self._facts = msgspec.structs.replace(self._facts, origins=table)
        return self._facts

    def origin(self, node: ast.expr, scope: Scope) -> int:
        """The number of an expression's origin, in `facts`."""
        return self._origins.value(node, scope)

    # Places

    def start(self, node: ast.AST) -> int:
        """The offset at which a node starts."""
        return self.offset(node.lineno, node.col_offset)  # type: ignore[attr-defined]

    def end(self, node: ast.AST) -> int:
        """The offset behind a node."""
        return self.offset(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]

    def offset(self, line: int, column: int) -> int:
        """The offset of one of the parser's positions."""
        return self._starts[line - 1] + self._columns.at(line, column) - 1

    def line_start(self, line: int) -> int:
        """The offset at which a line starts."""
        return self._starts[line - 1]

    def line_of(self, offset: int) -> int:
        """The line of an offset."""
        return self._position(offset)[0]

    def source(self, node: ast.AST) -> str:
        """The text of a node."""
        return self.text[self.start(node) : self.end(node)]

    def span(self, first: ast.AST, last: ast.AST | None = None) -> Span:
        """The position of a node, or of all from one to another."""
        (line, column), (end_line, end_column) = (
            (first.lineno, first.col_offset),  # type: ignore[attr-defined]
            ((last or first).end_lineno, (last or first).end_col_offset),  # type: ignore[attr-defined]
        )
        at = self._columns.at
        return Span(line, at(line, column), end_line, at(end_line, end_column))

    def span_between(self, start: int, end: int) -> Span:
        """The position of what stands between two offsets."""
        (line, column), (end_line, end_column) = map(self._position, (start, end))
        return Span(line, column, end_line, end_column)

    def _position(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    # What stands around

    @cached_property
    def _parents(self) -> dict[ast.AST, ast.AST]:
        return {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    def around(self, node: ast.AST) -> Iterator[ast.AST]:
        """What stands around a node, innermost first."""
        at = self._parents.get(node)
        while at is not None:
            yield at
            at = self._parents.get(at)

    def statement(self, node: ast.AST) -> ast.stmt:
        """The statement that a node is, or stands in."""
        for one in (node, *self.around(node)):
            if isinstance(one, ast.stmt):
                return one
        raise ValueError("it stands in no statement")

    def suite(self, statement: ast.stmt) -> list[ast.stmt]:
        """The statements among which one stands."""
        parent = next(self.around(statement))
        for field in ("body", "orelse", "finalbody"):
            suite = getattr(parent, field, None)
            if isinstance(suite, list) and statement in suite:
                return suite
        raise ValueError("it stands in no suite")

    def routines(self, scope: Scope) -> Iterator[tuple[Scope, Routine]]:
        """The functions around a scope, innermost first."""
        at: Scope | None = scope
        while at is not None:
            if at in self.walk.routines:
                yield at, self.walk.routines[at]
            at = at.parent


def scene_of(data: bytes) -> Scene | None:
    """Parse a file; None where the running interpreter does not read it."""
    text = decode(data)
    if isinstance(text, Undecodable) or may_exhaust_parser(data):
        return None
    tree = parse(data)
    return None if isinstance(tree, Unparsable) else Scene(tree, data, text)
