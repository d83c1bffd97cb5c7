"""A gate for changes: what a branch, a commit or an editor's buffer is to blame for."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from .process import COMMAND, Result, clean_environment, run
from .trees import IMPORT, PROJECT, plant

EMITTER = """
class Emitter:
    def __init__(self, user): self.user = user
    def started(self, agent): return agent
    def finished(self, agent): return agent
    def cleanup(self): return self.user
"""
FUNCTION = b"\n\ndef run():\n    return Thing\n"
GOOD = b"from new.mod import Thing\n" + FUNCTION


def git(root: Path, *args: str, **env: str) -> str:
    identity = ("-c", "user.name=n", "-c", "user.email=e@example.org")
    done = subprocess.run(
        ["git", *identity, *args],
        cwd=root,
        env=clean_environment(**env),
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def commit(root: Path, message: str = "x") -> None:
    git(root, "add", "-A")
    git(root, "commit", "-qm", message)


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project in git; `app/use.py` has a finding that was committed."""
    root = tmp_path_factory.mktemp("committed")
    plant(root, {**PROJECT, "jobs/daily.py": GOOD, ".gitignore": ".ssot_migrate*\n"})
    git(root, "init", "-q", "-b", "main")
    commit(root)
    return root


@pytest.fixture
def repo(committed: Path, tmp_path: Path) -> Path:
    """A copy of it for a test that changes something."""
    return Path(shutil.copytree(committed, tmp_path / "project"))


def found(root: Path, *args: str, given: bytes = b"") -> set[tuple[str, str]]:
    """Code and path of what a scan reports, with the cache that the test's other scans fill."""
    result = run("scan", "--output-format", "json", *args, cwd=root, given=given)
    assert result.code == (1 if result.codes else 0)
    return result.codes


def test_the_cache_changes_nothing(repo: Path) -> None:
    """Neither an empty one nor one that other contents of the same files have filled."""
    plant(repo, {"jobs/daily.py": IMPORT + FUNCTION})
    git(repo, "add", "-A")
    plant(repo, {"jobs/daily.py": GOOD, "jobs/weekly.py": IMPORT + FUNCTION})
    plant(repo, {"app/use.py": PROJECT["app/use.py"] + IMPORT})
    buffer = ("--stdin-filename", "jobs/daily.py")
    questions = (
        (("--since", "HEAD"), {("SSOT201", "app/use.py"), ("SSOT201", "jobs/weekly.py")}),
        (("--staged",), {("SSOT201", "jobs/daily.py")}),
        (buffer, {("SSOT201", "jobs/daily.py")}),
        (
            ("--since", "HEAD", "--changed-lines"),
            {("SSOT201", "app/use.py"), ("SSOT201", "jobs/weekly.py")},
        ),
    )
    answers: dict[tuple[str, ...], Result] = {}
    for options in (("--no-cache",), (), ()):
        for question, expected in questions:
            args = ("--output-format", "json", *question, *options)
            answer = run("scan", *args, cwd=repo, given=IMPORT + FUNCTION)
            assert answer.codes == expected
            assert answers.setdefault(question, answer) == answer


def test_nothing_changed_nothing_is_reported(repo: Path) -> None:
    assert found(repo) == {("SSOT201", "app/use.py")}
    assert found(repo, "--since", "HEAD") == set()
    assert found(repo, "--staged") == set()


def test_a_changed_file_is_reported_as_a_whole(repo: Path) -> None:
    plant(repo, {"app/use.py": PROJECT["app/use.py"] + b"x = 1\n"})
    assert found(repo, "--since", "HEAD") == {("SSOT201", "app/use.py")}
    assert found(repo, "--since", "HEAD", "--changed-lines") == set()


def test_of_a_changed_file_changed_lines_can_be_asked_for(repo: Path) -> None:
    plant(repo, {"app/use.py": PROJECT["app/use.py"] + IMPORT})
    options = ("--since", "HEAD", "--changed-lines", "--output-format", "json")
    report = run("scan", *options, cwd=repo).json
    assert [(one["path"], one["line"]) for one in report["findings"]] == [("app/use.py", 4)]


def test_a_new_file_that_git_does_not_know_counts(repo: Path) -> None:
    plant(repo, {"jobs/weekly.py": IMPORT + FUNCTION})
    assert found(repo, "--since", "HEAD") == {("SSOT201", "jobs/weekly.py")}
    assert found(repo, "--staged") == set()


def test_what_a_change_breaks_elsewhere_counts(repo: Path) -> None:
    """The files with the findings did not change."""
    plant(repo, {"new/mod.py": b"class Item: ...\n", "old/mod.py": b"class Thing: ...\n"})
    (repo / "ssot.toml").write_text("check-targets = false\n" + (repo / "ssot.toml").read_text())
    assert ("SSOT205", "jobs/daily.py") in found(repo, "--since", "HEAD")
    told = run("scan", "--since", "HEAD", "--select", "SSOT205", cwd=repo).stdout
    assert "1 finding is in a file that did not change, and not there at HEAD" in told
    assert ("SSOT201", "app/use.py") not in found(repo, "--since", "HEAD")


def test_those_who_read_it_through_the_module_are_broken_too(repo: Path) -> None:
    readers = {
        "jobs/through.py": b"import new.mod\n\n\ndef run():\n    return new.mod.Thing\n",
        "jobs/star.py": b"from new.mod import *\n" + FUNCTION,
    }
    plant(repo, readers)
    commit(repo)
    plant(repo, {"new/mod.py": b"class Item: ...\n"})
    (repo / "ssot.toml").write_text("check-targets = false\n" + (repo / "ssot.toml").read_text())
    broken = {("SSOT211", path) for path in readers}
    assert found(repo, "--since", "HEAD") >= broken | {("SSOT205", "jobs/daily.py")}
    git(repo, "add", "-A")
    assert found(repo, "--staged") >= broken


def test_a_duplicate_is_reported_although_the_older_one_is_flagged(repo: Path) -> None:
    plant(repo, {"app/emitter.py": EMITTER})
    commit(repo)
    readers = {
        f"jobs/reader{n}.py": "from app.events import Emitter\n\nE = Emitter(1)\n" for n in "123"
    }
    plant(repo, {"app/events.py": EMITTER, **readers})
    assert ("SSOT101", "app/emitter.py") in found(repo, "--since", "HEAD")
    commit(repo)
    assert found(repo, "--since", "HEAD") == set()


def test_a_registry_that_changes_makes_no_old_code_new(repo: Path) -> None:
    move = b'[[moves]]\nfrom = "new.mod"\nto = "newer.mod"\n'
    plant(repo, {"ssot.toml": b"check-targets = false\n" + PROJECT["ssot.toml"] + move})
    assert ("SSOT201", "jobs/daily.py") in found(repo)
    assert found(repo, "--since", "HEAD") == set()


def test_branches_are_compared_from_where_they_part(repo: Path) -> None:
    git(repo, "checkout", "-qb", "topic")
    plant(repo, {"jobs/topic.py": IMPORT + FUNCTION})
    commit(repo)
    git(repo, "checkout", "-q", "main")
    plant(repo, {"app/use.py": GOOD})
    commit(repo)
    git(repo, "checkout", "-q", "topic")
    assert found(repo, "--since", "main...") == {("SSOT201", "jobs/topic.py")}
    assert ("SSOT201", "app/use.py") in found(repo, "--since", "main")


def test_a_file_that_was_renamed_is_a_changed_one(repo: Path) -> None:
    git(repo, "mv", "app/use.py", "app/user.py")
    assert found(repo, "--since", "HEAD") == {("SSOT201", "app/user.py")}
    assert found(repo, "--staged") == {("SSOT201", "app/user.py")}


def test_paths_and_rules_narrow_it_further(repo: Path) -> None:
    plant(repo, {"jobs/weekly.py": IMPORT + FUNCTION, "app/late.py": IMPORT + FUNCTION})
    assert found(repo, "--since", "HEAD", "jobs") == {("SSOT201", "jobs/weekly.py")}
    assert found(repo, "--since", "HEAD", "--select", "SSOT4") == set()


def test_known_findings_of_changed_files_pass(repo: Path) -> None:
    assert run("baseline", "create", cwd=repo).code == 0
    commit(repo)
    plant(repo, {"app/use.py": PROJECT["app/use.py"] + b"x = 1\n"})
    before = (repo / "ssot-baseline.jsonl").read_bytes()
    assert found(repo, "--since", "HEAD") == set()
    plant(repo, {"app/use.py": GOOD, "jobs/daily.py": IMPORT + FUNCTION})
    assert found(repo, "--since", "HEAD") == {("SSOT201", "jobs/daily.py")}
    assert found(repo, "--since", "HEAD", "--locked") == {("SSOT201", "jobs/daily.py")}
    assert (repo / "ssot-baseline.jsonl").read_bytes() == before


def test_a_suppression_that_a_change_makes_useless_is_reported(repo: Path) -> None:
    broken = b"import new.gone  # ssot: ignore[SSOT205] comes next week\n"
    plant(repo, {"jobs/soon.py": broken + FUNCTION})
    commit(repo)
    plant(repo, {"new/gone.py": b""})
    assert found(repo, "--since", "HEAD") == {("SSOT901", "jobs/soon.py")}


# --- staged -------------------------------------------------------------------------------------


def test_the_staged_content_is_what_counts(repo: Path) -> None:
    plant(repo, {"jobs/daily.py": IMPORT + FUNCTION})
    git(repo, "add", "-A")
    plant(repo, {"jobs/daily.py": GOOD})
    assert found(repo, "--staged") == {("SSOT201", "jobs/daily.py")}
    git(repo, "add", "-A")
    plant(repo, {"jobs/daily.py": IMPORT + FUNCTION})
    assert found(repo, "--staged") == set()


def test_what_is_not_staged_is_not_in_the_graph(repo: Path) -> None:
    plant(repo, {"jobs/late.py": b"from new.late import Late\n\n\ndef run():\n    return Late\n"})
    git(repo, "add", "-A")
    plant(repo, {"new/late.py": b"class Late: ...\n"})
    assert found(repo, "--since", "HEAD") == set()
    assert found(repo, "--staged") == {("SSOT205", "jobs/late.py")}


def test_the_work_tree_stays_as_it_is(repo: Path) -> None:
    plant(repo, {"jobs/daily.py": IMPORT + FUNCTION})
    git(repo, "add", "-A")
    plant(repo, {"jobs/daily.py": b"x = 1\n", "jobs/weekly.py": IMPORT})
    before = git(repo, "status", "--porcelain")
    found(repo, "--staged")
    found(repo, "--since", "HEAD")
    assert git(repo, "status", "--porcelain") == before
    assert (repo / "jobs/daily.py").read_bytes() == b"x = 1\n"


def test_a_registry_that_is_not_staged_is_told(repo: Path) -> None:
    (repo / "ssot.toml").write_text("# new\n" + (repo / "ssot.toml").read_text())
    told = run("scan", "--staged", cwd=repo).stdout
    assert "note: ssot.toml is read as it is on the disk, with changes that are not staged" in told
    git(repo, "add", "-A")
    assert "on the disk" not in run("scan", "--staged", cwd=repo).stdout


def test_a_repository_without_a_commit(tmp_path: Path) -> None:
    plant(tmp_path, {**PROJECT, ".gitignore": ".ssot_migrate*\n"})
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    assert found(tmp_path, "--staged") == {("SSOT201", "app/use.py")}
    assert run("scan", "--since", "HEAD", cwd=tmp_path).code == 2


@pytest.mark.parametrize("way", [("commit", "-qm", "x"), ("commit", "-qam", "x")])
def test_a_hook_sees_what_is_committed(repo: Path, way: tuple[str, ...]) -> None:
    """`git commit -a` has an index of its own while its hook runs."""
    hook = repo / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nexec {COMMAND[0]} scan --staged -q >{repo}/../said 2>&1\n")
    hook.chmod(0o755)
    plant(repo, {"jobs/daily.py": IMPORT + FUNCTION})
    if "-qm" in way:
        git(repo, "add", "-A")
    with pytest.raises(AssertionError):
        git(repo, *way)
    said = (repo.parent / "said").read_text()
    assert said.startswith("jobs/daily.py:1:1: SSOT201")
    plant(repo, {"jobs/daily.py": GOOD + b"x = 1\n"})
    git(repo, "add", "-A")
    git(repo, *way)


def test_a_subfolder_may_be_the_root(repo: Path) -> None:
    inner = plant(repo / "inner", PROJECT)
    commit(repo)
    plant(inner, {"app/late.py": IMPORT + FUNCTION})
    plant(repo, {"app/late.py": IMPORT + FUNCTION})
    git(repo, "add", "-A")
    assert found(inner, "--staged") == {("SSOT201", "app/late.py")}
    assert found(inner, "--since", "HEAD") == {("SSOT201", "app/late.py")}


# --- an editor's buffer -------------------------------------------------------------------------


def test_a_buffer_stands_for_its_file(project: Path) -> None:
    name = ("--stdin-filename", "app/use.py")
    assert found(project, *name, given=GOOD) == set()
    assert found(project, *name, given=IMPORT + FUNCTION) == {("SSOT201", "app/use.py")}
    assert found(project, "-", *name, given=IMPORT + FUNCTION) == {("SSOT201", "app/use.py")}
    assert found(project) == {("SSOT201", "app/use.py")}


def test_a_buffer_may_be_a_new_file_of_the_whole_project(project: Path) -> None:
    data = b"from new.mod import Thing, Nothing\nfrom app import use\n" + FUNCTION
    assert found(project, "--stdin-filename", "jobs/new.py", given=data) == {
        ("SSOT205", "jobs/new.py")
    }
    assert not (project / "jobs").exists()


def test_a_buffer_of_another_project_is_judged_there(project: Path, tmp_path: Path) -> None:
    """An editor need not run in the folder of the file that it shows."""
    name = str(project / "app/use.py")
    args = ("--stdin-filename", name, "--output-format", "json")
    assert run("scan", *args, cwd=tmp_path, given=IMPORT + FUNCTION).codes == {
        ("SSOT201", "app/use.py")
    }


def test_a_buffer_that_cannot_be_parsed_is_a_finding(project: Path) -> None:
    name = ("--stdin-filename", "app/use.py")
    assert found(project, *name, given=b"def f(:\n") == {("SSOT903", "app/use.py")}
    assert found(project, *name, given=b"\xff") == {("SSOT903", "app/use.py")}
    assert found(project, *name, given=b"") == set()
    newer = IMPORT + b"type X = int\ndef f[T](x: T) -> T: ...\n"
    assert found(project, *name, given=newer) == {("SSOT201", "app/use.py")}


def test_a_buffer_is_shown_and_suppressed_as_it_is(project: Path) -> None:
    name = ("--stdin-filename", "app/use.py", "--output-format", "full")
    shown = run("scan", *name, cwd=project, given=b"# buffer\n" + IMPORT + FUNCTION).stdout
    assert "# buffer" in shown
    pinned = IMPORT.rstrip() + b"  # ssot: ignore[SSOT201] not saved yet\n"
    assert found(project, *name[:2], given=pinned + FUNCTION) == set()


def test_an_excluded_buffer_is_read_unless_told_otherwise(project: Path) -> None:
    (project / "ssot.toml").write_bytes(b'exclude = ["gen/**"]\n' + PROJECT["ssot.toml"])
    name = ("--stdin-filename", "gen/a.py")
    assert found(project, *name, given=IMPORT + FUNCTION) == {("SSOT201", "gen/a.py")}
    assert found(project, *name, "--force-exclude", given=IMPORT + FUNCTION) == set()


# --- mistakes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "remedy"),
    [
        (("--since", "nowhere"), "git knows no such revision here"),
        (("--since", "--all"), "git knows no such revision here"),
        (("--since", "nowhere..."), "git knows no such revision here"),
        (("--since", "HEAD", "--staged"), "leave out --since"),
        (("--changed-lines",), "add --since REV or --staged"),
        (("--stdin-filename", "app"), "app: is no name of a file"),
        (("--stdin-filename", "/nowhere/a.py", "--root", "."), "lies outside the root"),
        (("--stdin-filename", "../a.py"), "../a.py: lies outside the root"),
        (("--stdin-filename", "../a.py", "--isolated"), "lies outside the root"),
        (("--stdin-filename", "/etc/a.py"), "lies outside the root"),
        (("--stdin-filename", "a.py", "app"), "leave out the paths"),
        (("--stdin-filename", "a.py", "--since", "HEAD"), "leave out --since"),
        (("--stdin-filename", "a.py", "--staged"), "leave out --staged"),
        (("--stdin-filename", "a.py", "--add-ignore", "x"), "leave out --stdin-filename"),
        (("--staged", "--add-ignore", "x"), "leave out --staged"),
        (("--baseline", "x", "--no-baseline"), "leave out --baseline"),
        (("-",), "-: no such file or folder"),
    ],
)
def test_a_mistake_is_told_with_its_remedy(
    committed: Path, args: tuple[str, ...], remedy: str
) -> None:
    result = run("scan", *args, cwd=committed)
    assert (result.code, result.stdout) == (2, "")
    assert remedy in result.stderr


def test_without_git_there_are_no_changes(project: Path) -> None:
    for option in (("--staged",), ("--since", "HEAD")):
        result = run("scan", *option, cwd=project, env={"GIT_CEILING_DIRECTORIES": os.sep})
        assert (result.code, result.stdout) == (2, "")
        assert f"error: {option[0]}" in result.stderr
