"""Why a change was not made, or not taken back: which file, what is wrong, and what helps."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.errors import SsotMigrateError
from ssot_migrate.workspace.source import plain_reason

if TYPE_CHECKING:
    from collections.abc import Iterator

_REMEDIES = {
    errno.ENOSPC: "free some space and try again",
    errno.EDQUOT: "free some of your quota and try again",
    errno.EROFS: "make the file system writable and try again",
    errno.EACCES: "give yourself the permission to write and try again",
    errno.EPERM: "give yourself the permission to write and try again",
    errno.EIO: "check the disk before you try again",
}


class Problem(msgspec.Struct, frozen=True, order=True):
    """What is wrong with one file.

    Args:
        path: The file as the user knows it; empty where no file is to blame.
        reason: What is wrong, as the rest of a sentence that begins with the path.
    """

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}" if self.path else self.reason


class TransactionError(SsotMigrateError):
    """Files were not changed, or not brought back; all that is wrong at once.

    Args:
        problems: What is wrong, file by file.
        remedy: What the user can do, as a sentence without its full stop.
    """

    def __init__(self, problems: tuple[Problem, ...], remedy: str = "") -> None:
        super().__init__(problems, remedy)
        self.problems = problems
        self.remedy = remedy

    def __str__(self) -> str:
        return "\n".join((*map(str, self.problems), *filter(None, (self.remedy,))))


class LockedError(TransactionError):
    """Another process is at work on the same root."""


class UnfinishedRunError(TransactionError):
    """A run was interrupted and has to be put in order first.

    Args:
        run: Its id.
    """

    def __init__(self, problems: tuple[Problem, ...], remedy: str, run: str) -> None:
        super().__init__(problems, remedy)
        self.args = (problems, remedy, run)
        self.run = run


class EditedError(TransactionError):
    """Somebody edited files after the run that was to be taken back; nothing was changed."""


class DamagedRunError(TransactionError):
    """What is stored of a run cannot be relied on; nothing was changed."""


def unfinished(run: str, *problems: Problem) -> UnfinishedRunError:
    """Say that a run is to be put in order, and how."""
    reason = Problem("", f"the run {run} was interrupted and is unfinished")
    remedy = f"`ssot-migrate rollback {run}` brings the files back to what they were before it"
    return UnfinishedRunError((*problems, reason), remedy, run)


@contextmanager
def explained(path: str) -> Iterator[None]:
    """Turn what the system refuses into a `TransactionError` about the file at `path`."""
    try:
        yield
    except OSError as problem:
        remedy = _REMEDIES.get(problem.errno or 0, "")
        raise TransactionError((Problem(path, plain_reason(problem)),), remedy) from problem
