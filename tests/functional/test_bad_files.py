"""Whatever a file holds or is called: it is named, the others are read, nothing breaks."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from .process import Result, run, scan_json
from .trees import (
    DEEP,
    FOUND,
    IMPORT,
    NAMES,
    SILENT,
    UNPARSABLE,
    plant,
    plant_deep,
    plant_named,
    plant_special,
)

if TYPE_CHECKING:
    from pathlib import Path

DEPRECATED = "SSOT201"
UNREAD = "SSOT903"
MEBIBYTE = 1 << 20


@pytest.fixture(scope="module")
def bad(shared: Path) -> Path:
    """One tree with every bad file."""
    plant(shared, {f"bad/{name}": content for name, content in (UNPARSABLE | DEEP).items()})
    plant(shared, {f"fine/{name}": content for name, (content, _) in FOUND.items()})
    plant(shared, {f"silent/{name}": content for name, content in SILENT.items()})
    (shared / "fine/linked.py").symlink_to("linked_home.py")
    with open(shared / "bad/huge.py", "wb") as file:
        file.write(IMPORT)
        file.truncate(20 * MEBIBYTE + 1)
    for name in NAMES:
        plant_named(shared, name)
    plant_special(shared)
    plant_deep(shared, 500)
    return shared


@pytest.fixture(scope="module")
def scanned(bad: Path) -> Result:
    return scan_json(bad, code=2)


def _found(scanned: Result, code: str, path: str) -> list[dict[str, Any]]:
    return [f for f in scanned.json["findings"] if (f["code"], f["path"]) == (code, path)]


@pytest.mark.parametrize("name", UNPARSABLE)
def test_a_file_that_cannot_be_parsed_is_a_finding(scanned: Result, name: str) -> None:
    (finding,) = _found(scanned, UNREAD, f"bad/{name}")
    assert finding["line"] >= 1
    assert len(finding["message"]) > len("cannot be parsed: ")


@pytest.mark.parametrize("name", DEEP)
def test_a_file_that_is_nested_deeply_is_read_or_a_finding(scanned: Result, name: str) -> None:
    codes = {code for code, path in scanned.codes if path == f"bad/{name}"}
    assert codes & {UNREAD, DEPRECATED}
    # Python 3.10 can be deep enough for a file's imports and not for the uses inside it.
    assert sys.version_info < (3, 11) or not codes >= {UNREAD, DEPRECATED}


@pytest.mark.parametrize("name", FOUND)
def test_a_strange_file_is_read_all_the_same(scanned: Result, name: str) -> None:
    (finding,) = _found(scanned, DEPRECATED, f"fine/{name}")
    assert (finding["line"], finding["column"]) == (FOUND[name][1], 1)
    assert not _found(scanned, UNREAD, f"fine/{name}")


@pytest.mark.parametrize("name", SILENT)
def test_a_file_without_code_is_no_finding(scanned: Result, name: str) -> None:
    assert f"silent/{name}" not in {path for _, path in scanned.codes}


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_name_is_only_a_name(scanned: Result, name: bytes) -> None:
    shown = name.decode("utf-8", "backslashreplace")
    (finding,) = _found(scanned, DEPRECATED, f"names/{shown}")
    assert finding["line"] == 1


def test_a_deep_file_is_found(scanned: Result) -> None:
    assert (DEPRECATED, "d/" * 500 + "deep.py") in scanned.codes


def test_a_file_over_the_cap_is_an_error(scanned: Result) -> None:
    (error,) = scanned.json["errors"]
    assert error["path"] == "bad/huge.py"
    assert "20 MiB" in error["message"]


def test_what_is_no_file_is_left_alone(scanned: Result) -> None:
    assert not [path for _, path in scanned.codes if path.startswith("special/")]
    assert "special/out.py" in scanned.stderr


def test_a_link_is_no_second_file(scanned: Result) -> None:
    assert not _found(scanned, DEPRECATED, "fine/linked.py")


@pytest.mark.parametrize(
    "question",
    [
        ("graph", "consumers", "new.mod:Thing"),
        ("graph", "shims"),
        ("graph", "cycles"),
        ("graph", "chain", "app.use", "new.mod"),
        ("which", "Thing"),
    ],
    ids=" ".join,
)
def test_a_question_says_what_it_could_not_look_into(bad: Path, question: tuple[str, ...]) -> None:
    result = run(*question, "--no-cache", cwd=bad)
    assert result.code == 2
    assert "bad/syntax.py: error: cannot be parsed" in result.stderr
    assert result.stdout.endswith("\n")
    assert "bad/syntax.py" not in result.stdout or question[1] == "consumers"


def test_leaving_out_the_rule_does_not_hide_the_file(bad: Path) -> None:
    selected = scan_json(bad, "--select", DEPRECATED)
    unread = {error["path"] for error in selected.json["errors"]}
    assert {"bad/syntax.py", "bad/nul.py", "bad/huge.py"} <= unread
    accepted = scan_json(bad, "--select", DEPRECATED, "--ignore", UNREAD)
    assert [error["path"] for error in accepted.json["errors"]] == ["bad/huge.py"]


def test_a_cache_does_not_hide_the_file(project: Path) -> None:
    plant(project, {"broken.py": UNPARSABLE["syntax.py"]})
    for age in ("broken.py", "app/use.py", "old/mod.py", "new/mod.py", "ssot.toml"):
        os.utime(project / age, (1, 1))
    for _ in range(3):
        result = run("scan", "--select", DEPRECATED, cwd=project)
        assert result.code == 2
        assert "broken.py: error: cannot be parsed" in result.stdout


def test_more_files_than_one_process_takes(project: Path) -> None:
    many = {f"many/m{number}.py": IMPORT for number in range(150)}
    plant(project, {**many, "many/n.py": UNPARSABLE["syntax.py"]})
    one, two = (scan_json(project, "-j", jobs) for jobs in ("1", "2"))
    assert one.stdout == two.stdout
    assert len([path for code, path in one.codes if code == DEPRECATED]) == 151
    assert (UNREAD, "many/n.py") in one.codes


def test_depth_does_not_depend_on_where_the_parser_runs(project: Path) -> None:
    terms = {f"deep/s{n}.py": "x = " + "+".join(["1"] * n) + "\n" for n in range(2850, 3010, 2)}
    plant(project, terms)
    one, two = (scan_json(project, "--select", UNREAD, "-j", jobs) for jobs in ("1", "2"))
    assert one.stdout == two.stdout


def test_a_file_cannot_take_all_memory_or_time(project: Path) -> None:
    """The interpreter's own parser would take 11 GB and a minute."""
    plant(project, {"dotted.py": "import " + "a." * 100_000 + "a\n"})
    result = scan_json(project)
    assert {(UNREAD, "dotted.py"), (DEPRECATED, "app/use.py")} <= result.codes


# Everything is imported while that is still allowed.
AS_NOBODY = """
import os, sys
from ssot_migrate.cli import run
run(["scan", "app", "--no-cache", "--output-format", "json", "-o", os.devnull])
if os.geteuid() == 0:
    os.setgroups([]); os.setegid(65534); os.seteuid(65534)
if os.access("secret.py", os.R_OK, effective_ids=True):
    sys.exit("may read everything")
sys.exit(run(sys.argv[1:]))
"""


def test_a_folder_and_a_file_without_permission_are_named(project: Path) -> None:
    plant(project, {"closed/a.py": IMPORT, "secret.py": IMPORT})
    for folder in (project, *project.parents[:-2]):
        folder.chmod(0o755)
    os.chmod(project / "closed", 0)
    os.chmod(project / "secret.py", 0)
    try:
        result = run(
            *("scan", "--no-cache", "--output-format", "json"),
            cwd=project,
            program=(sys.executable, "-c", AS_NOBODY),
        )
    finally:
        os.chmod(project / "closed", 0o755)
    if "may read everything" in result.stderr:
        pytest.skip("this user may read everything, even without being root")
    messages = {error["path"]: error["message"] for error in result.json["errors"]}
    assert "permission denied" in messages["closed"]
    assert "permission denied" in messages["secret.py"]
    assert result.code == 2
    assert (DEPRECATED, "app/use.py") in result.codes
