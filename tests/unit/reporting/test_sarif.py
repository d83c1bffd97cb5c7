from __future__ import annotations

import gzip
import json
from hashlib import blake2b
from itertools import cycle
from typing import Any
from urllib.parse import unquote_to_bytes

import msgspec
import pytest

from ssot_migrate import __version__
from ssot_migrate.domain.finding import Fix, Severity
from ssot_migrate.domain.outcome import Cause, Edit
from ssot_migrate.domain.report import Silenced, Silencer
from ssot_migrate.reporting import Style, render, sarif

from .readers import read_sarif
from .samples import DUPLICATE, EMPTY, EXAMPLE, MOVED, NAMED, ONLY_ERRORS, many


def _run(**changes: object) -> Any:
    return read_sarif(render(msgspec.structs.replace(EMPTY, **changes), "sarif", Style()))


def test_a_finding_is_a_result() -> None:
    (result,) = _run(findings=(MOVED,))["results"]
    related = [
        {
            "id": number,
            "physicalLocation": {
                "artifactLocation": {"uri": path, "uriBaseId": "SRCROOT"},
                "region": {"startLine": line},
            },
            "message": {"text": f"{path}:{line}"},
        }
        for number, path, line in (
            (1, "app/use.py", 4),
            (2, "app/core/engine.py", 1),
            (3, "app/engine.py", 12),
        )
    ]
    assert result == {
        "ruleId": "SSOT201",
        "ruleIndex": 1,
        "level": "error",
        "message": {"text": MOVED.message},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "app/use.py", "uriBaseId": "SRCROOT"},
                    "region": {"startLine": 4, "startColumn": 1, "endLine": 4, "endColumn": 38},
                }
            }
        ],
        "relatedLocations": related,
        "partialFingerprints": {"ssotMigrate/v1": "0f3a"},
        "properties": {
            "concept": "execution engine factory",
            "symbol": "app.core.engine:EngineFactory",
            "canonical": "app.engine:EngineFactory",
            "category": "production",
            "fix": "safe",
            "evidence": list(MOVED.evidence),
        },
    }


def test_the_run_describes_the_tool() -> None:
    log = json.loads(render(EXAMPLE, "sarif", Style()))
    run = read_sarif(render(EXAMPLE, "sarif", Style()))
    driver = run["tool"]["driver"]
    assert log["version"] == "2.1.0"
    assert (driver["name"], driver["version"]) == ("ssot-migrate", __version__)
    assert run["columnKind"] == "unicodeCodePoints"
    assert driver["rules"][0]["id"] == "SSOT101"
    assert driver["rules"][0]["shortDescription"] == {"text": "A concept has one home."}
    assert driver["rules"][0]["defaultConfiguration"] == {"level": "warning"}


def test_every_result_points_to_its_rule() -> None:
    run = read_sarif(render(EXAMPLE, "sarif", Style()))
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert all(
            "startLine" in place["physicalLocation"]["region"] for place in result["locations"]
        )


def test_severities_are_levels() -> None:
    results = _run(findings=(MOVED, DUPLICATE, NAMED))["results"]
    assert [result["level"] for result in results] == ["error", "warning", "note"]


def test_an_unknown_end_is_left_out() -> None:
    (result,) = _run(findings=(NAMED,))["results"]
    region = result["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 99, "startColumn": 17}
    assert "relatedLocations" not in result
    assert "partialFingerprints" not in result


def test_the_scope_is_a_logical_location() -> None:
    (result,) = _run(findings=(DUPLICATE,))["results"]
    assert result["locations"][0]["logicalLocations"] == [{"fullyQualifiedName": "Outer"}]


def test_an_empty_report_succeeded() -> None:
    run = _run()
    assert run["results"] == []
    assert run["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]


def test_errors_are_notifications() -> None:
    (invocation,) = read_sarif(render(ONLY_ERRORS, "sarif", Style()))["invocations"]
    first, second = invocation["toolExecutionNotifications"]
    assert not invocation["executionSuccessful"]
    assert first["message"] == {"text": "line 1: invalid syntax"}
    assert first["level"] == second["level"] == "error"
    assert second["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "b"


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a b.py", "a%20b.py"),
        ("a%20b.py", "a%2520b.py"),
        ("c:/x.py", "c%3A/x.py"),
        ("caf\udce9.py", "caf%E9.py"),
        ("café.py", "caf%C3%A9.py"),
        ("a?b#c.py", "a%3Fb%23c.py"),
        ("a\nb.py", "a%0Ab.py"),
    ],
)
def test_uris_are_encoded_from_the_paths_bytes(path: str, uri: str) -> None:
    (result,) = _run(findings=(msgspec.structs.replace(MOVED, path=path),))["results"]
    written = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert written == uri
    assert unquote_to_bytes(written) == path.encode("utf-8", "surrogateescape")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a {0} b", "a {{0}} b"),
        ("[click](http://evil.example)", "[click] (http://evil.example)"),
        ("list[int]", "list[int]"),
        ("a\nb", r"a\nb"),
    ],
)
def test_messages_hold_no_placeholder_and_no_link(text: str, written: str) -> None:
    (result,) = _run(findings=(msgspec.structs.replace(MOVED, message=text),))["results"]
    assert result["message"] == {"text": written}


def test_a_chain_step_without_a_line_is_a_path() -> None:
    chain = ("a.py", "b.py:x", "c.py:0", ":3", "d.py:" + "9" * 5000)
    (result,) = _run(findings=(msgspec.structs.replace(MOVED, chain=chain),))["results"]
    places = [step["physicalLocation"] for step in result["relatedLocations"]]
    assert not any("region" in place for place in places)


def test_a_long_chain_keeps_to_githubs_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MAX_LOCATIONS", 2)
    (result,) = _run(findings=(MOVED,))["results"]
    assert [step["id"] for step in result["relatedLocations"]] == [1, 2]


def test_the_most_severe_findings_are_kept_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sarif.MAX_RESULTS == 25_000
    monkeypatch.setattr(sarif, "MAX_RESULTS", 250)
    report = many(300)
    log = json.loads(render(report, "sarif", Style()))
    (run,) = log["runs"]
    results = run["results"]
    lines = [
        result["locations"][0]["physicalLocation"]["region"]["startLine"] for result in results
    ]
    levels = [result["level"] for result in results]
    (notification,) = run["invocations"][0]["toolExecutionNotifications"]
    assert len(results) == 250
    assert lines == sorted(lines)
    assert [levels.count(level) for level in ("error", "warning", "note")] == [
        100,
        100,
        50,
    ]
    assert notification["message"]["text"].startswith("50 of 300 findings are left out")
    assert run["invocations"][0]["executionSuccessful"]


def test_a_full_run_has_no_notification(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MAX_RESULTS", 3)
    run = _run(findings=many(3).findings)
    assert len(run["results"]) == 3
    assert run["invocations"][0]["toolExecutionNotifications"] == []


def test_the_limits_are_githubs() -> None:
    limits = (sarif.MAX_RESULTS, sarif.MAX_LOCATIONS, sarif.MAX_BYTES)
    assert limits == (25_000, 1_000, 10_000_000)


def test_every_severity_has_a_level() -> None:
    findings = tuple(msgspec.structs.replace(MOVED, severity=severity) for severity in Severity)
    assert len({result["level"] for result in _run(findings=findings)["results"]}) == len(Severity)


def _edit(line: int, before: str, after: str) -> Edit:
    cause = Cause(code="SSOT201", fix=Fix.SAFE)
    end = 1 + len(before)
    return Edit(
        line=line, column=1, end_line=line, end_column=end, before=before, after=after, cause=cause
    )


def test_the_edits_of_a_file_are_one_fix() -> None:
    edits = (_edit(4, "old", "new"), _edit(9, "é", "統{0}"))
    result, other = _run(findings=(MOVED, MOVED), fixes={"app/use.py": edits})["results"]
    assert "fixes" not in other
    assert result["fixes"] == [
        {
            "description": {"text": "Migrate this file: 2 edits, to be made together."},
            "artifactChanges": [
                {
                    "artifactLocation": {"uri": "app/use.py", "uriBaseId": "SRCROOT"},
                    "replacements": [
                        {
                            "deletedRegion": {
                                "startLine": line,
                                "startColumn": 1,
                                "endLine": line,
                                "endColumn": end,
                            },
                            "insertedContent": {"text": text},
                        }
                        for line, end, text in ((4, 4, "new"), (9, 2, "統{0}"))
                    ],
                }
            ],
        }
    ]


def test_a_finding_that_is_not_safe_carries_no_fix() -> None:
    edits = {DUPLICATE.path: (_edit(2, "a", "b"),)}
    (result,) = _run(findings=(DUPLICATE,), fixes=edits)["results"]
    assert "fixes" not in result


def test_what_does_not_count_is_marked_or_left_out() -> None:
    silenced = (
        Silenced(MOVED, Silencer.COMMENT, "until {May}"),
        Silenced(NAMED, Silencer.BASELINE),
    )
    report = msgspec.structs.replace(EMPTY, findings=(DUPLICATE,), silenced=silenced)
    counting, first, second = read_sarif(render(report, "sarif", Style()))["results"]
    assert "suppressions" not in counting
    assert first["suppressions"] == [
        {"kind": "inSource", "status": "accepted", "justification": "until {May}"}
    ]
    assert second["suppressions"] == [{"kind": "external", "status": "accepted"}]
    assert read_sarif(render(report, "sarif", Style(silenced=False)))["results"] == [counting]


def test_findings_go_before_what_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MAX_RESULTS", 2)
    silenced = (Silenced(NAMED, Silencer.BASELINE),) * 3
    run = _run(findings=(MOVED,), silenced=silenced)
    assert ["suppressions" in result for result in run["results"]] == [False, True]
    (notification,) = run["invocations"][0]["toolExecutionNotifications"]
    assert notification["message"]["text"].startswith("2 suppressed findings are left out: GitHub")


@pytest.mark.parametrize("limit", [1_000_000, 20_000, 8_000, 10])
def test_a_log_keeps_to_the_size_that_github_takes(
    limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sarif, "MAX_BYTES", limit)
    # Texts that do not compress, as those of a real tree do.
    findings = tuple(
        msgspec.structs.replace(
            one, message=blake2b(str(one.line).encode()).hexdigest(), severity=severity
        )
        for one, severity in zip(many(600).findings, cycle(Severity), strict=False)
    )
    text = render(msgspec.structs.replace(EMPTY, findings=findings), "sarif", Style())
    run = read_sarif(text)
    kept = len(run["results"])
    notifications = run["invocations"][0]["toolExecutionNotifications"]
    if limit == 1_000_000:
        assert (kept, notifications) == (600, [])
        return
    assert kept < 600
    assert len(gzip.compress(text.encode(), 6)) <= limit + 32 or kept == 0
    assert kept > 0 or limit == 10
    assert notifications[0]["message"]["text"].startswith(f"{600 - kept} of 600 findings are left")
    assert {result["level"] for result in run["results"]} <= {"error", "warning", "note"}
    if 0 < kept <= 200:
        assert {result["level"] for result in run["results"]} == {"error"}
