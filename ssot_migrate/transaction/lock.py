"""One process at a time: a lock that the system holds, and lets go of when its holder dies."""

from __future__ import annotations

import errno
import json
import os
import sys
from contextlib import suppress
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from ssot_migrate.transaction.errors import LockedError, Problem, TransactionError, explained
from ssot_migrate.transaction.fileops import FileOps, write_all
from ssot_migrate.transaction.places import read_regular

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

_HELD: set[int] = set()
_BUSY = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)


class Lock:
    """The lock of a root, held from construction to `release`.

    The file stays, for removing it is a race; what it says is for people only.

    Args:
        ops: What changes the file system.
        file: The file to lock.
        shown: The file as the user knows it.
        command: What wants the lock, to tell others.

    Raises:
        LockedError: Another process holds it.
        TransactionError: There can be no lock: the file is a link, or the system refuses.
    """

    def __init__(self, ops: FileOps, file: str, shown: str, command: Sequence[str]) -> None:
        self._ops = ops
        with explained(shown):
            self._descriptor = _open(ops, file, shown)
        _HELD.add(self._descriptor)
        try:
            with explained(shown):
                # A file that was removed meanwhile locks nothing.
                if not _take(self._descriptor) or not _is_at(self._descriptor, file):
                    raise LockedError((Problem("", _holder(file)),), "wait for it to end")
                ops.truncate(self._descriptor, 0)
                write_all(ops, self._descriptor, _about(command))
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        """Let others in; again does nothing."""
        if self._descriptor not in _HELD:
            return
        _HELD.discard(self._descriptor)
        try:
            self._ops.close(self._descriptor)
        except OSError:  # it is closed all the same
            pass
        except BaseException:  # an interrupt, perhaps just before it was closed
            with suppress(OSError):
                self._ops.close(self._descriptor)
            raise

    def __enter__(self) -> Lock:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def _open(ops: FileOps, file: str, shown: str) -> int:
    if os.path.lexists(file) and (os.path.islink(file) or not os.path.isfile(file)):
        raise TransactionError((Problem(shown, "is a link or no file at all"),), "remove it")
    return ops.open_lock(file)


def _is_at(descriptor: int, file: str) -> bool:
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(descriptor), os.lstat(file))
    return False


if sys.platform == "win32":
    import msvcrt

    # Beyond what the file says, so that others can read who holds the lock.
    _FAR = 1 << 30

    def _take(descriptor: int) -> bool:
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError as problem:
            if problem.errno in _BUSY:
                return False
            raise
        os.lseek(descriptor, 0, os.SEEK_SET)
        return True

else:
    import fcntl

    def _take(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            if problem.errno in _BUSY:
                return False
            raise
        return True

    def _forget() -> None:
        """A child has the lock as well, and would keep it when its parent is no more."""
        for descriptor in _HELD:
            with suppress(OSError):
                os.close(descriptor)
        _HELD.clear()

    os.register_at_fork(after_in_child=_forget)


def _about(command: Sequence[str]) -> bytes:
    about = {
        "pid": os.getpid(),
        "host": _host(),
        "since": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "command": list(command),
    }
    return json.dumps(about).encode()


def _holder(file: str) -> str:
    """Who holds the lock, as far as the file says so."""
    try:
        about = json.loads(read_regular(file))
        who = f"process {about['pid']:d} on {about['host']:s}, since {about['since']:s}"
        return f"another run is at work here: {who}: {' '.join(about['command'])}"
    except (OSError, ValueError, TypeError, KeyError):
        return "another run is at work here"


def _host() -> str:
    import socket

    return socket.gethostname()
