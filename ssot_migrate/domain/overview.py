"""The state of a whole project, complete, so that a page or a document computes nothing."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from enum import Enum

import msgspec

from ssot_migrate.domain.finding import Category, Finding
from ssot_migrate.domain.graph import GraphEdge
from ssot_migrate.domain.progress import Progress
from ssot_migrate.domain.report import ScanReport


class State(str, Enum):
    """How far the readers of a home have come."""

    DONE = "done"
    """Nothing reads an old path, and none is left in the tree."""
    UNREAD = "no reader left"
    """Nothing reads an old path any more: what is left of it can go."""
    UNDER_WAY = "under way"
    NOT_BEGUN = "not begun"
    """Nothing reads the canonical yet."""
    OVERDUE = "overdue"
    """An old path is read after its last day."""
    SINGLE = "no old path"
    """The registry names none: there is nothing to move."""


class OldPath(msgspec.Struct, frozen=True, kw_only=True):
    """A deprecated path of a home.

    Args:
        path: The path as the registry has it.
        safety: Who may rewrite its readers: `safe`, `unsafe` or `manual`.
        remove_by: The last day of its life; None if there is none.
        reason: Why it goes.
        place: Where it still is, as `path:line`; empty if it is gone.
        is_shim: Whether its module only passes names on.
        readers: Number of files that read it.
    """

    path: str
    safety: str
    remove_by: datetime.date | None
    reason: str
    place: str
    is_shim: bool
    readers: int


class Home(msgspec.Struct, frozen=True, kw_only=True):
    """A canonical and everything that it replaces: a concept, or the moves to one target.

    Args:
        number: Its place in the registry's order, from 1; names it within a page.
        name: The concept's name, or the target of the moves.
        is_concept: Whether the registry has it as a concept.
        canonical: What to read.
        place: Where that is defined, as `path:line`; empty outside of the tree.
        owner: Whom to ask.
        risk: What a mistake would cost: `low`, `medium`, `high`, `critical`; empty for moves.
        reason: Why.
        since: The day of the decision.
        remove_by: The first of the last days of the old paths that are still read, or of all.
        old: The deprecated paths.
        state: How far its readers are.
        migrated: Number of files that read the canonical and no old path.
        left: Number of files that read an old path.
        left_by_category: Those by what they are for.
        findings: Number of findings about it.
    """

    number: int
    name: str
    is_concept: bool
    canonical: str
    place: str
    owner: str
    risk: str
    reason: str
    since: datetime.date | None
    remove_by: datetime.date | None
    old: tuple[OldPath, ...]
    state: State
    migrated: int
    left: int
    left_by_category: Mapping[str, int]
    findings: int


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """A file that reads a home under one of its paths.

    Args:
        path: The file.
        lines: 1-based, sorted.
        category: What the file is for.
        owners: Who owns the file.
        home: The number of the home.
        reads: What it reads, as `module:Name`.
        use: What to read instead; empty where it reads the canonical.
        how: In which ways: `import`, `reference`, or what a string is for.
        safety: Who may rewrite it: `safe`, `unsafe`, `manual`; empty where nothing is to be done.
    """

    path: str
    lines: tuple[int, ...]
    category: Category
    owners: tuple[str, ...]
    home: int
    reads: str
    use: str
    how: tuple[str, ...]
    safety: str


class Sibling(msgspec.Struct, frozen=True, kw_only=True):
    """One of the definitions of a family.

    Args:
        kind: `canonical`, or why it belongs to the family.
        lines: How many lines it has; 0 for an alias.
        readers: How many files import it under its own name.
        evidence: Why it belongs to the family, a sentence each.
    """

    symbol: str
    path: str
    line: int
    kind: str
    lines: int
    readers: int
    evidence: tuple[str, ...]


class Cell(msgspec.Struct, frozen=True):
    """What one definition has of a member.

    Args:
        verdict: `canonical`, `same`, `differs`, `missing`, `only here`, or `not canonical` if
            others have it and the canonical does not; empty for what is no class among classes.
        signature: As its parameters are written; empty where it has none.
    """

    verdict: str
    signature: str = ""


class Row(msgspec.Struct, frozen=True):
    """A member of a family's definitions: its name, and a cell for each definition shown."""

    name: str
    cells: tuple[Cell, ...]


class Siblings(msgspec.Struct, frozen=True, kw_only=True):
    """A family of duplicates, side by side.

    Args:
        name: What to call it.
        is_concept: Whether the registry has it as a concept.
        canonical: The one to keep.
        evidence: Why it is one family.
        members: The definitions shown, the canonical first where it lies in the tree.
        hidden_members: How many more there are.
        rows: Their public members, those that differ first.
        hidden_rows: How many more there are.
    """

    name: str
    is_concept: bool
    canonical: str
    evidence: tuple[str, ...]
    members: tuple[Sibling, ...]
    hidden_members: int
    rows: tuple[Row, ...]
    hidden_rows: int


class Node(msgspec.Struct, frozen=True):
    """A module around a home; `role` is `reader`, `old path`, `canonical` or `dependency`."""

    module: str
    role: str
    category: Category


class Neighbourhood(msgspec.Struct, frozen=True, kw_only=True):
    """The imports around a home.

    Args:
        home: The number of the home.
        nodes: Module by name.
        edges: Imports between them, sorted.
        hidden: How many readers are left out.
    """

    home: int
    nodes: Mapping[str, Node]
    edges: tuple[GraphEdge, ...]
    hidden: int


class Revision(msgspec.Struct, frozen=True):
    """The commit that the tree is at.

    Args:
        commit: Its full name.
        date: When it was committed.
        is_changed: Whether files that git knows differ from it.
    """

    commit: str
    date: datetime.date
    is_changed: bool


class Shown(msgspec.Struct, frozen=True):
    """A finding with what a reader wants to see beside it.

    Args:
        known: `baseline` or `comment` if it does not count.
        reason: The reason that was given for that.
        owners: Who owns the file.
        excerpt: Lines of source by 1-based number.
    """

    finding: Finding
    known: str
    reason: str
    owners: tuple[str, ...]
    excerpt: Mapping[int, str]


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """The state of a project.

    Args:
        title: What the report is called.
        registry: The registry's name; empty where there is none.
        revision: The commit; None outside of git.
        day: The day that deadlines are held against, where it was set.
        scan: What `scan` found.
        homes: The concepts in the registry's order, then the moves by target.
        readers: Files that read them, those with something to do first.
        hidden_readers: How many more there are: with something to do, and without.
        left: Number of files that read an old path of any home.
        migrated: Number of files that read a canonical and no old path.
        families: Families of duplicates.
        hidden_families: How many more there are.
        graphs: The imports around homes.
        hidden_graphs: Around how many more homes there are imports.
        findings: Findings, those that count first.
        hidden_findings: How many more there are.
        by_owner: Findings by owner of the file; empty where nobody owns any.
        progress: Findings over the history, if given.
        notes: What the reader should know, a sentence each.
    """

    title: str
    registry: str
    revision: Revision | None
    day: datetime.date | None
    scan: ScanReport
    homes: tuple[Home, ...]
    readers: tuple[Reader, ...]
    hidden_readers: tuple[int, int]
    left: int
    migrated: int
    families: tuple[Siblings, ...]
    hidden_families: int
    graphs: tuple[Neighbourhood, ...]
    hidden_graphs: int
    findings: tuple[Shown, ...]
    hidden_findings: int
    by_owner: Mapping[str, int]
    progress: Progress | None
    notes: tuple[str, ...] = ()

    def home(self, number: int) -> Home:
        """The home of that number."""
        return self.homes[number - 1]
