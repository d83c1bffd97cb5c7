"""Whether a value may be confined to the suite of a `with` statement, or taken out of one."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ssot_migrate.index.origins import leaf

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssot_migrate.index.scopes import Scope
    from ssot_migrate.lint.patterns.view import View

_HARMLESS = {
    "bool",
    "getattr",
    "hasattr",
    "id",
    "isinstance",
    "len",
    "print",
    "repr",
    "str",
    "type",
}
_OUTLIVING = {
    *("add_done_callback", "add_task", "append", "call_later", "call_soon", "create_task"),
    *("ensure_future", "put", "put_nowait", "run_in_executor", "start_soon", "submit"),
}
_YIELDS = (ast.Yield, ast.YieldFrom)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.GeneratorExp)


class Escapes(Exception):  # noqa: N818 - a verdict, not an error
    """A value is needed elsewhere; says where."""


def check_bound_once(view: View, name: str, scope: Scope) -> None:
    """Raise unless one statement binds a local name, for good.

    Raises:
        Escapes: It is the module's, or bound or deleted elsewhere.
    """
    walk = view.scene.walk
    if scope.kind != "function" or walk.owner_of(name, scope) is not scope:
        raise Escapes(f"`{name}` is no local name of a function")
    if len(walk.bound[scope][name]) != 1:
        raise Escapes(f"`{name}` is bound more than once")
    for node in _spelled(view, name, scope):
        if isinstance(node.ctx, ast.Del):
            raise Escapes(f"`{name}` is deleted in line {node.lineno}")


def last_use(view: View, name: str, scope: Scope, statement: ast.stmt) -> ast.stmt:
    """The last statement of a suite that uses a name which a statement above it binds.

    Raises:
        Escapes: It is used outside of the suite, or handed to what may outlive it.
    """
    suite = view.scene.suite(statement)
    later = suite[suite.index(statement) + 1 :]
    last = -1
    for node in _spelled(view, name, scope):
        if not isinstance(node.ctx, ast.Load):
            continue
        around = list(view.scene.around(node))
        place = next((n for n, one in enumerate(later) if one in around), None)
        if place is None:
            raise Escapes(f"`{name}` is used outside of its block, in line {node.lineno}")
        _check_use(name, node, around, later[place])
        last = max(last, place)
    if last < 0:
        raise Escapes(f"`{name}` is not used")
    for one in later[: last + 1]:
        for inner in _own_nodes(one):
            if isinstance(inner, _YIELDS):
                raise Escapes(f"its function yields in line {inner.lineno}")
    return later[last]


def check_never_calls(view: View, name: str, scope: Scope, methods: Sequence[str]) -> None:
    """Raise if one of the methods is called on a name, or with it.

    Raises:
        Escapes: It is; says which, and where.
    """
    for node in _spelled(view, name, scope):
        for one in view.scene.around(node):
            if isinstance(one, ast.stmt):
                break
            if isinstance(one, ast.Call) and leaf(one.func) in methods:
                raise Escapes(f"`{leaf(one.func)}` is called in line {one.lineno}")


def _check_use(name: str, node: ast.Name, around: Sequence[ast.AST], statement: ast.stmt) -> None:
    where = f"in line {node.lineno}"
    for one in around[: around.index(statement) + 1]:
        if isinstance(one, _FUNCTIONS):
            raise Escapes(f"`{name}` is captured by a function {where}")
        if isinstance(one, ast.Call) and leaf(one.func) in _OUTLIVING:
            raise Escapes(f"`{leaf(one.func)}` may keep `{name}` {where}")
    parent = around[0]
    if isinstance(parent, (ast.Attribute, ast.Subscript)) and parent.value is node:
        return
    if isinstance(parent, (ast.Compare, ast.BoolOp, ast.UnaryOp, ast.Expr, ast.FormattedValue)):
        return
    if isinstance(parent, (ast.If, ast.While, ast.IfExp, ast.Assert)) and parent.test is node:
        return
    call = around[1] if isinstance(parent, ast.keyword) else parent
    if isinstance(call, ast.Call):
        behind = around[around.index(call) + 1]
        if isinstance(behind, ast.Await) or leaf(call.func) in _HARMLESS:
            return
    raise Escapes(f"`{name}` is handed on {where}")


def _spelled(view: View, name: str, scope: Scope) -> Iterator[ast.Name]:
    """The places at which a function, and those inside of it, spell a name."""
    routine = view.scene.walk.routines.get(scope)
    for node in ast.walk(routine.node if routine is not None else view.scene.tree):
        if isinstance(node, ast.Name) and node.id == name:
            yield node


def _own_nodes(node: ast.AST) -> Iterator[ast.expr]:
    """The expressions below a node that its own function evaluates."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, _FUNCTIONS[:3]):
            if isinstance(child, ast.expr):
                yield child
            yield from _own_nodes(child)
