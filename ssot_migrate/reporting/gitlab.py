"""GitLab's Code Quality report: the part of the Code Climate format that GitLab reads.

Paths are exact, for GitLab looks them up; sentences are spelled out.
https://docs.gitlab.com/ci/testing/code_quality/
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import Severity
from ssot_migrate.reporting.sanitize import encodable, visible
from ssot_migrate.reporting.wire import ascii_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.domain.report import ScanReport
    from ssot_migrate.reporting import Style

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}
_NOT_HANDLED = "not-handled"


def render(report: ScanReport, _style: Style) -> str:
    """Write a list of the findings and of the files that could not be handled."""
    return ascii_json([*_entries(report)])


def _entries(report: ScanReport) -> Iterator[dict[str, object]]:
    seen: Counter[str] = Counter()

    def entry(
        check: str, description: str, severity: str, path: str, line: int, identity: str
    ) -> dict[str, object]:
        seen[identity] += 1  # GitLab shows one of those that have a fingerprint in common
        number = seen[identity]
        return {
            "description": visible(description),
            "check_name": visible(check),
            "fingerprint": encodable(identity if number == 1 else f"{identity}-{number}"),
            "severity": severity,
            "location": {"path": encodable(path) or ".", "lines": {"begin": line}},
        }

    for one in report.findings:
        identity = one.fingerprint or f"{one.code}:{one.path}:{one.line}"
        text = f"{one.code}: {one.message}"
        yield entry(one.code, text, _SEVERITIES[one.severity], one.path, one.line, identity)
    for error in report.errors:
        identity = f"{_NOT_HANDLED}:{error.path}"
        yield entry(
            _NOT_HANDLED, f"not handled: {error.message}", "blocker", error.path, 1, identity
        )
