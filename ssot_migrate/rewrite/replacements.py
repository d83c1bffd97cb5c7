"""Builds the replacement of a call, or says why there is none."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.index.call_facts import CallContext
from ssot_migrate.rewrite.decisions import AddImport, ReplaceCode, Shift
from ssot_migrate.rewrite.effects import lost_effect
from ssot_migrate.rewrite.imports_needed import ImportsNeeded, Taken, names_in
from ssot_migrate.rewrite.splicing import (
    Part,
    Unreadable,
    changes,
    is_in_order,
    lost_comment,
    rendered,
)
from ssot_migrate.rewrite.suite_changes import Unsuited, head_of
from ssot_migrate.rewrite.templates import Unfit, filled, parsed_statement

if TYPE_CHECKING:
    from ssot_migrate.config.call_patterns import Pattern
    from ssot_migrate.domain.finding import Span
    from ssot_migrate.domain.outcome import Cause
    from ssot_migrate.lint.patterns.proof import Candidate
    from ssot_migrate.lint.patterns.view import View

_PRIMARY = (ast.Call, ast.Attribute, ast.Subscript, ast.Name)
_LOOSE = (
    *(ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.keyword, ast.withitem),
    *(ast.List, ast.Tuple, ast.Dict, ast.Set),
)


class Impossible(Exception):  # noqa: N818 - a verdict, not an error
    """Why a call cannot be replaced."""


class Replacement(NamedTuple):
    """What a call becomes.

    Args:
        span: What is replaced.
        parts: What it becomes.
        names: What the new code names.
        missing: What of that is still to be imported.
        shift: Lines that change their suite with it.
    """

    span: Span
    parts: tuple[str | Span, ...]
    names: tuple[SymbolPath, ...]
    missing: tuple[SymbolPath, ...]
    shift: Shift | None = None

    def decisions(
        self, cause: Cause, moving: tuple[str, ...] = ()
    ) -> tuple[ReplaceCode | AddImport, ...]:
        """The changes that carry it out, if the classes in `moving` move too."""
        change = ReplaceCode(
            span=self.span,
            parts=self.parts,
            shift=self.shift,
            names=self.names,
            moving=moving,
            cause=cause,
        )
        line = self.span.line
        added = (
            AddImport(target=one, above=line, moving=moving, cause=cause) for one in self.missing
        )
        return (change, *added)


class Replacements:
    """Builds the replacements of one file.

    Args:
        view: The file.
        imports: Knows what is to be imported.
    """

    def __init__(self, view: View, imports: ImportsNeeded) -> None:
        self._view = view
        self._scene = view.scene
        self._imports = imports

    def of(
        self,
        candidate: Candidate,
        template: Pattern | None,
        names: dict[str, str],
        context: int,
    ) -> Replacement | None:
        """The replacement of a call; None if it is what it should be already.

        Args:
            candidate: The call.
            template: What it is to become.
            names: What the metavariables stand for that are found in scope.
            context: Where the call stands, as `CallContext`.

        Raises:
            Impossible: It cannot be replaced; says why.
        """
        if template is None:
            raise Impossible(candidate.entry.message)
        node = self._replaced(candidate, template)
        if candidate.pattern.kind != "expression":
            return self._of_statement(candidate, template, names, context, node)
        parts = self._parts(candidate, template, names)
        self._check_place(candidate, template, context)
        if self._needs_parentheses(node, template):
            parts = ("(", *parts, ")")
        if why := lost_effect(self._scene, candidate, template, parts):
            raise Impossible(why)
        if self._is_same(node, parts):
            return None
        bounds = self._scene.start(node), self._scene.end(node)
        return self._replacement(candidate, bounds, parts)

    def _of_statement(
        self,
        candidate: Candidate,
        template: Pattern,
        names: dict[str, str],
        context: int,
        node: ast.expr,
    ) -> Replacement:
        """The replacement of an assignment, or of the head of a `with` statement."""
        try:
            head = head_of(self._view, candidate, node)
        except Unsuited as unsuited:
            raise Impossible(str(unsuited)) from unsuited
        bound = {**candidate.bindings, candidate.pattern.target: (head.target,)}
        candidate = candidate._replace(bindings=bound)
        parts = self._parts(candidate, template, names)
        self._check_place(candidate, template, context)
        if why := lost_effect(self._scene, candidate, template, parts):
            raise Impossible(why)
        try:
            parsed_statement(rendered(self._scene.text, parts))
        except SyntaxError as error:
            raise Impossible(f"the replacement would not parse here: {error.msg}") from error
        found = self._replacement(candidate, (head.start, head.end), parts)
        return found._replace(shift=head.shift)

    def suggestion(
        self, candidate: Candidate, template: Pattern | None, names: dict[str, str]
    ) -> str:
        """The code to write, for a person: it may not stand where the call does."""
        if template is None:
            return ""
        target = candidate.pattern.target
        if target:
            bound = {**candidate.bindings, target: (candidate.call,)}
            names = {**names, target: target.removeprefix("$")}
            candidate = candidate._replace(bindings=bound)
        try:
            parts = self._parts(candidate, template, names)
        except Impossible:
            return ""
        return " ".join(rendered(self._scene.text, parts).split())

    def _replaced(self, candidate: Candidate, template: Pattern) -> ast.expr:
        """The expression that is replaced: the call, or the `await` of it."""
        parent = next(self._scene.around(candidate.call))
        if isinstance(parent, ast.Await):
            is_whole = candidate.pattern.is_awaited or template.is_awaited
            return parent if is_whole else candidate.call
        if candidate.pattern.is_awaited:
            raise Impossible("it is not awaited here: its coroutine is handed on")
        return candidate.call

    def _parts(
        self, candidate: Candidate, template: Pattern, names: dict[str, str]
    ) -> tuple[Part, ...]:
        scene, call = self._scene, candidate.call
        opening = scene.text.index("(", self._behind_callee(call))
        try:
            return filled(
                template, candidate.bindings, names, scene, (opening + 1, scene.end(call) - 1)
            )
        except Unfit as unfit:
            raise Impossible(str(unfit)) from unfit

    def _behind_callee(self, call: ast.Call) -> int:
        """The offset behind what is called, and its parentheses."""
        text, at = self._scene.text, self._scene.end(call.func)
        while text[at] in " \t\r\n\\)":
            at += 1
        return at

    def _check_place(self, candidate: Candidate, template: Pattern, context: int) -> None:
        """Raise unless the new code may stand there."""
        if context & CallContext.FORMATTED:
            raise Impossible("it stands in an f-string")
        is_awaited = any(isinstance(one, ast.Await) for one in ast.walk(template.node))
        if is_awaited or template.is_async:
            if not context & CallContext.ASYNC:
                raise Impossible("it must be awaited, and the function around it is no coroutine")
            if context & CallContext.DEFERRED:
                raise Impossible("it must be awaited, and it stands in a comprehension or the like")
        own = names_in(template.node) & {"self", "cls"}
        for name in own:
            routine = next((one for _, one in self._scene.routines(candidate.scope)), None)
            first = routine.node.args.args[:1] if routine and routine.holder else []
            if [one.arg for one in first] != [name]:
                raise Impossible(f"there is no `{name}` here")

    def _needs_parentheses(self, node: ast.expr, template: Pattern) -> bool:
        """Whether what stands around binds closer than the new expression."""
        new, parent = template.node, next(self._scene.around(node))
        text, end = self._scene.text, self._scene.end(node)
        if isinstance(new, _PRIMARY) or isinstance(parent, _LOOSE):
            return False
        is_called = isinstance(parent, ast.Call) and parent.func is node
        is_owner = isinstance(parent, (ast.Attribute, ast.Subscript)) and parent.value is node
        if isinstance(new, ast.Await) and not (is_called or is_owner):
            return isinstance(parent, ast.Await)
        if isinstance(parent, ast.Call) and not is_called:
            return False
        return not text[end:].lstrip().startswith(")")

    def _is_same(self, node: ast.expr, parts: tuple[Part, ...]) -> bool:
        """Whether the code is what it is to become; raises if that is no code."""
        new = rendered(self._scene.text, parts)
        try:
            statement = parsed_statement(new)
        except SyntaxError as error:
            raise Impossible(f"the replacement would not parse here: {error.msg}") from error
        return isinstance(statement, ast.Expr) and ast.dump(statement.value) == ast.dump(node)

    def _replacement(
        self, candidate: Candidate, bounds: tuple[int, int], parts: tuple[Part, ...]
    ) -> Replacement:
        scene, texts = self._scene, candidate.entry.imports
        start, end = bounds
        try:
            if is_in_order(parts):
                lost = lost_comment(scene.text, start, end, changes(scene.text, start, end, parts))
            else:
                lost = lost_by_moving(scene.text, start, end, parts)
            missing = tuple(self._imports.of(self._view, candidate.scope, texts))
        except (Unreadable, Taken) as why:
            raise Impossible(str(why)) from why
        if lost:
            raise Impossible(f"the comment {lost!r} would be lost")
        return Replacement(
            span=scene.span_between(start, end),
            parts=tuple(self._placed(part) for part in parts),
            names=tuple(SymbolPath.parse(text) for text in texts),
            missing=missing,
        )

    def _placed(self, part: Part) -> str | Span:
        return part if isinstance(part, str) else self._scene.span_between(*part)


def lost_by_moving(text: str, start: int, end: int, parts: tuple[Part, ...]) -> str:
    """A comment between what is kept, which would go when that is put in another order.

    Raises:
        Unreadable: The code is none by itself.
    """
    from ssot_migrate.rewrite.splicing import Change

    kept = sorted(part for part in parts if not isinstance(part, str))
    gaps, position = [], start
    for first, last in (*kept, (end, end)):
        gaps.append(Change(position, max(position, first), ""))
        position = max(position, last)
    return lost_comment(text, start, end, gaps)
