"""What the formats for people say in the same words."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ssot_migrate.reporting.sanitize import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ssot_migrate.domain.progress import Point, Progress, Tally

METHOD = "least squares over all of them"


class Series(NamedTuple):
    """One thing counted over the history: its name, and how many there were at each point."""

    name: str
    values: tuple[int, ...]


class Group(NamedTuple):
    """Series of one kind, the most numerous of today first."""

    title: str
    series: tuple[Series, ...]


def headline(report: Progress) -> str:
    """What was counted, when, and under which registry."""
    first, last = report.points[0], report.points[-1]
    count = len(report.points)
    over = "1 revision" if count == 1 else f"{count} revisions"
    days = str(last.date) if first.date == last.date else f"{first.date} to {last.date}"
    registry = visible(report.registry) or "no registry"
    return f"Findings in {over}, {days}, all under today's registry ({registry})"


def outlook(report: Progress) -> Iterator[str]:
    """The rate, how it was computed, and the end; nothing is promised that does not fall."""
    trend, left = report.trend, report.points[-1].tally.findings
    if trend is None:
        yield "No rate: that takes revisions with Python that are a week or more apart."
        return
    yield (
        f"Rate: {trend.per_week:+.1f} findings a week, by {METHOD}: "
        f"{trend.points} revisions, {trend.since} to {trend.until}."
    )
    if trend.ends is not None:
        yield (
            f"At that rate none of the {left} would be left on {trend.ends}: {left} divided by "
            f"{-trend.per_week:.1f} a week, from {trend.until} on."
        )


def groups(report: Progress) -> Iterator[Group]:
    """What was found by rule, concept and owner, as far as there is any."""
    kinds: tuple[tuple[str, Callable[[Tally], Mapping[str, int]]], ...] = (
        ("by rule", lambda tally: tally.by_rule),
        ("by concept", lambda tally: tally.by_concept),
        ("by owner", lambda tally: tally.by_owner),
    )
    for title, counts in kinds:
        tallies = [counts(point.tally) for point in report.points]
        names = sorted({name for tally in tallies for name in tally})
        series = [Series(name, tuple(tally.get(name, 0) for tally in tallies)) for name in names]
        if series:
            yield Group(title, tuple(sorted(series, key=lambda one: (-one.values[-1], one.name))))


def label(point: Point) -> str:
    """A revision's short name and its tags."""
    return " ".join((point.commit[:9], *map(visible, point.tags)))


def rule_label(report: Progress, code: str) -> str:
    """A rule's code and name."""
    return f"{code} {report.rules.get(code, '')}".strip()
