"""Clean-up comes to its end, and cancellations are not lost on the way."""

from __future__ import annotations

import asyncio
import gc
import sys
import weakref
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest

from ssot_migrate.runtime.shielding import begin_task, end_tasks, run_to_end, surrounding_tasks

from .service import Failure
from .sweeping import run_stepped, sweep

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

Problems = list[tuple[str, BaseException]]


async def done(*works: Callable[[], Coroutine[Any, Any, None]], timeout: float = 5.0) -> Problems:
    """Run works to their ends, and say which failed with what."""
    problems: Problems = []
    named = [(work.__name__, work) for work in works]
    await run_to_end(named, timeout=timeout, report=lambda *what: problems.append(what))
    return problems


class Door:
    """Something that takes a while to shut."""

    def __init__(self) -> None:
        self.is_open = False
        self.was_shut = 0

    async def shut(self) -> None:
        for _ in range(3):
            await asyncio.sleep(0)
        self.is_open = False
        self.was_shut += 1


@asynccontextmanager
async def door() -> AsyncIterator[Door]:
    one = Door()
    yield one
    assert not one.is_open


async def go_through(one: Door) -> None:
    one.is_open = True
    try:
        await asyncio.sleep(0)
    finally:
        await done(one.shut)


async def go_through_carelessly(one: Door) -> None:
    one.is_open = True
    try:
        await asyncio.sleep(0)
    finally:
        await one.shut()


def test_clean_up_ends_wherever_and_however_often_the_caller_is_cancelled() -> None:
    assert sweep(door, go_through) > 4
    assert sweep(door, go_through, everybody=True) > 4


def test_a_sweep_finds_clean_up_that_a_second_cancellation_breaks_off() -> None:
    with pytest.raises(AssertionError, match=r"the work was cancelled at \(\d, \d\)"):
        sweep(door, go_through_carelessly)
    with pytest.raises(AssertionError, match=r"everybody was cancelled at \(\d,\)"):
        sweep(door, go_through_carelessly, everybody=True)


def test_a_sweep_finds_work_that_loses_a_cancellation() -> None:
    async def deaf(one: Door) -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(0)

    with pytest.raises(AssertionError, match="was lost"):
        sweep(door, deaf)


def test_a_sweep_finds_a_task_that_is_left_behind() -> None:
    async def forgetful(one: Door) -> None:
        task = asyncio.get_running_loop().create_task(asyncio.Event().wait())
        await asyncio.sleep(0)
        task.cancel()

    with pytest.raises(AssertionError):
        sweep(door, forgetful)


def test_works_run_at_once_and_the_very_exception_of_one_that_fails_is_reported() -> None:
    problem, met = LookupError("mine"), asyncio.Event()

    async def fail() -> None:
        await met.wait()
        raise problem

    async def succeed() -> None:
        met.set()

    async def main() -> None:
        assert await done(fail, succeed) == [("fail", problem)]

    run_stepped(main())


def test_the_exception_of_the_work_is_not_kept_alive() -> None:
    async def fail() -> None:
        raise Failure

    async def main() -> None:
        ((_, problem),) = await done(fail)
        left = weakref.ref(problem)
        del problem
        assert left() is None

    gc.disable()
    try:
        run_stepped(main())
    finally:
        gc.enable()


def test_a_failure_is_reported_though_the_caller_was_cancelled_meanwhile() -> None:
    problems: Problems = []

    async def fail() -> None:
        await asyncio.sleep(0)
        raise LookupError

    async def main() -> None:
        ending = run_to_end(
            [("fail", fail)], timeout=1.0, report=lambda *what: problems.append(what)
        )
        caller = asyncio.ensure_future(ending)
        await asyncio.sleep(0)
        caller.cancel()
        await asyncio.wait((caller,))
        assert caller.cancelled()

    run_stepped(main())
    assert [(name, type(problem)) for name, problem in problems] == [("fail", LookupError)]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 does not tell who cancelled")
def test_a_work_that_ends_cancelled_by_itself_has_failed_and_is_not_begun_again() -> None:
    begun = []

    async def cancel_what_is_waited_for() -> None:
        begun.append("cancel")
        task = asyncio.ensure_future(asyncio.sleep(1.0))
        task.cancel()
        await task

    async def take_time() -> None:
        begun.append("take time")
        await asyncio.sleep(1.0)
        begun.append("done")

    async def main() -> None:
        ((name, problem),) = await done(cancel_what_is_waited_for, take_time)
        assert name == "cancel_what_is_waited_for"
        assert isinstance(problem, asyncio.CancelledError)

    run_stepped(main())
    assert begun == ["cancel", "take time", "done"]


def test_work_that_takes_too_long_is_cancelled_and_given_up() -> None:
    was_cancelled = []

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            was_cancelled.append(True)
            raise

    async def main() -> None:
        ((_, problem),) = await done(hang, timeout=5.0)
        assert isinstance(problem, TimeoutError)
        assert str(problem) == "took longer than 5 s"
        assert asyncio.get_running_loop().time() == 5.0

    run_stepped(main())
    assert was_cancelled


def test_not_even_work_that_ignores_its_end_holds_up_its_caller() -> None:
    async def main() -> None:
        released = asyncio.Event()

        async def ignore() -> None:
            while not released.is_set():
                with suppress(asyncio.CancelledError):
                    await released.wait()

        ((_, problem),) = await done(ignore)
        assert isinstance(problem, TimeoutError)
        task = asyncio.ensure_future(ignore())
        await asyncio.sleep(0)
        with pytest.raises(TimeoutError, match="1 tasks"):
            await end_tasks((task,), timeout=5.0)
        released.set()
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    run_stepped(main())


def test_a_task_surrounds_what_it_does_and_begins_as_long_as_it_goes_on() -> None:
    async def look() -> set[Any]:
        return surrounding_tasks()

    async def main() -> None:
        released = asyncio.Event()

        async def outer() -> tuple[set[Any], asyncio.Task[bool]]:
            (inner,) = await asyncio.gather(begin_task(look()))
            return inner, asyncio.ensure_future(outlive())

        async def outlive() -> bool:
            await released.wait()
            return surrounding_tasks() == {asyncio.current_task()}

        task = begin_task(outer())
        inner, left = await task
        assert task in inner
        assert len(inner) == 2
        released.set()
        assert await left
        assert surrounding_tasks() == {asyncio.current_task()}

    run_stepped(main())


def test_tasks_that_fail_at_their_end_have_ended() -> None:
    async def fail_at_the_end() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise LookupError

    async def main() -> None:
        task = asyncio.ensure_future(fail_at_the_end())
        await asyncio.sleep(0)
        await end_tasks((task,), timeout=1.0)
        assert task.done()
        await end_tasks((), timeout=1.0)

    run_stepped(main())
