"""GitHub Actions workflow commands: an annotation at each finding.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import Severity
from ssot_migrate.reporting.sanitize import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.domain.finding import Finding
    from ssot_migrate.domain.report import ScanReport
    from ssot_migrate.reporting import Style

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = {**_DATA, **str.maketrans({":": "%3A", ",": "%2C"})}


def render(report: ScanReport, _style: Style) -> str:
    """Write a workflow command for each finding, file error and note."""
    return "".join(f"{command}\n" for command in _commands(report))


def _commands(report: ScanReport) -> Iterator[str]:
    for finding in report.findings:
        yield _command(_COMMANDS[finding.severity], _properties(finding), finding.message)
    for error in report.errors:
        place = {"file": error.path} if error.path else {}
        yield _command("error", {**place, "title": "not handled"}, error.message)
    for note in report.notes:
        yield _command("notice", {"title": "ssot-migrate"}, note)


def _properties(finding: Finding) -> dict[str, str]:
    place = {"file": finding.path, "line": str(finding.line)}
    if finding.end_line:
        place["endLine"] = str(finding.end_line)
    # GitHub rejects columns of a range over several lines.
    if finding.end_line in (0, finding.line):
        place["col"] = str(finding.column)
        if finding.end_line and finding.end_column:
            place["endColumn"] = str(finding.end_column)
    return {**place, "title": f"{finding.code} {finding.name}"}


def _command(name: str, properties: dict[str, str], message: str) -> str:
    listed = ",".join(
        f"{key}={visible(value).translate(_PROPERTY)}" for key, value in properties.items()
    )
    return f"::{name} {listed}::{visible(message).translate(_DATA)}"
