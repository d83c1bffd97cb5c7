"""Reads where a module-level `__getattr__` (PEP 562) takes its names from.

Three shapes are in use in public code: branches (`if name == "A": from new import A`), look-up
tables (`{"A": "new.mod"}`, `{"A": ("new.mod", "A")}`, `{"new.mod": ["A", "B"]}`) read by the
function or by a helper that it calls, and whole modules passed on (`getattr(new, name)`, or a
helper told the private module's name). A name `*` stands for every name that the module exports.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from ssot_migrate.index.facts import LazyName
from ssot_migrate.index.syntax import constant_text, dotted_name

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATH = re.compile(r"\.*[^\W\d]\w*(?:[.:][^\W\d]\w*)*")


def lazy_names(
    tree: ast.Module, function: ast.FunctionDef | ast.AsyncFunctionDef
) -> tuple[LazyName, ...]:
    """The names that `function`, the `__getattr__` of `tree`, provides; as far as they can be read.

    Targets are dotted paths, absolute or with leading dots relative to the module's package.
    """
    found = dict.fromkeys([*_from_branches(function), *_from_tables(tree, function)])
    return tuple(found or dict.fromkeys(_from_whole_modules(function)))


def _from_branches(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[LazyName]:
    for node in ast.walk(function):
        if isinstance(node, ast.If):
            names = set(_compared_names(node.test))
            if names:
                yield from _provided_in(node.body, names)


def _compared_names(test: ast.expr) -> Iterator[str]:
    if isinstance(test, ast.Compare) and len(test.comparators) == 1:
        right = test.comparators[0]
        elements = right.elts if isinstance(right, (ast.Tuple, ast.List, ast.Set)) else [right]
        yield from filter(None, map(constant_text, elements))
    elif isinstance(test, ast.BoolOp):
        for value in test.values:
            yield from _compared_names(value)


def _provided_in(body: list[ast.stmt], names: set[str]) -> Iterator[LazyName]:
    bound: dict[str, str] = {}
    for node in (part for statement in body for part in ast.walk(statement)):
        if isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            joint = "" if module.endswith(".") else "."
            bound.update({a.asname or a.name: f"{module}{joint}{a.name}" for a in node.names})
        elif isinstance(node, ast.Import):
            bound.update({a.asname or a.name: a.name for a in node.names})
        elif isinstance(node, ast.Return) and node.value is not None:
            target = _returned(node.value, bound)
            if target is not None:
                for name in sorted(names):
                    path = f"{target[0]}.{name}" if target[1] else target[0]
                    yield LazyName(name, path, node.lineno)


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
            owner = value.args[0]
            path = _imported_module(owner) or bound.get(dotted_name(owner), "")
            named = constant_text(value.args[1])
            if path:
                return (f"{path}.{named}", False) if named else (path, True)
    if isinstance(value, ast.Attribute):
        module = _imported_module(value.value)
        return (f"{module}.{value.attr}", False) if module else None
    return None


def _imported_module(node: ast.expr) -> str:
    if isinstance(node, ast.Call) and dotted_name(node.func).rpartition(".")[2] in (
        "import_module",
        "__import__",
    ):
        text = constant_text(node.args[0]) if node.args else None
        return text if text and _PATH.fullmatch(text) else ""
    return ""


def _from_tables(
    tree: ast.Module, function: ast.FunctionDef | ast.AsyncFunctionDef
) -> Iterator[LazyName]:
    inside = [node for node in ast.walk(function) if isinstance(node, ast.Dict)]
    outside = [
        node
        for statement in tree.body
        if not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        for node in ast.walk(statement)
        if isinstance(node, ast.Dict)
    ]
    for table in (*inside, *outside):
        yield from _table_entries(table)


def _table_entries(table: ast.Dict) -> Iterator[LazyName]:
    for key, value in zip(table.keys, table.values, strict=True):
        name = constant_text(key)
        if name is None or not _PATH.fullmatch(name):
            continue
        path = constant_text(value)
        elements = value.elts if isinstance(value, (ast.Tuple, ast.List)) else []
        texts = [constant_text(element) for element in elements]
        if path is not None and _PATH.fullmatch(path) and name.isidentifier():
            path = path.replace(":", ".")
            whole = path.rpartition(".")[2] == name
            yield LazyName(name, path if whole else f"{path}.{name}", value.lineno)
        elif isinstance(value, ast.Tuple) and len(texts) == 2 and texts[0] and texts[1]:
            yield LazyName(name, f"{texts[0]}.{texts[1]}", value.lineno)
        elif isinstance(value, ast.List):
            # The table is turned round: the key is a submodule, the list what it provides.
            for text, element in zip(texts, elements, strict=True):
                if text and text.isidentifier():
                    joint = "" if name.startswith(".") else "."
                    yield LazyName(text, f"{joint}{name}.{text}", element.lineno)


def _from_whole_modules(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[LazyName]:
    bound: dict[str, str] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            joint = "" if module.endswith(".") else "."
            bound.update({a.asname or a.name: f"{module}{joint}{a.name}" for a in node.names})
        elif isinstance(node, ast.Import):
            bound.update({a.asname or a.name: a.name for a in node.names})
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Call):
            call = node.value
            target = _returned(call, bound)
            if target is not None and target[1]:
                yield LazyName("*", target[0], node.lineno)
            elif dotted_name(call.func) != "getattr":
                for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
                    elements = argument.elts if isinstance(argument, ast.List) else [argument]
                    for text in filter(None, map(constant_text, elements)):
                        if _PATH.fullmatch(text):
                            yield LazyName("*", text, node.lineno)
        elif isinstance(node, ast.Return) and dotted_name(node.value) in bound:
            yield LazyName("*", bound[dotted_name(node.value)], node.lineno)
