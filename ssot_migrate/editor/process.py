"""Starts the process of a project, talks to it, and starts it again if it dies."""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from ssot_migrate.editor.messages import (
    LENGTH_BYTES,
    Answered,
    AskActions,
    AskHome,
    Edited,
    Idle,
    packed,
    report_from,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from ssot_migrate.editor.messages import Question, Report

_MOST_DEATHS = 3
_GOODBYE_SECONDS = 2.0
# Neither the working directory nor PYTHONPATH may say what is imported: the tree could lie there.
_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    "from ssot_migrate.cli import run; sys.exit(run(sys.argv[2:]))"
)


class ProjectProcess:
    """The process that knows one project.

    Args:
        folder: The folder whose project it is.
        arguments: The command line of the server, which it shares.
        heard: Told what the process says.
        lost: Told that it died, and whether it is started again.
    """

    def __init__(
        self,
        folder: str,
        arguments: Sequence[str],
        heard: Callable[[ProjectProcess, Report], Awaitable[None]],
        lost: Callable[[ProjectProcess, bool], None],
    ) -> None:
        self.folder = folder
        self._arguments = arguments
        self._heard = heard
        self._lost = lost
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._open: dict[str, Edited] = {}
        self._waiting: dict[int, asyncio.Future[Answered]] = {}
        self._numbers = itertools.count(1)
        self._deaths = 0
        self._is_ending = False

    def start(self) -> None:
        """Start the process; what is said to it meanwhile is not lost."""
        self._task = asyncio.get_running_loop().create_task(self._live())

    def tell(self, question: Question) -> None:
        """Say something that needs no answer."""
        if isinstance(question, Edited):
            self._open[question.file] = question
            if question.text is None:
                del self._open[question.file]
        self._send(question)

    async def ask(self, make: Callable[[int], AskActions | AskHome]) -> Answered:
        """Ask a question; nothing is the answer of a process that died."""
        number = next(self._numbers)
        future: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        if not self._send(make(number)):
            future.set_result(Answered(number))
        try:
            return await future
        finally:
            del self._waiting[number]

    async def stop(self) -> None:
        """End the process."""
        self._is_ending = True
        process = self._process
        if process is not None and process.returncode is None:
            if process.stdin is not None:
                process.stdin.close()
            try:
                await asyncio.wait_for(process.wait(), _GOODBYE_SECONDS)
            except asyncio.TimeoutError:
                with suppress(ProcessLookupError):
                    process.kill()
        if self._task is not None:
            await self._task

    def _send(self, question: Question) -> bool:
        process = self._process
        if process is None or process.stdin is None or process.stdin.is_closing():
            return False
        process.stdin.write(packed(question))
        return True

    async def _live(self) -> None:
        while not self._has_ended():
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-c", _START, json.dumps(sys.path)),
                *(*self._arguments, "--project", self.folder),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            for edited in self._open.values():
                self._send(edited)
            await self._listen(self._process)
            await self._process.wait()
            for future in self._waiting.values():
                if not future.done():
                    future.set_result(Answered(0))
            if self._has_ended():
                return
            self._deaths += 1
            goes_on = self._deaths < _MOST_DEATHS
            self._lost(self, goes_on)
            if not goes_on:
                return

    def _has_ended(self) -> bool:
        return self._is_ending

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                length = int.from_bytes(await process.stdout.readexactly(LENGTH_BYTES), "big")
                report = report_from(await process.stdout.readexactly(length))
                self._deaths = 0 if isinstance(report, Idle) else self._deaths
                if isinstance(report, Answered):
                    future = self._waiting.get(report.number)
                    if future is not None and not future.done():
                        future.set_result(report)
                else:
                    await self._heard(self, report)
