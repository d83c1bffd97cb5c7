from __future__ import annotations

import msgspec

from ssot_migrate.reporting import Style, render

from .readers import read_json
from .samples import EMPTY, EXAMPLE, MOVED, NAMED, ONLY_ERRORS, many


def test_the_contract_to_the_letter() -> None:
    report = msgspec.structs.replace(EXAMPLE, findings=(MOVED, NAMED))
    assert read_json(render(report, "json", Style())) == {
        "version": 1,
        "root": ".",
        "summary": {
            "files": 12,
            "findings": 2,
            "by_code": {"SSOT201": 1, "SSOT401": 1},
            "fixable": {"safe": 1, "unsafe": 0, "manual": 1},
            "suppressed": 3,
            "baselined": 2,
        },
        "findings": [
            {
                "code": "SSOT201",
                "name": "deprecated-import",
                "severity": "error",
                "path": "app/use.py",
                "line": 4,
                "column": 1,
                "end_line": 4,
                "end_column": 38,
                "message": MOVED.message,
                "concept": "execution engine factory",
                "symbol": "app.core.engine:EngineFactory",
                "canonical": "app.engine:EngineFactory",
                "chain": ["app/use.py:4", "app/core/engine.py:1", "app/engine.py:12"],
                "category": "production",
                "fix": "safe",
                "fingerprint": "0f3a",
                "evidence": list(MOVED.evidence),
                "scope": "",
            },
            {
                "code": "SSOT401",
                "name": "dotted-string",
                "severity": "info",
                "path": "tests/test_use.py",
                "line": 99,
                "column": 17,
                "end_line": None,
                "end_column": None,
                "message": NAMED.message,
                "concept": None,
                "symbol": None,
                "canonical": None,
                "chain": [],
                "category": "test",
                "fix": "manual",
                "fingerprint": "",
                "evidence": [],
                "scope": "",
            },
        ],
        "errors": [{"path": "app/broken.py", "message": "line 3: invalid syntax"}],
    }


def test_keys_come_in_the_contracts_order() -> None:
    log = read_json(render(EXAMPLE, "json", Style()))
    assert list(log) == ["version", "root", "summary", "findings", "errors"]
    assert list(log["findings"][0])[:4] == ["code", "name", "severity", "path"]


def test_an_empty_report_has_every_key() -> None:
    log = read_json(render(EMPTY, "json", Style()))
    assert log["findings"] == log["errors"] == []
    assert log["summary"]["fixable"] == {"safe": 0, "unsafe": 0, "manual": 0}
    assert log["summary"]["by_code"] == {}


def test_only_errors() -> None:
    log = read_json(render(ONLY_ERRORS, "json", Style()))
    assert [error["path"] for error in log["errors"]] == ["a.py", "b"]


def test_names_are_exact_and_sentences_visible() -> None:
    text = "é\x1b\u202e\U000e0041\n"
    finding = msgspec.structs.replace(MOVED, path=text, symbol=text, message=text)
    report = msgspec.structs.replace(EMPTY, findings=(finding,))
    (written,) = read_json(render(report, "json", Style()))["findings"]
    assert written["path"] == written["symbol"] == text
    assert written["message"] == r"é\x1b\u202e\U000e0041\n"


def test_undecodable_paths_are_valid_utf_8() -> None:
    finding = msgspec.structs.replace(MOVED, path="caf\udce9.py")
    report = msgspec.structs.replace(EMPTY, findings=(finding,))
    (written,) = read_json(render(report, "json", Style()))["findings"]
    assert written["path"] == r"caf\xe9.py"


def test_findings_stay_in_order() -> None:
    findings = read_json(render(many(3_000), "json", Style()))["findings"]
    assert [finding["line"] for finding in findings] == list(range(1, 3_001))
