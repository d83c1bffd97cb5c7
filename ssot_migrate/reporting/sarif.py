"""SARIF 2.1.0, within the limits of GitHub code scanning.

Names are exact and sentences are spelled out, as in the JSON format.
https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ssot_migrate._version import __version__
from ssot_migrate.domain.finding import Severity
from ssot_migrate.domain.report import RuleInfo
from ssot_migrate.reporting.sanitize import encodable, visible
from ssot_migrate.reporting.wire import ascii_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.domain.finding import Finding
    from ssot_migrate.domain.report import ScanReport
    from ssot_migrate.reporting import Style

MAX_RESULTS = 25_000
MAX_LOCATIONS = 1_000

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_BASE = "SRCROOT"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_LINE = re.compile("[1-9][0-9]{0,8}")
_CLEAN_URI = re.compile("[A-Za-z0-9._~/-]*")


def render(report: ScanReport, _style: Style) -> str:
    """Write the report as a SARIF log of one run."""
    rules = _rules(report)
    indices = {rule.code: index for index, rule in enumerate(rules)}
    driver = {
        "name": "ssot-migrate",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(rule) for rule in rules],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [
            {
                "executionSuccessful": not report.errors,
                "toolExecutionNotifications": list(_notifications(report)),
            }
        ],
        "originalUriBaseIds": {_BASE: {"description": {"text": "The scanned root."}}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, indices) for finding in _most_severe(report.findings)],
    }
    return ascii_json({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rules(report: ScanReport) -> list[RuleInfo]:
    """The rules that ran, and those that only a finding names."""
    rules = {rule.code: rule for rule in report.rules}
    for finding in report.findings:
        if finding.code not in rules:
            rules[finding.code] = RuleInfo(
                finding.code, finding.name, finding.name, finding.severity
            )
    return list(rules.values())


def _rule(rule: RuleInfo) -> dict[str, object]:
    explain = f"`ssot-migrate explain {rule.code}` says more."
    return {
        "id": encodable(rule.code),
        "name": encodable(rule.name),
        "shortDescription": _message(rule.summary),
        "fullDescription": _message(rule.summary),
        "help": _message(f"{rule.summary} {explain}"),
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _most_severe(findings: tuple[Finding, ...]) -> list[Finding]:
    """What GitHub accepts of the findings, in their order."""
    ranks = list(Severity)
    by_severity = sorted(range(len(findings)), key=lambda i: ranks.index(findings[i].severity))
    return [findings[index] for index in sorted(by_severity[:MAX_RESULTS])]


def _notifications(report: ScanReport) -> Iterator[dict[str, object]]:
    for error in report.errors:
        yield {
            "level": "error",
            "message": _message(error.message),
            "locations": [{"physicalLocation": {"artifactLocation": _artifact(error.path)}}],
        }
    excess = len(report.findings) - MAX_RESULTS
    if excess > 0:
        text = f"{excess} of {len(report.findings)} findings are left out, the least severe ones: "
        limit = f"GitHub accepts {MAX_RESULTS} results of a run."
        yield {"level": "warning", "message": _message(text + limit)}
    for note in report.notes:
        yield {"level": "note", "message": _message(note)}


def _result(finding: Finding, indices: dict[str, int]) -> dict[str, object]:
    result: dict[str, object] = {
        "ruleId": encodable(finding.code),
        "ruleIndex": indices[finding.code],
        "level": _LEVELS[finding.severity],
        "message": _message(finding.message),
        "locations": [_location(finding)],
    }
    if finding.chain:
        result["relatedLocations"] = [
            _step(number, step) for number, step in enumerate(finding.chain[:MAX_LOCATIONS], 1)
        ]
    if finding.fingerprint:
        result["partialFingerprints"] = {"ssotMigrate/v1": encodable(finding.fingerprint)}
    names = {
        "concept": finding.concept,
        "symbol": finding.symbol,
        "canonical": finding.canonical,
    }
    result["properties"] = {
        **{key: encodable(name) for key, name in names.items() if name is not None},
        "category": finding.category.value,
        "fix": finding.fix.value,
        "evidence": [visible(sentence) for sentence in finding.evidence],
    }
    return result


def _location(finding: Finding) -> dict[str, object]:
    region = {"startLine": finding.line, "startColumn": finding.column}
    if finding.end_line:
        region["endLine"] = finding.end_line
        if finding.end_column:
            region["endColumn"] = finding.end_column
    location: dict[str, object] = {
        "physicalLocation": {"artifactLocation": _artifact(finding.path), "region": region}
    }
    if finding.scope:
        location["logicalLocations"] = [{"fullyQualifiedName": encodable(finding.scope)}]
    return location


def _step(number: int, step: str) -> dict[str, object]:
    """A related location from `path:line`, or from a path alone."""
    path, _, line = step.rpartition(":")
    has_line = bool(path) and _LINE.fullmatch(line) is not None
    place: dict[str, object] = {"artifactLocation": _artifact(path if has_line else step)}
    if has_line:
        place["region"] = {"startLine": int(line)}
    return {"id": number, "physicalLocation": place, "message": _message(step)}


def _artifact(path: str) -> dict[str, str]:
    uri = path if _CLEAN_URI.fullmatch(path) else _percent_encoded(path)
    return {"uri": uri, "uriBaseId": _BASE}


def _percent_encoded(path: str) -> str:
    try:
        raw = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a lone surrogate that stands for no byte
        raw = path.encode("utf-8", "surrogatepass")
    return "".join(
        char if _CLEAN_URI.fullmatch(char) else f"%{ord(char):02X}"
        for char in raw.decode("latin-1")
    )


def _message(text: str) -> dict[str, str]:
    """A plain text message: braces are doubled and nothing in it is taken for a link."""
    shown = visible(text).replace("{", "{{").replace("}", "}}").replace("](", "] (")
    return {"text": shown}
