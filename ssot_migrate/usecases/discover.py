"""`discover`: proposes a registry for a tree, and writes it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate import catalogue
from ssot_migrate.config.load import FILE_NAME, PROJECT_FILE_NAME, find_config, load_text
from ssot_migrate.discover.proposal import Confidence, Proposal, Undecided
from ssot_migrate.discover.registry_text import registry_text
from ssot_migrate.discover.roots import LooseRoot, loose_roots
from ssot_migrate.discover.search import search
from ssot_migrate.domain.errors import ConfigError, UsageError
from ssot_migrate.domain.finding import FileError
from ssot_migrate.domain.outcome import ApplyReport, FileOutcome, Outcome
from ssot_migrate.index.index import Progress, no_progress
from ssot_migrate.lint.targets import missing_targets
from ssot_migrate.usecases.project import open_project
from ssot_migrate.usecases.writing import write_at_once

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssot_migrate.domain.errors import ConfigProblem
    from ssot_migrate.lint.project import Project
    from ssot_migrate.usecases.project import Request

_ENTRY = re.compile(r"(moves|concepts)\[(\d+)\]")

Choose = Callable[[Proposal], Proposal | None]
"""What a person makes of a proposal: itself, another one, or None to leave it out."""


class Discovered(msgspec.Struct, frozen=True, kw_only=True):
    """What is proposed.

    Args:
        root: The tree's root.
        files: Number of files looked at.
        proposals: The surest first.
        undecided: What calls for a decision, and does not say which.
        registry: The proposals as a registry that `scan` accepts.
        errors: Files that could not be read.
        notes: Sentences for people.
        run: The id that `rollback` takes; None where nothing was written.
    """

    root: Path
    files: int
    proposals: tuple[Proposal, ...]
    undecided: tuple[Undecided, ...]
    registry: str
    errors: tuple[FileError, ...] = ()
    notes: tuple[str, ...] = ()
    run: str | None = None

    @property
    def counts(self) -> dict[str, int]:
        """Number of proposals by confidence."""
        return {
            level.value: sum(one.confidence is level for one in self.proposals)
            for level in Confidence
        }


def discover(
    request: Request,
    at_least: Confidence = Confidence.POSSIBLE,
    choose: Choose | None = None,
    progress: Progress = no_progress,
) -> Discovered:
    """Propose the concepts and moves that the registry does not have.

    Args:
        request: Which project; its paths limit what proposals are about.
        at_least: Leave out what is less sure.
        choose: Asked about each proposal; what it gives is certain.
        progress: Called while long work goes on.

    Raises:
        ConfigError: The configuration is wrong.
        UsageError: A path of the request cannot be used.
    """
    with open_project(request, progress) as opened:
        project, roots = _with_roots(opened.project)
        found = search(project)
        selects = opened.selection.selects
        proposals = [
            one
            for one in found.proposals
            if selects(one.path) and one.confidence.rank <= at_least.rank
        ]
        undecided = tuple(one for one in found.undecided if selects(one.path))
        if choose is not None:
            proposals = [_accepted(one) for one in filter(None, map(choose, proposals))]
        checked, text, notes = _checked(opened.root, project, proposals, undecided, roots)
        return Discovered(
            root=opened.root,
            files=len(opened.project.paths),
            proposals=checked,
            undecided=undecided,
            registry=text,
            errors=opened.unreadable(),
            notes=(*opened.notes, *map(_told, roots), *notes),
        )


def require_no_registry(root: Path) -> None:
    """Refuse to write where a registry decides already.

    Raises:
        UsageError: With the remedy.
    """
    place = root / FILE_NAME
    if os.path.lexists(place):
        raise UsageError(
            f"{place} is there already, and is not written over: leave out --write to see what it "
            "lacks, or move it away"
        )
    if find_config(root) == root / PROJECT_FILE_NAME:
        raise UsageError(
            f"{root / PROJECT_FILE_NAME} is the registry already, and two would contradict each "
            "other: leave out --write, and take over what is proposed by hand"
        )


def write_registry(found: Discovered, *, command: Sequence[str]) -> Discovered:
    """Write the registry as one run that `rollback` takes back.

    Raises:
        UsageError: There is a registry.
        TransactionError: Nothing was written.
    """
    require_no_registry(found.root)
    outcome = FileOutcome(
        path=FILE_NAME, outcome=Outcome.CHANGED, after=found.registry.encode(), is_new=True
    )
    report = ApplyReport(root=".", files=(outcome,), looked_at=found.files)
    written = write_at_once(found.root, report, command=command, force=False)
    return msgspec.structs.replace(found, run=written.run)


def _with_roots(project: Project) -> tuple[Project, tuple[LooseRoot, ...]]:
    """The project with import roots that its imports tell of, unless the registry names some."""
    roots = () if project.registry.src else loose_roots(project)
    if not roots:
        return project, ()
    folders = dict.fromkeys((*project.roots, *(one.folder for one in roots)))
    return project.with_roots(tuple(folders)), roots


def _told(root: LooseRoot) -> str:
    return (
        f"{root.files} files import `{root.package}`, which lies in `{root.folder}`: an import "
        "root, then"
    )


def _accepted(proposal: Proposal) -> Proposal:
    return msgspec.structs.replace(
        proposal,
        confidence=Confidence.CERTAIN,
        why=(*proposal.why, f"accepted by hand ({proposal.confidence.value})"),
    )


def _checked(
    root: Path,
    project: Project,
    proposals: Sequence[Proposal],
    undecided: Sequence[Undecided],
    roots: Sequence[LooseRoot],
) -> tuple[tuple[Proposal, ...], str, tuple[str, ...]]:
    """Leave out what a registry would not accept, and say so."""
    left, check_targets = [*proposals], True
    notes: list[str] = []
    while True:
        src = tuple(folder or "." for folder in project.roots) if roots else ()
        text = registry_text(left, undecided, src=src, check_targets=check_targets)
        problems, is_missing = _problems(root, project, text)
        if not problems:
            return tuple(left), text, tuple(notes)
        if is_missing:
            check_targets = False
            continue
        wrong = {id(one) for problem in problems for one in _blamed(problem, left)}
        if not wrong:
            raise ConfigError(problems)
        notes += [f"{problem.key}: {problem.message}, so it is left out" for problem in problems]
        left = [one for one in left if id(one) not in wrong]


def _problems(root: Path, project: Project, text: str) -> tuple[tuple[ConfigProblem, ...], bool]:
    """What is wrong with a registry, and whether it is that replacements are not in the tree."""
    try:
        settings = load_text(text, root / FILE_NAME, packs=catalogue.pack)
    except ConfigError as error:
        return error.problems, False
    missing = missing_targets(project.under(settings))
    return missing, bool(missing)


def _blamed(problem: ConfigProblem, proposals: Sequence[Proposal]) -> list[Proposal]:
    """The proposals whose entries a problem names."""
    blamed = []
    for kind, number in _ENTRY.findall(problem.key):
        entries = [
            one
            for one in proposals
            if one.kind == kind[:-1] and one.confidence is not Confidence.POSSIBLE
            for _ in (one.steps if kind == "moves" else (None,))
        ]
        blamed += entries[int(number) : int(number) + 1]
    return blamed
