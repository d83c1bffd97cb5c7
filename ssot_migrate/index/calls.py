"""Reads the calls of a file, and where what they are called on comes from."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ssot_migrate.index.binder import Binder
from ssot_migrate.index.call_facts import (
    AttributeUse,
    Call,
    CallFacts,
    ClassFact,
    FunctionFact,
)
from ssot_migrate.index.call_walk import CallWalk
from ssot_migrate.index.origins import Origins, leaf, makes_double, shown
from ssot_migrate.index.parameters import decorators_of, fixture_name
from ssot_migrate.index.scopes import end_of
from ssot_migrate.index.syntax import Columns, constant_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.index.bound import Bound, Routine
    from ssot_migrate.index.facts import Import
    from ssot_migrate.index.scopes import Scope

_BY_NAME = {"delattr", "getattr", "hasattr", "object", "setattr"}
"""Calls that take a thing and the name of its attribute: built-ins, and what patches."""
_KINDS = {ast.Load: "load", ast.Store: "store", ast.Del: "delete"}
_SAYING_NOTHING = ("unknown", "literal", "none")


def call_facts(tree: ast.Module, source: bytes, imports: tuple[Import, ...]) -> CallFacts:
    """Collect the calls of a parsed module.

    Args:
        tree: The module.
        source: Its text.
        imports: Its imports, as its facts list them.
    """
    columns = Columns(source)
    walk = CallWalk(tree, imports, Binder(tree, imports), columns)
    return CallReader(walk, columns).facts()


class CallReader:
    """Turns the notes of a walk into facts.

    Args:
        walk: The notes.
        columns: The file's lines.

    Attributes:
        origins: The table of origins, as far as it has been filled.
    """

    def __init__(self, walk: CallWalk, columns: Columns) -> None:
        self._walk = walk
        self._columns = columns
        self.origins = Origins(walk, columns)

    def facts(self) -> CallFacts:
        """All of them, in order of position."""
        walk = self._walk
        calls = [self._call(*noted) for noted in walk.calls]
        attributes = [*self._attributes(), *self._named_in_calls()]
        functions = [self._function(one) for one in walk.routines.values()]
        classes = [*self._classes()]
        values = [*self._values()]
        return CallFacts(
            origins=tuple(self.origins.table),
            calls=tuple(
                sorted(calls, key=lambda c: (c.line, c.column, -c.end_line, -c.end_column))
            ),
            attributes=tuple(sorted(attributes, key=lambda a: (a.line, a.column, a.name, a.kind))),
            functions=tuple(sorted(functions, key=lambda f: (f.line, f.column))),
            classes=tuple(sorted(classes, key=lambda c: (c.line, c.name))),
            values=tuple(sorted(values)),
        )

    def _call(self, node: ast.Call, scope: Scope, context: int) -> Call:
        func = node.func
        owner = func.value if isinstance(func, ast.Attribute) else None
        keywords = [keyword.arg for keyword in node.keywords]
        (line, column), (end_line, end_column) = self._start(node), self._end(node)
        callee_end = self._end(func)
        return Call(
            name=leaf(func),
            receiver=-1 if owner is None else self.origins.value(owner, scope),
            callee=self.origins.value(func, scope),
            shown=shown(owner or func),
            positional=sum(not isinstance(one, ast.Starred) for one in node.args),
            keywords=tuple(name for name in keywords if name is not None),
            star=any(isinstance(one, ast.Starred) for one in node.args),
            double_star=None in keywords,
            line=line,
            column=column,
            end_line=end_line,
            end_column=end_column,
            callee_end_line=callee_end[0],
            callee_end_column=callee_end[1],
            context=context,
            scope=scope.name,
        )

    def _attributes(self) -> Iterator[AttributeUse]:
        for node, scope in {
            id(node): (node, scope) for node, scope in self._walk.attributes
        }.values():
            receiver = self.origins.value(node.value, scope)
            kind = _KINDS[type(node.ctx)]
            if kind != "load" or not self.origins.is_kind(receiver, *_SAYING_NOTHING):
                line, end = self._end(node)
                column = end - len(node.attr)
                told = shown(node.value)
                yield AttributeUse(node.attr, kind, receiver, told, line, column, scope.name)

    def _named_in_calls(self) -> Iterator[AttributeUse]:
        """Attributes that calls name in a string or in a keyword."""
        for call, scope, _context in self._walk.calls:
            if leaf(call.func) in _BY_NAME and len(call.args) > 1:
                owner, name = call.args[0], constant_text(call.args[1])
                if name is not None and name.isidentifier():
                    receiver = self.origins.value(owner, scope)
                    place = self._start(call.args[1])
                    yield AttributeUse(name, "text", receiver, shown(owner), *place, scope.name)
            if makes_double(call):
                receiver = self.origins.value(call, scope)
                for keyword in call.keywords:
                    if keyword.arg:
                        place = self._start(keyword)
                        told = shown(call.func)
                        yield AttributeUse(
                            keyword.arg, "double", receiver, told, *place, scope.name
                        )

    def _function(self, routine: Routine) -> FunctionFact:
        node, origins = routine.node, self.origins
        is_async, yields = isinstance(node, ast.AsyncFunctionDef), bool(routine.yields)
        kind = ("generator" if yields else "def") if not is_async else ""
        given = routine.yields or routine.gives
        returned = dict.fromkeys(
            origins.unknown(f"`{node.name}` passes on what another generator yields")
            if value is None and yields
            else origins.add("none")
            if value is None
            else origins.value(value, scope)
            for value, scope in given
        )
        annotation = -1
        if node.returns is not None:
            annotation = origins.declared(node.returns, routine.types)
        return FunctionFact(
            name=routine.name,
            kind=kind or ("async generator" if yields else "async def"),
            line=node.lineno,
            column=self._start(node)[1],
            decorators=decorators_of(node),
            fixture=fixture_name(node),
            annotation=annotation,
            returned=tuple(returned),
        )

    def _classes(self) -> Iterator[ClassFact]:
        assigned = self._assigned()
        for node, inner, types in self._walk.classes:
            bases = tuple(self.origins.value(_plain(base), types) for base in node.bases)
            names = {
                name: _of_instances(bound)
                for name, bound in self._walk.bound.get(inner, {}).items()
            }
            for name, bound in assigned.get(inner.name, {}).items():
                names.setdefault(name, []).extend(bound)
            attributes = [
                (name, self.origins.bound(bound, f"{node.name}.{name}"))
                for name, bound in names.items()
                if bound
            ]
            yield ClassFact(inner.name, node.lineno, bases, tuple(sorted(attributes)))

    def _assigned(self) -> dict[str, dict[str, list[Bound]]]:
        """What methods assign to attributes of their own instance or class, by class."""
        found: dict[str, dict[str, list[Bound]]] = {}
        for target, bound in self._walk.assigned:
            owner = self.origins.table[self.origins.value(target.value, bound.scope)]
            if owner.kind in ("self", "class", "own", "local"):
                names = found.setdefault(owner.name, {})
                names.setdefault(target.attr, []).append(bound)
        return found

    def _values(self) -> Iterator[tuple[str, int]]:
        for name, bound in self._walk.bound.get(self._walk.module, {}).items():
            values = [one for one in bound if one.kind not in ("import", "definition")]
            if values:
                yield name, self.origins.bound(values, name)

    def _start(self, node: ast.expr | ast.stmt | ast.keyword) -> tuple[int, int]:
        return node.lineno, self._columns.at(node.lineno, node.col_offset)

    def _end(self, node: ast.expr) -> tuple[int, int]:
        line, offset = end_of(node)
        return line, self._columns.at(line, offset)


def _of_instances(bindings: list[Bound]) -> list[Bound]:
    """What a class body says of an attribute; an annotated value may only be a default."""
    types = [one for one in bindings if one.kind == "type"]
    return types or [one for one in bindings if one.kind != "definition"]


def _plain(base: ast.expr) -> ast.expr:
    """A base class without its type arguments."""
    return base.value if isinstance(base, ast.Subscript) else base
