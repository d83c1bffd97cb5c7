"""The tree that is measured: its files and packages, modules to deprecate, and copies of it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

_IMPORTED = re.compile(rb"^[ \t]*(?:from|import)[ \t]+([A-Za-z_][\w.]*)", re.MULTILINE)
_NAMES = re.compile(
    rb"^[ \t]*from[ \t]+([A-Za-z_][\w.]*)[ \t]+import[ \t]+(?:\(([^)]*)\)|([^(\\;#\n]*))",
    re.MULTILINE,
)
_NAME = re.compile(rb"(?:^|,)\s*(\w+)")
_CLASS = re.compile(rb"^class[ \t]+([A-Za-z]\w*)", re.MULTILINE)
_ROOTS = (".", "src")
_USUAL, _MOST = 10, 15
_HARMLESS = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")


class Corpus(msgspec.Struct, frozen=True):
    """What there is to measure.

    Args:
        folder: The top of the tree.
        files: Every file that git lists, or every file where there is no git; sorted.
        python: The Python files among them.
        size: Bytes in the Python files.
        roots: Import roots that hold packages.
        packages: Names of the importable packages at the roots, sorted.
        importers: How many files import a module of the tree, by module.
        users: How many files import a class from the module of the tree that defines it, by
            `module:Name`.
    """

    folder: Path
    files: tuple[str, ...]
    python: tuple[str, ...]
    size: int
    roots: tuple[str, ...]
    packages: tuple[str, ...]
    importers: dict[str, int]
    users: dict[str, int]


def survey(folder: Path) -> Corpus:
    """Read every Python file once, which also brings the tree into the page cache."""
    files = _listed(folder) or _walked(folder)
    python = tuple(path for path in files if path.endswith(".py"))
    modules = {name: path for path in python for name in _module_names(path)}
    importers: Counter[str] = Counter()
    users: Counter[str] = Counter()
    classes: set[str] = set()
    size = 0
    for path in python:
        content = (folder / path).read_bytes()
        size += len(content)
        names = {name.decode() for name in _IMPORTED.findall(content)}
        importers.update(name for name in names if modules.get(name, path) != path)
        users.update(
            f"{module}:{name}"
            for module, name in set(_names_imported(content))
            if modules.get(module, path) != path
        )
        own = [name.decode() for name in _CLASS.findall(content)]
        classes.update(f"{module}:{name}" for module in _module_names(path) for name in own)
    at_roots = [
        (root, name)
        for name, path in modules.items()
        for root in _ROOTS
        if "." not in name and Path(path) == Path(root, name, "__init__.py")
    ]
    return Corpus(
        folder,
        files,
        python,
        size,
        roots=tuple(root for root in _ROOTS if any(root == where for where, _ in at_roots))
        or (".",),
        packages=tuple(sorted(name for _, name in at_roots)),
        importers=dict(sorted(importers.items())),
        users={name: count for name, count in sorted(users.items()) if name in classes},
    )


def choose_modules(corpus: Corpus, count: int = 2) -> tuple[str, ...]:
    """Modules that a moderate number of files import (about ten); the same ones every time."""
    return _usual(corpus.importers)[:count]


def choose_rename(corpus: Corpus) -> tuple[str, str] | None:
    """A class that a moderate number of files import, and a name elsewhere for it."""
    for old in _usual(corpus.users):
        return old, f"canonical.module_0:Renamed{old.rpartition(':')[2]}"
    return None


def _usual(counts: dict[str, int]) -> tuple[str, ...]:
    return tuple(sorted(counts, key=lambda name: (abs(counts[name] - _USUAL), name)))


def many_modules(corpus: Corpus, count: int, most: int = _MOST) -> tuple[str, ...]:
    """`count` modules of the tree with at most so many importers, evenly spread over their names.

    Where there are too few, made-up ones that nothing imports fill up.
    """
    rare = [name for name, importers in corpus.importers.items() if importers <= most]
    step = max(1.0, len(rare) / count)
    chosen = [rare[int(position * step)] for position in range(min(count, len(rare)))]
    made_up = (f"nowhere.module_{number}" for number in range(count - len(chosen)))
    return (*chosen, *made_up)


def copy_tree(corpus: Corpus, target: Path, *, copies: int = 0) -> Path:
    """A copy of the tree as a git repository of its own.

    Args:
        corpus: What to copy.
        target: The new folder.
        copies: 0 for one faithful copy of all files at the top; otherwise that many copies of
            the Python files, each in a folder of its own and each with a last line of its own
            in every file, so that no content occurs twice.
    """
    if copies:
        for number in range(1, copies + 1):
            for path in (*corpus.python, *(p for p in corpus.files if p.endswith(".gitignore"))):
                copy = _copy(corpus.folder / path, target / f"copy_{number}" / path)
                append_line(copy, f"# copy {number}")
    else:
        for path in corpus.files:
            _copy(corpus.folder / path, target / path)
    _git(target, "init", "--quiet")
    # The index is what `git ls-files` reads; the contents are not needed in the repository.
    _git(target, "add", "--intent-to-add", "--all", "--force")
    return target


def append_line(path: Path, line: str) -> None:
    """Add a line at the end of a file."""
    with path.open("a", encoding="utf-8") as stream:
        stream.write(f"\n{line}\n")


def _copy(source: Path, target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy2(source, target))


def _listed(folder: Path) -> tuple[str, ...]:
    output = _git(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    names = sorted(set(os.fsdecode(output).split("\0")))
    return tuple(name for name in names if _is_regular(folder / name))


def _walked(folder: Path) -> tuple[str, ...]:
    paths = (Path(top, name) for top, _, names in os.walk(folder) for name in names)
    return tuple(sorted(p.relative_to(folder).as_posix() for p in paths if _is_regular(p)))


def _is_regular(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _module_names(path: str) -> tuple[str, ...]:
    name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return (name, name.removeprefix("src.")) if name.startswith("src.") else (name,)


def _names_imported(content: bytes) -> Iterator[tuple[str, str]]:
    for module, several, some in _NAMES.findall(content):
        for name in _NAME.findall(several or some):
            yield module.decode(), name.decode()


def _git(folder: Path, *arguments: str) -> bytes:
    program = shutil.which("git")
    if program is None:
        return b""
    command = (program, *_HARMLESS, *arguments)
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).stdout
