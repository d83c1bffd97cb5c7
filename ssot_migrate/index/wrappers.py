"""Reads definitions that warn of their deprecation, and tells thin wrappers from real code."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, TypeAlias

from ssot_migrate.index.syntax import deprecation_warning, dotted_name, spoken_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Definition: TypeAlias = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_CONSTRUCTORS = ("__init__", "__new__", "__init_subclass__", "__post_init__")
_SIMPLE = (ast.Return, ast.Expr, ast.Raise)
_LONGEST_TEXT = 300


def deprecation_of(node: Definition) -> str:
    """What a definition's decorator or its own warning says of its deprecation, else nothing.

    A class warns when it is made; a function that warns only of a parameter is not deprecated.
    """
    if isinstance(node, ast.ClassDef):
        constructors = [f for f in node.body if isinstance(f, _FUNCTIONS) and _is_constructor(f)]
        suites = [(node.body, frozenset[str]()), *((f.body, _parameters(f)) for f in constructors)]
    else:
        suites = [(node.body, _parameters(node))]
    warnings = (text for body, parameters in suites for text in _warnings(body, parameters))
    return next(warnings, "") or _decorator(node)


def _decorator(node: Definition) -> str:
    for decorator in node.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        leaf = dotted_name(call.func if call else decorator).rpartition(".")[2]
        if "deprecat" in leaf.lower():
            said = next(filter(None, map(spoken_text, call.args)), "") if call else ""
            if call and not said:
                said = next(
                    (spoken_text(k.value) for k in call.keywords if k.arg in ("reason", "message")),
                    "",
                )
            return said[:_LONGEST_TEXT] or "deprecated"
    return ""


def _parameters(function: ast.AST) -> frozenset[str]:
    """The parameters that a caller gives."""
    if not isinstance(function, _FUNCTIONS):
        return frozenset()
    arguments = function.args
    names = {a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    if arguments.kwarg is not None:
        names.add(arguments.kwarg.arg)
    return frozenset(names - {"self", "cls"})


def _warnings(body: Iterable[ast.stmt], parameters: frozenset[str]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            text = deprecation_warning(node.value)
            if text:
                yield text
        elif isinstance(node, (ast.With, ast.Try)):
            yield from _warnings(node.body, parameters)
        elif isinstance(node, ast.If) and not _reads(node.test, parameters):
            yield from _warnings([*node.body, *node.orelse], parameters)


def _reads(test: ast.expr, names: frozenset[str]) -> bool:
    return any(isinstance(part, ast.Name) and part.id in names for part in ast.walk(test))


def _is_constructor(node: ast.AST) -> bool:
    return isinstance(node, _FUNCTIONS) and node.name in _CONSTRUCTORS


def is_thin(node: Definition) -> bool:
    """Whether a definition does no more than warn and pass on.

    That is a class with nothing but constructors that call those of its base, and a function with
    a single plain statement.
    """
    if isinstance(node, ast.ClassDef):
        return bool(node.bases) and all(map(_is_passive, node.body))
    left = [statement for statement in node.body if not _says_nothing(statement)]
    return len(left) <= 1 and all(isinstance(part, _SIMPLE) for part in left)


def _is_passive(member: ast.stmt) -> bool:
    """Whether a statement in a class body adds no behaviour."""
    if _is_constructor(member):
        return _calls_super(member) or all(map(_says_nothing, getattr(member, "body", ())))
    return isinstance(member, (ast.Assign, ast.AnnAssign)) or _says_nothing(member)


def _calls_super(function: ast.AST) -> bool:
    return any(
        isinstance(part, ast.Call)
        and isinstance(part.func, ast.Attribute)
        and part.func.attr in _CONSTRUCTORS
        for part in ast.walk(function)
    )


def _says_nothing(node: ast.stmt) -> bool:
    """Whether a statement is a docstring, an import, `pass` or the warning."""
    if isinstance(node, (ast.Pass, ast.Import, ast.ImportFrom)):
        return True
    if not isinstance(node, ast.Expr):
        return False
    is_warning = isinstance(node.value, ast.Call) and bool(deprecation_warning(node.value))
    return is_warning or isinstance(node.value, ast.Constant)


def called_in_return(function: _Function) -> Iterator[str]:
    """The dotted names of what a function returns calls of, awaited or not."""
    for part in ast.walk(function):
        if isinstance(part, ast.Return):
            value = part.value.value if isinstance(part.value, ast.Await) else part.value
            if isinstance(value, ast.Call) and dotted_name(value.func):
                yield dotted_name(value.func)
