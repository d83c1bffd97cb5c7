"""The imports around each home: its readers, its old paths, itself, and what it imports."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ssot_migrate.domain.graph import GraphEdge
from ssot_migrate.domain.overview import Home, Neighbourhood, Node, Reader
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.resolve.graph import edges_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ssot_migrate.lint.project import Project

MOST_READERS = 120
"""Of one home."""
MOST_EDGES = 5_000
"""Of all homes together."""


def neighbourhoods(
    project: Project, homes: Sequence[Home], readers: Sequence[Reader]
) -> tuple[tuple[Neighbourhood, ...], int]:
    """The imports around homes, those with the most readers left first in line for room.

    Returns:
        The neighbourhoods in the order of the homes, and how many more homes have one.
    """
    by_home: defaultdict[int, dict[str, bool]] = defaultdict(dict)
    for reader in readers:  # those to be changed come first
        by_home[reader.home].setdefault(reader.path, bool(reader.use))
    wanted = [home for home in homes if by_home[home.number]]
    room, shown = MOST_EDGES, []
    for home in sorted(wanted, key=lambda home: (not home.is_concept, -home.left, home.number)):
        found = _neighbourhood(project, home, by_home[home.number])
        if len(found.edges) <= room:
            room -= len(found.edges)
            shown.append(found)
    return tuple(sorted(shown, key=lambda one: one.home)), len(wanted) - len(shown)


def _neighbourhood(project: Project, home: Home, readers: Mapping[str, bool]) -> Neighbourhood:
    modules = project.modules
    roles: dict[str, str] = {}
    for path in _files(project, (home.canonical,)):
        roles[modules.name_of(path)] = "canonical"
    for path in _files(project, (old.path for old in home.old)):
        roles.setdefault(modules.name_of(path), "old path")
    core = dict(roles)
    outer = [path for path in readers if modules.name_of(path) not in core]
    for path in outer[:MOST_READERS]:
        roles[modules.name_of(path)] = "reader"
    found = set(_edges(project, outer[:MOST_READERS], core))
    for edge in _edges(project, (p for name in core if (p := modules.path_of(name))), None):
        roles.setdefault(edge.target, "dependency")
        found.add(edge)
    nodes = {
        name: Node(name, role, project.category(modules.path_of(name) or ""))
        for name, role in sorted(roles.items())
    }
    hidden = max(0, len(outer) - MOST_READERS)
    return Neighbourhood(home=home.number, nodes=nodes, edges=tuple(sorted(found)), hidden=hidden)


def _files(project: Project, paths: Iterable[str]) -> Iterator[str]:
    """The files that bind some names."""
    for text in paths:
        hop = project.resolver.path(SymbolPath.parse(text)).hops[0]
        if hop.path:
            yield hop.path


def _edges(
    project: Project, paths: Iterable[str], targets: Mapping[str, str] | None
) -> Iterator[GraphEdge]:
    """What some files import, of certain modules or of the whole tree."""
    for path in paths:
        facts = project.facts(path)
        for edge in edges_of(path, facts, project.resolver) if facts is not None else ():
            if targets is None or edge.imported in targets:
                yield GraphEdge(edge.importer, edge.imported, edge.when.value, edge.path, edge.line)
