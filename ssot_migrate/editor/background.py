"""One piece of work in a process of its own, which sees everything as it was at its start."""

from __future__ import annotations

import multiprocessing
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection


class Background:
    """Looks at a whole project while its files are edited on.

    The process is forked, so that what is known of the project need not be handed over: it must be
    started while no other thread runs.
    """

    def __init__(self) -> None:
        self._process: multiprocessing.process.BaseProcess | None = None
        self._reader: Connection | None = None

    @property
    def result(self) -> Connection | None:
        """What to wait for; None if nothing is under way."""
        return self._reader

    def start(self, work: Callable[[], tuple[Finding, ...]]) -> None:
        """Begin; what was under way is given up."""
        self.stop()
        context = multiprocessing.get_context("fork")
        self._reader, writer = context.Pipe(duplex=False)
        self._process = context.Process(target=_send, args=(work, writer), daemon=True)
        self._process.start()
        writer.close()

    def take(self) -> tuple[Finding, ...] | None:
        """What was found; None if the process came to an end without saying it."""
        data = None
        if self._reader is not None:
            try:
                data = self._reader.recv_bytes()
            except (EOFError, OSError):
                data = None
        self.stop()
        return None if data is None else msgspec.msgpack.decode(data, type=tuple[Finding, ...])

    def stop(self) -> None:
        """Give up what is under way."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
        if self._reader is not None:
            self._reader.close()
        self._process = self._reader = None


def _send(work: Callable[[], tuple[Finding, ...]], writer: Connection) -> None:
    writer.send_bytes(msgspec.msgpack.encode(work()))
    writer.close()
