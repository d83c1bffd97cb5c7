"""A page with the same numbers, for a pull request or a wiki."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.reporting.marked import code, prose, table
from ssot_migrate.reporting.progress import words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssot_migrate.domain.progress import Point, Progress


def render(report: Progress) -> str:
    """Write headings, sentences and tables."""
    return "\n".join(_lines(report)).rstrip("\n") + "\n"


def _lines(report: Progress) -> Iterator[str]:
    yield from ("# Findings over time", "", f"{prose(words.headline(report))}.", "")
    yield from (*words.outlook(report), "")
    for note in report.notes:
        yield from (f"Note: {prose(note)}.", "")
    head = ("revision", "date", "files:", "findings:", "change:", "suppressed:")
    yield from table(head, _points(report.points))
    for group in words.groups(report):
        is_rule = group.title == "by rule"
        yield from (f"## {group.title.capitalize()}", "")
        yield from table(
            ("name", "first:", "last:", "change:"),
            (
                (code(words.rule_label(report, one.name) if is_rule else one.name), *_ends(one))
                for one in group.series
            ),
        )


def _points(points: Sequence[Point]) -> Iterator[Sequence[str]]:
    before: int | None = None
    for point in points:
        tally = point.tally
        change = "" if before is None else f"{tally.findings - before:+}"
        numbers = (f"{tally.files}", f"{tally.findings}", change, f"{tally.suppressed}")
        yield (code(words.label(point)), f"{point.date}", *numbers)
        before = tally.findings


def _ends(series: words.Series) -> tuple[str, str, str]:
    first, last = series.values[0], series.values[-1]
    return f"{first}", f"{last}", f"{last - first:+}"
