"""Reads where a module-level `__getattr__` (PEP 562) takes its names from.

Three shapes are in use in public code: branches (`if name == "A": from new import A`), look-up
tables (`{"A": "new.mod"}`, `{"A": ("new.mod", "A")}`, `{"new.mod": ["A", "B"]}`) read by the
function or by a helper that it calls, and whole modules passed on (`getattr(new, name)`, or a
helper told the private module's name). A name `*` stands for every name that the module exports.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, TypeAlias

from ssot_migrate.index.facts import LazyName
from ssot_migrate.index.lazy_tables import is_path, names_in_tables
from ssot_migrate.index.syntax import constant_text, dotted_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def lazy_names(reached: list[ast.AST]) -> tuple[LazyName, ...]:
    """The names that a module provides on demand, as far as they can be read.

    Targets are dotted paths, absolute or with leading dots relative to the module's package.

    Args:
        reached: The module's `__getattr__`, and what it reads (`reached_from`).
    """
    found: dict[LazyName, None] = {}
    for function in reached:
        if isinstance(function, _FUNCTIONS):
            found.update(dict.fromkeys(_from_branches(function)))
    found.update(dict.fromkeys(names_in_tables(reached)))
    return tuple(found or dict.fromkeys(_from_whole_modules(reached)))


def _from_branches(function: _Function) -> Iterator[LazyName]:
    outside = dict(_bound_by(function.body))
    for node in ast.walk(function):
        if isinstance(node, ast.If):
            names = set(_compared_names(node.test))
            if names:
                yield from _provided_in(node.body, names, outside)
        elif isinstance(node, ast.match_case):
            names = set(_matched_names(node.pattern))
            if names:
                yield from _provided_in(node.body, names, outside)
    yield from _behind_a_guard(function)


def _behind_a_guard(function: _Function) -> Iterator[LazyName]:
    """`if name != "A": raise AttributeError`, and what follows."""
    for number, node in enumerate(function.body):
        if isinstance(node, ast.If) and isinstance(node.body[-1], ast.Raise):
            names = set(_compared_names(node.test, (ast.NotEq, ast.NotIn)))
            if names:
                yield from _provided_in(function.body[number + 1 :], names, {})


def _compared_names(
    test: ast.expr, operators: tuple[type[ast.cmpop], ...] = (ast.Eq, ast.In)
) -> Iterator[str]:
    if isinstance(test, ast.Compare) and isinstance(test.ops[0], operators):
        right = test.comparators[0]
        elements = right.elts if isinstance(right, (ast.Tuple, ast.List, ast.Set)) else [right]
        yield from filter(None, map(constant_text, [test.left, *elements]))
    elif isinstance(test, ast.BoolOp):
        for value in test.values:
            yield from _compared_names(value, operators)


def _matched_names(pattern: ast.pattern) -> Iterator[str]:
    if isinstance(pattern, ast.MatchValue):
        yield from filter(None, [constant_text(pattern.value)])
    elif isinstance(pattern, ast.MatchOr):
        for alternative in pattern.patterns:
            yield from _matched_names(alternative)


def _provided_in(
    body: list[ast.stmt], names: set[str], outside: dict[str, str]
) -> Iterator[LazyName]:
    bound = {**outside, **dict(_bound_by(body))}
    for node in (part for statement in body for part in ast.walk(statement)):
        if isinstance(node, ast.Return) and node.value is not None:
            target = _returned(node.value, bound)
            if target is not None:
                for name in sorted(names):
                    path = f"{target[0]}.{name}" if target[1] else target[0]
                    yield LazyName(name, path, node.lineno)


def _bound_by(body: Iterable[ast.AST]) -> Iterator[tuple[str, str]]:
    """Names bound in a suite, or below it, to imported things, with their dotted paths."""
    for node in (part for statement in body for part in ast.walk(statement)):
        if isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            joint = "" if module.endswith(".") else "."
            yield from ((a.asname or a.name, f"{module}{joint}{a.name}") for a in node.names)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                package = alias.name.partition(".")[0]
                yield (alias.asname, alias.name) if alias.asname else (package, package)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            module = _imported_module(node.value)
            if module:
                yield node.targets[0].id, module


def _returned(value: ast.expr, bound: dict[str, str]) -> tuple[str, bool] | None:
    """The path a `return` gives, and whether the asked name is still to be read from it."""
    dotted = dotted_name(value)
    if dotted:
        head, dot, rest = dotted.partition(".")
        return (f"{bound[head]}{dot}{rest}", False) if head in bound else None
    if isinstance(value, ast.Call):
        module = _imported_module(value)
        if module:
            return module, False
        if dotted_name(value.func) == "getattr" and len(value.args) >= 2:
            path = _owner(value.args[0], bound)
            named = constant_text(value.args[1])
            if path:
                return (f"{path}.{named}", False) if named else (path, True)
    if isinstance(value, ast.Attribute):
        module = _imported_module(value.value)
        return (f"{module}.{value.attr}", False) if module else None
    return None


def _owner(node: ast.expr, bound: dict[str, str]) -> str:
    """The path of what `getattr` is asked of."""
    head, dot, rest = dotted_name(node).partition(".")
    return f"{bound[head]}{dot}{rest}" if head in bound else _imported_module(node)


def _imported_module(node: ast.expr) -> str:
    if isinstance(node, ast.Call) and dotted_name(node.func).rpartition(".")[2] in (
        "import_module",
        "__import__",
    ):
        text = constant_text(node.args[0]) if node.args else None
        return text if text and is_path(text) else ""
    return ""


def _from_whole_modules(reached: list[ast.AST]) -> Iterator[LazyName]:
    for node in reached:
        if isinstance(node, _FUNCTIONS):
            bound = dict(_bound_by([node]))
            for part in ast.walk(node):
                if isinstance(part, ast.Return) and part.value is not None:
                    yield from _passed_on(part.value, bound)
        elif isinstance(node, (ast.Call, ast.Assign, ast.AnnAssign)):
            value = node if isinstance(node, ast.Call) else node.value
            if isinstance(value, ast.Call):
                yield from _passed_on(value, {})


def _passed_on(value: ast.expr, bound: dict[str, str]) -> Iterator[LazyName]:
    target = _returned(value, bound)
    if target is not None:
        if target[1] or dotted_name(value):
            yield LazyName("*", target[0], value.lineno, holder=True)
    elif isinstance(value, ast.Call) and dotted_name(value.func) != "getattr":
        for argument in (*value.args, *(keyword.value for keyword in value.keywords)):
            elements = argument.elts if isinstance(argument, ast.List) else [argument]
            for text in filter(is_path, map(constant_text, elements)):
                yield LazyName("*", str(text), value.lineno)
