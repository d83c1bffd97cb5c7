"""Which binding a name refers to, by Python's scope rules and in order of binding.

The analysis is textual where the language is dynamic: within one scope the last binding above
a use counts, and every conditional one above it back to the first that always runs; a use in a
nested function sees the scope as it is at its end.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_BRANCHES = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.Match)


class Scope:
    """One scope: what it binds, in source order.

    Args:
        kind: `module`, `function`, `class` or `comprehension`.
        name: Qualified name of the function or class, as findings show it.
    """

    __slots__ = ("_bound", "_elsewhere", "kind", "name", "parent")

    def __init__(self, kind: str, name: str, parent: Scope | None) -> None:
        self.kind = kind
        self.name = name
        self.parent = parent
        # (line, column, import index or -1, conditional) by name
        self._bound: dict[str, list[tuple[int, int, int, bool]]] = {}
        self._elsewhere: dict[str, str] = {}

    def bind(
        self, name: str, node: ast.AST, *, imported: int = -1, conditional: bool = False
    ) -> None:
        """Record that `node` binds `name`, to an import or (-1) to something else.

        A name is bound where `node` ends: in `x = f(x)` the right side reads the older `x`.
        """
        owner = self._owner_of_binding(name)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            line, column = node.lineno, node.col_offset
        else:
            line, column = getattr(node, "end_lineno", 0), getattr(node, "end_col_offset", 0)
        owner._bound.setdefault(name, []).append((line, column, imported, conditional))

    def declare(self, names: list[str], statement: str) -> None:
        """Record a `global` or `nonlocal` statement."""
        self._elsewhere.update(dict.fromkeys(names, statement))

    def _owner_of_binding(self, name: str) -> Scope:
        statement = self._elsewhere.get(name)
        if statement == "global":
            return self.module
        if statement == "nonlocal":
            scope = self.parent
            while scope is not None:
                if scope.kind == "function" and name in scope._bound:
                    return scope
                scope = scope.parent
        return self

    @property
    def module(self) -> Scope:
        """The module's scope."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    def imports_behind(self, name: str, node: ast.AST) -> tuple[int, ...]:
        """Indices of the imports that `name`, read at `node`, can refer to."""
        scope: Scope | None = self
        if self._elsewhere.get(name) == "global":
            scope = self.module
        inside = True
        while scope is not None:
            if name in scope._bound and (inside or scope.kind != "class"):
                position = (node.lineno, node.col_offset) if scope is self else None  # type: ignore[attr-defined]
                return tuple(_reaching(scope._bound[name], position))
            # A comprehension reads the class body around it only through its first iterable.
            inside = False
            scope = scope.parent
        return ()


def _reaching(
    bindings: list[tuple[int, int, int, bool]], position: tuple[int, int] | None
) -> Iterator[int]:
    above = [b for b in bindings if position is None or b[:2] <= position] or bindings
    for _line, _column, imported, conditional in reversed(above):
        if imported >= 0:
            yield imported
        if not conditional:
            return


def conditional_parts(node: ast.AST) -> bool:
    """Whether the statements inside `node` may not run."""
    return isinstance(node, _BRANCHES) or type(node).__name__ == "TryStar"
