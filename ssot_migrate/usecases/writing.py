"""Writes what was planned, after a look at whether git and earlier runs allow it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.outcome import ApplyReport, FileOutcome, Outcome
from ssot_migrate.transaction.change import Change, digest_of
from ssot_migrate.transaction.errors import Problem, TransactionError, unfinished
from ssot_migrate.transaction.store import RunStore
from ssot_migrate.transaction.uncommitted import uncommitted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def change_of(outcome: FileOutcome) -> Change:
    """The change that makes a file what its outcome says."""
    before = None if outcome.is_new else digest_of(outcome.before)
    return Change(outcome.path, before, outcome.after)


def require_order(store: RunStore) -> None:
    """Raise if a run was interrupted: what is planned would start from half of it.

    Raises:
        UnfinishedRunError: With the run's id.
    """
    for record in store.unfinished():
        raise unfinished(record.id)


def require_committed(root: Path, report: ApplyReport) -> None:
    """Raise if git does not have what a file holds now.

    Raises:
        TransactionError: With the files.
    """
    found = uncommitted(root, [one.path for one in report.changed if not one.is_new])
    if found is None or not found.paths:
        return
    unknown = frozenset(found.untracked)
    raise TransactionError(
        tuple(
            Problem(path, "is not known to git" if path in unknown else "has uncommitted changes")
            for path in found.paths
        ),
        "commit or stash them first, or take --force: `rollback` brings them back all the same",
    )


def write_at_once(
    root: Path, report: ApplyReport, *, command: Sequence[str], force: bool
) -> ApplyReport:
    """Write everything that a report has, as one run of one wave; gives the report with its id.

    Args:
        root: The project's root.
        report: What was planned.
        command: The command line, for the history.
        force: Whether to write to files with uncommitted changes, and to read-only files.

    Raises:
        TransactionError: Nothing was changed, or all of it was brought back.
    """
    if not report.changed:
        return report
    store = RunStore(root)
    require_order(store)
    if not force:
        require_committed(root, report)
    with store.begin(command=command) as run:
        run.commit(map(change_of, report.changed), force=force)
        run.finish({Outcome.CHANGED.value: len(report.changed)})
    return msgspec.structs.replace(report, run=run.id)
