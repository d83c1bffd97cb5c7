"""What the page and the document say in the same words."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from ssot_migrate.domain.report import Silencer
from ssot_migrate.reporting.progress import words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ssot_migrate.domain.overview import Home, Overview, Shown
    from ssot_migrate.domain.progress import Progress

RISKS = ("", "low", "medium", "high", "critical")
KINDS_OF_IMPORT = (
    ("runtime", "at import"),
    ("fallback", "in a try"),
    ("lazy", "in a function"),
    ("type-checking", "for types"),
)
_STANDING = {
    "": "counts",
    Silencer.BASELINE.value: "known to the baseline",
    Silencer.COMMENT.value: "suppressed by a comment",
}


class Rows(NamedTuple):
    """Names with their numbers at the first and the last revision."""

    title: str
    rows: tuple[tuple[str, int, int], ...]


def titles(view: Overview) -> tuple[tuple[str, str], ...]:
    """The sections that have something to say: the name of each and its heading."""
    sections = (
        ("summary", "Summary", True),
        ("progress", "Over time", view.progress is not None),
        ("concepts", "Concepts", True),
        ("graph", "Imports around a concept", bool(view.graphs)),
        ("consumers", "Consumers", bool(view.homes)),
        ("families", "Duplicates side by side", True),
        ("findings", "Findings", True),
        ("notes", "Notes", bool(view.notes or view.scan.errors)),
    )
    return tuple((name, title) for name, title, is_there in sections if is_there)


def share(home: Home) -> int:
    """How much of its consumers have come, in percent, rounded down; 100 where there is none."""
    every = home.migrated + home.left
    return 100 * home.migrated // every if every else 100


def standing(one: Shown) -> str:
    """Whether a finding counts, and if not, why."""
    return _STANDING[one.known]


def tallies(view: Overview) -> tuple[tuple[str, Mapping[str, int]], ...]:
    """Findings that count, by what; the most numerous first."""
    findings = view.scan.findings
    return (
        ("by fix", {way: number for way, number in view.scan.by_fix.items() if number}),
        ("by severity", _counts(Counter(one.severity.value for one in findings))),
        ("by category", _counts(Counter(one.category.value for one in findings))),
        ("by owner", view.by_owner),
    )


def series(progress: Progress) -> Iterator[Rows]:
    """What was found at the first and the last revision, by rule, concept and owner."""
    for group in words.groups(progress):
        is_rule = group.title == "by rule"
        yield Rows(
            group.title,
            tuple(
                (
                    words.rule_label(progress, one.name) if is_rule else one.name,
                    one.values[0],
                    one.values[-1],
                )
                for one in group.series
            ),
        )


def _counts(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
