"""One process at a time."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ssot_migrate.transaction.errors import LockedError, TransactionError
from ssot_migrate.transaction.store import RunStore

from .conftest import COMMAND, replacing

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Apply

HOLD = """
import sys
from ssot_migrate.transaction.store import RunStore
with RunStore(sys.argv[1]).begin(command=("ssot-migrate", "apply", "--batch", "5")) as run:
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_run_is_refused_at_once_and_told_who_is_at_work(
    root: Path, store: RunStore
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, root], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        (record,) = store.history()
        for attempt in (lambda: store.begin(command=COMMAND), lambda: store.rollback(record.id)):
            with pytest.raises(LockedError) as caught:
                attempt()
            expected = rf"process {holder.pid} on \S+, since \S+: ssot-migrate apply --batch 5"
            assert re.search(expected, str(caught.value))
        holder.kill()
    # The system let go of the lock, and as nothing had been begun, there is nothing to recover.
    with store.begin(command=COMMAND) as run:
        run.finish()


def test_a_run_in_the_same_process_is_refused_too(store: RunStore) -> None:
    with store.begin(command=COMMAND), pytest.raises(LockedError):
        store.begin(command=COMMAND)


def test_the_lock_is_free_after_a_run_and_after_a_refusal(store: RunStore, apply: Apply) -> None:
    apply(replacing("a.py"))
    with pytest.raises(TransactionError):
        apply(replacing("a.py"))
    store.rollback()


def test_a_child_that_outlives_its_parent_does_not_hold_the_lock(root: Path) -> None:
    script = """
import os, sys
from ssot_migrate.transaction.store import RunStore
with RunStore(sys.argv[1]).begin(command=()) as run:
    if os.fork():
        os.kill(os.getpid(), 9)
    sys.stdout.write("alive")
    sys.stdout.flush()
    os.read(0, 1)
    os._exit(0)
"""
    with subprocess.Popen(
        [sys.executable, "-c", script, root], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.read(5) == b"alive"
        parent.wait()
        with RunStore(root).begin(command=COMMAND) as run:
            run.finish()


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"pid": "x"}', b"\xff\xfe", b"null"])
def test_what_the_file_says_is_for_people_only(root: Path, store: RunStore, content: bytes) -> None:
    with store.begin(command=COMMAND):
        (root / ".ssot_migrate/lock").write_bytes(content)
        with pytest.raises(LockedError, match="another run is at work here"):
            store.begin(command=COMMAND)


@pytest.mark.parametrize("kind", ["link", "dangling", "folder", "pipe"])
def test_a_lock_that_is_no_file_is_refused(
    root: Path, tmp_path: Path, store: RunStore, apply: Apply, kind: str
) -> None:
    apply()
    lock = root / ".ssot_migrate/lock"
    lock.unlink()
    if kind == "folder":
        lock.mkdir()
    elif kind == "pipe":
        os.mkfifo(lock)
    else:
        lock.symlink_to(tmp_path / "target")
    if kind == "link":
        (tmp_path / "target").write_bytes(b"precious")
    with pytest.raises(TransactionError, match=r"\.ssot_migrate/lock: is a link or no file at all"):
        store.begin(command=COMMAND)
    if kind == "link":
        assert (tmp_path / "target").read_bytes() == b"precious"
    assert kind != "dangling" or not (tmp_path / "target").exists()
