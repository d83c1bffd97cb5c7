"""Arranges a migration in waves, and applies them one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.outcome import FileOutcome, Outcome, Wave
from ssot_migrate.rewrite.ordering import in_batches, in_order
from ssot_migrate.usecases.migration.checked import (
    APPLIED,
    SKIPPED,
    UNDONE,
    Driver,
    Event,
    Handle,
    HasPath,
    Item,
    paths_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ssot_migrate.lint.project import Project
    from ssot_migrate.workspace.command import Ran

__all__ = ["Event", "is_deletion", "run_waves", "settled", "waves_of"]


def waves_of(
    project: Project, outcomes: Iterable[FileOutcome], size: int
) -> list[list[FileOutcome]]:
    """Arrange changed files in waves.

    New files come first, since others are to read them. Then come the others, what is imported
    before what imports it. What is deleted makes the last wave, importers first, whatever its
    size: modules that go together may import each other.

    Args:
        project: The project with the import graph to follow.
        outcomes: What is to be written; whatever does not change is left out.
        size: How many files a wave may have; 0 for no limit.
    """
    written = [one for one in outcomes if one.outcome is Outcome.CHANGED]
    # A file that goes need not be rewritten first.
    changed = {one.path: one for one in sorted(written, key=is_deletion)}
    new = sorted(path for path, one in changed.items() if one.is_new)
    deleted = [path for path, one in changed.items() if is_deletion(one)]
    rewritten = changed.keys() - {*new, *deleted}
    groups = [*((path,) for path in new), *in_order(project, rewritten)]
    batches = [[changed[path] for path in batch] for batch in in_batches(groups, size)]
    if deleted:
        last = [changed[path] for group in reversed(in_order(project, deleted)) for path in group]
        batches.append(last)
    return batches


def is_deletion(outcome: FileOutcome) -> bool:
    """Whether a file is to be deleted."""
    is_changed = outcome.outcome is Outcome.CHANGED
    return is_changed and outcome.after is None and not outcome.is_new


def run_waves(
    batches: Sequence[Sequence[Item]],
    commit: Callable[[Sequence[Item], str], Handle],
    undo: Callable[[Handle], object],
    check: Callable[[], Ran] | None,
    *,
    keep_going: bool = False,
    most_checks: int | None = None,
    on_event: Callable[[Event], object] = lambda _event: None,
) -> tuple[Wave, ...]:
    """Apply batch after batch, each followed by the check.

    A wave that fails its check is undone. The files at fault are searched for, and the wave is
    applied again without them. Nothing stays that the check has not passed with, whatever
    interrupts the run.

    One file at fault among n is found with about log2(n) checks, files that only fail together
    with about log2(n) for each. A wave that uses up its checks stays undone.

    What is deleted was planned for a tree in which everything else is done. So a wave with a
    deletion is skipped if anything before it did not stay.

    Args:
        batches: The changes, in order.
        commit: Applies some changes under a label.
        undo: Takes back what a commit applied.
        check: Says whether the tree is sound; None to apply without asking.
        keep_going: Whether to go on after a wave that had to be undone or to leave files out.
        most_checks: How often a wave may be checked; by default it grows with the logarithm of
            the wave's size.
        on_event: Called with each step.

    Returns:
        A wave for each batch. Those that were not begun are `skipped`.

    Raises:
        RedBaselineError: The check fails before the first wave.
    """
    driver = Driver(len(batches), commit, undo, check, on_event)
    if batches:
        driver.require_green()
    waves: list[Wave] = []
    goes_on = is_whole = True
    for number, batch in enumerate(batches, 1):
        if not goes_on or (_deletes(batch) and not is_whole):
            waves.append(Wave(number=number, paths=paths_of(batch), state=SKIPPED))
            continue
        wave, is_reliable = driver.wave(number, batch, most_checks)
        waves.append(wave)
        is_whole = is_whole and wave.state == APPLIED and not wave.culprits
        goes_on = is_reliable and (keep_going or is_whole)
    return tuple(waves)


def settled(outcomes: Iterable[FileOutcome], waves: Iterable[Wave]) -> tuple[FileOutcome, ...]:
    """The outcomes of a run's files, now that it is known what stayed of its waves.

    Whatever did not stay is refused, with the reason.
    """
    why: dict[str, str] = {}
    for wave in waves:
        if wave.state == SKIPPED:
            reason = "was not written: an earlier wave failed its check"
            why.update(dict.fromkeys(wave.paths, reason))
        elif wave.state == UNDONE:
            reason = f"was not written: the check failed with wave {wave.number}"
            why.update(dict.fromkeys(wave.paths, reason))
        reason = "the check fails with its change"
        if len(wave.culprits) > 1:
            reason += ", alone or beside another of its wave"
        why.update(dict.fromkeys(wave.culprits, reason))
    return tuple(
        msgspec.structs.replace(one, outcome=Outcome.REFUSED, why=why[one.path], after=None)
        if one.outcome is Outcome.CHANGED and one.path in why
        else one
        for one in outcomes
    )


def _deletes(changes: Iterable[HasPath]) -> bool:
    return any(isinstance(one, FileOutcome) and is_deletion(one) for one in changes)
