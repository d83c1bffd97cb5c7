"""Comparisons as a section of a report: what is where, what differs, what to merge."""

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
from ssot_migrate.reporting.marked import code, plain, prose, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssot_migrate.domain.comparison import Comparison, MemberReport, MemberSide, SideReport


def as_markdown(answer: Sequence[Comparison], *, private: bool) -> str:
    """Write a chapter for each comparison."""
    lines: list[str] = []
    for one in answer:
        lines += _chapter(one, private=private)
    return "\n".join(lines).strip("\n") + "\n"


def _chapter(one: Comparison, *, private: bool) -> Iterator[str]:
    a, b = titles(one)
    members = listed(one.members, private=private)
    yield f"## {plain(a)} and {plain(b)}"
    yield ""
    yield from table(("", "A", "B"), _sides(one.a, one.b))
    yield "### Compatibility"
    yield ""
    yield f"For users of {code(a)}: {members_in_words(members)}."
    yield ""
    both = [member for member in members if None not in (member.a, member.b)]
    rows = ((code(m.name), _cell(m.a, m), _cell(m.b, m), m.verdict, _sentence(m)) for m in both)
    yield from table(("Member", "A", "B", "Verdict", "Why"), rows)
    for title, several in ((a, one.only_a), (b, one.only_b)):
        unique = listed(several, private=private)
        if unique:
            yield f"### Only in {plain(title)}"
            yield ""
            yield from (_item(member) for member in unique)
            yield ""
    clashes = listed(one.clashes, private=private)
    if clashes:
        yield "### Name clashes"
        yield ""
        for member in clashes:
            yield f"- {code(member.name)}: {prose(member.why or member.reverse_why)}"
        yield ""
    yield from _sites(one, a, b)


def _sides(a: SideReport, b: SideReport) -> Iterator[tuple[str, str, str]]:
    sides = (a, b)
    yield ("Definition", code(a.symbol), code(b.symbol))
    yield ("Place", *(code(f"{one.path}:{one.line}") for one in sides))  # type: ignore[misc] # two
    yield ("Kind", a.kind, b.kind)
    yield ("Lines", str(a.lines), str(b.lines))
    yield ("Lines of the file", str(a.file_lines), str(b.file_lines))
    if a.mro or b.mro:
        yield ("Bases", _names(a.bases), _names(b.bases))
        yield ("MRO", code(mro(a)) if a.mro else "", code(mro(b)) if b.mro else "")
    if a.unseen or b.unseen:
        yield ("Outside the tree", _names(a.unseen), _names(b.unseen))
    if a.conflict or b.conflict:
        yield ("Conflict", prose(a.conflict), prose(b.conflict))
    if a.decorators or b.decorators:
        yield ("Decorators", _names(a.decorators), _names(b.decorators))
    if a.slots is not None or b.slots is not None:
        yield ("Slots", _names(a.slots or ()), _names(b.slots or ()))
    yield ("Imported by", consumers(a), consumers(b))


def _sites(one: Comparison, a: str, b: str) -> Iterator[str]:
    told = one.sites("breaks", "adapt", "unclear")
    yield "### Call sites"
    yield ""
    yield (
        f"If users of {code(a)} used {code(b)}, of the uses of what differs: "
        f"{sites_in_words(one.call_sites)}."
    )
    yield ""
    yield from table(
        ("Place", "Use", "Verdict", "Why", "Category"),
        (
            (code(f"{s.path}:{s.line}"), code(s.name), s.verdict, prose(s.why), s.category)
            for s in told
        ),
    )


def _item(member: MemberReport) -> str:
    side = member.a or member.b
    if side is None:
        return ""
    origin = came_from(side)
    told = f", {prose(origin)}" if origin else ""
    return f"- {code(declared(member.name, side))} (line {side.line}{told})"


def _cell(side: MemberSide | None, member: MemberReport) -> str:
    if side is None:
        return ""
    origin = came_from(side)
    return code(declared(member.name, side)) + (f" {prose(origin)}" if origin else "")


def _sentence(member: MemberReport) -> str:
    if member.verdict == member.reverse or not member.reverse_why:
        return prose(member.why)
    back = f"the other way: {member.reverse}, {member.reverse_why}"
    return prose(f"{member.why}; {back}" if member.why else back)


def _names(names: Sequence[str]) -> str:
    return ", ".join(map(code, names)) or "none"
