"""Discovery with git: whose files count, and that a repository runs nothing."""

from __future__ import annotations

import os
import shutil
import time
from typing import TYPE_CHECKING

import pytest

from ssot_migrate.config.model import Registry
from ssot_migrate.workspace import git as runner
from ssot_migrate.workspace.discovery import discover

from .drawing import NOBODY, as_nobody, draw, found, give_to_nobody

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Git


def test_tracked_and_new_files_count_and_ignored_ones_do_not(repo: Path, git: Git) -> None:
    draw(repo, "tracked.py", "new.py", "ignored.py", "tracked and ignored.py")
    git("add", "tracked.py", "tracked and ignored.py")
    (repo / ".gitignore").write_text("*ignored.py")
    assert found(repo) == ["new.py", "tracked and ignored.py", "tracked.py"]


def test_compiled_modules_are_those_that_git_does_not_ignore(repo: Path, git: Git) -> None:
    draw(repo, ".gitignore", "_known.pyx", "_new.pyd", "_known.so")
    (repo / ".gitignore").write_text("*.so\n")
    git("add", "_known.pyx")
    assert discover(repo, Registry()).compiled == ("_known.pyx", "_new.pyd")


def test_a_deleted_file_is_absent_until_git_knows(repo: Path, git: Git) -> None:
    draw(repo, "a.py", "b.py", "pkg/c.py")
    git("add", ".")
    (repo / "b.py").unlink()
    shutil.rmtree(repo / "pkg")
    assert found(repo) == ["a.py"]


def test_an_unmerged_file_is_listed_once(repo: Path, git: Git) -> None:
    (repo / "a.py").write_text("base")
    git("add", ".")
    git("commit", "-qm", "base")
    git("checkout", "-qb", "other")
    (repo / "a.py").write_text("theirs")
    git("commit", "-qam", "theirs")
    git("checkout", "-q", "-")
    (repo / "a.py").write_text("ours")
    git("commit", "-qam", "ours")
    git("merge", "-q", "--no-edit", "-s", "recursive", "-X", "ours", "other")
    git("reset", "-q", "--hard", "HEAD~1")
    with pytest.raises(Exception, match="merge"):
        git("merge", "-q", "other")
    assert git("ls-files").splitlines() == ["a.py"] * 3
    assert found(repo) == ["a.py"]


def test_a_subfolder_of_the_work_tree_can_be_the_root(repo: Path, git: Git) -> None:
    draw(repo, "a.py", "pkg/b.py", "pkg/sub/c.py", "pkg/gen.py")
    (repo / ".gitignore").write_text("gen.py")
    git("add", "pkg/b.py")
    assert found(repo / "pkg") == ["b.py", "sub/c.py"]


def test_a_root_that_git_ignores_is_walked(repo: Path) -> None:
    draw(repo, "generated/a.py")
    (repo / ".gitignore").write_text("generated")
    discovery = discover(repo / "generated", Registry())
    assert [file.path for file in discovery.files] == ["a.py"]
    assert "git failed or ignores this folder" in discovery.notes[0]


@pytest.mark.parametrize("way", ["git", "walked"])
def test_nested_repositories_and_submodules_are_not_entered(
    repo: Path, git: Git, tmp_path: Path, way: str
) -> None:
    draw(repo, "a.py", "nested/b.py", "empty/c.py", "library/d.py")
    for name in ("nested", "empty", "library"):
        git("init", "-q", cwd=repo / name)
    git("add", ".", cwd=repo / "nested")
    git("commit", "-qm", "x", cwd=repo / "nested")
    git("add", ".", cwd=repo / "library")
    git("commit", "-qm", "x", cwd=repo / "library")
    shutil.move(repo / "library", tmp_path / "library")
    git("submodule", "add", "-q", str(tmp_path / "library"), "sub.py")
    assert (repo / "sub.py/d.py").exists()
    if way == "walked":
        shutil.rmtree(repo / ".git")
    assert found(repo) == ["a.py"]
    assert (repo / "sub.py" / "d.py").exists()


def test_a_linked_work_tree_is_one(repo: Path, git: Git, tmp_path: Path) -> None:
    draw(repo, "a.py", "b.py")
    git("add", ".")
    git("commit", "-qm", "x")
    git("worktree", "add", "-q", str(tmp_path / "other"))
    (tmp_path / "other/.gitignore").write_text("new.py")
    draw(tmp_path / "other", "new.py")
    assert found(tmp_path / "other") == ["a.py", "b.py"]


def test_sparse_files_are_absent(repo: Path, git: Git) -> None:
    draw(repo, "a.py", "far/b.py")
    git("add", ".")
    git("commit", "-qm", "x")
    git("sparse-checkout", "set", "--cone", "--sparse-index", "near")
    assert found(repo) == ["a.py"]


@pytest.mark.parametrize("damage", ["index", "HEAD", "config", ".git", "bare"])
def test_a_broken_repository_is_walked_and_said_so(repo: Path, git: Git, damage: str) -> None:
    draw(repo, "a.py", "ignored.py")
    (repo / ".gitignore").write_text("ignored.py")
    git("add", ".")
    if damage == ".git":
        shutil.rmtree(repo / ".git")
        (repo / ".git").write_text("gitdir: /nowhere")
    elif damage == "bare":
        git("config", "core.bare", "true")
    else:
        (repo / ".git" / damage).write_text("\0 broken [")
    discovery = discover(repo, Registry())
    assert [file.path for file in discovery.files] == ["a.py"]
    assert "git failed" in discovery.notes[0]


def test_without_git_the_tree_is_walked(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw(repo, "a.py")
    monkeypatch.setenv("PATH", "/nowhere")
    assert found(repo) == ["a.py"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser can give a folder away")
def test_a_repository_of_somebody_else_is_walked(repo: Path) -> None:
    draw(repo, "a.py")
    give_to_nobody(repo)
    repo.chmod(0o755)
    with as_nobody():
        assert discover(repo, Registry()).notes == ()
    os.chown(repo, NOBODY, NOBODY)
    discovery = discover(repo, Registry())
    assert [file.path for file in discovery.files] == ["a.py"]
    assert "git failed" in discovery.notes[0]


def test_unreadable_folders_are_named_from_the_root(repo: Path) -> None:
    draw(repo, "pkg/a.py", "pkg/locked/b.py")
    give_to_nobody(repo)
    (repo / "pkg/locked").chmod(0)
    try:
        with as_nobody():
            errors = discover(repo / "pkg", Registry()).errors
    finally:
        (repo / "pkg/locked").chmod(0o755)
    assert [error.path for error in errors] == ["locked"]


def test_the_environment_of_a_hook_does_not_matter(
    repo: Path, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(repo, "a.py")
    draw(tmp_path, "other/b.py")
    git("init", "-q", cwd=tmp_path / "other")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other/.git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path / "other"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "other/index"))
    monkeypatch.setenv("GIT_LITERAL_PATHSPECS", "1")
    assert found(repo) == ["a.py"]


def test_a_folder_that_became_a_link_is_not_followed(repo: Path, git: Git, tmp_path: Path) -> None:
    draw(repo, "a.py", "pkg/deep/b.py")
    git("add", ".")
    shutil.move(repo / "pkg", tmp_path / "pkg")
    (repo / "pkg").symlink_to(tmp_path / "pkg")
    assert found(repo) == ["a.py"]


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    """What a program leaves behind that the repository managed to run."""
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/marker\n")
    program.chmod(0o755)
    return tmp_path / "marker"


@pytest.mark.parametrize(
    "setting",
    ["core.fsmonitor", "core.pager", "pager.ls-files", "core.sshCommand", "core.askPass"],
)
def test_a_repository_runs_no_program(repo: Path, git: Git, marker: Path, setting: str) -> None:
    draw(repo, "a.py")
    git("add", ".")
    program = marker.parent / "program"
    git("config", setting, str(program))
    git("config", "core.hooksPath", str(repo / "hooks"))
    draw(repo, "hooks/post-index-change")
    shutil.copy(program, repo / "hooks/post-index-change")
    assert found(repo) == ["a.py"]
    assert not marker.exists()
    if setting == "core.fsmonitor":
        git("ls-files", "-co")
        assert marker.exists(), "the trap does not work"


def test_missing_objects_are_not_fetched(repo: Path, git: Git, marker: Path) -> None:
    draw(repo, "a.py")
    (repo / ".gitignore").write_text("ignored.py")
    git("add", ".")
    # Only new files make git ask for its patterns.
    draw(repo, "new.py")
    blob = git("rev-parse", ":.gitignore").strip()
    git("update-index", "--skip-worktree", ".gitignore")
    (repo / ".gitignore").unlink()
    (repo / ".git/objects" / blob[:2] / blob[2:]).unlink()
    git("config", "core.repositoryFormatVersion", "1")
    git("config", "extensions.partialClone", "origin")
    git("config", "remote.origin.promisor", "true")
    git("config", "remote.origin.url", str(repo))
    git("config", "remote.origin.uploadpack", str(marker.parent / "program"))
    assert found(repo) == ["a.py", "new.py"]
    assert not marker.exists()
    git("ls-files", "-o", "--exclude-standard")
    assert marker.exists(), "the trap does not work"


def test_no_program_of_the_tree_is_taken_for_git(
    repo: Path, marker: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(repo, "a.py")
    shutil.copy(marker.parent / "program", repo / "git")
    monkeypatch.setenv("PATH", os.pathsep.join(["", ".", os.environ["PATH"]]))
    monkeypatch.chdir(repo)
    assert found(repo) == ["a.py"]
    assert not marker.exists()


def test_git_is_started_only_where_it_would_find_a_repository(
    root: Path, marker: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(root, "a.py")
    draw(marker.parent, "bin/git")
    shutil.copy(marker.parent / "program", marker.parent / "bin/git")
    monkeypatch.setenv("PATH", f"{marker.parent / 'bin'}{os.pathsep}{os.environ['PATH']}")
    assert found(root) == ["a.py"]
    assert not marker.exists()
    draw(marker.parent, ".git/HEAD")
    found(root)
    assert marker.exists()


def test_git_is_not_waited_for_for_ever(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw(repo, "a.py")
    os.mkfifo(repo / ".gitignore")
    monkeypatch.setattr(runner, "PATIENCE_SECONDS", 0.2)
    start = time.monotonic()
    discovery = discover(repo, Registry())
    assert [file.path for file in discovery.files] == ["a.py"]
    assert time.monotonic() - start < 5


def test_running_git_yields_its_output_or_nothing(repo: Path) -> None:
    assert runner.run(repo, "rev-parse", "--is-inside-work-tree") == b"true\n"
    assert runner.run(repo, "no-such-command") is None
    assert runner.run(repo / "missing", "status") is None


@pytest.mark.parametrize("setting", ["clean", "process"])
def test_comparing_runs_no_filter(repo: Path, git: Git, marker: Path, setting: str) -> None:
    (repo / ".gitattributes").write_text("*.py filter=trap\n")
    draw(repo, "a.py")
    git("add", ".")
    git("commit", "-qm", "x")
    git("config", f"filter.trap.{setting}", str(marker.parent / "program"))
    git("config", "filter.trap.required", "true")
    (repo / "a.py").write_text("other\n")
    os.utime(repo / "a.py", (1, 1))
    assert runner.changed_since(repo, "HEAD") == frozenset({"a.py"})
    assert runner.differing(repo) == frozenset({"a.py"})
    assert not marker.exists()


def test_three_dots_start_where_branches_part(repo: Path, git: Git) -> None:
    draw(repo, "base.py")
    git("add", ".")
    git("commit", "-qm", "base")
    base = git("rev-parse", "HEAD").strip()
    git("checkout", "-qb", "topic")
    draw(repo, "topic.py")
    git("add", ".")
    git("commit", "-qm", "topic")
    git("checkout", "-q", "-")
    draw(repo, "main.py")
    git("add", ".")
    git("commit", "-qm", "main")
    git("branch", "trunk")
    git("checkout", "-q", "topic")
    assert runner.commit_of(repo, "trunk...") == base
    assert runner.changed_since(repo, "trunk...") == frozenset({"topic.py"})
    assert runner.changed_since(repo, "trunk") == frozenset({"topic.py", "main.py"})
    assert runner.commit_of(repo, "nothing...") is None
    assert runner.commit_of(repo, "...") is None


def test_the_index_of_a_commit_is_used_if_it_belongs_here(
    repo: Path, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`git commit -a` shows its hooks an index of its own; another repository's is not ours."""
    draw(repo, "a.py")
    git("add", ".")
    assert runner.index_file(repo) is None
    ours = repo / ".git" / "next-index-1.lock"
    shutil.copy(repo / ".git" / "index", ours)
    monkeypatch.setenv("GIT_INDEX_FILE", str(ours))
    assert runner.index_file(repo) == str(ours)
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/next-index-1.lock")
    monkeypatch.chdir(repo)
    assert runner.index_file(repo) == str(ours)
    draw(tmp_path, "other/b.py")
    git("init", "-q", cwd=tmp_path / "other")
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "other/.git/index"))
    assert runner.index_file(repo) is None
