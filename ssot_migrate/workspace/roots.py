"""Where a project begins, and where its imports do."""

from __future__ import annotations

import os
import posixpath
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.workspace.glob_syntax import Glob, compile_exact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ssot_migrate.config.model import Registry

_MARKS = (".git", "pyproject.toml", "setup.py", "setup.cfg")
# A project has one or the other, so neither needs to exist.
_DEFAULTS = (".", "src")


class SourceRoots(msgspec.Struct, frozen=True):
    """The folders from which imports are counted.

    Args:
        folders: Relative to the root, which is empty text; in the order of the registry.
        problems: Positions in `src` of entries that mean nothing, and why.
    """

    folders: tuple[str, ...]
    problems: tuple[tuple[int, str], ...] = ()


def find_root(start: Path, config: Path | None, *, fallback: Path | None = None) -> Path:
    """The root of the project around `start`, a file or a folder.

    It is the folder of the configuration that was found, else the nearest folder upwards that
    looks like a project, else `fallback` where it lies above the start, else the start.
    """
    if config is not None:
        return Path(os.path.abspath(config)).parent
    here = Path(os.path.abspath(start))
    if not here.is_dir():
        here = here.parent
    for folder in (here, *here.parents):
        if any(os.path.lexists(folder / mark) for mark in _MARKS):
            return folder
    if fallback is not None and fallback in here.parents:
        return fallback
    return here


def source_roots(root: Path | None, registry: Registry, paths: Iterable[str]) -> SourceRoots:
    """Expand the registry's `src` to folders that exist.

    Globs are matched against the folders of `paths`, the files that were discovered.

    Args:
        root: The project's root; None where only the folders of `paths` exist.
        registry: Names the import roots.
        paths: The files.
    """
    folders: dict[str, None] = {}
    problems: list[tuple[int, str]] = []
    known: list[str] | None = None
    for position, entry in enumerate(registry.src):
        path = posixpath.normpath(entry)
        if path == ".":
            found = [""]
        elif path.startswith(("/", "../")) or path == "..":
            problems.append((position, f"{entry!r} lies outside the root"))
            continue
        elif root is None or "*" in path or "?" in path or "[" in path:
            known = _folders(paths) if known is None else known
            found = _matching(path, known)
        else:
            found = [path] if os.path.isdir(os.path.join(root, path)) else []
        if not found and entry not in _DEFAULTS:
            problems.append((position, f"{entry!r} names no folder below the root"))
        folders.update(dict.fromkeys(found))
    return SourceRoots(tuple(folders), tuple(problems))


def _folders(paths: Iterable[str]) -> list[str]:
    folders: set[str] = set()
    for path in paths:
        folder = posixpath.dirname(path)
        while folder and folder not in folders:
            folders.add(folder)
            folder = posixpath.dirname(folder)
    return sorted(folders)


def _matching(pattern: str, folders: list[str]) -> list[str]:
    glob = Glob.parse("/" + pattern)
    matcher = compile_exact([] if glob is None else [glob])
    return [folder for folder in folders if matcher.match(folder)]
