"""What git could not bring back."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from ssot_migrate.transaction.uncommitted import Uncommitted, uncommitted

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Git

ALL = ("a.py", "b.py", "pkg/c.py")


def test_committed_files_are_safe(root: Path, git: Git) -> None:
    assert uncommitted(root, ALL) == Uncommitted()


def test_changed_staged_and_unknown_files_are_told(root: Path, git: Git) -> None:
    (root / "a.py").write_bytes(b"changed\n")
    (root / "b.py").write_bytes(b"staged\n")
    git("add", "b.py")
    odd = os.fsdecode(b'n\xe9w "line"\n.py')
    (root / odd).write_bytes(b"unknown\n")
    (root / "not asked.py").write_bytes(b"unknown\n")
    assert uncommitted(root, (*ALL, odd)) == Uncommitted(("a.py", "b.py", odd), (odd,))


def test_a_deleted_file_and_changed_bits_are_told(root: Path, git: Git) -> None:
    (root / "a.py").unlink()
    (root / "b.py").chmod(0o755)
    assert uncommitted(root, ALL) == Uncommitted(("a.py", "b.py"))


def test_a_touched_file_is_safe(root: Path, git: Git) -> None:
    os.utime(root / "a.py", (1, 1))
    assert uncommitted(root, ALL) == Uncommitted()


def test_a_file_in_conflict_is_told(root: Path, git: Git) -> None:
    git("checkout", "-qb", "other")
    (root / "a.py").write_bytes(b"theirs\n")
    git("commit", "-qam", "theirs")
    git("checkout", "-q", "-")
    (root / "a.py").write_bytes(b"ours\n")
    git("commit", "-qam", "ours")
    with pytest.raises(subprocess.CalledProcessError):
        git("merge", "-q", "other")
    assert uncommitted(root, ALL) == Uncommitted(("a.py",))


def test_below_the_top_of_the_work_tree_paths_are_those_of_the_root(root: Path, git: Git) -> None:
    (root / "pkg/c.py").write_bytes(b"changed\n")
    (root / "pkg/new.py").touch()
    assert uncommitted(root / "pkg", ("c.py", "new.py", "a.py")) == Uncommitted(
        ("c.py", "new.py"), ("new.py",)
    )


def test_of_a_link_the_file_behind_it_counts(root: Path, git: Git) -> None:
    (root / "link.py").symlink_to("a.py")
    git("add", ".")
    git("commit", "-qm", "link")
    assert uncommitted(root, ("link.py",)) == Uncommitted()
    (root / "a.py").write_bytes(b"changed\n")
    assert uncommitted(root, ("link.py",)) == Uncommitted(("link.py",))


def test_without_git_nothing_can_be_said(
    root: Path, git: Git, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert uncommitted(tmp_path, ALL) is None
    monkeypatch.setenv("PATH", "/nowhere")
    assert uncommitted(root, ALL) is None


def test_in_a_repository_without_a_commit_everything_is_unknown(root: Path, git: Git) -> None:
    subprocess.run(("rm", "-rf", root / ".git"), check=True)
    git("init", "-q")
    assert uncommitted(root, ALL) == Uncommitted(ALL, ALL)


@pytest.mark.parametrize("kind", ["clean", "process"])
def test_no_filter_of_the_repository_runs(root: Path, git: Git, tmp_path: Path, kind: str) -> None:
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/marker\ncat\n")
    program.chmod(0o755)
    (root / ".gitattributes").write_text("*.py filter=evil\n")
    git("config", f"filter.evil.{kind}", str(program))
    git("config", "filter.evil.required", "true")
    os.utime(root / "a.py", (1, 1))
    assert uncommitted(root, ALL) == Uncommitted()
    assert not (tmp_path / "marker").exists()
    git("config", f"filter.a=b.{kind}", str(program))
    assert uncommitted(root, ALL) is None
