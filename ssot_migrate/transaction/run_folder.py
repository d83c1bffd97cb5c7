"""A run's folder: its journal, the contents that it keeps, and its transactions."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from ssot_migrate.transaction.carry_out import Returned, Transaction
from ssot_migrate.transaction.errors import DamagedRunError, Problem, explained, unfinished
from ssot_migrate.transaction.history import (
    interrupted_plan,
    next_number,
    plans_in_force,
    record_of,
)
from ssot_migrate.transaction.images import Images
from ssot_migrate.transaction.planning import plan_return
from ssot_migrate.transaction.records import Begun, Finished, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ssot_migrate.transaction.carry_out import Contents
    from ssot_migrate.transaction.fileops import FileOps
    from ssot_migrate.transaction.history import RunRecord
    from ssot_migrate.transaction.journal import Journal
    from ssot_migrate.transaction.records import Planned, Record


class RunFolder:
    """A run on the disk; whoever changes it holds the lock.

    Args:
        ops: What changes the file system.
        root: The root, itself without links.
        folder: The run's folder.
        shown: The run's folder as the user knows it.
        journal: Its journal.
    """

    def __init__(self, ops: FileOps, root: str, folder: str, shown: str, journal: Journal) -> None:
        begun = journal.records[0]
        if not isinstance(begun, Begun):
            raise DamagedRunError((Problem(shown, "has a journal that does not begin"),))
        self.begun = begun
        self.folder = folder
        self._ops = ops
        self._root = root
        self._journal = journal
        self._images = Images(ops, folder, shown)

    @property
    def records(self) -> tuple[Record, ...]:
        """What its journal says."""
        return self._journal.records

    @property
    def record(self) -> RunRecord:
        """What became of it so far."""
        return record_of(self.begun, self.records)

    def carry_out(self, plan: Planned, content: Contents | None = None) -> None:
        """Carry out a transaction, all of it or nothing.

        Args:
            plan: What is to be done.
            content: Finds the new contents; without it, they are those that the run keeps.

        Raises:
            UnfinishedRunError: It failed, and so did bringing the files back.
            TransactionError: It failed, and the files are what they were.
        """
        self._transaction(plan).carry_out(content or self._images.read)

    def require_order(self) -> None:
        """See to it that no transaction is interrupted.

        Raises:
            UnfinishedRunError: One is, and has to be settled first.
        """
        if interrupted_plan(self.records) is not None:
            raise unfinished(self.begun.id)

    def settle(self, *, force: bool = False) -> Returned:
        """Bring the files of an interrupted transaction back, if there is one.

        Raises:
            EditedError: Somebody edited one since, and there is no force.
            TransactionError: It cannot be done; it can be tried again.
        """
        plan = interrupted_plan(self.records)
        return Returned() if plan is None else self._transaction(plan).take_back(force=force)

    def give_back(self, kind: Kind, plans: Sequence[Planned], *, force: bool = False) -> Returned:
        """Take back transactions that were committed.

        Raises:
            EditedError: Somebody edited a file since, and there is no force.
            TransactionError: It failed, and the files are what they were.
        """
        self.require_order()
        number = next_number(self.records)
        plan, edited = plan_return(self._root, self.begun.id, number, kind, plans, force=force)
        self.carry_out(plan)
        return Returned(tuple(sorted(step.path for step in plan.steps)), edited)

    def in_force(self) -> tuple[Planned, ...]:
        """The waves whose changes are in the tree, in order."""
        return plans_in_force(self.records)

    def finish(self, *, completed: bool, summary: Mapping[str, int]) -> None:
        """Write that the run is over, unless that was written before."""
        if not any(isinstance(record, Finished) for record in self.records):
            record = Finished(ended=now(), completed=completed, summary=dict(summary))
            with explained(self.begun.id):
                self._journal.append(record)

    def close(self) -> None:
        """Let go of the journal."""
        self._journal.close()

    def _transaction(self, plan: Planned) -> Transaction:
        backup = self.begun.backup if plan.kind is Kind.APPLY else None
        return Transaction(
            self._ops, self._root, self.begun.id, self._journal, self._images, plan, backup
        )


def now() -> str:
    """The time as journals have it, in UTC."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def id_at(moment: datetime) -> str:
    """An id of which the later one sorts behind the earlier one."""
    return f"{moment:%Y%m%d-%H%M%S}-{moment.microsecond * 0x10000 // 1_000_000:04x}"


def free_id(folder: str) -> str:
    """An id that no run in a folder has."""
    moment = datetime.now(timezone.utc)
    while os.path.lexists(os.path.join(folder, id_at(moment))):
        moment += timedelta(microseconds=16)
    return id_at(moment)
