"""`apply` in earnest: what is on the disk afterwards, and the way back."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ssot_migrate.transaction.store import RunStore

from .process import COMMAND, PROJECT, clean_environment, run, tool
from .trees import IMPORT, plant, plant_named

MOVED = IMPORT.replace(b"old", b"new")
DEMO = PROJECT / "fixtures" / "agent_platform" / "before"
OURS = (".ssot_migrate", ".ssot_migrate_cache", "__pycache__", ".git")


def contents(root: Path) -> dict[str, bytes]:
    """The files of a project without what is not its own."""
    found = {}
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in OURS]
        for name in names:
            file = Path(folder, name)
            found[os.fspath(file.relative_to(root))] = file.read_bytes()
    return found


def git(cwd: Path, *args: str, stdin: bytes = b"") -> None:
    identity = ("-c", "user.name=x", "-c", "user.email=x")
    done = subprocess.run(
        ["git", *identity, *args], cwd=cwd, input=stdin, env=clean_environment(), check=False
    )
    assert done.returncode == 0


@pytest.fixture
def repository(project: Path) -> Path:
    git(project, "init", "-q")
    git(project, "add", ".")
    git(project, "commit", "-qm", "one")
    return project


@pytest.fixture
def application(tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns(*OURS)
    return Path(shutil.copytree(DEMO, tmp_path / "application", ignore=ignored))


def test_apply_writes_and_is_done(project: Path) -> None:
    before = contents(project)
    result = run("apply", cwd=project)
    assert (result.code, result.stderr) == (0, "")
    first, blank, summary, last = result.stdout.splitlines()
    assert (first, blank) == ("app/use.py: 1 edit", "")
    assert summary == "1 file changed: 1 edit, 1 safe."
    after = contents(project)
    assert after.pop("app/use.py") == MOVED + b"\nThing().act()\n"
    assert after == {path: data for path, data in before.items() if path != "app/use.py"}
    again = run("apply", cwd=project)
    assert (again.code, again.stdout) == (0, "Nothing to change in 6 files.\n")
    undo = last.partition("To undo it: ")[2]
    assert run(*shlex.split(undo)[1:], cwd=project).code == 0
    assert contents(project) == before


def test_the_way_back_is_shown_from_where_the_user_is(project: Path) -> None:
    before = contents(project)
    result = run("apply", "project", cwd=project.parent)
    assert result.code == 0
    undo = shlex.split(result.stdout.splitlines()[-1].partition("To undo it: ")[2])
    assert undo[-2:] == ["--root", str(project)]
    assert run(*undo[1:], cwd=project.parent).code == 0
    assert contents(project) == before


def test_json_and_history_know_the_run(project: Path) -> None:
    value = run("apply", "--output-format", "json", "--select", "SSOT201", cwd=project).json
    assert value["dry_run"] is False
    (told,) = run("history", "--output-format", "json", cwd=project).json["runs"]
    assert (told["run"], told["state"]) == (value["run"], "done")
    assert told["command"][:2] == ["ssot-migrate", "apply"]
    assert told["command"][-2:] == ["--select", "SSOT201"]


def migrate_as_told(application: Path, tmp_path: Path, *extra: str) -> None:
    """Migrate, and look whether a patch says the same as what is written."""
    copy = Path(shutil.copytree(application, tmp_path / "copy"))
    target = str(tmp_path / "plan.patch")
    planned = run(
        "apply", "--dry-run", "--output-format", "patch", "-o", target, *extra, cwd=application
    )
    assert planned.code == 1
    assert run("apply", *extra, cwd=application).code == 1
    git(copy, "apply", "--whitespace=nowarn", target)
    assert contents(copy) == contents(application) != contents(DEMO)


def test_unsafe_changes_are_written_as_told_and_taken_back(
    application: Path, tmp_path: Path
) -> None:
    migrate_as_told(application, tmp_path, "--unsafe")
    assert run("rollback", cwd=application).code == 0
    assert contents(application) == contents(DEMO)


def test_what_is_left_is_no_success(project: Path) -> None:
    plant(project, {"app/text.py": "NAME = 'old.mod.Thing'\n"})
    result = run("apply", cwd=project)
    assert result.code == 1
    assert "app/text.py:1:8: SSOT204 " in result.stdout
    assert run("apply", "--exit-zero", cwd=project).code == 0


def test_uncommitted_work_is_not_touched(repository: Path) -> None:
    plant(repository, {"app/use.py": IMPORT + b"mine = True\n", "app/new.py": IMPORT})
    before = contents(repository)
    result = run("apply", cwd=repository)
    assert (result.code, result.stdout) == (2, "")
    assert "error: app/use.py: has uncommitted changes\n" in result.stderr
    assert "error: app/new.py: is not known to git\n" in result.stderr
    assert "--force" in result.stderr
    assert contents(repository) == before
    assert run("apply", "--dry-run", cwd=repository).code == 1
    assert run("apply", "--force", cwd=repository).code == 0
    assert run("rollback", cwd=repository).code == 0
    assert contents(repository) == before


def test_git_does_not_see_the_journal(repository: Path) -> None:
    assert run("apply", cwd=repository).code == 0
    status = subprocess.run(
        ["git", "status", "--porcelain"], cwd=repository, capture_output=True, text=True, check=True
    )
    assert status.stdout == " M app/use.py\n"


def test_copies_of_the_originals_are_kept(project: Path, tmp_path: Path) -> None:
    assert run("apply", "--backup", str(tmp_path / "kept"), cwd=project).code == 0
    kept = tmp_path / "kept" / "app" / "use.py"
    assert kept.read_bytes() == IMPORT + b"\nThing().act()\n"
    refused = run("apply", "--backup", str(tmp_path / "kept"), cwd=project)
    assert refused.code in (0, 2)


def _verify(code: str) -> str:
    return shlex.join((sys.executable, "-c", code))


NO_BAD = "import pathlib, sys; sys.exit('new' in pathlib.Path('app/bad.py').read_text())"


def test_a_wave_that_fails_its_check_is_undone_and_its_culprit_told(project: Path) -> None:
    plant(project, {"app/bad.py": IMPORT, "app/good.py": IMPORT})
    words = ("apply", "--batch", "10", "--verify", _verify(NO_BAD))
    result = run(*words, "--output-format", "json", cwd=project)
    assert result.code == 1
    (wave,) = result.json["waves"]
    assert wave["culprits"] == ["app/bad.py"]
    outcomes = {file["path"]: file["outcome"] for file in result.json["files"]}
    assert outcomes == {"app/bad.py": "refused", "app/good.py": "changed", "app/use.py": "changed"}
    assert (project / "app" / "bad.py").read_bytes() == IMPORT
    assert (project / "app" / "good.py").read_bytes() == MOVED
    run("rollback", cwd=project)
    text = run(*words, cwd=project).stdout
    assert "app/bad.py: refused: the check fails with its change\n" in text
    assert "applied without app/bad.py\n  | exit code 1 after" in text


def test_each_wave_is_told(project: Path) -> None:
    plant(project, {f"app/m{n}.py": IMPORT for n in range(5)})
    text = run("apply", "--batch", "2", cwd=project).stdout
    assert [line for line in text.splitlines() if line.startswith("Wave ")] == [
        "Wave 1: 2 files, applied",
        "Wave 2: 2 files, applied",
        "Wave 3: 2 files, applied",
    ]


def test_a_check_that_fails_at_once_proves_nothing(project: Path) -> None:
    before = contents(project)
    result = run(
        "apply", "--verify", _verify("print('\x1b[2Jno'); raise SystemExit(3)"), cwd=project
    )
    assert (result.code, result.stdout) == (2, "")
    assert "the check fails before anything is changed" in result.stderr
    assert "\x1b" not in result.stderr
    assert contents(project) == before


def test_a_check_that_does_not_end_is_stopped(project: Path) -> None:
    slow = (
        "import pathlib, time; 'new' in pathlib.Path('app/use.py').read_text() and time.sleep(60)"
    )
    result = run("apply", "--verify", _verify(slow), "--timeout", "2", cwd=project)
    assert result.code == 1
    assert "stopped: no end after 2 s" in result.stdout
    assert (project / "app" / "use.py").read_bytes().startswith(IMPORT)


def test_only_one_process_writes(project: Path) -> None:
    with RunStore(project).begin(command=("ssot-migrate", "apply")):
        result = run("apply", cwd=project)
    assert (result.code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: ")
    assert (project / "app" / "use.py").read_bytes().startswith(IMPORT)


def test_every_name_and_line_end_survives(project: Path) -> None:
    names = (b"esc\x1b.py", b"caf\xe9.py", b"new\nline.py", b"two words.py", b'q".py')
    for name in names:
        plant_named(project, name, IMPORT.replace(b"\n", b"\r\n") + b"x = '\x1b'")
    result = run("apply", cwd=project)
    assert result.code == 0
    assert "\x1b" not in result.stdout
    for name in names:
        file = os.path.join(os.fsencode(project), b"names", name)
        assert Path(os.fsdecode(file)).read_bytes() == MOVED.replace(b"\n", b"\r\n") + b"x = '\x1b'"


@pytest.mark.parametrize("place", ["no/report.txt", "/dev/full"])
def test_a_report_that_cannot_be_written_does_not_hide_the_run(project: Path, place: str) -> None:
    result = run("apply", "-o", place, cwd=project)
    assert (result.code, result.stdout) == (2, "")
    assert (project / "app" / "use.py").read_bytes().startswith(MOVED)
    first, second = result.stderr.splitlines()
    assert " was written. To undo it: ssot-migrate rollback " in first
    assert second.startswith(f"error: the output cannot be written to {place}: ")


def test_a_reader_that_leaves_early_does_not_stop_the_run(project: Path) -> None:
    if tool("bash") is None:
        pytest.skip("needs bash")
    line = '"$0" "$@" | head -n 1; echo "${PIPESTATUS[0]}"'
    result = run("apply", cwd=project, program=("bash", "-c", line, *COMMAND))
    assert result.stdout.splitlines() == ["app/use.py: 1 edit", "0"]
    assert "done" in run("history", cwd=project).stdout


def test_safe_changes_are_written_as_told_and_leave_the_demonstration_working(
    application: Path, tmp_path: Path
) -> None:
    migrate_as_told(application, tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=application,
        env=clean_environment(PYTHONDONTWRITEBYTECODE="1"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
