"""Markdown for a job summary or a comment: the numbers, the rules, the findings.

A summary has a greatest size, so the most severe findings come first, and long texts are cut.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from ssot_migrate.reporting.closing import fixable, left_out_of
from ssot_migrate.reporting.counted import counted
from ssot_migrate.reporting.marked import code, plain, prose, table
from ssot_migrate.reporting.ranking import most_severe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.domain.finding import Finding
    from ssot_migrate.domain.report import ScanReport
    from ssot_migrate.reporting import Style

MAX_ROWS = 1_000
MAX_ERRORS = 50
MAX_BYTES = 900_000  # GitHub takes a summary of 1 MiB

Row: TypeAlias = tuple[str, str, str]

_LONGEST = 500  # characters of a text


def render(report: ScanReport, style: Style) -> str:
    """Write the report as Markdown with tables, within the size that GitHub takes."""
    rows = [_row(finding) for finding in most_severe(report.findings, MAX_ROWS)]
    while True:
        text = "\n".join(_lines(report, style, rows)).rstrip("\n") + "\n"
        size = len(text.encode())
        if size <= MAX_BYTES or not rows:
            return text
        rows = rows[: int(len(rows) * 0.9 * MAX_BYTES / size)]


def _lines(report: ScanReport, style: Style, rows: list[Row]) -> Iterator[str]:
    found = counted(len(report.findings), "finding") if report.findings else "no findings"
    yield from (f"## ssot-migrate: {found} in {counted(report.files, 'file')}", "")
    names = {finding.code: finding.name for finding in report.findings}
    by_code = ((code(one), plain(names[one]), str(n)) for one, n in report.by_code.items())
    yield from table(("code", "rule", "findings:"), by_code)
    yield from table(("place", "code", "finding"), rows)
    if left_out := len(report.findings) - len(rows):
        yield from (f"{counted(left_out, 'more finding')}: a full report has them.", "")
    errors = report.errors[:MAX_ERRORS]
    not_handled = ((code(one.path or "."), prose(_shortened(one.message))) for one in errors)
    yield from table(("not handled", "why"), not_handled)
    if (unsaid := len(report.errors) - MAX_ERRORS) > 0:
        yield from (f"Not handled besides: {counted(unsaid, 'file or folder')}.", "")
    notes = (f"Note: {note}" for note in report.notes)
    for sentence in () if style.quiet else (fixable(report), left_out_of(report), *notes):
        if sentence:
            yield from (prose(_shortened(sentence)), "")


def _row(one: Finding) -> Row:
    place = _shortened(f"{one.path}:{one.line}:{one.column}")
    return code(place), plain(one.code), prose(_shortened(one.message))


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
