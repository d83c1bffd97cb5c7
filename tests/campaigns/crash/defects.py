"""Mistakes planted on purpose: the campaign has to notice every one of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from unittest import mock

import msgspec

from ssot_migrate.transaction import attributes, carry_out, journal, planning
from ssot_migrate.transaction.fileops import FileOps
from ssot_migrate.transaction.records import Committed, Planned

from .faults import Reentrant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.transaction.records import Record, Step


class Defect(msgspec.Struct, frozen=True):
    """A mistake.

    Args:
        name: What the mistake is.
        ops: Makes the file system that makes it.
        patches: What is replaced in the program to make it.
    """

    name: str
    ops: Callable[[], FileOps] = FileOps
    patches: tuple[tuple[Any, str, Any], ...] = ()

    @contextmanager
    def planted(self) -> Iterator[None]:
        """The program with the mistake in it."""
        with ExitStack() as stack:
            for place, name, replacement in self.patches:
                stack.enter_context(mock.patch.object(place, name, replacement))
            yield

    def __str__(self) -> str:
        return self.name


class _WritesInPlace(Reentrant):
    def replace(self, source: str, target: str) -> None:
        if not os.path.isfile(target):
            super().replace(source, target)
            return
        with open(source, "rb") as stream:
            data = stream.read()
        descriptor = os.open(target, os.O_WRONLY | os.O_TRUNC)
        try:
            self.outer.perform("write", descriptor, data)
        finally:
            os.close(descriptor)
        os.unlink(source)


class _ForgetsModes(FileOps):
    def set_mode(self, descriptor: int, mode: int) -> None:
        pass


class _KeepsTheLock(FileOps):
    _lock = -1

    def open_lock(self, path: str) -> int:
        self._lock = super().open_lock(path)
        return self._lock

    def close(self, descriptor: int) -> None:
        if descriptor != self._lock:
            super().close(descriptor)


class _LateJournal(journal.Journal):
    """Tells of a transaction when it is over."""

    _waiting: Record | None = None

    def append(self, record: Record) -> None:
        if isinstance(record, Planned):
            self._waiting = record
            return
        if self._waiting is not None:
            super().append(self._waiting)
            self._waiting = None
        super().append(record)


class _EarlyJournal(journal.Journal):
    """Tells that a transaction is over when it begins."""

    def append(self, record: Record) -> None:
        super().append(record)
        if isinstance(record, Planned):
            super().append(Committed(number=record.number))


def _write_without_waiting(ops: FileOps, path: str, data: bytes, given: Any) -> None:
    with mock.patch.object(type(ops), "sync", return_value=None):
        attributes.write_new(ops, path, data, given)


def _any_path(root: str, path: str) -> str:
    return os.path.relpath(os.path.realpath(os.path.join(root, path)), root)


def _restore_replaced_only(self: carry_out.Transaction, number: int, now: str | None) -> list[str]:
    step: Step = self._plan.steps[number]
    return [] if step.after is None else _RESTORE(self, number, now)


def _swap_blindly(self: carry_out.Transaction) -> None:
    for number, step in enumerate(self._plan.steps):
        self._taken = number + 1
        file = self._at(step.real)
        if step.after is None:
            self._ops.unlink(file)
        else:
            self._ops.replace(self._temporary(number, file), file)


_RESTORE = carry_out.Transaction._restore
_TRANSACTION = carry_out.Transaction

DEFECTS = (
    Defect("writes into the file itself", _WritesInPlace),
    Defect("forgets the permission bits", _ForgetsModes),
    Defect("keeps the lock", _KeepsTheLock),
    Defect("moves files before the journal knows", patches=((journal, "Journal", _LateJournal),)),
    Defect("commits before it has moved the files", patches=((journal, "Journal", _EarlyJournal),)),
    Defect("does not wait for names", patches=((_TRANSACTION, "_sync_folders", lambda *_: None),)),
    Defect(
        "does not wait for contents",
        patches=((carry_out, "write_new", _write_without_waiting),),
    ),
    Defect(
        "leaves temporary files",
        patches=((_TRANSACTION, "_clear_temporaries", lambda *_: None),),
    ),
    Defect("forgets deleted files", patches=((_TRANSACTION, "_restore", _restore_replaced_only),)),
    Defect("never looks again", patches=((_TRANSACTION, "_swap", _swap_blindly),)),
    Defect(
        "follows a link out of the root",
        patches=((planning, "real_path", _any_path),),
    ),
)
