"""Which identifiers a file uses, and whether a name can be given or taken."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from typing import TYPE_CHECKING

from ssot_migrate.index.binder import COMPREHENSIONS, defaults_of, parameters_of
from ssot_migrate.index.syntax import Columns, dotted_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ssot_migrate.index.facts import Import
    from ssot_migrate.rewrite.document import Document

_GENERICS = {"dict", "frozenset", "list", "set", "tuple", "type"}
_TYPED_CALLS = ("NamedTuple", "TypedDict")
_NAMESPACES = {"globals", "locals", "vars", "eval", "exec", "dir"}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


class Names:
    """Every identifier of a file, and which scope binds it."""

    def __init__(self, document: Document) -> None:
        self._facts = document.facts
        self._bound: defaultdict[str, list[ast.AST]] = defaultdict(list)
        self._imported: defaultdict[str, list[ast.AST]] = defaultdict(list)
        self._read: defaultdict[str, list[ast.AST]] = defaultdict(list)
        self._parents: dict[ast.AST, ast.AST] = {}
        self._declared: set[str] = set()
        self._positions: dict[tuple[int, int], ast.AST] = {}
        self._columns = Columns(document.data)
        self._type_strings: list[tuple[str, tuple[int, int], tuple[int, int]]] = []
        self._walk(document.tree.body, document.tree)

    @property
    def is_dynamic(self) -> bool:
        """Whether names may be read in ways that the text does not show."""
        return not _NAMESPACES.isdisjoint(self._read)

    def is_only_binding(self, statement: Import) -> bool:
        """Whether nothing else binds an import's name in its scope, or declares it global."""
        name = statement.bound
        scope = self._scope(statement)
        bindings = [*self._bound[name], *self._imported[name]]
        return scope is not None and name not in self._declared and bindings.count(scope) == 1

    def is_unused(self, name: str, statement: Import) -> bool:
        """Whether an import could bind `name`: it is no variable in its scope, or inside that."""
        scope = self._scope(statement)
        if not statement.scope and any(
            one.name == "*" and one.line >= statement.line for one in self._facts.imports
        ):
            return False  # a star import that runs later may bind it
        uses = (*self._bound[name], *self._imported[name], *self._read[name])
        return name not in self._declared and not any(self._is_within(one, scope) for one in uses)

    def is_bound_by_imports(self, name: str) -> bool:
        """Whether nothing but imports binds a name."""
        return not self._bound[name] and name not in self._declared

    def is_bound_otherwise(self, statement: Import) -> bool:
        """Whether something that is no import binds an import's name in its scope."""
        name = statement.bound
        return name in self._declared or self._scope(statement) in self._bound[name]

    def is_spelled_as_type(self, name: str, known: set[tuple[int, int]]) -> bool:
        """Whether a string that may be a type spells a name, apart from those known to be types.

        Args:
            name: The identifier.
            known: Lines and columns of the uses that were found in strings.
        """
        word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
        return any(
            word.search(text) and not any(start <= place < end for place in known)
            for text, start, end in self._type_strings
        )

    def are_related(self, one: Import, other: Import) -> bool:
        """Whether one of two imports stands in the scope of the other, or below it."""
        here, there = self._scope(one), self._scope(other)
        if here is None or there is None:
            return True
        return self._is_within(here, there) or self._is_within(there, here)

    def is_builtin_here(self, name: str) -> bool:
        """Whether a name is bound nowhere in the file, so that it is the builtin everywhere."""
        return not (self._bound[name] or self._imported[name] or name in self._declared)

    def is_root_for(self, root: str) -> bool:
        """Whether `root` is that package everywhere: unused, or bound by imports of it alone."""
        if self._bound[root] or root in self._declared:
            return False
        if not self._imported[root]:
            return not self._read[root]
        return all(
            not one.name and not one.aliased for one in self._facts.imports if one.bound == root
        )

    def is_imported_as(self, name: str, targets: Iterable[int]) -> bool:
        """Whether a name is bound by these imports alone."""
        if self._bound[name] or name in self._declared:
            return False
        others = {i for i, one in enumerate(self._facts.imports) if one.bound == name}
        return bool(others) and others <= set(targets)

    def _scope(self, statement: Import) -> ast.AST | None:
        return self._positions.get((statement.line, statement.column))

    def scope_key(self, statement: Import) -> int:
        """Identity of the scope in which an import binds its name."""
        return id(self._scope(statement))

    def _is_within(self, scope: ast.AST, outer: ast.AST | None) -> bool:
        inner: ast.AST | None = scope
        while inner is not None and inner is not outer:
            inner = self._parents.get(inner)
        return inner is not None

    def _walk(self, nodes: Iterable[ast.AST], scope: ast.AST) -> None:
        for node in nodes:
            self._node(node, scope)

    def _node(self, node: ast.AST, scope: ast.AST) -> None:
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                self._read[node.id].append(scope)
            else:
                self._bound[node.id].append(scope)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            self._import(node, scope)
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            self._declared.update(node.names)
        elif isinstance(node, (*_FUNCTIONS, ast.ClassDef, *COMPREHENSIONS)):
            self._scoped(node, scope)
        else:
            if isinstance(node, ast.Subscript) and _may_be_generic(node.value):
                self._types(_first_of_annotated(node))
            elif isinstance(node, ast.Call) and dotted_name(node.func).endswith(_TYPED_CALLS):
                self._types(node)
            # `except E as name`, `case {"key": name}`, PEP 695 parameters
            for field in ("name", "rest"):
                name = getattr(node, field, None)
                if isinstance(name, str):
                    self._bound[name].append(scope)
            self._walk(ast.iter_child_nodes(node), scope)

    def _types(self, node: ast.AST) -> None:
        for part in ast.walk(node):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                start = part.lineno, self._columns.at(part.lineno, part.col_offset)
                end_line, end_offset = part.end_lineno or 0, part.end_col_offset or 0
                end = end_line, self._columns.at(end_line, end_offset)
                self._type_strings.append((part.value, start, end))

    def _import(self, node: ast.Import | ast.ImportFrom, scope: ast.AST) -> None:
        for alias in node.names:
            bound = alias.asname or (
                alias.name.partition(".")[0] if isinstance(node, ast.Import) else alias.name
            )
            self._imported[bound].append(scope)
        column = self._columns.at(node.lineno, node.col_offset)
        self._positions[node.lineno, column] = scope

    def _scoped(self, node: ast.AST, scope: ast.AST) -> None:
        self._parents[node] = scope
        if isinstance(node, _FUNCTIONS):
            if not isinstance(node, ast.Lambda):
                self._bound[node.name].append(scope)
                self._walk(node.decorator_list, scope)
                self._walk(getattr(node, "type_params", []), node)
                self._walk([node.returns] if node.returns else [], scope)
            self._walk(defaults_of(node.args), scope)
            for parameter in parameters_of(node.args):
                self._bound[parameter.arg].append(node)
                self._walk([parameter.annotation] if parameter.annotation else [], scope)
            self._walk(node.body if isinstance(node.body, list) else [node.body], node)
        elif isinstance(node, ast.ClassDef):
            self._bound[node.name].append(scope)
            self._walk([*node.decorator_list, *node.bases, *node.keywords], scope)
            self._walk(getattr(node, "type_params", []), node)
            self._walk(node.body, node)
        else:
            self._walk(ast.iter_child_nodes(node), node)


def _may_be_generic(node: ast.expr) -> bool:
    """Whether what is subscribed looks like a class that takes types."""
    leaf = dotted_name(node).rpartition(".")[2]
    return leaf in _GENERICS or (leaf[:1].isupper() and leaf != "Literal")


def _first_of_annotated(node: ast.Subscript) -> ast.expr:
    """The part of a subscript that holds types: of `Annotated`, the first one."""
    is_annotated = dotted_name(node.value).endswith("Annotated")
    if is_annotated and isinstance(node.slice, ast.Tuple) and node.slice.elts:
        return node.slice.elts[0]
    return node.slice
