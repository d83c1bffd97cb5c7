"""Work that comes to its end although whoever waits for it is cancelled."""

from __future__ import annotations

import asyncio
import sys
import weakref
from contextvars import ContextVar
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Coroutine, Sequence
    from typing import Any

    Work = tuple[str, Callable[[], Coroutine[Any, Any, None]]]
    """A name for the report, and what makes the coroutine."""

T = TypeVar("T")

GRACE = 0.5
"""Seconds that work has for its own clean-up once it was cancelled for taking too long."""


class _Mark:
    """Stands for a task in the context variables of what it begins, and does not keep it alive."""

    __slots__ = ("task",)

    def __init__(self) -> None:
        self.task: weakref.ref[asyncio.Task[Any]] | None = None

    def running(self) -> asyncio.Task[Any] | None:
        """The task, unless it has ended."""
        task = None if self.task is None else self.task()
        return None if task is None or task.done() else task


_SURROUNDING: ContextVar[tuple[_Mark, ...]] = ContextVar("surrounding_tasks", default=())


def begin_task(work: Coroutine[Any, Any, T], *, name: str | None = None) -> asyncio.Task[T]:
    """Begin a task that `surrounding_tasks` names in all that it does, and in tasks it begins."""
    mark = _Mark()
    running = (one for one in _SURROUNDING.get() if one.running() is not None)
    token = _SURROUNDING.set((*running, mark))
    try:
        task = asyncio.get_running_loop().create_task(work, name=name)
    finally:
        _SURROUNDING.reset(token)
    mark.task = weakref.ref(task)
    return task


def surrounding_tasks() -> set[asyncio.Task[Any]]:
    """The current task, and those of `begin_task` that led to it.

    They may be waiting for what is done here, so to wait for one of them could be to wait for ever.
    """
    tasks = (asyncio.current_task(), *(mark.running() for mark in _SURROUNDING.get()))
    return {task for task in tasks if task is not None}


async def run_to_end(
    works: Sequence[Work], *, timeout: float, report: Callable[[str, BaseException], None]
) -> None:
    """Run works at once, each in a task of its own, and wait for their ends even while cancelled.

    A cancellation of the caller takes effect when all works have ended. A work whose task others
    cancel, as the end of `asyncio.run` does, is begun once more: it has to be of the kind that may
    be done twice. A work that ends cancelled by itself has failed.

    Args:
        works: What to run.
        timeout: Seconds after which works that go on are cancelled and given up.
        report: Told the name and the error of each work that failed, or was given up.

    Raises:
        asyncio.CancelledError: The caller was cancelled meanwhile.
    """
    deadline = asyncio.get_running_loop().time() + timeout
    tasks = [asyncio.ensure_future(work()) for _, work in works]
    interruption = await _wait_out(tasks, deadline)
    try:
        for place, (_, work) in enumerate(works):
            if _was_cancelled_by_others(tasks[place]):
                tasks[place] = asyncio.ensure_future(work())
        interruption = await _wait_out(tasks, deadline) or interruption
        overdue = {task for task in tasks if not task.done()}
        for task in overdue:
            task.cancel()
        interruption = await _wait_out(overdue, deadline + GRACE) or interruption
        for (name, _), task in zip(works, tasks, strict=True):
            if (failure := _failure(task, task in overdue, timeout)) is not None:
                report(name, failure)
        if interruption is not None:
            raise interruption
    finally:
        del interruption  # its traceback leads back to this frame


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


def _was_cancelled_by_others(task: asyncio.Task[Any]) -> bool:
    """Whether somebody cancelled the task, and not only what it waited for."""
    if sys.version_info >= (3, 11):
        return task.cancelled() and task.cancelling() > 0
    else:  # noqa: RET505 - what mypy takes for another version's; Python 3.10 does not tell
        return task.cancelled()


def _failure(task: asyncio.Task[Any], is_overdue: bool, timeout: float) -> BaseException | None:
    has_ended = _has_ended(task)
    if is_overdue:
        return TimeoutError(f"took longer than {timeout:g} s")
    if task.cancelled():
        return asyncio.CancelledError()
    return task.exception() if has_ended else None


def _has_ended(task: asyncio.Task[Any]) -> bool:
    """Whether it has; its exception then counts as looked at."""
    if task.done() and not task.cancelled():
        task.exception()
    return task.done()
