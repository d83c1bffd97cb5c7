"""Which paths a list of gitignore-style patterns matches."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from ssot_migrate.workspace.glob_syntax import (
    NEVER,
    FileNames,
    Glob,
    compile_exact,
    compile_inside,
)

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable

    Rulings = list[tuple[re.Pattern[str], bool]]


class Globs:
    """A registry's list of patterns.

    A pattern matches a file by the file's own path or by a folder above it. The last pattern that
    matches decides, so that `!` takes back, also within a matched folder.

    Attributes:
        names: The patterns that look at file names only.
        is_plain: Whether folders and file names, each by themselves, decide.
        is_empty: Whether nothing matches.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        globs = _parsed(patterns)
        takes_back = any(glob.negated for glob in globs)
        self.names = () if takes_back else tuple(glob for glob in globs if glob.names_files)
        paths = [glob for glob in globs if not (glob.names_files or glob.folders_only)]
        self._rulings = _rulings(globs, compile_inside) if takes_back else None
        self._folder = compile_inside(globs)
        self._names = FileNames([self.names])
        self._path = compile_exact(glob for glob in paths if glob.segments[-1] != "**")
        self._folders: dict[str, bool] = {}
        self.is_empty = not globs
        self.is_plain = not takes_back and self._path is NEVER

    def matches(self, path: str) -> bool:
        """Whether the file at `path`, relative to the root, is meant."""
        if self._rulings is not None:
            return _last_ruling(self._rulings, path) or False
        cut = path.rfind("/") + 1
        return (
            self.holds(path[:cut])
            or self._names.rank(path, cut) is not None
            or self._path.match(path) is not None
        )

    def holds(self, folder: str) -> bool:
        """Whether every file below `folder`, `""` or a path that ends with a slash, is meant.

        Says nothing of use for lists that take back.
        """
        verdict = self._folders.get(folder)
        if verdict is None:
            verdict = self._folders[folder] = self._folder.match(folder) is not None
        return verdict


class IgnoreFile:
    """The patterns of one `.gitignore`, as git applies them from folder to folder."""

    def __init__(self, text: str) -> None:
        lines = text.removeprefix("\ufeff").split("\n")
        globs = _parsed(line.removesuffix("\r") for line in lines)
        self._for_folders = _rulings(globs, compile_exact)
        self._for_files = _rulings([glob for glob in globs if not glob.folders_only], compile_exact)

    def verdict(self, path: str, *, is_folder: bool) -> bool | None:
        """Whether the entry at `path`, relative to the file's folder, is ignored.

        None where no pattern speaks of it. An ignored folder is not to be entered.
        """
        return _last_ruling(self._for_folders if is_folder else self._for_files, path)


def _parsed(patterns: Iterable[str]) -> list[Glob]:
    return [glob for pattern in patterns if (glob := Glob.parse(pattern)) is not None]


def _rulings(globs: list[Glob], compiled: Callable[[Iterable[Glob]], re.Pattern[str]]) -> Rulings:
    """The last patterns first, and neighbours of one mind in one expression."""
    runs = groupby(globs, key=lambda glob: glob.negated)
    return [(compiled(run), not negated) for negated, run in runs][::-1]


def _last_ruling(rulings: Rulings, path: str) -> bool | None:
    return next((meant for pattern, meant in rulings if pattern.match(path)), None)
