"""Tells how a reader of one member fares with another one of the same name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

from ssot_migrate.lint.signatures import differences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.index.interface_facts import MemberFact

CALLED = ("method", "static", "class", "function")
VALUES = ("attribute", "instance", "property")
Word: TypeAlias = Literal["same", "compatible", "incompatible", "missing"]
_KINDS = {
    "method": "a method",
    "static": "a static method",
    "class": "a class method",
    "function": "a function",
    "property": "a property",
    "attribute": "an attribute",
    "instance": "an attribute",
    "nested": "a class",
    "module": "a module",
}


class Verdict(msgspec.Struct, frozen=True):
    """How readers fare.

    Args:
        word: `same`, `compatible` or `incompatible`; `missing` is for those who know of two sides.
        why: What differs, as clauses; empty where nothing does.
    """

    word: Word
    why: str = ""


def verdict(old: MemberFact, new: MemberFact) -> Verdict:
    """Compare a member with the one that would take its place."""
    broken = tuple(_broken(old, new))
    if broken:
        return Verdict("incompatible", "; ".join(broken))
    noted = "; ".join(_noted(old, new))
    is_same = not noted and old.kind == new.kind and old.signature == new.signature
    return Verdict("same" if is_same else "compatible", noted)


def is_called(member: MemberFact) -> bool:
    """Whether it is known how a member is called; of a module, that is true of classes too."""
    return member.kind in CALLED or (member.kind == "nested" and member.signature is not None)


def kind_of(member: MemberFact) -> str:
    """What a member is, with its article."""
    return _KINDS[member.kind]


def _broken(old: MemberFact, new: MemberFact) -> Iterator[str]:
    was, now = old.kind, new.kind
    if is_called(old) and is_called(new):
        if now == "method" and was in ("static", "class"):
            yield f"it is called on an instance, was {kind_of(old)}"
        if old.signature is not None and new.signature is not None:
            yield from differences(old.signature, new.signature)
    elif is_called(old) and now == "property":
        yield f"it is read without a call: it is {kind_of(new)}, was {kind_of(old)}"
    elif was in VALUES and is_called(new):
        yield f"it must be called: it is {kind_of(new)}, was {kind_of(old)}"
    elif was != now and not (was in VALUES and now in VALUES):
        yield f"it is {kind_of(new)}, was {kind_of(old)}"


def _noted(old: MemberFact, new: MemberFact) -> Iterator[str]:
    """What callers need not change for."""
    is_read_only = new.kind == "property" and not new.is_settable
    if old.kind in VALUES and is_read_only and (old.kind != "property" or old.is_settable):
        yield "it is read-only"
    if old.kind != new.kind and kind_of(old) != kind_of(new):
        yield f"it is {kind_of(new)}, was {kind_of(old)}"
    if old.returns and new.returns and old.returns != new.returns:
        yield f"it is annotated to return `{new.returns}`, was `{old.returns}`"
    more = sorted(set(new.raises) - set(old.raises))
    if more:
        yield f"it raises {', '.join(f'`{one}`' for one in more)}"
