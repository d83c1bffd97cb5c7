"""A page with the same numbers, for a pull request or a wiki."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ssot_migrate.reporting.progress import words
from ssot_migrate.reporting.sanitize import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.domain.progress import Progress

_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~&$])")


def render(report: Progress) -> str:
    """Write headings, sentences and tables."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Progress) -> Iterator[str]:
    yield "# Findings over time"
    yield ""
    yield f"{escaped(words.headline(report))}."
    yield ""
    yield from words.outlook(report)
    for note in report.notes:
        yield f"\nNote: {escaped(note)}."
    yield "\n| revision | date | files | findings | change | suppressed |"
    yield "|---|---|--:|--:|--:|--:|"
    before: int | None = None
    for point in report.points:
        tally = point.tally
        change = "" if before is None else f"{tally.findings - before:+}"
        cells = (tally.files, tally.findings, change, tally.suppressed)
        yield f"| {code(words.label(point))} | {point.date} | {' | '.join(map(str, cells))} |"
        before = tally.findings
    for group in words.groups(report):
        yield f"\n## {group.title.capitalize()}\n"
        yield "| name | first | last | change |"
        yield "|---|--:|--:|--:|"
        for series in group.series:
            first, last = series.values[0], series.values[-1]
            is_rule = group.title == "by rule"
            name = words.rule_label(report, series.name) if is_rule else series.name
            yield f"| {code(name)} | {first} | {last} | {last - first:+} |"


def escaped(text: str) -> str:
    """A text that Markdown shows as it is."""
    return _MARKS.sub(r"\\\1", visible(text))


def code(name: str) -> str:
    """A name as code in a table, where an owner is not called by the page."""
    return f"`{visible(name).replace('`', chr(39)).replace('|', chr(92) + '|')}`"
