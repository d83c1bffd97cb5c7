"""An open run: waves are committed and undone, and in the end it is finished."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ssot_migrate.transaction.errors import Problem, TransactionError
from ssot_migrate.transaction.history import next_number, wave_of
from ssot_migrate.transaction.planning import plan_changes
from ssot_migrate.transaction.records import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import TracebackType

    from ssot_migrate.transaction.change import Change
    from ssot_migrate.transaction.history import RunRecord, WaveRecord
    from ssot_migrate.transaction.lock import Lock
    from ssot_migrate.transaction.run_folder import RunFolder


class Run:
    """A run that holds the lock of its root until the `with` block ends.

    A block that ends without `finish` leaves an interrupted run: its waves stay in force, and can
    be rolled back.

    Args:
        root: The root, itself without links.
        store: The folder of the runs.
        folder: The run's folder.
        lock: The lock, which the run releases.
    """

    def __init__(self, root: str, store: str, folder: RunFolder, lock: Lock) -> None:
        self._root = root
        self._store = store
        self._folder = folder
        self._lock = lock

    @property
    def id(self) -> str:
        """The run's id."""
        return self._folder.begun.id

    @property
    def record(self) -> RunRecord:
        """What the run did so far."""
        return self._folder.record

    def commit(
        self, changes: Iterable[Change], *, label: str = "", force: bool = False
    ) -> WaveRecord:
        """Change files as one wave: all of them, or none.

        Args:
            changes: What is to become of the files.
            label: A name for the wave.
            force: Whether to replace and delete files that are read-only.

        Raises:
            UnfinishedRunError: It failed, or one before it, and so did bringing the files back.
            TransactionError: A file is not what it was when its change was planned, or cannot be
                changed. The files are what they were, and the run can go on.
        """
        self._folder.require_order()
        number = next_number(self._folder.records)
        draft = plan_changes(self._root, self._store, number, label, changes, force=force)
        self._folder.carry_out(draft.plan, draft.contents.__getitem__)
        return wave_of(draft.plan, is_in_force=True, notes=draft.notes)

    def undo(self, wave: int, *, force: bool = False) -> tuple[str, ...]:
        """Bring back the files of a wave.

        Args:
            wave: Its number.
            force: Whether to bring back what somebody edited since; the edits are kept in the run.

        Returns:
            The paths that were brought back.

        Raises:
            EditedError: Somebody, or a later wave, changed a file since; nothing was changed.
            TransactionError: There is no such wave in force, or it failed; nothing was changed.
        """
        plans = [plan for plan in self._folder.in_force() if plan.number == wave]
        if not plans:
            reason = f"no wave {wave} of the run {self.id} is in force"
            raise TransactionError((Problem("", reason),))
        return self._folder.give_back(Kind.UNDO, plans, force=force).paths

    def finish(self, summary: Mapping[str, int] | None = None) -> RunRecord:
        """Say that the run came to its end.

        Args:
            summary: What the caller counted, for the history.
        """
        self._folder.finish(completed=True, summary=summary or {})
        return self._folder.record

    def __enter__(self) -> Run:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            # What cannot be put in order now, a recovery does.
            with suppress(TransactionError):
                self._folder.settle()
                self._folder.finish(completed=False, summary={})
        finally:
            try:
                self._folder.close()
            finally:
                self._lock.release()
