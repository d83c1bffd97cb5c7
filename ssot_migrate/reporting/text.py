"""One line a finding, `path:line:column: CODE message`, so that a terminal can link it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.reporting.closing import MARKERS, closing_lines, place
from ssot_migrate.reporting.paint import draw
from ssot_migrate.reporting.sanitize import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.domain.finding import Finding
    from ssot_migrate.domain.report import ScanReport
    from ssot_migrate.reporting import Style
    from ssot_migrate.reporting.paint import Line


def render(report: ScanReport, style: Style) -> str:
    """Write the findings for a person, a line each, and a summary."""
    return draw(_lines(report, style), color=style.color)


def heading(finding: Finding) -> Line:
    """Say a finding's code, whether it is fixable, and its message."""
    marker = MARKERS[finding.fix]
    return [
        (visible(finding.code), finding.severity.value),
        (f" {marker}" if marker else "", "fix"),
        (f" {visible(finding.message)}", ""),
    ]


def _lines(report: ScanReport, style: Style) -> Iterator[Line]:
    for finding in report.findings:
        yield [
            (place(finding.path), "path"),
            (f":{finding.line}:{finding.column}: ", "separator"),
            *heading(finding),
        ]
    yield from closing_lines(report, style)
