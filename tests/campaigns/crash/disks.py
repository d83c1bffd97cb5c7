"""Real file systems with too little room."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from ssot_migrate.transaction.errors import TransactionError, UnfinishedRunError
from ssot_migrate.transaction.store import RunStore

from .points import BrokenPromiseError
from .processes import changes, plant
from .story import difference, tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_FILES = 24
# The tree alone, and all that a run of it takes.
_FROM_KILOBYTES, _TO_KILOBYTES = 330, 1100


class UnplayableError(Exception):
    """A scenario that cannot be played here; the message says why."""


def too_small(place: Path, count: int) -> Iterator[Callable[[], None]]:
    """Disks of as many sizes; each time a run, and a rollback on a disk that is full by then."""
    span = _TO_KILOBYTES - _FROM_KILOBYTES
    for number in range(count):
        yield partial(_run_on, place, _FROM_KILOBYTES + span * number // max(1, count - 1))


def _run_on(place: Path, kilobytes: int) -> None:
    with _disk(place, kilobytes) as root:
        plant(root, _FILES)
        old = tree(root)
        store = RunStore(root)
        try:
            with store.begin(command=("ssot-migrate", "apply")) as run:
                run.commit(changes(_FILES))
                run.finish()
        except UnfinishedRunError:
            pass
        except TransactionError:
            if tree(root) != old:
                raise BrokenPromiseError(
                    f"changed by a failure: {difference(tree(root), old)}"
                ) from None
        _fill(root / "filler")
        new = tree(root)
        try:
            store.rollback()
        except TransactionError:
            if tree(root) not in (old | {"filler": new["filler"]}, new):
                raise BrokenPromiseError(
                    f"neither old nor new: {difference(tree(root), new)}"
                ) from None
        (root / "filler").unlink()
        # A rollback takes room as well; the remedy that the messages name is more of it.
        _mount("-o", f"remount,size={2 * kilobytes}k", str(root))
        if store.unfinished() or any(record.paths_in_force for record in store.history()):
            store.rollback()
        if tree(root) != old:
            raise BrokenPromiseError(f"not rolled back: {difference(tree(root), old)}")


def _fill(file: Path) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        for size in (4096, 1):
            try:
                while True:
                    os.write(descriptor, b"x" * size)
            except OSError:
                continue
    finally:
        os.close(descriptor)


@contextmanager
def _disk(place: Path, kilobytes: int) -> Iterator[Path]:
    folder = Path(mkdtemp(dir=place))
    if os.geteuid() != 0 or shutil.which("mount") is None:
        raise UnplayableError("a small disk can be mounted by the superuser only")
    _mount("-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder))
    try:
        yield folder
    finally:
        subprocess.run(("umount", str(folder)), check=True)


def _mount(*arguments: str) -> None:
    done = subprocess.run(("mount", *arguments), capture_output=True, text=True, check=False)
    if done.returncode:
        raise UnplayableError(f"a small disk cannot be mounted: {done.stderr.strip()}")
