"""The import graph: modules, and imports between them by when they happen."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.index.facts import Context
from ssot_migrate.resolve.resolution import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import networkx as nx

    from ssot_migrate.index.facts import Import, ModuleFacts
    from ssot_migrate.resolve.symbols import Resolver


class When(str, Enum):
    """When an import happens."""

    RUNTIME = "runtime"
    """As soon as the module is imported."""
    FALLBACK = "fallback"
    """In a `try` around a failing import, or its handler."""
    LAZY = "lazy"
    """When a function runs."""
    TYPE_CHECKING = "type-checking"
    """Never at run time."""


class ImportEdge(msgspec.Struct, frozen=True, order=True):
    """One import of a module of the tree by another; the strongest of several."""

    importer: str
    imported: str
    when: When
    path: str
    line: int


_STRENGTH = {when: rank for rank, when in enumerate(When)}


def edges_of(path: str, facts: ModuleFacts, resolver: Resolver) -> Iterator[ImportEdge]:
    """The modules of the tree that the module at `path` imports, once each, by name.

    `from package import name` reaches the package, and the submodule if `name` is one.
    """
    importer = resolver.modules.name_of(path)
    edges: dict[str, ImportEdge] = {}
    for statement in facts.imports:
        when = when_of(statement)
        for module in _modules_reached(path, statement, resolver):
            if module == importer:
                continue
            known = edges.get(module)
            if known is None or _STRENGTH[when] < _STRENGTH[known.when]:
                edges[module] = ImportEdge(importer, module, when, path, statement.line)
    for module in sorted(edges):
        yield edges[module]


def when_of(statement: Import) -> When:
    """When an import statement runs."""
    context = Context(statement.context)
    if context & Context.TYPE_CHECKING:
        return When.TYPE_CHECKING
    if context & (Context.FUNCTION | Context.LAZY):
        return When.LAZY
    if context & (Context.TRY | Context.HANDLER):
        return When.FALLBACK
    return When.RUNTIME


def _modules_reached(path: str, statement: Import, resolver: Resolver) -> Iterator[str]:
    modules = resolver.modules
    module = modules.absolute(path, statement.level, statement.module)
    if module is None or not modules.is_first_party(module):
        return
    if modules.path_of(module) is not None:
        yield module
    if statement.name and statement.name != "*" and modules.exists(f"{module}.{statement.name}"):
        found = resolver.imported(path, statement)
        if found.kind is Kind.MODULE and found.end.path:
            yield found.symbol.module


def import_graph(
    paths: Iterable[str], facts: Callable[[str], ModuleFacts | None], resolver: Resolver
) -> nx.DiGraph[str]:
    """All modules and imports of the given files as a networkx graph.

    Nodes are module names with a `path`; edges have `when`, `path` and `line`.
    """
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph()
    for path in paths:
        module_facts = facts(path)
        graph.add_node(resolver.modules.name_of(path), path=path)
        if module_facts is None:
            continue
        for edge in edges_of(path, module_facts, resolver):
            graph.add_edge(
                edge.importer, edge.imported, when=edge.when, path=edge.path, line=edge.line
            )
    return graph
