"""Extraction on the workers of a Dask cluster that shares this machine's file system.

A file travels as its path: a worker reads it by itself, so that the client's network is no limit.
What comes back says which content it is about, and counts if the client has read the same. What
is on no disk (staged, unsaved, of an old commit) travels as content.
"""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import re
import socket
import time
import warnings
from concurrent.futures import BrokenExecutor, CancelledError
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from ssot_migrate.domain.errors import UsageError
from ssot_migrate.domain.finding import FileError
from ssot_migrate.index.elsewhere import IDENTITY, UnfitWorkerError, extract_elsewhere
from ssot_migrate.index.parallel import FEW
from ssot_migrate.index.worker import Extracted, digest_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    from ssot_migrate.index.parallel import Submit, Task
    from ssot_migrate.workspace.source import Contents

_EXECUTOR = re.compile(r"dask://(\[[0-9a-fA-F:.]+\]|[\w.-]+):(\d{1,5})/?", re.ASCII)
_LOGGERS = ("distributed", "distributed.client", "distributed.core", "tornado.application")
_CONNECT_SECONDS = 3.0
_PULSE_SECONDS = 1.0
_PATIENCE_SECONDS = 20.0


def address_of(executor: str) -> str:
    """The address of the scheduler that `dask://HOST:PORT` names; nothing is connected yet.

    Raises:
        UsageError: It is not of that form, or the library is not installed.
    """
    match = _EXECUTOR.fullmatch(executor)
    if match is None or int(match[2]) > 65535:
        raise UsageError(f"--executor {executor!r} is not dask://HOST:PORT")
    if importlib.util.find_spec("distributed") is None:
        remedy = "install ssot-migrate with its extra, as in `pip install '.[dask]'` in a clone"
        raise UsageError(f"--executor dask://… needs Dask: {remedy}")
    return f"tcp://{match[1]}:{match[2]}"


class DaskCluster:
    """The workers of a Dask scheduler, as many as there are and whenever they come.

    Args:
        address: The scheduler's, `tcp://HOST:PORT`.
        patience: After how many seconds without any worker to give up.
    """

    def __init__(self, address: str, patience: float = _PATIENCE_SECONDS) -> None:
        self._address = address
        self._patience = patience

    def are_worth(self, files: int) -> bool:
        """Whether so many files are done sooner there."""
        return files > FEW

    @contextmanager
    def opened(self, _batches: int) -> Iterator[Submit]:
        """Connect to the scheduler for as long as the block takes.

        Nothing stays: the client's threads would not survive the forks of what comes after.

        Raises:
            UsageError: There is no scheduler, or a worker that cannot do the work.
        """
        client = _connected(self._address)
        # Another file may have had this path and these arguments: no answer is used again.
        executor = client.get_executor(pure=False)
        watch = _Watch(client, self._patience)

        def submit(contents: Contents, batch: list[Task]) -> Callable[[], list[Extracted]]:
            known, read = _read_here(contents, batch)
            tasks = [(path, kinds) for path, kinds in batch if path in read]
            if not tasks:
                return lambda: known
            future = executor.submit(extract_elsewhere, IDENTITY, contents, tasks)
            return lambda: known + [_agreed(one, read) for one in watch.result(future)]

        try:
            yield submit
        finally:
            with suppress(Exception):  # of a connection that may be gone; nothing waits for it
                executor.shutdown(wait=False)
                client.close(timeout=_PULSE_SECONDS)


def _read_here(contents: Contents, batch: list[Task]) -> tuple[list[Extracted], dict[str, bytes]]:
    """The files that cannot be read, and the digests of the others by path."""
    read = {path: contents.read(path) for path, _kinds in batch}
    return (
        [Extracted(path, error=data) for path, data in read.items() if isinstance(data, FileError)],
        {path: digest_of(data) for path, data in read.items() if isinstance(data, bytes)},
    )


def _agreed(one: Extracted, read: dict[str, bytes]) -> Extracted:
    """Facts of what was read here; of anything else the file is left to this machine.

    A file server may show a machine for seconds what a file was before.
    """
    return one if one.digest == read[one.path] else Extracted(one.path, needs_isolation=True)


def _connected(address: str) -> Any:
    """A client of the scheduler.

    Raises:
        UsageError: It does not answer, or is none.
    """
    host, _, port = address.removeprefix("tcp://").rpartition(":")
    try:
        # Dask would try again and again to reach what refuses.
        socket.create_connection((host.strip("[]"), int(port)), _CONNECT_SECONDS).close()
    except OSError as problem:
        raise _unreachable(address, problem.strerror or str(problem)) from problem
    distributed = _library()
    for name in _LOGGERS:
        # What it would write to stderr is told as an error, or is of no concern.
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        kind = asyncio.run(asyncio.wait_for(_kind(address), _CONNECT_SECONDS))
    except Exception as problem:  # whatever a stranger's answer leads to
        raise _unreachable(address, "what answers there is not Dask") from problem
    if kind != "Scheduler":
        raise _unreachable(address, f"what answers there is Dask's {kind}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # workers are asked for their versions with their work
        try:
            return distributed.Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as problem:
            raise _unreachable(address, str(problem)) from problem


def _library() -> Any:
    """Dask, which has no types and takes half a second to import."""
    return importlib.import_module("distributed")


async def _kind(address: str) -> str:
    """What of Dask listens at an address: a client would wait for ever for anything else."""
    async with _library().rpc(address) as peer:
        return str((await peer.identity())["type"])


def _unreachable(address: str, why: str) -> UsageError:
    return UsageError(
        f"the scheduler at {address} cannot be reached: {why};"
        " start one with `dask scheduler`, or leave out --executor"
    )


class _Watch:
    """Waits for answers, and gives up if nobody is left to give them."""

    def __init__(self, client: Any, patience: float) -> None:
        self._client = client
        self._patience = patience
        self._last_seen = time.monotonic()

    def result(self, future: Future[list[Extracted]]) -> list[Extracted]:
        """The answer.

        Raises:
            BrokenExecutor: The batch took every worker down that it was given to.
            UsageError: A worker is unfit, none is left, or the scheduler is gone.
        """
        while True:
            try:
                found = future.result(timeout=_PULSE_SECONDS)
                self._last_seen = time.monotonic()
                return found
            except FutureTimeoutError as problem:
                if future.done() and future.exception() is problem:
                    raise _failed(problem) from problem
                self._look()
            except UnfitWorkerError as problem:
                raise UsageError(str(problem)) from problem
            except CancelledError as problem:
                raise UsageError("the connection to the Dask scheduler was lost") from problem
            except Exception as problem:  # of the library, or of a worker that is set up otherwise
                if isinstance(problem, _library().KilledWorker):
                    raise BrokenExecutor(str(problem)) from problem
                raise _failed(problem) from problem

    def _look(self) -> None:
        now = time.monotonic()
        try:
            if self._client.nthreads():
                self._last_seen = now
                return
        except Exception as problem:
            raise UsageError("the connection to the Dask scheduler was lost") from problem
        if now - self._last_seen > self._patience:
            raise UsageError(
                f"the Dask cluster has had no worker for {self._patience:.0f} seconds:"
                " start some with `dask worker`, or leave out --executor; their logs say why"
                " workers ended, and each needs ssot-migrate"
            )


def _failed(problem: BaseException) -> UsageError:
    what = " ".join(str(problem).split())
    return UsageError(
        f"the Dask cluster failed: {type(problem).__name__}: {what}; the scheduler and every"
        " worker need ssot-migrate and Dask in the versions of this machine"
    )
