"""From the ids of a run to its emitter, and back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from ssot_migrate.runtime.bridge import AgentWebSocketBridge
from ssot_migrate.runtime.bridge_factory import WebSocketBridgeFactory
from ssot_migrate.runtime.connections import ConnectionRegistry
from ssot_migrate.runtime.errors import IsolationError, StaleEmitterError
from ssot_migrate.runtime.events import Delivery
from ssot_migrate.runtime.performance import FactoryPerformanceConfig

from .clients import Client, other_tasks, ticks, without_gap

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from ssot_migrate.runtime.emitter import UserWebSocketEmitter

PLAIN = FactoryPerformanceConfig()
POOLED = FactoryPerformanceConfig(enable_emitter_pooling=True, pool_initial_size=0, pool_max_size=1)
both = pytest.mark.parametrize("performance", [PLAIN, POOLED], ids=["plain", "pooled"])


class Platform:
    """A factory, and a client of ada's."""

    def __init__(self, performance: FactoryPerformanceConfig) -> None:
        self.registry = ConnectionRegistry(outbox_size=1, send_timeout=5.0)
        self.bridge = AgentWebSocketBridge(self.registry)
        self.factory = WebSocketBridgeFactory(self.bridge, performance=performance)
        self.client = Client()
        self.registry.connect("ada", self.client.send)

    async def emitter(self, run_id: str = "run", user_id: str = "ada") -> UserWebSocketEmitter:
        return await self.factory.create_user_emitter(user_id, "thread", run_id)

    async def is_mapped(self, run_id: str = "run") -> bool:
        return (await self.bridge.get_run_mapping_status(run_id)).is_registered

    def is_balanced(self) -> bool:
        """Whether nothing is left of any emitter."""
        stats = self.factory.get_pool_stats()
        return (
            self.factory.get_factory_metrics()["active_emitters"] == 0
            and self.bridge.get_status().active_runs == 0
            and (stats is None or (stats.leased, stats.unpooled) == (0, 0))
        )


@both
def test_an_emitter_is_ready_to_use_and_leaves_nothing_behind(
    performance: FactoryPerformanceConfig,
) -> None:
    async def scenario() -> None:
        platform = Platform(performance)
        emitter = await platform.emitter()
        assert await emitter.notify_agent_started("triage")
        assert await platform.factory.release_user_emitter(emitter)
        assert platform.client.numbers == [1]
        assert platform.is_balanced()
        with pytest.raises(StaleEmitterError):
            await emitter.notify_agent_completed("triage")
        with pytest.raises(StaleEmitterError):
            await platform.factory.release_user_emitter(emitter)
        await platform.registry.shutdown()

    asyncio.run(scenario())


@both
def test_a_release_waits_for_a_slow_client_but_not_for_ever(
    performance: FactoryPerformanceConfig,
) -> None:
    async def scenario() -> None:
        platform = Platform(performance)
        emitter = await platform.emitter()
        platform.client.stall()
        await emitter.notify_agent_started("triage")
        assert not await platform.factory.release_user_emitter(emitter, flush_timeout=0.02)
        assert platform.is_balanced()
        platform.client.resume()
        await platform.registry.shutdown()
        assert platform.client.numbers == [1]

    asyncio.run(scenario())


@both
def test_a_release_that_is_cancelled_is_completed_all_the_same(
    performance: FactoryPerformanceConfig,
) -> None:
    async def scenario() -> None:
        platform = Platform(performance)
        emitter = await platform.emitter()
        platform.client.stall()
        await emitter.notify_agent_started("triage")
        release = asyncio.create_task(platform.factory.release_user_emitter(emitter))
        await ticks()
        release.cancel()
        with pytest.raises(asyncio.CancelledError):
            await release
        assert platform.is_balanced()
        assert not emitter.is_active
        await platform.registry.shutdown(drain_timeout=0.0)

    asyncio.run(scenario())


def test_a_run_of_another_user_gets_no_emitter_and_stays_whose_it_is() -> None:
    async def scenario() -> None:
        platform = Platform(PLAIN)
        emitter = await platform.emitter()
        with pytest.raises(IsolationError):
            await platform.emitter(user_id="bob")
        assert await emitter.notify_agent_started("triage")
        assert platform.factory.get_factory_metrics()["creation_errors"] == 1
        await platform.factory.shutdown()
        assert platform.is_balanced()
        await platform.registry.shutdown()

    asyncio.run(scenario())


def test_a_run_stays_mapped_until_its_last_emitter_ends() -> None:
    async def scenario() -> None:
        platform = Platform(PLAIN)
        first, second = await platform.emitter(), await platform.emitter()
        await first.notify_agent_started("triage")
        await platform.factory.release_user_emitter(first)
        assert await second.notify_agent_completed("triage")
        await platform.factory.release_user_emitter(second)
        assert not await platform.is_mapped()
        await platform.registry.shutdown()
        assert platform.client.numbers == [1, 2]

    asyncio.run(scenario())


def test_nobody_notices_that_a_pool_is_used_up() -> None:
    async def scenario() -> None:
        platform = Platform(POOLED)
        emitters = [await platform.emitter(f"run {number}") for number in range(5)]
        bobs = await platform.emitter("bobs", "bob")
        assert [await emitter.notify_agent_started("triage") for emitter in emitters] == [True] * 5
        for emitter in (*emitters, bobs):
            await platform.factory.release_user_emitter(emitter)
        assert platform.is_balanced()
        await platform.registry.shutdown()

    asyncio.run(scenario())


def test_a_request_that_gets_no_emitter_leaves_no_mapping() -> None:
    async def scenario() -> None:
        platform = Platform(POOLED)
        emitter = await platform.emitter()
        await platform.factory.shutdown()
        assert not emitter.is_active
        with pytest.raises(StaleEmitterError):
            await platform.emitter("second run")
        assert not await platform.is_mapped("second run")
        assert platform.is_balanced()
        await platform.registry.shutdown()

    asyncio.run(scenario())


def test_the_end_of_one_factory_leaves_the_runs_of_another_alone() -> None:
    async def scenario() -> None:
        platform = Platform(PLAIN)
        other = WebSocketBridgeFactory(platform.bridge)
        first = await platform.emitter()
        second = await other.create_user_emitter("ada", "thread", "run")
        await first.notify_agent_started("triage")
        await platform.factory.release_user_emitter(first)
        assert await second.notify_agent_completed("triage")
        await other.release_user_emitter(second)
        assert platform.is_balanced()
        await platform.registry.shutdown()
        assert platform.client.numbers == [1, 2]

    asyncio.run(scenario())


def test_without_a_bridge_emitters_are_made_that_send_nowhere() -> None:
    async def scenario() -> None:
        factory = WebSocketBridgeFactory(None)
        emitter = await factory.create_user_emitter("ada", "thread", "run")
        assert not await emitter.notify_agent_started("triage")
        assert emitter.last_delivery is Delivery.NO_BRIDGE
        await factory.release_user_emitter(emitter)
        assert factory.is_degraded
        assert factory.get_factory_metrics() == {
            "total_emitters_created": 1,
            "active_emitters": 0,
            "creation_errors": 0,
            "is_degraded": True,
            "pooling_enabled": False,
        }
        assert factory.get_pool_stats() is None

    asyncio.run(scenario())


async def _request(platform: Platform, user_id: str, accepted: list[int]) -> None:
    """What an agent's request does, with a clean-up as it should be."""
    run_id = f"run of {user_id}"
    emitter = await platform.factory.create_user_emitter(user_id, "thread", run_id)
    try:
        for number in range(6):
            if number % 3 == 1:
                await emitter.notify_agent_thinking(user_id, str(number))
            elif await emitter.notify_agent_completed(user_id, number):
                accepted.append(number)
    finally:
        await platform.factory.release_user_emitter(emitter, flush_timeout=1.0)


async def _reconnecting(platform: Platform, client: Client) -> None:
    """What the handler of a socket does."""
    connection = platform.registry.connect("ada", client.send)
    await ticks(5)
    await platform.registry.disconnect(connection, drain_timeout=1.0)


async def _cancelled_after(steps: int, coroutine: Coroutine[object, object, None]) -> bool:
    """Run it, and cancel it after so many turns of the loop; return whether it was still at it."""
    task = asyncio.create_task(coroutine)
    await ticks(steps)
    was_running = not task.done()
    task.cancel()
    await asyncio.wait({task})
    return was_running


@pytest.mark.parametrize("victim", ["request", "handler", "shutdown"])
@both
def test_a_cancellation_at_any_point_harms_nobody(
    performance: FactoryPerformanceConfig, victim: str
) -> None:
    async def scenario(steps: int) -> bool:
        platform = Platform(performance)
        bob, third = Client(), Client()
        platform.registry.connect("bob", bob.send)
        adas: list[int] = []
        bobs: list[int] = []
        victims = {
            "request": lambda: _request(platform, "ada", adas),
            "handler": lambda: _reconnecting(platform, third),
            "shutdown": lambda: platform.registry.shutdown(1.0),
        }
        others = [asyncio.create_task(_request(platform, "bob", bobs))]
        if victim != "request":
            others.append(asyncio.create_task(_request(platform, "ada", adas)))
        was_running = await _cancelled_after(steps, victims[victim]())
        await asyncio.gather(*others)
        assert platform.is_balanced()
        await platform.registry.shutdown()
        await ticks()
        assert other_tasks() == set()
        for client in (platform.client, bob, third):
            assert without_gap(client.numbers)
        if victim != "shutdown":
            assert bobs == [0, 2, 3, 5]
            assert set(bobs) <= set(bob.told("result"))
            assert set(adas) <= set(platform.client.told("result"))
        return was_running

    steps = 0
    while asyncio.run(scenario(steps)):
        steps += 1
    assert steps > 3
