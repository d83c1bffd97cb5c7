"""Reads what a file offers: classes with their bases and members, and functions."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, TypeAlias

from ssot_migrate.index.interface_facts import (
    BaseFact,
    ClassInterface,
    FunctionInterface,
    InterfaceFacts,
    MemberFact,
)
from ssot_migrate.index.shapes import (
    decorator_name,
    is_accessor,
    member_kind,
    signature,
    suites,
)
from ssot_migrate.index.syntax import constant_text, dotted_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
_LONGEST = 300
_MADE_BY_CALLS = {"property": "property", "staticmethod": "static", "classmethod": "class"}


def interface_facts(tree: ast.Module) -> InterfaceFacts:
    """Describe every class of a module, wherever it stands, and the functions of its top level."""
    classes = sorted(_classes(tree.body, "", ()), key=lambda one: one.line)
    functions = (
        FunctionInterface(_function(node, "function"), _end(node), _decorators(node))
        for node in _flat(tree.body)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    )
    return InterfaceFacts(tuple(classes), tuple(functions))


def _classes(
    body: list[ast.stmt], holder: str, functions: tuple[str, ...], *, is_class: bool = False
) -> Iterator[ClassInterface]:
    """The classes of a suite.

    Args:
        body: The suite.
        holder: Qualified name of the class or function that it is the body of.
        functions: The functions around it, innermost first.
        is_class: Whether the holder is a class: its names are seen in its own body alone.
    """
    scopes = (holder, *functions) if is_class else functions
    for node in _flat(body):
        if isinstance(node, ast.ClassDef):
            name = f"{holder}.{node.name}" if holder else node.name
            yield _class(node, name, scopes, is_local=bool(functions))
            yield from _classes(node.body, name, functions, is_class=True)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            name = f"{holder}.{node.name}" if holder else node.name
            yield from _classes(node.body, name, (name, *functions))


def _flat(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a suite and of the suites inside it, but for bodies of definitions."""
    for node in body:
        yield node
        if not isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            for suite in suites(node):
                yield from _flat(suite)


def _class(
    node: ast.ClassDef, name: str, scopes: tuple[str, ...], *, is_local: bool
) -> ClassInterface:
    bases = [_base(one) for one in node.bases]
    if getattr(node, "type_params", None):
        bases.append(BaseFact("Generic", "Generic", is_subscripted=True, is_implied=True))
    metaclass = next((_text(one.value) for one in node.keywords if one.arg == "metaclass"), "")
    return ClassInterface(
        name,
        node.lineno,
        _end(node),
        tuple(bases),
        scopes,
        is_local,
        metaclass,
        _decorators(node),
        tuple(_members(node).values()),
        _slots(node.body),
    )


def _base(node: ast.expr) -> BaseFact:
    is_subscripted = isinstance(node, ast.Subscript)
    name = dotted_name(node.value if isinstance(node, ast.Subscript) else node)
    return BaseFact(_text(node), name, is_subscripted)


def _members(node: ast.ClassDef) -> dict[str, MemberFact]:
    members: dict[str, MemberFact] = {}
    methods: list[_Function] = []
    for item in _flat(node.body):
        if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)):
            methods.append(item)
            _add_function(members, item)
        elif isinstance(item, ast.ClassDef):
            members[item.name] = MemberFact(item.name, "nested", item.lineno)
        elif isinstance(item, ast.Assign):
            for target in item.targets:
                if isinstance(target, ast.Name):
                    members[target.id] = _assigned(members, target.id, item)
        elif isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
            name = item.target.id
            members[name] = MemberFact(name, "attribute", item.lineno, shown=_text(item.annotation))
    for method in methods:
        for one in _instance_attributes(method):
            members.setdefault(one.name, one)
    return members


def _add_function(members: dict[str, MemberFact], node: _Function) -> None:
    known = members.get(node.name)
    leaves = {name.rpartition(".")[2] for name in _decorators(node)}
    if known is not None and is_accessor(node):
        if "setter" in leaves:
            members[node.name] = _settable(known)
        return
    if known is None or "overload" not in leaves:
        members[node.name] = _function(node, member_kind(node))


def _settable(member: MemberFact) -> MemberFact:
    return MemberFact(
        member.name,
        member.kind,
        member.line,
        member.signature,
        member.shown,
        is_abstract=member.is_abstract,
        is_settable=True,
        returns=member.returns,
        raises=member.raises,
    )


def _function(node: _Function, kind: str) -> MemberFact:
    is_bound = kind not in ("static", "function")
    leaves = {name.rpartition(".")[2] for name in _decorators(node)}
    returns = _text(node.returns) if node.returns is not None else ""
    return MemberFact(
        node.name,
        kind,
        node.lineno,
        signature(node, bound=is_bound),
        returns if kind == "property" else _shown(node.args, returns, is_bound=is_bound),
        isinstance(node, ast.AsyncFunctionDef),
        bool(leaves & {"abstractmethod", "abstractproperty"}),
        "cached_property" in leaves,
        returns,
        tuple(sorted(set(_raised(node.body)))),
    )


def _shown(given: ast.arguments, returns: str, *, is_bound: bool) -> str:
    """The signature as it is written, without the parameter that the call site never gives."""
    positional = [*given.posonlyargs, *given.args]
    defaults = [None] * (len(positional) - len(given.defaults)) + [*given.defaults]
    parts = [_parameter(*pair) for pair in zip(positional, defaults, strict=True)]
    if given.posonlyargs:
        parts.insert(len(given.posonlyargs), "/")
    if is_bound and positional:
        del parts[0]
        if parts[:1] == ["/"]:
            del parts[0]
    if given.vararg:
        parts.append(f"*{_parameter(given.vararg, None)}")
    elif given.kwonlyargs:
        parts.append("*")
    parts += map(_parameter, given.kwonlyargs, given.kw_defaults)
    if given.kwarg:
        parts.append(f"**{_parameter(given.kwarg, None)}")
    return f"({', '.join(parts)})" + (f" -> {returns}" if returns else "")


def _parameter(node: ast.arg, default: ast.expr | None) -> str:
    text = f"{node.arg}: {_text(node.annotation)}" if node.annotation else node.arg
    equals = " = " if node.annotation else "="
    return text if default is None else f"{text}{equals}{_text(default)}"


def _assigned(members: dict[str, MemberFact], name: str, node: ast.Assign) -> MemberFact:
    """A member that the class body assigns: a second name for a method, a property, a value."""
    value: ast.expr = node.value
    kind = ""
    if isinstance(value, ast.Call):
        kind = _MADE_BY_CALLS.get(dotted_name(value.func), "")
        if kind == "property":
            return MemberFact(name, kind, node.lineno, is_settable=len(value.args) > 1)
        value = value.args[0] if kind and value.args else value
    same = members.get(dotted_name(value))
    if same is None or same.signature is None:
        return MemberFact(name, "attribute", node.lineno)
    return MemberFact(
        name,
        kind or same.kind,
        node.lineno,
        same.signature,
        same.shown,
        same.is_coroutine,
        same.is_abstract,
        same.is_settable,
        same.returns,
        same.raises,
    )


def _instance_attributes(node: _Function) -> Iterator[MemberFact]:
    """What a method assigns to attributes of its first parameter."""
    parameters = [*node.args.posonlyargs, *node.args.args]
    if not parameters or member_kind(node) in ("static", "class"):
        return
    own = parameters[0].arg
    for item in _flat(node.body):
        annotation = ""
        targets: Iterable[ast.expr] = ()
        if isinstance(item, ast.Assign):
            targets = item.targets
        elif isinstance(item, ast.AnnAssign):
            targets, annotation = [item.target], _text(item.annotation)
        for target in _unpacked(targets):
            if isinstance(target, ast.Attribute) and dotted_name(target.value) == own:
                yield MemberFact(target.attr, "instance", item.lineno, shown=annotation)


def _unpacked(targets: Iterable[ast.expr]) -> Iterator[ast.expr]:
    for target in targets:
        if isinstance(target, (ast.Tuple, ast.List)):
            yield from _unpacked(target.elts)
        else:
            yield target


def _raised(body: list[ast.stmt]) -> Iterator[str]:
    for node in _flat(body):
        if isinstance(node, ast.Raise) and node.exc is not None:
            raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            name = dotted_name(raised)
            if name.rpartition(".")[2][:1].isupper():
                yield name


def _slots(body: list[ast.stmt]) -> tuple[str, ...] | None:
    for node in body:
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "__slots__" for target in node.targets
        ):
            value = node.value
            items = value.elts if isinstance(value, (ast.Tuple, ast.List, ast.Set)) else [value]
            names = [constant_text(item) for item in items]
            return None if None in names else tuple(name for name in names if name is not None)
    return None


def _decorators(node: ast.ClassDef | _Function) -> tuple[str, ...]:
    return tuple(filter(None, map(decorator_name, node.decorator_list)))


def _end(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


def _text(node: ast.AST) -> str:
    """Code in one short line; what is nested too deeply for that as `...`."""
    try:
        text = " ".join(ast.unparse(node).split())
    except RecursionError:
        return "..."
    except ValueError:  # an integer too long for decimal digits
        return "..."
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
