"""Versions of a tree that are not on the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ssot_migrate.config.model import Registry
from ssot_migrate.domain.errors import UsageError
from ssot_migrate.domain.finding import Category
from ssot_migrate.workspace.discovery import discover
from ssot_migrate.workspace.git import changed_since
from ssot_migrate.workspace.revision import Revision
from ssot_migrate.workspace.source import MAX_BYTES, Contents
from ssot_migrate.workspace.versions import Version, before, staged, unsaved

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Git


def on_disk(root: Path, registry: Registry | None = None) -> Version:
    return Version(discover(root, registry or Registry()).files)


def contents(root: Path, version: Version) -> dict[str, object]:
    """What each file of a version holds."""
    read = Contents(str(root), version.given).read
    return {file.path: read(file.path) for file in version.files}


def write(root: Path, **files: str) -> None:
    for name, text in files.items():
        (root / f"{name}.py").write_text(text)


def then(root: Path, version: Version, revision: str = "HEAD", **registry: Any) -> Version:
    """A tree as it was at a revision."""
    found, changed = Revision.find(root, revision), changed_since(root, revision)
    assert changed is not None
    return before(version, Registry(**registry), found, changed)


def test_what_is_staged_is_neither_the_disk_nor_the_commit(repo: Path, git: Git) -> None:
    write(repo, same="1", edited="1", gone="1", half="1")
    git("add", ".")
    git("commit", "-qm", "x")
    write(repo, edited="2", half="2")
    git("add", ".")
    git("rm", "-q", "gone.py")
    write(repo, half="3", unknown="1")
    now = staged(repo, Registry(), on_disk(repo).files)
    assert contents(repo, now) == {"edited.py": b"2", "half.py": b"2", "same.py": b"1"}
    assert now.given == {"half.py": b"2"}


def test_a_staged_file_counts_although_it_is_gone_from_the_disk(repo: Path, git: Git) -> None:
    write(repo, a="1")
    git("add", ".")
    (repo / "a.py").unlink()
    assert contents(repo, staged(repo, Registry(), on_disk(repo).files)) == {"a.py": b"1"}


def test_a_commit_is_read_beside_the_tree(repo: Path, git: Git) -> None:
    write(repo, same="1", edited="1", gone="1")
    git("add", ".")
    git("commit", "-qm", "x")
    (repo / "gone.py").unlink()
    write(repo, edited="2", new="1")
    old = then(repo, on_disk(repo))
    assert contents(repo, old) == {"edited.py": b"1", "gone.py": b"1", "same.py": b"1"}
    assert "same.py" not in old.given


def test_before_the_first_commit_there_was_nothing(repo: Path, git: Git) -> None:
    write(repo, a="1")
    git("add", ".")
    assert before(on_disk(repo), Registry(), None, frozenset({"a.py"})).files == ()


def test_a_commit_has_the_files_that_discovery_would_find(repo: Path, git: Git) -> None:
    for path in ("tests/a.py", "node_modules/b.py", "vendor/c.py", "notes.txt"):
        (repo / path).parent.mkdir(exist_ok=True)
        (repo / path).write_text("1")
    git("add", "-f", ".")
    git("commit", "-qm", "x")
    git("rm", "-rq", ".")
    old = then(repo, on_disk(repo), exclude=("vendor/**",))
    assert [(file.path, file.category) for file in old.files] == [("tests/a.py", Category.TEST)]


def test_what_git_does_not_have_is_told(repo: Path, git: Git) -> None:
    write(repo, lost="1", large="2")
    (repo / "large.py").write_bytes(b"#" * (MAX_BYTES + 1))
    git("add", ".")
    git("commit", "-qm", "x")
    blob = git("rev-parse", "HEAD:lost.py").strip()
    (repo / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    git("rm", "-q", "lost.py", "large.py")
    old = then(repo, on_disk(repo))
    assert (old.files, old.missing) == ((), ("large.py", "lost.py"))


def test_an_unsaved_file_may_be_new(root: Path) -> None:
    write(root, a="1")
    assert contents(root, unsaved(on_disk(root), Registry(), {"a.py": b"2"})) == {"a.py": b"2"}
    now = unsaved(on_disk(root), Registry(), {"tests/b.py": b"2"})
    assert contents(root, now) == {"a.py": b"1", "tests/b.py": b"2"}
    assert now.files[1].category is Category.TEST


def test_nothing_is_staged_without_git(root: Path) -> None:
    with pytest.raises(UsageError, match="--staged: the root is in no git repository"):
        staged(root, Registry(), ())
