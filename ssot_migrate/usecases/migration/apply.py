"""`apply`: writes a planned migration, in one wave or in several, as one run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from ssot_migrate.domain.outcome import ApplyReport, FileOutcome, Outcome
from ssot_migrate.domain.scope import Scope
from ssot_migrate.index.index import Progress, no_progress
from ssot_migrate.transaction.store import RunStore
from ssot_migrate.usecases.migration.planning import plan, plan_opened
from ssot_migrate.usecases.migration.waves import is_deletion, run_waves, settled, waves_of
from ssot_migrate.usecases.plans.follow import followed, require_fresh
from ssot_migrate.usecases.project import Opened, Request, open_project
from ssot_migrate.usecases.writing import change_of, require_committed, require_order
from ssot_migrate.workspace.command import Ran, run_command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssot_migrate.domain.outcome import Wave
    from ssot_migrate.domain.plan import MigrationPlan
    from ssot_migrate.transaction.run import Run
    from ssot_migrate.usecases.migration.checked import Event
    from ssot_migrate.usecases.migration.planning import Plan

__all__ = ["Confirm", "Scope", "Writing", "apply", "plan", "rehearse"]

Confirm: TypeAlias = Callable[[FileOutcome], FileOutcome | None]
"""Asks about a file; gives what is to be written of it, or None."""

_NOT_WANTED = "was left as it is, as asked"


class Writing(msgspec.Struct, frozen=True, kw_only=True):
    """How a plan is written.

    Args:
        force: Whether to write to files with uncommitted changes, and to read-only files.
        backup: A folder for copies of the originals, besides the journal's own.
        batch: How many files a wave may have; 0 for one wave.
        verify: A command to run after each wave, whose exit code decides whether it stays.
        timeout: After how many seconds a run of that command counts as failed; None for never.
        keep_going: Whether to go on after a wave that was undone.
    """

    force: bool = False
    backup: str | None = None
    batch: int = 0
    verify: str | None = None
    timeout: float | None = None
    keep_going: bool = False


def apply(
    request: Request,
    scope: Scope,
    writing: Writing,
    *,
    following: MigrationPlan | None = None,
    confirm: Confirm | None = None,
    progress: Progress = no_progress,
    command: Sequence[str] = (),
) -> ApplyReport:
    """Migrate a project.

    Args:
        request: Which project.
        scope: Which changes.
        writing: How they are written.
        following: A plan that says which changes are made, and in which waves.
        confirm: Asked about every file that would change; None to write them all.
        progress: Called as work goes on.
        command: The command line, for the history.

    Raises:
        ConfigError: The configuration is wrong.
        UsageError: A path, a concept or a selector cannot be used.
        TransactionError: Files have uncommitted changes, changed since they were read, or cannot
            be written; or another run is at work or unfinished. Nothing was changed, or all of it
            was brought back.
        RedBaselineError: The check fails before anything is changed.
        StalePlanError: The tree is not what it was when the plan was made.
    """
    with open_project(request, progress) as opened:
        store = RunStore(opened.root)
        require_order(store)
        planned, waves = _planned(opened, scope, following, request.jobs, progress)
        report = planned.report if confirm is None else _confirmed(planned.report, confirm)
        if not report.changed:
            return report
        if not writing.force:
            require_committed(opened.root, report)
        if waves is None:
            waves = waves_of(planned.after, report.files, writing.batch)
        with store.begin(command=command, backup=writing.backup) as run:
            done, notes = _written(opened, run, waves, writing, progress)
            files = settled(report.files, done)
            run.finish(_summary(files))
        return msgspec.structs.replace(
            report,
            files=files,
            run=run.id,
            waves=done if following or _is_told(writing) else (),
            notes=(*report.notes, *notes),
        )


def rehearse(
    request: Request,
    scope: Scope,
    following: MigrationPlan | None = None,
    progress: Progress = no_progress,
) -> ApplyReport:
    """What `apply` would do; nothing is written.

    Raises:
        ConfigError: The configuration is wrong.
        UsageError: A path, a concept or a selector cannot be used.
        StalePlanError: The tree is not what it was when the plan was made.
    """
    with open_project(request, progress) as opened:
        return _planned(opened, scope, following, request.jobs, progress)[0].report


def _planned(
    opened: Opened,
    scope: Scope,
    following: MigrationPlan | None,
    jobs: int,
    progress: Progress,
) -> tuple[Plan, list[list[FileOutcome]] | None]:
    """What is to be written, and the waves if they are decided."""
    if following is None:
        return plan_opened(opened, scope, jobs, progress), None
    require_fresh(opened, following)
    scope = msgspec.structs.replace(following.scope, force=scope.force)
    planned = plan_opened(opened, scope, jobs, progress)
    return planned, followed(opened, following, planned.report)


def _is_told(writing: Writing) -> bool:
    """Whether waves are worth a word."""
    return bool(writing.batch or writing.verify)


def _written(
    opened: Opened,
    run: Run,
    waves: Sequence[Sequence[FileOutcome]],
    writing: Writing,
    progress: Progress,
) -> tuple[tuple[Wave, ...], tuple[str, ...]]:
    """The waves as they ended, and what the user should know of the files."""
    notes: dict[str, None] = {}

    def commit(outcomes: Sequence[FileOutcome], label: str) -> int:
        wave = run.commit(map(change_of, outcomes), label=label, force=writing.force)
        notes.update(dict.fromkeys(wave.notes))
        return wave.number

    def check() -> Ran:
        return run_command(opened.root, writing.verify or "", timeout=writing.timeout)

    def tell(event: Event) -> None:
        progress(event.step.value.capitalize(), event.wave, event.waves)

    done = run_waves(
        waves,
        commit,
        run.undo,
        check if writing.verify else None,
        keep_going=writing.keep_going,
        on_event=tell,
    )
    return done, tuple(notes)


def _confirmed(report: ApplyReport, confirm: Confirm) -> ApplyReport:
    """The report with what the user wants of it."""
    files: list[FileOutcome] = []
    for one in report.files:
        if one.outcome is not Outcome.CHANGED:
            files.append(one)
            continue
        answer = confirm(one)
        files.append(
            answer
            or msgspec.structs.replace(
                one, outcome=Outcome.UNCHANGED, why=_NOT_WANTED, edits=(), after=None
            )
        )
    if any(one.why == _NOT_WANTED for one in files):
        files = [_kept(one) if is_deletion(one) else one for one in files]
    return msgspec.structs.replace(report, files=tuple(files))


def _kept(deletion: FileOutcome) -> FileOutcome:
    """A deletion that was planned for when everything else is written."""
    why = "is not deleted: a file that was left as it is may need it"
    return msgspec.structs.replace(deletion, outcome=Outcome.REFUSED, why=why)


def _summary(files: Sequence[FileOutcome]) -> dict[str, int]:
    return {outcome.value: sum(one.outcome is outcome for one in files) for outcome in Outcome} | {
        "left": sum(len(one.left) for one in files)
    }
