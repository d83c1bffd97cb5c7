"""What the formats for people say after the findings: errors, table, summary, notes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import Fix, Severity
from ssot_migrate.reporting.counted import counted
from ssot_migrate.reporting.sanitize import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.domain.report import ScanReport
    from ssot_migrate.reporting import Style
    from ssot_migrate.reporting.paint import Line

MARKERS = {Fix.SAFE: "[*]", Fix.UNSAFE: "[?]", Fix.MANUAL: ""}


def place(path: str) -> str:
    """Name a file at the start of a line, where GitHub's runner would obey `::error::`."""
    shown = visible(path) or "."
    return f"./{shown}" if shown.lstrip().startswith(":") else shown


def closing_lines(report: ScanReport, style: Style) -> Iterator[Line]:
    """Say what follows the findings, as far as the style asks for it."""
    for error in report.errors:
        yield [
            (place(error.path), "path"),
            (": ", "separator"),
            ("error", "error"),
            (f": {visible(error.message)}", ""),
        ]
    if style.statistics and report.findings:
        yield from _table(report)
    if not style.quiet:
        if report.findings or report.errors:
            yield []
        yield from _summary(report, style)
        for note in report.notes:
            yield [("note", "help"), (f": {visible(note)}", "")]


def _table(report: ScanReport) -> Iterator[Line]:
    names = {finding.code: finding.name for finding in report.findings}
    by_code = sorted(report.by_code.items(), key=lambda item: (-item[1], item[0]))
    count_width = len(str(by_code[0][1]))
    code_width = max(len(visible(code)) for code in names)
    yield []
    for code, count in by_code:
        yield [
            (f"{count:>{count_width}}  ", "strong"),
            (f"{visible(code):<{code_width}}  ", "error"),
            (visible(names[code]), ""),
        ]


def _summary(report: ScanReport, style: Style) -> Iterator[Line]:
    files = counted(report.files, "file")
    if report.findings:
        severities = Counter(finding.severity for finding in report.findings)
        parts = [counted(severities[key], key.value) for key in Severity if severities[key]]
        found = counted(len(report.findings), "finding")
        yield [(f"Found {found} in {files}: {', '.join(parts)}.", "strong")]
        if not style.statistics:
            codes = ", ".join(f"{visible(code)} {n}" for code, n in report.by_code.items())
            yield [(f"By code: {codes}.", "")]
        yield [(fixable(report), "")]
    else:
        yield [(f"No findings in {files}.", "warning" if report.errors else "good")]
    if left_out := left_out_of(report):
        yield [(left_out, "")]
    if report.errors:
        yield [(f"Not handled: {counted(len(report.errors), 'file or folder')}.", "error")]


def fixable(report: ScanReport) -> str:
    """Who can resolve how many of the findings, as a sentence; empty if there is none."""
    ways = {
        Fix.SAFE: "safe to rewrite",
        Fix.UNSAFE: "to rewrite and review",
        Fix.MANUAL: "by hand",
    }
    parts = [
        f"{MARKERS[fix]} {report.by_fix[fix.value]} {way}".lstrip()
        for fix, way in ways.items()
        if report.by_fix[fix.value]
    ]
    return f"To fix: {', '.join(parts)}." if parts else ""


def left_out_of(report: ScanReport) -> str:
    """How many findings do not count, as a sentence; empty if all do."""
    if not (report.suppressed or report.baselined):
        return ""
    ways = f"{report.suppressed} suppressed by comments, {report.baselined} in the baseline"
    return f"Left out: {ways}."
