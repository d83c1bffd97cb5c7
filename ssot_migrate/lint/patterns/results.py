"""Says whether the value of a call is compared with None, as far as its function shows."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ssot_migrate.index.scopes import Scope
    from ssot_migrate.lint.patterns.view import View

_TESTS = (ast.If, ast.While, ast.IfExp, ast.Assert)


def none_tested(view: View, call: ast.expr, scope: Scope) -> str:
    """Why a value may be tested for None or for its truth; empty if it is not.

    Args:
        view: The file.
        call: The call, or the `await` around it.
        scope: Its scope.
    """
    parent = next(view.scene.around(call))
    if isinstance(parent, ast.Assign) and all(isinstance(one, ast.Name) for one in parent.targets):
        names = {one.id for one in parent.targets if isinstance(one, ast.Name)}
        return _of_names(view, names, scope)
    return _of_use(call, parent)


def _of_names(view: View, names: set[str], scope: Scope) -> str:
    walk = view.scene.walk
    for name in sorted(names):
        owner = walk.owner_of(name, scope)
        if owner.kind != "function":
            return f"`{name}` may be tested for None elsewhere"
        body = walk.routines[owner].node if owner in walk.routines else view.scene.tree
        for node in ast.walk(body):
            if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
                parent = next(view.scene.around(node))
                if why := _of_use(node, parent):
                    return f"{why} in line {node.lineno}"
    return ""


def _of_use(node: ast.expr, parent: ast.AST) -> str:
    """Why a use of a value tells None from others, or may."""
    if isinstance(parent, _TESTS) and parent.test is node:
        return "its value is used as a truth value"
    if isinstance(parent, ast.BoolOp) or (
        isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not)
    ):
        return "its value is used as a truth value"
    if isinstance(parent, ast.Compare):
        return "its value is compared"
    is_owner = isinstance(parent, (ast.Attribute, ast.Subscript)) and parent.value is node
    is_called = isinstance(parent, ast.Call) and parent.func is node
    if is_owner or is_called or isinstance(parent, (ast.Expr, ast.withitem)):
        return ""
    return "its value is handed on, and may be compared with None there"
