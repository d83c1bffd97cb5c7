"""An event loop with a clock of its own, a seeded order of steps, and a cancellation anywhere."""

from __future__ import annotations

import asyncio
import gc
import random
import weakref
from collections import deque
from contextlib import suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")

OWNER: ContextVar[str] = ContextVar("owner", default="")
"""The user on whose behalf something runs; tasks inherit it from the task that made them."""


class Strike(msgspec.Struct, frozen=True):
    """A cancellation: of the task that was created as number `task`, before step `step`."""

    step: int
    task: int

    def __str__(self) -> str:
        return f"task {self.task} cancelled before step {self.step}"


_LONGEST_SECONDS = 1000.0


class DeadlockError(Exception):
    """Tasks wait, and nothing will wake them but the clock, if anything."""


class SteppedLoop(asyncio.SelectorEventLoop):
    """Runs one callback a step; time passes only when there is nothing to run.

    Args:
        seed: Chooses which of the ready callbacks is next; None keeps asyncio's order.
        strike: The task to cancel, and when.
    """

    _scheduled: list[asyncio.TimerHandle]

    def __init__(self, seed: int | None = None, strike: Strike | None = None) -> None:
        super().__init__()
        self.steps = 0
        self.owners: list[str] = []
        self.alive: list[tuple[int, ...]] = []
        self.struck: str | None = None
        self.struck_owner: str | None = None
        self.complaints: list[str] = []
        self._tasks: list[weakref.ref[asyncio.Task[Any]]] = []
        self._strike = strike
        self._now = 0.0
        self._ready: _Ready = _Ready(self, None if seed is None else random.Random(seed))
        self.set_task_factory(self._make)
        self.set_exception_handler(self._complain)

    def time(self) -> float:
        """Seconds since the loop was made, by its own clock."""
        return self._now

    def play(self, main: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end, complain of the tasks that outlive it, and close the loop.

        Raises:
            DeadlockError: Nothing would ever have happened again.
        """
        try:
            return self.run_until_complete(main)
        finally:
            self._strike = None
            pending = asyncio.all_tasks(self)
            self.complaints += [f"still pending: {_name_of(task)}" for task in pending]
            for task in pending:
                task.cancel()
            with suppress(DeadlockError):
                if pending:
                    self.run_until_complete(asyncio.wait(pending))
            del main, pending
            gc.collect()
            self.close()

    def before_step(self) -> None:
        """Count a step, and strike if it is the one."""
        if self._strike is None:
            tasks = [(number, made()) for number, made in enumerate(self._tasks)]
            self.alive.append(tuple(n for n, task in tasks if task is not None and not task.done()))
        elif self._strike.step == self.steps and (task := self._tasks[self._strike.task]()):
            self.struck = _name_of(task)
            self.struck_owner = self.owners[self._strike.task]
            task.cancel()
        self.steps += 1

    def _make(
        self, loop: asyncio.AbstractEventLoop, work: Any, **options: Any
    ) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.Task(work, loop=loop, **options)
        self._tasks.append(weakref.ref(task))
        self.owners.append(OWNER.get())
        return task

    def _complain(self, _loop: asyncio.AbstractEventLoop, told: dict[str, Any]) -> None:
        self.complaints.append(f"{told['message']}: {told.get('exception')!r}")

    def _run_once(self) -> None:
        if not self._ready:
            pending = [handle for handle in self._scheduled if not handle.cancelled()]
            if not pending or self._now > _LONGEST_SECONDS:
                raise DeadlockError(f"nothing to do after {self.steps} steps")
            self._now = max(self._now, min(handle.when() for handle in pending))
        super()._run_once()  # type: ignore[misc]


def _name_of(task: asyncio.Task[Any]) -> str:
    """The name it was given, or else the function that it runs; both are the same every time."""
    name = task.get_name()
    if name.startswith("Task-"):
        return str(getattr(task.get_coro(), "__qualname__", name))
    return name


class _Ready(deque[asyncio.Handle]):
    """Where the loop takes its next callback from."""

    def __init__(self, loop: SteppedLoop, chance: random.Random | None) -> None:
        super().__init__()
        self._loop = loop
        self._chance = chance

    def popleft(self) -> asyncio.Handle:
        self._loop.before_step()
        if self._chance is not None and len(self) > 1:
            self.rotate(-self._chance.randrange(len(self)))
        return super().popleft()
