"""Finds source files without git, minding `.gitignore` files from folder to folder."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.finding import FileError
from ssot_migrate.workspace.globs import IgnoreFile
from ssot_migrate.workspace.source import plain_reason, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

SUFFIXES = (".py", ".pyi")
# Compiled modules, and what a build makes them of; no Python is in them to be read.
COMPILED = (".so", ".pyd", ".pyx", ".pyx.tp", ".pyx.in", ".c", ".cpp", ".pyf")

# Never entered, in a git work tree neither: what is below belongs to tools or to others.
# `build` and `venv` are absent, as packages may have these names and leaving them out would be
# silence. A virtual environment tells itself by its `pyvenv.cfg`, build output by a `.gitignore`.
SKIPPED_FOLDERS = frozenset(
    {
        ".git",
        ".hg",
        ".svn",
        ".venv",
        ".tox",
        ".nox",
        ".eggs",
        ".ssot_migrate_cache",
        "__pycache__",
        "node_modules",
    }
)
VIRTUAL_ENVIRONMENT_MARK = "pyvenv.cfg"


class _Ignores(msgspec.Struct, frozen=True):
    """A `.gitignore` and those above it."""

    prefix: int
    file: IgnoreFile
    above: _Ignores | None

    def cover(self, path: str, *, is_folder: bool) -> bool:
        """Whether the nearest file that speaks of `path` ignores it."""
        level: _Ignores | None = self
        while level is not None:
            verdict = level.file.verdict(path[level.prefix :], is_folder=is_folder)
            if verdict is not None:
                return verdict
            level = level.above
        return False


def walk(root: str, report: Callable[[FileError], None]) -> Iterator[str]:
    """Paths below `root` that look like source files or compiled modules, links among them.

    Links that may lead to packages are among them, and are not entered. Nor are virtual
    environments and nested repositories. A folder that
    cannot be read is reported; one that vanished meanwhile is not.
    """
    pending: list[tuple[str, _Ignores | None]] = [("", None)]
    while pending:
        folder, ignores = pending.pop()
        try:
            with os.scandir(os.path.join(root, folder)) as found:
                entries = {entry.name: entry for entry in found}
        except OSError as problem:
            if folder and isinstance(problem, (FileNotFoundError, NotADirectoryError)):
                continue
            report(unreadable_folder(folder, problem))
            continue
        if folder and not entries.keys().isdisjoint({".git", VIRTUAL_ENVIRONMENT_MARK}):
            continue
        if ".gitignore" in entries:
            ignores = _with_ignore_file(root, folder, ignores)
        for name, entry in entries.items():
            is_folder = _is_folder(entry)
            if name in SKIPPED_FOLDERS if is_folder else not _may_be_source(entry):
                continue
            path = folder + name
            if ignores is not None and ignores.cover(path, is_folder=is_folder):
                continue
            if is_folder:
                pending.append((path + "/", ignores))
            else:
                yield path


def compiled_among(paths: Iterable[str]) -> list[str]:
    """Those of the paths that are compiled modules, or that one is made of."""
    return [path for path in paths if path.endswith(COMPILED)]


def unreadable_folder(folder: str, problem: OSError) -> FileError:
    """Say that nothing below `folder` was seen."""
    return FileError(folder.rstrip("/") or ".", f"cannot read the folder: {plain_reason(problem)}")


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _may_be_source(entry: os.DirEntry[str]) -> bool:
    return entry.name.endswith((*SUFFIXES, *COMPILED)) or (
        entry.name.isidentifier() and entry.is_symlink()
    )


def _with_ignore_file(root: str, folder: str, above: _Ignores | None) -> _Ignores | None:
    path = folder + ".gitignore"
    # Git does not follow a link here either.
    if os.path.islink(os.path.join(root, path)):
        return above
    data = read(root, path)
    # Patterns that cannot be read leave more files to look at, not fewer.
    if isinstance(data, FileError):
        return above
    return _Ignores(len(folder), IgnoreFile(os.fsdecode(data)), above)
