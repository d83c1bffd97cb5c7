"""Real processes that are killed, interrupted, or in each other's way."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from ssot_migrate.transaction.change import Change, digest_of
from ssot_migrate.transaction.errors import LockedError, TransactionError
from ssot_migrate.transaction.store import RunStore

from .points import BrokenPromiseError
from .story import difference, tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .story import Tree

_PLACES = 20
DONE, REFUSED, LOCKED, INTERRUPTED = 0, 3, 4, 130


def contents(number: int) -> tuple[bytes, bytes]:
    """A file of the tree before and after; they are of all sizes."""
    body = b"value = %d\n" % number * (1 + number * 37 % 900)
    return b"import old\n" + body, b"import new\n" + body


def plant(root: Path, files: int) -> None:
    """Make a tree of many files."""
    for number in range(files):
        file = root / path_of(number)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(contents(number)[0])


def path_of(number: int) -> str:
    """Where a file is."""
    return f"part{number % _PLACES}/module{number}.py"


def changes(files: int) -> list[Change]:
    """Replace most files, delete some, create some."""
    found = [
        Change(path_of(number), digest_of(old), None if number % 10 == 9 else new)
        for number, (old, new) in ((number, contents(number)) for number in range(files))
    ]
    return found + [Change(f"made/by{n}/new.py", None, b"new = 1\n") for n in range(files // 10)]


def commit_all(root: Path, files: int) -> int:
    """Change everything, and say as an exit code how that went."""
    try:
        with RunStore(root).begin(command=("ssot-migrate", "apply")) as run:
            run.commit(changes(files))
            run.finish()
    except LockedError:
        return LOCKED
    except TransactionError:
        return REFUSED
    except KeyboardInterrupt:
        return INTERRUPTED
    return DONE


def ended(
    place: Path, count: int, files: int, seed: int, *, is_gentle: bool
) -> Iterator[Callable[[], None]]:
    """Processes that are ended at random moments; after each the files are brought back."""
    root = Path(mkdtemp(dir=place))
    plant(root, files)
    old = tree(root)
    started = time.monotonic()
    _wait(_child(partial(commit_all, root, files)))
    patience = time.monotonic() - started
    new = tree(root)
    RunStore(root).rollback()
    moments = random.Random(seed)
    for number in range(count):
        delay = moments.uniform(0, patience)
        yield partial(_end, root, files, delay, (old, new), number, is_gentle=is_gentle)
        if tree(root) != old:  # one failure is not to be the cause of the next
            shutil.rmtree(root)
            plant(root, files)
    shutil.rmtree(root)


def _end(
    root: Path, files: int, delay: float, states: tuple[Tree, Tree], number: int, *, is_gentle: bool
) -> None:
    old, new = states
    child = _child(partial(commit_all, root, files))
    time.sleep(delay)
    os.kill(child, signal.SIGINT if is_gentle else signal.SIGKILL)
    _wait(child)
    now = tree(root)
    for path, there in now.items():
        is_temporary = os.path.basename(path).startswith(".ssot-migrate-") and not is_gentle
        if there not in (old.get(path), new.get(path)) and not is_temporary:
            raise BrokenPromiseError(f"{path} is neither old nor new")
    store = RunStore(root)
    if is_gentle and (store.unfinished() or now not in (old, new)):
        shutil.rmtree(root / ".ssot_migrate")
        raise BrokenPromiseError(f"an interrupted run was not put in order: {difference(now, old)}")
    if number % 2:
        for record in store.unfinished():
            store.recover(record.id)
        if tree(root) not in (old, new):
            raise BrokenPromiseError(f"neither old nor new: {difference(tree(root), old)}")
    if store.unfinished() or any(record.paths_in_force for record in store.history()):
        store.rollback()
    if tree(root) != old:
        raise BrokenPromiseError(f"not rolled back: {difference(tree(root), old)}")
    if number % 10 == 9:  # reading the history must not take longer and longer
        shutil.rmtree(root / ".ssot_migrate")


def racing(place: Path, count: int) -> Iterator[Callable[[], None]]:
    """Pairs of processes that want to change the same files."""
    for _ in range(count):
        yield partial(_race, place)


def _race(place: Path) -> None:
    root = Path(mkdtemp(dir=place))
    plant(root, 12)
    gate = os.pipe()
    children = [_child(partial(_behind, gate, partial(commit_all, root, 12))) for _ in range(2)]
    for end in gate:
        os.close(end)
    codes = sorted(map(_wait, children))
    # Whoever comes second finds the door locked, or the files changed.
    if codes[0] != DONE or codes[1] not in (LOCKED, REFUSED):
        raise BrokenPromiseError(f"two runs at once ended with {codes}")
    (record,) = (one for one in RunStore(root).history() if one.paths_in_force)
    if (root / path_of(0)).read_bytes() != contents(0)[1] or len(record.waves) != 1:
        raise BrokenPromiseError("two runs at once mixed their files")
    shutil.rmtree(root)


def _behind(gate: tuple[int, int], work: Callable[[], int]) -> int:
    """Begin when the parent, and everybody else, has let go of the gate."""
    os.close(gate[1])
    os.read(gate[0], 1)
    return work()


def _child(work: Callable[[], int]) -> int:
    """Do work in a process of its own, whose exit code it gives."""
    # A signal must not strike before the child can take it.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    child = os.fork()
    if child == 0:
        code = 99
        try:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
            code = work()
        except KeyboardInterrupt:
            code = INTERRUPTED
        finally:
            os._exit(code)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    return child


def _wait(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
