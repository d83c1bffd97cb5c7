"""Comparisons for people at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.reporting.compare.wording import (
    came_from,
    consumers,
    declared,
    listed,
    members_in_words,
    mro,
    sites_in_words,
    titles,
)
from ssot_migrate.reporting.sanitize import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssot_migrate.domain.comparison import Comparison, MemberReport, MemberSide, SideReport


def as_text(answer: Sequence[Comparison], *, private: bool) -> str:
    """Write what differs, then what would break."""
    lines: list[str] = []
    for one in answer:
        lines += [*_comparison(one, private=private), ""]
    return "\n".join(map(visible, lines)).strip("\n") + "\n"


def _comparison(one: Comparison, *, private: bool) -> Iterator[str]:
    a, b = titles(one)
    members = listed(one.members, private=private)
    yield from _side("A", one.a)
    yield from _side("B", one.b)
    differing = [m for m in members if None not in (m.a, m.b) and m.verdict != "same"]
    same = [m.name for m in members if m.verdict == "same"]
    if differing:
        yield ""
        yield f"both have, for users of {a}:"
        for member in differing:
            yield from _difference(member)
    if same:
        yield ""
        yield f"the same in both: {', '.join(same)}"
    for title, several, other in ((a, one.only_a, b), (b, one.only_b, a)):
        unique = listed(several, private=private)
        if unique:
            yield ""
            yield f"only in {title}, to be merged before {other} can replace it:"
            yield from (_declared(member.name, member.a or member.b) for member in unique)
    broken = one.sites("breaks", "adapt", "unclear")
    if broken:
        yield ""
        yield f"where {a} is used and {b} would be:"
        for site in broken:
            told = "" if site.verdict == "breaks" else f"{site.verdict}: "
            yield f"  {site.path}:{site.line}  {site.name}: {told}{site.why}"
    yield ""
    yield (
        f"Members of {a} in {b}: {members_in_words(members)}. "
        f"Uses of what differs: {sites_in_words(one.call_sites)}."
    )


def _side(letter: str, side: SideReport) -> Iterator[str]:
    yield f"{letter}  {side.symbol}  {side.path}:{side.line}  {side.kind}, {side.lines} lines"
    if side.mro:
        yield f"   bases: {', '.join(side.bases) or 'none'}"
        yield f"   MRO: {mro(side)}"
    if side.unseen:
        yield f"   not known: what {', '.join(side.unseen)} derives from"
    if side.conflict:
        yield f"   conflict: {side.conflict}"
    if side.decorators:
        yield f"   decorated with: {', '.join(side.decorators)}"
    if side.slots is not None:
        yield f"   slots: {', '.join(side.slots) or 'none'}"
    yield f"   imported by: {consumers(side)}"


def _difference(one: MemberReport) -> Iterator[str]:
    yield f"  {one.name}: {one.verdict}" + (f": {one.why}" if one.why else "")
    for letter, side in (("A", one.a), ("B", one.b)):
        if side is not None:
            yield f"  {letter} {_declared(one.name, side)}"


def _declared(name: str, side: MemberSide | None) -> str:
    if side is None:
        return ""
    origin = came_from(side)
    return f"  {declared(name, side)}  :{side.line}" + (f"  {origin}" if origin else "")
