"""What is printed: parsed back by real parsers, the same however the run was made."""

from __future__ import annotations

import functools
import json
import re
import unicodedata
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

import pytest
from jsonschema import Draft4Validator

from .process import PROJECT, Result, run
from .trees import IMPORT, NAMES, plant, plant_named
from .trees import PROJECT as FILES

if TYPE_CHECKING:
    from pathlib import Path

FORMATS = (
    *("text", "full", "concise", "json", "sarif"),
    *("github", "gitlab", "junit", "markdown"),
)
GRAPH_FORMATS = ("text", "json", "dot", "mermaid")
ANSI = re.compile(r"\x1b\[[0-9;]*m")
COMMAND_LINE = re.compile(r"::(error|warning|notice) [^\n]*?::[^\n]+")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Readers of every name that a file can have, a shim among them."""
    root = plant(tmp_path_factory.mktemp("hostile"), FILES)
    for name in NAMES:
        plant_named(root, name)
    plant_named(root, b"sh\x1bim.py", b"from new.mod import Thing as T\n__all__ = ['T']\n")
    return plant(root, {"broken\u202e.py": b"x = '\x1b[31m'\n<<<<<<< \x1b[2J\n" + IMPORT})


@functools.cache
def _printed(root: Path, *args: str) -> Result:
    return run(*args, "--no-cache", cwd=root, env={"FORCE_COLOR": "1"})


def _hazards(text: str) -> set[str]:
    found = {c for c in text if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
    return found - {"\n"}


@pytest.mark.parametrize("name", FORMATS)
def test_no_format_lets_a_control_character_through(hostile: Path, name: str) -> None:
    result = _printed(hostile, "scan", "--output-format", name)
    assert result.code == 1
    colored = name in ("text", "full")
    assert bool(ANSI.search(result.stdout)) == colored
    assert not _hazards(ANSI.sub("", result.stdout))
    assert not _hazards(result.stderr)


@pytest.mark.parametrize("name", GRAPH_FORMATS)
@pytest.mark.parametrize(
    "question",
    [
        ("graph", "consumers", "new.mod:Thing"),
        ("graph", "shims"),
        ("graph", "cycles"),
        ("graph", "chain", "old.mod:Thing"),
        ("which", "Thing"),
    ],
    ids=" ".join,
)
def test_no_answer_lets_a_control_character_through(
    hostile: Path, question: tuple[str, ...], name: str
) -> None:
    if question[0] == "which" and name not in ("text", "json"):
        pytest.skip("`which` draws no pictures")
    result = _printed(hostile, *question, "--output-format", name)
    assert result.stdout.endswith("\n")
    assert not _hazards(result.stdout + result.stderr)
    if name == "json":
        json.loads(result.stdout)
    if name == "dot":
        assert _balanced_dot(result.stdout)


def _balanced_dot(text: str) -> bool:
    quoted = re.sub(r'"(?:[^"\\]|\\.)*"', '""', text)
    return quoted.count('"') % 2 == 0 and quoted.count("{") == quoted.count("}") == 1


def test_json_is_plain_ascii(hostile: Path) -> None:
    text = _printed(hostile, "scan", "--output-format", "json").stdout
    assert text.isascii()
    paths = {finding["path"] for finding in json.loads(text)["findings"]}
    assert {"names/esc\x1b[31m.py", "names/new\nline.py", r"names/caf\xe9.py"} <= paths


def test_sarif_holds_to_its_schema(hostile: Path) -> None:
    log = json.loads(_printed(hostile, "scan", "--output-format", "sarif").stdout)
    schema = PROJECT / "tests" / "data" / "sarif-schema-2.1.0.json"
    Draft4Validator(json.loads(schema.read_text("utf-8"))).validate(log)
    places: list[Any] = [
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in log["runs"][0]["results"]
    ]
    assert all(re.fullmatch(r"[A-Za-z0-9._~/%-]+", place) for place in places)
    assert {b"names/" + name for name in NAMES} <= set(map(unquote_to_bytes, places))


def test_github_commands_are_one_line_each(hostile: Path) -> None:
    lines = _printed(hostile, "scan", "--output-format", "github").stdout.split("\n")[:-1]
    assert all(COMMAND_LINE.fullmatch(line) for line in lines)
    assert "file=names/%3A%3Aerror%3A%3Aowned.py," in "\n".join(lines)


def test_people_see_a_line_for_each_finding(hostile: Path) -> None:
    report = _printed(hostile, "scan", "--output-format", "json").json
    text = ANSI.sub("", _printed(hostile, "scan").stdout)
    assert len(re.findall(r":\d+:\d+: SSOT\d+ ", text)) == len(report["findings"])
    assert not re.search(r"^\s*::", text, re.MULTILINE)


QUIET = {
    "nothing": {},
    "NO_COLOR": {"NO_COLOR": "1", "FORCE_COLOR": "1"},
    "dumb terminal": {"TERM": "dumb"},
    "narrow": {"COLUMNS": "20"},
}


@pytest.mark.parametrize("case", QUIET)
@pytest.mark.parametrize("name", ["text", "json"])
def test_a_pipe_gets_no_color_and_every_column(shared: Path, case: str, name: str) -> None:
    result = run("scan", "--output-format", name, "--no-cache", cwd=shared, env=QUIET[case])
    plain = _printed(shared, "scan", "--output-format", name, "--color", "never").stdout
    assert result.stdout == plain
    assert "\x1b" not in result.stdout


@pytest.mark.parametrize(
    ("name", "env"),
    [
        ("full", {"LANG": "C", "LC_ALL": "C"}),
        ("full", {"PYTHONIOENCODING": "ascii"}),
        ("full", {"PYTHONIOENCODING": "latin-1:strict"}),
        ("full", {"PYTHONUTF8": "0", "LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0"}),
        ("sarif", {"PYTHONIOENCODING": "ascii"}),
        ("github", {"PYTHONIOENCODING": "ascii"}),
    ],
    ids=str,
)
def test_any_encoding_serves(hostile: Path, name: str, env: dict[str, str]) -> None:
    result = run("scan", "--output-format", name, "--no-cache", cwd=hostile, env=env)
    assert result.code == 1
    assert "app/use.py" in result.stdout


def test_the_report_may_go_to_a_file(project: Path) -> None:
    shown = run("scan", "--no-cache", cwd=project)
    saved = run("scan", "--no-cache", "-o", "report.txt", cwd=project)
    assert (saved.code, saved.stdout) == (1, "")
    assert (project / "report.txt").read_text("utf-8") == shown.stdout
    assert run("scan", "--no-cache", "-o", "-", cwd=project).stdout == shown.stdout
    plant_named(project, b"caf\xe9.py")
    outputs = [option for name in FORMATS for option in ("--output", f"{name}=report.{name}")]
    assert run("scan", *outputs, cwd=project).code == 1
    for name in FORMATS:
        assert "caf" in (project / f"report.{name}").read_text("utf-8")


@pytest.mark.parametrize(
    "place", ["none/report.txt", "app", "/dev/full", "app/use.py/x", "x" * 300]
)
def test_a_report_that_cannot_be_written(project: Path, place: str) -> None:
    result = run("scan", "--no-cache", "-o", place, cwd=project)
    assert (result.code, result.stdout) == (2, "")
    assert f"error: the output cannot be written to {place}: " in result.stderr


def test_the_way_of_the_run_does_not_show(project: Path) -> None:
    plant(project, {f"many/m{n}.py": IMPORT + b"x = %d\n" % n for n in range(100)})
    plant(
        project, {f"copy/{path}": content for path, content in FILES.items() if "toml" not in path}
    )
    ways: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
        "one process": (("-j1", "--no-cache"), {"PYTHONHASHSEED": "0"}),
        "two processes": (("-j2", "--no-cache"), {"PYTHONHASHSEED": "1"}),
        "many processes": (("-j999", "--no-cache"), {}),
        "cold cache": ((), {"PYTHONHASHSEED": "2"}),
        "warm cache": ((), {"PYTHONHASHSEED": "3"}),
        "absolute": ((str(project), "--no-cache"), {"TZ": "Asia/Tokyo", "LC_ALL": "C"}),
    }
    outputs = {
        way: run("scan", "--output-format", "json", *args, cwd=project, env=env).stdout
        for way, (args, env) in ways.items()
    }
    assert {way: text == outputs["one process"] for way, text in outputs.items()} == dict.fromkeys(
        ways, True
    )
    order = [
        (f["path"], f["line"], f["column"], f["code"])
        for f in json.loads(outputs["one process"])["findings"]
    ]
    assert len(order) > 100
    assert order == sorted(order)


def test_quiet_statistics_and_exit_zero(shared: Path) -> None:
    quiet = run("scan", "--no-cache", "-q", cwd=shared)
    assert "Found" not in quiet.stdout
    table = run("scan", "--no-cache", "--statistics", cwd=shared)
    assert re.search(r"^\d+ +SSOT201 +deprecated-import$", table.stdout, re.MULTILINE)
    assert run("scan", "--no-cache", "--exit-zero", cwd=shared).code == 0
