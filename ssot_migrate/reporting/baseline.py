"""What became of a baseline, for people and for scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.reporting.closing import place
from ssot_migrate.reporting.counted import counted
from ssot_migrate.reporting.sanitize import encodable, visible
from ssot_migrate.reporting.wire import versioned_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.domain.baseline import BaselineReport, Entry
    from ssot_migrate.domain.finding import Finding

FORMATS = ("text", "json")


def render(report: BaselineReport, output_format: str) -> str:
    """Write the entries that came, went or should go, the findings that are new, and the sums."""
    if output_format == "json":
        return versioned_json(_described(report))
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: BaselineReport) -> Iterator[str]:
    for label, entries in (("dropped", report.dropped), ("stale", report.stale)):
        for entry in entries:
            yield f"{place(entry.path)}: {label}: {visible(entry.code)}{_about(entry)}"
    for finding in report.new:
        where = f"{place(finding.path)}:{finding.line}:{finding.column}"
        yield f"{where}: new: {visible(finding.code)} {visible(finding.message)}"
    for error in report.errors:
        yield f"{place(error.path)}: error: {visible(error.message)}"
    if report.dropped or report.stale or report.new or report.errors:
        yield ""
    yield f"{visible(report.file)}: {', '.join(_sums(report))}."
    if report.new:
        yield "To let the new ones pass: ssot-migrate baseline update --accept-new REASON"
    if report.stale:
        yield "To drop the stale ones: ssot-migrate baseline prune"
    for note in report.notes:
        yield f"note: {visible(note)}"


def _about(entry: Entry) -> str:
    scope = f" in {visible(entry.scope)}" if entry.scope else ""
    return f"{scope}: {visible(entry.snippet)}" if entry.snippet else scope


def _sums(report: BaselineReport) -> Iterator[str]:
    yield counted(report.known + len(report.added), "known finding")
    for label, entries in (
        ("added", report.added),
        ("dropped", report.dropped),
        ("stale", report.stale),
        ("new", report.new),
    ):
        if entries:
            yield f"{len(entries)} {label}"
    if report.unseen:
        yield f"{report.unseen} not asked about"


def _described(report: BaselineReport) -> dict[str, object]:
    return {
        "file": encodable(report.file),
        "summary": {
            "known": report.known + len(report.added),
            "added": len(report.added),
            "dropped": len(report.dropped),
            "stale": len(report.stale),
            "new": len(report.new),
            "unseen": report.unseen,
        },
        "added": [_entry(entry) for entry in report.added],
        "dropped": [_entry(entry) for entry in report.dropped],
        "stale": [_entry(entry) for entry in report.stale],
        "new": [_finding(finding) for finding in report.new],
        "errors": [
            {"path": encodable(error.path), "message": visible(error.message)}
            for error in report.errors
        ],
    }


def _entry(entry: Entry) -> dict[str, object]:
    return {
        "code": encodable(entry.code),
        "path": encodable(entry.path),
        "scope": encodable(entry.scope),
        "snippet": visible(entry.snippet),
        "reason": visible(entry.reason),
    }


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "code": encodable(finding.code),
        "path": encodable(finding.path),
        "line": finding.line,
        "column": finding.column,
        "message": visible(finding.message),
    }
