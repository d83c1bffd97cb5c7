"""Cancels work at every step of its way, in a loop whose clock does not wait."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from contextlib import AbstractAsyncContextManager

T = TypeVar("T")
W = TypeVar("W")

LATER = (1, 2, 3, 5, 8, 13)
"""After how many more steps a second cancellation comes."""


class SteppedLoop(asyncio.SelectorEventLoop):
    """Counts its steps, acts at some of them, and turns its clock on instead of waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.steps = 0
        self.act: Callable[[int], None] | None = None
        self._seconds = 0.0
        self.complaints: list[str] = []
        self.set_exception_handler(lambda _, about: self.complaints.append(str(about)))

    def time(self) -> float:
        return self._seconds

    def _run_once(self) -> None:
        if not vars(self)["_ready"]:
            timers: list[asyncio.TimerHandle] = vars(self)["_scheduled"]
            times = (timer.when() for timer in timers if not timer.cancelled())
            self._seconds = max(self._seconds, min(times, default=0.0))
        if self.act is not None:
            self.steps += 1
            self.act(self.steps)
        super()._run_once()  # type: ignore[misc]


def run_stepped(main: Coroutine[Any, Any, T], loop: SteppedLoop | None = None) -> T:
    """Run `main` to its end; it leaves no task, and nothing that the loop complains about."""
    loop = loop or SteppedLoop()
    try:
        result = loop.run_until_complete(main)
        assert not asyncio.all_tasks(loop)
        gc.collect(0)  # a failure that nobody looked at is complained about when it is forgotten
        assert not loop.complaints
        return result
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def sweep(
    world: Callable[[], AbstractAsyncContextManager[W]],
    work: Callable[[W], Coroutine[Any, Any, Any]],
    *,
    everybody: bool = False,
) -> int:
    """Do `work` in a new `world`, cancelled at every step, and once more a few steps later.

    The world checks, when it is left, that nothing is open any more. The work has to end cancelled,
    unless it had ended before.

    Args:
        world: Makes a world.
        work: What to cancel.
        everybody: Cancel all tasks at once, as the end of `asyncio.run` does, and only once.

    Returns:
        How many steps the work takes.
    """
    steps = _attempt(world, work, (), everybody=False)
    for step in range(1, steps + 1):
        _attempt(world, work, (step,), everybody=everybody)
        for later in () if everybody else LATER:
            _attempt(world, work, (step, step + later), everybody=False)
    return steps


def _attempt(
    world: Callable[[], AbstractAsyncContextManager[W]],
    work: Callable[[W], Coroutine[Any, Any, Any]],
    cancel_at: tuple[int, ...],
    *,
    everybody: bool,
) -> int:
    loop = SteppedLoop()

    async def main() -> int:
        async with world() as here:
            bystanders = {asyncio.current_task()}
            victim = loop.create_task(work(here))
            is_cancelled = False

            def act(step: int) -> None:
                nonlocal is_cancelled
                if step in cancel_at and not victim.done():
                    is_cancelled = True
                    for task in asyncio.all_tasks(loop) - bystanders if everybody else (victim,):
                        task.cancel()

            loop.steps, loop.act = 0, act
            await asyncio.wait((victim,))
            steps, loop.act = loop.steps, None
            if not is_cancelled:
                victim.result()
            elif not victim.cancelled():
                raise AssertionError(f"it was lost: {victim.exception()!r}")
        return steps

    try:
        return run_stepped(main(), loop)
    except Exception as problem:
        whom = "everybody" if everybody else "the work"
        raise AssertionError(f"{whom} was cancelled at {cancel_at}: {problem}") from problem
