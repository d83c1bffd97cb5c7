"""What a failure on the way tells, and how it leaves the files."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Any

import pytest

from ssot_migrate.transaction.errors import TransactionError, UnfinishedRunError
from ssot_migrate.transaction.fileops import FileOps
from ssot_migrate.transaction.history import RunState
from ssot_migrate.transaction.store import RunStore

from .conftest import COMMAND, NEW, OLD, files, replacing

if TYPE_CHECKING:
    from pathlib import Path

ALL_OLD = {"a.py": OLD, "b.py": OLD, "pkg/c.py": OLD}
ALL = tuple(map(replacing, ALL_OLD))


class FailsAtB(FileOps):
    """Cannot replace `b.py`, and nothing else from then on if the error lasts."""

    def __init__(self, error: BaseException, *, lasts: bool = False) -> None:
        self.error: BaseException | None = error
        self._lasts = lasts
        self._failed = False

    def replace(self, source: str, target: str) -> None:
        if target.endswith("b.py") or self._failed:
            self._fail()
        super().replace(source, target)

    def create(self, path: str, mode: int) -> int:
        if self._failed:
            self._fail()
        return super().create(path, mode)

    def _fail(self) -> None:
        self._failed = self._lasts
        if self.error is not None:
            raise self.error


def refused(number: int) -> OSError:
    return OSError(number, os.strerror(number))


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (errno.ENOSPC, ["b.py: no space left on device", "free some space and try again"]),
        (errno.EDQUOT, ["b.py: disk quota exceeded", "free some of your quota and try again"]),
        (
            errno.EROFS,
            ["b.py: read-only file system", "make the file system writable and try again"],
        ),
        (
            errno.EPERM,
            ["b.py: permission denied", "give yourself the permission to write and try again"],
        ),
        (
            errno.EIO,
            ["b.py: the disk reports an input/output error", "check the disk before you try again"],
        ),
        (errno.EXDEV, ["b.py: invalid cross-device link", ""]),
    ],
)
def test_the_file_the_reason_and_the_remedy_are_told(
    root: Path, number: int, told: list[str]
) -> None:
    ops = FailsAtB(refused(number))
    with RunStore(root, ops).begin(command=COMMAND) as run:
        with pytest.raises(TransactionError) as caught:
            run.commit(ALL)
        assert files(root) == ALL_OLD
        ops.error = None
        run.commit(ALL)
        run.finish()
    reason, remedy = str(caught.value).splitlines()
    assert [reason, remedy] == [
        told[0],
        "; ".join(filter(None, ("all files are as they were", told[1]))),
    ]
    assert set(files(root).values()) == {NEW}


def test_a_run_that_cannot_be_put_in_order_says_what_to_do_later(root: Path) -> None:
    store = RunStore(root, FailsAtB(refused(errno.EIO), lasts=True))
    with store.begin(command=COMMAND) as run:
        with pytest.raises(UnfinishedRunError) as caught:
            run.commit(ALL)
        with pytest.raises(UnfinishedRunError):
            run.commit(ALL)
    assert str(caught.value).splitlines() == [
        "b.py: the disk reports an input/output error",
        "a.py: the disk reports an input/output error",
        f"the run {run.id} was interrupted and is unfinished",
        f"`ssot-migrate rollback {run.id}` brings the files back to what they were before it",
    ]
    assert files(root)["a.py"] == NEW
    assert RunStore(root).rollback(run.id).paths == ("a.py",)
    assert files(root) == ALL_OLD


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit, MemoryError])
def test_whatever_ends_a_run_leaves_it_in_order(root: Path, end: type[BaseException]) -> None:
    store = RunStore(root, FailsAtB(end()))

    def commit() -> Any:
        with store.begin(command=COMMAND) as run:
            run.commit(ALL)

    with pytest.raises(end):
        commit()
    assert files(root) == ALL_OLD
    (record,) = store.history()
    assert record.state is RunState.INTERRUPTED
    assert record.waves == ()
