"""`apply`: decide, rewrite, prove, and write as one transaction."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate import catalogue
from ssot_migrate.domain.errors import UsageError
from ssot_migrate.domain.finding import Fix
from ssot_migrate.domain.outcome import ApplyReport, Cause, FileOutcome, Left, Outcome
from ssot_migrate.index.index import Progress, no_progress
from ssot_migrate.rewrite.agreement import disagreements
from ssot_migrate.rewrite.decisions import Decision, FileTask
from ssot_migrate.rewrite.moves import MoveDecider, places_of
from ssot_migrate.rewrite.pool import rewrite_all
from ssot_migrate.rewrite.sharing import names_read_elsewhere
from ssot_migrate.usecases.project import Opened, Request, open_project
from ssot_migrate.workspace.git import changed_since

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ssot_migrate.lint.project import Project
    from ssot_migrate.rewrite.engine import Rewritten

_NEEDS_UNSAFE = "the registry calls the change unsafe: `--unsafe` makes it"


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """Which changes are meant.

    Args:
        concepts: Names of concepts; empty for all of them, and the moves.
        select: Codes, prefixes or names of the rules whose findings are to be resolved.
        unsafe: Whether to make changes that the registry calls unsafe.
        strings: Kinds of strings to edit; the others are only reported.
        docs: Whether to edit documents.
        since: Only files that changed since this git revision.
    """

    concepts: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    unsafe: bool = False
    strings: frozenset[str] = frozenset()
    docs: bool = False
    since: str | None = None


def plan(request: Request, scope: Scope, progress: Progress = no_progress) -> ApplyReport:
    """Carry out a migration in memory; nothing is written.

    Raises:
        ConfigError: The configuration is wrong.
        UsageError: A path, a concept or a selector cannot be used.
    """
    with open_project(request, progress) as opened:
        return _report(opened, _outcomes(opened, scope, request.jobs, progress))


def _report(opened: Opened, outcomes: Iterable[FileOutcome]) -> ApplyReport:
    return ApplyReport(
        root=".",
        files=tuple(sorted(outcomes, key=lambda one: one.path)),
        looked_at=len(opened.project.paths),
        errors=opened.unreadable(),
        notes=opened.notes,
    )


def _outcomes(opened: Opened, scope: Scope, jobs: int, progress: Progress) -> Iterator[FileOutcome]:
    """Every file with something to say."""
    project = opened.project
    wanted = _Filter(opened, scope)
    tasks, left = _tasks(opened, wanted)
    rewritten = list(
        rewrite_all(opened.root, tasks, catalogue.codemod_names(), jobs or 2, progress)
    )
    refused = disagreements(project, rewritten)
    for one in rewritten:
        yield _settled(one, refused.get(one.outcome.path, ""), left.pop(one.outcome.path, ()))
    for path, places in left.items():
        yield FileOutcome(path=path, outcome=Outcome.UNCHANGED, left=tuple(places))


def _settled(rewritten: Rewritten, why: str, left: Sequence[Left]) -> FileOutcome:
    """An outcome after the proofs that need the whole project."""
    outcome = rewritten.outcome
    places = tuple(sorted((*outcome.left, *left), key=lambda one: (one.line, one.column)))
    if why:
        return FileOutcome(
            path=outcome.path,
            outcome=Outcome.REFUSED,
            why=why,
            edits=outcome.edits,
            left=places,
            before=outcome.before,
        )
    return msgspec.structs.replace(outcome, left=places)


def _tasks(opened: Opened, wanted: _Filter) -> tuple[list[FileTask], dict[str, Sequence[Left]]]:
    """What is to change, file by file, and what is left to a person."""
    project = opened.project
    moves = [one for one in MoveDecider(project).everywhere() if wanted.selects(one.path)]
    kept = names_read_elsewhere(project, moves)
    decisions: defaultdict[str, list[Decision]] = defaultdict(list)
    left: defaultdict[str, list[Left]] = defaultdict(list)
    for one in moves:
        left[one.path] += (place for place in one.left if wanted.names(place.cause))
        for decision in one.decisions:
            if wanted.permits(decision.cause) and wanted.names(decision.cause):
                decisions[one.path].append(decision)
            elif wanted.names(decision.cause):
                left[one.path] += _held_back(project, one.path, decision)
    tasks = [
        FileTask(
            path=path,
            digest=project.index.digest(path),
            module=project.modules.name_of(path),
            is_package=path.rpartition("/")[2] in ("__init__.py", "__init__.pyi"),
            decisions=tuple(chosen),
            kept_names=kept.get(path, frozenset()),
        )
        for path, chosen in sorted(decisions.items())
    ]
    return tasks, {path: places for path, places in left.items() if places}


def _held_back(project: Project, path: str, decision: Decision) -> Iterator[Left]:
    """The places of a change that needs the user's word."""
    for line, column in places_of(project, path, decision):
        yield Left(line=line, column=column, why=_NEEDS_UNSAFE, cause=decision.cause)


class _Filter:
    """Whether a change is meant.

    Raises:
        UsageError: There is no such concept, rule or revision.
    """

    def __init__(self, opened: Opened, scope: Scope) -> None:
        project = opened.project
        known = {concept.name for concept in project.concepts}
        for name in scope.concepts:
            if name not in known:
                listed = ", ".join(sorted(known)) or "none"
                raise UsageError(f"the registry has no concept {name!r}; it has: {listed}")
        self._concepts = frozenset(scope.concepts)
        self._codes = {rule.code for rule in catalogue.selected_rules(scope.select, ())}
        self._is_limited = bool(scope.select)
        self._scope = scope
        self._selection = opened.selection
        self._since = None if scope.since is None else _changed_since(opened, scope.since)

    def selects(self, path: str) -> bool:
        """Whether a file was asked for."""
        is_changed = self._since is None or path in self._since
        return is_changed and self._selection.selects(path)

    def names(self, cause: Cause) -> bool:
        """Whether a change for this cause was asked for."""
        if self._concepts and cause.concept not in self._concepts:
            return False
        return not self._is_limited or cause.code in self._codes

    def permits(self, cause: Cause) -> bool:
        """Whether a change may be made without asking anybody."""
        return cause.fix is Fix.SAFE or (cause.fix is Fix.UNSAFE and self._scope.unsafe)


def _changed_since(opened: Opened, revision: str) -> frozenset[str]:
    """The project's files that differ from a revision, untracked ones included."""
    changed = changed_since(opened.root, revision)
    if changed is None:
        raise UsageError(f"--since {revision}: git knows no such revision here")
    return changed & frozenset(opened.project.paths)
