"""`verify` as its users run it: after a migration, in formats, and while it is stopped."""

from __future__ import annotations

import json
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .process import run, start
from .test_apply_run import git
from .trees import UNPARSABLE, plant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_snapshot.plugin import Snapshot  # type: ignore[import-untyped]  # has no types

DELETING = """
[[concepts]]
name = "thing"
canonical = "new.mod:Thing"
deprecated = [{ path = "old.mod:Thing" }]
delete = ["old.mod"]
"""


def test_help(snapshot: Snapshot) -> None:
    result = run("verify", "--help")
    assert (result.code, result.stderr) == (0, "")
    snapshot.assert_match(result.stdout, "verify.txt")


def test_before_and_after_a_migration(project: Path) -> None:
    plant(project, {"ssot.toml": DELETING})
    before = run("verify", cwd=project)
    assert before.code == 1
    assert "app/use.py:1:1: SSOT201" in before.stdout
    assert "old/mod.py:1:1: VERIFY101 `old.mod` is to be deleted" in before.stdout
    assert run("apply", cwd=project).code == 0
    assert "VERIFY101" in run("verify", cwd=project).stdout
    (project / "old/mod.py").unlink()
    after = run("verify", cwd=project)
    assert (after.code, after.stderr) == (0, "")
    lines = after.stdout.splitlines()
    assert lines[0] == "No findings in 5 files."
    assert lines[1].startswith("note: deprecated paths: 1 looked for, ")
    assert lines[1].endswith(", reads found: 0")
    assert lines[2:4] == [
        "note: modules to be gone: 1 looked for, still there: 0",
        "note: imports: 1 in 5 files, 1 of this tree, in vain: 0",
    ]
    assert lines[4].startswith("note: files: 5 compiled with Python 3.")


def test_what_a_comment_keeps_is_no_failure_and_told(project: Path) -> None:
    pinned = "from old.mod import Thing  # ssot: ignore[SSOT201] the vendor pins it\n"
    plant(project, {"app/use.py": pinned})
    result = run("verify", cwd=project)
    assert result.code == 0
    assert "note: 1 place is left as its comment asks\n" in result.stdout
    assert run("verify", "--output-format", "json", cwd=project).json["summary"]["suppressed"] == 1


def test_formats(project: Path) -> None:
    found = run("verify", "--output-format", "json", cwd=project)
    assert found.code == 1
    assert found.codes == {("SSOT201", "app/use.py")}
    assert "note: imports: " in found.stderr
    sarif = run("verify", "--output-format", "sarif", cwd=project).json
    rules = sarif["runs"][0]["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules][-3:] == ["VERIFY101", "VERIFY102", "VERIFY103"]
    github = run("verify", "--output-format", "github", cwd=project).stdout
    assert github.startswith("::error file=app/use.py,line=1,")
    run("verify", "--output-format", "full", "-o", "report.txt", cwd=project)
    assert "from old.mod import Thing" in (project / "report.txt").read_text()
    assert run("verify", "-q", cwd=project).stdout.count("\n") == 1


def test_files_that_nothing_reads(project: Path) -> None:
    plant(project, UNPARSABLE)
    found = run("verify", "--output-format", "json", cwd=project)
    broken = {path for code, path in found.codes if code == "VERIFY102"}
    assert broken | {one["path"] for one in found.json["errors"]} == {*UNPARSABLE}
    assert found.code == (2 if found.json["errors"] else 1)


def test_a_command_decides(project: Path) -> None:
    run("apply", cwd=project)
    assert run("verify", "--run", "test -f ssot.toml", cwd=project).code == 0
    bad = run("verify", "--run", r"printf '\033[31mred\033[0m\nlast'; exit 7", cwd=project)
    assert bad.code == 1
    assert "fails: exit code 7 after " in bad.stdout
    assert bad.stderr == "  | red\n  | last\n"
    slow = run("verify", "--run", "sleep 60", "--timeout", "0.2", cwd=project)
    assert slow.code == 1
    assert "stopped: no end after 0.2 s" in slow.stdout


def test_a_command_never_comes_from_the_tree(project: Path) -> None:
    (project / "ssot.toml").write_text('run = "touch owned"\n')
    assert run("verify", cwd=project).code == 2
    assert not (project / "owned").exists()


def test_a_baseline_only_shrinks(project: Path) -> None:
    run("apply", cwd=project)
    (project / "app/broken.py").write_text("import old.gone\n")
    assert run("verify", cwd=project).code == 1
    written = run("verify", "--write-baseline", cwd=project)
    assert (written.code, written.stderr) == (0, "")
    assert run("verify", cwd=project).code == 0
    (project / "app/broken.py").write_text("import old.gone\nimport old.gone2\n")
    again = run("verify", "--write-baseline", cwd=project)
    assert again.code == 1
    assert "app/broken.py:2:1: SSOT205" in again.stdout
    file = project / "ssot-verify-baseline.json"
    assert len(json.loads(file.read_text())["accepted"]) == 1
    (project / "app/broken.py").unlink()
    assert "1 entry of " in run("verify", "--write-baseline", cwd=project).stdout
    assert json.loads(file.read_text())["accepted"] == []


def test_since_a_revision(project: Path) -> None:
    run("apply", cwd=project)
    (project / "app/broken.py").write_text("import old.gone\n")
    git(project, "init", "-q")
    git(project, "add", ".")
    git(project, "commit", "-qm", "one")
    (project / "app/late.py").write_text("import old.gone\n")
    found = run("verify", "--since", "HEAD", "--output-format", "json", cwd=project)
    assert (found.code, found.codes) == (1, {("SSOT205", "app/late.py")})
    assert found.json["summary"]["baselined"] == 1
    none = run("verify", "--since", "nothing", cwd=project)
    assert none.code == 2
    assert "git knows no such revision" in none.stderr


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"]
)
def test_a_stopped_run_leaves_nothing_behind(project: Path, number: int, code: int) -> None:
    with start("verify", "--run", "echo $$ > pid; sleep 60", cwd=project) as process:
        file = project / "pid"
        deadline = time.monotonic() + 20
        while not (file.exists() and file.read_text()) and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(number)
        assert process.wait(20) == code
    assert not list(_members(int(file.read_text())))


def _members(group: int) -> Iterator[str]:
    """The processes of a group that are alive."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _parent, number = stat.read_text().rpartition(")")[2].split()[:3]
            if int(number) == group and state != "Z":
                yield stat.parent.name
