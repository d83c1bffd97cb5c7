"""`graph`: questions to the import graph."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.errors import UsageError
from ssot_migrate.domain.graph import Chain, ChainStep, Consumers, Cycle, GraphEdge, ShimReport
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.index.index import no_progress
from ssot_migrate.lint.consumers import consumers_of
from ssot_migrate.lint.documents import documents_naming
from ssot_migrate.resolve.graph import When, import_graph
from ssot_migrate.resolve.resolution import Kind
from ssot_migrate.usecases.project import open_project
from ssot_migrate.usecases.suggest import nearest_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    import networkx as nx

    from ssot_migrate.index.index import Progress
    from ssot_migrate.lint.project import Project
    from ssot_migrate.usecases.project import Request


def consumers(request: Request, symbol: str, progress: Progress = no_progress) -> Consumers:
    """Who reads a module or a name.

    Raises:
        UsageError: Nothing in the tree is called that, and nothing mentions it.
    """
    with open_project(request, progress) as opened:
        project = opened.project
        path = _parsed(symbol)
        found = consumers_of(project, path)
        resolution = project.resolver.path(path)
        documents = documents_naming(project, resolution.hops[0].symbol)
        found = msgspec.structs.replace(found, files=(*found.files, *documents))
        if not found.files and not found.mentions and resolution.kind is Kind.MISSING:
            raise UsageError(f"{symbol!r} is not in this tree{nearest_name(project, path)}")
        return found


def shims(request: Request, progress: Progress = no_progress) -> tuple[ShimReport, ...]:
    """Every module that only passes names on, sorted by name."""
    with open_project(request, progress) as opened:
        project = opened.project
        found = []
        for path in project.everything():
            if opened.selection.selects(path) and project.shims.is_shim(path):
                shim = project.shims.describe(path)
                found.append(
                    ShimReport(
                        module=shim.module,
                        path=path,
                        kind=shim.kind,
                        targets={name: str(target) for name, target in shim.targets.items()},
                        message=shim.message,
                        category=project.category(path),
                    )
                )
        return tuple(sorted(found, key=lambda shim: (shim.module, shim.path)))


def cycles(request: Request, progress: Progress = no_progress) -> tuple[Cycle, ...]:
    """Groups of modules that import each other at run time, the largest first."""
    import networkx as nx

    with open_project(request, progress) as opened:
        graph = _graph(opened.project)
        running: nx.DiGraph[str] = nx.DiGraph()
        running.add_edges_from(
            (source, target)
            for source, target, edge in graph.edges(data=True)
            if edge["when"] in (When.RUNTIME, When.FALLBACK)
        )
        knots = [
            sorted(knot) for knot in nx.strongly_connected_components(running) if len(knot) > 1
        ]
        return tuple(
            Cycle(tuple(knot), _way_round(graph, running.subgraph(knot), knot[0]))
            for knot in sorted(knots, key=lambda knot: (-len(knot), knot))
        )


def chain(
    request: Request, source: str, target: str | None, progress: Progress = no_progress
) -> Chain:
    """How one name leads to its definition, or how one module comes to import another.

    Args:
        request: Which project.
        source: A symbol; with `target`, the importing module.
        target: The imported module, or None.
        progress: Called while long work goes on.

    Raises:
        UsageError: A module is not in this tree.
    """
    with open_project(request, progress) as opened:
        project = opened.project
        if target is None:
            return _definition_chain(project, source)
        for name in (source, target):
            if project.modules.path_of(name) is None:
                hint = nearest_name(project, SymbolPath(name))
                raise UsageError(f"there is no module {name!r} in this tree{hint}")
        return _import_chain(project, source, target)


def _definition_chain(project: Project, source: str) -> Chain:
    resolution = project.resolver.path(_parsed(source))
    steps = tuple(
        ChainStep(str(hop.symbol), hop.how, hop.path, hop.line) for hop in resolution.hops
    )
    return Chain(source, str(resolution.symbol), steps, resolution.kind.value)


def _import_chain(project: Project, source: str, target: str) -> Chain:
    import networkx as nx

    graph = _graph(project)
    try:
        names: Sequence[str] = nx.shortest_path(graph, source, target)
    except nx.NetworkXNoPath:
        return Chain(source, target, (), "missing")
    steps = [
        ChainStep(a, str(graph.edges[a, b]["when"].value), graph.edges[a, b]["path"],
                  graph.edges[a, b]["line"])
        for a, b in pairwise(names)
    ]  # fmt: skip
    steps.append(ChainStep(target, "module", project.modules.path_of(target) or "", 1))
    return Chain(source, target, tuple(steps), "module")


def _graph(project: Project) -> nx.DiGraph[str]:
    return import_graph(project.everything(), project.facts, project.resolver)


def _way_round(graph: nx.DiGraph[str], knot: nx.DiGraph[str], start: str) -> tuple[GraphEdge, ...]:
    import networkx as nx

    best: Sequence[str] = min(
        (nx.shortest_path(knot, after, start) for after in sorted(knot.successors(start))),
        key=len,
    )
    names = [start, *best]
    return tuple(
        GraphEdge(a, b, graph.edges[a, b]["when"].value, graph.edges[a, b]["path"],
                  graph.edges[a, b]["line"])
        for a, b in pairwise(names)
    )  # fmt: skip


def _parsed(text: str) -> SymbolPath:
    try:
        return SymbolPath.parse(text)
    except ValueError as error:
        raise UsageError(str(error)) from error
