"""The journal of a run: lines that are added and waited for, each sealed with those before it."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.transaction.errors import DamagedRunError, Problem
from ssot_migrate.transaction.fileops import write_all
from ssot_migrate.transaction.places import read_regular
from ssot_migrate.transaction.records import Begun, Record, what_is_wrong_with_record

if TYPE_CHECKING:
    from ssot_migrate.transaction.fileops import FileOps

JOURNAL = "journal"
_SEAL_BYTES = 8


class Journal:
    """The journal in a run's folder.

    Args:
        ops: What changes the file system.
        folder: The run's folder.
        records: What the journal says already.
        size: How long it is without what a crash left behind its last whole line.
        seal: Seal of its last whole line.
    """

    def __init__(
        self,
        ops: FileOps,
        folder: str,
        records: tuple[Record, ...] = (),
        size: int = 0,
        seal: str = "",
    ) -> None:
        self._ops = ops
        self._file = os.path.join(folder, JOURNAL)
        # One value, so that an interrupt finds all of it old or all of it new.
        self._state = (records, size, seal)
        self._descriptor: int | None = None
        self._is_torn = True

    @property
    def records(self) -> tuple[Record, ...]:
        """All that is on the disk for certain."""
        return self._state[0]

    def append(self, record: Record) -> None:
        """Add a record and wait until it is on the disk.

        Raises:
            OSError: It is not, or nobody knows; `mend` tells and settles that.
        """
        self.mend()
        records, size, before = self._state
        line, seal = _line(record, before)
        self._is_torn = True
        write_all(self._ops, self._open(), line)
        self._ops.sync(self._open())
        self._state = ((*records, record), size + len(line), seal)
        self._is_torn = False

    def mend(self) -> None:
        """Cut off what may be there of a record that could not be added.

        Raises:
            OSError: It cannot be cut off.
        """
        if self._is_torn:
            size = self._state[1]
            if os.fstat(self._open()).st_size > size:
                self._ops.truncate(self._open(), size)
                self._ops.sync(self._open())
            self._is_torn = False

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            with suppress(OSError):
                self._ops.close(descriptor)

    def _open(self) -> int:
        if self._descriptor is None:
            is_new = not self.records
            self._descriptor = (
                self._ops.create(self._file, 0o600) if is_new else self._ops.reopen(self._file)
            )
        return self._descriptor


def read_journal(ops: FileOps, folder: str, shown: str) -> Journal:
    """Read what the journal of a run says, up to a line that a crash has torn.

    Raises:
        DamagedRunError: There is none, a line in it was changed, or it says what it must not.
    """
    try:
        data = read_regular(os.path.join(folder, JOURNAL))
    except OSError as problem:
        raise _damaged(shown, "has no journal that can be read") from problem
    records: list[Record] = []
    size, seal = 0, ""
    lines = data.split(b"\n")
    for number, line in enumerate(lines[:-1], 1):
        sealed, _, text = line.partition(b" ")
        expected = _seal(seal, text)
        if sealed.decode("ascii", "replace") != expected:
            if number == len(lines) - 1 and not lines[-1]:
                break
            raise _damaged(shown, f"has a journal whose line {number} was changed")
        records.append(_record(text, number, shown))
        size += len(line) + 1
        seal = expected
    _check_order(records, os.path.basename(folder), shown)
    return Journal(ops, folder, tuple(records), size, seal)


def _line(record: Record, before: str) -> tuple[bytes, str]:
    # The library of the language keeps lone surrogates, which stand for undecodable bytes.
    text = json.dumps(msgspec.to_builtins(record)).encode("ascii")
    seal = _seal(before, text)
    return seal.encode("ascii") + b" " + text + b"\n", seal


def _seal(before: str, text: bytes) -> str:
    return hashlib.blake2b(before.encode() + text, digest_size=_SEAL_BYTES).hexdigest()


def _record(text: bytes, number: int, shown: str) -> Record:
    try:
        record: Record = msgspec.convert(json.loads(text), Record)
    except (ValueError, RecursionError) as problem:
        reason = f"has a journal whose line {number} is none: {problem}"
        raise _damaged(shown, reason) from problem
    wrong = what_is_wrong_with_record(record)
    if wrong is not None:
        raise _damaged(shown, f"has a journal whose line {number} {wrong}")
    return record


def _check_order(records: list[Record], run: str, shown: str) -> None:
    if not records or not isinstance(records[0], Begun) or records[0].id != run:
        raise _damaged(shown, "has a journal that does not begin like one, or is of another run")
    if any(isinstance(record, Begun) for record in records[1:]):
        raise _damaged(shown, "has a journal that begins twice")


def _damaged(shown: str, reason: str) -> DamagedRunError:
    remedy = "restore the files by other means; its `before` folder has their contents"
    return DamagedRunError((Problem(shown, reason),), remedy)
