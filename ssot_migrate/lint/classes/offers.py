"""What a class, a function or a module offers to its users, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.index.facts import Member, Signature
from ssot_migrate.index.interface_facts import FunctionInterface, MemberFact
from ssot_migrate.lint.callables import Callables
from ssot_migrate.lint.classes.ancestry import ClassRef
from ssot_migrate.lint.classes.members import effective, held
from ssot_migrate.resolve.resolution import Hop, Kind, Resolution

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssot_migrate.lint.classes.table import Classes
    from ssot_migrate.lint.project import Project

_CONSTRUCTORS = ("__init__", "__new__")
_EMPTY = ("object", "abc.ABC", "typing.Generic", "typing.Protocol")
_HARMLESS = ("final", "runtime_checkable", "deprecated", "total_ordering")


class Offered(msgspec.Struct, frozen=True):
    """A member, and where it stands.

    Args:
        member: What it is.
        path: The file.
        origin: The class or module that it is inherited or imported from; empty if it is the
            definition's own.
    """

    member: MemberFact
    path: str
    origin: str = ""


class Offer(msgspec.Struct, frozen=True):
    """What a definition offers.

    Args:
        found: The definition.
        kind: `class`, `function` or `module`.
        members: By name; a function's own signature under its name.
        ref: The class, if it is one.
        function: The function, if it is one.
        end_line: Where it ends; 0 of a module.
        is_open: Whether it may have members that cannot be read.
    """

    found: Resolution
    kind: str
    members: Mapping[str, Offered]
    ref: ClassRef | None = None
    function: FunctionInterface | None = None
    end_line: int = 0
    is_open: bool = False

    @property
    def constructor(self) -> Offered | None:
        """How a class is called."""
        return next((self.members[n] for n in _CONSTRUCTORS if n in self.members), None)

    @property
    def signature(self) -> Signature | None:
        """How the definition itself is called; None where that cannot be read."""
        if self.kind == "function":
            return self.members[self.found.symbol.leaf].member.signature
        made = self.constructor
        if made is not None:
            return made.member.signature
        return Signature() if self.kind == "class" and not self.is_open else None

    def callables(self) -> Callables:
        """The same as the proofs of calls want it."""
        return Callables(
            self.found.symbol,
            self.found.end.line,
            self.signature,
            {
                name: Member(name, _plain(one.member), one.member.line, one.member.signature)
                for name, one in self.members.items()
            },
        )


def offer(project: Project, classes: Classes, found: Resolution) -> Offer | None:
    """What the definition at the end of a resolution offers; None if it is none of the three."""
    if found.kind is Kind.MODULE and found.end.path:
        return Offer(found, "module", dict(_of_module(project, classes, found.end.path)))
    if found.kind is not Kind.SYMBOL:
        return None
    ref = classes.at(found)
    if ref is not None:
        members = dict(_of_class(classes, ref))
        is_open = _is_open(classes, ref) or "__getattr__" in members
        fact = classes.fact(ref)
        end_line = fact.end_line if fact is not None else 0
        return Offer(found, "class", members, ref, end_line=end_line, is_open=is_open)
    holder, _, name = found.symbol.name.rpartition(".")
    if holder:
        return _method(classes, found, SymbolPath(found.symbol.module, holder), name)
    function = _function(project, found)
    if function is None:
        return None
    offered = Offered(msgspec.structs.replace(function.member, name=name), found.end.path)
    return Offer(found, "function", {name: offered}, None, function, function.end_line)


def _method(classes: Classes, found: Resolution, holder: SymbolPath, name: str) -> Offer | None:
    """A method that is asked for by its class."""
    end = Hop(holder, found.end.path, found.end.line, found.end.how)
    ref = classes.at(Resolution(found.kind, (end,)))
    member = dict(_of_class(classes, ref)).get(name) if ref is not None else None
    if member is None or member.member.signature is None:
        return None
    hop = Hop(found.symbol, member.path, member.member.line, "def")
    return Offer(Resolution(found.kind, (hop,)), "function", {name: member})


def _is_open(classes: Classes, ref: ClassRef) -> bool:
    """Whether a class may have members or a constructor that no class of the tree has."""
    line = classes.line(ref)
    facts = filter(None, map(classes.fact, line.refs))
    is_made = any(
        name.rpartition(".")[2] not in _HARMLESS for fact in facts for name in fact.decorators
    )
    return is_made or bool(line.unseen) or len(_outside(line.refs)) > 0


def _outside(refs: Sequence[ClassRef]) -> list[str]:
    return [one.name for one in refs if not one.path and one.name not in _EMPTY]


def _of_class(classes: Classes, ref: ClassRef) -> Iterator[tuple[str, Offered]]:
    for name, several in held(classes, ref).items():
        one = effective(several)
        origin = one.holder.name if one.holder != ref else ""
        yield name, Offered(one.member, one.holder.path, origin)


def _of_module(project: Project, classes: Classes, path: str) -> Iterator[tuple[str, Offered]]:
    """The names that a module defines, and those that it passes on on purpose."""
    facts = project.facts(path)
    if facts is None:
        return
    defined = {b.name for b in facts.bindings if b.kind in ("class", "def", "value", "alias")}
    names = defined | set(facts.exports or ()) | {lazy.name for lazy in facts.lazy_names}
    for name in sorted(names - {"*"}):
        if name.startswith("__") and name.endswith("__"):
            continue
        found = project.resolver.bound(path, name)
        origin = str(found.symbol) if found.end.path != path else ""
        yield name, Offered(_as_member(project, classes, name, found), found.end.path, origin)


def _as_member(project: Project, classes: Classes, name: str, found: Resolution) -> MemberFact:
    """A name of a module as a member of it; a class counts with its constructor."""
    line = found.end.line
    if found.kind is Kind.MODULE:
        return MemberFact(name, "module", 1)
    inner = offer(project, classes, found) if found.kind is Kind.SYMBOL else None
    if inner is None:
        return MemberFact(name, "attribute", line)
    if inner.kind == "class":
        made = inner.constructor
        if made is None:
            return MemberFact(name, "nested", line)
        return MemberFact(name, "nested", line, made.member.signature, made.member.shown)
    (one,) = inner.members.values()
    return msgspec.structs.replace(one.member, name=name)


def _function(project: Project, found: Resolution) -> FunctionInterface | None:
    facts = project.index.interfaces(found.end.path)
    named = [
        one
        for one in (facts.functions if facts is not None else ())
        if one.member.name == found.symbol.name
    ]
    here = [one for one in named if one.member.line == found.end.line]
    return (here or named)[-1] if named else None


def _plain(member: MemberFact) -> str:
    return {"instance": "attribute", "nested": "attribute", "function": "method"}.get(
        member.kind, member.kind
    )
