"""Comments that let a finding pass, and `scan --add-ignore`, which writes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft7Validator

from .process import run, scan_json
from .trees import IMPORT, plant

if TYPE_CHECKING:
    from pytest_snapshot.plugin import Snapshot  # type: ignore[import-untyped]  # has no types

SARIF = Path(__file__).parents[1] / "data" / "sarif-schema-2.1.0.json"
FUNCTION = b"\n\ndef run():\n    return Thing\n"
REASON = "the vendor pins it owner=@db until=2999-12-31"
PINNED = b"from old.mod import Thing  # ssot: ignore[SSOT201] the vendor pins it\n"
SPREAD = b"""\
#!/usr/bin/env python
from unittest.mock import patch

from old.mod import (
    Thing,
)

with patch(
    "old.mod.Thing", \\
    return_value='''
''',
):
    x = [
        "old.mod:Thing",
        Thing,
    ]
"""


def contents(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in root.rglob("*.py")}


def test_a_suppressed_finding_passes_and_is_counted(project: Path) -> None:
    plant(project, {"app/use.py": PINNED + FUNCTION})
    report = scan_json(project).json
    assert (report["findings"], report["summary"]["suppressed"]) == ([], 1)
    assert "1 suppressed by comments" in run("scan", cwd=project).stdout


def test_one_that_suppresses_nothing_is_told(project: Path, snapshot: Snapshot) -> None:
    plant(project, {"app/use.py": PINNED.replace(b"old", b"new") + FUNCTION})
    plant(project, {"jobs/daily.py": b"# ssot: ignore-file\n" + IMPORT + FUNCTION})
    result = run("scan", "--output-format", "full", cwd=project)
    assert result.code == 1
    snapshot.assert_match(result.stdout, "suppressions.txt")


def test_it_is_marked_in_sarif_with_its_reason(project: Path) -> None:
    plant(project, {"app/use.py": PINNED + FUNCTION, "jobs/daily.py": IMPORT + FUNCTION})
    log: Any = run("scan", "--output-format", "sarif", cwd=project).json
    Draft7Validator(json.loads(SARIF.read_text())).validate(log)
    by_path = {
        one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]: one
        for one in log["runs"][0]["results"]
    }
    assert "suppressions" not in by_path["jobs/daily.py"]
    assert by_path["app/use.py"]["suppressions"] == [
        {"kind": "inSource", "status": "accepted", "justification": "the vendor pins it"}
    ]


def test_comments_are_written_for_all_findings_and_taken_back(project: Path) -> None:
    plant(project, {"jobs/spread.py": SPREAD, "jobs/crlf.py": IMPORT.replace(b"\n", b"\r\n")})
    before = contents(project)
    found = scan_json(project).json["summary"]["findings"]
    assert found >= 4
    result = run("scan", "--add-ignore", REASON, cwd=project)
    assert result.code == 0, result
    report = scan_json(project).json
    assert (report["findings"], report["summary"]["suppressed"]) == ([], found)
    after = contents(project)
    assert after["crlf.py"].endswith(b"until=2999-12-31\r\n")
    for name, data in after.items():
        lines = [line.partition(b"  # ssot: ")[0] for line in data.splitlines()]
        assert lines == before[name].splitlines()
    assert run("rollback", cwd=project).code == 0
    assert contents(project) == before


def test_what_is_written_is_told(project: Path, snapshot: Snapshot) -> None:
    result = run("scan", "--add-ignore", REASON, "-v", cwd=project)
    run_id = result.stdout.partition("Run ")[2].partition(".")[0]
    snapshot.assert_match(result.stdout.replace(run_id, "RUN"), "add-ignore.txt")
    (record,) = run("history", "--output-format", "json", cwd=project).json["runs"]
    assert (record["run"], record["summary"]) == (run_id, {"changed": 1})
    again = run("scan", "--add-ignore", REASON, cwd=project)
    assert (again.code, again.stdout) == (0, "Nothing to change in 6 files.\n")


def test_only_what_is_asked_for_is_written(project: Path) -> None:
    plant(project, {"jobs/daily.py": IMPORT + FUNCTION, "jobs/nightly.py": IMPORT + FUNCTION})
    before = contents(project)
    assert run("scan", "jobs/daily.py", "--add-ignore", REASON, cwd=project).code == 0
    assert {name for name, data in contents(project).items() if data != before[name]} == {
        "daily.py"
    }
    assert run("scan", "--select", "SSOT4", "--add-ignore", REASON, cwd=project).code == 0
    assert scan_json(project).json["summary"]["suppressed"] == 1
    assert run("baseline", "create", cwd=project).code == 0
    assert "Nothing to change" in run("scan", "--add-ignore", REASON, cwd=project).stdout


def test_what_no_comment_suppresses_is_left_and_told(project: Path) -> None:
    registry = project / "ssot.toml"
    registry.write_text('[suppressions]\nprotected = ["SSOT201"]\n' + registry.read_text())
    plant(project, {"broken.py": b"def f(:\n", "prose.py": b"x = 1  # ssot: ignore\n"})
    before = contents(project)
    result = run("scan", "--add-ignore", REASON, cwd=project)
    assert result.code == 1
    assert "app/use.py:1:1: SSOT201 Thing: no comment suppresses it" in result.stdout
    assert "prose.py:1:8: SSOT902 no comment suppresses it" in result.stdout
    assert "broken.py: refused: is not read by the parser" in result.stdout
    assert contents(project) == before


@pytest.mark.parametrize(
    ("reason", "policy", "told"),
    [
        ("", "", "gives no reason"),
        ("owner=@db", "", "gives no reason"),
        ("why", "require-owner = true", "owner=NAME"),
        ("why until=tomorrow", "", "is no date"),
        ("why until=2020-01-31", "", "ended on 2020-01-31"),
        ("two\nlines", "", "one line of text"),
        ("why # noqa", "", "one line of text"),
        ("why\x1b[31m", "", "one line of text"),
        ("why\u202e", "", "one line of text"),
    ],
)
def test_a_reason_that_would_be_invalid_is_refused(
    project: Path, reason: str, policy: str, told: str
) -> None:
    registry = project / "ssot.toml"
    registry.write_text(f"[suppressions]\n{policy}\n{registry.read_text()}")
    before = contents(project)
    result = run("scan", "--add-ignore", reason, cwd=project)
    assert (result.code, result.stdout) == (2, "")
    assert told in result.stderr
    assert contents(project) == before


def test_names_of_files_and_reasons_are_harmless(project: Path) -> None:
    plant(project, {"jobs/\x1b[31m.py": PINNED.replace(b"[SSOT201]", b"[SSOT299\x07]") + FUNCTION})
    for output_format in ("text", "full", "json", "sarif", "github"):
        result = run("scan", "--output-format", output_format, cwd=project)
        assert not set("\x1b\x07") & set(result.stdout), output_format
