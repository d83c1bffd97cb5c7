"""Clean-up comes to its end, and cancellations are not lost on the way."""

from __future__ import annotations

import asyncio
import gc
import weakref
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from ssot_migrate.runtime.shielding import end_tasks, run_to_end

from .service import Failure
from .sweeping import run_stepped, sweep

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


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
        await run_to_end(one.shut, timeout=1.0)


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


def test_the_result_and_the_very_exception_of_the_work_come_out() -> None:
    problem = LookupError("mine")

    async def fail() -> None:
        raise problem

    async def answer() -> int:
        return 42

    async def main() -> None:
        assert await run_to_end(answer, timeout=1.0) == 42
        with pytest.raises(LookupError) as caught:
            await run_to_end(fail, timeout=1.0)
        assert caught.value is problem

    run_stepped(main())


def test_the_exception_of_the_work_is_not_kept_alive() -> None:
    async def fail() -> None:
        raise Failure

    async def main() -> None:
        with pytest.raises(Failure) as caught:
            await run_to_end(fail, timeout=1.0)
        problem = weakref.ref(caught.value)
        del caught
        assert problem() is None

    gc.disable()
    try:
        run_stepped(main())
    finally:
        gc.enable()


def test_the_failure_of_the_work_is_the_cause_of_a_cancellation_that_came_meanwhile() -> None:
    async def fail() -> None:
        await asyncio.sleep(0)
        raise LookupError

    async def main() -> None:
        caller = asyncio.ensure_future(run_to_end(fail, timeout=1.0))
        await asyncio.sleep(0)
        caller.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await caller
        error: BaseException | None = caught.value
        while error is not None and not isinstance(error, LookupError):
            error = error.__cause__ or error.__context__
        assert isinstance(error, LookupError)

    run_stepped(main())


def test_work_that_takes_too_long_is_cancelled_and_given_up() -> None:
    was_cancelled = []

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            was_cancelled.append(True)
            raise

    async def main() -> None:
        with pytest.raises(TimeoutError, match="longer than 5 s"):
            await run_to_end(hang, timeout=5.0)
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

        with pytest.raises(TimeoutError):
            await run_to_end(ignore, timeout=5.0)
        task = asyncio.ensure_future(ignore())
        await asyncio.sleep(0)
        with pytest.raises(TimeoutError, match="1 tasks"):
            await end_tasks((task,), timeout=5.0)
        released.set()
        await asyncio.sleep(0)
        await asyncio.sleep(0)

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
