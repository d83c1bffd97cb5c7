"""Walks a module once and notes its calls, and what every name and attribute is bound to."""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING, Any, TypeAlias

from ssot_migrate.index.binder import (
    COMPREHENSIONS,
    Binder,
    defaults_of,
    parameters_of,
    qualified,
)
from ssot_migrate.index.bound import Bound, Routine
from ssot_migrate.index.call_facts import CallContext
from ssot_migrate.index.formatted import IS_EXACT, settle
from ssot_migrate.index.syntax import parts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ssot_migrate.index.facts import Import
    from ssot_migrate.index.scopes import Scope
    from ssot_migrate.index.syntax import Columns

_AWAITED = int(CallContext.AWAITED)
_ASYNC = int(CallContext.ASYNC)
_DEFERRED = int(CallContext.DEFERRED)
_FORMATTED = int(CallContext.FORMATTED)


class CallWalk:
    """The notes of one pass.

    Attributes:
        bound: What the names of each scope are bound to.
        elsewhere: Names that a scope declares `global` or `nonlocal`.
        calls: Calls with their scope and context.
        attributes: Attributes that are not called.
        assigned: Attributes that are bound, and to what.
        routines: The functions by their inner scope.
        classes: The classes with the scopes of their inside and of their bases.
    """

    def __init__(
        self, tree: ast.Module, imports: tuple[Import, ...], binder: Binder, columns: Columns
    ) -> None:
        self._scope_of = binder.scope_of
        self._types_of = binder.types_of
        self._columns = columns
        self._imports = {
            (i.line, i.module, i.level, i.name, i.bound): n for n, i in enumerate(imports)
        }
        self._classes: dict[Scope, ast.ClassDef] = {}
        self.module = binder.scope_of[tree]
        self.bound: dict[Scope, dict[str, list[Bound]]] = {}
        self.elsewhere: dict[Scope, dict[str, str]] = {}
        self.calls: list[tuple[ast.Call, Scope, int]] = []
        self.attributes: list[tuple[ast.Attribute, Scope]] = []
        self.assigned: list[tuple[ast.Attribute, Bound]] = []
        self.routines: dict[Scope, Routine] = {}
        self.classes: list[tuple[ast.ClassDef, Scope, Scope]] = []
        self._suite(tree.body, self.module, 0)
        self._settle()

    def owner_of(self, name: str, scope: Scope) -> Scope:
        """The scope whose binding a read of `name` finds; the module's where there is none."""
        at: Scope | None = scope
        is_direct = True
        while at is not None:
            declared = self.elsewhere.get(at, {}).get(name)
            if declared == "global":
                break
            is_seen = is_direct or at.kind != "class"
            if is_seen and declared is None and name in self.bound.get(at, ()):
                return at
            is_direct = is_direct and at.kind not in ("function", "comprehension")
            at = at.parent
        return self.module

    def _settle(self) -> None:
        """Give what is bound by a `global` or `nonlocal` name to its owner."""
        for scope, names in self.elsewhere.items():
            for name in names:
                moved = self.bound.get(scope, {}).pop(name, [])
                if moved:
                    owner = self.bound.setdefault(self.owner_of(name, scope), {})
                    owner.setdefault(name, []).extend(moved)

    def visit(self, node: ast.AST, scope: Scope, context: int) -> None:
        """Note a node and all below it."""
        handler = _HANDLERS.get(node.__class__)
        if handler is not None:
            handler(self, node, scope, context)
        else:
            self._suite(parts_of(node), scope, context)

    def _suite(self, nodes: Iterable[ast.AST | None], scope: Scope, context: int) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node, scope, context)

    # What is called, and what is only named

    def _call(self, node: ast.Call, scope: Scope, context: int) -> None:
        self.calls.append((node, scope, context))
        inner = context & ~_AWAITED
        if isinstance(node.func, ast.Attribute):
            self.visit(node.func.value, scope, inner)
        else:
            self.visit(node.func, scope, inner)
        self._suite([*node.args, *node.keywords], scope, inner)

    def _await(self, node: ast.Await, scope: Scope, context: int) -> None:
        is_call = isinstance(node.value, ast.Call)
        self.visit(node.value, scope, context | _AWAITED if is_call else context)

    def _attribute(self, node: ast.Attribute, scope: Scope, context: int) -> None:
        self.attributes.append((node, scope))
        self.visit(node.value, scope, context)

    def _formatted(self, node: ast.JoinedStr, scope: Scope, context: int) -> None:
        if not IS_EXACT:
            settle(node, self._columns.lines)
        self._suite(node.values, scope, context | _FORMATTED)

    def _give(
        self, node: ast.Return | ast.Yield | ast.YieldFrom, scope: Scope, context: int
    ) -> None:
        routine = self.routines.get(scope)
        if routine is not None:
            is_whole = not isinstance(node, ast.YieldFrom)
            given = routine.gives if isinstance(node, ast.Return) else routine.yields
            given.append((node.value if is_whole else None, scope))
        self._suite([node.value], scope, context)

    # What binds

    def _bind(self, name: str, bound: Bound, scope: Scope) -> None:
        self.bound.setdefault(scope, {}).setdefault(name, []).append(bound)

    def _target(self, target: ast.expr, bound: Bound, scope: Scope, context: int) -> None:
        """Note what an assignment target is bound to; a part of a tuple to its own value."""
        if isinstance(target, ast.Name):
            self._bind(target.id, bound, scope)
        elif isinstance(target, ast.Attribute):
            self.assigned.append((target, bound))
            self.visit(target, scope, context)
        elif isinstance(target, (ast.Tuple, ast.List)):
            values = _parts(bound, len(target.elts))
            is_plain = not any(isinstance(part, ast.Starred) for part in target.elts)
            for number, part in enumerate(target.elts):
                value = values[number] if values and is_plain else None
                why = "is taken out of a sequence"
                inner = bound._replace(node=value) if value else Bound("unknown", None, scope, why)
                self._target(part, inner, scope, context)
        elif isinstance(target, ast.Starred):
            self._target(target.value, bound, scope, context)
        else:
            self.visit(target, scope, context)

    def _assign(self, node: ast.Assign, scope: Scope, context: int) -> None:
        self.visit(node.value, scope, context)
        for target in node.targets:
            self._target(target, Bound("value", node.value, scope), scope, context)

    def _annotated(self, node: ast.AnnAssign, scope: Scope, context: int) -> None:
        self._suite([node.annotation, node.value], scope, context)
        if scope.kind == "module" and _leaf(node.annotation) == "TypeAlias":
            self._target(node.target, Bound("value", node.value, scope), scope, context)
            return
        self._target(node.target, Bound("type", node.annotation, scope), scope, context)
        if node.value is not None:
            self._target(node.target, Bound("value", node.value, scope), scope, context)

    def _augmented(self, node: ast.AugAssign, scope: Scope, context: int) -> None:
        self.visit(node.value, scope, context)
        bound = Bound("unknown", None, scope, "is changed in place")
        self._target(node.target, bound, scope, context)

    def _walrus(self, node: ast.NamedExpr, scope: Scope, context: int) -> None:
        self.visit(node.value, scope, context)
        bound, owner = Bound("value", node.value, scope), scope
        while owner.kind == "comprehension" and owner.parent is not None:
            owner = owner.parent
        self._bind(node.target.id, bound, owner)

    def _loop(self, node: ast.For | ast.AsyncFor, scope: Scope, context: int) -> None:
        self.visit(node.iter, scope, context)
        self._target(node.target, Bound("unknown", None, scope, _IN_LOOP), scope, context)
        self._suite([*node.body, *node.orelse], scope, context)

    def _with(self, node: ast.With | ast.AsyncWith, scope: Scope, context: int) -> None:
        kind = "enter" if isinstance(node, ast.With) else "aenter"
        for item in node.items:
            self.visit(item.context_expr, scope, context)
            if item.optional_vars is not None:
                bound = Bound(kind, item.context_expr, scope)
                self._target(item.optional_vars, bound, scope, context)
        self._suite(node.body, scope, context)

    def _handler(self, node: ast.ExceptHandler, scope: Scope, context: int) -> None:
        if node.name:
            self._bind(node.name, Bound("unknown", None, scope, "is an exception"), scope)
        self._suite([node.type, *node.body], scope, context)

    def _capture(self, node: ast.pattern, scope: Scope, context: int) -> None:
        name = getattr(node, "name", None) or getattr(node, "rest", None)
        if name:
            self._bind(name, Bound("unknown", None, scope, "is matched by a pattern"), scope)
        self._suite(ast.iter_child_nodes(node), scope, context)

    def _declare(self, node: ast.Global | ast.Nonlocal, scope: Scope, context: int) -> None:
        statement = "global" if isinstance(node, ast.Global) else "nonlocal"
        self.elsewhere.setdefault(scope, {}).update(dict.fromkeys(node.names, statement))

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope, context: int) -> None:
        for alias in node.names:
            if isinstance(node, ast.Import):
                bound = alias.asname or alias.name.partition(".")[0]
                key = (node.lineno, alias.name, 0, "", bound)
            else:
                bound = alias.asname or alias.name
                key = (node.lineno, node.module or "", node.level, alias.name, bound)
            ref = self._imports.get(key, -1)
            self._bind(bound, Bound("import", node, scope, ref=ref), scope)

    def _type_alias(self, node: Any, scope: Scope, context: int) -> None:
        self._bind(node.name.id, Bound("value", node.value, scope), scope)

    # What opens a scope

    def _types(self, node: Any, scope: Scope) -> Scope:
        """The scope of a node's type parameters, or the scope around where there are none."""
        types = self._types_of.get(node, scope)
        for parameter in getattr(node, "type_params", ()):
            bound = Bound("unknown", None, types, "is a type parameter")
            self._bind(parameter.name, bound, types)
        return types

    def _class(self, node: ast.ClassDef, scope: Scope, context: int) -> None:
        self._suite(node.decorator_list, scope, context)
        types, inner = self._types(node, scope), self._scope_of[node]
        self._suite([*node.bases, *node.keywords], types, context)
        self._bind(node.name, Bound("definition", node, scope, inner.name), scope)
        self.classes.append((node, inner, types))
        self._classes[inner] = node
        self._suite(node.body, inner, 0)

    def _function(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope, context: int
    ) -> None:
        self._suite([*defaults_of(node.args), *node.decorator_list], scope, context)
        types, inner = self._types(node, scope), self._scope_of[node]
        name = qualified(scope, node.name)
        self._bind(node.name, Bound("definition", node, scope, name), scope)
        holder = self._classes.get(scope)
        routine = Routine(node, name, types, holder, scope.name if holder else "")
        self.routines[inner] = routine
        for parameter in parameters_of(node.args):
            bound = Bound("parameter", parameter, scope, routine=routine)
            self._bind(parameter.arg, bound, inner)
            self._suite([parameter.annotation], types, context)
        self._suite([node.returns], types, context)
        self._suite(node.body, inner, _ASYNC if isinstance(node, ast.AsyncFunctionDef) else 0)

    def _lambda(self, node: ast.Lambda, scope: Scope, context: int) -> None:
        self._suite(defaults_of(node.args), scope, context)
        inner = self._scope_of[node]
        for parameter in parameters_of(node.args):
            why = "is a parameter of a lambda"
            self._bind(parameter.arg, Bound("unknown", None, scope, why), inner)
        self.visit(node.body, inner, (context | _DEFERRED) & ~_AWAITED)

    def _comprehension(self, node: Any, scope: Scope, context: int) -> None:
        inner, deferred = self._scope_of[node], context | _DEFERRED
        for number, generator in enumerate(node.generators):
            if number:
                self.visit(generator.iter, inner, deferred)
            else:
                self.visit(generator.iter, scope, context)
            self._target(generator.target, Bound("unknown", None, inner, _IN_LOOP), inner, deferred)
            self._suite(generator.ifs, inner, deferred)
        elements = [getattr(node, field, None) for field in ("elt", "key", "value")]
        self._suite(elements, inner, deferred)


_IN_LOOP = "is bound in a loop"


def _parts(bound: Bound, number: int) -> list[ast.expr]:
    """The parts of a tuple's value, if it shows as many."""
    value = bound.node
    if bound.kind != "value" or not isinstance(value, (ast.Tuple, ast.List)):
        return []
    is_plain = not any(isinstance(part, ast.Starred) for part in value.elts)
    return value.elts if is_plain and len(value.elts) == number else []


def _leaf(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


_Handler: TypeAlias = "Callable[[CallWalk, Any, Scope, int], None]"
_HANDLERS: dict[type[ast.AST], _Handler] = {
    ast.Call: CallWalk._call,
    ast.Await: CallWalk._await,
    ast.Attribute: CallWalk._attribute,
    ast.JoinedStr: CallWalk._formatted,
    ast.Return: CallWalk._give,
    ast.Yield: CallWalk._give,
    ast.YieldFrom: CallWalk._give,
    ast.Assign: CallWalk._assign,
    ast.AnnAssign: CallWalk._annotated,
    ast.AugAssign: CallWalk._augmented,
    ast.NamedExpr: CallWalk._walrus,
    ast.For: CallWalk._loop,
    ast.AsyncFor: CallWalk._loop,
    ast.With: CallWalk._with,
    ast.AsyncWith: CallWalk._with,
    ast.ExceptHandler: CallWalk._handler,
    ast.MatchAs: CallWalk._capture,
    ast.MatchStar: CallWalk._capture,
    ast.MatchMapping: CallWalk._capture,
    ast.Global: CallWalk._declare,
    ast.Nonlocal: CallWalk._declare,
    ast.Import: CallWalk._import,
    ast.ImportFrom: CallWalk._import,
    ast.ClassDef: CallWalk._class,
    ast.FunctionDef: CallWalk._function,
    ast.AsyncFunctionDef: CallWalk._function,
    ast.Lambda: CallWalk._lambda,
    **dict.fromkeys(COMPREHENSIONS, CallWalk._comprehension),
}
if sys.version_info >= (3, 12):
    _HANDLERS[ast.TypeAlias] = CallWalk._type_alias
if hasattr(ast, "TemplateStr"):
    _HANDLERS[ast.TemplateStr] = CallWalk._formatted
