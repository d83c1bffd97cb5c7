"""Emitters whose inner state is reused, and never shared."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from ssot_migrate.runtime.bridge import AgentWebSocketBridge
from ssot_migrate.runtime.connections import ConnectionRegistry
from ssot_migrate.runtime.emitter import UserWebSocketEmitter
from ssot_migrate.runtime.emitter_pool import WebSocketEmitterPool
from ssot_migrate.runtime.errors import ConfigurationError, StaleEmitterError

from .clients import Client, strings_reachable, ticks


async def lent(pool: WebSocketEmitterPool, user_id: str = "ada") -> UserWebSocketEmitter:
    return await pool.acquire(user_id, f"thread of {user_id}", f"run of {user_id}", None)


def balance(pool: WebSocketEmitterPool) -> tuple[int, int, int]:
    """How many are idle, leased, and lent beyond what the pool may keep."""
    stats = pool.get_stats()
    assert stats.idle + stats.leased == stats.created <= stats.max_size
    return stats.idle, stats.leased, stats.unpooled


def test_a_state_is_reused_and_its_former_emitter_turned_away() -> None:
    async def scenario() -> None:
        pool = WebSocketEmitterPool(initial_size=1, max_size=1)
        former = await lent(pool, "ada")
        await pool.release(former)
        current = await lent(pool, "bob")
        assert not former.is_active
        assert current.is_active
        for use in (former.notify_agent_started("agent"), former.flush(1.0), pool.release(former)):
            with pytest.raises(StaleEmitterError):
                await use
        await former.close()
        assert current.is_active
        assert (former.user_id, current.user_id) == ("ada", "bob")
        stats = pool.get_stats()
        assert (stats.created, stats.acquisitions, stats.reuses) == (1, 2, 1)

    asyncio.run(scenario())


def test_what_the_former_emitter_still_waits_for_does_not_show_in_the_next() -> None:
    async def scenario() -> None:
        registry, client = ConnectionRegistry(outbox_size=1), Client()
        registry.connect("ada", client.send)
        bridge = AgentWebSocketBridge(registry)
        await bridge.register_run_thread_mapping("run", "thread", {"user_id": "ada"})
        pool = WebSocketEmitterPool(initial_size=1, max_size=1)
        former = await pool.acquire("ada", "thread", "run", bridge)
        client.stall()
        events = [former.notify_agent_completed("agent", number) for number in range(3)]
        tasks = [asyncio.create_task(event) for event in events]
        await ticks()
        await pool.release(former)
        current = await lent(pool, "bob")
        client.resume()
        assert await asyncio.gather(*tasks) == [True, True, True]
        assert current.last_delivery is None
        await registry.shutdown()

    asyncio.run(scenario())


def test_nothing_of_a_former_user_is_left_in_the_pool() -> None:
    canary = uuid.uuid4().hex

    async def scenario() -> None:
        registry, client = ConnectionRegistry(), Client()
        registry.connect(canary, client.send)
        bridge = AgentWebSocketBridge(registry)
        await bridge.register_run_thread_mapping(canary, canary, {"user_id": canary})
        pool = WebSocketEmitterPool(initial_size=1, max_size=1)
        emitter = await pool.acquire(canary, canary, canary, bridge)
        await emitter.notify_agent_started(canary, {canary: canary})
        assert canary in strings_reachable(pool)
        await pool.release(emitter)
        assert canary not in strings_reachable(pool)
        await registry.shutdown()

    asyncio.run(scenario())


def test_no_more_are_kept_than_allowed_and_nobody_waits_for_another_s_emitter() -> None:
    async def scenario() -> None:
        pool = WebSocketEmitterPool(initial_size=0, max_size=2)
        adas = [await lent(pool) for _ in range(2)]
        bobs = [await lent(pool, "bob") for _ in range(2)]
        assert balance(pool) == (0, 2, 2)
        assert all(emitter.is_active for emitter in (*adas, *bobs))
        await pool.release(adas[0])
        assert balance(pool) == (0, 2, 1)
        for emitter in (*bobs, adas[1]):
            await pool.release(emitter)
        assert balance(pool) == (2, 0, 0)
        await lent(pool, "eve")
        assert balance(pool) == (1, 1, 0)
        assert pool.get_stats().reuses == 1

    asyncio.run(scenario())


def test_an_emitter_that_was_closed_can_be_given_back() -> None:
    async def scenario() -> None:
        pool = WebSocketEmitterPool(initial_size=1, max_size=1)
        emitter = await lent(pool)
        await emitter.close()
        assert balance(pool) == (0, 1, 0)
        await pool.release(emitter)
        assert balance(pool) == (1, 0, 0)

    asyncio.run(scenario())


def test_an_emitter_from_elsewhere_is_not_taken() -> None:
    async def scenario() -> None:
        pool, other = WebSocketEmitterPool(), WebSocketEmitterPool()
        for emitter in (await lent(other), UserWebSocketEmitter("ada", "thread", "run", None)):
            with pytest.raises(StaleEmitterError):
                await pool.release(emitter)
        assert balance(pool) == (20, 0, 0)

    asyncio.run(scenario())


def test_a_shutdown_closes_what_is_lent_and_lends_no_more() -> None:
    async def scenario() -> None:
        pool = WebSocketEmitterPool(initial_size=0, max_size=1)
        first, second = await lent(pool), await lent(pool)
        await pool.shutdown()
        await pool.shutdown()
        with pytest.raises(StaleEmitterError):
            await lent(pool)
        for emitter in (first, second):
            with pytest.raises(StaleEmitterError):
                await emitter.notify_agent_started("agent")
            await pool.release(emitter)
        assert balance(pool) == (0, 0, 0)

    asyncio.run(scenario())


@pytest.mark.parametrize("numbers", [(-1, 1), (2, 1), (0, 0)])
def test_numbers_out_of_range_are_refused(numbers: tuple[int, int]) -> None:
    with pytest.raises(ConfigurationError):
        WebSocketEmitterPool(*numbers)
