"""Holds findings against a baseline: what is known, what is new, what is there no more."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.baseline import Entry
from ssot_migrate.domain.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Mapping

_NOWHERE: Mapping[str, str] = {}


class Held(msgspec.Struct, frozen=True):
    """Findings held against a baseline.

    Args:
        new: Findings that no entry stands for, in their order.
        known: The other findings, each with its entry.
        absent: Entries for which nothing was found.
    """

    new: tuple[Finding, ...]
    known: tuple[tuple[Finding, Entry], ...]
    absent: tuple[Entry, ...]


def hold(
    findings: Iterable[Finding],
    entries: Collection[Entry],
    paths: Container[str],
    moved: Mapping[str, str] = _NOWHERE,
) -> Held:
    """Match findings and entries one to one: within a file first, then wherever code moved to.

    Code moves with its file, or with the function or class that it is in. An entry of a file that
    is still there, about code at module level, does not let the same code pass in another file,
    unless that is where its module went. Equal findings count: a baseline that has two of them does
    not let a third one pass.

    Args:
        findings: What was found.
        entries: What is known.
        paths: The files there are.
        moved: Where the code of files went that are still there, as shims: old path to new one.
    """
    ordered = list(findings)
    matched: dict[int, Entry] = {}

    def in_successor(entry: Entry) -> tuple[str, ...] | None:
        return (*_anywhere(entry), moved[entry.path]) if entry.path in moved else None

    def anywhere(entry: Entry) -> tuple[str, ...] | None:
        return _anywhere(entry) if entry.scope or entry.path not in paths else None

    for of_finding, of_entry in (
        (_in_place, _in_place),
        (_in_place, in_successor),
        (_anywhere, anywhere),
    ):
        left: defaultdict[tuple[str, ...], deque[Entry]] = defaultdict(deque)
        for entry in sorted({*entries}.difference(matched.values())):
            if (key := of_entry(entry)) is not None:
                left[key].append(entry)
        for number, finding in enumerate(ordered):
            if number not in matched and (candidates := left.get(of_finding(finding))):
                matched[number] = candidates.popleft()
    return Held(
        new=tuple(one for number, one in enumerate(ordered) if number not in matched),
        known=tuple((ordered[number], entry) for number, entry in sorted(matched.items())),
        absent=tuple(sorted({*entries}.difference(matched.values()))),
    )


def _in_place(one: Finding | Entry) -> tuple[str, ...]:
    return one.code, one.scope, one.snippet, one.path


def _anywhere(one: Finding | Entry) -> tuple[str, ...]:
    return one.code, one.scope, one.snippet


def entry_of(finding: Finding, reason: str = "") -> Entry:
    """The entry that stands for a finding."""
    return Entry(finding.code, finding.path, finding.scope, finding.snippet, 1, reason)


def numbered(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries in the order of a baseline, equal ones of one file numbered."""
    seen: Counter[tuple[str, str, str, str]] = Counter()
    listed = []
    for entry in sorted(entries):
        key = (entry.code, entry.path, entry.scope, entry.snippet)
        seen[key] += 1
        listed.append(msgspec.structs.replace(entry, number=seen[key]))
    return tuple(sorted(listed))
