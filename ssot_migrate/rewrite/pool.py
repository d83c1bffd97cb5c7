"""Rewrites files in guarded worker processes: one that kills its process stops no other."""

from __future__ import annotations

import gc
import importlib
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, cast

from ssot_migrate.domain.outcome import FileOutcome, Outcome
from ssot_migrate.index.parallel import worker_processes
from ssot_migrate.index.parse import run_with_stack, stack_room
from ssot_migrate.rewrite.engine import Rewritten, rewrite_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssot_migrate.index.index import Progress
    from ssot_migrate.rewrite.codemod import Codemod
    from ssot_migrate.rewrite.decisions import FileTask
    from ssot_migrate.workspace.source import Contents

# LibCST recurses natively: 10,000 operands need a few hundred megabytes of stack, which is memory
# that is only reserved. Figures of what it takes: a megabyte of short statements, 1.5 GB.
_STACK_BYTES = 512 << 20
_FRAMES = 100_000
_MAX_BYTES = 4 << 30
_SECONDS = 30
_BATCH = 8


def rewrite_all(
    contents: Contents,
    tasks: Sequence[FileTask],
    codemods: Sequence[str],
    jobs: int,
    progress: Progress,
) -> Iterator[Rewritten]:
    """Carry out every task; results come in order.

    Args:
        contents: What the project's files hold.
        tasks: What to do, file by file.
        codemods: Names of the codemods' modules.
        jobs: Number of worker processes, of which there is at least one.
        progress: Called as files are done.
    """
    # Few files are spread, as one may take as long as the rest together.
    size = max(1, min(_BATCH, len(tasks) // (4 * jobs)))
    batches = [list(tasks[start : start + size]) for start in range(0, len(tasks), size)]
    results: dict[str, Rewritten] = {}
    suspects: list[FileTask] = []
    if batches:
        with worker_processes(min(jobs, len(batches)), _MAX_BYTES) as executor:
            waiting: list[tuple[Future[list[Rewritten]] | None, list[FileTask]]] = []
            for batch in batches:
                those = contents.only(task.path for task in batch)
                try:
                    waiting.append((executor.submit(_rewrite, those, batch, codemods), batch))
                except BrokenProcessPool:
                    waiting.append((None, batch))
            for future, batch in waiting:
                done = _result(future, _SECONDS * len(batch))
                if done is None:
                    suspects += batch
                for one in done or ():
                    results[one.outcome.path] = one
                progress("Rewriting", len(results), len(tasks))
    for task in suspects:
        results[task.path] = _alone(contents, task, codemods)
        progress("Rewriting", len(results), len(tasks))
    yield from (results[task.path] for task in tasks)


def _alone(contents: Contents, task: FileTask, codemods: Sequence[str]) -> Rewritten:
    """Rewrite a file in a process of its own; what kills it is named."""
    with worker_processes(1, _MAX_BYTES) as executor:
        future = executor.submit(_rewrite, contents.only([task.path]), [task], codemods)
        done = _result(future, _SECONDS)
    if done is not None:
        return done[0]
    why = f"takes its process down, more than {_MAX_BYTES >> 30} GiB, or over {_SECONDS} seconds"
    return Rewritten(FileOutcome(path=task.path, outcome=Outcome.REFUSED, why=why))


def _result(future: Future[list[Rewritten]] | None, seconds: int) -> list[Rewritten] | None:
    if future is None:
        return None
    try:
        return future.result(timeout=seconds)
    except (BrokenProcessPool, FutureTimeoutError, MemoryError):
        return None


def _rewrite(contents: Contents, tasks: list[FileTask], names: Sequence[str]) -> list[Rewritten]:
    codemods = [cast("Codemod", importlib.import_module(name)) for name in names]
    results: list[Rewritten] = []

    def work() -> None:
        with stack_room(_FRAMES):
            results.extend(rewrite_file(contents, task, codemods) for task in tasks)

    # Trees are freed without the collector, which would only walk through them again and again.
    gc.disable()
    run_with_stack(_STACK_BYTES, work)
    if len(results) < len(tasks):
        raise MemoryError("a file could not be rewritten")
    return results
