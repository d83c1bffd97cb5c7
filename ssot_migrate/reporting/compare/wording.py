"""What the formats for people say alike."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssot_migrate.domain.comparison import (
        CallSite,
        Comparison,
        MemberReport,
        MemberSide,
        SideReport,
    )

_KINDS = {
    "static": "static ",
    "class": "classmethod ",
    "property": "property ",
    "nested": "class ",
    "module": "module ",
}


def short(name: str) -> str:
    """A name without its module."""
    return name.partition(":")[2] or name


def titles(one: Comparison) -> tuple[str, str]:
    """Names that tell the two apart; with their modules where they are called alike."""
    a, b = short(one.a.symbol), short(one.b.symbol)
    return (one.a.symbol, one.b.symbol) if a == b else (a, b)


def declared(name: str, side: MemberSide) -> str:
    """A member as it is declared, in one line."""
    marks = "async " if side.shown.startswith("async ") else ""
    shown = side.shown.removeprefix("async ")
    separator = ": " if shown and not shown.startswith("(") else ""
    return f"{_KINDS.get(side.kind, '')}{marks}{name}{separator}{shown}"


def came_from(side: MemberSide) -> str:
    """Where a member is inherited or imported from; empty if it is nowhere else."""
    return f"from {short(side.origin)}" if side.origin else ""


def listed(members: Sequence[MemberReport], *, private: bool) -> tuple[MemberReport, ...]:
    """The members that a person wants to see."""
    return tuple(one for one in members if private or not one.is_private)


def mro(side: SideReport) -> str:
    """A method resolution order in one line."""
    return " -> ".join(map(short, side.mro))


def consumers(side: SideReport) -> str:
    """Who imports a definition, in numbers."""
    if not side.importing_files:
        return "no file"
    categories = ", ".join(f"{count} {name}" for name, count in side.by_category.items())
    return f"{count(side.importing_files, 'file')} ({categories})"


def sites_in_words(sites: Sequence[CallSite]) -> str:
    """How many places there are of each verdict."""
    words = {"breaks": "break", "adapt": "need another `await`", "unclear": "are unclear",
             "fits": "fit"}  # fmt: skip
    found = Counter(site.verdict for site in sites)
    parts = [f"{found[verdict]} {word}" for verdict, word in words.items() if found[verdict]]
    return ", ".join(parts) or "none found"


def members_in_words(members: Sequence[MemberReport]) -> str:
    """How many members there are of each verdict."""
    found = Counter(one.verdict for one in members if one.a is not None)
    parts = [
        f"{found[word]} {word}"
        for word in ("same", "compatible", "incompatible", "missing")
        if found[word]
    ]
    return ", ".join(parts) or "none"


def count(number: int, noun: str) -> str:
    """A number with its noun."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
