"""SARIF 2.1.0, within the limits of GitHub code scanning.

Names are exact and sentences are spelled out, as in the JSON format.
https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ssot_migrate._version import __version__
from ssot_migrate.domain.finding import Fix, Severity
from ssot_migrate.domain.report import RuleInfo, Silencer
from ssot_migrate.reporting.artifacts import BASE, artifact, fix
from ssot_migrate.reporting.ranking import most_severe
from ssot_migrate.reporting.sanitize import encodable, visible
from ssot_migrate.reporting.wire import ascii_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.domain.finding import Finding
    from ssot_migrate.domain.report import ScanReport
    from ssot_migrate.reporting import Style

MAX_RESULTS = 25_000
MAX_LOCATIONS = 1_000
MAX_BYTES = 10_000_000  # of a run, compressed

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_KINDS = {Silencer.COMMENT: "inSource", Silencer.BASELINE: "external"}
_LIMITS = f"GitHub accepts {MAX_RESULTS} results of a run, and 10 MB compressed."
_LINE = re.compile("[1-9][0-9]{0,8}")


def render(report: ScanReport, style: Style) -> str:
    """Write the report as a SARIF log of one run, small enough for GitHub."""
    room = MAX_RESULTS
    while True:
        log = _Log(report, room, with_silenced=style.silenced)
        text = ascii_json({"$schema": _SCHEMA, "version": "2.1.0", "runs": [log.run()]})
        size = _compressed(text)
        if size <= MAX_BYTES or not log.results:
            return text
        room = int(len(log.results) * 0.9 * MAX_BYTES / size)


def _compressed(text: str) -> int:
    """How many bytes of a text are uploaded."""
    if len(text) <= MAX_BYTES:
        return len(text)
    import zlib

    return len(zlib.compress(text.encode()))


class _Log:
    """The results there is room for, and what is said of the others."""

    def __init__(self, report: ScanReport, room: int, *, with_silenced: bool) -> None:
        self._report = report
        self._rules = _rules(report)
        self._indices = {rule.code: index for index, rule in enumerate(self._rules)}
        self._shown = most_severe(report.findings, room)
        silenced = report.silenced if with_silenced else ()
        self._marked = silenced[: room - len(self._shown)]
        self._unmarked = len(silenced) - len(self._marked)
        self.results = [*self._counting(), *self._suppressed()]

    def run(self) -> dict[str, object]:
        driver = {
            "name": "ssot-migrate",
            "version": __version__,
            "semanticVersion": __version__,
            "rules": [_rule(rule) for rule in self._rules],
        }
        return {
            "tool": {"driver": driver},
            "invocations": [
                {
                    "executionSuccessful": not self._report.errors,
                    "toolExecutionNotifications": list(self._notifications()),
                }
            ],
            "originalUriBaseIds": {BASE: {"description": {"text": "The scanned root."}}},
            "columnKind": "unicodeCodePoints",
            "results": self.results,
        }

    def _counting(self) -> Iterator[dict[str, object]]:
        """The findings that count; the first that a file's edits resolve carries them."""
        edits = dict(self._report.fixes)
        for one in self._shown:
            result = _result(one, self._indices)
            if one.fix is Fix.SAFE and one.path in edits:
                result["fixes"] = [fix(one.path, edits.pop(one.path))]
            yield result

    def _suppressed(self) -> Iterator[dict[str, object]]:
        for one in self._marked:
            suppression: dict[str, object] = {"kind": _KINDS[one.by], "status": "accepted"}
            if one.reason:
                suppression["justification"] = visible(one.reason)
            yield {**_result(one.finding, self._indices), "suppressions": [suppression]}

    def _notifications(self) -> Iterator[dict[str, object]]:
        for error in self._report.errors:
            yield {
                "level": "error",
                "message": _message(error.message),
                "locations": [{"physicalLocation": {"artifactLocation": artifact(error.path)}}],
            }
        total = len(self._report.findings)
        if excess := total - len(self._shown):
            text = f"{excess} of {total} findings are left out, the least severe ones"
            yield {"level": "warning", "message": _message(f"{text}: {_LIMITS}")}
        if self._unmarked:
            text = f"{self._unmarked} suppressed findings are left out"
            yield {"level": "note", "message": _message(f"{text}: {_LIMITS}")}
        for note in self._report.notes:
            yield {"level": "note", "message": _message(note)}


def _rules(report: ScanReport) -> list[RuleInfo]:
    """The rules that ran, and those that only a finding names."""
    rules = {rule.code: rule for rule in report.rules}
    for finding in (*report.findings, *(one.finding for one in report.silenced)):
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
        "physicalLocation": {"artifactLocation": artifact(finding.path), "region": region}
    }
    if finding.scope:
        location["logicalLocations"] = [{"fullyQualifiedName": encodable(finding.scope)}]
    return location


def _step(number: int, step: str) -> dict[str, object]:
    """A related location from `path:line`, or from a path alone."""
    path, _, line = step.rpartition(":")
    has_line = bool(path) and _LINE.fullmatch(line) is not None
    place: dict[str, object] = {"artifactLocation": artifact(path if has_line else step)}
    if has_line:
        place["region"] = {"startLine": int(line)}
    return {"id": number, "physicalLocation": place, "message": _message(step)}


def _message(text: str) -> dict[str, str]:
    """A plain text message: braces are doubled and nothing in it is taken for a link."""
    shown = visible(text).replace("{", "{{").replace("}", "}}").replace("](", "] (")
    return {"text": shown}
