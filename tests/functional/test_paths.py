"""What PATHS, the working directory and the root mean."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from .process import COMMAND, run, scan_json
from .trees import IMPORT, PROJECT, REGISTRY, plant

if TYPE_CHECKING:
    from pathlib import Path

DEPRECATED = "SSOT201"


@pytest.fixture
def two(project: Path) -> Path:
    """The project with a second reader in a folder of its own."""
    return plant(project, {"jobs/nightly.py": IMPORT, "jobs/clean.py": "x = 1\n"})


def _paths(cwd: Path, *args: str | Path) -> list[str]:
    report = scan_json(cwd, "--select", DEPRECATED, *args).json
    return [finding["path"] for finding in report["findings"]]


def test_paths_limit_the_report_and_not_the_resolution(two: Path) -> None:
    assert _paths(two) == ["app/use.py", "jobs/nightly.py"]
    assert _paths(two, "jobs") == ["jobs/nightly.py"]
    assert _paths(two, "jobs/clean.py") == []
    assert _paths(two, "app/use.py", "jobs") == ["app/use.py", "jobs/nightly.py"]
    chain = scan_json(two, "--select", DEPRECATED, "jobs").json["findings"][0]["chain"]
    assert chain == ["jobs/nightly.py:1", "old/mod.py:1", "new/mod.py:1"]


@pytest.mark.parametrize("spelling", ["jobs", "./jobs", "jobs/", "app/../jobs", "{root}/jobs"])
def test_a_path_may_be_spelled_in_any_way(two: Path, spelling: str) -> None:
    assert _paths(two, spelling.format(root=two)) == ["jobs/nightly.py"]


def test_a_path_may_go_through_a_link(two: Path) -> None:
    (two.parent / "shortcut").symlink_to(two)
    assert _paths(two.parent, "shortcut/jobs") == ["jobs/nightly.py"]


def test_a_subfolder_scans_the_whole_project(two: Path) -> None:
    assert _paths(two / "jobs") == _paths(two)
    assert _paths(two / "jobs", ".") == ["jobs/nightly.py"]


def test_a_nested_configuration_makes_a_project(two: Path) -> None:
    inner = {f"inner/{path}": content for path, content in PROJECT.items()}
    plant(two, inner)
    assert _paths(two, "inner") == ["app/use.py"]
    assert _paths(two / "inner" / "app") == ["app/use.py"]
    assert "inner/app/use.py" not in _paths(two, "inner")


def test_a_folder_without_configuration(tmp_path: Path) -> None:
    plant(tmp_path / "plain", {"a.py": "import plain_b\n", "plain_b.py": ""})
    assert scan_json(tmp_path / "plain").json["summary"]["files"] == 2
    plant(tmp_path / "empty", {"readme.txt": ""})
    result = run("scan", "--no-cache", cwd=tmp_path / "empty")
    assert result.code == 0
    assert "No findings in 0 files" in result.stdout


def test_the_root_may_be_told(two: Path) -> None:
    assert _paths(two.parent, "--root", two) == ["app/use.py", "jobs/nightly.py"]
    assert _paths(two.parent, "--root", "project", "project/jobs") == ["jobs/nightly.py"]


def test_isolated_reads_no_configuration(two: Path) -> None:
    assert _paths(two, "--isolated") == []
    plant(two, {"ssot.toml": "not TOML"})
    assert _paths(two, "--isolated") == []
    refused = run("scan", "--isolated", "--config", "ssot.toml", cwd=two)
    assert (refused.code, refused.stdout) == (2, "")


def test_a_configuration_may_lie_elsewhere(two: Path) -> None:
    elsewhere = plant(two.parent / "registry", {"team.toml": REGISTRY})
    (two / "ssot.toml").unlink()
    assert _paths(two) == []
    assert _paths(two, "--config", elsewhere / "team.toml") == ["app/use.py", "jobs/nightly.py"]


def test_a_configuration_may_come_through_a_pipe(two: Path) -> None:
    (two / "ssot.toml").rename(two.parent / "registry")
    script = 'exec "$0" scan --no-cache --select SSOT201 --config <(cat "$1") .'
    program = ("bash", "-c", script, COMMAND[0])
    assert run(two.parent / "registry", cwd=two, program=program).code == 1


WRONG = {
    "no such path": (("nowhere.py",), "nowhere.py: no such file or folder"),
    "several": (("nowhere.py", "app", "none"), "none: no such file or folder"),
    "too long": (("a" * 300,), "too long"),
    "outside": (("/etc",), "outside"),
    "a pipe": (("pipe.py",), "neither a file nor a folder"),
    "root is none": (("--root", "nowhere"), "nowhere: the root is no folder"),
    "root is a file": (("--root", "app/use.py"), "app/use.py: the root is no folder"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_path_that_cannot_be_used(two: Path, case: str) -> None:
    args, message = WRONG[case]
    os.mkfifo(two / "pipe.py")
    extra = ("--config", "ssot.toml", "--root", ".") if case == "outside" else ()
    result = run("scan", "--no-cache", *args, *extra, cwd=two)
    assert (result.code, result.stdout) == (2, "")
    assert message in result.stderr
    assert not (two / "nowhere").exists()


def test_a_path_may_begin_with_a_dash(two: Path) -> None:
    plant(two, {"-rf.py": IMPORT})
    assert _paths(two, "--", "-rf.py") == ["-rf.py"]
    assert _paths(two, "./-rf.py") == ["-rf.py"]
    assert run("scan", "-rf.py", cwd=two).code == 2


def test_a_path_may_hold_any_bytes(two: Path) -> None:
    name = os.path.join(os.fsencode(two), b"jobs", b"caf\xe9.py")
    with open(name, "wb") as file:
        file.write(IMPORT)
    result = run("scan", "--no-cache", b"jobs/caf\xe9.py", cwd=two)
    assert result.code == 1
    assert r"jobs/caf\xe9.py:1:1: SSOT201" in result.stdout


def test_excluded_files_count_when_they_are_named(two: Path) -> None:
    plant(two, {"ssot.toml": 'exclude = ["jobs/**"]\n' + REGISTRY})
    assert _paths(two) == ["app/use.py"]
    assert _paths(two, "jobs/nightly.py") == ["jobs/nightly.py"]
    assert _paths(two, "jobs/nightly.py", "--force-exclude") == []
    assert "no Python file lies below jobs" in run("scan", "jobs", cwd=two).stdout


def test_the_working_directory_may_be_gone(tmp_path: Path) -> None:
    script = 'mkdir gone && cd gone && rmdir ../gone && exec "$0" scan'
    result = run(cwd=tmp_path, program=("sh", "-c", script, COMMAND[0]))
    assert (result.code, result.stdout) == (2, "")
    assert "working directory" in result.stderr


def test_paths_in_reports_do_not_depend_on_where_one_stands(two: Path) -> None:
    whole = scan_json(two).stdout
    assert scan_json(two / "jobs").stdout == whole
    assert scan_json(two.parent, two).stdout == whole
    assert scan_json(two.parent, "project").stdout == whole
    assert scan_json(two.parent, "--root", "project").stdout == whole
