"""Answers of the import graph."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ssot_migrate.domain.finding import Category


class Consumer(msgspec.Struct, frozen=True, kw_only=True):
    """A file that reads a symbol.

    Args:
        path: The file.
        category: What it is for.
        lines: 1-based lines of the statements, strings or mentions, sorted.
        chain: The first one's way to the definition, as `path:line`.
        kind: `import`, `string` or `document` (any text file that is not Python).
        direct: Whether it names the symbol itself, not a re-export of it.
        columns: Of a document, the 1-based column of the first mention on each of the lines.
    """

    path: str
    category: Category
    lines: tuple[int, ...]
    chain: tuple[str, ...]
    kind: str
    direct: bool
    columns: tuple[int, ...] = ()


class Consumers(msgspec.Struct, frozen=True, kw_only=True):
    """Who reads a symbol, by binding and not by text.

    Args:
        symbol: As it was asked for.
        definition: Where it is defined, as `path:line`; empty where that is outside the tree.
        files: Sorted by kind, then path.
        importing_files: Number of files that import or reference it.
        direct_files: Number of those that name it directly.
        statements: Number of import statements.
        by_category: Number of importing files by category.
        call_sites: Number of calls of it, or of what it holds.
        mentions: Files that only spell its last name, without importing it.
    """

    symbol: str
    definition: str
    files: tuple[Consumer, ...]
    importing_files: int
    direct_files: int
    statements: int
    by_category: Mapping[str, int]
    call_sites: int
    mentions: tuple[str, ...]


class ShimReport(msgspec.Struct, frozen=True, kw_only=True):
    """A module that only passes names on.

    Args:
        module: Its dotted name.
        path: Its file.
        kind: `static`, `assignment`, `fallback`, `getattr` or `deprecation`.
        targets: Name to what it stands for, as `module:Name`.
        message: What its deprecation warning says.
        category: What the file is for.
    """

    module: str
    path: str
    kind: str
    targets: Mapping[str, str]
    message: str
    category: Category


class GraphEdge(msgspec.Struct, frozen=True, order=True):
    """An import of one module by another: when it happens and where it stands."""

    source: str
    target: str
    when: str
    path: str
    line: int


class Cycle(msgspec.Struct, frozen=True):
    """Modules that import each other.

    Args:
        modules: Every module of the knot, sorted.
        example: The imports of a shortest way round.
    """

    modules: tuple[str, ...]
    example: tuple[GraphEdge, ...]


class ChainStep(msgspec.Struct, frozen=True):
    """One step of a chain: a name, how it is bound there, and where."""

    symbol: str
    how: str
    path: str
    line: int


class Chain(msgspec.Struct, frozen=True):
    """A way through the tree.

    Args:
        source: Where it starts.
        target: Where it should end.
        steps: The names it leads over; empty where there is no way.
        outcome: What the last step is: `symbol`, `module`, `external`, `missing`, `unknown`.
    """

    source: str
    target: str
    steps: tuple[ChainStep, ...]
    outcome: str
