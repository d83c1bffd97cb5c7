"""Several reports of one run, and the fixes that SARIF carries."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

from .process import run
from .trees import plant

if TYPE_CHECKING:
    from pathlib import Path

REPORTS = ("full", "concise", "json", "sarif", "github", "gitlab", "junit", "markdown")


def test_every_format_from_one_run(project: Path) -> None:
    wanted = [part for name in REPORTS for part in ("--output", f"{name}=out.{name}")]
    result = run("scan", "--no-cache", *wanted, cwd=project)
    assert result == run("scan", "--no-cache", cwd=project)
    for name in REPORTS:
        alone = run("scan", "--no-cache", "--output-format", name, cwd=project).stdout
        assert (project / f"out.{name}").read_text("utf-8") == alone


def test_a_report_besides_the_one_in_a_file_may_go_to_stdout(project: Path) -> None:
    result = run(
        *("scan", "--no-cache", "-o", "report.txt", "--output", "json=-"),
        cwd=project,
    )
    assert result.json["summary"]["findings"] == 1
    assert "SSOT201" in (project / "report.txt").read_text("utf-8")


def test_a_file_may_have_an_equals_sign(project: Path) -> None:
    assert run("scan", "--no-cache", "--output", "json=a=b.json", cwd=project).code == 1
    assert json.loads((project / "a=b.json").read_text("utf-8"))["version"] == 1


def test_verify_writes_several_reports_too(project: Path) -> None:
    result = run("verify", "--no-cache", "--output", "junit=verify.xml", cwd=project)
    assert result.code == 1
    assert "<testsuites" in (project / "verify.xml").read_text("utf-8")


MISTAKES = {
    "no format": (("--output", "report.json"), "'report.json' is not FORMAT=FILE"),
    "no file": (("--output", "json="), "'json=' is not FORMAT=FILE"),
    "unknown format": (("--output", "yaml=x"), "'yaml' is not one of 'text', 'full', 'concise'"),
    "one file": (
        ("--output", "json=x", "--output", "sarif=./x"),
        "json and sarif would both be written to ./x: give one of them another file",
    ),
    "file twice": (("-o", "x", "--output", "json=x"), "text and json would both be written to x"),
    "stdout": (("--output", "json=-"), "text and json would both be written to stdout"),
    "no folder": (("--output", "json=none/x"), "none/x: there is no such folder"),
    "nobody to fix": (("--fixes",), "--fixes goes into SARIF: add --output sarif=FILE"),
    "fixes of what is staged": (("--fixes", "--staged", "--output", "sarif=x"), "--staged"),
    "added comments": (("--add-ignore", "later", "--output", "json=x"), "leave out --output"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_told_before_anything_is_written(project: Path, case: str) -> None:
    before = sorted(project.iterdir())
    args, remedy = MISTAKES[case]
    result = run("scan", "--no-cache", *args, cwd=project)
    assert (result.code, result.stdout) == (2, "")
    assert remedy in result.stderr
    assert sorted(project.iterdir()) == before


def _with_fixes(root: Path) -> list[Any]:
    """The fixes that SARIF carries, by any result."""
    args = ("scan", "--no-cache", "--output-format", "sarif", "--fixes")
    results = run(*args, cwd=root).json["runs"][0]["results"]
    return [fix for result in results for fix in result.get("fixes", ())]


def _make(root: Path, fix: Any) -> None:
    """Make a fix as an editor would: from the end, so that places stay where they are."""
    (change,) = fix["artifactChanges"]
    file = root / unquote(change["artifactLocation"]["uri"])
    lines = file.read_text("utf-8").splitlines(keepends=True)
    starts = [sum(map(len, lines[:number])) for number in range(len(lines) + 1)]
    text = "".join(lines)
    for one in reversed(change["replacements"]):
        gone = one["deletedRegion"]
        start = starts[gone["startLine"] - 1] + gone["startColumn"] - 1
        end = starts[gone["endLine"] - 1] + gone["endColumn"] - 1
        text = text[:start] + one["insertedContent"]["text"] + text[end:]
    file.write_text(text, "utf-8")


def test_fixes_do_what_apply_does(project: Path, tmp_path: Path) -> None:
    moved = {
        "app/twice é.py": "# é\nimport old.mod\n\nx = old.mod.Thing(); y = old.mod.Thing\n",
        "app/other.py": "from old.mod import (\n    Thing as T,\n)\n\nprint('é', T)\n",
    }
    plant(project, moved)
    applied = plant(
        tmp_path / "applied",
        {
            path.relative_to(project).as_posix(): path.read_bytes()
            for path in project.rglob("*")
            if path.is_file()
        },
    )
    assert run("apply", "--no-cache", cwd=applied).code == 0
    fixes = _with_fixes(project)
    assert len(fixes) == 3
    for fix in fixes:
        _make(project, fix)
    for path in ("app/use.py", *moved):
        assert (project / path).read_text("utf-8") == (applied / path).read_text("utf-8")
    assert "old.mod" not in (project / "app/use.py").read_text("utf-8")
    assert _with_fixes(project) == []


def test_nothing_is_written_for_fixes(project: Path) -> None:
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    assert _with_fixes(project)
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before


def test_what_is_suppressed_can_be_left_out_of_sarif(project: Path) -> None:
    plant(
        project,
        {"app/use.py": "from old.mod import Thing  # ssot: ignore[SSOT201] later\n\nThing()\n"},
    )
    scan = ("scan", "--no-cache", "--output-format", "sarif")
    (marked,) = run(*scan, cwd=project).json["runs"][0]["results"]
    assert marked["suppressions"][0]["justification"] == "later"
    left = run(*scan, "--no-suppressed", cwd=project)
    assert (left.code, left.json["runs"][0]["results"]) == (0, [])
