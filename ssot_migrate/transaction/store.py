"""The runs of a root: begun, recovered, rolled back and told of."""

from __future__ import annotations

import os
import re
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate._version import __version__
from ssot_migrate.transaction.errors import (
    DamagedRunError,
    EditedError,
    Problem,
    TransactionError,
    explained,
    unfinished,
)
from ssot_migrate.transaction.fileops import FileOps
from ssot_migrate.transaction.history import RunRecord, RunState
from ssot_migrate.transaction.images import IMAGES
from ssot_migrate.transaction.journal import Journal, read_journal
from ssot_migrate.transaction.lock import Lock
from ssot_migrate.transaction.places import STORE
from ssot_migrate.transaction.records import FORMAT, ID_PATTERN, Begun, Kind
from ssot_migrate.transaction.run import Run
from ssot_migrate.transaction.run_folder import RunFolder, free_id, now
from ssot_migrate.transaction.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ssot_migrate.transaction.records import Planned

_RUNS = "runs"
_NEW = ".new"
_ID = re.compile(ID_PATTERN)


class RolledBack(msgspec.Struct, frozen=True):
    """What a rollback, or a recovery, brought back.

    Args:
        run: The run as it is now.
        paths: The files that are again what they were, sorted.
        kept: Those of them that somebody had edited; the edited contents are in `folder`.
        folder: The run's folder with old contents, as the user knows it.
    """

    run: RunRecord
    paths: tuple[str, ...]
    kept: tuple[str, ...]
    folder: str


class RunStore:
    """The folder `.ssot_migrate` of a root.

    Args:
        root: The root of the project.
        ops: What changes the file system; the system itself unless a test wants to see it fail.
    """

    def __init__(self, root: str | Path, ops: FileOps | None = None) -> None:
        self._root = os.path.realpath(root)
        self._folder = os.path.join(self._root, STORE)
        self._runs = os.path.join(self._folder, _RUNS)
        self._ops = FileOps() if ops is None else ops

    def begin(self, *, command: Sequence[str], backup: str | Path | None = None) -> Run:
        """Open a run; it holds the lock until its `with` block ends.

        Args:
            command: The command line, for the history.
            backup: A folder, empty or yet to be made, to which originals are copied as well.

        Raises:
            LockedError: Another run is at work on this root.
            UnfinishedRunError: A run was interrupted and is to be rolled back first.
            TransactionError: The store or the backup cannot be used.
        """
        kept = None if backup is None else _usable_backup(os.path.realpath(backup))
        self._make_folder(self._folder, STORE)
        lock = self._lock(command)
        try:
            self._make_folder(self._runs, f"{STORE}/{_RUNS}")
            self._tidy()
            for record in self.unfinished():
                raise unfinished(record.id)
            return Run(self._root, self._folder, self._create(tuple(command), kept), lock)
        except BaseException:
            lock.release()
            raise

    def unfinished(self) -> tuple[RunRecord, ...]:
        """The runs that a crash interrupted, newest first; one that is at work looks the same.

        Raises:
            TransactionError: The store cannot be used.
        """
        return tuple(record for record in self.history() if record.state is RunState.UNFINISHED)

    def history(self) -> tuple[RunRecord, ...]:
        """All runs, newest first; damaged ones among them.

        Raises:
            TransactionError: The store cannot be used.
        """
        return tuple(map(self._told, self._ids()))

    def recover(self, run: str, *, force: bool = False) -> RolledBack:
        """Put a run in order that was interrupted: its last transaction becomes all old.

        Transactions that were committed stay.

        Args:
            run: Its id.
            force: Whether to bring back what somebody edited since; the edits are kept in the run.

        Raises:
            LockedError: Another run is at work on this root.
            EditedError: Somebody edited a file since; nothing was changed.
            DamagedRunError: The run is not known, or its journal or contents are damaged.
            TransactionError: It failed; it can be tried again.
        """
        with self._opened(run, ("recover", run)) as folder:
            return self._recovered(folder, force=force)

    def rollback(
        self, run: str | None = None, *, since: str = "", force: bool = False
    ) -> RolledBack:
        """Bring back every file of a run, which is put in order first.

        Args:
            run: Its id; without it, the newest that is in force or unfinished.
            since: Label of the first wave to take back; empty for all.
            force: Whether to bring back what somebody edited since; the edits are kept in the run.

        Raises:
            LockedError: Another run is at work on this root.
            EditedError: Somebody edited files since; nothing was changed.
            DamagedRunError: The run is not known, or its journal or contents are damaged.
            TransactionError: There is nothing to roll back, or it failed; nothing was changed.
        """
        chosen = self._newest() if run is None else run
        with self._opened(chosen, ("rollback", chosen)) as folder:
            was_unfinished = folder.record.state is RunState.UNFINISHED
            recovered = self._recovered(folder, force=force)
            plans = folder.in_force()
            if not plans:
                if was_unfinished:
                    return recovered
                rolled = recovered.run.state is RunState.ROLLED_BACK
                reason = "was rolled back already" if rolled else "has nothing in force"
                raise TransactionError((Problem("", f"the run {chosen} {reason}"),))
            going = _from_label(plans, since)
            if not going:
                reason = f"the run {chosen} has no {since} in force"
                raise TransactionError((Problem("", reason),))
            kind = Kind.ROLLBACK if len(going) == len(plans) else Kind.UNDO
            try:
                returned = folder.give_back(kind, going, force=force)
            except EditedError as error:
                raise self._with_later_runs(chosen, error) from None
            return RolledBack(
                run=folder.record,
                paths=tuple(sorted({*returned.paths, *recovered.paths})),
                kept=tuple(sorted({*returned.kept, *recovered.kept})),
                folder=recovered.folder,
            )

    def _with_later_runs(self, run: str, error: EditedError) -> EditedError:
        """Name the later runs that changed the files, for they can be rolled back first."""
        paths = {problem.path for problem in error.problems}
        later = [
            Problem("", f"the later run {record.id} changed {path} too")
            for record in self.history()
            if record.id > run
            for path in sorted(paths & set(record.paths_in_force))
        ]
        return EditedError((*error.problems, *later), error.remedy)

    def _recovered(self, folder: RunFolder, *, force: bool) -> RolledBack:
        returned = folder.settle(force=force)
        folder.finish(completed=False, summary={})
        shown = f"{self._shown(folder.begun.id)}/{IMAGES}"
        return RolledBack(folder.record, returned.paths, returned.kept, shown)

    # --- the folders ----------------------------------------------------------------------------

    def _create(self, command: tuple[str, ...], backup: str | None) -> RunFolder:
        run = free_id(self._runs)
        new = os.path.join(self._runs, run + _NEW)
        begun = Begun(
            format=FORMAT,
            id=run,
            command=command,
            version=__version__,
            started=now(),
            backup=backup,
        )
        shown = self._shown(run)
        with explained(shown):
            self._ops.mkdir(new, 0o700)
            self._ops.mkdir(os.path.join(new, IMAGES), 0o700)
            first = Journal(self._ops, new)
            try:
                first.append(begun)
            finally:
                first.close()
            self._ops.sync_folder(new)
            # So that a run with an id always has a journal that begins.
            self._ops.replace(new, os.path.join(self._runs, run))
            self._ops.sync_folder(self._runs)
        return self._open(run)

    def _open(self, run: str) -> RunFolder:
        folder = os.path.join(self._runs, run)
        shown = self._shown(run)
        if not _ID.match(run) or not _is_folder(folder):
            raise DamagedRunError((Problem("", f"there is no run {run}"),))
        if not _is_folder(os.path.join(folder, IMAGES)):
            raise DamagedRunError((Problem(shown, f"has no folder {IMAGES}"),))
        journal = read_journal(self._ops, folder, shown)
        return RunFolder(self._ops, self._root, folder, shown, journal)

    @contextmanager
    def _opened(self, run: str, command: Sequence[str]) -> Iterator[RunFolder]:
        self._check()
        if not os.path.isdir(self._folder):
            raise DamagedRunError((Problem("", "there are no runs here"),))
        with self._lock(("ssot-migrate", *command)):
            self._tidy()
            folder = self._open(run)
            try:
                yield folder
            finally:
                folder.close()

    def _told(self, run: str) -> RunRecord:
        try:
            folder = self._open(run)
        except DamagedRunError as error:
            return RunRecord(id=run, state=RunState.DAMAGED, problem=str(error.problems[0]))
        return folder.record

    def _ids(self) -> list[str]:
        """The ids of all runs, newest first."""
        self._check()
        if not os.path.isdir(self._runs):
            return []
        with explained(f"{STORE}/{_RUNS}"):
            return sorted(filter(_ID.match, os.listdir(self._runs)), reverse=True)

    def _newest(self) -> str:
        for record in self.history():
            if record.state is RunState.UNFINISHED or record.paths_in_force:
                return record.id
        raise TransactionError((Problem("", "there is no run to roll back"),))

    def _lock(self, command: Sequence[str]) -> Lock:
        return Lock(self._ops, os.path.join(self._folder, "lock"), f"{STORE}/lock", command)

    def _make_folder(self, folder: str, shown: str) -> None:
        self._check()
        if not os.path.isdir(folder):
            with explained(shown):
                self._ops.mkdir(folder, 0o700)
                self._ops.sync_folder(os.path.dirname(folder))

    def _check(self) -> None:
        """Refuse a store that is not ours: behind a link, it is somebody else's."""
        for folder, shown in ((self._folder, STORE), (self._runs, f"{STORE}/{_RUNS}")):
            if os.path.lexists(folder) and not _is_folder(folder):
                raise TransactionError((Problem(shown, "is a link or no folder"),), "remove it")

    def _tidy(self) -> None:
        """Hide the store from git, and remove what runs left behind that died before they began."""
        with explained(STORE):
            for name in os.listdir(self._folder):
                if name.endswith(".tmp"):
                    self._ops.unlink(os.path.join(self._folder, name))
            mark = os.path.join(self._folder, ".gitignore")
            if not os.path.lexists(mark):
                write_whole(mark, b"*\n", self._ops)
            for name in os.listdir(self._runs):
                if name.endswith(_NEW):
                    self._remove(os.path.join(self._runs, name))

    def _remove(self, folder: str) -> None:
        for part in os.listdir(folder):
            place = os.path.join(folder, part)
            if _is_folder(place):
                self._ops.rmdir(place)
            else:
                self._ops.unlink(place)
        self._ops.rmdir(folder)

    def _shown(self, run: str) -> str:
        return f"{STORE}/{_RUNS}/{run}"


def _from_label(plans: Sequence[Planned], label: str) -> Sequence[Planned]:
    """The waves from the one of that label on; a part of it is labelled `label, a part`."""
    if not label:
        return plans
    found = (n for n, plan in enumerate(plans) if plan.label.partition(",")[0] == label)
    first = next(found, len(plans))
    return plans[first:]


def _is_folder(place: str) -> bool:
    try:
        return stat.S_ISDIR(os.lstat(place).st_mode)
    except OSError:
        return False


def _usable_backup(folder: str) -> str:
    with explained(folder):
        if os.path.lexists(folder) and (not os.path.isdir(folder) or os.listdir(folder)):
            reason = "is not empty; the originals of two runs would mix"
            raise TransactionError((Problem(folder, reason),), "name another folder")
    return folder
