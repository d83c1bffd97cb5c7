"""Finds the documents, settings and scripts that name a symbol by its whole path."""

from __future__ import annotations

from posixpath import dirname
from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import FileError
from ssot_migrate.domain.graph import Consumer
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.lint.reach import within
from ssot_migrate.lint.text_files import position, text_files, text_of
from ssot_migrate.lint.text_paths import dotted_paths, file_paths
from ssot_migrate.workspace.categories import Classifier

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.lint.project import Project


def documents_naming(project: Project, symbol: SymbolPath) -> Iterator[Consumer]:
    """Find the text files that spell a symbol's path, or the file of a module, in order of path.

    Args:
        project: The project.
        symbol: The symbol, by the path that is looked for.
    """
    classifier = Classifier(project.registry)
    for path in text_files(project):
        data = project.index.contents.read(path)
        if isinstance(data, FileError) or symbol.leaf.encode() not in data:
            continue
        text = text_of(data)
        places: dict[int, int] = {}
        for start in sorted(_mentions(project, symbol, path, text)):
            line, column = position(text, start)
            places.setdefault(line, column)
        if places:
            yield Consumer(
                path=path,
                category=classifier.category(path),
                lines=tuple(places),
                chain=(f"{path}:{next(iter(places))}",),
                kind="document",
                direct=True,
                columns=tuple(places.values()),
            )


def _mentions(project: Project, symbol: SymbolPath, path: str, text: str) -> Iterator[int]:
    """Where a text spells the symbol, something in it, or the file of the module that it is."""
    wanted = {symbol.dotted}
    for one in dotted_paths(text):
        spelled = [f"{one.value}.{name}" for name in one.names] or [one.value.replace(":", ".")]
        if any(within(SymbolPath(dotted), wanted) for dotted in spelled):
            yield one.start
    home = project.modules.path_of(symbol.dotted)
    for file in file_paths(text) if home is not None else ():
        if home in file.relative_to(dirname(path)):
            yield file.start
