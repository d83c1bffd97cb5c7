"""A user has no more than the limit, whatever happens, and waits in a queue."""

from __future__ import annotations

import asyncio
import random
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from ssot_migrate.runtime.agent_factory import AgentInstanceFactory
from ssot_migrate.runtime.engine_factory import ExecutionEngineFactory
from ssot_migrate.runtime.errors import ConfigurationError, UserLimitError, WrongLoopError
from ssot_migrate.runtime.limits import EngineLimits, FactoryLimits, UserSlots
from ssot_migrate.runtime.metrics import Metric, RuntimeMetrics

from .sweeping import run_stepped, sweep

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


def test_slots_are_counted_for_each_user() -> None:
    async def main() -> None:
        slots = UserSlots(1)
        await slots.acquire("ada", 0)
        await slots.acquire("bob", 0)
        with pytest.raises(UserLimitError) as caught:
            await slots.acquire("ada", 0)
        assert (caught.value.user_id, caught.value.limit) == ("ada", 1)
        slots.release("ada")
        await slots.acquire("ada", 0)

    run_stepped(main())


def test_who_waited_longest_is_next_and_nobody_overtakes() -> None:
    async def main() -> None:
        slots, order = UserSlots(1), list[int]()

        async def use(number: int) -> None:
            await slots.acquire("ada", 10.0)
            order.append(number)
            await asyncio.sleep(0)
            slots.release("ada")

        users = [asyncio.ensure_future(use(number)) for number in range(5)]
        await asyncio.sleep(0)
        with pytest.raises(UserLimitError):
            slots.acquire_nowait("ada")
        await asyncio.gather(*users)
        assert order == [0, 1, 2, 3, 4]
        assert len(slots) == 0

    run_stepped(main())


def test_waiting_ends_in_time_and_is_counted() -> None:
    async def main() -> None:
        metrics = RuntimeMetrics()
        slots = UserSlots(1, metrics)
        await slots.acquire("ada", 0)
        with pytest.raises(UserLimitError, match="limit of 1"):
            await slots.acquire("ada", 30.0)
        assert asyncio.get_running_loop().time() == 30.0
        assert metrics.snapshot().values[Metric.USER_LIMIT_REJECTIONS] == 1
        slots.release("ada")
        assert len(slots) == 0

    run_stepped(main())


def test_by_default_as_many_engines_as_contexts_so_that_who_comes_next_waits_in_line() -> None:
    class Echo:
        async def execute(self, said: str) -> str:
            await asyncio.sleep(1.0)
            return said

    async def main() -> list[str]:
        agents = AgentInstanceFactory()
        agents.class_registry.register("echo", Echo)
        agents.class_registry.freeze()
        agents.configure()
        engines = ExecutionEngineFactory(agents)

        async def ask(said: str) -> str:
            async with (
                agents.user_execution_scope("ada", "main", f"run-{said}") as context,
                engines.user_execution_scope(context) as engine,
            ):
                return str(await engine.execute("echo", said))

        answers = await asyncio.gather(*map(ask, "abcdefghijkl"))
        await engines.shutdown()
        return answers

    assert "".join(run_stepped(main())) == "abcdefghijkl"


def test_the_line_is_no_longer_than_allowed_and_can_be_watched() -> None:
    async def main() -> None:
        metrics = RuntimeMetrics()
        slots = UserSlots(1, metrics, max_waiting=2)

        def in_line() -> tuple[int, int]:
            return slots.waiting, metrics.snapshot().values[Metric.WAITING_REQUESTS]

        await slots.acquire("ada", 0)
        waiting = [asyncio.ensure_future(slots.acquire("ada", 30.0)) for _ in range(3)]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        assert isinstance(waiting.pop().exception(), UserLimitError)
        assert in_line() == (2, 2)
        assert asyncio.get_running_loop().time() == 0.0
        await slots.acquire("bob", 30.0)
        slots.release("ada")
        assert in_line() == (1, 1)
        waiting[1].cancel()
        await asyncio.wait(waiting)
        assert in_line() == (0, 0)

    run_stepped(main())


def test_another_loop_is_refused_while_slots_are_held_and_welcome_afterwards() -> None:
    slots = UserSlots(1)

    async def hold() -> None:
        await slots.acquire("ada", 1.0)
        with pytest.raises(WrongLoopError):
            await asyncio.to_thread(asyncio.run, slots.acquire("bob", 1.0))

    asyncio.run(hold())
    slots.release("ada")
    asyncio.run(slots.acquire("bob", 1.0))
    asyncio.run(slots.acquire("ada", 1.0))  # the loop that held the other is closed
    assert len(slots) == 2


def test_a_slot_that_nobody_holds_cannot_be_released() -> None:
    slots = UserSlots(1)
    slots.acquire_nowait("ada")
    slots.release("ada")
    with pytest.raises(ValueError, match="nobody holds"):
        slots.release("ada")


def test_a_slot_passes_whoever_is_cancelled_when_it_comes() -> None:
    @asynccontextmanager
    async def world() -> AsyncIterator[UserSlots]:
        slots = UserSlots(1)
        yield slots
        await slots.acquire("ada", 0)
        slots.release("ada")
        assert len(slots) == 0

    async def use(slots: UserSlots) -> None:
        await slots.acquire("ada", 10.0)
        try:
            await asyncio.sleep(0)
        finally:
            slots.release("ada")

    async def work(slots: UserSlots) -> None:
        others = [asyncio.ensure_future(use(slots)) for _ in range(2)]
        try:
            await asyncio.sleep(0)
            await use(slots)
        finally:
            for other in others:
                other.cancel()
            await asyncio.shield(asyncio.wait(others))

    # The wait for the others is no part of what is tested, so one cancellation is enough.
    assert sweep(world, work, everybody=True) > 4


@pytest.mark.parametrize("seed", range(3))
def test_the_limit_is_never_exceeded_by_one(seed: int) -> None:
    """Ten thousand who want in at once, some patient, some cancelled, some failing."""
    chance = random.Random(seed)

    async def main() -> None:
        slots, inside = UserSlots(5), dict.fromkeys(("ada", "bob", "eve"), 0)
        most = dict(inside)

        async def use(user: str) -> None:
            await slots.acquire(user, chance.choice((0, 0.001, 1000)))
            inside[user] += 1
            most[user] = max(most[user], inside[user])
            assert inside[user] <= slots.held_by(user) <= 5
            try:
                for _ in range(chance.randrange(3)):
                    await asyncio.sleep(0)
            finally:
                inside[user] -= 1
                slots.release(user)

        users = [asyncio.ensure_future(use(chance.choice(tuple(inside)))) for _ in range(10_000)]
        while not all(user.done() for user in users):
            for user in chance.sample(users, 20):
                user.cancel()
            await asyncio.sleep(0)
        results = await asyncio.gather(*users, return_exceptions=True)
        kinds = {type(result) for result in results}
        assert kinds == {type(None), UserLimitError, asyncio.CancelledError}
        assert set(most.values()) == {5}
        assert len(slots) == 0
        assert not slots._waiting

    run_stepped(main())


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_concurrent_per_user": 0},
        {"max_concurrent_per_user": 2.5},
        {"max_concurrent_per_user": True},
        {"acquire_timeout": -1.0},
        {"max_waiting_per_user": -1},
        {"cleanup_timeout": 0.0},
        {"cleanup_timeout": float("nan")},
        {"flush_timeout": "5"},
    ],
    ids=str,
)
def test_limits_that_are_none_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(wrong))):
        FactoryLimits(**wrong)  # type: ignore[arg-type]


def test_limits_may_be_whole_numbers_of_seconds_and_some_may_be_none() -> None:
    assert FactoryLimits(acquire_timeout=0, cleanup_timeout=1).acquire_timeout == 0
    with pytest.raises(ConfigurationError, match="engine_timeout"):
        EngineLimits(engine_timeout=0)
