"""Finds the statement around a call that is to get a suite, or lose it, and what moves along."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from ssot_migrate.lint.patterns.lifetimes import (
    Escapes,
    check_bound_once,
    check_never_calls,
    last_use,
)
from ssot_migrate.rewrite.decisions import Shift

if TYPE_CHECKING:
    from ssot_migrate.index.scenes import Scene
    from ssot_migrate.lint.patterns.proof import Candidate
    from ssot_migrate.lint.patterns.view import View


class Head(NamedTuple):
    """A statement whose head is replaced.

    Args:
        statement: The statement.
        target: The name that it binds.
        start: The offset at which its head starts; `end` is behind it.
        shift: The lines that change their suite.
    """

    statement: ast.stmt
    target: ast.Name
    start: int
    end: int
    shift: Shift


class Unsuited(Exception):  # noqa: N818 - a verdict, not an error
    """The statement cannot be changed; says why."""


def head_of(view: View, candidate: Candidate, value: ast.expr) -> Head:
    """The statement around the call that a pattern of statements means.

    Args:
        view: The file.
        candidate: The call.
        value: The call, or the `await` around it.

    Raises:
        Unsuited: It is another statement, or its value is needed elsewhere.
    """
    try:
        if candidate.pattern.kind == "assignment":
            return _assignment(view, candidate, value)
        return _with(view, candidate, value)
    except Escapes as escapes:
        raise Unsuited(str(escapes)) from escapes


def _assignment(view: View, candidate: Candidate, value: ast.expr) -> Head:
    scene, statement = view.scene, next(view.scene.around(value))
    match statement:
        case ast.Assign(targets=[ast.Name() as target]):
            pass
        case _:
            raise Unsuited("it is not assigned to a name of its own")
    check_bound_once(view, target.id, candidate.scope)
    check_never_calls(view, target.id, candidate.scope, candidate.entry.body.never_calls)
    last = last_use(view, target.id, candidate.scope, statement)
    _check_own_lines(scene, statement)
    shift = Shift(_end(statement) + 1, _end(last), is_deeper=True)
    return Head(statement, target, scene.start(statement), scene.end(statement), shift)


def _with(view: View, candidate: Candidate, value: ast.expr) -> Head:
    scene = view.scene
    item, statement = next(scene.around(value)), scene.statement(value)
    is_async = isinstance(statement, ast.AsyncWith)
    if not isinstance(item, ast.withitem) or not isinstance(statement, (ast.With, ast.AsyncWith)):
        raise Unsuited("it is not what a `with` statement enters")
    if is_async is not candidate.pattern.is_async:
        raise Unsuited(f"it is {'' if is_async else 'not '}entered by an `async with`")
    if len(statement.items) > 1:
        raise Unsuited("the `with` statement enters something else too")
    if not isinstance(item.optional_vars, ast.Name):
        raise Unsuited("the `with` statement binds no name")
    target = item.optional_vars
    check_bound_once(view, target.id, candidate.scope)
    check_never_calls(view, target.id, candidate.scope, candidate.entry.body.never_calls)
    colon = _colon(scene, scene.end(target))
    body = statement.body
    if scene.line_of(colon) >= body[0].lineno:
        raise Unsuited("its suite stands in the same line")
    shift = Shift(scene.line_of(colon) + 1, _end(body[-1]), is_deeper=False)
    return Head(statement, target, scene.start(statement), colon + 1, shift)


def _check_own_lines(scene: Scene, statement: ast.stmt) -> None:
    start, text = scene.start(statement), scene.text
    before = text[scene.line_start(statement.lineno) : start]
    rest = text[scene.end(statement) :].partition("\n")[0].strip()
    if before.strip() or (rest and not rest.startswith("#")):
        raise Unsuited("it shares its line with another statement")


def _colon(scene: Scene, at: int) -> int:
    """The offset of the colon behind the last item of a `with` statement."""
    while scene.text[at] in " \t\r\n\\),":
        at += 1
    if scene.text[at] != ":":
        raise Unsuited("its head cannot be read")
    return at


def _end(statement: ast.stmt) -> int:
    return statement.end_lineno or statement.lineno
