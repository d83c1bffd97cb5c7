"""What a wave does to files, and what it leaves alone."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from ssot_migrate.transaction.change import Change, digest_of

from .conftest import NEW, NOBODY, OLD, creating, files, replacing

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Apply


def mode_of(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_files_are_replaced_created_and_deleted(root: Path, apply: Apply) -> None:
    wave = apply(
        replacing("a.py"), replacing("b.py", None), creating("made/deep/d.py"), creating("e.py")
    )
    assert files(root) == {"a.py": NEW, "pkg/c.py": OLD, "made/deep/d.py": NEW, "e.py": NEW}
    assert wave.paths == ("a.py", "b.py", "e.py", "made/deep/d.py")
    assert wave.is_in_force


def test_a_module_may_become_a_package(root: Path, apply: Apply) -> None:
    apply(replacing("a.py", None), creating("a/__init__.py"))
    assert files(root) == {"a/__init__.py": NEW, "b.py": OLD, "pkg/c.py": OLD}


def test_what_would_not_change_is_not_touched(root: Path, apply: Apply) -> None:
    before = (root / "a.py").stat()
    assert apply(replacing("a.py", OLD)).paths == ()
    assert (root / "a.py").stat() == before


@pytest.mark.parametrize("mode", [0o755, 0o640, 0o600, 0o777])
def test_permission_bits_stay(root: Path, apply: Apply, mode: int) -> None:
    (root / "a.py").chmod(mode)
    apply(replacing("a.py"))
    assert mode_of(root / "a.py") == mode


def test_a_new_file_has_the_bits_it_is_given_or_those_of_new_files(
    root: Path, apply: Apply
) -> None:
    umask = os.umask(0o027)
    try:
        apply(creating("tool.py", mode=0o755), creating("plain.py"))
    finally:
        os.umask(umask)
    assert mode_of(root / "tool.py") == 0o755
    assert mode_of(root / "plain.py") == 0o640


def test_a_change_may_set_the_bits(root: Path, apply: Apply) -> None:
    apply(Change("a.py", digest_of(OLD), NEW, 0o700))
    assert mode_of(root / "a.py") == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser can give a file away")
def test_the_owner_stays(root: Path, apply: Apply) -> None:
    os.chown(root / "a.py", NOBODY, NOBODY)
    apply(replacing("a.py"))
    assert ((root / "a.py").stat().st_uid, (root / "a.py").stat().st_gid) == (NOBODY, NOBODY)


def test_extended_attributes_stay(root: Path, apply: Apply) -> None:
    try:
        os.setxattr(root / "a.py", "user.note", b"kept")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    apply(replacing("a.py"))
    assert os.getxattr(root / "a.py", "user.note") == b"kept"


def test_behind_a_link_the_file_is_edited_and_the_link_stays(root: Path, apply: Apply) -> None:
    (root / "link.py").symlink_to("pkg/c.py")
    (root / "chain.py").symlink_to("link.py")
    apply(replacing("chain.py"))
    assert os.readlink(root / "link.py") == "pkg/c.py"
    assert os.readlink(root / "chain.py") == "link.py"
    assert not (root / "pkg/c.py").is_symlink()
    assert (root / "pkg/c.py").read_bytes() == NEW


def test_a_file_that_is_named_twice_is_edited_once(root: Path, apply: Apply) -> None:
    (root / "link.py").symlink_to("a.py")
    apply(replacing("a.py"), replacing("link.py"))
    assert (root / "a.py").read_bytes() == NEW
    assert (root / "link.py").is_symlink()


def test_a_file_below_a_linked_folder_is_edited(root: Path, apply: Apply) -> None:
    (root / "short").symlink_to("pkg")
    apply(replacing("short/c.py"), creating("short/new.py"))
    assert (root / "short").is_symlink()
    assert (root / "pkg/c.py").read_bytes() == (root / "pkg/new.py").read_bytes() == NEW


def test_a_hard_link_is_broken_and_told(root: Path, apply: Apply) -> None:
    os.link(root / "a.py", root / "other.py")
    wave = apply(replacing("a.py"))
    assert (root / "a.py").read_bytes() == NEW
    assert (root / "other.py").read_bytes() == OLD
    assert wave.notes == ("a.py had another name (hard links), which keep the old content",)


@pytest.mark.parametrize(
    "name",
    [os.fsdecode(b"caf\xe9.py"), "new\nline.py", " .py", "-rf.py", "q'\"q.py", "ü" * 120 + ".py"],
)
def test_names_may_be_odd(root: Path, apply: Apply, name: str) -> None:
    (root / name).write_bytes(OLD)
    assert apply(replacing(name), creating(f"pkg/{name}")).paths == tuple(
        sorted((name, f"pkg/{name}"))
    )
    assert (root / name).read_bytes() == (root / "pkg" / name).read_bytes() == NEW


def test_nothing_is_left_beside_the_files(root: Path, apply: Apply) -> None:
    apply(replacing("a.py"), replacing("pkg/c.py", None), creating("made/d.py"))
    assert {path.name for path in root.rglob("*") if ".ssot_migrate" not in path.parts} == {
        *("a.py", "b.py", "pkg", "made", "d.py")
    }
