"""Work that comes to its end although whoever waits for it is cancelled."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Coroutine
    from typing import Any

T = TypeVar("T")

GRACE = 0.5
"""Seconds that work has for its own clean-up once it was cancelled for taking too long."""


async def run_to_end(work: Callable[[], Coroutine[Any, Any, T]], *, timeout: float) -> T:
    """Run `work` in a task of its own and wait for its end, even while being cancelled.

    A cancellation of the caller takes effect when the work has ended. Where the task of the work is
    cancelled as well, as at the end of `asyncio.run`, the work is begun once more: it has to be of
    the kind that may be done twice.

    Args:
        work: Makes the coroutine.
        timeout: Seconds after which the work is cancelled and given up.

    Raises:
        asyncio.CancelledError: The caller was cancelled meanwhile. The work has ended, or was given
            up; its own failure is the cause.
        TimeoutError: It was given up.
        RuntimeError: The work was cancelled twice, though not by this function.
    """
    interruption: asyncio.CancelledError | None = None
    failure: BaseException | None = None
    deadline = asyncio.get_running_loop().time() + timeout
    task = asyncio.ensure_future(work())
    try:
        interruption = await _wait_out({task}, deadline)
        if task.cancelled():
            task = asyncio.ensure_future(work())
            interruption = await _wait_out({task}, deadline) or interruption
        overdue = not task.done()
        if overdue:
            task.cancel()
            interruption = await _wait_out({task}, deadline + GRACE) or interruption
        failure = _failure(task, overdue, timeout)
        if interruption is not None:
            raise interruption from failure
        if failure is not None:
            raise failure
        return task.result()
    finally:
        del interruption, failure, task  # their tracebacks lead back to this frame


async def end_tasks(tasks: Collection[asyncio.Task[Any]], *, timeout: float) -> None:
    """Cancel tasks and wait for their end, even while being cancelled; how they end is no matter.

    Args:
        tasks: The tasks.
        timeout: Seconds after which those that go on nevertheless are left alone.

    Raises:
        asyncio.CancelledError: The caller was cancelled meanwhile.
        TimeoutError: A task goes on.
    """
    for task in tasks:
        task.cancel()
    interruption = await _wait_out(tasks, asyncio.get_running_loop().time() + timeout)
    try:
        left = [task for task in tasks if not _has_ended(task)]
        if interruption is not None:
            raise interruption
        if left:
            raise TimeoutError(f"{len(left)} tasks went on for {timeout:g} s after their end")
    finally:
        del interruption  # its traceback leads back to this frame


async def _wait_out(
    tasks: Collection[asyncio.Task[Any]], deadline: float
) -> asyncio.CancelledError | None:
    """Wait until all have ended or the loop's clock shows `deadline`, in seconds.

    Returns:
        The last cancellation of the caller meanwhile, for the caller to raise.
    """
    interruption = None
    loop = asyncio.get_running_loop()
    left = {task for task in tasks if not task.done()}
    while left and (seconds := deadline - loop.time()) > 0:
        try:
            _, left = await asyncio.wait(left, timeout=seconds)
        except asyncio.CancelledError as cancelled:
            interruption = cancelled
            left = {task for task in left if not task.done()}
    try:
        return interruption
    finally:
        del interruption


def _failure(task: asyncio.Task[Any], overdue: bool, timeout: float) -> BaseException | None:
    has_ended = _has_ended(task)
    if overdue:
        return TimeoutError(f"took longer than {timeout:g} s")
    if task.cancelled():
        return RuntimeError("was cancelled twice by others")
    return task.exception() if has_ended else None


def _has_ended(task: asyncio.Task[Any]) -> bool:
    """Whether it has; its exception then counts as looked at."""
    if task.done() and not task.cancelled():
        task.exception()
    return task.done()
