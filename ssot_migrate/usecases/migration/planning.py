"""Plans a migration: decides with the project in view, rewrites in memory, proves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence, Set
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from ssot_migrate import catalogue
from ssot_migrate.domain.outcome import ApplyReport, FileOutcome, Left, Outcome, Skipped
from ssot_migrate.index.index import Progress, default_jobs, no_progress
from ssot_migrate.lint.call_proof import CALL_MISMATCH, CallProof
from ssot_migrate.lint.project import Project
from ssot_migrate.lint.strings.kinds import StringKind
from ssot_migrate.resolve.resolution import Kind
from ssot_migrate.rewrite import kept
from ssot_migrate.rewrite.accepted import with_fitting_calls
from ssot_migrate.rewrite.agreement import Agreement
from ssot_migrate.rewrite.calls import decide_calls
from ssot_migrate.rewrite.decisions import (
    AddImport,
    Decision,
    FileTask,
    MoveImport,
    MoveReference,
    RenameCall,
    ReplaceCode,
)
from ssot_migrate.rewrite.engine import Rewritten
from ssot_migrate.rewrite.moves import MoveDecider, Moves
from ssot_migrate.rewrite.patterns import decide_patterns
from ssot_migrate.rewrite.plugged import Decider, decide_plugged, unsettled
from ssot_migrate.rewrite.pool import rewrite_all
from ssot_migrate.rewrite.sharing import names_read_elsewhere
from ssot_migrate.rewrite.strings import decide_strings
from ssot_migrate.rewrite.text_files import decide_text_files, rewrite_text
from ssot_migrate.usecases.migration.delete import plan_deletions
from ssot_migrate.usecases.migration.wanted import Wanted
from ssot_migrate.usecases.project import Opened, Request, open_project
from ssot_migrate.workspace.source import Contents

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ssot_migrate.domain.scope import Scope

Rewriting: TypeAlias = Callable[
    [Contents, Sequence[FileTask], Sequence[str], int, Progress], Iterable[Rewritten]
]
"""Carries out tasks with the codemods of that name, as `rewrite_all` does."""

_WRITABLE = 0o222


class Plan(msgspec.Struct, frozen=True):
    """What is to be written.

    Args:
        report: The outcomes, as they are if everything is written.
        after: The project as it will be.
    """

    report: ApplyReport
    after: Project


def plan(
    request: Request,
    scope: Scope,
    progress: Progress = no_progress,
    rewriting: Rewriting = rewrite_all,
    deciders: Sequence[Decider] | None = None,
) -> ApplyReport:
    """Carry out a migration in memory; nothing is written.

    Args:
        request: Which project.
        scope: Which changes.
        progress: Called as files are done.
        rewriting: What carries the changes out, file by file.
        deciders: Codemods that say what else is to change; those of plug-ins if None.

    Raises:
        ConfigError: The configuration is wrong.
        UsageError: A path, a concept or a selector cannot be used.
        PlugInError: A plug-in cannot be used.
    """
    with open_project(request, progress) as opened:
        return plan_opened(opened, scope, request.jobs, progress, rewriting, deciders).report


def plan_opened(
    opened: Opened,
    scope: Scope,
    jobs: int = 0,
    progress: Progress = no_progress,
    rewriting: Rewriting = rewrite_all,
    deciders: Sequence[Decider] | None = None,
) -> Plan:
    """The same for a project that is open; the plan holds as long as it is.

    Raises:
        UsageError: A concept, a selector or a revision cannot be used.
    """
    wanted = Wanted(opened, scope)
    codemods, jobs = catalogue.codemod_names(), jobs or default_jobs()
    guests = catalogue.deciders() if deciders is None else deciders
    known = _codes().values() if deciders is None else None
    contents, unmoved = opened.project.index.contents, frozenset[str]()
    while True:
        tasks, left = _tasks(
            opened, wanted, scope, unmoved, decide_plugged(opened.project, guests, known)
        )
        rewritten = list(rewriting(contents, tasks, codemods, jobs, progress))
        agreement = Agreement(opened.project, rewritten)
        refused = _refused(agreement, rewritten, left, wanted)
        refused |= unsettled(opened.project, guests, rewritten, wanted.makes)
        # A mock target moves with those who read its name, and not without them.
        if refused.keys() <= unmoved or StringKind.MOCK.value not in scope.strings:
            break
        unmoved |= refused.keys()
    outcomes = [
        _settled(one, refused.get(one.outcome.path, ""), left.pop(one.outcome.path, ()))
        for one in rewritten
    ]
    outcomes += (
        _with_left(FileOutcome(path=path, outcome=Outcome.UNCHANGED), places)
        for path, places in left.items()
    )
    outcomes += _unparsable(opened, wanted)
    outcomes += _texts(opened, wanted, scope)
    if not scope.force:
        outcomes = [_writable(opened.root, one) for one in outcomes]
    stays = {one.path for one in outcomes if one.outcome is Outcome.REFUSED}
    after = agreement.after(without=stays)
    notes = opened.notes
    if scope.delete:
        deletions = plan_deletions(after, scope.concepts)
        gone = {one.path for one in deletions.outcomes if one.outcome is Outcome.CHANGED}
        outcomes = [one for one in outcomes if one.path not in gone]
        outcomes += deletions.outcomes
        notes += deletions.notes
    report = ApplyReport(
        root=".",
        files=tuple(sorted(filter(_says_something, outcomes), key=lambda one: one.path)),
        looked_at=len(opened.project.paths),
        errors=opened.unreadable(),
        notes=(*notes, *_about_comments(outcomes)),
    )
    return Plan(report, after)


def _about_comments(outcomes: Sequence[FileOutcome]) -> Iterator[str]:
    """How many places comments keep, and what to do about it."""
    if count := sum(len(one.skipped) for one in outcomes):
        yield f"{kept.told(count)}; --no-suppressions heeds no comment"


def _refused(
    agreement: Agreement,
    rewritten: Sequence[Rewritten],
    left: Mapping[str, Sequence[Left]],
    wanted: Wanted,
) -> dict[str, str]:
    """Why files stay as they are: by their own proofs, or by those of all files together."""
    held = {(path, place.cause.symbol) for path, places in left.items() for place in places} | {
        (one.outcome.path, place.cause.symbol) for one in rewritten for place in one.outcome.left
    }
    found = agreement.refusals(
        lambda path, cause: wanted.makes(cause) and (path, cause.symbol) not in held
    )
    alone = (one.outcome for one in rewritten if one.outcome.outcome is Outcome.REFUSED)
    return {one.path: one.why for one in alone} | dict(found)


def _says_something(outcome: FileOutcome) -> bool:
    return outcome.outcome is not Outcome.UNCHANGED or bool(outcome.left or outcome.skipped)


def _writable(root: Path, outcome: FileOutcome) -> FileOutcome:
    """The outcome, or a refusal if the file is read-only."""
    if outcome.outcome is not Outcome.CHANGED or outcome.is_new:
        return outcome
    with suppress(OSError):
        if not (root / outcome.path).stat().st_mode & _WRITABLE:
            why = "is read-only (`chmod u+w` it, or `--force`)"
            return msgspec.structs.replace(outcome, outcome=Outcome.REFUSED, why=why, after=None)
    return outcome


def _settled(rewritten: Rewritten, why: str, left: Sequence[Left]) -> FileOutcome:
    """An outcome after the proofs that need the whole project."""
    outcome = rewritten.outcome
    if why:
        outcome = msgspec.structs.replace(outcome, outcome=Outcome.REFUSED, why=why, after=None)
    return _with_left(outcome, left)


def _with_left(outcome: FileOutcome, left: Sequence[Left]) -> FileOutcome:
    """An outcome with what is left in its file, to a person or as a comment asks."""
    places = sorted({*outcome.left, *left}, key=lambda one: (one.line, one.column, one.why))
    return msgspec.structs.replace(
        outcome,
        left=tuple(one for one in places if not isinstance(one, Skipped)),
        skipped=tuple(one for one in places if isinstance(one, Skipped)),
    )


def _unparsable(opened: Opened, wanted: Wanted) -> Iterator[FileOutcome]:
    """Files that spell what is deprecated and that no parser reads."""
    for error in opened.unparsable():
        if wanted.selects(error.path):
            yield FileOutcome(path=error.path, outcome=Outcome.REFUSED, why=error.message)


def _texts(opened: Opened, wanted: Wanted, scope: Scope) -> Iterator[FileOutcome]:
    """Settings and documents, which no codemod reads."""
    if opened.selection.is_source:
        return
    for file in decide_text_files(opened.project, scope.strings, docs=scope.docs):
        if wanted.selects(file.path):
            edits = tuple(one for one in file.edits if wanted.names(one.cause))
            left = tuple(one for one in file.left if wanted.names(one.cause))
            chosen = msgspec.structs.replace(file, edits=edits, left=left)
            yield rewrite_text(opened.root, chosen, wanted.makes)


def _tasks(
    opened: Opened,
    wanted: Wanted,
    scope: Scope,
    unmoved: frozenset[str],
    plugged: Mapping[str, Sequence[Decision | Left]],
) -> tuple[list[FileTask], dict[str, Sequence[Left]]]:
    """What is to change, file by file, and what is left to a person."""
    project = opened.project
    # Every part asks about these files: what all of them need is read at once.
    project.naming(project.deprecations.paths, uses=True)
    proof = CallProof(project)
    decisions = with_fitting_calls(project, proof, MoveDecider(project, wanted.kept).everywhere())
    moves = [wanted.sifted(one) for one in decisions]
    decided: defaultdict[str, list[Decision | Left]] = defaultdict(list)
    for one in moves:
        decided[one.path] += (*one.decisions, *one.left)
    moving = [one for one in moves if one.path not in unmoved]
    others: Iterable[Mapping[str, Sequence[Decision | Left]]] = (
        decide_strings(project, scope.strings, docs=scope.docs, moves=moving),
        decide_calls(
            project, proof, [one.path for one in moves if _may_change_calls(project, one)]
        ),
        decide_patterns(project, _codes(), proof.values),
        plugged,
    )
    moved = {one.cause.symbol for each in moving for one in each.decisions}
    concepts = {one.cause.concept for each in moving for one in each.decisions}
    for found in others:
        for path, several in found.items():
            decided[path] += (_with_its_moves(one, moved, concepts) for one in several)
    read_elsewhere = names_read_elsewhere(project, moves)
    tasks: list[FileTask] = []
    left: dict[str, Sequence[Left]] = {}
    for path, several in sorted(decided.items()):
        chosen, places = wanted.divided(path, several)
        chosen, alone = _accompanied(project, path, chosen)
        if places or alone:
            left[path] = (*places, *alone)
        if chosen:
            tasks.append(
                FileTask(
                    path=path,
                    digest=project.index.digest(path),
                    module=project.modules.name_of(path),
                    is_package=path.rpartition("/")[2] in ("__init__.py", "__init__.pyi"),
                    decisions=chosen,
                    kept_names=read_elsewhere.get(path, frozenset()),
                )
            )
    return tasks, left


def _with_its_moves(
    one: Decision | Left, moved: Set[str | None], concepts: Set[str | None]
) -> Decision | Left:
    """A decision, or that it is left if a class does not move which it counts on."""
    if isinstance(one, RenameCall) and one.along == () and one.cause.concept not in concepts:
        return _alone(one)
    if not isinstance(one, (ReplaceCode, AddImport)) or set(one.moving) <= moved:
        return one
    names = " and ".join(f"`{name}`" for name in one.moving if name not in moved)
    line, column = (
        (one.above, 1) if isinstance(one, AddImport) else (one.span.line, one.span.column)
    )
    why = f"{names} must be replaced first, or in the same run"
    return Left(line=line, column=column, why=why, cause=one.cause)


def _alone(one: RenameCall) -> Left:
    why = "its class must be replaced first, or in the same run"
    return Left(line=one.span.line, column=one.span.column, why=why, cause=one.cause)


def _codes() -> dict[str, str]:
    """The codes of the rules, by name."""
    return {rule.name(): rule.code for rule in catalogue.all_rules()}


def _may_change_calls(project: Project, moves: Moves) -> bool:
    """Whether something that moves in a file has two definitions, or methods that are renamed."""
    for _reference, _statement, resolution in project.references(moves.path):
        found = project.deprecations.first(resolution) if moves.decisions else None
        if found is not None:
            new = project.resolver.path(found[2].canonical)
            is_twice = resolution.kind is new.kind is Kind.SYMBOL
            match = project.deprecations.match(resolution.symbol)
            concept = project.concept(match.replacement.concept) if match else None
            if (is_twice and resolution.symbol != new.symbol) or (concept and concept.methods):
                return True
    return False


def _accompanied(
    project: Project, path: str, decisions: Sequence[Decision]
) -> tuple[tuple[Decision, ...], tuple[Left, ...]]:
    """Decisions without those about calls of what is not moved after all, and these."""
    imports = {one.index for one in decisions if isinstance(one, MoveImport)}
    chains = {(o.imported, o.path): o for o in decisions if isinstance(o, MoveReference)}
    uses = project.index.uses(path)
    moved = {
        (use.line, use.column)
        for use in (uses.references if uses is not None else ())
        if use.imported in imports
        or ((chain := chains.get((use.imported, use.path))) is not None and chain.moves(use))
    }
    kept: list[Decision] = []
    left: list[Left] = []
    for one in decisions:
        if not isinstance(one, RenameCall):
            kept.append(one)
        elif not set(one.along or ()) <= moved:
            left.append(_alone(one))
        elif one.cause.code != CALL_MISMATCH or (one.span.line, one.span.column) in moved:
            kept.append(one)
    return tuple(kept), tuple(left)
