"""`history` and `rollback`: runs that ended, that did not, and that were tampered with."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from ssot_migrate.transaction.change import Change, digest_of
from ssot_migrate.transaction.store import RunStore

from .process import run
from .trees import IMPORT, plant

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = ("ssot-migrate", "apply")
EDITED = b"edited = True\n"


def commit(root: Path, changes: dict[str, bytes | None], *, finish: bool = True) -> str:
    """Write files as a run; returns its id."""
    with RunStore(root).begin(command=COMMAND) as opened:
        opened.commit(
            Change(path, _digest(root / path), content) for path, content in changes.items()
        )
        if finish:
            opened.finish({"files": len(changes)})
        return opened.id


def crash(root: Path, changes: dict[str, bytes | None]) -> str:
    """Write files as a run whose process is gone before it says that it came to its end."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            opened = RunStore(root).begin(command=COMMAND)
            opened.commit(
                Change(path, _digest(root / path), content) for path, content in changes.items()
            )
            os.write(writing, opened.id.encode())
        finally:
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as stream:
        return stream.read()


def _digest(file: Path) -> str | None:
    return digest_of(file.read_bytes()) if file.exists() else None


def test_there_is_nothing_to_tell_at_first(project: Path) -> None:
    result = run("history", cwd=project)
    assert (result.code, result.stdout) == (0, "Nothing has been applied here.\n")
    result = run("rollback", cwd=project)
    assert (result.code, result.stdout) == (2, "")
    assert "there is no run to roll back" in result.stderr
    assert not (project / ".ssot_migrate").exists()


def test_a_run_is_listed_and_taken_back(project: Path) -> None:
    one = commit(project, {"app/use.py": EDITED, "app/new.py": b"", "old/mod.py": None})
    listed = run("history", cwd=project)
    assert listed.code == 0
    assert listed.stdout.startswith(f"{one}  done  ")
    assert listed.stdout.endswith(" UTC  3 files  ssot-migrate apply\n")
    (told,) = run("history", "--output-format", "json", cwd=project).json["runs"]
    assert (told["run"], told["state"], told["summary"]) == (one, "done", {"files": 3})
    result = run("rollback", one, cwd=project)
    assert (result.code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "app/new.py: brought back",
        "app/use.py: brought back",
        "old/mod.py: brought back",
        "",
        f"Run {one}: rolled back, 3 files brought back.",
    ]
    assert (project / "app" / "use.py").read_bytes() == IMPORT + b"\nThing().act()\n"
    assert (project / "old" / "mod.py").exists()
    assert not (project / "app" / "new.py").exists()
    again = run("rollback", one, cwd=project)
    assert (again.code, again.stdout) == (2, "")
    assert "was rolled back already" in again.stderr
    assert run("history", cwd=project).stdout.startswith(f"{one}  rolled back  ")


def test_without_an_id_the_newest_run_goes_first(project: Path) -> None:
    for content in (b"first = 1\n", b"second = 2\n"):
        commit(project, {"app/use.py": content})
    assert run("rollback", cwd=project).code == 0
    assert (project / "app" / "use.py").read_bytes() == b"first = 1\n"
    value = run("rollback", "--output-format", "json", cwd=project).json
    assert (value["state"], value["paths"]) == ("rolled back", ["app/use.py"])
    assert (project / "app" / "use.py").read_bytes().startswith(IMPORT)


def test_an_edit_since_is_not_lost(project: Path) -> None:
    one = commit(project, {"app/use.py": EDITED, "app/new.py": b"x = 1\n"})
    mine = b"mine = True\n"
    plant(project, {"app/use.py": mine})
    refused = run("rollback", one, cwd=project)
    assert (refused.code, refused.stdout) == (2, "")
    assert "app/use.py: was edited after the run changed it" in refused.stderr
    assert (project / "app" / "use.py").read_bytes() == mine
    assert (project / "app" / "new.py").exists()
    forced = run("rollback", one, "--force", cwd=project)
    assert forced.code == 0
    folder = forced.stdout.rpartition(" are kept in ")[2].strip().rstrip(".")
    assert mine in [file.read_bytes() for file in (project / folder).iterdir()]


def test_an_unfinished_run_is_told_of_everywhere_with_the_command_to_run(project: Path) -> None:
    one = crash(project, {"app/use.py": EDITED})
    remedy = f"ssot-migrate rollback {one}"
    assert remedy in run("history", cwd=project).stdout
    assert remedy in run("scan", "--no-cache", cwd=project).stdout
    assert remedy in run("apply", "--dry-run", "--no-cache", cwd=project).stdout
    for name in ("json", "patch"):
        planned = run("apply", "--dry-run", "--output-format", name, cwd=project)
        assert remedy in planned.stderr
    assert run("rollback", one, cwd=project).code == 0
    assert (project / "app" / "use.py").read_bytes().startswith(IMPORT)
    assert remedy not in run("scan", "--no-cache", cwd=project).stdout


def test_a_run_is_found_from_any_folder_of_its_project(project: Path) -> None:
    one = commit(project, {"app/use.py": EDITED})
    assert one in run("history", cwd=project / "app").stdout
    assert one in run("history", "--root", str(project), cwd=project.parent).stdout
    assert run("rollback", "--root", str(project), cwd=project.parent).code == 0


def test_a_broken_registry_keeps_nobody_from_going_back(project: Path) -> None:
    commit(project, {"app/use.py": EDITED})
    plant(project, {"ssot.toml": b"[[moves\n"})
    assert run("scan", cwd=project).code == 2
    assert run("history", cwd=project).code == 0
    assert run("rollback", cwd=project).code == 0


@pytest.mark.parametrize("words", [("rollback", "nonsense"), ("rollback", "../../etc")])
def test_an_unknown_run_is_an_error(project: Path, words: tuple[str, ...]) -> None:
    commit(project, {"app/use.py": EDITED})
    result = run(*words, cwd=project)
    assert (result.code, result.stdout) == (2, "")
    assert f"error: there is no run {words[1]}" in result.stderr


def test_a_damaged_run_is_told(project: Path) -> None:
    one = commit(project, {"app/use.py": EDITED})
    for folder, _, names in os.walk(project / ".ssot_migrate" / "runs" / one):
        for name in names:
            with open(os.path.join(folder, name), "wb") as stream:
                stream.write(b"\x1b[2J")
    listed = run("history", cwd=project)
    assert listed.code == 0
    assert listed.stdout.startswith(f"{one}  damaged  ")
    assert "\x1b" not in listed.stdout
    result = run("rollback", one, cwd=project)
    assert (result.code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: ")


def test_only_one_process_at_a_time(project: Path) -> None:
    commit(project, {"app/use.py": EDITED})
    with RunStore(project).begin(command=COMMAND):
        result = run("rollback", cwd=project)
        assert (result.code, result.stdout) == (2, "")
        assert "another run is at work here" in result.stderr
    assert run("rollback", cwd=project).code == 0
