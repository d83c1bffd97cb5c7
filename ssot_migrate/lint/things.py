"""What a value turned out to be, and what shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import msgspec

from ssot_migrate.domain.symbol import SymbolPath

if TYPE_CHECKING:
    from collections.abc import Iterable


class Evidence(msgspec.Struct, frozen=True):
    """A place that shows what a value is.

    Args:
        how: `constructor`, `annotation`, `accessor`, `self`, `assignment` or `fixture`.
        path: The file.
        line: The line; 0 where the whole file is meant.
    """

    how: str
    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path


class Thing(msgspec.Struct, frozen=True):
    """A value, as far as the tree shows.

    Args:
        kind: `class`, `instance` and `function` of the tree; `module`; `outside` for what
            another distribution defines, `foreign` for an instance of a class of it; `gives` for
            what gives `of` when it is subjected to `text`; `alias` for a name of the types `of`;
            `mock` for a test double of `of`; `none`; `unknown`.
        symbol: The class, of which an instance is one; the function; the module.
        path: The file that defines it.
        line: Where it does.
        text: Of something unknown, a sentence that says what is missing; of something outside, its
            dotted name.
        of: What it is made of; of a method, what it is bound to.
        is_exact: Whether an instance is surely of no subclass.
        evidence: What shows it.
    """

    kind: str
    symbol: SymbolPath = SymbolPath("")
    path: str = ""
    line: int = 0
    text: str = ""
    of: tuple[Thing, ...] = ()
    is_exact: bool = False
    evidence: tuple[Evidence, ...] = ()

    def instance(self, how: str, path: str, line: int) -> Thing:
        """An instance of this class."""
        shown = (*self.evidence, Evidence(how, path, line))
        is_exact = how == "constructor" and not any(
            one.how in ("annotation", "self") for one in self.evidence
        )
        return Thing(
            "instance", self.symbol, self.path, self.line, is_exact=is_exact, evidence=shown
        )

    def shown_by(self, *evidence: Evidence) -> Thing:
        """The same with more evidence."""
        known = dict.fromkeys((*self.evidence, *evidence))
        return msgspec.structs.replace(self, evidence=tuple(known))

    @property
    def is_promise(self) -> bool:
        """Whether an annotation is part of what shows it: the value may be something else."""
        return any(one.how == "annotation" for one in self.evidence)


Things: TypeAlias = tuple[Thing, ...]
"""What a value may be: one of several. Never empty."""

NONE = Thing("none")
_CIRCLE_TEXT = "it depends on itself"
CIRCLE: Things = (Thing("unknown", text=_CIRCLE_TEXT),)
"""What is being asked for already: as one of several it adds nothing to the others."""


def unknown(why: str) -> Things:
    """Nothing that can be told; `why` is a sentence."""
    return (Thing("unknown", text=why),)


def outside(dotted: str) -> Thing:
    """What another distribution, or Python itself, defines."""
    return Thing("outside", text=dotted)


def gives(how: str, things: Things) -> Things:
    """What gives `things` when it is awaited, iterated, entered or called."""
    return CIRCLE if things == CIRCLE else (Thing("gives", text=how, of=things),)


def are(things: Things, *kinds: str) -> bool:
    """Whether a value is of one of the kinds, whatever it may be."""
    return all(thing.kind in kinds for thing in things)


def described(thing: Thing) -> str:
    """A value as messages call it."""
    if thing.kind in ("foreign", "outside"):
        return f"`{thing.text}`, which is outside the tree"
    if thing.kind in ("class", "instance", "function"):
        return f"`{thing.symbol.name}`"
    return {"mock": "a test double", "gives": "a coroutine or the like"}.get(thing.kind, "`None`")


def what_is_missing(things: Iterable[Thing]) -> str:
    """Why it cannot be told what a value is; empty if it can."""
    return next((thing.text for thing in things if thing.kind == "unknown"), "")


def joined(*several: Iterable[Thing]) -> Things:
    """One of several, each once; unknown if one of them is, and `None` only if nothing else."""
    found: dict[tuple[str, SymbolPath, str, Things], Thing] = {}
    all_things = [thing for things in several for thing in things]
    outside_circle = [thing for thing in all_things if thing.text != _CIRCLE_TEXT]
    for thing in outside_circle or all_things:
        if thing.kind == "unknown":
            return (thing,)
        key = (thing.kind, thing.symbol, thing.text, thing.of)
        known = found.get(key)
        if known is None:
            found[key] = thing
        else:
            is_exact = known.is_exact and thing.is_exact
            both = known.shown_by(*thing.evidence)
            found[key] = msgspec.structs.replace(both, is_exact=is_exact)
    telling = tuple(thing for thing in found.values() if thing.kind != "none")
    return telling or tuple(found.values()) or unknown("nothing is bound to it")
