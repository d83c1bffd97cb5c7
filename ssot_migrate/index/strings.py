"""Reads string literals that name dotted paths, and what stands around them."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, TypeAlias

from ssot_migrate.index.binder import defaults_of, parameters_of
from ssot_migrate.index.facts import DottedString, NamedAttribute, StringFacts
from ssot_migrate.index.string_forms import (
    NOT_PASSED,
    NOWHERE,
    Passed,
    form_of,
    held_by,
    passed,
    path_prefix,
)
from ssot_migrate.index.syntax import Columns, constant_text, dotted_name, parts_of

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

_NAME_ATTRIBUTES = {"getattr", "hasattr", "setattr", "delattr", "object", "spy", "stub"}
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


def types_taken(callee: str) -> _TypeArguments:
    """Which positions and keywords of a call take types."""
    return _TYPE_ARGUMENTS.get(callee.rpartition(".")[2], _NO_TYPES)


def untyped_parts(node: ast.Subscript) -> tuple[list[ast.expr], list[ast.expr]]:
    """The parts of a subscripted type that are types, and those that are plain values."""
    kind = dotted_name(node.value).rpartition(".")[2]
    inside = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    types = 0 if kind == "Literal" else 1 if kind == "Annotated" else len(inside)
    return inside[:types], inside[types:]


def is_type_alias(node: ast.AnnAssign) -> bool:
    """Whether an assignment names a type: `Name: TypeAlias = ...`."""
    return dotted_name(node.annotation).rpartition(".")[2] == "TypeAlias"


def string_facts(tree: ast.Module, source: bytes) -> StringFacts:
    """Collect the dotted strings of a module, docstrings and quoted types left out."""
    reader = _Reader(Columns(source))
    reader.suite(tree.body, "")
    return StringFacts(
        tuple(sorted(reader.paths, key=lambda s: (s.line, s.column))),
        tuple(sorted(reader.attributes, key=lambda a: (a.line, a.column))),
    )


class _Reader:
    """Walks a module; `scope` is the qualified name of the function or class around."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._around = NOWHERE
        self.paths: list[DottedString] = []
        self.attributes: list[NamedAttribute] = []

    def suite(self, body: list[ast.stmt], scope: str) -> None:
        """Read a suite that may start with a docstring."""
        for number, statement in enumerate(body):
            is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
            if number or not is_text:
                self.visit(statement, scope)

    def visit(self, node: ast.AST, scope: str) -> None:
        """Read a node and all below it."""
        handler = _HANDLERS.get(node.__class__)
        if handler is not None:
            handler(self, node, scope)
        else:
            for part in parts_of(node):
                self.visit(part, scope)

    # What can hold strings

    def _constant(self, node: ast.Constant, scope: str) -> None:
        self._literal(node, scope)

    def _formatted(self, node: ast.JoinedStr, scope: str) -> None:
        # The text between the braces is only a part of a string.
        for part in node.values:
            if not isinstance(part, ast.Constant):
                self.visit(part, scope)

    def _dict(self, node: ast.Dict, scope: str) -> None:
        around = self._around
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant):
                self._literal(key, scope, is_key=True)
            elif key is not None:
                self.visit(key, scope)
            text = constant_text(key)
            self._around = around._replace(key=text) if text else around
            self.visit(value, scope)
            self._around = around

    def _call(self, node: ast.Call, scope: str) -> None:
        self.visit(node.func, scope)
        callee = dotted_name(node.func)
        takes_type, type_keywords = types_taken(callee)
        self._name_attribute(node, callee, scope)
        around = self._around
        inside = around if around.holder else around._replace(holder=callee)
        for position, argument in enumerate(node.args):
            if takes_type(position):
                self._typed(argument, scope)
            else:
                self._around = inside
                self._argument(argument, scope, passed(node, callee, position))
        for keyword in node.keywords:
            if keyword.arg in type_keywords:
                self._typed(keyword.value, scope)
            else:
                name = keyword.arg or ""
                self._around = inside._replace(key=name) if name else inside
                self._argument(keyword.value, scope, passed(node, callee, -1, name))
        self._around = around

    def _argument(self, node: ast.expr, scope: str, how: Passed) -> None:
        if isinstance(node, ast.Constant):
            self._literal(node, scope, how)
            return
        prefix = path_prefix(node, how)
        if prefix is not None:
            self._add(prefix, node, scope, how, "prefix")
        self.visit(node, scope)

    def _assign(self, node: ast.Assign, scope: str) -> None:
        for target in node.targets:
            self.visit(target, scope)
        self._assigned(node.targets[0], node.value, scope)

    def _augmented(self, node: ast.AugAssign, scope: str) -> None:
        self.visit(node.target, scope)
        self._assigned(node.target, node.value, scope)

    def _annotated(self, node: ast.AnnAssign, scope: str) -> None:
        self.visit(node.target, scope)
        self._typed(node.annotation, scope)
        if node.value is not None and is_type_alias(node):
            self._typed(node.value, scope)
        elif node.value is not None:
            self._assigned(node.target, node.value, scope)

    def _assigned(self, target: ast.expr, value: ast.expr, scope: str) -> None:
        around, self._around = self._around, held_by(target)
        self.visit(value, scope)
        self._around = around

    # Scopes

    def _class(self, node: ast.ClassDef, scope: str) -> None:
        for part in (*node.decorator_list, *node.bases, *node.keywords):
            self.visit(part, scope)
        self.suite(node.body, _within(scope, node.name))

    def _function(self, node: Function, scope: str) -> None:
        for part in (*node.decorator_list, *defaults_of(node.args)):
            self.visit(part, scope)
        for parameter in parameters_of(node.args):
            self._typed(parameter.annotation, scope)
        self._typed(node.returns, scope)
        self.suite(node.body, _within(scope, node.name))

    def _typed(self, node: ast.expr | None, scope: str) -> None:
        """Read a type, in which strings are quoted code but for `Literal` and `Annotated`."""
        if isinstance(node, ast.Subscript):
            types, values = untyped_parts(node)
            for part in (node.value, *types):
                self._typed(part, scope)
            for part in values:
                self.visit(part, scope)
        elif isinstance(node, _UNIONS):
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    self._typed(child, scope)
        elif node is not None and not isinstance(node, ast.Constant):
            self.visit(node, scope)

    def _type_alias(self, node: Any, scope: str) -> None:
        self._typed(node.value, scope)

    # What is found

    def _literal(
        self, node: ast.Constant, scope: str, how: Passed = NOT_PASSED, *, is_key: bool = False
    ) -> None:
        form = form_of(node.value, how, is_key=is_key)
        if form is not None:
            self._add(str(node.value), node, scope, how, form)

    def _add(self, path: str, node: ast.expr, scope: str, how: Passed, form: str) -> None:
        callee, argument, keyword, beside, keywords = how
        holder, key = self._around
        self.paths.append(
            DottedString(
                path,
                *self._columns.span(node),
                scope=scope,
                callee=callee,
                argument=argument,
                keyword=keyword,
                beside=beside,
                keywords=keywords,
                holder=holder,
                key=key,
                form=form,
            )
        )

    def _name_attribute(self, call: ast.Call, callee: str, scope: str) -> None:
        """Record the name in `getattr(owner, "name")` and its like."""
        if callee.rpartition(".")[2] not in _NAME_ATTRIBUTES or len(call.args) < 2:
            return
        owner, literal = call.args[:2]
        name, chain = constant_text(literal), dotted_name(owner)
        if name is None or not name.isidentifier() or not chain:
            return
        line, column, _, _ = self._columns.span(owner)
        keywords = tuple(keyword.arg for keyword in call.keywords if keyword.arg)
        span = self._columns.span(literal)
        self.attributes.append(
            NamedAttribute(name, callee, *span, scope, chain, line, column, keywords)
        )


def _within(scope: str, name: str) -> str:
    return f"{scope}.{name}" if scope else name


_Handler: TypeAlias = Callable[[_Reader, Any, str], None]
_HANDLERS: dict[type[ast.AST], _Handler] = {
    ast.Constant: _Reader._constant,
    ast.JoinedStr: _Reader._formatted,
    ast.Dict: _Reader._dict,
    ast.Call: _Reader._call,
    ast.Assign: _Reader._assign,
    ast.AnnAssign: _Reader._annotated,
    ast.AugAssign: _Reader._augmented,
    ast.ClassDef: _Reader._class,
    ast.FunctionDef: _Reader._function,
    ast.AsyncFunctionDef: _Reader._function,
}
for _name, _handler in (("TypeAlias", _Reader._type_alias), ("TemplateStr", _Reader._formatted)):
    if hasattr(ast, _name):
        _HANDLERS[getattr(ast, _name)] = _handler
