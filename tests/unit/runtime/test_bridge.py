"""From a run to the clients of its user and thread."""

from __future__ import annotations

import asyncio

import pytest

from ssot_migrate.runtime.bridge import AgentWebSocketBridge, BridgeStatus, RunMappingStatus
from ssot_migrate.runtime.connections import ConnectionRegistry
from ssot_migrate.runtime.errors import IsolationError, WrongLoopError
from ssot_migrate.runtime.events import Delivery, Event, EventType
from ssot_migrate.runtime.metrics import Metric

from .clients import Client, other_tasks, ticks

SOON = 0.02


class Platform:
    """A bridge, and ada's run `run` in the thread `thread`."""

    def __init__(self, *, outbox_size: int = 2, send_timeout: float = 5.0) -> None:
        self.registry = ConnectionRegistry(outbox_size=outbox_size, send_timeout=send_timeout)
        self.bridge = AgentWebSocketBridge(self.registry)

    async def mapped(self, run_id: str = "run", user_id: str = "ada") -> Platform:
        await self.bridge.register_run_thread_mapping(run_id, "thread", {"user_id": user_id})
        return self

    def client(self, user_id: str = "ada", thread_id: str | None = None) -> Client:
        client = Client()
        self.registry.connect(user_id, client.send, client.close, thread_id=thread_id)
        return client

    async def think(self, text: str) -> Delivery:
        return await self.bridge.send(thought(text))

    async def act(self, text: str) -> Delivery:
        return await self.bridge.send(action(text))

    async def flush(self) -> bool:
        return await self.bridge.flush_run("run", 5.0)

    def count(self, metric: Metric) -> int:
        return self.registry.metrics.snapshot().values[metric]


def thought(text: str, run_id: str = "run") -> Event:
    return Event.now(EventType.AGENT_THINKING, "ada", "thread", run_id, {"text": text})


def action(
    text: str, user_id: str = "ada", thread_id: str = "thread", run_id: str = "run"
) -> Event:
    return Event.now(EventType.TOOL_EXECUTING, user_id, thread_id, run_id, {"text": text})


def test_an_event_reaches_every_client_of_its_user_and_thread_and_no_other() -> None:
    async def scenario() -> None:
        platform = await Platform().mapped()
        hers = [platform.client(), platform.client(thread_id="thread")]
        others = [platform.client(thread_id="other"), platform.client("bob")]
        assert await platform.act("one") is Delivery.ACCEPTED
        assert await platform.act("two") is Delivery.ACCEPTED
        await platform.registry.shutdown()
        assert [client.told("text") for client in hers] == [["one", "two"]] * 2
        assert [client.numbers for client in hers] == [[1, 2]] * 2
        assert [client.received for client in others] == [[], []]

    asyncio.run(scenario())


def test_an_event_of_a_run_that_nobody_mapped_goes_nowhere_and_is_counted() -> None:
    async def scenario() -> None:
        platform = await Platform().mapped()
        client = platform.client()
        assert await platform.bridge.unregister_run_mapping("run")
        assert not await platform.bridge.unregister_run_mapping("run")
        assert await platform.act("late") is Delivery.UNROUTED
        assert platform.count(Metric.WEBSOCKET_EVENTS_UNROUTED) == 1
        await platform.registry.shutdown()
        assert client.received == []

    asyncio.run(scenario())


def test_an_event_of_another_user_or_thread_is_stopped() -> None:
    async def scenario() -> None:
        platform = await Platform().mapped()
        client = platform.client()
        platform.client("bob")
        with pytest.raises(IsolationError) as caught:
            await platform.bridge.send(action("x", user_id="bob"))
        assert "ada" not in str(caught.value)
        with pytest.raises(IsolationError):
            await platform.bridge.send(action("x", thread_id="other"))
        await platform.registry.shutdown()
        assert client.received == []
        with pytest.raises(IsolationError):
            await platform.bridge.send(action("x", user_id="bob"))
        assert platform.count(Metric.CROSS_USER_CONTAMINATION_EVENTS) == 2
        assert platform.count(Metric.WEBSOCKET_EVENTS_REFUSED) == 2

    asyncio.run(scenario())


def test_a_run_belongs_to_one_user_and_thread() -> None:
    async def scenario() -> None:
        platform = await Platform().mapped()
        register = platform.bridge.register_run_thread_mapping
        assert await register("run", "thread", {"user_id": "ada"})
        with pytest.raises(IsolationError) as caught:
            await register("run", "thread", {"user_id": "bob"})
        assert "ada" not in str(caught.value)
        with pytest.raises(IsolationError):
            await register("run", "other", {"user_id": "ada"})
        status = await platform.bridge.get_run_mapping_status("run")
        assert (status.user_id, status.thread_id) == ("ada", "thread")
        assert platform.count(Metric.CROSS_USER_CONTAMINATION_EVENTS) == 1
        assert platform.count(Metric.WEBSOCKET_EVENTS_REFUSED) == 0

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("run_id", "thread_id", "metadata"),
    [
        ("run", "thread", None),
        ("run", "thread", {}),
        ("run", "thread", {"user_id": ""}),
        ("run", "thread", {"user_id": 7}),
        ("", "thread", {"user_id": "ada"}),
        ("run", "", {"user_id": "ada"}),
    ],
)
def test_a_mapping_needs_a_user(
    run_id: str, thread_id: str, metadata: dict[str, object] | None
) -> None:
    bridge = Platform().bridge
    with pytest.raises(ValueError, match="not empty"):
        asyncio.run(bridge.register_run_thread_mapping(run_id, thread_id, metadata))
    assert bridge.get_status().active_runs == 0


def test_the_status_of_a_mapping_tells_whose_it_is_and_how_much_was_accepted() -> None:
    async def scenario() -> None:
        platform = await Platform().mapped()
        unknown = await platform.bridge.get_run_mapping_status("unknown")
        assert unknown == RunMappingStatus("unknown", is_registered=False)
        await platform.act("nobody is there")
        platform.client()
        await platform.act("accepted")
        status = await platform.bridge.get_run_mapping_status("run")
        assert status.is_registered
        assert status.registered_at is not None
        assert status.events_accepted == 1
        assert platform.bridge.get_status() == BridgeStatus(
            active_runs=1, open_connections=1, slow_connections=0, pending_events=1
        )
        await platform.registry.shutdown()

    asyncio.run(scenario())


def test_events_that_no_client_was_there_for_are_counted_and_leave_a_gap() -> None:
    async def scenario() -> None:
        platform = await Platform().mapped()
        first = platform.client()
        await platform.act("one")
        await platform.bridge.flush_run("run", 1.0)
        first.vanish()
        await platform.act("lost with the client")
        await ticks()
        assert await platform.act("nobody") is Delivery.NO_CLIENT
        second = platform.client()
        await platform.act("four")
        await platform.registry.shutdown()
        assert (first.numbers, second.numbers) == ([1], [4])
        assert platform.count(Metric.WEBSOCKET_EVENTS_LOST) == 1
        assert platform.count(Metric.WEBSOCKET_EVENTS_WITHOUT_CLIENT) == 1

    asyncio.run(scenario())


def test_a_run_is_mapped_until_everybody_has_taken_back_the_mapping() -> None:
    async def scenario() -> None:
        platform = await (await Platform().mapped()).mapped()
        client = platform.client()
        assert await platform.bridge.unregister_run_mapping("run")
        assert await platform.act("still mapped") is Delivery.ACCEPTED
        assert await platform.bridge.unregister_run_mapping("run")
        assert await platform.act("late") is Delivery.UNROUTED
        await platform.registry.shutdown()
        assert client.told("text") == ["still mapped"]

    asyncio.run(scenario())


@pytest.mark.parametrize("is_listening", [False, True])
def test_a_run_is_refused_to_another_thread_instead_of_being_told_some_day(
    is_listening: bool,
) -> None:
    async def scenario() -> None:
        platform = await Platform().mapped()
        if is_listening:
            platform.client()
        for call in (platform.act("from a thread"), platform.mapped(), platform.flush()):
            with pytest.raises(WrongLoopError, match="run_coroutine_threadsafe"):
                await asyncio.to_thread(asyncio.run, call)
        assert (await platform.bridge.get_run_mapping_status("run")).events_accepted == 0
        await platform.registry.shutdown()

    asyncio.run(scenario())


def test_what_was_accepted_is_told_apart_from_what_was_sent_and_what_was_lost() -> None:
    async def scenario() -> None:
        platform = await Platform(outbox_size=3).mapped()
        client = platform.client()
        await platform.act("sent")
        await ticks()
        client.stall()
        await platform.act("being sent")
        await ticks()
        await platform.act("waits")
        await platform.think("replaced")
        await platform.think("last")
        told = [
            platform.count(metric)
            for metric in (
                Metric.WEBSOCKET_EVENTS_ACCEPTED,
                Metric.WEBSOCKET_EVENTS_SENT,
                Metric.WEBSOCKET_EVENTS_COALESCED,
                Metric.WEBSOCKET_EVENTS_LOST,
            )
        ]
        assert told == [5, 1, 1, 0]
        assert platform.bridge.get_status().pending_events == 3
        await platform.registry.shutdown(drain_timeout=0.0)
        assert platform.count(Metric.WEBSOCKET_EVENTS_SENT) == 1
        assert platform.count(Metric.WEBSOCKET_EVENTS_LOST) == 3

    asyncio.run(scenario())


def test_a_slow_client_holds_up_the_sender_and_not_the_user_s_other_clients() -> None:
    async def scenario() -> None:
        platform = await Platform(outbox_size=3).mapped()
        slow, quick = platform.client(), platform.client()
        slow.stall()
        sends = [asyncio.create_task(platform.act(str(number))) for number in range(4)]
        await ticks()
        assert [send.done() for send in sends] == [True, True, True, False]
        assert quick.told("text") == ["0", "1", "2", "3"]
        slow.resume()
        assert await asyncio.gather(*sends) == [Delivery.ACCEPTED] * 4
        await platform.registry.shutdown()
        assert slow.numbers == quick.numbers == [1, 2, 3, 4]

    asyncio.run(scenario())


def test_a_client_that_stays_behind_is_given_up_and_the_others_have_everything() -> None:
    async def scenario() -> None:
        platform = await Platform(outbox_size=2, send_timeout=SOON).mapped()
        deaf, quick = platform.client(), platform.client()
        deaf.stall()
        deliveries = [await platform.act(str(number)) for number in range(6)]
        await platform.registry.shutdown()
        assert Delivery.CLIENT_LOST in deliveries
        assert deliveries[-1] is Delivery.ACCEPTED
        assert quick.numbers == [1, 2, 3, 4, 5, 6]
        assert deaf.closed_with == 1013

    asyncio.run(scenario())


def test_a_slow_client_does_not_hold_up_another_user() -> None:
    async def scenario() -> None:
        platform = await Platform(outbox_size=1).mapped()
        await platform.mapped("bobs", "bob")
        platform.client().stall()
        bob = platform.client("bob")
        stuck = [asyncio.create_task(platform.act(str(number))) for number in range(3)]
        await ticks()
        for number in range(5):
            event = action(str(number), user_id="bob", run_id="bobs")
            assert await platform.bridge.send(event) is Delivery.ACCEPTED
        await ticks()
        assert bob.numbers == [1, 2, 3, 4, 5]
        assert not stuck[-1].done()
        await platform.registry.shutdown(drain_timeout=0.0)
        assert await stuck[-1] is Delivery.CLIENT_LOST

    asyncio.run(scenario())


def test_a_cancelled_send_has_sent_its_event_once() -> None:
    async def scenario() -> None:
        platform = await Platform(outbox_size=1).mapped()
        clients = [platform.client(), platform.client()]
        for client in clients:
            client.stall()
        sends = [asyncio.create_task(platform.act(str(number))) for number in range(3)]
        await ticks()
        sends[-1].cancel()
        with pytest.raises(asyncio.CancelledError):
            await sends[-1]
        assert other_tasks() == {sends[1], *_writers(platform)}
        for client in clients:
            client.resume()
        await platform.act("3")
        await platform.registry.shutdown()
        for client in clients:
            assert client.told("text") == ["0", "1", "2", "3"]
            assert client.numbers == [1, 2, 3, 4]

    asyncio.run(scenario())


def test_senders_that_give_up_again_and_again_cost_a_deaf_client_its_connection() -> None:
    async def scenario() -> None:
        platform = await Platform(outbox_size=2).mapped()
        deaf = platform.client()
        deaf.stall()
        for number in range(5):
            send = asyncio.create_task(platform.act(str(number)))
            await ticks()
            send.cancel()
            await ticks()
        assert await platform.act("too much") is Delivery.CLIENT_LOST
        later = platform.client()
        assert await platform.act("next") is Delivery.ACCEPTED
        await platform.registry.shutdown()
        assert deaf.closed_with == 1013
        assert later.numbers == [7]
        assert platform.count(Metric.WEBSOCKET_EVENTS_WITHOUT_CLIENT) == 1

    asyncio.run(scenario())


def _writers(platform: Platform) -> set[asyncio.Task[None]]:
    return {client.writer for client in platform.registry.for_run("ada", "thread")}


def test_of_the_thoughts_that_a_slow_client_was_not_sent_only_the_last_is_kept() -> None:
    async def scenario() -> None:
        platform = await Platform(outbox_size=3).mapped()
        client = platform.client()
        client.stall()
        await platform.act("being sent")
        await ticks()
        await platform.act("waits")
        assert await platform.think("first") is Delivery.ACCEPTED
        assert await platform.think("second") is Delivery.COALESCED
        assert await platform.think("third") is Delivery.COALESCED
        client.resume()
        await platform.act("end")
        await platform.registry.shutdown()
        assert client.told("text") == ["being sent", "waits", "third", "end"]
        assert client.numbers == [1, 2, 3, 4]
        assert platform.count(Metric.WEBSOCKET_EVENTS_COALESCED) == 2

    asyncio.run(scenario())


def test_thoughts_are_all_told_to_a_client_that_keeps_up() -> None:
    async def scenario() -> None:
        platform = await Platform(outbox_size=2).mapped()
        client = platform.client()
        deliveries = [await platform.think(str(number)) for number in range(3)]
        await platform.registry.shutdown()
        assert deliveries[:2] == [Delivery.ACCEPTED] * 2
        assert client.numbers == [1, 2][: len(client.numbers)] or client.numbers == [1, 2, 3]

    asyncio.run(scenario())


def test_a_thought_never_takes_the_place_of_one_before_another_event_or_of_another_run() -> None:
    async def scenario() -> None:
        platform = await Platform(outbox_size=4).mapped()
        await platform.mapped("second run")
        client = platform.client()
        client.stall()
        await platform.act("being sent")
        await ticks()
        await platform.think("before")
        await platform.act("between")
        await platform.bridge.send(thought("of another run", "second run"))
        late = asyncio.create_task(platform.think("after"))
        await ticks()
        client.resume()
        assert await late is Delivery.ACCEPTED
        await platform.registry.shutdown()
        expected = ["being sent", "before", "between", "of another run", "after"]
        assert client.told("text") == expected

    asyncio.run(scenario())


def test_a_thought_that_one_client_has_seen_is_not_replaced_for_another() -> None:
    async def scenario() -> None:
        platform = await Platform(outbox_size=2).mapped()
        slow, quick = platform.client(), platform.client()
        slow.stall()
        await platform.act("being sent")
        await ticks()
        await platform.think("seen by one")
        await ticks()
        second = asyncio.create_task(platform.think("for both"))
        await ticks()
        slow.resume()
        assert await second is Delivery.ACCEPTED
        await platform.registry.shutdown()
        assert slow.received == quick.received
        assert slow.numbers == [1, 2, 3]

    asyncio.run(scenario())


def test_one_who_only_thinks_leaves_time_to_send() -> None:
    async def scenario() -> None:
        platform = await Platform(outbox_size=1).mapped()
        client = platform.client()
        for number in range(200):
            await platform.think(str(number))
        assert len(client.received) > 10
        await platform.registry.shutdown()
        assert client.told("text")[-1] == "199"

    asyncio.run(scenario())


def test_flushing_a_run_waits_for_its_clients() -> None:
    async def scenario() -> None:
        platform = await Platform().mapped()
        slow = platform.client()
        platform.client()
        slow.stall()
        await platform.act("one")
        assert not await platform.bridge.flush_run("run", SOON)
        slow.resume()
        assert await platform.bridge.flush_run("run", 5.0)
        assert slow.numbers == [1]
        assert not await platform.bridge.flush_run("unknown", 5.0)
        await platform.registry.shutdown()
        assert await platform.bridge.flush_run("run", 5.0)

    asyncio.run(scenario())
