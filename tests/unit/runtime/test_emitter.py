"""What an agent tells the user of its run."""

from __future__ import annotations

import asyncio
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

from ssot_migrate.runtime.bridge import AgentWebSocketBridge
from ssot_migrate.runtime.connections import ConnectionRegistry
from ssot_migrate.runtime.emitter import UserWebSocketEmitter
from ssot_migrate.runtime.errors import StaleEmitterError, WrongLoopError
from ssot_migrate.runtime.events import Delivery

from .clients import Client, ticks

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Notify = Callable[[UserWebSocketEmitter], Awaitable[bool]]

EVERY_KIND: dict[str, tuple[Notify, dict[str, Any]]] = {
    "agent_started": (
        lambda emitter: emitter.notify_agent_started("triage", MappingProxyType({"step": 1})),
        {"agent_name": "triage", "context": {"step": 1}},
    ),
    "agent_thinking": (
        lambda emitter: emitter.notify_agent_thinking("triage", "hm", 2, 50.0),
        {
            "agent_name": "triage",
            "reasoning": "hm",
            "step_number": 2,
            "progress_percentage": 50.0,
        },
    ),
    "tool_executing": (
        lambda emitter: emitter.notify_tool_executing("search", {"query": "q"}),
        {"tool_name": "search", "parameters": {"query": "q"}},
    ),
    "tool_completed": (
        lambda emitter: emitter.notify_tool_completed("search", [1], 1.5),
        {"tool_name": "search", "result": [1], "execution_time_ms": 1.5},
    ),
    "agent_completed": (
        lambda emitter: emitter.notify_agent_completed("triage", {"ok": True}, 2.5),
        {"agent_name": "triage", "result": {"ok": True}, "execution_time_ms": 2.5},
    ),
    "agent_error": (
        lambda emitter: emitter.notify_agent_error("triage", ValueError("no"), {"step": 1}),
        {
            "agent_name": "triage",
            "error": "no",
            "error_type": "ValueError",
            "error_context": {"step": 1},
        },
    ),
}


class UnprintableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError


async def connected() -> tuple[ConnectionRegistry, Client, UserWebSocketEmitter]:
    """A client of ada's and the emitter of her run."""
    registry, client = ConnectionRegistry(outbox_size=1, send_timeout=5.0), Client()
    registry.connect("ada", client.send)
    bridge = AgentWebSocketBridge(registry)
    await bridge.register_run_thread_mapping("run", "thread", {"user_id": "ada"})
    return registry, client, UserWebSocketEmitter("ada", "thread", "run", bridge)


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_every_kind_of_event_arrives_with_its_details(kind: str) -> None:
    notify, details = EVERY_KIND[kind]

    async def scenario() -> None:
        registry, client, emitter = await connected()
        assert await notify(emitter) is True
        assert emitter.last_delivery is Delivery.ACCEPTED
        assert await emitter.flush(1.0)
        (event,) = client.received
        assert (event["type"], event["data"]) == (kind, details)
        await registry.shutdown()

    asyncio.run(scenario())


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_after_its_end_an_emitter_says_nothing(kind: str) -> None:
    async def scenario() -> None:
        registry, client, emitter = await connected()
        await emitter.close()
        await emitter.close()
        with pytest.raises(StaleEmitterError):
            await EVERY_KIND[kind][0](emitter)
        with pytest.raises(StaleEmitterError):
            await emitter.flush(1.0)
        await registry.shutdown()
        assert client.received == []

    asyncio.run(scenario())


def test_details_that_are_not_given_are_not_told() -> None:
    async def scenario() -> None:
        registry, client, emitter = await connected()
        await emitter.notify_agent_started("triage")
        await emitter.notify_agent_error("triage", "out of luck")
        await emitter.notify_agent_error("triage", UnprintableError())
        await emitter.notify_agent_error("triage", asyncio.CancelledError())
        await registry.shutdown()
        assert [event["data"] for event in client.received] == [
            {"agent_name": "triage"},
            {"agent_name": "triage", "error": "out of luck"},
            {"agent_name": "triage", "error": "UnprintableError", "error_type": "UnprintableError"},
            {"agent_name": "triage", "error": "CancelledError", "error_type": "CancelledError"},
        ]

    asyncio.run(scenario())


def test_events_of_concurrent_tasks_arrive_in_the_order_of_the_calls() -> None:
    async def scenario() -> None:
        registry, client, emitter = await connected()
        client.stall()
        calls = [emitter.notify_agent_completed("agent", number) for number in range(2)]
        calls += [emitter.notify_tool_completed("tool", 2)]
        tasks = [asyncio.create_task(call) for call in calls]
        await ticks()
        client.resume()
        assert all(await asyncio.gather(*tasks))
        await registry.shutdown()
        assert client.told("result") == [0, 1, 2]
        assert client.numbers == [1, 2, 3]

    asyncio.run(scenario())


def test_who_is_cancelled_in_a_call_has_sent_its_event() -> None:
    async def scenario() -> None:
        registry, client, emitter = await connected()
        client.stall()
        for number in range(3):
            call = emitter.notify_agent_completed("agent", number)
            last = asyncio.create_task(call)
            await ticks()
        last.cancel()
        with pytest.raises(asyncio.CancelledError):
            await last
        client.resume()
        assert await emitter.notify_agent_completed("agent", 3)
        await registry.shutdown()
        assert client.told("result") == [0, 1, 2, 3]
        assert client.numbers == [1, 2, 3, 4]

    asyncio.run(scenario())


@pytest.mark.parametrize("end", ["notify_agent_completed", "notify_agent_error"])
def test_an_end_can_be_told_without_waiting(end: str) -> None:
    async def scenario() -> None:
        registry, client, emitter = await connected()
        client.stall()
        behind = [
            asyncio.create_task(emitter.notify_tool_completed("tool", number)) for number in (1, 2)
        ]
        await ticks()
        assert not behind[-1].done()
        assert await getattr(emitter, end)("agent", "the end", wait=False)
        assert emitter.last_delivery is Delivery.ACCEPTED
        client.resume()
        await asyncio.wait(behind)
        await registry.shutdown()
        assert client.numbers == [1, 2, 3]

    asyncio.run(scenario())


def test_a_thread_is_told_how_to_reach_an_emitter() -> None:
    async def scenario() -> None:
        registry, client, emitter = await connected()
        loop = asyncio.get_running_loop()

        def tool() -> bool:
            with pytest.raises(WrongLoopError, match="run_coroutine_threadsafe"):
                asyncio.run(emitter.notify_tool_completed("tool", "lost"))
            notify = emitter.notify_tool_completed("tool", "told")
            return asyncio.run_coroutine_threadsafe(notify, loop).result()

        assert await asyncio.to_thread(tool)
        await registry.shutdown()
        assert client.told("result") == ["told"]

    asyncio.run(scenario())


def test_an_event_that_waits_while_its_emitter_ends_leaves_nothing_behind() -> None:
    async def scenario() -> None:
        registry, client, emitter = await connected()
        client.stall()
        waiting = [
            asyncio.create_task(emitter.notify_agent_completed("agent", number))
            for number in range(3)
        ]
        await ticks()
        await emitter.close()
        client.resume()
        assert await waiting[-1]
        assert emitter.last_delivery is None
        await registry.shutdown()
        assert client.numbers == [1, 2, 3]

    asyncio.run(scenario())


def test_without_a_bridge_events_go_nowhere_which_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scenario() -> None:
        emitter = UserWebSocketEmitter("ada", "thread", "run", None)
        assert not await emitter.notify_agent_started("triage", {"token": "s3cret"})
        assert not await emitter.notify_agent_completed("triage")
        assert emitter.last_delivery is Delivery.NO_BRIDGE
        assert not await emitter.flush(1.0)

    asyncio.run(scenario())
    (record,) = caplog.records
    assert "run" in record.getMessage()
    assert "s3cret" not in record.getMessage()


def test_without_a_client_or_a_mapping_it_says_so() -> None:
    async def scenario() -> None:
        bridge = AgentWebSocketBridge(ConnectionRegistry())
        emitter = UserWebSocketEmitter("ada", "thread", "run", bridge)
        deliveries = []
        for _ in range(2):
            assert not await emitter.notify_agent_started("triage")
            deliveries.append(emitter.last_delivery)
            await bridge.register_run_thread_mapping("run", "thread", {"user_id": "ada"})
        assert deliveries == [Delivery.UNROUTED, Delivery.NO_CLIENT]

    asyncio.run(scenario())


def test_its_ids_are_known_even_after_its_end_and_cannot_be_changed() -> None:
    async def scenario() -> None:
        registry, _, emitter = await connected()
        await emitter.notify_agent_started("triage")
        status = emitter.get_emitter_status()
        assert (status.is_active, status.has_bridge, status.events_emitted) == (True, True, 1)
        assert status.last_delivery is Delivery.ACCEPTED
        await emitter.close()
        assert (emitter.user_id, emitter.thread_id, emitter.run_id) == ("ada", "thread", "run")
        ended = emitter.get_emitter_status()
        assert (ended.is_active, ended.has_bridge, ended.events_emitted) == (False, False, 0)
        for name in ("user_id", "thread_id", "run_id"):
            with pytest.raises(AttributeError):
                setattr(emitter, name, "bob")
        await registry.shutdown()

    asyncio.run(scenario())
