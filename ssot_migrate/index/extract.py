"""Reads the facts of one module out of its syntax tree, without visiting expressions."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from ssot_migrate.index.facts import Binding, Context, Definition, Import, LazyName, ModuleFacts
from ssot_migrate.index.lazy_names import lazy_names
from ssot_migrate.index.lazy_tables import names_read, reached_from
from ssot_migrate.index.markers import lazy_notice, looks_generated, notice_of, own_notice
from ssot_migrate.index.module_names import ModuleNames
from ssot_migrate.index.syntax import (
    Columns,
    captured_names,
    catches_import_error,
    configures_messages,
    deprecation_warning,
    dotted_name,
    expects_import_error,
    hands_out_namespace,
    is_main_guard,
    names_module_namespace,
    suppresses_import_error,
    tests_type_checking,
)
from ssot_migrate.index.wrappers import called_in_return, deprecation_of, is_thin

_FUNCTION = int(Context.FUNCTION)
_CLASS = int(Context.CLASS)
_TYPE_CHECKING = int(Context.TYPE_CHECKING)
_TRY = int(Context.TRY)
_HANDLER = int(Context.HANDLER)
_CONDITIONAL = int(Context.CONDITIONAL)
_EXPECTED = int(Context.EXPECTED)
_INSIDE = _FUNCTION | _CLASS


def module_facts(tree: ast.Module, source: bytes) -> ModuleFacts:
    """Collect imports, module-level bindings, definitions and exports of a parsed module."""
    walk = _Walk(Columns(source), has_walrus=b":=" in source)
    walk.body(tree.body, 0, "")
    reached = reached_from(tree, walk.provider) if walk.provider is not None else []
    imported = {statement.bound for statement in walk.imports if not statement.scope}
    return ModuleFacts(
        imports=tuple(walk.imports),
        bindings=tuple(walk.bindings),
        definitions=tuple(walk.definitions),
        exports=None if walk.exports.names is None else tuple(walk.exports.names),
        exports_open=walk.exports.open,
        lazy_names=(*lazy_names(reached), *walk.lazy_modules) if reached else (*walk.lazy_modules,),
        has_getattr=walk.has_getattr,
        open=walk.open,
        deprecation=walk.deprecation,
        notice=notice_of(tree),
        logic=sum(statement not in reached for statement in walk.logic),
        generated=looks_generated(source),
        lazy_notice=lazy_notice(reached),
        tools=tuple(sorted({name for node in reached for name in names_read(node)} & imported)),
    )


class _Walk(ModuleNames):
    """One pass over the statements of a module, in source order."""

    def __init__(self, columns: Columns, *, has_walrus: bool) -> None:
        super().__init__()
        self.columns = columns
        self.has_walrus = has_walrus
        self.imports: list[Import] = []
        self.definitions: list[Definition] = []
        self.lazy_modules: list[LazyName] = []
        self.deprecation = ""

    def body(self, statements: Iterable[ast.stmt], context: int, scope: str) -> None:
        handlers = _HANDLERS
        for statement in statements:
            handler = handlers.get(statement.__class__)
            if handler is not None:
                handler(self, statement, context, scope)
            else:
                self.count(statement, context)
            if self.has_walrus and not context & _INSIDE:
                self.walruses(statement, context)

    # Imports

    def import_(self, node: ast.Import, context: int, scope: str) -> None:
        for alias in node.names:
            bound = alias.asname or alias.name.partition(".")[0]
            self._add_import(node, alias.name, 0, "", bound, alias, context, scope)

    def import_from(self, node: ast.ImportFrom, context: int, scope: str) -> None:
        for alias in node.names:
            bound = alias.asname or alias.name
            self._add_import(
                node, node.module or "", node.level, alias.name, bound, alias, context, scope
            )
            if not context & _INSIDE and bound == "__all__":
                self.exports.hide()
            elif not context & _INSIDE and bound == "__getattr__":
                self.has_getattr = True
                module = "." * node.level + (node.module or "")
                self.lazy_modules.append(LazyName("*", module, node.lineno, holder=True))

    def _add_import(
        self,
        node: ast.Import | ast.ImportFrom,
        module: str,
        level: int,
        name: str,
        bound: str,
        alias: ast.alias,
        context: int,
        scope: str,
    ) -> None:
        columns = self.columns
        end_line = node.end_lineno or node.lineno
        if getattr(node, "is_lazy", 0):
            context |= int(Context.LAZY)
        self.bind(bound, "import", node.lineno, context, len(self.imports))
        self.imports.append(
            Import(
                module,
                level,
                name,
                bound,
                alias.asname is not None,
                node.lineno,
                columns.at(node.lineno, node.col_offset),
                end_line,
                columns.at(end_line, node.end_col_offset or 0),
                context,
                scope,
            )
        )

    # Definitions

    def class_(self, node: ast.ClassDef, context: int, scope: str) -> None:
        qualified = f"{scope}.{node.name}" if scope else node.name
        self.bind(node.name, "class", node.lineno, context, len(self.definitions))
        self._add_definition(node, qualified, "class", context)
        self.body(node.body, context | _CLASS, qualified)

    def function(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, context: int, scope: str
    ) -> None:
        qualified = f"{scope}.{node.name}" if scope else node.name
        if not context & _INSIDE:
            kind = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
            self.bind(node.name, "def", node.lineno, context, len(self.definitions))
            self._add_definition(node, qualified, kind, context)
            if node.name == "__getattr__":
                self.provider, self.has_getattr = node, True
        self.body(node.body, context | _FUNCTION, qualified)

    def _add_definition(
        self,
        node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef,
        qualified: str,
        kind: str,
        context: int,
    ) -> None:
        deprecation = deprecation_of(node)
        if isinstance(node, ast.ClassDef):
            bases = tuple(filter(None, map(dotted_name, node.bases)))
        else:
            bases = tuple(called_in_return(node)) if deprecation else ()
        self.definitions.append(
            Definition(
                qualified,
                kind,
                node.lineno,
                self.columns.at(node.lineno, node.col_offset),
                node.end_lineno or node.lineno,
                context,
                bases,
                deprecation,
                bool(deprecation) and is_thin(node),
                own_notice(node),
            )
        )

    # The rest

    def global_(self, node: ast.Global, context: int, scope: str) -> None:
        for name in node.names:
            self.bindings.append(Binding(name, "global", node.lineno, context))

    def expression(self, node: ast.Expr, context: int, scope: str) -> None:
        call = node.value
        if not isinstance(call, ast.Call):
            return
        if context & _INSIDE:
            return
        text = deprecation_warning(call)
        if text:
            self.deprecation = self.deprecation or text
        elif not self.exports.call(call):
            is_open = dotted_name(call.func) == "exec" or (
                isinstance(call.func, ast.Attribute) and names_module_namespace(call.func.value)
            )
            self.open = self.open or is_open or hands_out_namespace(call)
            if not configures_messages(call):
                self.count(node, context)

    # Suites

    def if_(self, node: ast.If, context: int, scope: str) -> None:
        while True:
            then, otherwise = _branch_contexts(node.test, context)
            if is_main_guard(node.test):
                self.count(node, context)
            self.body(node.body, then, scope)
            # A long chain of `elif` is nested in the tree; a loop keeps the stack flat.
            if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
                node, context = node.orelse[0], otherwise
                if self.has_walrus:
                    self.walruses(node, context)
                continue
            self.body(node.orelse, otherwise, scope)
            return

    def try_(self, node: ast.Try, context: int, scope: str) -> None:
        catches = any(map(catches_import_error, node.handlers))
        tried = context | (_TRY if catches else _CONDITIONAL if node.handlers else 0)
        self.body(node.body, tried, scope)
        for handler in node.handlers:
            fallback = _HANDLER if catches_import_error(handler) else _CONDITIONAL
            self.body(handler.body, context | fallback, scope)
        # What stands behind `else` is not caught any more.
        self.body(node.orelse, context | _CONDITIONAL if node.handlers else context, scope)
        self.body(node.finalbody, context, scope)

    def loop(self, node: ast.For | ast.AsyncFor | ast.While, context: int, scope: str) -> None:
        if not context & _INSIDE:
            self.count(node, context)
            if not isinstance(node, ast.While):
                self._bind_target(node.target, node, context | _CONDITIONAL, "", whole=False)
            # `for name in …: globals()[name] = …` binds names that cannot be read.
            self.open = self.open or any(
                isinstance(part, ast.Name) and part.id in ("globals", "vars", "setattr")
                for statement in node.body
                for part in ast.walk(statement)
            )
        self.body(node.body, context | _CONDITIONAL, scope)
        self.body(node.orelse, context | _CONDITIONAL, scope)

    def with_(self, node: ast.With | ast.AsyncWith, context: int, scope: str) -> None:
        if not context & _INSIDE:
            for item in node.items:
                if item.optional_vars is not None:
                    self._bind_target(item.optional_vars, node, context, "", whole=False)
        managers = [item.context_expr for item in node.items]
        if any(map(suppresses_import_error, managers)):
            context |= _TRY
        else:
            self.count(node, context)
        if any(map(expects_import_error, managers)):
            context |= _EXPECTED
        self.body(node.body, context, scope)

    def match(self, node: ast.Match, context: int, scope: str) -> None:
        self.count(node, context)
        for case in node.cases:
            for name in captured_names(case.pattern):
                self.bind(name, "value", case.pattern.lineno, context | _CONDITIONAL)
            self.body(case.body, context | _CONDITIONAL, scope)

    def ignore(self, node: ast.stmt, context: int, scope: str) -> None:
        """Pass over a statement that binds nothing and does nothing."""


def _branch_contexts(test: ast.expr, context: int) -> tuple[int, int]:
    type_checking = tests_type_checking(test)
    if type_checking is True:
        return context | _TYPE_CHECKING, context | _CONDITIONAL
    if type_checking is False:
        return context | _CONDITIONAL, context | _TYPE_CHECKING
    return context | _CONDITIONAL, context | _CONDITIONAL


_Handler: TypeAlias = Callable[[_Walk, Any, int, str], None]
_HANDLERS: dict[type[ast.stmt], _Handler] = {
    ast.Import: _Walk.import_,
    ast.ImportFrom: _Walk.import_from,
    ast.ClassDef: _Walk.class_,
    ast.FunctionDef: _Walk.function,
    ast.AsyncFunctionDef: _Walk.function,
    ast.Assign: _Walk.assign,
    ast.AnnAssign: _Walk.annotated_assign,
    ast.AugAssign: _Walk.augmented_assign,
    ast.Delete: _Walk.delete,
    ast.Global: _Walk.global_,
    ast.Expr: _Walk.expression,
    ast.If: _Walk.if_,
    ast.Try: _Walk.try_,
    ast.For: _Walk.loop,
    ast.AsyncFor: _Walk.loop,
    ast.While: _Walk.loop,
    ast.With: _Walk.with_,
    ast.AsyncWith: _Walk.with_,
    ast.Match: _Walk.match,
    ast.Pass: _Walk.ignore,
}
if sys.version_info >= (3, 11):
    _HANDLERS[ast.TryStar] = _Walk.try_
if sys.version_info >= (3, 12):
    _HANDLERS[ast.TypeAlias] = _Walk.type_alias
