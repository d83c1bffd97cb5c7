"""Finds the value of a class that a call could be given: a parameter, or a local bound before."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, NamedTuple

from ssot_migrate.index.binder import parameters_of
from ssot_migrate.index.origins import default_of
from ssot_migrate.lint.things import are

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssot_migrate.index.bound import Bound, Routine
    from ssot_migrate.index.scopes import Scope
    from ssot_migrate.lint.patterns.targets import Targets
    from ssot_migrate.lint.patterns.view import View

_OPTIONAL = re.compile(r"\b(None|Optional)\b")
_ASSIGNMENTS = (ast.Assign, ast.AnnAssign)
_WITHS = (ast.With, ast.AsyncWith)


class InScope(NamedTuple):
    """The name of the value, or why there is none to take."""

    name: str = ""
    why: str = ""


def in_scope(
    view: View, call: ast.Call, scope: Scope, targets: Targets, paths: Sequence[str]
) -> InScope:
    """Find the one name that a call could read.

    The nearest function that has any decides. A name that is bound more than once has no part in
    this: which of its values a call would read is not certain.

    Args:
        view: The file.
        call: The call.
        scope: Its scope.
        targets: Compares classes.
        paths: The classes in question.
    """
    shown = " or ".join(dict.fromkeys(f"`{targets.symbol(text).leaf}`" for text in paths))
    for inner, routine in view.scene.routines(scope):
        named = [
            name
            for name in _names(view, call, inner, routine)
            if view.scene.walk.owner_of(name, scope) is inner
        ]
        found = []
        for name in named:
            things = view.things(ast.Name(name, ast.Load()), scope)
            if are(things, "instance") and all(targets.holder(one, paths) for one in things):
                found.append(name)
        if len(found) > 1:
            told = ", ".join(f"`{name}`" for name in sorted(found))
            return InScope(why=f"{told} could each be the {shown} that is needed")
        if found:
            may_be_none = _may_be_none(routine, found[0])
            why = f"`{found[0]}` may be None" if may_be_none else ""
            return InScope("" if why else found[0], why)
    return InScope(why=f"no {shown} is in scope")


def _names(view: View, call: ast.Call, inner: Scope, routine: Routine) -> Iterator[str]:
    """The names that have one value when the call runs."""
    parameters = {one.arg: one for one in parameters_of(routine.node.args)}
    spread = (routine.node.args.vararg, routine.node.args.kwarg)
    for name, bindings in view.scene.walk.bound.get(inner, {}).items():
        if name in view.scene.walk.elsewhere.get(inner, {}):
            continue
        if name in parameters:
            if len(bindings) == 1 and parameters[name] not in spread:
                yield name
        elif _is_bound_before(view, call, bindings):
            yield name


def _is_bound_before(view: View, call: ast.Call, bindings: Sequence[Bound]) -> bool:
    """Whether a name is bound by one statement, and that has run whenever the call does."""
    if any(one.kind not in ("value", "type", "enter", "aenter") for one in bindings):
        return False
    statements = {view.scene.statement(one.node) for one in bindings}
    if len(statements) != 1:
        return False
    (statement,) = statements
    around = [call, *view.scene.around(call)]
    if isinstance(statement, _WITHS):
        return any(one in statement.body for one in around)
    if not isinstance(statement, _ASSIGNMENTS) or statement.value is None:
        return False
    suite = view.scene.suite(statement)
    later = suite[suite.index(statement) + 1 :]
    return any(one in later for one in around)


def _may_be_none(routine: Routine, name: str) -> bool:
    for one in parameters_of(routine.node.args):
        if one.arg == name:
            default = default_of(routine.node.args, one)
            is_none = isinstance(default, ast.Constant) and default.value is None
            annotation = ast.unparse(one.annotation) if one.annotation is not None else ""
            return is_none or bool(_OPTIONAL.search(annotation))
    return False
