"""Reads references to imported names, and strings that look like dotted paths."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from ssot_migrate.index.facts import DottedString, Import, Reference, UseFacts
from ssot_migrate.index.scopes import Scope, conditional_parts
from ssot_migrate.index.syntax import Columns, dotted_name

if TYPE_CHECKING:
    from collections.abc import Iterable

_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)+(?::[^\W\d]\w*(?:\.[^\W\d]\w*)*)?")
_LONGEST_PATH = 400
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_TYPE_ARGUMENT = {"cast": (0, ""), "TypeVar": (-1, "bound"), "ForwardRef": (0, "")}


def use_facts(tree: ast.Module, source: bytes, imports: tuple[Import, ...]) -> UseFacts:
    """Collect the uses of `imports`, the imports of the same module as its facts list them."""
    binder = _Binder(imports)
    module = Scope("module", "", None)
    binder.scope_of[tree] = module
    binder.suite(tree.body, module, conditional=False)
    reader = _Reader(binder, Columns(source))
    for statement in tree.body:
        reader.visit(statement, module)
    return UseFacts(
        tuple(sorted(reader.references, key=lambda r: (r.line, r.column, r.imported))),
        tuple(reader.strings),
    )


class _Binder:
    """First pass: creates the scopes and records every binding."""

    def __init__(self, imports: tuple[Import, ...]) -> None:
        self.scope_of: dict[ast.AST, Scope] = {}
        self._index = {
            (i.line, i.module, i.level, i.name, i.bound): n for n, i in enumerate(imports)
        }

    def suite(self, body: Iterable[ast.AST], scope: Scope, *, conditional: bool) -> None:
        for node in body:
            self.node(node, scope, conditional)

    def node(self, node: ast.AST, scope: Scope, conditional: bool) -> None:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            self._import(node, scope, conditional)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            self._function(node, scope, conditional)
        elif isinstance(node, ast.ClassDef):
            scope.bind(node.name, node, conditional=conditional)
            inner = Scope("class", _qualified(scope, node.name), scope)
            self.scope_of[node] = inner
            outside = [*node.decorator_list, *node.bases, *(k.value for k in node.keywords)]
            self.suite(outside, scope, conditional=conditional)
            self.suite(node.body, inner, conditional=False)
        elif isinstance(node, _COMPREHENSIONS):
            inner = Scope("comprehension", scope.name, scope)
            self.scope_of[node] = inner
            self.suite(ast.iter_child_nodes(node), inner, conditional=False)
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            scope.declare(node.names, "global" if isinstance(node, ast.Global) else "nonlocal")
        else:
            self._bind_names(node, scope, conditional)
            inner_conditional = conditional or conditional_parts(node)
            for child in ast.iter_child_nodes(node):
                if _is_target(child):
                    self._bind_targets(child, node, scope, conditional)
                else:
                    self.node(child, scope, inner_conditional)

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope, conditional: bool) -> None:
        for alias in node.names:
            if isinstance(node, ast.Import):
                bound = alias.asname or alias.name.partition(".")[0]
                key = (node.lineno, alias.name, 0, "", bound)
            else:
                bound = alias.asname or alias.name
                key = (node.lineno, node.module or "", node.level, alias.name, bound)
            scope.bind(bound, node, imported=self._index.get(key, -1), conditional=conditional)

    def _function(
        self,
        node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
        scope: Scope,
        conditional: bool,
    ) -> None:
        name = getattr(node, "name", "<lambda>")
        inner = Scope("function", _qualified(scope, name) if name[0] != "<" else scope.name, scope)
        self.scope_of[node] = inner
        arguments = node.args
        for argument in ast.walk(arguments):
            if isinstance(argument, ast.arg):
                inner.bind(argument.arg, argument)
        for parameter in getattr(node, "type_params", []):
            inner.bind(parameter.name, parameter)
        outside = [*arguments.defaults, *(d for d in arguments.kw_defaults if d is not None)]
        if isinstance(node, ast.Lambda):
            self.suite(outside, scope, conditional=conditional)
            self.node(node.body, inner, False)
            return
        scope.bind(node.name, node, conditional=conditional)
        self.suite([*node.decorator_list, *outside], scope, conditional=conditional)
        self.suite(node.body, inner, conditional=False)

    def _bind_targets(
        self, target: ast.AST, statement: ast.AST, scope: Scope, conditional: bool
    ) -> None:
        place: ast.AST = statement
        if isinstance(statement, (ast.For, ast.AsyncFor, ast.comprehension)):
            place = statement.iter
        for part in ast.walk(target):
            if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load):
                scope.bind(part.id, place, conditional=conditional)
            elif isinstance(part, (ast.Lambda, *_COMPREHENSIONS)):
                self.node(part, scope, conditional)

    @staticmethod
    def _bind_names(node: ast.AST, scope: Scope, conditional: bool) -> None:
        if (isinstance(node, ast.ExceptHandler) and node.name) or (
            isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name
        ):
            scope.bind(node.name, node, conditional=True)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            scope.bind(node.rest, node, conditional=True)
        elif isinstance(node, ast.NamedExpr):
            owner = scope
            while owner.kind == "comprehension" and owner.parent is not None:
                owner = owner.parent
            owner.bind(node.target.id, node.target, conditional=conditional)


def _is_target(node: ast.AST) -> bool:
    context = getattr(node, "ctx", None)
    return isinstance(context, (ast.Store, ast.Del))


def _qualified(scope: Scope, name: str) -> str:
    return f"{scope.name}.{name}" if scope.name else name


class _Reader:
    """Second pass: resolves every name that is read."""

    def __init__(self, binder: _Binder, columns: Columns) -> None:
        self._scope_of = binder.scope_of
        self._columns = columns
        self.references: list[Reference] = []
        self.strings: list[DottedString] = []

    def visit(self, node: ast.AST, scope: Scope) -> None:
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            return
        if isinstance(node, (ast.Attribute, ast.Name)):
            self._chain(node, node, scope, call=False)
        elif isinstance(node, ast.Call):
            self._call(node, scope)
        elif isinstance(node, ast.Constant):
            self._string(node, scope)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            self._function(node, scope)
        elif isinstance(node, ast.ClassDef):
            inner = self._scope_of[node]
            for part in (*node.decorator_list, *node.bases, *node.keywords):
                self.visit(part, scope)
            self._body(node.body, inner)
        elif isinstance(node, _COMPREHENSIONS):
            inner = self._scope_of[node]
            first = node.generators[0].iter
            self.visit(first, scope)
            for part in _children_but(node, first):
                self.visit(part, inner)
        elif isinstance(node, ast.AnnAssign):
            self.visit(node.target, scope)
            self._annotation(node.annotation, scope)
            if node.value is not None:
                self.visit(node.value, scope)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            self._chain(node.target, node.target, scope, call=False)
            self.visit(node.value, scope)
        else:
            for part in ast.iter_child_nodes(node):
                self.visit(part, scope)

    def _body(self, body: list[ast.stmt], scope: Scope) -> None:
        docstring = body[0] if body else None
        for statement in body:
            if statement is docstring and isinstance(statement, ast.Expr):
                if not isinstance(statement.value, ast.Constant):
                    self.visit(statement, scope)
            else:
                self.visit(statement, scope)

    def _function(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, scope: Scope
    ) -> None:
        inner = self._scope_of[node]
        arguments = node.args
        for default in (*arguments.defaults, *arguments.kw_defaults):
            if default is not None:
                self.visit(default, scope)
        if isinstance(node, ast.Lambda):
            self.visit(node.body, inner)
            return
        for decorator in node.decorator_list:
            self.visit(decorator, scope)
        for argument in ast.walk(arguments):
            if isinstance(argument, ast.arg):
                self._annotation(argument.annotation, scope)
        for parameter in getattr(node, "type_params", []):
            self.visit(parameter, scope)
        self._annotation(node.returns, scope)
        self._body(node.body, inner)

    def _annotation(self, node: ast.expr | None, scope: Scope) -> None:
        if node is None:
            return
        for part in ast.walk(node):
            if isinstance(part, ast.Subscript) and dotted_name(part.value).endswith("Literal"):
                return
        self._typed(node, scope)

    def _typed(self, node: ast.AST, scope: Scope) -> None:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            self._quoted(node, scope)
        elif isinstance(node, (ast.Attribute, ast.Name)):
            self.visit(node, scope)
        else:
            for part in ast.iter_child_nodes(node):
                self._typed(part, scope)

    def _quoted(self, node: ast.Constant, scope: Scope) -> None:
        try:
            inner = ast.parse(str(node.value).strip(), mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return
        for part in ast.walk(inner):
            if isinstance(part, (ast.Attribute, ast.Name)):
                self._chain(part, node, scope, call=False, quoted=True)

    def _call(self, node: ast.Call, scope: Scope) -> None:
        if not self._chain(node.func, node.func, scope, call=True):
            self.visit(node.func, scope)
        callee = dotted_name(node.func)
        typed, typed_keyword = _TYPE_ARGUMENT.get(callee.rpartition(".")[2], (-1, ""))
        for position, argument in enumerate(node.args):
            if position == typed:
                self._typed(argument, scope)
            elif isinstance(argument, ast.Constant):
                self._string(argument, scope, callee, position)
            else:
                self.visit(argument, scope)
        for keyword in node.keywords:
            if keyword.arg and keyword.arg == typed_keyword:
                self._typed(keyword.value, scope)
            elif isinstance(keyword.value, ast.Constant):
                self._string(keyword.value, scope, callee, -1, keyword.arg or "")
            else:
                self.visit(keyword.value, scope)

    def _chain(
        self, node: ast.AST, place: ast.AST, scope: Scope, *, call: bool, quoted: bool = False
    ) -> bool:
        """Record a chain of names that starts at an import; False if it starts elsewhere."""
        dotted = dotted_name(node)
        if not dotted:
            if isinstance(node, ast.Attribute):
                self.visit(node.value, scope)
                return True
            return False
        head, _, path = dotted.partition(".")
        # A quoted annotation is read when the module is complete, like a nested function's body.
        where = ast.Name("", lineno=1 << 60, col_offset=0) if quoted else place
        for imported in scope.imports_behind(head, where):
            line, column, end_line, end_column = self._span(place)
            self.references.append(
                Reference(
                    imported, path, line, column, end_line, end_column, scope.name, call, quoted
                )
            )
        return True

    def _string(
        self,
        node: ast.Constant,
        scope: Scope,
        callee: str = "",
        argument: int = -1,
        keyword: str = "",
    ) -> None:
        value = node.value
        if isinstance(value, str) and len(value) < _LONGEST_PATH and _DOTTED.fullmatch(value):
            self.strings.append(
                DottedString(value, *self._span(node), scope.name, callee, argument, keyword)
            )

    def _span(self, node: ast.AST) -> tuple[int, int, int, int]:
        line, offset = node.lineno, node.col_offset  # type: ignore[attr-defined]
        end_line, end_offset = node.end_lineno, node.end_col_offset  # type: ignore[attr-defined]
        return (
            line,
            self._columns.at(line, offset),
            end_line,
            self._columns.at(end_line, end_offset),
        )


def _children_but(node: ast.AST, skipped: ast.AST) -> Iterable[ast.AST]:
    for part in ast.iter_child_nodes(node):
        if isinstance(part, ast.comprehension):
            yield from (inner for inner in ast.iter_child_nodes(part) if inner is not skipped)
        else:
            yield part
