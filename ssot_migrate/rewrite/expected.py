"""What the syntax of a file must be once code in it has been replaced.

The codemod edits text; this fills syntax trees instead, so that one can be held against the other.
"""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING, Any

from ssot_migrate.index.syntax import Columns
from ssot_migrate.rewrite.decisions import FileTask, ReplaceCode
from ssot_migrate.rewrite.document import Document, Refused
from ssot_migrate.rewrite.templates import parsed_statement

if TYPE_CHECKING:
    from collections.abc import Iterable


def expected_tree(document: Document, task: FileTask) -> ast.Module:
    """The tree of a document in which code is replaced as a task says, and nothing else.

    Raises:
        Refused: The code is not where it was.
    """
    decisions = [one for one in task.decisions if isinstance(one, ReplaceCode)]
    if not decisions:
        return document.tree
    expected = _Expected(document, decisions)
    tree = expected.visit(copy.deepcopy(document.tree))
    expected.check()
    assert isinstance(tree, ast.Module)
    return tree


class _Expected(ast.NodeTransformer):
    """Fills in the replacements, the outer ones first: what they keep is text of the original."""

    def __init__(self, document: Document, decisions: Iterable[ReplaceCode]) -> None:
        self._document = document
        self._columns = Columns(document.data)
        self._wanted = {document.slice(one.span): one for one in decisions}
        self._done: set[tuple[int, int]] = set()

    def check(self) -> None:
        """Raise if a replacement found no place."""
        missing = [one for place, one in self._wanted.items() if place not in self._done]
        if missing:
            raise Refused(f"what is to be replaced in line {missing[0].span.line} is not there")

    def visit(self, node: ast.AST) -> Any:
        """Replace a node, or go on below it."""
        if isinstance(node, ast.expr):
            decision = self._decision(node)
            if decision is not None and decision.shift is None:
                new = parsed_statement(self._text(self._place(node)))
                assert isinstance(new, ast.Expr)
                return _placeless(new.value)
        for field in ("body", "orelse", "finalbody"):
            suite = getattr(node, field, None)
            if isinstance(suite, list) and suite and isinstance(suite[0], ast.stmt):
                setattr(node, field, self._suite(suite))
        return self.generic_visit(node)

    def _suite(self, suite: list[ast.stmt]) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        pending = list(suite)
        while pending:
            statement = pending.pop(0)
            decision = self._head(statement)
            if decision is None or decision.shift is None:
                found.append(statement)
                continue
            new = _placeless(parsed_statement(self._text(self._document.slice(decision.span))))
            if isinstance(new, (ast.With, ast.AsyncWith)):
                last = decision.shift.last
                inner = [one for one in pending if (one.end_lineno or 0) <= last]
                pending = pending[len(inner) :]
                new.body = self._suite(inner)
                found.append(new)
            else:
                assert isinstance(statement, (ast.With, ast.AsyncWith))
                found += [new, *self._suite(statement.body)]
        return found

    def _head(self, statement: ast.stmt) -> ReplaceCode | None:
        """The decision about a whole statement, or about the head of one."""
        if not hasattr(statement, "lineno"):
            return None
        start = self._offset(statement.lineno, statement.col_offset)
        for (first, _end), decision in self._wanted.items():
            if first == start and decision.shift is not None:
                return decision
        return None

    def _decision(self, node: ast.expr) -> ReplaceCode | None:
        place = self._place(node) if hasattr(node, "lineno") else None
        return self._wanted.get(place) if place is not None else None

    def _place(self, node: ast.AST) -> tuple[int, int]:
        return (
            self._offset(node.lineno, node.col_offset),  # type: ignore[attr-defined]
            self._offset(node.end_lineno, node.end_col_offset),  # type: ignore[attr-defined]
        )

    def _offset(self, line: int, column: int) -> int:
        return self._document.offset(line, self._columns.at(line, column))

    def _text(self, place: tuple[int, int]) -> str:
        """The text of a replacement, with those that lie inside of what it keeps."""
        self._done.add(place)
        decision = self._wanted[place]
        return "".join(
            part if isinstance(part, str) else self._kept(*self._document.slice(part), place)
            for part in decision.parts
        )

    def _kept(self, start: int, end: int, outer: tuple[int, int]) -> str:
        text, position = "", start
        for place in sorted(self._wanted, key=lambda one: (one[0], -one[1])):
            if start <= place[0] and place[1] <= end and place != outer and place[0] >= position:
                text += self._document.text[position : place[0]] + self._text(place)
                position = place[1]
        return text + self._document.text[position:end]


def _placeless(node: Any) -> Any:
    """A node that stands nowhere in the original."""
    for one in ast.walk(node):
        if hasattr(one, "lineno"):
            del one.lineno
    return node
