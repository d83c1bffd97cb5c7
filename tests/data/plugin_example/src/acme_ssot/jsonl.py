"""The format `acme-jsonl`: a JSON object a line, one for each finding."""

from __future__ import annotations

import json

from ssot_migrate.plugin import ScanReport, Style


def render(report: ScanReport, style: Style) -> str:
    """Write the findings; `json` escapes whatever the tree calls its files."""
    rows = ({"path": one.path, "line": one.line, "code": one.code} for one in report.findings)
    return "".join(f"{json.dumps(row)}\n" for row in rows)
