"""Reads references to imported names, and strings that look like dotted paths."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable
from typing import Any, TypeAlias

from ssot_migrate.index.binder import (
    COMPREHENSIONS,
    Binder,
    Function,
    defaults_of,
    parameters_of,
)
from ssot_migrate.index.facts import Import, Reference, UnboundName, UseFacts
from ssot_migrate.index.formatted import IS_EXACT, settle, values_of
from ssot_migrate.index.quoted import parse_quoted, type_comments
from ssot_migrate.index.scopes import ALWAYS, Scope, end_of, start_of
from ssot_migrate.index.strings import (
    is_type_alias,
    string_facts,
    types_taken,
    untyped_parts,
)
from ssot_migrate.index.syntax import (
    Columns,
    catches_lack,
    dotted_name,
    parts_of,
    survives_lack,
    tests_type_checking,
)

_BLOCKS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_UNIONS = (ast.Tuple, ast.List, ast.BinOp, ast.Starred)


def use_facts(tree: ast.Module, source: bytes, imports: tuple[Import, ...]) -> UseFacts:
    """Collect the uses of `imports`, the imports of the same module as its facts list them."""
    binder = Binder(tree, imports)
    reader = _Reader(binder, imports, Columns(source))
    reader.body(tree.body, binder.scope_of[tree])
    reader.comments(source)
    found = string_facts(tree, source)
    return UseFacts(
        tuple(sorted(reader.references, key=lambda r: (r.line, r.column, r.imported))),
        found.strings,
        found.attributes,
        tuple(sorted(reader.late_reads)),
        tuple(sorted(reader.unbound, key=lambda one: (one.line, one.column))),
    )


class _Reader:
    """Second pass: resolves every name that is read."""

    def __init__(self, binder: Binder, imports: tuple[Import, ...], columns: Columns) -> None:
        self._imports = imports
        self._bound = {one.bound for one in imports}
        self._scope_of = binder.scope_of
        self._types_of = binder.types_of
        self._module = next(iter(binder.scope_of.values())).module
        self._columns = columns
        self.references: list[Reference] = []
        self.late_reads: set[str] = set()
        self.unbound: list[UnboundName] = []
        self._is_guarded = False

    def body(self, body: list[ast.stmt], scope: Scope) -> None:
        """Read a suite that may start with a docstring."""
        for number, statement in enumerate(body):
            is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
            if number or not is_text:
                self.visit(statement, scope)

    def comments(self, source: bytes) -> None:
        """Read the type comments, each in the innermost scope around its line."""
        for comment in type_comments(source, self._columns.lines):
            inner = [
                (node.lineno, scope)
                for node, scope in self._scope_of.items()
                if isinstance(node, _BLOCKS) and node.lineno < comment.line <= end_of(node)[0]
            ]
            scope = max(inner, key=lambda found: found[0])[1] if inner else self._module
            for one in comment.types:
                self._typed(one, scope, is_quoted=True)

    def visit(self, node: ast.AST, scope: Scope) -> None:
        """Read a node and all below it."""
        handler = _HANDLERS.get(node.__class__)
        if handler is not None:
            handler(self, node, scope)
        else:
            for part in parts_of(node):
                self.visit(part, scope)

    def _visit_all(self, nodes: list[Any], scope: Scope) -> None:
        for node in nodes:
            self.visit(node, scope)

    # Names

    def _name(self, node: ast.Name, scope: Scope) -> None:
        if isinstance(node.ctx, ast.Load):
            self._chain(node, scope)

    def _chain(self, node: ast.expr, scope: Scope, *, call: bool = False) -> None:
        """Record a chain of names that starts at an import."""
        dotted = dotted_name(node)
        if dotted:
            self._refer(dotted, node, scope, call=call)
        elif isinstance(node, ast.Attribute):
            self.visit(node.value, scope)
        else:
            self.visit(node, scope)

    def _refer(
        self,
        dotted: str,
        place: ast.expr,
        scope: Scope,
        *,
        call: bool = False,
        quoted: bool = False,
    ) -> None:
        head, _, path = dotted.partition(".")
        # A quoted annotation is read when the module is complete.
        where = ALWAYS if quoted else start_of(place)
        behind = scope.bindings_behind(head, where)
        found = tuple(index for index in behind if index >= 0)
        deferred = scope.runs_later
        if not found and not quoted and "*" in self._bound:
            self._read_unbound(head, place, scope)
        if deferred and not found and not quoted and head not in self.late_reads:
            if scope.is_of_module(head):
                self.late_reads.add(head)
            return
        for imported in found if len(found) < 2 else self._closest(found, dotted):
            self.references.append(
                Reference(
                    imported,
                    path,
                    *self._columns.span(place),
                    scope.name,
                    call,
                    quoted,
                    deferred,
                    self._is_guarded or -1 in behind,
                )
            )

    def _read_unbound(self, name: str, place: ast.expr, scope: Scope) -> None:
        is_open = self._is_guarded or self._module.binds(name) or not scope.is_of_module(name)
        if not is_open and not hasattr(builtins, name):
            line, column, *_ = self._columns.span(place)
            self.unbound.append(UnboundName(name, line, column, column + len(name), scope.name))

    def _closest(self, found: tuple[int, ...], dotted: str) -> tuple[int, ...]:
        """Of several `import package.module`, the one whose module the chain spells."""

        def spelled(index: int) -> int:
            module = self._imports[index].module
            return len(module) if f"{dotted}.".startswith(f"{module}.") else 0

        packages = [i for i in found if not (self._imports[i].name or self._imports[i].aliased)]
        if not packages:
            return found
        best = max(packages, key=spelled)
        return tuple(i for i in found if i == best or i not in packages)

    def _call(self, node: ast.Call, scope: Scope) -> None:
        self._chain(node.func, scope, call=True)
        callee = dotted_name(node.func)
        takes_type, type_keywords = types_taken(callee)
        for position, argument in enumerate(node.args):
            if takes_type(position):
                self._typed(argument, scope)
            else:
                self.visit(argument, scope)
        for keyword in node.keywords:
            if keyword.arg in type_keywords:
                self._typed(keyword.value, scope)
            else:
                self.visit(keyword.value, scope)

    def _augmented(self, node: ast.AugAssign, scope: Scope) -> None:
        self._chain(node.target, scope)
        self.visit(node.value, scope)

    # What may fail

    def _guarded(self, nodes: list[ast.stmt], scope: Scope, *, guarded: bool = True) -> None:
        """Read a suite in which what is not there may be expected."""
        was, self._is_guarded = self._is_guarded, self._is_guarded or guarded
        self._visit_all(nodes, scope)
        self._is_guarded = was

    def _try(self, node: ast.Try, scope: Scope) -> None:
        self._guarded(node.body, scope, guarded=any(map(catches_lack, node.handlers)))
        self._visit_all([*node.handlers, *node.orelse, *node.finalbody], scope)

    def _with(self, node: ast.With | ast.AsyncWith, scope: Scope) -> None:
        self._visit_all(node.items, scope)
        managers = (item.context_expr for item in node.items)
        self._guarded(node.body, scope, guarded=any(map(survives_lack, managers)))

    def _if(self, node: ast.If, scope: Scope) -> None:
        is_for_types = tests_type_checking(node.test)
        self.visit(node.test, scope)
        self._guarded(node.body, scope, guarded=is_for_types is True)
        self._guarded(node.orelse, scope, guarded=is_for_types is False)

    # Scopes

    def _class(self, node: ast.ClassDef, scope: Scope) -> None:
        self._visit_all(node.decorator_list, scope)
        types = self._type_parameters(node, scope)
        self._visit_all([*node.bases, *node.keywords], types)
        self.body(node.body, self._scope_of[node])

    def _function(self, node: Function, scope: Scope) -> None:
        self._visit_all([*defaults_of(node.args)], scope)
        inner = self._scope_of[node]
        if isinstance(node, ast.Lambda):
            self.visit(node.body, inner)
            return
        self._visit_all(node.decorator_list, scope)
        types = self._type_parameters(node, scope)
        for parameter in parameters_of(node.args):
            self._typed(parameter.annotation, types)
        self._typed(node.returns, types)
        self.body(node.body, inner)

    def _type_parameters(self, node: Any, scope: Scope) -> Scope:
        types = self._types_of.get(node, scope)
        for parameter in getattr(node, "type_params", ()):
            self._typed(getattr(parameter, "bound", None), types)
            self._typed(getattr(parameter, "default_value", None), types)
        return types

    def _comprehension(self, node: Any, scope: Scope) -> None:
        inner = self._scope_of[node]
        for number, generator in enumerate(node.generators):
            self.visit(generator.iter, inner if number else scope)
            self._visit_all([generator.target, *generator.ifs], inner)
        for field in ("elt", "key", "value"):
            part = getattr(node, field, None)
            if part is not None:
                self.visit(part, inner)

    # Types

    def _annotated(self, node: ast.AnnAssign, scope: Scope) -> None:
        self.visit(node.target, scope)
        self._typed(node.annotation, scope)
        if node.value is not None:
            if is_type_alias(node):
                self._typed(node.value, scope)
            else:
                self.visit(node.value, scope)

    def _type_alias(self, node: Any, scope: Scope) -> None:
        self._typed(node.value, self._type_parameters(node, scope))

    def _typed(self, node: ast.expr | None, scope: Scope, *, is_quoted: bool = False) -> None:
        """Read a type, in which strings are quoted types.

        Args:
            node: The type.
            scope: Where it stands.
            is_quoted: Whether it stands in a string or a comment.
        """
        if node is None:
            return
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                inner = parse_quoted(node.value, node, self._columns.lines)
                self._typed(inner, scope, is_quoted=True)
        elif isinstance(node, ast.Subscript):
            self._typed(node.value, scope, is_quoted=is_quoted)
            types, values = untyped_parts(node)
            for part in types:
                self._typed(part, scope, is_quoted=is_quoted)
            if not is_quoted:
                self._visit_all(values, scope)
        elif isinstance(node, _UNIONS):
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    self._typed(child, scope, is_quoted=is_quoted)
        elif not is_quoted:
            self.visit(node, scope)
        elif dotted := dotted_name(node):
            self._refer(dotted, node, scope, quoted=True)

    # Strings

    def _formatted(self, node: ast.JoinedStr, scope: Scope) -> None:
        if not IS_EXACT and self._has_places(node):
            settle(node, self._columns.lines)
        # The text between the braces is only a part of a string.
        self._visit_all([p for p in node.values if not isinstance(p, ast.Constant)], scope)

    def _has_places(self, node: ast.JoinedStr) -> bool:
        """Whether an f-string's fields hold what is told with its position."""
        return any(
            part.id in self._bound
            if isinstance(part, ast.Name)
            else isinstance(part, ast.Constant) and isinstance(part.value, str)
            for value in values_of(node)
            for part in ast.walk(value)
        )


_Handler: TypeAlias = Callable[[_Reader, Any, Scope], None]
_HANDLERS: dict[type[ast.AST], _Handler] = {
    ast.Name: _Reader._name,
    ast.Attribute: _Reader._chain,
    ast.Call: _Reader._call,
    ast.JoinedStr: _Reader._formatted,
    ast.ClassDef: _Reader._class,
    ast.FunctionDef: _Reader._function,
    ast.AsyncFunctionDef: _Reader._function,
    ast.Lambda: _Reader._function,
    ast.AnnAssign: _Reader._annotated,
    ast.AugAssign: _Reader._augmented,
    ast.Try: _Reader._try,
    ast.With: _Reader._with,
    ast.AsyncWith: _Reader._with,
    ast.If: _Reader._if,
    **dict.fromkeys(COMPREHENSIONS, _Reader._comprehension),
}
for _name, _handler in (
    ("TypeAlias", _Reader._type_alias),
    ("TemplateStr", _Reader._formatted),
    ("TryStar", _Reader._try),
):
    if hasattr(ast, _name):
        _HANDLERS[getattr(ast, _name)] = _handler
