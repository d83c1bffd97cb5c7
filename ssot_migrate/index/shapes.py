"""What top-level definitions look like: members, signatures, and an outline of their bodies."""

from __future__ import annotations

import ast
from typing import TypeAlias

from ssot_migrate.index.facts import Member, Parameter, Shape, ShapeFacts, Signature
from ssot_migrate.index.syntax import dotted_name

_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
_LARGE = 1 << 256
_SUITES = ("body", "handlers", "orelse", "finalbody", "cases")


def shape_facts(tree: ast.Module) -> ShapeFacts:
    """Describe every class and function of the module's top level, also inside `if` and `try`."""
    return ShapeFacts(tuple(map(_shape, top_level_definitions(tree.body))))


def top_level_definitions(body: list[ast.stmt]) -> list[ast.ClassDef | _Function]:
    """The classes and functions of a suite and of the suites inside it, in source order."""
    found: list[ast.ClassDef | _Function] = []
    for node in body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            found.append(node)
        else:
            for suite in suites(node):
                found += top_level_definitions(suite)
    return found


def suites(node: ast.AST) -> list[list[ast.stmt]]:
    """The suites directly inside a statement."""
    found: list[list[ast.stmt]] = []
    for field in _SUITES:
        for child in (suite := getattr(node, field, [])):
            if not isinstance(child, ast.stmt):
                found.append(child.body)
        if suite and isinstance(suite[0], ast.stmt):
            found.append(suite)
    return found


def _shape(node: ast.ClassDef | _Function) -> Shape:
    common = {
        "name": node.name,
        "line": node.lineno,
        "end_line": node.end_lineno or node.lineno,
        "decorators": tuple(map(decorator_name, node.decorator_list)),
    }
    if isinstance(node, ast.ClassDef):
        return Shape(
            **common,  # type: ignore[arg-type] # one dict holds values of several types
            kind="class",
            bases=tuple(filter(None, map(dotted_name, node.bases))),
            members=_members(node),
            outline=outline(node.body),
        )
    return Shape(
        **common,  # type: ignore[arg-type] # as above
        kind="async def" if isinstance(node, ast.AsyncFunctionDef) else "def",
        signature=signature(node),
        outline=outline(node.body),
    )


def decorator_name(node: ast.expr) -> str:
    """A decorator as a dotted name, without its arguments; empty where it is none."""
    return dotted_name(node.func if isinstance(node, ast.Call) else node)


def _members(node: ast.ClassDef) -> tuple[Member, ...]:
    members: dict[str, Member] = {}
    for item in node.body:
        if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)):
            kind = member_kind(item)
            # A property's setter repeats the name; the getter is what readers see.
            if item.name not in members or not is_accessor(item):
                members[item.name] = Member(
                    item.name, kind, item.lineno, signature(item, bound=kind != "static")
                )
        elif isinstance(item, ast.Assign):
            value = dotted_name(item.value)
            for target in item.targets:
                if isinstance(target, ast.Name):
                    # `old_name = new_name` gives a method a second name.
                    same = members.get(value)
                    members[target.id] = (
                        Member(target.id, same.kind, item.lineno, same.signature)
                        if same
                        else Member(target.id, "attribute", item.lineno)
                    )
        elif isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
            members[item.target.id] = Member(item.target.id, "attribute", item.lineno)
    return tuple(members.values())


def is_accessor(node: _Function) -> bool:
    """Whether a function is a further part of a property: a setter, a deleter."""
    leaves = [
        decorator.rpartition(".")[2] for decorator in map(decorator_name, node.decorator_list)
    ]
    return any(leaf in ("setter", "getter", "deleter") for leaf in leaves)


def member_kind(node: _Function) -> str:
    """What a function of a class body is: `method`, `static`, `class` or `property`."""
    for decorator in map(decorator_name, node.decorator_list):
        leaf = decorator.rpartition(".")[2]
        if leaf == "staticmethod":
            return "static"
        if leaf == "classmethod":
            return "class"
        if leaf in ("property", "cached_property", "setter", "getter", "deleter"):
            return "property"
    implicit = ("__new__", "__init_subclass__", "__class_getitem__")
    return "class" if node.name in implicit else "method"


def signature(node: _Function, *, bound: bool = False) -> Signature:
    """Read a signature; `bound` leaves out the first parameter, which the call site never gives."""
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(positional) - len(arguments.defaults)) + [*arguments.defaults]
    parameters: list[Parameter] = []
    for index, (argument, default) in enumerate(zip(positional, defaults, strict=True)):
        kind = "/" if index < len(arguments.posonlyargs) else ""
        parameters.append(Parameter(argument.arg, kind, _default(default)))
    if arguments.vararg:
        parameters.append(Parameter(arguments.vararg.arg, "*args"))
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        parameters.append(Parameter(argument.arg, "kw", _default(default)))
    if arguments.kwarg:
        parameters.append(Parameter(arguments.kwarg.arg, "**kwargs"))
    if bound and positional:
        del parameters[0]
    return Signature(tuple(parameters), _returns(node))


def _default(node: ast.expr | None) -> str:
    if node is None:
        return ""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _default(node.operand)
        return inner if inner == "..." else f"-{inner}"
    if isinstance(node, ast.Constant):
        # Python refuses to write very long integers in decimal digits.
        if isinstance(node.value, int) and node.value > _LARGE:
            return hex(node.value)[:80]
        return repr(node.value)[:80]
    return dotted_name(node) or "..."


def _returns(node: _Function) -> str:
    is_async = isinstance(node, ast.AsyncFunctionDef)
    for decorator in map(decorator_name, node.decorator_list):
        leaf = decorator.rpartition(".")[2]
        if leaf == "asynccontextmanager":
            return "async context"
        if leaf == "contextmanager":
            return "context"
    if _yields(node.body):
        return "async generator" if is_async else "generator"
    return "awaitable" if is_async else "value"


def _yields(body: list[ast.stmt]) -> bool:
    """Whether a statement yields; yields deep inside expressions are not looked for."""
    for node in body:
        if isinstance(getattr(node, "value", None), (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and any(
            map(_yields, suites(node))
        ):
            return True
    return False


_CODES: dict[type[ast.stmt], str] = {
    ast.Return: "r", ast.Assign: "a", ast.AugAssign: "u", ast.AnnAssign: "a", ast.Expr: "e",
    ast.If: "i", ast.For: "f", ast.AsyncFor: "f", ast.While: "w", ast.With: "c",
    ast.AsyncWith: "c", ast.Try: "t", ast.Raise: "x", ast.Assert: "s", ast.Delete: "d",
    ast.FunctionDef: "F", ast.AsyncFunctionDef: "F", ast.ClassDef: "C", ast.Import: "m",
    ast.ImportFrom: "m", ast.Pass: "p", ast.Break: "b", ast.Continue: "n", ast.Global: "g",
    ast.Nonlocal: "g", ast.Match: "M",
}  # fmt: skip


def outline(body: list[ast.stmt]) -> str:
    """The kinds of the statements, in order and nested; docstrings do not count."""
    parts: list[str] = []
    for node in body:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        parts.append(_CODES.get(type(node), "?"))
        for suite in suites(node):
            parts += ("(", outline(suite), ")")
    return "".join(parts)
