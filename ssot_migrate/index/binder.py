"""Creates the scopes of a module and records every binding in them."""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING, Any, TypeAlias

from ssot_migrate.index.scopes import (
    ALWAYS,
    START,
    Place,
    Scope,
    end_of,
    end_of_block,
)
from ssot_migrate.index.syntax import parts_of, suppresses_import_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ssot_migrate.index.facts import Import

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def parameters_of(arguments: ast.arguments) -> Iterable[ast.arg]:
    """The parameters themselves, without what their defaults hold."""
    yield from arguments.posonlyargs
    yield from arguments.args
    if arguments.vararg is not None:
        yield arguments.vararg
    yield from arguments.kwonlyargs
    if arguments.kwarg is not None:
        yield arguments.kwarg


def defaults_of(arguments: ast.arguments) -> Iterable[ast.expr]:
    """The default values, which are read outside the function."""
    yield from arguments.defaults
    yield from (default for default in arguments.kw_defaults if default is not None)


class Binder:
    """First pass over a module.

    Attributes:
        scope_of: Scope of the inside of the module, functions, classes and comprehensions.
        types_of: Scope around the annotations of what has type parameters (PEP 695).
    """

    def __init__(self, tree: ast.Module, imports: tuple[Import, ...]) -> None:
        self.scope_of: dict[ast.AST, Scope] = {}
        self.types_of: dict[ast.AST, Scope] = {}
        self._index = {
            (i.line, i.module, i.level, i.name, i.bound): n for n, i in enumerate(imports)
        }
        module = Scope("module", "", None)
        self.scope_of[tree] = module
        self._suite(tree.body, module, ALWAYS)
        for scope in {*self.scope_of.values(), *self.types_of.values()}:
            scope.settle()

    def _suite(self, nodes: Iterable[ast.AST], scope: Scope, until: Place) -> None:
        for node in nodes:
            self._node(node, scope, until)

    def _node(self, node: ast.AST, scope: Scope, until: Place) -> None:
        handler = _HANDLERS.get(node.__class__)
        if handler is not None:
            handler(self, node, scope, until)
        else:
            for child in parts_of(node):
                self._node(child, scope, until)

    # What binds

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope, until: Place) -> None:
        for alias in node.names:
            if isinstance(node, ast.Import):
                bound = alias.asname or alias.name.partition(".")[0]
                key = (node.lineno, alias.name, 0, "", bound)
            else:
                bound = alias.asname or alias.name
                key = (node.lineno, node.module or "", node.level, alias.name, bound)
            is_package = isinstance(node, ast.Import) and not alias.asname
            imported = self._index.get(key, -1)
            scope.bind(bound, end_of(node), until, imported=imported, is_package=is_package)

    def _targets(self, target: ast.AST, at: Place, scope: Scope, until: Place) -> None:
        if isinstance(target, ast.Name):
            scope.bind(target.id, at, until)
        elif isinstance(target, (ast.Tuple, ast.List)):
            for element in target.elts:
                self._targets(element, at, scope, until)
        elif isinstance(target, ast.Starred):
            self._targets(target.value, at, scope, until)
        else:
            self._node(target, scope, until)

    def _assign(self, node: ast.Assign, scope: Scope, until: Place) -> None:
        self._node(node.value, scope, until)
        for target in node.targets:
            self._targets(target, end_of(node), scope, until)

    def _annotated(self, node: ast.AnnAssign, scope: Scope, until: Place) -> None:
        self._node(node.annotation, scope, until)
        if node.value is not None:
            self._node(node.value, scope, until)
        # A bare annotation binds nothing, but makes a function's name local.
        if node.value is not None or scope.kind == "function":
            self._targets(node.target, end_of(node), scope, until)

    def _augmented(self, node: ast.AugAssign, scope: Scope, until: Place) -> None:
        self._node(node.value, scope, until)
        self._targets(node.target, end_of(node), scope, until)

    def _delete(self, node: ast.Delete, scope: Scope, until: Place) -> None:
        for target in node.targets:
            self._targets(target, end_of(node), scope, until)

    def _walrus(self, node: ast.NamedExpr, scope: Scope, until: Place) -> None:
        self._node(node.value, scope, until)
        while scope.kind == "comprehension" and scope.parent is not None:
            scope = scope.parent
        scope.bind(node.target.id, end_of(node), until)

    def _declare(self, node: ast.Global | ast.Nonlocal, scope: Scope, until: Place) -> None:
        scope.declare(node.names, "global" if isinstance(node, ast.Global) else "nonlocal")

    def _capture(self, node: ast.pattern, scope: Scope, until: Place) -> None:
        name = getattr(node, "name", None) or getattr(node, "rest", None)
        if name:
            scope.bind(name, end_of(node), until)
        self._suite(ast.iter_child_nodes(node), scope, until)

    def _type_alias(self, node: Any, scope: Scope, until: Place) -> None:
        scope.bind(node.name.id, end_of(node), until)
        self._node(node.value, self._types(node, scope), until)

    # What opens a scope

    def _types(self, node: Any, scope: Scope) -> Scope:
        """The scope of a node's type parameters, or the scope around where there are none."""
        parameters = getattr(node, "type_params", None)
        if not parameters:
            return scope
        types = self.types_of[node] = Scope("types", scope.name, scope)
        for parameter in parameters:
            types.bind(parameter.name, START)
            self._suite(ast.iter_child_nodes(parameter), types, ALWAYS)
        return types

    def _class(self, node: ast.ClassDef, scope: Scope, until: Place) -> None:
        # `class Thing(Thing)` and the body read the older one.
        scope.bind(node.name, end_of(node), until)
        self._suite(node.decorator_list, scope, until)
        types = self._types(node, scope)
        self._suite([*node.bases, *node.keywords], types, until)
        inner = self.scope_of[node] = Scope("class", qualified(scope, node.name), types)
        self._suite(node.body, inner, ALWAYS)

    def _function(self, node: Function, scope: Scope, until: Place) -> None:
        self._suite(defaults_of(node.args), scope, until)
        types, name = scope, scope.name
        if not isinstance(node, ast.Lambda):
            scope.bind(node.name, end_of(node), until)
            self._suite(node.decorator_list, scope, until)
            types, name = self._types(node, scope), qualified(scope, node.name)
            annotations = [p.annotation for p in parameters_of(node.args)]
            self._suite(filter(None, [*annotations, node.returns]), types, until)
        inner = self.scope_of[node] = Scope("function", name, types)
        for parameter in parameters_of(node.args):
            inner.bind(parameter.arg, START)
        self._suite([node.body] if isinstance(node, ast.Lambda) else node.body, inner, ALWAYS)

    def _comprehension(self, node: Any, scope: Scope, until: Place) -> None:
        inner = self.scope_of[node] = Scope("comprehension", scope.name, scope)
        end = end_of(node)
        for number, generator in enumerate(node.generators):
            # The first iterable is read outside.
            self._node(generator.iter, inner if number else scope, end if number else until)
            self._targets(generator.target, START, inner, ALWAYS)
            self._suite(generator.ifs, inner, end)
        elements = [getattr(node, field, None) for field in ("elt", "key", "value")]
        self._suite(filter(None, elements), inner, end)

    # What may not run

    def _if(self, node: ast.If, scope: Scope, until: Place) -> None:
        while True:
            self._node(node.test, scope, until)
            self._suite(node.body, scope, end_of_block(node.body))
            # A long chain of `elif` is nested in the tree; a loop keeps the stack flat.
            if len(node.orelse) != 1 or not isinstance(node.orelse[0], ast.If):
                break
            until = end_of_block(node.orelse)
            node = node.orelse[0]
        self._suite(node.orelse, scope, end_of_block(node.orelse))

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While, scope: Scope, until: Place) -> None:
        end = end_of_block(node.body)
        if isinstance(node, ast.While):
            self._node(node.test, scope, until)
        else:
            self._node(node.iter, scope, until)
            self._targets(node.target, end_of(node.iter), scope, end)
        self._suite(node.body, scope, end)
        self._suite(node.orelse, scope, end_of_block(node.orelse))

    def _try(self, node: ast.Try, scope: Scope, until: Place) -> None:
        self._suite(node.body, scope, end_of_block(node.body) if node.handlers else until)
        for handler in node.handlers:
            end = end_of_block(handler.body)
            if handler.type is not None:
                self._node(handler.type, scope, until)
                if handler.name:
                    scope.bind(handler.name, end_of(handler.type), end)
            self._suite(handler.body, scope, end)
        self._suite(node.orelse, scope, end_of_block(node.orelse))
        self._suite(node.finalbody, scope, until)

    def _with(self, node: ast.With | ast.AsyncWith, scope: Scope, until: Place) -> None:
        for item in node.items:
            self._node(item.context_expr, scope, until)
            if item.optional_vars is not None:
                self._targets(item.optional_vars, end_of(item.context_expr), scope, until)
            if suppresses_import_error(item.context_expr):
                until = end_of_block(node.body)
        self._suite(node.body, scope, until)

    def _case(self, node: ast.match_case, scope: Scope, until: Place) -> None:
        self._suite(ast.iter_child_nodes(node), scope, end_of_block(node.body))

    def _either(self, node: ast.BoolOp | ast.IfExp, scope: Scope, until: Place) -> None:
        first, rest = (
            (node.values[0], node.values[1:])
            if isinstance(node, ast.BoolOp)
            else (node.test, [node.body, node.orelse])
        )
        self._node(first, scope, until)
        self._suite(rest, scope, end_of(node))


def qualified(scope: Scope, name: str) -> str:
    """The qualified name of what is defined in a scope."""
    return f"{scope.name}.{name}" if scope.name else name


_Handler: TypeAlias = "Callable[[Binder, Any, Scope, Place], None]"
_HANDLERS: dict[type[ast.AST], _Handler] = {
    ast.Import: Binder._import,
    ast.ImportFrom: Binder._import,
    ast.Assign: Binder._assign,
    ast.AnnAssign: Binder._annotated,
    ast.AugAssign: Binder._augmented,
    ast.Delete: Binder._delete,
    ast.NamedExpr: Binder._walrus,
    ast.Global: Binder._declare,
    ast.Nonlocal: Binder._declare,
    ast.MatchAs: Binder._capture,
    ast.MatchStar: Binder._capture,
    ast.MatchMapping: Binder._capture,
    ast.ClassDef: Binder._class,
    ast.If: Binder._if,
    ast.For: Binder._loop,
    ast.AsyncFor: Binder._loop,
    ast.While: Binder._loop,
    ast.Try: Binder._try,
    ast.With: Binder._with,
    ast.AsyncWith: Binder._with,
    ast.match_case: Binder._case,
    ast.BoolOp: Binder._either,
    ast.IfExp: Binder._either,
    **dict.fromkeys(_FUNCTIONS, Binder._function),
    **dict.fromkeys(COMPREHENSIONS, Binder._comprehension),
}
if sys.version_info >= (3, 11):
    _HANDLERS[ast.TryStar] = Binder._try
if sys.version_info >= (3, 12):
    _HANDLERS[ast.TypeAlias] = Binder._type_alias
