"""What is refused before anything is written, all of it at once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from ssot_migrate.transaction.errors import TransactionError
from ssot_migrate.transaction.places import ignores_case

from .conftest import NEW, OLD, creating, files, replacing

if TYPE_CHECKING:
    from pathlib import Path

    from ssot_migrate.transaction.change import Change

    from .conftest import Apply


def refusal(apply: Apply, *changes: Change) -> str:
    with pytest.raises(TransactionError) as caught:
        apply(*changes)
    return str(caught.value)


def test_all_that_is_wrong_is_told_at_once_and_nothing_is_written(root: Path, apply: Apply) -> None:
    (root / "b.py").write_bytes(b"edited\n")
    (root / "folder").mkdir()
    told = refusal(
        apply,
        replacing("a.py"),
        replacing("b.py"),
        replacing("gone.py"),
        creating("pkg/c.py"),
        replacing("folder"),
        creating("a.py/inside.py"),
    )
    assert told.splitlines() == [
        "a.py/inside.py: a.py is no folder",
        "b.py: has changed since it was read",
        "folder: is a folder now",
        "gone.py: does not exist any more",
        "pkg/c.py: exists already",
        "nothing was changed",
    ]
    assert files(root) == {"a.py": OLD, "b.py": b"edited\n", "pkg/c.py": OLD}


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("../outside.py", "is not a plain path below the root"),
        ("pkg/../../outside.py", "is not a plain path below the root"),
        ("/etc/passwd", "is not a plain path below the root"),
        ("pkg//c.py", "is not a plain path below the root"),
        ("./a.py", "is not a plain path below the root"),
        ("", "is no name that a file can have"),
        ("nul\0.py", "is no name that a file can have"),
        (".git/hooks/pre-commit", "belongs to git or to ssot-migrate itself"),
        ("sub/.GIT/config", "belongs to git or to ssot-migrate itself"),
        (".ssot_migrate/lock", "belongs to git or to ssot-migrate itself"),
    ],
)
def test_a_path_stays_in_the_root_and_out_of_what_is_not_ours(
    apply: Apply, path: str, reason: str
) -> None:
    assert reason in refusal(apply, creating(path))


@pytest.mark.parametrize("name", ["out.py", "folder/b.py"])
def test_a_link_out_of_the_root_is_not_followed(
    root: Path, tmp_path: Path, apply: Apply, name: str
) -> None:
    (tmp_path / "b.py").write_bytes(OLD)
    (root / "out.py").symlink_to(tmp_path / "b.py")
    (root / "folder").symlink_to(tmp_path)
    assert "is a link that leads out of the root" in refusal(apply, replacing(name))
    assert (tmp_path / "b.py").read_bytes() == OLD


def test_a_link_is_not_deleted(root: Path, apply: Apply) -> None:
    (root / "link.py").symlink_to("a.py")
    assert "is reached through a link" in refusal(apply, replacing("link.py", None))


def test_two_changes_of_one_file_contradict(root: Path, apply: Apply) -> None:
    (root / "link.py").symlink_to("a.py")
    told = refusal(apply, replacing("a.py"), replacing("link.py", b"else\n"))
    assert "link.py: is the same file as a.py" in told


def test_a_read_only_file_needs_force(root: Path, apply: Apply) -> None:
    (root / "a.py").chmod(0o444)
    assert "a.py: is read-only (`chmod u+w` it, or `--force`)" in refusal(apply, replacing("a.py"))
    apply(replacing("a.py"), force=True)
    assert (root / "a.py").read_bytes() == NEW
    assert (root / "a.py").stat().st_mode & 0o777 == 0o444


def test_a_folder_in_which_nothing_can_be_replaced(
    root: Path, apply: Apply, as_nobody: None
) -> None:
    (root / "pkg").chmod(0o555)
    try:
        told = refusal(apply, replacing("a.py"), replacing("pkg/c.py"), creating("pkg/x/y.py"))
    finally:
        (root / "pkg").chmod(0o755)
    reason = "no file can be replaced in its folder, pkg: permission denied"
    assert f"pkg/c.py: {reason}" in told
    assert f"pkg/x/y.py: {reason}" in told
    assert (root / "a.py").read_bytes() == OLD


def test_a_pipe_is_not_waited_for(root: Path, apply: Apply) -> None:
    os.mkfifo(root / "pipe.py")
    assert "pipe.py: is no regular file now" in refusal(apply, replacing("pipe.py"))


def test_names_that_differ_in_case_only_are_one_file_on_some_systems(
    root: Path, apply: Apply, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply(creating("New.py"), creating("new.py"))
    monkeypatch.setattr("ssot_migrate.transaction.planning.ignores_case", bool)
    told = refusal(apply, creating("pkg/Größe.py"), creating("pkg/GRÖSSE.py"))
    assert "differs from pkg/GRÖSSE.py in case only, which this file system ignores" in told
    assert not (root / "pkg/GRÖSSE.py").exists()


def test_this_file_system_minds_case(root: Path, apply: Apply) -> None:
    apply()
    is_minded = not (root / "A.PY").exists()
    assert ignores_case(str(root / ".ssot_migrate")) is not is_minded
