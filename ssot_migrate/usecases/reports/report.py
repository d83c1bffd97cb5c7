"""`report`: the state of a whole project, from what the other commands know."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.finding import Severity
from ssot_migrate.domain.overview import Overview, Revision, Shown
from ssot_migrate.index.index import Progress, no_progress
from ssot_migrate.lint.clock import today
from ssot_migrate.usecases.gate.scan import Gate, chosen_rules, errors_of, excerpts_of, scan_opened
from ssot_migrate.usecases.project import Request, open_project
from ssot_migrate.usecases.reports.families import siblings
from ssot_migrate.usecases.reports.graph import neighbourhoods
from ssot_migrate.usecases.reports.homes import decided, homes_of, readers_of
from ssot_migrate.usecases.trends.progress_file import read_progress
from ssot_migrate.workspace import git
from ssot_migrate.workspace.commits import current
from ssot_migrate.workspace.owners import Owners, prefix_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ssot_migrate.domain.overview import Reader
    from ssot_migrate.domain.report import ScanReport
    from ssot_migrate.lint.project import Project

MOST_READERS = 3_000
MOST_FINDINGS = 800
_EPOCH = "SOURCE_DATE_EPOCH"


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a report is to hold.

    Args:
        title: What it is called.
        gate: Which findings count.
        progress: A report of `progress` as JSON; None to leave the history out.
    """

    title: str
    gate: Gate = Gate()
    progress: Path | None = None


def overview(request: Request, wish: Wish, progress: Progress = no_progress) -> Overview:
    """Look at a project as a whole; nothing but the cache is written.

    What there is too much of is left out from the end, and its number is told.

    Raises:
        ConfigError: The configuration is wrong.
        UsageError: A selector, the baseline or the history cannot be used.
    """
    history = None if wish.progress is None else read_progress(wish.progress)
    with open_project(request, progress) as opened:
        project, root = opened.project, opened.root
        # A baseline that may be written is made shorter where it is stale.
        scan = scan_opened(opened, request, msgspec.structs.replace(wish.gate, locked=True))
        owners = _owners(root)
        decisions = decided(project)
        readers = readers_of(project, decisions, owners)
        left = {reader.path for reader in readers if reader.use}
        by_concept = Counter(one.concept for one in scan.findings if one.concept)
        homes = homes_of(project, decisions, readers, by_concept)
        all_findings = (*scan.findings, *(one.finding for one in scan.silenced))
        told = {(one.symbol, one.canonical) for one in all_findings}
        families, hidden_families = siblings(project, told)
        graphs, hidden_graphs = neighbourhoods(project, homes, readers)
        rules = chosen_rules(opened, wish.gate)
        # All that was asked besides may have read more files than the rules did.
        scan = msgspec.structs.replace(scan, errors=errors_of(opened, rules, wish.gate))
        source = project.settings.source
        return Overview(
            title=wish.title,
            registry="" if source is None else source.name,
            revision=_revision(root),
            day=today() if os.environ.get(_EPOCH) else None,
            scan=scan,
            homes=homes,
            readers=readers[:MOST_READERS],
            hidden_readers=_hidden(readers[MOST_READERS:]),
            left=len(left),
            migrated=len({reader.path for reader in readers} - left),
            families=families,
            hidden_families=hidden_families,
            graphs=graphs,
            hidden_graphs=hidden_graphs,
            findings=tuple(_shown(project, scan, owners)),
            hidden_findings=max(0, len(all_findings) - MOST_FINDINGS),
            by_owner=_by_owner(scan, owners),
            progress=history,
            notes=scan.notes,
        )


def _owners(root: Path) -> Callable[[str], tuple[str, ...]]:
    """Who owns a file, as the last commit has it."""
    known = Owners.at(root, "HEAD", prefix_of(root))
    return (lambda _path: ()) if known is None else known.of


def _by_owner(scan: ScanReport, owners: Callable[[str], tuple[str, ...]]) -> dict[str, int]:
    counts = Counter(owner for one in scan.findings for owner in owners(one.path))
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _revision(root: Path) -> Revision | None:
    commit = current(root)
    if commit is None:
        return None
    # What git does not know, as this report itself, says nothing about the tree.
    return Revision(commit.name, commit.date, bool(git.differing(root, "HEAD")))


def _hidden(readers: Sequence[Reader]) -> tuple[int, int]:
    left = sum(bool(reader.use) for reader in readers)
    return left, len(readers) - left


def _shown(
    project: Project, scan: ScanReport, owners: Callable[[str], tuple[str, ...]]
) -> Iterator[Shown]:
    """The findings that there is room for: those that count, the most severe first."""
    ranks = list(Severity)
    counting = [(one, "", "") for one in scan.findings]
    known = [(one.finding, one.by.value, one.reason) for one in scan.silenced]
    every = sorted(counting, key=lambda one: ranks.index(one[0].severity)) + known
    wanted = every[:MOST_FINDINGS]
    excerpts = excerpts_of(project.index.contents, [finding for finding, _, _ in wanted])
    for finding, by, reason in wanted:
        first, last = finding.line - 1, max(finding.end_line, finding.line) + 1
        lines = excerpts.get(finding.path, {})
        own = {number: lines[number] for number in lines if first <= number <= last}
        yield Shown(finding, by, reason, owners(finding.path), own)
