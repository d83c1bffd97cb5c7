"""`shim` as its users run it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from .process import run
from .test_apply_run import contents
from .trees import plant

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_snapshot.plugin import Snapshot  # type: ignore[import-untyped]  # has no types

MODULE = {"ssot.toml": '[[moves]]\nfrom = "old.mod"\nto = "new.mod"\nremove-by = 2099-12-31\n'}


def test_help(snapshot: Snapshot) -> None:
    result = run("shim", "--help")
    assert (result.code, result.stderr) == (0, "")
    snapshot.assert_match(result.stdout, "shim.txt")


def test_what_is_written(project: Path, snapshot: Snapshot) -> None:
    plant(project, MODULE)
    for style in ("getattr", "static"):
        result = run("shim", "old.mod", "--style", style, "--force", cwd=project)
        assert (result.code, result.stderr) == (0, "")
        written = (project / "old/mod.py").read_text()
        snapshot.assert_match(written, f"shim-{style}.txt")
        done = subprocess.run(
            [sys.executable, "-W", "always", "-c", "from old.mod import Thing; Thing().act()"],
            cwd=project,
            capture_output=True,
            text=True,
            check=True,
        )
        assert "DeprecationWarning: old.mod" in done.stderr


def test_shown_first_and_taken_back(project: Path) -> None:
    plant(project, MODULE)
    before = contents(project)
    shown = run("shim", "old.mod", "--diff", cwd=project)
    assert shown.code == 1
    assert "+    def __getattr__(name: str) -> object:" in shown.stdout
    assert "To write it: ssot-migrate shim old.mod" in shown.stdout
    assert contents(project) == before
    assert run("shim", "old.mod", cwd=project).code == 0
    assert contents(project) != before
    again = run("shim", "old.mod", cwd=project)
    assert (again.code, again.stdout) == (0, "Nothing to change in 6 files.\n")
    assert run("rollback", cwd=project).code == 0
    assert contents(project) == before


def test_with_the_old_implementation_beside_it(project: Path) -> None:
    plant(
        project, {**MODULE, "old/mod.py": b"class Thing:\n    def act(self):\n        return 0\n"}
    )
    result = run("shim", "old.mod", "--env", "THINGS=old", "--output-format", "json", cwd=project)
    assert result.code == 0
    assert [(one["path"], one["change"]) for one in result.json["files"]] == [
        ("old/_mod_legacy.py", "created"),
        ("old/mod.py", "changed"),
    ]
    assert run("rollback", cwd=project).code == 0
    assert not (project / "old/_mod_legacy.py").exists()


def test_refused(project: Path) -> None:
    plant(project, {**MODULE, "old/mod.py": b"class Thing: ...\nclass Other: ...\n"})
    before = contents(project)
    result = run("shim", "old.mod", cwd=project)
    assert result.code == 1
    assert "old/mod.py: refused: the registry has no replacement for Other" in result.stdout
    unknown = run("shim", "new.mod", cwd=project)
    assert unknown.code == 2
    assert "the registry has no replacement for 'new.mod'" in unknown.stderr
    assert contents(project) == before
