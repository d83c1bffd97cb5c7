"""Says where the value of an expression comes from, as far as one file shows."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, TypeAlias

from ssot_migrate.index.call_facts import Origin
from ssot_migrate.index.declared_types import DeclaredTypes, is_type_form
from ssot_migrate.index.parameters import parametrized, self_kind, uses_fixtures
from ssot_migrate.index.syntax import dotted_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ssot_migrate.index.bound import Bound, Routine
    from ssot_migrate.index.call_walk import CallWalk
    from ssot_migrate.index.scopes import Scope
    from ssot_migrate.index.syntax import Columns

_DEEPEST = 40
_DOUBLES = {
    "AsyncMock",
    "MagicMock",
    "Mock",
    "NonCallableMagicMock",
    "NonCallableMock",
    "create_autospec",
}
"""Calls that make test doubles."""
_SPECIFICATIONS = ("spec", "spec_set")
_RUNNERS = {"asyncio.run", "run_until_complete"}
"""Calls that await their first argument."""
_PASSING_ON = {"asyncio.create_task", "asyncio.ensure_future", "asyncio.shield", "asyncio.wait_for"}
"""Calls whose result gives, when it is awaited, what their first argument would."""
_LITERALS = (
    ast.JoinedStr,
    ast.List,
    ast.Dict,
    ast.Set,
    ast.Tuple,
    ast.ListComp,
    ast.DictComp,
    ast.SetComp,
    ast.GeneratorExp,
    ast.Lambda,
    ast.Compare,
)


def makes_double(call: ast.Call) -> bool:
    """Whether a call makes a test double."""
    return leaf(call.func) in _DOUBLES


def leaf(node: ast.expr) -> str:
    """The last identifier of a chain, else an empty string."""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def shown(node: ast.expr, room: int = 6) -> str:
    """An expression in short, for messages.

    Args:
        node: The expression.
        room: How many of its outermost parts to show.
    """
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Await):
        return shown(node.value, room)
    if isinstance(node, (ast.Attribute, ast.Call, ast.Subscript)) and not room:
        return "…"
    if isinstance(node, ast.Call):
        return f"{shown(node.func, room - 1)}()"
    if isinstance(node, ast.Attribute):
        return f"{shown(node.value, room - 1)}.{node.attr}"
    if isinstance(node, ast.Subscript):
        return f"{shown(node.value, room - 1)}[…]"
    return "…"


class Origins:
    """The table of origins of one file, filled as values are asked for.

    Args:
        walk: What the file's names are bound to.
        columns: The file's lines.
    """

    def __init__(self, walk: CallWalk, columns: Columns) -> None:
        self._walk = walk
        self._types = DeclaredTypes(self, columns)
        self._number: dict[Origin, int] = {}
        self._known: dict[tuple[Scope, str], int] = {}
        self._in_progress: list[tuple[Scope, str]] = []
        self._depth = 0
        self.table: list[Origin] = []

    def add(
        self, kind: str, name: str = "", of: Sequence[int] = (), *, ref: int = -1, line: int = 0
    ) -> int:
        """The number of an origin."""
        origin = Origin(kind, name, tuple(of), ref, line)
        if origin not in self._number:
            self._number[origin] = len(self.table)
            self.table.append(origin)
        return self._number[origin]

    def unknown(self, why: str) -> int:
        """An origin that cannot be told; `why` is a sentence."""
        return self.add("unknown", why)

    def is_kind(self, number: int, *kinds: str) -> bool:
        """Whether an origin is of one of the kinds."""
        return self.table[number].kind in kinds

    def value(self, node: ast.expr, scope: Scope) -> int:
        """The origin of an expression's value."""
        if self._depth > _DEEPEST:
            return self.unknown(f"`{shown(node)}` is nested too deeply")
        self._depth += 1
        try:
            handler = _VALUES.get(node.__class__)
            if handler is not None:
                return handler(self, node, scope)
        finally:
            self._depth -= 1
        if isinstance(node, _LITERALS):
            return self.add("literal")
        return self.unknown(f"the type of `{shown(node)}` cannot be told")

    def declared(self, node: ast.expr, scope: Scope) -> int:
        """The origin of what an annotation says a value is."""
        return self._types.read(node, scope)

    def bound(self, bindings: Sequence[Bound], name: str) -> int:
        """The origin of what has these bindings, which must all agree."""
        types = [self._bound(b, name) for b in bindings if b.kind == "type"]
        values = [self._bound(b, name) for b in bindings if b.kind != "type"]
        if not types:
            return self.any_of(values)
        return self.declared_as(self.any_of(types), values)

    def declared_as(self, annotation: int, values: Sequence[int]) -> int:
        """The origin of what is annotated, and assigned some values."""
        if self.is_kind(annotation, "unknown"):
            return self.any_of(values) if values else annotation
        telling = [v for v in values if not self.is_kind(v, "unknown", "cycle")]
        if len(telling) < len(values) or not telling:
            return annotation
        return self.add("declared", of=(annotation, self.any_of(telling)))

    def any_of(self, numbers: Sequence[int]) -> int:
        """The origin of what may come from several others."""
        flat: dict[int, None] = {}
        for number in numbers:
            origin = self.table[number]
            if origin.kind == "unknown":
                return number
            flat.update(dict.fromkeys(origin.of if origin.kind == "any" else (number,)))
        kept = [n for n in flat if not self.is_kind(n, "cycle")]
        if not kept:
            return numbers[0] if numbers else self.unknown("nothing is bound to it")
        return kept[0] if len(kept) == 1 else self.add("any", of=kept)

    def class_around(self, scope: Scope) -> str:
        """The qualified name of the class whose method a scope lies in, if any."""
        at: Scope | None = scope
        while at is not None:
            if at.kind == "class":
                return at.name
            routine = self._walk.routines.get(at)
            if routine is not None and routine.holder is not None:
                return routine.holder_name
            at = at.parent
        return ""

    # Names

    def _name(self, node: ast.Name, scope: Scope) -> int:
        owner = self._walk.owner_of(node.id, scope)
        if owner is self._walk.module:
            return self.add("own", node.id)
        key = (owner, node.id)
        if key in self._known:
            return self._known[key]
        if key in self._in_progress:
            if key == self._in_progress[-1]:
                return self.add("cycle")
            return self.unknown(f"`{node.id}` is bound in a circle")
        self._in_progress.append(key)
        found = self.bound(self._walk.bound[owner][node.id], node.id)
        self._in_progress.pop()
        if self.is_kind(found, "cycle"):
            found = self.unknown(f"`{node.id}` is bound to itself")
        self._known[key] = found
        return found

    def _bound(self, bound: Bound, name: str) -> int:
        if bound.kind == "value":
            return self.value(bound.node, bound.scope)
        if bound.kind == "type":
            return self._annotated(bound.node, bound.scope, name)
        if bound.kind in ("enter", "aenter"):
            entered = self._of(bound.node, bound.scope)
            return self._then(bound.kind, entered, line=bound.node.lineno)
        if bound.kind == "import" and bound.ref >= 0:
            return self.add("import", name, ref=bound.ref, line=bound.node.lineno)
        if bound.kind == "definition":
            return self.add("local", bound.text, line=bound.node.lineno)
        if bound.kind == "parameter":
            return self._parameter(bound)
        return self.unknown(f"`{name}` {bound.text or 'is bound in an unusual way'}")

    def _annotated(self, node: ast.expr, scope: Scope, name: str) -> int:
        found = self.declared(node, scope)
        if self.is_kind(found, "unknown"):
            return self.unknown(f"`{name}` {self.table[found].name}")
        return found

    def _parameter(self, bound: Bound) -> int:
        routine, name = bound.routine, bound.node.arg
        if routine is None:
            return self.unknown(f"`{name}` is a parameter without annotation")
        arguments = routine.node.args
        first = [*arguments.posonlyargs, *arguments.args][:1]
        if routine.holder is not None and first and first[0] is bound.node:
            kind = self_kind(routine.node)
            if kind:
                return self.add(kind, routine.holder_name, line=routine.node.lineno)
        if bound.node in (arguments.vararg, arguments.kwarg):
            return self.add("literal")
        provided = self._provided(bound, routine)
        if bound.node.annotation is None:
            if provided is not None:
                return provided
            return self.unknown(f"`{name}` is a parameter without annotation")
        annotation = self._annotated(bound.node.annotation, routine.types, name)
        return self.declared_as(annotation, () if provided is None else (provided,))

    def _provided(self, bound: Bound, routine: Routine) -> int | None:
        """What a framework passes for a parameter."""
        name = bound.node.arg
        default = default_of(routine.node.args, bound.node)
        if isinstance(default, ast.Call) and leaf(default.func) in ("Depends", "Security"):
            asked = default.args[0] if default.args else bound.node.annotation
            if asked is not None:
                return self._then("depends", self._of(asked, bound.scope), line=default.lineno)
        if default is None and uses_fixtures(routine.node):
            if name in parametrized(routine.node, routine.holder):
                return self.unknown(f"`{name}` is a parameter with values of its own")
            inside = routine.holder_name
            return self.add("fixture", name, [self.add("local", inside)] if inside else ())
        return None

    # Expressions

    def _of(self, node: ast.expr, scope: Scope) -> int:
        """An operand's origin; one that leads back to the name in question says nothing."""
        found = self.value(node, scope)
        if self.is_kind(found, "cycle"):
            return self.unknown(f"`{shown(node)}` is bound to a part of itself")
        return found

    def _then(self, kind: str, operand: int, name: str = "", *, line: int = 0) -> int:
        """What is made of an operand; of an unknown one, nothing is known."""
        if self.is_kind(operand, "unknown"):
            return operand
        return self.add(kind, name, (operand,), line=line)

    def _attribute(self, node: ast.Attribute, scope: Scope) -> int:
        inner = self._of(node.value, scope)
        return self._then("attribute", inner, node.attr)

    def _await(self, node: ast.Await, scope: Scope) -> int:
        return self._then("await", self._of(node.value, scope))

    def _call(self, node: ast.Call, scope: Scope) -> int:
        name, callee = leaf(node.func), dotted_name(node.func)
        first = node.args[0] if node.args else None
        if callee == "super" and first is None:
            return self.add("super", self.class_around(scope), line=node.lineno)
        if name in _DOUBLES:
            given = {k.arg: k.value for k in node.keywords}
            named = next((given[k] for k in _SPECIFICATIONS if k in given), None)
            spec = named or first
            of = () if spec is None else (self._of(spec, scope),)
            return self.add("mock", of=of, line=node.lineno)
        if first is not None:
            if name == "__new__":
                owner = self.table[self.value(first, scope)]
                if owner.kind == "class":
                    return self.add("self", owner.name, line=node.lineno)
            if name == "cast" and len(node.args) == 2:
                return self._annotated(first, scope, shown(node))
            if callee in _RUNNERS or name in _RUNNERS:
                return self._then("await", self._of(first, scope))
            if callee in _PASSING_ON:
                return self._of(first, scope)
        return self._then("call", self._of(node.func, scope), line=node.lineno)

    def _either(self, node: ast.BoolOp | ast.IfExp, scope: Scope) -> int:
        parts = node.values if isinstance(node, ast.BoolOp) else [node.body, node.orelse]
        return self.any_of([self.value(part, scope) for part in parts])

    def _walrus(self, node: ast.NamedExpr, scope: Scope) -> int:
        return self.value(node.value, scope)

    def _constant(self, node: ast.Constant, scope: Scope) -> int:
        return self.add("none" if node.value is None else "literal")

    def _subscript(self, node: ast.Subscript | ast.BinOp, scope: Scope) -> int:
        if is_type_form(node):
            return self._then("alias", self.declared(node, scope))
        if isinstance(node, ast.BinOp):
            return self.unknown(f"the type of `{shown(node)}` cannot be told")
        return self.unknown(f"`{shown(node)}` is an element of a container")


def default_of(arguments: ast.arguments, parameter: ast.arg) -> ast.expr | None:
    """The default value of a parameter."""
    positional = [*arguments.posonlyargs, *arguments.args]
    if parameter in positional:
        place = positional.index(parameter) - len(positional) + len(arguments.defaults)
        return arguments.defaults[place] if place >= 0 else None
    if parameter in arguments.kwonlyargs:
        return arguments.kw_defaults[arguments.kwonlyargs.index(parameter)]
    return None


_Value: TypeAlias = "Callable[[Origins, Any, Scope], int]"
_VALUES: dict[type[ast.AST], _Value] = {
    ast.Name: Origins._name,
    ast.Attribute: Origins._attribute,
    ast.Await: Origins._await,
    ast.Call: Origins._call,
    ast.BoolOp: Origins._either,
    ast.IfExp: Origins._either,
    ast.NamedExpr: Origins._walrus,
    ast.Constant: Origins._constant,
    ast.Subscript: Origins._subscript,
    ast.BinOp: Origins._subscript,
}
