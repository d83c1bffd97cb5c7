"""Runs extraction over many files through one executor, and survives a worker's death."""

from __future__ import annotations

import multiprocessing
import sys
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from ssot_migrate.index.facts import Unparsable
from ssot_migrate.index.worker import UNPARSABLE, Extracted, extract_batch, extract_newer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

Task: TypeAlias = tuple[str, tuple[str, ...]]

_FEW = 64
_BATCH = 40
_SECONDS_FOR_NEWER_SYNTAX = 60


def extract_all(
    root: Path,
    tasks: Sequence[Task],
    jobs: int,
    progress: Callable[[str, int, int], None],
    what: str,
) -> Iterator[Extracted]:
    """Extract every task's facts; results come in any order, one for each task.

    A file that kills its worker process is found, by running what was lost one file at a time,
    and comes back as unparsable.
    """
    newer: list[Task] = []
    batches = [list(tasks[start : start + _BATCH]) for start in range(0, len(tasks), _BATCH)]
    if len(tasks) <= _FEW or jobs == 1:
        results = _here(root, batches)
    else:
        results = _in_processes(root, batches, jobs)
    kinds = dict(tasks)
    done = 0
    for batch in results:
        for extracted in batch:
            if extracted.newer_syntax:
                newer.append((extracted.path, kinds[extracted.path]))
            else:
                yield extracted
        done += len(batch)
        progress(what, done, len(tasks))
    if newer:
        yield from _with_newer_grammar(root, newer)


def _here(root: Path, batches: Sequence[list[Task]]) -> Iterator[list[Extracted]]:
    return (extract_batch(str(root), batch) for batch in batches)


def _in_processes(
    root: Path, batches: Sequence[list[Task]], jobs: int
) -> Iterator[list[Extracted]]:
    lost: list[Task] = []
    with _processes(jobs) as executor:
        futures = [(executor.submit(extract_batch, str(root), batch), batch) for batch in batches]
        for future, batch in futures:
            try:
                yield future.result()
            except BrokenProcessPool:
                lost += batch
    yield from ([_alone(root, task)] for task in lost)


def _alone(root: Path, task: Task) -> Extracted:
    with _processes(1) as executor:
        try:
            return executor.submit(extract_batch, str(root), [task]).result()[0]
        except BrokenProcessPool:
            return _deadly(task[0])


def _with_newer_grammar(root: Path, tasks: Sequence[Task]) -> Iterator[Extracted]:
    """LibCST recurses natively and can take its process down: it gets one to itself."""
    executor = _processes(1)
    try:
        for path, kinds in tasks:
            future: Future[Extracted] = executor.submit(extract_newer, str(root), path, kinds)
            try:
                yield future.result(timeout=_SECONDS_FOR_NEWER_SYNTAX)
            except (BrokenProcessPool, TimeoutError):
                _stop(executor)
                executor = _processes(1)
                yield _deadly(path)
    finally:
        _stop(executor)


def _deadly(path: str) -> Extracted:
    failure = Unparsable("the parser crashed or did not finish on this file")
    # Without a digest the verdict is not cached: the next run tries again.
    return Extracted(path, b"", ((UNPARSABLE, msgspec.msgpack.encode(failure)),))


def _processes(jobs: int) -> ProcessPoolExecutor:
    # fork starts in 5 ms where spawn takes 50 and forkserver 55; nothing here starts threads first.
    method = "fork" if sys.platform == "linux" else "spawn"
    return ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context(method))


def _stop(executor: Executor) -> None:
    processes = getattr(executor, "_processes", None) or {}
    for process in list(processes.values()):
        process.kill()
    executor.shutdown(wait=True, cancel_futures=True)
