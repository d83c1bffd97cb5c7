"""One line a finding as compilers write it, and nothing else: for editors, `grep` and `wc`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.reporting.closing import place
from ssot_migrate.reporting.sanitize import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.domain.report import ScanReport
    from ssot_migrate.reporting import Style


def render(report: ScanReport, _style: Style) -> str:
    """Write `path:line:column: severity: CODE message` for each finding."""
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: ScanReport) -> Iterator[str]:
    for one in report.findings:
        where = f"{place(one.path)}:{one.line}:{one.column}"
        yield f"{where}: {one.severity.value}: {visible(one.code)} {visible(one.message)}"
    for error in report.errors:
        yield f"{place(error.path)}: error: {visible(error.message)}"
