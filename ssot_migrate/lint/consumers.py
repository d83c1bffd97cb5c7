"""Finds who reads a symbol: by binding, through every re-export."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from ssot_migrate.domain.graph import Consumer, Consumers
from ssot_migrate.index.needles import Needle
from ssot_migrate.lint.project import chain_of
from ssot_migrate.lint.reach import within
from ssot_migrate.resolve.resolution import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.domain.symbol import SymbolPath
    from ssot_migrate.lint.project import Project
    from ssot_migrate.resolve.resolution import Resolution


def consumers_of(project: Project, symbol: SymbolPath) -> Consumers:
    """Find the readers of a module or a name.

    Readers of a name are the imports that fetch it, under whatever local name, and the attribute
    chains that reach it; readers of a module also those of anything inside it.
    """
    asked = project.resolver.path(symbol)
    # A name asked for by a facade's path is the same concept at its definition.
    wanted = {asked.hops[0].symbol.dotted if asked.kind is not Kind.EXTERNAL else symbol.dotted}
    home = asked.hops[0].path
    reading = _Reading(project, wanted)
    for path in project.readers([asked.hops[0].symbol], uses=True):
        if path != home:
            reading.file(path)
    spelling = project.index.search([Needle(symbol.leaf)])
    mentions = spelling - set(reading.imports) - {home}
    end = asked.hops[0]
    return Consumers(
        symbol=str(symbol),
        definition=str(end) if end.path else "",
        files=tuple(reading.consumers()),
        importing_files=len(reading.imports),
        direct_files=len(reading.direct),
        statements=len(reading.statements),
        by_category=dict(
            sorted(Counter(project.category(path).value for path in reading.imports).items())
        ),
        call_sites=reading.calls,
        mentions=tuple(sorted(mentions)),
    )


class _Reading:
    """What was found so far, file by file."""

    def __init__(self, project: Project, wanted: set[str]) -> None:
        self._project = project
        self._wanted = wanted
        self.imports: defaultdict[str, dict[int, tuple[str, ...]]] = defaultdict(dict)
        self.strings: defaultdict[str, dict[int, tuple[str, ...]]] = defaultdict(dict)
        self.direct: set[str] = set()
        self.statements: set[tuple[str, int]] = set()
        self.calls = 0

    def file(self, path: str) -> None:
        """Read one file."""
        project = self._project
        for statement, resolution in project.imports(path):
            position = self._position(resolution)
            if position is not None:
                self._note(path, statement.line, position, resolution)
                self.statements.add((path, statement.line))
        for reference, statement, resolution in project.references(path):
            position = self._position(resolution)
            if position is not None:
                self.calls += reference.call
                if reference.path and not self._is_fetched(path, statement.line):
                    self._note(path, reference.line, position, resolution)
        uses = project.index.uses(path)
        for text in uses.strings if uses is not None else ():
            resolution = project.resolver.dotted(text.value.replace(":", "."))
            if self._position(resolution) is not None:
                chain = chain_of(path, text.line, resolution.hops)
                self.strings[path].setdefault(text.line, chain)

    def consumers(self) -> Iterator[Consumer]:
        """The files, importing ones first."""
        for kind, found in (("import", self.imports), ("string", self.strings)):
            for path in sorted(found):
                lines = sorted(found[path])
                yield Consumer(
                    path=path,
                    category=self._project.category(path),
                    lines=tuple(lines),
                    chain=found[path][lines[0]],
                    kind=kind,
                    direct=kind == "string" or path in self.direct,
                )

    def _note(self, path: str, line: int, position: int, resolution: Resolution) -> None:
        self.imports[path].setdefault(line, chain_of(path, line, resolution.hops))
        if position == 0:
            self.direct.add(path)

    def _is_fetched(self, path: str, line: int) -> bool:
        return (path, line) in self.statements

    def _position(self, resolution: Resolution) -> int | None:
        for position, hop in enumerate(resolution.hops):
            if within(hop.symbol, self._wanted):
                return position
        return None
