from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from ssot_migrate.workspace.revision import Revision

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Git


def _commit(repo: Path, git: Git, files: dict[bytes, bytes]) -> None:
    for name, data in files.items():
        path = os.path.join(os.fsencode(repo), name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as stream:
            stream.write(data)
    git("add", "-A")
    git("commit", "-qm", "x")


def test_reads_files_as_they_were(repo: Path, git: Git) -> None:
    files = {
        b"a.py": b"old\r\n",
        b"pkg/caf\xe9 \n.py": b"\x00\xff",
        b"empty.py": b"",
        b"twin.py": b"",
    }
    _commit(repo, git, files)
    _commit(repo, git, {b"a.py": b"new\n", b"late.py": b""})
    found = Revision.find(repo, "HEAD~1")
    assert found is not None
    assert found.commit == git("rev-parse", "HEAD~1").strip()
    assert found.paths == tuple(sorted(map(os.fsdecode, files)))
    contents = found.read([*found.paths, "late.py"])
    assert contents == {os.fsdecode(name): data for name, data in files.items()}
    assert found.read([]) == {}


def test_paths_count_from_the_root(repo: Path, git: Git) -> None:
    _commit(repo, git, {b"top.py": b"1", b"sub/a.py": b"2"})
    found = Revision.find(repo / "sub", "HEAD")
    assert found is not None
    assert found.read(found.paths) == {"a.py": b"2"}


def test_links_and_submodules_are_no_files(repo: Path, git: Git) -> None:
    (repo / "link.py").symlink_to("a.py")
    _commit(repo, git, {b"a.py": b"1", b"run.py": b""})
    (repo / "run.py").chmod(0o755)
    _commit(repo, git, {})
    found = Revision.find(repo, "HEAD")
    assert found is not None
    assert found.paths == ("a.py", "run.py")


def test_many_files_come_at_once(repo: Path, git: Git) -> None:
    files = {f"f{number}.py".encode(): b"%d" % number * 2000 for number in range(200)}
    _commit(repo, git, files)
    found = Revision.find(repo, "HEAD")
    assert found is not None
    assert found.read(found.paths) == {name.decode(): data for name, data in files.items()}


def test_a_content_that_is_missing_is_left_out(repo: Path, git: Git) -> None:
    _commit(repo, git, {b"a.py": b"here", b"b.py": b"gone", b"c.py": b"here too"})
    blob = git("rev-parse", "HEAD:b.py").strip()
    (repo / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    found = Revision.find(repo, "HEAD")
    assert found is not None
    assert found.read(found.paths) == {"a.py": b"here", "c.py": b"here too"}


def test_no_such_commit(repo: Path, git: Git) -> None:
    assert Revision.find(repo, "HEAD") is None
    _commit(repo, git, {b"a.py": b""})
    assert Revision.find(repo, "nothing") is None
    assert Revision.find(repo, "--all") is None
    assert Revision.find(repo, "HEAD:a.py") is None


def test_no_repository(root: Path) -> None:
    assert Revision.find(root, "HEAD") is None


def test_reads_what_is_staged(repo: Path, git: Git) -> None:
    _commit(repo, git, {b"a.py": b"committed", b"b.py": b"same", b"sub/c.py": b"gone"})
    (repo / "a.py").write_bytes(b"staged")
    git("add", "a.py")
    (repo / "a.py").write_bytes(b"on the disk")
    git("rm", "-q", "sub/c.py")
    (repo / "new.py").write_bytes(b"unknown")
    found = Revision.staged(repo)
    assert found is not None
    assert found.read(found.paths) == {"a.py": b"staged", "b.py": b"same"}


def test_of_a_conflict_our_side_is_staged(repo: Path, git: Git) -> None:
    _commit(repo, git, {b"a.py": b"base\n"})
    git("checkout", "-qb", "other")
    _commit(repo, git, {b"a.py": b"theirs\n"})
    git("checkout", "-q", "-")
    _commit(repo, git, {b"a.py": b"ours\n"})
    with pytest.raises(Exception, match="merge"):
        git("merge", "-q", "other")
    found = Revision.staged(repo)
    assert found is not None
    assert found.read(found.paths) == {"a.py": b"ours\n"}


def test_nothing_is_staged_without_a_repository(root: Path) -> None:
    assert Revision.staged(root) is None
