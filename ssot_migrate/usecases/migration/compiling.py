"""Compiles files, in processes that a file may take down with it."""

from __future__ import annotations

import warnings
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.finding import FileError
from ssot_migrate.index.facts import Unparsable
from ssot_migrate.index.parallel import worker_processes
from ssot_migrate.index.parse import may_exhaust_parser, parse, stack_room
from ssot_migrate.workspace.source import read

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ssot_migrate.index.index import Progress

_FRAMES = 1_000
_BATCH = 40
_FEW = 64
_SECONDS = 20
_MAX_BYTES = 2 << 30


class Fault(msgspec.Struct, frozen=True, order=True):
    """Why a file does not compile.

    Args:
        path: The file.
        line: 1-based line; 0 where none is known.
        message: What the compiler says.
        is_syntax: Whether the parser rejects it; what it accepts can still be wrong, as `return`
            outside a function is.
    """

    path: str
    line: int
    message: str
    is_syntax: bool = False


def faults(root: Path, paths: Sequence[str], jobs: int, progress: Progress) -> Iterator[Fault]:
    """Compile every file as the running interpreter does; those that fail, in any order.

    A file that cannot be read is passed over.
    """
    batches = [list(paths[start : start + _BATCH]) for start in range(0, len(paths), _BATCH)]
    alone: list[str] = []
    done = 0
    for batch, (found, suspects) in _compiled(root, batches, jobs):
        yield from found
        alone += suspects
        done += len(batch)
        progress("Compiling", done, len(paths))
    for path in alone:
        yield from _compiled_alone(root, path)


def fault(data: bytes) -> tuple[int, str, bool] | None:
    """Line, message and kind of what is wrong with a source; None if it compiles."""
    try:
        with warnings.catch_warnings(), stack_room(_FRAMES):
            warnings.simplefilter("ignore")
            compile(data, "<source>", "exec", dont_inherit=True)
    except SyntaxError as error:
        is_syntax = isinstance(parse(data), Unparsable)
        return error.lineno or 0, error.msg or "invalid syntax", is_syntax
    except (ValueError, RecursionError, MemoryError) as error:
        return 0, str(error) or "too large or nested too deeply", True
    return None


def _compiled(
    root: Path, batches: Sequence[list[str]], jobs: int
) -> Iterator[tuple[list[str], tuple[list[Fault], list[str]]]]:
    """Batches with their faults, and the files that are better compiled alone."""
    if jobs == 1 or sum(map(len, batches)) <= _FEW:
        yield from ((batch, _compile(str(root), batch)) for batch in batches)
        return
    with worker_processes(min(jobs, len(batches)), _MAX_BYTES) as executor:
        waiting: list[tuple[Future[tuple[list[Fault], list[str]]] | None, list[str]]] = []
        for batch in batches:
            try:
                waiting.append((executor.submit(_compile, str(root), batch), batch))
            except BrokenProcessPool:
                waiting.append((None, batch))
        for future, batch in waiting:
            try:
                yield batch, ([], batch) if future is None else future.result()
            except BrokenProcessPool:
                yield batch, ([], batch)


def _compiled_alone(root: Path, path: str) -> Iterator[Fault]:
    with worker_processes(1, _MAX_BYTES) as executor:
        future = executor.submit(_compile, str(root), [path], is_alone=True)
        try:
            yield from future.result(timeout=_SECONDS)[0]
        except (BrokenProcessPool, FutureTimeoutError):
            yield Fault(path, 0, "the compiler crashed or did not finish on this file")


def _compile(
    root: str, paths: list[str], *, is_alone: bool = False
) -> tuple[list[Fault], list[str]]:
    found: list[Fault] = []
    suspects: list[str] = []
    for path in paths:
        data = read(root, path)
        if isinstance(data, FileError):
            continue
        if not is_alone and may_exhaust_parser(data):
            suspects.append(path)
            continue
        wrong = fault(data)
        if wrong is not None:
            found.append(Fault(path, *wrong))
    return found, suspects
