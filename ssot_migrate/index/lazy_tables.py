"""The part of a module that its `__getattr__` reads: look-up tables and helpers."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from ssot_migrate.index.facts import LazyName
from ssot_migrate.index.syntax import constant_text, dotted_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PATH = re.compile(r"\.*[^\W\d]\w*(?:[.:][^\W\d]\w*)*")
_SUITES = ("body", "orelse", "handlers", "finalbody")
_GROWING = ("update", "extend", "append", "add", "setdefault")


def is_path(text: str | None) -> bool:
    """Whether a text reads as a dotted path, with leading dots or without."""
    return text is not None and _PATH.fullmatch(text) is not None


def reached_from(tree: ast.Module, provider: ast.AST) -> list[ast.AST]:
    """The provider of a module's names, and whatever in the module it reads, directly or not."""
    statements: dict[str, list[ast.AST]] = {}
    for name, node in _binding_statements(tree.body):
        statements.setdefault(name, []).append(node)
    reached: dict[ast.AST, None] = {provider: None}
    pending: list[ast.AST] = [provider]
    while pending:
        for name in names_read(pending.pop()):
            for node in statements.pop(name, ()):
                if node not in reached:
                    reached[node] = None
                    pending.append(node)
    return list(reached)


def _binding_statements(body: Iterable[ast.AST]) -> Iterator[tuple[str, ast.AST]]:
    """Module-level names with the statements that fill them."""
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name, node
        elif isinstance(node, (ast.For, ast.While)):
            for part in ast.walk(node):
                yield from ((name, node) for name in _filled(part))
        else:
            yield from ((name, node) for name in _filled(node))
            for suite in _SUITES:
                yield from _binding_statements(getattr(node, suite, ()))


def _filled(node: ast.AST) -> Iterator[str]:
    """The names whose content a statement gives or adds to."""
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, (ast.AnnAssign, ast.AugAssign)):
        targets = [node.target]
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        function = node.value.func
        if isinstance(function, ast.Attribute) and function.attr in _GROWING:
            targets = [function.value]
    for target in targets:
        elements = target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]
        for element in elements:
            while isinstance(element, ast.Subscript):
                element = element.value
            if isinstance(element, ast.Name):
                yield element.id


def names_read(node: ast.AST) -> set[str]:
    """The plain names whose values a node reads."""
    return {
        part.id
        for part in ast.walk(node)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)
    }


def names_in_tables(reached: Iterable[ast.AST]) -> Iterator[LazyName]:
    """What the look-up tables in the reached statements provide."""
    for node in (part for top in reached for part in ast.walk(top)):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                yield from _entry(constant_text(key), value)
        elif isinstance(node, ast.Call) and dotted_name(node.func) == "dict":
            for keyword in node.keywords:
                yield from _entry(keyword.arg, keyword.value)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Subscript):
                    yield from _entry(constant_text(target.slice), node.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            grown = node.func.value
            if node.func.attr in ("append", "extend") and isinstance(grown, ast.Subscript):
                for argument in node.args:
                    listed = argument if node.func.attr == "extend" else ast.List([argument])
                    yield from _entry(constant_text(grown.slice), listed)


def _entry(key: str | None, value: ast.expr) -> Iterator[LazyName]:
    """`"A": "new.mod"`, `"A": ("new.mod", "A")` or, turned round, `"new.mod": ["A", "B"]`."""
    if key is None or not is_path(key):
        return
    path = constant_text(value)
    if path is not None:
        if is_path(path) and key.isidentifier():
            is_whole = ":" in path or path.rpartition(".")[2] == key
            yield LazyName(key, path.replace(":", "."), value.lineno, not is_whole)
        return
    if not isinstance(value, (ast.List, ast.Tuple, ast.Set)):
        return
    texts = [constant_text(element) for element in value.elts]
    if isinstance(value, ast.Tuple) and _is_pair(key, texts):
        joint = "" if str(texts[0]).endswith(".") else "."
        yield LazyName(key, f"{texts[0]}{joint}{texts[1]}", value.lineno)
        return
    for text, element in zip(texts, value.elts, strict=True):
        if text and text.isidentifier():
            joint = "" if key.endswith(".") else "."
            yield LazyName(text, f"{key}{joint}{text}", element.lineno)


def _is_pair(key: str, texts: list[str | None]) -> bool:
    """Whether two texts are a module and a name in it, not two names in the module `key`."""
    if len(texts) != 2 or not key.isidentifier():
        return False
    module, name = texts
    if not module or not (is_path(module) or set(module) == {"."}):
        return False
    return bool(name and name.isidentifier()) and ("." in module or not module[:1].isupper())
