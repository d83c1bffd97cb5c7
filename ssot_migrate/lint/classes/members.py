"""The members of a class, with those that it inherits, overrides and hides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.index.interface_facts import MemberFact
from ssot_migrate.lint.classes.ancestry import ClassRef
from ssot_migrate.lint.classes.verdicts import Verdict, verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ssot_migrate.lint.classes.table import Classes

CONSTRUCTORS = ("__init__", "__new__", "__init_subclass__", "__post_init__")
"""Whose signatures a subclass changes as it likes."""
_BOOKKEEPING = ("__slots__", "__doc__", "__module__", "__annotations__", "__match_args__")


class Held(msgspec.Struct, frozen=True):
    """A member and the class whose body has it."""

    member: MemberFact
    holder: ClassRef


class Override(msgspec.Struct, frozen=True):
    """A member of a class, the one it overrides, and how readers of that fare with it."""

    own: MemberFact
    above: Held
    verdict: Verdict


class Shadow(msgspec.Struct, frozen=True):
    """A member of one base that another base hides, which is not derived from it."""

    hidden: Held
    by: Held


def held(classes: Classes, ref: ClassRef) -> Mapping[str, Sequence[Held]]:
    """Every member of a class and of those of the tree above it, by name, nearest first."""
    found: dict[str, list[Held]] = {}
    for one in classes.line(ref).refs:
        fact = classes.fact(one)
        for member in fact.members if fact is not None else ():
            if member.name not in _BOOKKEEPING and not (one != ref and is_mangled(member.name)):
                found.setdefault(member.name, []).append(Held(member, one))
    return found


def effective(several: Sequence[Held]) -> Held:
    """The member that a reader of an instance gets."""
    first = several[0]
    if first.member.kind == "instance":
        # What a method assigns goes through a property above it.
        for other in several[1:]:
            if other.member.kind == "property" and other.member.is_settable:
                return other
    return first


def overrides(classes: Classes, ref: ClassRef) -> Iterator[Override]:
    """What a class defines that a class of the tree above it has too, in source order."""
    for several in held(classes, ref).values():
        own = several[0]
        above = next((other for other in several[1:]), None)
        if own.holder != ref or above is None or effective(several) != own:
            continue
        if own.member.name in CONSTRUCTORS:
            yield Override(own.member, above, Verdict("compatible"))
        else:
            yield Override(own.member, above, verdict(above.member, own.member))


def shadows(classes: Classes, ref: ClassRef) -> Iterator[Shadow]:
    """What comes together in a class for the first time and hides each other, by name."""
    parents = [classes.line(base.ref).refs for base in classes.bases(ref)]
    if len(parents) < 2:
        return
    for name, several in sorted(held(classes, ref).items()):
        first = several[0]
        if first.holder == ref or (name.startswith("__") and name.endswith("__")):
            continue
        above = classes.line(first.holder).refs
        for other in several[1:]:
            both = {first.holder, other.holder}
            if other.holder not in above and not any(both <= set(line) for line in parents):
                yield Shadow(other, first)
                break


def is_mangled(name: str) -> bool:
    """Whether a name belongs to the class that spells it alone."""
    return name.startswith("__") and not name.endswith("__")


def is_private(name: str) -> bool:
    """Whether a name is not for readers: underscored, and no special method."""
    return name.startswith("_") and not (name.startswith("__") and name.endswith("__"))
