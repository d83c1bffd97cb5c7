"""Carries out one transaction, or brings back what was there before it."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.transaction.attributes import write_new
from ssot_migrate.transaction.errors import (
    EditedError,
    Problem,
    TransactionError,
    explained,
    unfinished,
)
from ssot_migrate.transaction.places import look
from ssot_migrate.transaction.records import Abandoned, Committed
from ssot_migrate.transaction.whole import replace_with

if TYPE_CHECKING:
    from ssot_migrate.transaction.fileops import FileOps
    from ssot_migrate.transaction.images import Images
    from ssot_migrate.transaction.journal import Journal
    from ssot_migrate.transaction.records import Planned, Step

_AS_BEFORE = "all files are as they were"

Contents = Callable[[str], bytes]
"""Finds a content by its digest."""

# Something else is in it or in its place by now, which is not ours to remove.
_NOT_EMPTY = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT, errno.ENOTDIR)


class Returned(msgspec.Struct, frozen=True):
    """What was brought back.

    Args:
        paths: The files that are again what they were, sorted.
        kept: Those of them that somebody had edited, and whose edited content the run keeps.
    """

    paths: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


class Transaction:
    """One planned transaction of a run.

    It goes through three states, and a crash leaves one of them: planned in the journal (files may
    be old or new), committed (all are new), abandoned (all are old).

    Args:
        ops: What changes the file system.
        root: The root, itself without links.
        run: The run's id.
        journal: The run's journal.
        images: The run's contents.
        plan: The plan.
        backup: Folder to which originals are copied as well.
    """

    def __init__(
        self,
        ops: FileOps,
        root: str,
        run: str,
        journal: Journal,
        images: Images,
        plan: Planned,
        backup: str | None = None,
    ) -> None:
        self._ops = ops
        self._root = root
        self._run = run
        self._journal = journal
        self._images = images
        self._plan = plan
        self._backup = backup
        # How many steps were taken; all of them, perhaps, where another process took them.
        self._taken = len(plan.steps)

    def carry_out(self, content: Contents) -> None:
        """Change all files, or none.

        Args:
            content: The new contents.

        Raises:
            UnfinishedRunError: It failed, and so did bringing the files back.
            TransactionError: It failed; the files are what they were.
        """
        plan = self._plan
        originals = ((step.real, step.before) for step in plan.steps if step.before)
        self._images.keep(self._root, originals)
        self._taken = 0
        try:
            with explained(self._run):
                self._journal.append(plan)
            self._copy_originals()
            self._stage(content)
            self._swap()
            self._empty_folders()
            self._sync_folders()
            with explained(self._run):
                self._journal.append(Committed(number=plan.number))
        except BaseException as problem:
            self._give_up(problem)
            if isinstance(problem, TransactionError):
                problem.remedy = "; ".join(filter(None, (_AS_BEFORE, problem.remedy)))
            raise

    def take_back(self, *, force: bool = False) -> Returned:
        """Bring back what was there before the transaction, whatever became of it; again at will.

        Args:
            force: Whether to bring back what somebody edited since; that is kept in the run.

        Raises:
            EditedError: Somebody edited files since, or they cannot be told; nothing was changed.
            TransactionError: It failed on the way; it can be tried again.
        """
        self._check_folders(self._plan.makes)
        pending = self._changed(force=force)
        steps = self._plan.steps
        edited = [(steps[number], now) for number, now in pending if now != steps[number].after]
        self._images.keep(self._root, [(step.real, now) for step, now in edited if now])
        self._clear_temporaries()
        made: set[str] = set()
        for number, now in pending:
            made.update(self._restore(number, now))
        for folder in reversed(self._plan.makes):
            self._remove_if_empty(folder)
        self._sync_folders(made)
        with explained(self._run):
            self._journal.append(Abandoned(number=self._plan.number))
        return Returned(
            tuple(sorted(steps[number].path for number, _now in pending)),
            tuple(sorted(step.path for step, now in edited if now)),
        )

    # --- forward --------------------------------------------------------------------------------

    def _copy_originals(self) -> None:
        if self._backup is None:
            return
        touched = set()
        for number, step in enumerate(self._plan.steps):
            copy = os.path.join(self._backup, step.real)
            # What a run changes twice was an original the first time only.
            if step.before is None or os.path.lexists(copy):
                continue
            with explained(copy):
                touched.update(self._make_folders(os.path.dirname(copy)))
                data = self._images.read(step.before)
                temporary = self._temporary(number, copy)
                replace_with(self._ops, copy, temporary, data, step.old)
            touched.add(os.path.dirname(copy))
        for folder in sorted(touched):
            with explained(folder):
                self._ops.sync_folder(folder)

    def _stage(self, content: Contents) -> None:
        for folder in self._plan.makes:
            with explained(folder), suppress(FileExistsError):
                self._ops.mkdir(self._at(folder))
        for number, step in enumerate(self._plan.steps):
            if step.after is not None:
                with explained(step.path):
                    temporary = self._temporary(number, self._at(step.real))
                    write_new(self._ops, temporary, content(step.after), step.new)

    def _swap(self) -> None:
        for number, step in enumerate(self._plan.steps):
            self._require(step, step.before)
            file = self._at(step.real)
            self._taken = number + 1
            with explained(step.path):
                if step.after is None:
                    self._ops.unlink(file)
                else:
                    self._ops.replace(self._temporary(number, file), file)

    def _empty_folders(self) -> None:
        self._check_folders(self._plan.empties)
        for folder in self._plan.empties:
            self._remove_if_empty(folder)

    def _give_up(self, problem: BaseException) -> None:
        """Bring the files back, unless they are all new or that is left to a recovery."""
        number = self._plan.number
        try:
            with explained(self._run):
                # A commit that may be on the disk must be gone before the first file goes back.
                self._journal.mend()
            records = self._journal.records
            if Committed(number=number) not in records and self._plan in records:
                self.take_back()
        except TransactionError as another:
            known = problem.problems if isinstance(problem, TransactionError) else ()
            raise unfinished(self._run, *known, *another.problems) from problem

    # --- backward -------------------------------------------------------------------------------

    def _changed(self, *, force: bool) -> list[tuple[int, str | None]]:
        """The steps that were taken, last first, with the digest of what is there now."""
        pending: list[tuple[int, str | None]] = []
        edited: list[Problem] = []
        for number, step in reversed(list(enumerate(self._plan.steps[: self._taken]))):
            seen = look(self._root, step.real, step.path)
            now = None if seen is None else seen.digest
            if now == step.before:
                continue
            if now != step.after:
                # As long as the new content waits beside it, the file is not ours.
                if os.path.lexists(self._temporary(number, self._at(step.real))):
                    continue
                edited.append(Problem(step.path, "was edited after the run changed it"))
            if step.before is not None:
                self._images.read(step.before)
            pending.append((number, now))
        if edited and not force:
            remedy = f"`ssot-migrate rollback --force {self._run}` keeps a copy of the edits"
            raise EditedError(tuple(sorted(edited)), remedy)
        return pending

    def _restore(self, number: int, now: str | None) -> list[str]:
        """Bring back one file; the folders in which folders had to be made."""
        step = self._plan.steps[number]
        self._require(step, now)
        file = self._at(step.real)
        with explained(step.path):
            if step.before is None:
                self._ops.unlink(file)
                return []
            data = self._images.read(step.before)
            touched = self._make_folders(os.path.dirname(file))
            replace_with(self._ops, file, self._temporary(number, file), data, step.old)
        return touched

    def _clear_temporaries(self) -> None:
        for number, step in enumerate(self._plan.steps):
            places = [self._at(step.real)]
            if self._backup is not None:
                places.append(os.path.join(self._backup, step.real))
            for place in places:
                temporary = self._temporary(number, place)
                if os.path.lexists(temporary):
                    with explained(step.path):
                        self._ops.unlink(temporary)

    # --- both -----------------------------------------------------------------------------------

    def _require(self, step: Step, digest: str | None) -> None:
        """Look at a file for the last time before it goes."""
        seen = look(self._root, step.real, step.path)
        if (None if seen is None else seen.digest) != digest:
            raise TransactionError((Problem(step.path, "was changed by somebody else"),))

    def _at(self, path: str) -> str:
        return os.path.normpath(os.path.join(self._root, path))

    def _temporary(self, number: int, file: str) -> str:
        name = f".ssot-migrate-{self._run}-{self._plan.number}-{number}.tmp"
        return os.path.join(os.path.dirname(file), name)

    def _make_folders(self, folder: str) -> list[str]:
        """Make a folder and those above it, as far as they are missing; which ones got names."""
        missing = []
        while not os.path.isdir(folder):
            missing.append(folder)
            folder = os.path.dirname(folder)
        for inner in reversed(missing):
            self._ops.mkdir(inner)
        return [os.path.dirname(inner) for inner in missing]

    def _check_folders(self, folders: Iterable[str]) -> None:
        """Refuse folders to which a link leads, perhaps out of the root."""
        for folder in folders:
            above = os.path.dirname(self._at(folder))
            if os.path.realpath(above) != above:
                reason = "is in a folder that became a link"
                raise TransactionError((Problem(folder, reason),))

    def _remove_if_empty(self, folder: str) -> None:
        with explained(folder):
            try:
                self._ops.rmdir(self._at(folder))
            except OSError as problem:
                if problem.errno not in _NOT_EMPTY:
                    raise

    def _sync_folders(self, others: Iterable[str] = ()) -> None:
        """Wait until every name that came or went is on the disk."""
        names = {step.real for step in self._plan.steps}
        names.update(self._plan.makes, self._plan.empties)
        for folder in sorted({*others, *(os.path.dirname(self._at(name)) for name in names)}):
            if os.path.isdir(folder):
                with explained(folder):
                    self._ops.sync_folder(folder)
