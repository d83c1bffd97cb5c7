"""Collects what a module binds, apart from imports and definitions, and what else it does."""

from __future__ import annotations

import ast

from ssot_migrate.index.exports import Exports
from ssot_migrate.index.facts import Binding, Context
from ssot_migrate.index.syntax import (
    configures_messages,
    dotted_name,
    hands_out_namespace,
    names_module_namespace,
    walrus_names,
)

_INSIDE = int(Context.FUNCTION | Context.CLASS)
_NEVER_API = int(Context.FUNCTION | Context.CLASS | Context.HANDLER | Context.TYPE_CHECKING)
_SOMETIMES = int(Context.CONDITIONAL | Context.TRY | Context.HANDLER | Context.TYPE_CHECKING)


class ModuleNames:
    """The bindings of a module's own namespace, in source order.

    Attributes:
        bindings: All of them.
        exports: What `__all__` holds.
        provider: What answers for names that are not bound: a `__getattr__`, or the call that
            makes one.
        has_getattr: Whether there is a `__getattr__`.
        open: Whether names may be bound in ways that cannot be read.
        logic: Statements that are more than a re-export.
    """

    def __init__(self) -> None:
        self.bindings: list[Binding] = []
        self.exports = Exports()
        self.provider: ast.AST | None = None
        self.has_getattr = False
        self.open = False
        self.logic: list[ast.stmt] = []

    def count(self, statement: ast.stmt, context: int) -> None:
        """Take a module-level statement as logic of the module's own."""
        if not context & _NEVER_API:
            self.logic.append(statement)

    def walruses(self, statement: ast.stmt, context: int) -> None:
        """`:=` binds in the module too."""
        for name in walrus_names(statement):
            self.bind(name, "value", statement.lineno, context)

    def bind(
        self, name: str, kind: str, line: int, context: int, ref: int = -1, value: str = ""
    ) -> None:
        """Record a binding, if it is one of the module's own."""
        if not context & _INSIDE:
            self.bindings.append(Binding(name, kind, line, context, ref, value))

    def assign(self, node: ast.Assign, context: int, scope: str) -> None:
        """`target = value`."""
        if context & _INSIDE:
            return
        value = dotted_name(node.value)
        self.open = self.open or hands_out_namespace(node.value)
        for target in node.targets:
            self._bind_target(target, node, context, value)
        if not (value or configures_messages(node.value)) and any(map(_binds_api, node.targets)):
            self.count(node, context)

    def annotated_assign(self, node: ast.AnnAssign, context: int, scope: str) -> None:
        """`target: annotation = value`; without a value it binds nothing."""
        if context & _INSIDE or node.value is None:
            return
        value = dotted_name(node.value)
        self._bind_target(node.target, node, context, value)
        if not (value or configures_messages(node.value)) and _binds_api(node.target):
            self.count(node, context)

    def augmented_assign(self, node: ast.AugAssign, context: int, scope: str) -> None:
        """`target += value`."""
        if context & _INSIDE:
            return
        if isinstance(node.target, ast.Name) and node.target.id == "__all__":
            self.exports.extend(node.value, self.exports.names)
        else:
            self.count(node, context)

    def type_alias(self, node: ast.stmt, context: int, scope: str) -> None:
        """`type Name = value`."""
        name = getattr(node, "name", None)
        if isinstance(name, ast.Name):
            self.bind(name.id, "value", node.lineno, context)
            if not context & _INSIDE and _binds_api(name):
                self.count(node, context)

    def _bind_target(
        self, target: ast.expr, node: ast.stmt, context: int, value: str, *, whole: bool = True
    ) -> None:
        """Bind an assignment's target; `whole` unless it takes only a part of the value."""
        assigned = getattr(node, "value", None)
        if isinstance(target, ast.Name) and target.id == "__all__" and whole and assigned:
            self.exports.assign(assigned, conditional=bool(context & _SOMETIMES))
        elif isinstance(target, ast.Name):
            self.bind(target.id, "alias" if value else "value", node.lineno, context, -1, value)
            if target.id == "__all__":
                self.exports.hide()
            elif target.id == "__getattr__":
                self.provider, self.has_getattr = assigned or self.provider, True
        elif isinstance(target, (ast.Tuple, ast.List)):
            for element in target.elts:
                self._bind_target(element, node, context, "", whole=False)
        elif isinstance(target, ast.Starred):
            self._bind_target(target.value, node, context, "", whole=False)
        elif isinstance(target, (ast.Subscript, ast.Attribute)) and names_module_namespace(
            target.value
        ):
            self.open = True
            # `sys.modules[__name__] = LazyModule(__name__, {"submodule": ["Name"]})`
            is_module = isinstance(target, ast.Subscript) and _is_own_name(target.slice)
            if is_module and isinstance(assigned, ast.Call):
                self.provider = self.provider or assigned

    def delete(self, node: ast.Delete, context: int, scope: str) -> None:
        """`del target`."""
        for target in node.targets:
            elements = target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]
            for element in elements:
                if isinstance(element, ast.Name):
                    self.bind(element.id, "delete", node.lineno, context)


def _binds_api(target: ast.expr) -> bool:
    """Whether an assignment creates something that a pure re-export would not."""
    if isinstance(target, (ast.Tuple, ast.List)):
        return any(map(_binds_api, target.elts))
    if isinstance(target, ast.Starred):
        return _binds_api(target.value)
    return not (isinstance(target, ast.Name) and target.id.startswith("_"))


def _is_own_name(node: ast.expr) -> bool:
    return dotted_name(node) == "__name__"
