"""Where a project begins, and where its imports do."""

from __future__ import annotations

import os
import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.finding import Category, FileError
from ssot_migrate.workspace.glob_syntax import Glob, compile_exact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ssot_migrate.config.model import Registry
    from ssot_migrate.workspace.discovery import SourceFile

# What a packaging file says of a project; without it, it configures tools or is a script.
_PACKAGING = {
    "pyproject.toml": re.compile(rb"^\[(project|build-system|tool\.poetry)\]", re.MULTILINE),
    "setup.cfg": re.compile(rb"^\[(metadata|options)\]", re.MULTILINE),
    "setup.py": re.compile(rb"^\s*(from|import) (setuptools|distutils)\b", re.MULTILINE),
}
_MARKS = (".git", *_PACKAGING)
_PACKAGE_FILES = ("__init__.py", "__init__.pyi")
_COPIES = (Category.BACKUP, Category.GENERATED)


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


def source_roots(
    root: Path | None,
    registry: Registry,
    files: Iterable[SourceFile],
    read: Callable[[str], bytes | FileError | None],
) -> SourceRoots:
    """Expand the registry's `src` to folders that exist; where it is left out, find them.

    Then they are the root and its `src`, and those of every project below: a folder with a
    packaging file of its own that is no package.

    Args:
        root: The project's root; None where only the folders of `files` exist.
        registry: Names the import roots.
        files: The source files.
        read: The content of a packaging file, by its path; anything else where there is none.
    """
    if not registry.src:
        return SourceRoots(tuple(_found(files, read)))
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
            known = _folders(file.path for file in files) if known is None else known
            found = _matching(path, known)
        else:
            found = [path] if os.path.isdir(os.path.join(root, path)) else []
        if not found and entry != "src":  # written into registries that several projects share
            problems.append((position, f"{entry!r} names no folder below the root"))
        folders.update(dict.fromkeys(found))
    return SourceRoots(tuple(folders), tuple(problems))


def _found(
    files: Iterable[SourceFile], read: Callable[[str], bytes | FileError | None]
) -> Iterator[str]:
    ours = [file for file in files if file.category not in _COPIES]
    packages = {
        posixpath.dirname(one.path)
        for one in ours
        if posixpath.basename(one.path) in _PACKAGE_FILES
    }
    folders = [one for one in _folders(file.path for file in ours) if one not in packages]
    main = frozenset(_folders(file.path for file in ours if file.category is not Category.TEST))
    # What tests keep as a sample is to take no name away from a project.
    for project in ("", *sorted(folders, key=lambda folder: folder not in main)):
        if not project or _is_project(project, read):
            yield project
            sources = posixpath.join(project, "src")
            if sources in folders:
                yield sources


def _is_project(folder: str, read: Callable[[str], bytes | FileError | None]) -> bool:
    for name, says in _PACKAGING.items():
        data = read(f"{folder}/{name}")
        if isinstance(data, bytes) and says.search(data):
            return True
    return False


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
