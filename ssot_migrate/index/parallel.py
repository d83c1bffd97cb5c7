"""Runs extraction over many files through one executor, and survives a worker's death.

`Workers` is the seam: processes of this machine, or those of a cluster (`cluster.py`). What starts
processes is imported where one is: most runs of the command read a few files and need none.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Protocol, TypeAlias

import msgspec

from ssot_migrate.index.facts import Unparsable
from ssot_migrate.index.worker import UNPARSABLE, Extracted, extract_batch, extract_isolated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Executor, ProcessPoolExecutor
    from contextlib import AbstractContextManager

    from ssot_migrate.workspace.source import Contents

    Submit: TypeAlias = Callable[[Contents, "list[Task]"], Callable[[], list[Extracted]]]
    """Hands a batch over; what it gives waits for the facts, and raises BrokenExecutor if the
    batch was lost with its worker."""

Task: TypeAlias = tuple[str, tuple[str, ...]]

FEW = 64
"""As many files are read sooner here than anywhere else."""
_BATCH = 40
_SECONDS_ALONE = 20
_BYTES_ALONE = 2 << 30
_ENDS = (signal.SIGINT, signal.SIGTERM)


class Workers(Protocol):
    """What extracts batches of files outside of this process."""

    def are_worth(self, files: int) -> bool:
        """Whether so many files are done sooner there."""

    def opened(self, batches: int) -> AbstractContextManager[Submit]:
        """Start them, for so many batches; none is at work when the block ends."""


class LocalProcesses:
    """Processes of this machine; they end with the block that they were started for."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs

    def are_worth(self, files: int) -> bool:
        """Whether so many files are done sooner there."""
        return files > FEW and self._jobs > 1

    @contextmanager
    def opened(self, batches: int) -> Iterator[Submit]:
        """Start at most one a batch."""
        with worker_processes(min(self._jobs, batches)) as executor:

            def submit(contents: Contents, batch: list[Task]) -> Callable[[], list[Extracted]]:
                return executor.submit(extract_batch, contents, batch).result

            yield submit


def workers_at(cluster: str, jobs: int) -> Workers:
    """The workers of a cluster, or of this machine where none is named.

    Args:
        cluster: The address of a Dask scheduler, `tcp://HOST:PORT`; empty for none.
        jobs: How many processes of this machine.
    """
    if not cluster:
        return LocalProcesses(jobs)
    from ssot_migrate.index.cluster import DaskCluster

    return DaskCluster(cluster)


def extract_all(
    contents: Contents,
    tasks: Sequence[Task],
    workers: Workers,
    progress: Callable[[str, int, int], None],
    what: str,
) -> Iterator[Extracted]:
    """Extract every task's facts; results come in any order, one for each task.

    A file that kills its worker process is found, by running what was lost one file at a time,
    and comes back as unparsable.

    Raises:
        UsageError: A cluster cannot do the work.
    """
    suspects: list[Task] = []
    batches = [list(tasks[start : start + _BATCH]) for start in range(0, len(tasks), _BATCH)]
    if workers.are_worth(len(tasks)):
        results = _elsewhere(contents, batches, workers)
    else:
        results = _here(contents, batches)
    kinds = dict(tasks)
    done = 0
    for batch in results:
        for extracted in batch:
            if extracted.needs_isolation:
                suspects.append((extracted.path, kinds[extracted.path]))
            else:
                yield extracted
        done += len(batch)
        progress(what, done, len(tasks))
    if suspects:
        yield from _one_by_one(contents, suspects)


def _here(contents: Contents, batches: Sequence[list[Task]]) -> Iterator[list[Extracted]]:
    return (extract_batch(contents, batch) for batch in batches)


def _elsewhere(
    contents: Contents, batches: Sequence[list[Task]], workers: Workers
) -> Iterator[list[Extracted]]:
    from concurrent.futures import BrokenExecutor

    lost: list[Task] = []
    with workers.opened(len(batches)) as submit:
        waiting: list[tuple[Callable[[], list[Extracted]], list[Task]]] = []
        for batch in batches:
            try:
                those = contents.only(path for path, _kinds in batch)
                waiting.append((submit(those, batch), batch))
            except BrokenExecutor:
                lost += batch
        for result, batch in waiting:
            try:
                yield result()
            except BrokenExecutor:
                lost += batch
    yield from ([extracted] for extracted in _one_by_one(contents, lost))


def _one_by_one(contents: Contents, tasks: Sequence[Task]) -> Iterator[Extracted]:
    """Extract from files that may crash or exhaust their process: it has bounds and is replaced.

    LibCST recurses natively and can take its process down.
    """
    from concurrent.futures import BrokenExecutor
    from concurrent.futures import TimeoutError as FutureTimeoutError

    remaining = list(tasks)
    while remaining:
        with worker_processes(1, _BYTES_ALONE) as executor:
            while remaining:
                path, kinds = remaining.pop(0)
                try:
                    that = contents.only([path])
                    future = executor.submit(extract_isolated, that, path, kinds)
                    yield future.result(timeout=_SECONDS_ALONE)
                except (BrokenExecutor, FutureTimeoutError):
                    yield _deadly(path)
                    break


def _deadly(path: str) -> Extracted:
    failure = Unparsable("the parser crashed or did not finish on this file")
    # Without a digest the verdict is not cached: the next run tries again.
    return Extracted(path, b"", ((UNPARSABLE, msgspec.msgpack.encode(failure)),))


@contextmanager
def worker_processes(jobs: int, max_bytes: int = 0) -> Iterator[Executor]:
    """Worker processes; none is left when the block ends, whatever ends it.

    Args:
        jobs: How many.
        max_bytes: How much memory each may take; 0 for no limit.
    """
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    # fork starts in 5 ms where spawn takes 50 and forkserver 55; nothing here starts threads first.
    method = "fork" if sys.platform == "linux" else "spawn"
    if method == "spawn":
        # A new interpreter would look for its modules in the working directory first.
        os.environ["PYTHONSAFEPATH"] = "1"
    executor = ProcessPoolExecutor(
        jobs,
        mp_context=multiprocessing.get_context(method),
        initializer=_settle,
        initargs=(max_bytes,),
    )
    try:
        # What ends the command would also end the workers that are not settled yet, each with a
        # traceback, and leave the executor half made. The first task starts the processes.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
        try:
            executor.submit(_nothing)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        yield executor
    finally:
        _stop(executor)


def _nothing() -> None:
    """A task."""


def _settle(max_bytes: int) -> None:
    """Make a worker process end with the one that started it, and not by itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if max_bytes:
        with suppress(ImportError, OSError, ValueError):
            import resource

            _, hard = resource.getrlimit(resource.RLIMIT_AS)
            resource.setrlimit(resource.RLIMIT_AS, (max_bytes, hard))


def _end_with_parent() -> None:
    import multiprocessing

    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGKILL)


def _stop(executor: ProcessPoolExecutor) -> None:
    # Those that are idle have nothing to lose, and the others' work is not wanted any more.
    for process in list((getattr(executor, "_processes", None) or {}).values()):
        process.kill()
    # One that was killed in the middle of an answer would leave its reader waiting for the rest.
    writer = getattr(getattr(executor, "_result_queue", None), "_writer", None)
    if writer is not None:
        with suppress(OSError):
            writer.close()
    executor.shutdown(wait=True, cancel_futures=True)
