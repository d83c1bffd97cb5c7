"""The versioned JSON that scripts rely on.

Names and paths are exact, for a script acts on them (a byte that is no UTF-8 is spelled `\\x80`);
sentences are spelled out as for a terminal, for somebody will print them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.wire import VERSION
from ssot_migrate.reporting.sanitize import encodable, visible
from ssot_migrate.reporting.wire import ascii_json
from ssot_migrate.reporting.wire_report import (
    Fixable,
    Report,
    ReportedError,
    ReportedFinding,
    Summary,
)

if TYPE_CHECKING:
    from ssot_migrate.domain.finding import Finding
    from ssot_migrate.domain.report import ScanReport
    from ssot_migrate.reporting import Style


def render(report: ScanReport, _style: Style) -> str:
    """Write the report as one JSON object."""
    summary = Summary(
        files=report.files,
        findings=len(report.findings),
        by_code={encodable(code): count for code, count in report.by_code.items()},
        fixable=Fixable(**report.by_fix),
        suppressed=report.suppressed,
        baselined=report.baselined,
    )
    return ascii_json(
        Report(
            version=VERSION,
            root=encodable(report.root),
            summary=summary,
            findings=tuple(map(_finding, report.findings)),
            errors=tuple(
                ReportedError(encodable(error.path), visible(error.message))
                for error in report.errors
            ),
        )
    )


def _finding(finding: Finding) -> ReportedFinding:
    return ReportedFinding(
        code=encodable(finding.code),
        name=encodable(finding.name),
        severity=finding.severity,
        path=encodable(finding.path),
        line=finding.line,
        column=finding.column,
        end_line=finding.end_line or None,
        end_column=finding.end_column or None,
        message=visible(finding.message),
        concept=_name(finding.concept),
        symbol=_name(finding.symbol),
        canonical=_name(finding.canonical),
        chain=tuple(map(encodable, finding.chain)),
        category=finding.category,
        fix=finding.fix,
        fingerprint=encodable(finding.fingerprint),
        evidence=tuple(map(visible, finding.evidence)),
        scope=encodable(finding.scope),
    )


def _name(name: str | None) -> str | None:
    return None if name is None else encodable(name)
