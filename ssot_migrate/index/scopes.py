"""Which binding a name refers to, by Python's scope rules and in order of binding.

The analysis is textual where the language is dynamic: within one scope the last binding above
a use counts, and every one above it that may not have run back to the first that surely has. A
class body and a comprehension run where they stand; a nested function sees the scopes around it
as they are at their end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    import ast

Place: TypeAlias = tuple[int, int]
"""Line and byte offset."""

_HIDING = ("class", "comprehension", "function")
"""Scopes from inside which the names of a class around them are not seen."""

START: Place = (0, 0)
ALWAYS: Place = (1 << 60, 0)
"""As the end of a block: what is bound there stays bound for the rest of the scope."""


class _Bound(NamedTuple):
    """A binding at a place; within its block it has surely run, behind it perhaps."""

    at: Place
    until: Place
    imported: int
    is_package: bool


class Scope:
    """One scope: what it binds.

    Args:
        kind: `module`, `function`, `class`, `comprehension`, or `types` for the scope of type
            parameters.
        name: Qualified name of the function or class, as findings show it.
    """

    __slots__ = ("_bound", "_elsewhere", "kind", "name", "parent")

    def __init__(self, kind: str, name: str, parent: Scope | None) -> None:
        self.kind = kind
        self.name = name
        self.parent = parent
        self._bound: dict[str, list[_Bound]] = {}
        self._elsewhere: dict[str, str] = {}

    def bind(
        self,
        name: str,
        at: Place,
        until: Place = ALWAYS,
        *,
        imported: int = -1,
        is_package: bool = False,
    ) -> None:
        """Record that `name` is bound, to an import or (-1) to something else.

        Args:
            name: The name.
            at: Where the binding takes effect: in `x = f(x)`, behind the right side.
            until: The end of the block that may not run at all.
            imported: Index of the import.
            is_package: Whether it is an `import package.module`, which leaves the package bound
                to what it was.
        """
        owner = self._owner(name)
        if owner is not self and self.kind == "function":
            until = at  # who knows whether the function was called
        owner._bound.setdefault(name, []).append(_Bound(at, until, imported, is_package))

    def declare(self, names: list[str], statement: str) -> None:
        """Record a `global` or `nonlocal` statement."""
        self._elsewhere.update(dict.fromkeys(names, statement))

    def settle(self) -> None:
        """Put the bindings in order once all are known."""
        for bindings in self._bound.values():
            bindings.sort(key=lambda bound: bound.at)

    @property
    def module(self) -> Scope:
        """The module's scope."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    @property
    def runs_later(self) -> bool:
        """Whether what stands here runs when a function is called, not as the module is read."""
        return not self._runs_in_place()

    def is_of_module(self, name: str) -> bool:
        """Whether `name`, read here, is the module's or a builtin: no scope between binds it."""
        scope = self
        is_direct = True
        while scope.parent is not None:
            declared = scope._elsewhere.get(name)
            if declared == "global":
                return True
            if name in scope._bound and not declared and (is_direct or scope.kind != "class"):
                return False
            is_direct = is_direct and scope.kind not in _HIDING
            scope = scope.parent
        return True

    def binds(self, name: str) -> bool:
        """Whether anything in this scope binds `name`."""
        return name in self._bound

    def bindings_behind(self, name: str, place: Place) -> tuple[int, ...]:
        """What `name`, read at `place`, may refer to; the likeliest first.

        Returns:
            Indices of imports, and -1 for anything else that an import may have been bound over.
        """
        found: list[int] = []
        scope: Scope | None = self
        position: Place | None = place
        is_direct = True
        while scope is not None:
            declared = scope._elsewhere.get(name)
            if declared == "global":
                position = position if scope._runs_in_place() else None
                scope = scope.module
            if (
                name in scope._bound
                and declared != "nonlocal"
                and (is_direct or scope.kind != "class")
            ):
                is_settled = scope._reaching(name, position, found)
                if is_settled or scope.kind != "class":
                    break
                # A class body that has not bound a name yet reads the module's.
                position = position if scope._runs_in_place() else None
                scope = scope.module
                continue
            if scope.kind == "function":
                position = None
            if scope.kind in _HIDING:
                is_direct = False
            scope = scope.parent
        return tuple(dict.fromkeys(found))

    def _reaching(self, name: str, position: Place | None, found: list[int]) -> bool:
        """Add the imports that reach a position; False if perhaps nothing has bound the name."""
        bindings = self._bound[name]
        above = [b for b in bindings if position is None or b.at <= position]
        if not above and self.kind != "class":
            above = bindings  # bound below, in a loop
        is_settled = False
        for bound in reversed(above):
            if is_settled and not bound.is_package:
                break
            found.append(bound.imported)
            if bound.until == ALWAYS or (position is not None and position < bound.until):
                is_settled = True
                if not bound.is_package:
                    break
        return is_settled

    def _runs_in_place(self) -> bool:
        scope: Scope | None = self
        while scope is not None:
            if scope.kind == "function":
                return False
            scope = scope.parent
        return True

    def _owner(self, name: str) -> Scope:
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


def start_of(node: ast.AST) -> Place:
    """Where a node starts."""
    return node.lineno, node.col_offset  # type: ignore[attr-defined]


def end_of(node: ast.AST) -> Place:
    """Where a node ends."""
    return node.end_lineno, node.end_col_offset  # type: ignore[attr-defined]


def end_of_block(body: list[ast.stmt]) -> Place:
    """Where a suite ends."""
    return end_of(body[-1]) if body else START
