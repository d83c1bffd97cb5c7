"""What belongs to a tree, in a git work tree and elsewhere."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from ssot_migrate.config.model import Registry
from ssot_migrate.domain.finding import Category, FileError
from ssot_migrate.workspace.discovery import Stamp, discover

from .drawing import as_nobody, draw, found, give_to_nobody

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Dig


def test_python_files_and_stubs_are_found_in_order(tree: Path) -> None:
    draw(tree, "pkg/b.py", "pkg/a.pyi", "a.py", "readme.md", "a.pyc", "noextension", ".py")
    assert found(tree) == [".py", "a.py", "pkg/a.pyi", "pkg/b.py"]


def test_compiled_modules_and_their_sources_are_noted_and_not_listed(tree: Path) -> None:
    draw(tree, "a.py", "pkg/_x.pyx", "pkg/_y.cpython-312-x86_64-linux-gnu.so", "pkg/_z.pyx.tp")
    draw(tree, "gen/_w.c", "pkg/notes.txt")
    (tree / ".gitignore").write_text("*.so\n")
    seen = discover(tree, Registry(exclude=("gen/**",)))
    assert [file.path for file in seen.files] == ["a.py"]
    assert seen.compiled == ("pkg/_x.pyx", "pkg/_z.pyx.tp")


def test_a_file_carries_its_category_and_its_stamp(tree: Path) -> None:
    draw(tree, "tests/a.py")
    (file,) = discover(tree, Registry()).files
    status = (tree / "tests/a.py").lstat()
    stamp = Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
    assert (file.category, file.stamp) == (Category.TEST, stamp)


def test_an_empty_tree_is_no_error(tree: Path) -> None:
    assert found(tree) == []


def test_layouts_of_all_kinds(tree: Path) -> None:
    draw(
        tree,
        *("src/pkg/__init__.py", "src/pkg/a.py"),
        *("namespace/part/a.py", "namespace/part/deep/er/b.py"),
        *("x.py", "x/__init__.py", "x/y.py", "build/a.py", "venv/a.py"),
    )
    assert len(found(tree)) == 9


def test_ignore_files_count_at_every_level(tree: Path) -> None:
    draw(tree, "a.py", "gen/a.py", "gen/keep.py", "pkg/local.py", "pkg/b.py", "pkg/sub/local.py")
    (tree / ".gitignore").write_text("gen/*\n!gen/keep.py\n")
    (tree / "pkg/.gitignore").write_text("/local.py\n# b.py\n")
    assert found(tree) == ["a.py", "gen/keep.py", "pkg/b.py", "pkg/sub/local.py"]


def test_the_nearest_ignore_file_decides(tree: Path) -> None:
    draw(tree, "a_gen.py", "pkg/a_gen.py", "pkg/sub/a_gen.py")
    (tree / ".gitignore").write_text("*_gen.py\n")
    (tree / "pkg/.gitignore").write_text("!a_gen.py\n")
    (tree / "pkg/sub/.gitignore").write_text("a_gen.py\n")
    assert found(tree) == ["pkg/a_gen.py"]


def test_what_is_ignored_with_its_folder_stays_ignored(tree: Path) -> None:
    draw(tree, "gen/keep.py", "gen/.gitignore")
    (tree / ".gitignore").write_text("gen/\n!gen/keep.py\n")
    (tree / "gen/.gitignore").write_text("!keep.py\n")
    assert found(tree) == []


def test_an_ignore_file_that_is_a_link_is_none(tree: Path) -> None:
    draw(tree, "a.py")
    (tree / "patterns").write_text("*.py")
    (tree / ".gitignore").symlink_to("patterns")
    assert found(tree) == ["a.py"]


@pytest.mark.parametrize(
    "folder",
    [".venv", "node_modules", "__pycache__", ".tox", ".nox", ".eggs", ".hg", ".ssot_migrate_cache"],
)
def test_the_folders_of_tools_are_not_entered(tree: Path, folder: str) -> None:
    draw(tree, "a.py", f"{folder}/b.py", f"pkg/{folder}/deep/c.py")
    assert found(tree) == ["a.py"]


def test_a_virtual_environment_tells_itself_by_its_mark(tree: Path) -> None:
    draw(tree, "a.py", "env/pyvenv.cfg", "env/lib/b.py", "environment/c.py")
    assert found(tree) == ["a.py", "environment/c.py"]
    draw(tree, "pyvenv.cfg")
    assert found(tree) == ["a.py", "environment/c.py"]


def test_the_registry_excludes(tree: Path) -> None:
    draw(tree, "a.py", "legacy/b.py", "legacy/keep/c.py", "pkg/gen_d.py")
    registry = Registry(exclude=("legacy/**", "!legacy/keep/**", "gen_*.py"))
    assert found(tree, registry) == ["a.py", "legacy/keep/c.py"]


def test_a_link_to_a_listed_file_is_another_name_for_it(tree: Path) -> None:
    draw(tree, "b.py")
    (tree / "a.py").symlink_to("b.py")
    (tree / "c.py").symlink_to("a.py")
    discovery = discover(tree, Registry())
    assert [file.path for file in discovery.files] == ["b.py"]
    assert discovery.links == (("a.py", "b.py"), ("c.py", "b.py"))


def test_a_link_to_an_unlisted_file_within_the_root_is_a_file(tree: Path) -> None:
    (tree / "tool").write_text("x = 1")
    (tree / "tool.py").symlink_to("tool")
    (tree / "tool2.py").symlink_to("tool")
    discovery = discover(tree, Registry())
    (file,) = discovery.files
    assert (file.path, file.stamp.size) == ("tool.py", 5)
    assert discovery.links == (("tool2.py", "tool.py"),)


def test_links_are_not_followed_to_where_nothing_is_taken_from(tree: Path) -> None:
    draw(tree, ".venv/lib.py", "excluded/b.txt", "pkg/a.py")
    os.mkfifo(tree / "pipe")
    for name, target in {
        "venv.py": ".venv/lib.py",
        "excluded.py": "excluded/b.txt",
        "folder.py": "pkg",
        "pipe.py": "pipe",
        ".#lock.py": "user@host.1234",
        "loop.py": "loop.py",
        "one.py": "two.py",
        "two.py": "one.py",
    }.items():
        (tree / name).symlink_to(target)
    discovery = discover(tree, Registry(exclude=("excluded",)))
    assert [file.path for file in discovery.files] == ["pkg/a.py"]
    assert (discovery.errors, discovery.links, discovery.notes) == ((), (), ())


def test_a_link_that_leads_out_of_the_root_is_a_note(tree: Path) -> None:
    draw(tree, "a.py", "../outside.py")
    (tree / "out.py").symlink_to("../outside.py")
    (tree / "zero.py").symlink_to("/dev/zero")
    discovery = discover(tree, Registry())
    assert [file.path for file in discovery.files] == ["a.py"]
    assert discovery.notes == ("2 links lead out of the root, out.py first; not followed",)


def test_links_to_folders_are_not_followed(tree: Path) -> None:
    draw(tree, "pkg/a.py", "../outside/b.py")
    (tree / "pkg/loop").symlink_to("..")
    (tree / "linked").symlink_to("pkg")
    (tree / "out").symlink_to("../outside")
    assert found(tree) == ["pkg/a.py"]
    assert discover(tree, Registry()).notes == ()


def test_a_link_to_a_folder_gives_its_files_more_names(tree: Path) -> None:
    draw(
        tree, "app/__init__.py", "shared/__init__.py", "shared/deep/b.py", "script", "excluded/c.py"
    )
    for link, target in {
        "app/parts": "../shared",
        "app/deep": "parts/deep",
        "app/no-name": "../shared",
        "app/tool": "../script",
        "app/nothing": "gone",
        "app/left_out": "../excluded",
        "excluded/too": "../shared",
    }.items():
        (tree / link).symlink_to(target)
    assert discover(tree, Registry(exclude=("excluded/**",))).links == (
        ("app/deep/b.py", "shared/deep/b.py"),
        ("app/parts/__init__.py", "shared/__init__.py"),
        ("app/parts/deep/b.py", "shared/deep/b.py"),
    )


def test_what_is_no_file_is_not_listed(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw(tree, "a.py", "folder.py/b.py")
    os.mkfifo(tree / "pipe.py")
    # The path of a socket is short by nature.
    monkeypatch.chdir(tree)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.py")
        assert found(tree) == ["a.py", "folder.py/b.py"]


@pytest.mark.parametrize(
    "name",
    [
        b"new\nline.py",
        b"\x1b[2J.py",
        b"caf\xe9.py",
        b"-rf.py",
        b"[/foo].py",
        b":(exclude)x.py",
        b"!x.py",
        b" x .py",
        b'"quoted\\.py',
        "\u202eyp.py".encode(),
        b"x" * 252 + b".py",
    ],
)
def test_names_are_taken_as_they_are(tree: Path, name: bytes) -> None:
    for folder in (os.fsencode(tree), os.path.join(os.fsencode(tree), b"in\n\xff")):
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb"):
            pass
    paths = [os.fsencode(path) for path in found(tree)]
    assert sorted(paths) == sorted([name, b"in\n\xff/" + name])


def test_a_thousand_folders_deep(tree: Path, dig: Dig) -> None:
    dig("d", 1000)
    assert found(tree) == ["d/" * 1000 + "a.py"]


def test_a_path_that_is_too_long_is_an_error(tree: Path, dig: Dig) -> None:
    dig("d" * 255, 20)
    draw(tree, "b.py")
    discovery = discover(tree, Registry())
    assert [file.path for file in discovery.files] == ["b.py"]
    assert ["too long" in error.message for error in discovery.errors] == [True]


def test_a_folder_that_cannot_be_read_is_an_error(tree: Path) -> None:
    draw(tree, "a.py", "locked/b.py", "pkg/listed only/c.py", "pkg/sub/d.py")
    give_to_nobody(tree)
    (tree / "locked").chmod(0o000)
    (tree / "pkg/listed only").chmod(0o400)
    try:
        with as_nobody():
            discovery = discover(tree, Registry())
    finally:
        (tree / "locked").chmod(0o755)
        (tree / "pkg/listed only").chmod(0o755)
    assert [file.path for file in discovery.files] == ["a.py", "pkg/sub/d.py"]
    reason = "cannot read the folder: permission denied"
    assert discovery.errors == (FileError("locked", reason), FileError("pkg/listed only", reason))


def test_a_root_that_cannot_be_read_is_an_error(tree: Path) -> None:
    draw(tree, "pkg/a.py")
    give_to_nobody(tree)
    (tree / "pkg").chmod(0o100)
    try:
        with as_nobody():
            discovery = discover(tree / "pkg", Registry())
    finally:
        (tree / "pkg").chmod(0o755)
    reason = "cannot read the folder: permission denied"
    assert discovery.errors == (FileError(".", reason),)


def test_a_root_that_does_not_exist_is_an_error(root: Path) -> None:
    discovery = discover(root / "missing", Registry())
    assert discovery.files == ()
    reason = "cannot read the folder: does not exist any more"
    assert discovery.errors == (FileError(".", reason),)


def test_a_file_that_vanishes_meanwhile_is_absent(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(tree, "a.py", "b.py")
    lstat = os.lstat

    def vanish(path: str) -> os.stat_result:
        (tree / "b.py").unlink(missing_ok=True)
        return lstat(path)

    monkeypatch.setattr(os, "lstat", vanish)
    assert found(tree) == ["a.py"]
