"""A file system that dies, tears or fails at a chosen operation, and remembers all of them."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from ssot_migrate.transaction.fileops import FileOps

if TYPE_CHECKING:
    from collections.abc import Callable

DIES, TEARS, INTERRUPTS, MEDDLES = "kill", "torn write", "interrupt", "meddler"
ERRORS = {name: getattr(errno, name) for name in ("ENOSPC", "EIO", "EACCES", "EROFS")}
OPERATIONS = tuple(name for name in vars(FileOps) if not name.startswith("_"))
_OPENING = ("create", "reopen", "open_lock", "open_stream")
# A full disk can still be emptied, and any file can be let go of.
_FREEING = ("unlink", "rmdir", "truncate", "close")


class Died(BaseException):
    """The process is no more: nothing that it would have done is done."""


class Fault(msgspec.Struct, frozen=True):
    """What happens at an operation.

    Args:
        at: Number of the operation, from 0.
        kind: `kill`, `torn write`, `interrupt`, `meddler`, or the name of an error.
        lasts: Whether an error stays from then on.
    """

    at: int
    kind: str
    lasts: bool = False

    def __str__(self) -> str:
        return f"{self.kind}{' from' if self.lasts else ' at'} operation {self.at}"


class Operation(msgspec.Struct, frozen=True):
    """An operation that was asked for.

    Args:
        name: The method of `FileOps`.
        path: The file or folder, or the one that an open descriptor belongs to.
        target: The second path, of a `replace`.
        data: What was written.
    """

    name: str
    path: str
    target: str = ""
    data: bytes = b""


class FaultyOps(FileOps):
    """Hands every operation on, until the fault comes.

    Args:
        fault: What happens when; None to count only.
        inner: What does the work; a planted defect is one that does it wrong.
        meddle: What somebody else does, at a fault of that kind.
    """

    def __init__(
        self,
        fault: Fault | None = None,
        inner: FileOps | None = None,
        meddle: Callable[[], None] | None = None,
    ) -> None:
        self.log: list[Operation] = []
        self.is_dead = False
        self._fault = fault
        self._inner = FileOps() if inner is None else inner
        self._meddle = meddle
        self._open: dict[int, str] = {}
        if isinstance(self._inner, Reentrant):
            self._inner.outer = self

    def let_go(self) -> None:
        """Close what the dead process had open, as the system does."""
        for descriptor in self._open:
            with suppress(OSError):
                os.close(descriptor)
        self._open.clear()

    def perform(self, name: str, *args: Any) -> Any:
        """Do an operation, or what happens in its place."""
        if self.is_dead:
            raise Died
        number = len(self.log)
        self.log.append(self._described(name, args))
        fault = self._fault
        if fault is not None and (number == fault.at or (fault.lasts and number > fault.at)):
            self._strike(fault, name, args)
        if name == "sync":
            return None  # who watches cannot tell, and it takes its time
        if name == "sync_folder":
            os.stat(args[0])
            return None
        result = getattr(self._inner, name)(*args)
        if name in _OPENING:
            self._open[result] = args[0]
        elif name == "close":
            self._open.pop(args[0], None)
        return result

    def _strike(self, fault: Fault, name: str, args: tuple[Any, ...]) -> None:
        if fault.kind == MEDDLES:
            if self._meddle is not None:
                self._meddle()
            return
        if fault.kind == INTERRUPTS:
            raise KeyboardInterrupt
        if fault.kind in (DIES, TEARS):
            if fault.kind == TEARS and name == "write":
                self._write_half(args)
            self.is_dead = True
            raise Died
        number = ERRORS[fault.kind]
        if number == errno.ENOSPC and name in _FREEING:
            return
        if name == "write":
            self._write_half(args)
        elif name == "close":  # it reports the error, and the descriptor is gone nevertheless
            self._open.pop(args[0], None)
            self._inner.close(*args)
        raise OSError(number, os.strerror(number), args[0] if isinstance(args[0], str) else None)

    def _write_half(self, args: tuple[Any, ...]) -> None:
        self._inner.write(args[0], bytes(args[1])[: len(args[1]) // 2])

    def _described(self, name: str, args: tuple[Any, ...]) -> Operation:
        path = args[0] if isinstance(args[0], str) else self._open.get(args[0], "")
        target = args[1] if name == "replace" else ""
        return Operation(name, path, target, bytes(args[1]) if name == "write" else b"")


class Reentrant(FileOps):
    """An inner file system whose operations are made of others, which can fail as well."""

    outer: FaultyOps


def _handed_on(name: str) -> Any:
    def method(self: FaultyOps, *args: Any) -> Any:
        return self.perform(name, *args)

    return method


for _name in OPERATIONS:
    setattr(FaultyOps, _name, _handed_on(_name))
