"""Puts files into the order in which a migration can go on: what is imported comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import Category
from ssot_migrate.resolve.graph import When, edges_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import networkx as nx

    from ssot_migrate.lint.project import Project

_LATER = (
    Category.PRODUCTION,
    Category.GENERATED,
    Category.SCRIPT,
    Category.TEST,
    Category.BACKUP,
)
_AT_IMPORT = (When.RUNTIME, When.FALLBACK)


def in_order(project: Project, paths: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Arrange files in groups, so that each group comes after all that its files import.

    A group is a file, or files that import each other in a circle; a file may be imported over
    others that are not asked about. Only imports that run with their module count. Where they
    decide nothing, production code comes before scripts and tests, and else the path decides.
    Documents come last.
    """
    import networkx as nx

    asked = frozenset(paths)
    knots: nx.DiGraph[int] = nx.condensation(_imports(project, asked))
    groups: dict[int, tuple[str, ...]] = {
        knot: tuple(sorted(asked.intersection(members)))
        for knot, members in knots.nodes(data="members")
    }
    # What is not asked about only passes an order on, so it must not hold anything up.
    rank = dict.fromkeys(knots, (0, ""))
    for knot, group in groups.items():
        if group:
            rank[knot] = (1 + min(_lateness(project, path) for path in group), group[0])
    order = nx.lexicographical_topological_sort(knots.reverse(copy=False), rank.__getitem__)
    return tuple(groups[knot] for knot in order if groups[knot])


def in_batches(groups: Iterable[Sequence[str]], size: int) -> Iterator[tuple[str, ...]]:
    """Join groups, in their order, into batches of at most `size` files; 0 for one batch.

    A group is never split: halfway through a circle of imports, modules that know the change run
    beside modules that do not. One that is larger than `size` is a batch by itself.
    """
    batch: tuple[str, ...] = ()
    for group in groups:
        if batch and size and len(batch) + len(group) > size:
            yield batch
            batch = ()
        batch += tuple(group)
    if batch:
        yield batch


def _imports(project: Project, paths: frozenset[str]) -> nx.DiGraph[str]:
    """The files, and all that they import, with an edge from each importer."""
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(sorted(paths))
    new = paths
    while new:
        project.preload(new)
        known = frozenset(graph)
        for path in sorted(new):
            graph.add_edges_from((path, imported) for imported in _imported(project, path))
        new = frozenset(graph) - known
    return graph


def _imported(project: Project, path: str) -> Iterator[str]:
    facts = project.facts(path)
    for edge in edges_of(path, facts, project.resolver) if facts is not None else ():
        imported = project.modules.path_of(edge.imported)
        if edge.when in _AT_IMPORT and imported is not None:
            yield imported


def _lateness(project: Project, path: str) -> int:
    if not project.modules.has_file(path):
        return len(_LATER)
    return _LATER.index(project.category(path))
