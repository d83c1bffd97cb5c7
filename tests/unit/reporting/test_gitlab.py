from __future__ import annotations

import msgspec

from ssot_migrate.domain.finding import Severity
from ssot_migrate.reporting import Style, render

from .readers import read_code_quality
from .samples import EMPTY, EXAMPLE, MOVED, NAMED, ONLY_ERRORS


def test_a_finding_is_an_entry() -> None:
    report = msgspec.structs.replace(EMPTY, findings=(MOVED,))
    assert read_code_quality(render(report, "gitlab", Style())) == [
        {
            "description": f"SSOT201: {MOVED.message}",
            "check_name": "SSOT201",
            "fingerprint": "0f3a",
            "severity": "major",
            "location": {"path": "app/use.py", "lines": {"begin": 4}},
        }
    ]


def test_nothing_found_is_an_empty_list() -> None:
    assert read_code_quality(render(EMPTY, "gitlab", Style())) == []


def test_every_severity_has_its_own() -> None:
    findings = tuple(msgspec.structs.replace(MOVED, severity=severity) for severity in Severity)
    report = msgspec.structs.replace(EMPTY, findings=findings)
    entries = read_code_quality(render(report, "gitlab", Style()))
    assert [entry["severity"] for entry in entries] == ["major", "minor", "info"]


def test_fingerprints_are_told_apart() -> None:
    entries = read_code_quality(render(EXAMPLE, "gitlab", Style()))
    assert [entry["fingerprint"] for entry in entries[:3]] == ["0f3a", "0f3a-2", "77aa"]
    unknown = msgspec.structs.replace(EMPTY, findings=(NAMED, NAMED))
    assert len(read_code_quality(render(unknown, "gitlab", Style()))) == 2


def test_errors_of_files_block() -> None:
    entries = read_code_quality(render(ONLY_ERRORS, "gitlab", Style()))
    assert [(entry["severity"], entry["location"]["path"]) for entry in entries] == [
        ("blocker", "a.py"),
        ("blocker", "b"),
    ]
