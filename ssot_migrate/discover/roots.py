"""Finds import roots that no packaging file tells of, by what the tree itself imports."""

from __future__ import annotations

import sys
from collections import defaultdict
from posixpath import dirname
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.resolve.modules import is_package_file

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from ssot_migrate.lint.project import Project

# One file alone may mend `sys.path` for itself.
_READERS = 2


class LooseRoot(msgspec.Struct, frozen=True):
    """A folder in which imports of the tree begin, although nothing says so.

    Args:
        folder: Relative to the root.
        package: The first segment of the modules that are imported from it.
        files: Number of files that do.
    """

    folder: str
    package: str
    files: int


def loose_roots(project: Project) -> tuple[LooseRoot, ...]:
    """Folders below which lie most of the submodules that imports of an unknown name ask for.

    At least two files have to ask. The folder with the most of them counts, and of several the
    first one. That a folder or a file merely has the name of something installed is no evidence,
    so `import name` alone tells nothing; nor does what lies in a package.
    """
    readers: defaultdict[str, set[str]] = defaultdict(set)
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    for path in project.everything():
        for module in _absolute(project, path):
            package = module.partition(".")[0]
            readers[package].add(path)
            wanted[package].add(module)
    homes = _homes(project.paths, wanted)
    found = []
    for package, folders in sorted(homes.items()):
        asked = wanted[package]
        missing, folder = min((len(asked - has), folder) for folder, has in folders.items())
        if missing * 2 < len(asked) and len(readers[package]) >= _READERS:
            found.append(LooseRoot(folder, package, len(readers[package])))
    return tuple(found)


def _absolute(project: Project, path: str) -> Iterator[str]:
    """The submodules of names unknown to the tree that a file imports."""
    facts = project.index.module(path)
    for statement in facts.imports if facts else ():
        package = statement.module.partition(".")[0]
        if statement.level or package in sys.stdlib_module_names or not package:
            continue
        if "." in statement.module and not project.modules.exists(package):
            yield statement.module


def _homes(paths: Sequence[str], packages: Container[str]) -> dict[str, dict[str, set[str]]]:
    """By package, the folders that hold one of that name, with the modules of each."""
    homes: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    inner = {dirname(path) for path in paths if is_package_file(path)}
    for path in paths:
        parts = path.rpartition(".")[0].removesuffix("/__init__").split("/")
        for position, package in enumerate(parts[1:], 1):
            folder = "/".join(parts[:position])
            if package in packages and folder not in inner:
                homes[package][folder].add(".".join(parts[position:]))
    return {package: dict(folders) for package, folders in homes.items()}
