"""Who imports what, for every name and every file of a tree at once."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import Category

if TYPE_CHECKING:
    from ssot_migrate.domain.symbol import SymbolPath
    from ssot_migrate.lint.project import Project


class Readers:
    """The files that import a name, or through a file, by binding."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._of_symbol: defaultdict[SymbolPath, set[str]] = defaultdict(set)
        self._through: defaultdict[str, set[str]] = defaultdict(set)
        self._first: defaultdict[str, set[str]] = defaultdict(set)
        for path in project.everything():
            for _statement, resolution in project.imports(path):
                for position, hop in enumerate(resolution.hops):
                    if hop.path != path:
                        self._of_symbol[hop.symbol].add(path)
                        if hop.path:
                            self._through[hop.path].add(path)
                            if not position:
                                self._first[hop.path].add(path)

    def of(self, symbol: SymbolPath) -> frozenset[str]:
        """The files that import a name, directly or not."""
        return frozenset(self._of_symbol.get(symbol, ()))

    def through(self, path: str) -> frozenset[str]:
        """The files whose imports pass the file at `path`."""
        return frozenset(self._through.get(path, ()))

    def directly(self, path: str) -> frozenset[str]:
        """The files that spell the module at `path` in an import."""
        return frozenset(self._first.get(path, ()))

    def split(self, files: frozenset[str]) -> tuple[int, int]:
        """How many of some files are tests, and how many are not."""
        tests = sum(self._project.category(path) is Category.TEST for path in files)
        return len(files) - tests, tests
