"""Reads what an annotation says of a value."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ssot_migrate.index.quoted import parse_quoted
from ssot_migrate.index.syntax import dotted_name

if TYPE_CHECKING:
    from ssot_migrate.index.origins import Origins
    from ssot_migrate.index.scopes import Scope
    from ssot_migrate.index.syntax import Columns

_TRANSPARENT = {"ClassVar", "Final", "InitVar", "NotRequired", "ReadOnly", "Required"}
_GIVING_FIRST = {
    "AsyncGenerator": "iter",
    "AsyncIterable": "iter",
    "AsyncIterator": "iter",
    "Awaitable": "await",
    "Generator": "iter",
    "Iterable": "iter",
    "Iterator": "iter",
    "AbstractAsyncContextManager": "aenter",
    "AbstractContextManager": "enter",
    "AsyncContextManager": "aenter",
    "ContextManager": "enter",
}
_GIVING_LAST = {"Callable": "call", "Coroutine": "await"}
_FORMS = {"Annotated", "Optional", "Union"}
_VAGUE = {"Any", "object"}


def is_type_form(node: ast.expr) -> bool:
    """Whether an expression is written as a type: `Optional[X]`, `Annotated[X, …]`, `X | None`."""
    if isinstance(node, ast.Subscript):
        return _leaf(node.value) in _FORMS
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return all(
            bool(dotted_name(side))
            or (isinstance(side, ast.Constant) and side.value is None)
            or is_type_form(side)
            for side in (node.left, node.right)
        )
    return False


class DeclaredTypes:
    """Turns annotations into origins.

    Args:
        origins: The table they go to.
        columns: The file's lines.
    """

    def __init__(self, origins: Origins, columns: Columns) -> None:
        self._origins = origins
        self._columns = columns

    def read(self, node: ast.expr, scope: Scope) -> int:
        """The origin of a value with this annotation."""
        origins = self._origins
        if isinstance(node, ast.Constant):
            if node.value is None:
                return origins.add("none")
            if isinstance(node.value, str):
                inner = parse_quoted(node.value, node, self._columns.lines)
                if inner is not None:
                    return self.read(inner, scope)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return origins.any_of([self.read(node.left, scope), self.read(node.right, scope)])
        elif isinstance(node, ast.Subscript):
            return self._subscript(node, scope)
        elif dotted := dotted_name(node):
            if dotted.rpartition(".")[2] in _VAGUE:
                return origins.unknown(f"is annotated as `{dotted}`")
            if dotted.rpartition(".")[2] == "Self":
                return origins.add("self", origins.class_around(scope), line=node.lineno)
            return self._instance(node, scope)
        return origins.unknown("has an annotation that cannot be read")

    def _instance(self, node: ast.expr, scope: Scope) -> int:
        named = self._origins.value(node, scope)
        if self._origins.is_kind(named, "unknown", "cycle"):
            return self._origins.unknown(
                f"is annotated as `{dotted_name(node)}`, which cannot be followed"
            )
        return self._origins.add("instance", of=(named,), line=node.lineno)

    def _subscript(self, node: ast.Subscript, scope: Scope) -> int:
        origins, kind = self._origins, _leaf(node.value)
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if not parts:
            return origins.unknown("has an annotation that cannot be read")
        if kind == "Optional":
            return origins.any_of([self.read(parts[0], scope), origins.add("none")])
        if kind == "Union":
            return origins.any_of([self.read(part, scope) for part in parts])
        if kind == "Annotated":
            return self._annotated(parts, scope)
        if kind in _TRANSPARENT:
            return self.read(parts[0], scope)
        if kind in ("type", "Type"):
            named = origins.value(parts[0], scope)
            is_known = not origins.is_kind(named, "unknown", "cycle")
            return (
                origins.add("type", of=(named,), line=node.lineno) if is_known else self._unread()
            )
        if kind in _GIVING_FIRST or kind in _GIVING_LAST:
            how = _GIVING_FIRST.get(kind) or _GIVING_LAST[kind]
            inner = self.read(parts[0 if kind in _GIVING_FIRST else -1], scope)
            return (
                inner if origins.is_kind(inner, "unknown") else origins.add("gives", how, (inner,))
            )
        if kind == "Literal":
            return origins.add("literal")
        return self._instance(node.value, scope) if dotted_name(node.value) else self._unread()

    def _unread(self) -> int:
        return self._origins.unknown("has an annotation that cannot be read")

    def _annotated(self, parts: list[ast.expr], scope: Scope) -> int:
        """`Annotated[X, …]`, where `Depends(provider)` says more than `X`."""
        origins = self._origins
        annotation = self.read(parts[0], scope)
        for part in parts[1:]:
            if isinstance(part, ast.Call) and _leaf(part.func) in ("Depends", "Security"):
                asked = origins.value(part.args[0] if part.args else parts[0], scope)
                if not origins.is_kind(asked, "unknown"):
                    provided = origins.add("depends", of=(asked,), line=part.lineno)
                    return origins.declared_as(annotation, (provided,))
        return annotation


def _leaf(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
