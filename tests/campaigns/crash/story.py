"""A tree with all kinds of files, and a run of several waves over it."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.transaction.change import Change, digest_of
from ssot_migrate.transaction.places import STORE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ssot_migrate.transaction.run import Run
    from ssot_migrate.transaction.store import RunStore

UNDECODABLE = os.fsdecode(b"caf\xe9.py")
LARGE = b"x = 'a rather long line of code'\n" * 6000
TEMPORARY = ".ssot-migrate-"

FILES: dict[str, tuple[bytes, int]] = {
    "a.py": (b"import old\n", 0o644),
    "pkg/__init__.py": (b"", 0o644),
    "pkg/script.py": (b"#!/usr/bin/env python\nimport old\n", 0o755),
    "pkg/frozen.py": (b"import old  # generated\n", 0o444),
    "pkg/real.py": (b"import old  # behind a link\n", 0o640),
    "pkg/deep/gone.py": (b"import old  # to be deleted\n", 0o600),
    "pkg/deep/twin.py": (b"import old\n", 0o644),
    "shim.py": (b"from new import *\n", 0o755),
    "hard.py": (b"import old  # has two names\n", 0o644),
    UNDECODABLE: (b"import old  # \xe9\n", 0o644),
    "large.py": (LARGE, 0o644),
    "bystander.py": (b"import something_else\n", 0o644),
    "new\nline.py": (b"import old\n", 0o644),
}
CREATED = {
    "fresh.py": (b"from new import it\n", 0o666 & ~0o022),
    "made/nested/deep.py": (b"from new import nested\n", 0o666 & ~0o022),
    "made/tool.py": (b"#!/usr/bin/env python\n", 0o755),
}
DELETED = ("shim.py", "pkg/deep/gone.py")
REPLACED = (
    *("a.py", "pkg/__init__.py", "pkg/script.py", "pkg/frozen.py", "link.py"),
    *("pkg/deep/twin.py", "hard.py", UNDECODABLE, "large.py", "new\nline.py"),
)
MEDDLED_WITH = "pkg/script.py"

Tree = dict[str, tuple[object, ...]]
"""Path to what is there: a folder, a link and its target, a file with all that belongs to it."""


def plant(root: Path) -> None:
    """Make the tree."""
    for path, (data, mode) in FILES.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        file.chmod(mode)
    with suppress(OSError):  # not every file system has them
        os.setxattr(root / "a.py", "user.note", b"kept")
    (root / "link.py").symlink_to("pkg/real.py")
    os.link(root / "hard.py", root / "other_name.py")


def first_wave() -> list[Change]:
    """Replace, create and delete files of all kinds."""
    replaced = [
        Change(path, digest_of(_before(path)), _before(path) + b"import new\n") for path in REPLACED
    ]
    created = [
        Change(path, None, data, mode if mode & 0o111 else None)
        for path, (data, mode) in CREATED.items()
    ]
    return [*replaced, *created, *(Change(p, digest_of(FILES[p][0]), None) for p in DELETED)]


def second_wave() -> list[Change]:
    """Change again what the first wave changed, created and deleted."""
    again = FILES["a.py"][0] + b"import new\n"
    tool = CREATED["made/tool.py"][0]
    return [
        Change("a.py", digest_of(again), again + b"import newer\n"),
        Change("made/tool.py", digest_of(tool), None),
        Change("shim.py", None, b"raise ImportError\n"),
        Change("made/other/more.py", None, b"more = 1\n"),
    ]


def third_wave() -> list[Change]:
    """Change a file that was changed, and one that was not."""
    again = FILES["a.py"][0] + b"import new\n"
    return [
        Change("a.py", digest_of(again), b"a = 3\n"),
        Change("bystander.py", digest_of(FILES["bystander.py"][0]), b"b = 3\n"),
    ]


def _undo_the_second(run: Run) -> None:
    run.undo(run.record.waves[-1].number)


STEPS: tuple[Callable[[Run], object], ...] = (
    lambda run: run.commit(first_wave(), label="first", force=True),
    lambda run: run.commit(second_wave(), label="second"),
    _undo_the_second,
    lambda run: run.commit(third_wave(), label="third"),
    lambda run: run.finish({"files": 19}),
)


class Progress:
    """How many steps of a story are behind it."""

    done = 0


def perform(store: RunStore, backup: Path, progress: Progress) -> None:
    """A run of three waves, the second of which is undone."""
    for _step in performed(store, backup):
        progress.done += 1


def performed(store: RunStore, backup: Path) -> Iterator[None]:
    """The same run, step by step."""
    with store.begin(command=("ssot-migrate", "apply"), backup=backup) as run:
        for step in STEPS:
            step(run)
            yield


def tree(root: Path) -> Tree:
    """What is in the tree, the store left out."""
    found: Tree = {}
    pending = [""]
    while pending:
        folder = pending.pop()
        for entry in os.scandir(root / folder):
            path = folder + entry.name
            if path == STORE:
                continue
            if entry.is_symlink():
                found[path] = ("link", os.readlink(entry.path))
            elif entry.is_dir():
                found[path] = ("folder",)
                pending.append(path + "/")
            else:
                mode = stat.S_IMODE(entry.stat().st_mode)
                with open(entry.path, "rb") as stream:
                    found[path] = ("file", mode, tuple(os.listxattr(entry)), stream.read())
    return found


class States(msgspec.Struct, frozen=True):
    """The states that a tree may be in, in order of the story."""

    all: tuple[Tree, ...]

    def torn(self, now: Tree) -> list[str]:
        """The paths that hold what no state has there; temporary files are not meant."""
        return sorted(
            path
            for path in {path for state in self.all for path in state} | set(now)
            if not os.path.basename(path).startswith(TEMPORARY)
            and now.get(path) not in [state.get(path) for state in self.all]
        )


def difference(now: Tree, wanted: Tree) -> str:
    """Where two trees differ, for messages."""
    paths = [path for path in sorted({*now, *wanted}) if now.get(path) != wanted.get(path)]
    return ", ".join(map(repr, paths[:4])) + (" ..." if len(paths) > 4 else "")


def _before(path: str) -> bytes:
    return FILES["pkg/real.py" if path == "link.py" else path][0]
