"""What each file is for, as the registry's patterns say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import Category
from ssot_migrate.workspace.glob_syntax import FileNames
from ssot_migrate.workspace.globs import Globs

if TYPE_CHECKING:
    from ssot_migrate.config.model import Registry

_ORDER = (
    Category.BACKUP,
    Category.GENERATED,
    Category.TEST,
    Category.SCRIPT,
    Category.PRODUCTION,
)
_LAST = len(_ORDER) - 1


class Classifier:
    """Tells a file's category from its path.

    The first category that matches decides: a test below `backup/` is a backup.
    """

    def __init__(self, registry: Registry) -> None:
        self._globs = [
            Globs(patterns)
            for patterns in (
                registry.backup,
                registry.generated,
                registry.tests,
                registry.scripts,
            )
        ]
        # The usual patterns look at folders, which many files share, and at file names, which
        # one expression judges for all categories. Only the others are asked path by path.
        self._names = FileNames(globs.names for globs in self._globs)
        self._others = [
            (rank, globs) for rank, globs in enumerate(self._globs) if not globs.is_plain
        ]
        self._folders: dict[str, int] = {}

    def category(self, path: str) -> Category:
        """The category of the file at `path`, relative to the root."""
        cut = path.rfind("/") + 1
        folder = path[:cut]
        rank = self._folders.get(folder)
        if rank is None:
            rank = self._folders[folder] = self._rank_of_folder(folder)
        named = self._names.rank(path, cut)
        if named is not None and named < rank:
            rank = named
        for other, globs in self._others:
            if other < rank and globs.matches(path):
                return _ORDER[other]
        return _ORDER[rank]

    def _rank_of_folder(self, folder: str) -> int:
        ranks = (
            rank
            for rank, globs in enumerate(self._globs)
            if (rank, globs) not in self._others and globs.holds(folder)
        )
        return next(ranks, _LAST)
