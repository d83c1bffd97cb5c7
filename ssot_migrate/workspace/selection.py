"""What the paths on a command line select."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.errors import UsageError
from ssot_migrate.workspace.source import plain_reason
from ssot_migrate.workspace.walk import SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class Selection(msgspec.Struct, frozen=True):
    """A part of the tree.

    Args:
        folders: Folders as prefixes of paths, `pkg/`; empty text for the root.
        explicit: Files named one by one, relative to the root; discovery takes them in always.
        files: The same, and where those of them lead that are links.
    """

    folders: tuple[str, ...] = ("",)
    explicit: tuple[str, ...] = ()
    files: frozenset[str] = frozenset()

    @property
    def is_source(self) -> bool:
        """Whether nothing but source files is meant."""
        return not self.folders and all(path.endswith(SUFFIXES) for path in self.files)

    def selects(self, path: str) -> bool:
        """Whether the file at `path` is meant."""
        return path in self.files or path.startswith(self.folders)

    def idle(self, paths: Iterable[str]) -> tuple[str, ...]:
        """The folders below which none of `paths` lies: whoever named them expected otherwise."""
        paths = list(paths)
        return tuple(
            folder.rstrip("/") or "."
            for folder in self.folders
            if not any(path.startswith(folder) for path in paths)
        )


def expand_paths(root: Path, paths: Iterable[str | Path]) -> Selection:
    """Read the paths of a command line; without any, the whole root is selected.

    Relative paths count from the working directory, as whoever typed them expects.

    Raises:
        UsageError: Paths do not exist, are neither file nor folder or lie outside the root; the
            message names all of them.
    """
    named = [os.fspath(path) for path in paths]
    if not named:
        return Selection()
    real_root = os.path.join(os.path.realpath(root), "")
    folders: dict[str, None] = {}
    explicit: dict[str, None] = {}
    targets = set()
    problems = []
    for path in named:
        try:
            target = os.path.realpath(path)
            mode = os.stat(target).st_mode
        except (OSError, ValueError) as problem:
            problems.append(f"{path}: {_reason(problem)}")
            continue
        if not os.path.join(target, "").startswith(real_root):
            problems.append(f"{path}: lies outside the root, {os.fspath(root)}")
        elif stat.S_ISDIR(mode):
            folders[os.path.join(target, "")[len(real_root) :]] = None
        elif stat.S_ISREG(mode):
            explicit[_own_name(path, real_root, target)] = None
            targets.add(target[len(real_root) :])
        else:
            problems.append(f"{path}: is neither a file nor a folder")
    if problems:
        raise UsageError("\n".join(problems))
    return Selection(tuple(folders), tuple(explicit), frozenset(targets.union(explicit)))


def path_below(root: Path, name: str) -> str:
    """The path of a file relative to the root; it need not exist.

    Raises:
        UsageError: It is a folder, or lies outside the root.
    """
    real_root = os.path.join(os.path.realpath(root), "")
    folder, own = os.path.split(os.path.abspath(name.replace("\0", "/")))
    path = os.path.join(os.path.realpath(folder), own)
    if "\0" in name or name.endswith("/") or os.path.isdir(path):
        raise UsageError(f"{name}: is no name of a file")
    if not path.startswith(real_root):
        raise UsageError(f"{name}: lies outside the root, {os.fspath(root)}")
    return path[len(real_root) :]


def _own_name(path: str, real_root: str, target: str) -> str:
    """The path of a file or of a link to one, with no link above it."""
    folder, name = os.path.split(os.path.abspath(path))
    own = os.path.join(os.path.realpath(folder), name)
    return (own if own.startswith(real_root) else target)[len(real_root) :]


def _reason(problem: OSError | ValueError) -> str:
    if isinstance(problem, (FileNotFoundError, NotADirectoryError, ValueError)):
        return "no such file or folder"
    return plain_reason(problem)
