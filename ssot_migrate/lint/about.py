"""A project looked at for the sake of one file: what a rule says of that file, without the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.index.worker import MODULE, USES
from ssot_migrate.lint.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ssot_migrate.domain.symbol import SymbolPath


class AboutFile(Project):
    """A project whose every search ends at one file; names are followed through all of it.

    Rules that are `by_file` find in it what they find in that file of the whole project.

    Args:
        project: The whole project, which it shares everything with that is known.
        path: The file.
    """

    def __init__(self, project: Project, path: str) -> None:
        # What is resolved for one of them is resolved for both.
        shared = (project.modules, project.resolver, project.shims, project.deprecations)
        self.__dict__.update(project.__dict__)
        self.modules, self.resolver, self.shims, self.deprecations = shared
        self._made = {}
        self._whole = project
        self._path = path

    @property
    def whole(self) -> Project:
        """The project with all its files."""
        return self._whole

    @property
    def paths(self) -> tuple[str, ...]:
        """The file."""
        return (self._path,)

    def everything(self) -> tuple[str, ...]:
        """The file, if it can be parsed."""
        return self._parsed()

    def naming(
        self, targets: Iterable[SymbolPath], *, imported: bool = False, uses: bool = False
    ) -> tuple[str, ...]:
        """The file, whatever it names."""
        return self._parsed(uses=uses)

    def mentioning(self, names: Iterable[str]) -> tuple[str, ...]:
        """The file, whatever it spells."""
        return self._parsed()

    def readers(self, targets: Iterable[SymbolPath], *, uses: bool = False) -> tuple[str, ...]:
        """The file, whatever it reads."""
        return self._parsed(uses=uses)

    def _parsed(self, *, uses: bool = False) -> tuple[str, ...]:
        self.index.load({self._path: (MODULE, USES) if uses else (MODULE,)})
        return () if self.index.module(self._path) is None else (self._path,)
