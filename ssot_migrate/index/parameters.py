"""Reads who gives a function's parameters: the instance, a caller, or pytest."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, TypeAlias

from ssot_migrate.index.syntax import constant_text, dotted_name

if TYPE_CHECKING:
    from collections.abc import Iterator

_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
_ON_CLASSES = ("__new__", "__init_subclass__", "__class_getitem__")
_PATCHES = ("patch", "object", "dict", "multiple")


def decorators_of(node: _Function | ast.ClassDef) -> tuple[str, ...]:
    """The decorators as dotted names; `?` for those that are none."""
    return tuple(
        dotted_name(one.func if isinstance(one, ast.Call) else one) or "?"
        for one in node.decorator_list
    )


def self_kind(node: _Function) -> str:
    """What a method's first parameter is: `self`, `class`, or an empty string for neither."""
    leaves = {name.rpartition(".")[2] for name in decorators_of(node)}
    if "staticmethod" in leaves:
        return ""
    return "class" if "classmethod" in leaves or node.name in _ON_CLASSES else "self"


def fixture_name(node: _Function) -> str:
    """The name under which pytest provides what a function gives; empty if it is no fixture."""
    for decorator in node.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        if dotted_name(call.func if call else decorator).rpartition(".")[2] != "fixture":
            continue
        for keyword in call.keywords if call else ():
            if keyword.arg == "name":
                return constant_text(keyword.value) or ""
        return node.name
    return ""


def uses_fixtures(node: _Function) -> bool:
    """Whether pytest gives a function its parameters, and nothing else does."""
    if any(name.rpartition(".")[2] in _PATCHES for name in decorators_of(node)):
        return False
    return node.name.startswith("test") or bool(fixture_name(node))


def parametrized(node: _Function, holder: ast.ClassDef | None) -> set[str]:
    """The parameters that `parametrize` gives values of its own."""
    decorators = [*node.decorator_list, *(holder.decorator_list if holder else ())]
    return {name for one in decorators for name in _names(one)}


def _names(decorator: ast.expr) -> Iterator[str]:
    if not isinstance(decorator, ast.Call) or not decorator.args:
        return
    if dotted_name(decorator.func).rpartition(".")[2] != "parametrize":
        return
    names = decorator.args[0]
    parts = names.elts if isinstance(names, (ast.Tuple, ast.List)) else [names]
    for part in parts:
        for name in (constant_text(part) or "").split(","):
            yield name.strip()
