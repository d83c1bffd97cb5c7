"""Reads references to imported names, and strings that look like dotted paths."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable
from typing import Any, TypeAlias

from ssot_migrate.index.binder import (
    COMPREHENSIONS,
    Binder,
    Function,
    defaults_of,
    parameters_of,
)
from ssot_migrate.index.facts import DottedString, Import, Reference, UseFacts
from ssot_migrate.index.scopes import ALWAYS, Scope, end_of, start_of
from ssot_migrate.index.syntax import Columns, dotted_name

_NAME = r"[^\W\d]\w*"
_PATH = re.compile(rf"{_NAME}(?:\.{_NAME})*(?::{_NAME}(?:\.{_NAME})*)?")
# A single word is a module only where it is imported.
_IMPORTERS = {"__import__", "find_spec", "import_module", "importorskip"}
_LONGEST_PATH = 400
_UNIONS = (ast.Tuple, ast.List, ast.BinOp, ast.Starred)

_TypeArguments: TypeAlias = tuple[Callable[[int], bool], tuple[str, ...]]
_TYPE_ARGUMENTS: dict[str, _TypeArguments] = {
    "cast": (lambda position: position == 0, ("typ",)),
    "assert_type": (lambda position: position == 1, ("typ",)),
    "ForwardRef": (lambda position: position == 0, ("arg",)),
    "NewType": (lambda position: position == 1, ("tp",)),
    "TypeVar": (lambda position: position >= 1, ("bound", "default")),
}
"""Calls that take types, in these positions and keywords; a string there is quoted code."""
_NO_TYPES: _TypeArguments = (lambda _position: False, ())


def use_facts(tree: ast.Module, source: bytes, imports: tuple[Import, ...]) -> UseFacts:
    """Collect the uses of `imports`, the imports of the same module as its facts list them."""
    binder = Binder(tree, imports)
    reader = _Reader(binder, imports, Columns(source))
    reader.body(tree.body, binder.scope_of[tree])
    return UseFacts(
        tuple(sorted(reader.references, key=lambda r: (r.line, r.column, r.imported))),
        tuple(sorted(reader.strings, key=lambda s: (s.line, s.column))),
    )


class _Reader:
    """Second pass: resolves every name that is read."""

    def __init__(self, binder: Binder, imports: tuple[Import, ...], columns: Columns) -> None:
        self._imports = imports
        self._scope_of = binder.scope_of
        self._types_of = binder.types_of
        self._columns = columns
        self.references: list[Reference] = []
        self.strings: list[DottedString] = []

    def body(self, body: list[ast.stmt], scope: Scope) -> None:
        """Read a suite that may start with a docstring."""
        for number, statement in enumerate(body):
            is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
            if number or not is_text:
                self.visit(statement, scope)

    def visit(self, node: ast.AST, scope: Scope) -> None:
        """Read a node and all below it."""
        handler = _HANDLERS.get(node.__class__)
        if handler is not None:
            handler(self, node, scope)
        else:
            for part in ast.iter_child_nodes(node):
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
        found = scope.imports_behind(head, where)
        for imported in found if len(found) < 2 else self._closest(found, dotted):
            self.references.append(
                Reference(imported, path, *self._span(place), scope.name, call, quoted)
            )

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
        takes_type, type_keywords = _TYPE_ARGUMENTS.get(callee.rpartition(".")[2], _NO_TYPES)
        for position, argument in enumerate(node.args):
            if takes_type(position):
                self._typed(argument, scope)
            elif isinstance(argument, ast.Constant):
                self._string(argument, scope, callee, position)
            else:
                self.visit(argument, scope)
        for keyword in node.keywords:
            if keyword.arg in type_keywords:
                self._typed(keyword.value, scope)
            elif isinstance(keyword.value, ast.Constant):
                self._string(keyword.value, scope, callee, -1, keyword.arg or "")
            else:
                self.visit(keyword.value, scope)

    def _augmented(self, node: ast.AugAssign, scope: Scope) -> None:
        self._chain(node.target, scope)
        self.visit(node.value, scope)

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
            if dotted_name(node.annotation).rpartition(".")[2] == "TypeAlias":
                self._typed(node.value, scope)
            else:
                self.visit(node.value, scope)

    def _type_alias(self, node: Any, scope: Scope) -> None:
        self._typed(node.value, self._type_parameters(node, scope))

    def _typed(
        self, node: ast.expr | None, scope: Scope, quotation: ast.Constant | None = None
    ) -> None:
        """Read a type, in which strings are quoted types.

        Args:
            node: The type.
            scope: Where it stands.
            quotation: The string that it was found in, if any.
        """
        if node is None:
            return
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                self._quoted(node.value, quotation or node, scope)
        elif isinstance(node, ast.Subscript):
            self._typed(node.value, scope, quotation)
            kind = dotted_name(node.value).rpartition(".")[2]
            inside = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            types = 0 if kind == "Literal" else 1 if kind == "Annotated" else len(inside)
            for part in inside[:types]:
                self._typed(part, scope, quotation)
            if quotation is None:
                self._visit_all(inside[types:], scope)
        elif isinstance(node, _UNIONS):
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    self._typed(child, scope, quotation)
        elif quotation is None:
            self.visit(node, scope)
        elif dotted := dotted_name(node):
            self._refer(dotted, quotation, scope, quoted=True)

    def _quoted(self, text: str, quotation: ast.Constant, scope: Scope) -> None:
        text = f"({text})" if "\n" in text else text.strip()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                inner = ast.parse(text, mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return
        self._typed(inner.body, scope, quotation)

    # Strings

    def _formatted(self, node: ast.JoinedStr, scope: Scope) -> None:
        # The text between the braces is only a part of a string.
        self._visit_all([p for p in node.values if not isinstance(p, ast.Constant)], scope)

    def _string(
        self,
        node: ast.Constant,
        scope: Scope,
        callee: str = "",
        argument: int = -1,
        keyword: str = "",
    ) -> None:
        value = node.value
        if not isinstance(value, str) or len(value) >= _LONGEST_PATH:
            return
        is_imported = argument == 0 and callee.rpartition(".")[2] in _IMPORTERS
        is_path = is_imported or "." in value or ":" in value
        if is_path and _PATH.fullmatch(value):
            self.strings.append(
                DottedString(value, *self._span(node), scope.name, callee, argument, keyword)
            )

    def _span(self, node: ast.expr) -> tuple[int, int, int, int]:
        (line, offset), (end_line, end_offset) = start_of(node), end_of(node)
        columns = self._columns
        return line, columns.at(line, offset), end_line, columns.at(end_line, end_offset)


_Handler: TypeAlias = Callable[[_Reader, Any, Scope], None]
_HANDLERS: dict[type[ast.AST], _Handler] = {
    ast.Name: _Reader._name,
    ast.Attribute: _Reader._chain,
    ast.Call: _Reader._call,
    ast.Constant: _Reader._string,
    ast.JoinedStr: _Reader._formatted,
    ast.ClassDef: _Reader._class,
    ast.FunctionDef: _Reader._function,
    ast.AsyncFunctionDef: _Reader._function,
    ast.Lambda: _Reader._function,
    ast.AnnAssign: _Reader._annotated,
    ast.AugAssign: _Reader._augmented,
    **dict.fromkeys(COMPREHENSIONS, _Reader._comprehension),
}
for _name, _handler in (("TypeAlias", _Reader._type_alias), ("TemplateStr", _Reader._formatted)):
    if hasattr(ast, _name):
        _HANDLERS[getattr(ast, _name)] = _handler
