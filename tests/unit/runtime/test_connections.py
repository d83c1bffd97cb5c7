"""Clients: quick, slow, deaf and gone."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from ssot_migrate.runtime.connections import ConnectionRegistry
from ssot_migrate.runtime.errors import (
    ConfigurationError,
    IsolationError,
    RuntimeFault,
    UserLimitError,
    WrongLoopError,
)
from ssot_migrate.runtime.events import Event, EventType
from ssot_migrate.runtime.metrics import Metric, RuntimeMetrics
from ssot_migrate.runtime.user_connection import (
    GOING_AWAY,
    INTERNAL_ERROR,
    NORMAL_CLOSURE,
    TRY_AGAIN_LATER,
    ConnectionStatus,
)

from .clients import Client, has_reachable, other_tasks, strings_reachable, ticks

SOON = 0.02


def event(number: int = 1, user_id: str = "ada", thread_id: str = "thread") -> Event:
    started = Event.now(EventType.AGENT_STARTED, user_id, thread_id, "run", {})
    return started.numbered(number)


def count(registry: ConnectionRegistry, metric: Metric) -> int:
    return registry.metrics.snapshot().values[metric]


def test_events_are_sent_in_the_order_in_which_they_were_accepted() -> None:
    async def scenario() -> None:
        client = Client()
        registry = ConnectionRegistry()
        connection = registry.connect("ada", client.send)
        assert [connection.accept(event(number)) for number in (1, 2, 3)] == [1, 2, 3]
        assert await connection.flush(1.0)
        assert client.numbers == [1, 2, 3]
        assert connection.status == ConnectionStatus(3, sent=3, coalesced=0, lost=0, pending=0)
        await registry.shutdown()

    asyncio.run(scenario())


def test_an_event_of_another_user_is_stopped_and_counted_whoever_sent_it_here() -> None:
    async def scenario() -> None:
        client = Client()
        registry = ConnectionRegistry()
        connection = registry.connect("ada", client.send)
        connection.accept(event(1))
        with pytest.raises(IsolationError) as caught:
            connection.accept(event(2, user_id="bob"))
        with pytest.raises(IsolationError):
            connection.replace(event(1), event(1, user_id="bob"))
        assert "bob" not in str(caught.value)
        assert count(registry, Metric.CROSS_USER_CONTAMINATION_EVENTS) == 2
        assert count(registry, Metric.WEBSOCKET_EVENTS_REFUSED) == 2
        await registry.shutdown()
        assert client.numbers == [1]

    asyncio.run(scenario())


def test_a_connection_for_one_thread_gets_events_of_that_thread_only() -> None:
    async def scenario() -> None:
        registry = ConnectionRegistry()
        client = Client()
        bound = registry.connect("ada", client.send, thread_id="thread")
        free = registry.connect("ada", client.send)
        registry.connect("bob", client.send)
        assert registry.for_run("ada", "thread") == [bound, free]
        assert registry.for_run("ada", "other") == [free]
        assert registry.for_run("eve", "thread") == []
        with pytest.raises(IsolationError):
            bound.accept(event(thread_id="other"))
        assert count(registry, Metric.CROSS_USER_CONTAMINATION_EVENTS) == 0
        await registry.shutdown()

    asyncio.run(scenario())


def test_a_client_that_is_gone_loses_its_own_events_and_nobody_else_s() -> None:
    async def scenario() -> None:
        gone, there = Client(), Client()
        registry = ConnectionRegistry()
        first = registry.connect("ada", gone.send, gone.close)
        second = registry.connect("ada", there.send, there.close)
        gone.vanish()
        for number in (1, 2, 3):
            first.accept(event(number))
            second.accept(event(number))
        assert not await first.flush(1.0)
        assert await second.flush(1.0)
        await ticks()
        assert gone.closed_with == INTERNAL_ERROR
        assert first.status == ConnectionStatus(3, sent=0, coalesced=0, lost=3, pending=0)
        assert first.accept(event(4)) == 0
        assert registry.for_run("ada", "thread") == [second]
        assert there.numbers == [1, 2, 3]
        assert count(registry, Metric.WEBSOCKET_EVENTS_LOST) == 3
        assert count(registry, Metric.OPEN_CONNECTIONS) == 1
        await registry.shutdown()

    asyncio.run(scenario())


def test_a_client_that_takes_too_long_for_one_event_is_told_to_try_again_later() -> None:
    async def scenario() -> None:
        client = Client()
        client.stall()
        registry = ConnectionRegistry(send_timeout=SOON)
        connection = registry.connect("ada", client.send, client.close)
        connection.accept(event())
        assert not await connection.flush(5.0)
        await connection.writer
        assert client.closed_with == TRY_AGAIN_LATER
        assert connection.status.lost == 1

    asyncio.run(scenario())


def test_a_sender_waits_until_there_is_room_for_its_event() -> None:
    async def scenario() -> None:
        client = Client()
        client.stall()
        registry = ConnectionRegistry(outbox_size=2)
        connection = registry.connect("ada", client.send)
        numbers = [connection.accept(event(number)) for number in (1, 2, 3, 4)]
        waits = [connection.room_for(number) for number in numbers]
        await ticks()
        assert [wait.done() for wait in waits] == [True, True, False, False]
        client.resume()
        await asyncio.gather(*waits)
        assert all(map(connection.has_kept, numbers))
        await registry.shutdown()
        assert client.numbers == [1, 2, 3, 4]

    asyncio.run(scenario())


def test_a_client_that_makes_no_room_in_time_is_dropped() -> None:
    async def scenario() -> None:
        client = Client()
        client.stall()
        registry = ConnectionRegistry(outbox_size=1, send_timeout=SOON)
        connection = registry.connect("ada", client.send, client.close)
        connection.accept(event(1))
        number = connection.accept(event(2))
        await connection.room_for(number)
        assert not connection.has_kept(number)
        await connection.writer
        assert client.closed_with == TRY_AGAIN_LATER

    asyncio.run(scenario())


def test_an_event_that_was_sent_before_its_connection_ended_is_not_lost() -> None:
    async def scenario() -> None:
        client = Client()
        registry = ConnectionRegistry(outbox_size=1)
        connection = registry.connect("ada", client.send)
        connection.accept(event(1))
        number = connection.accept(event(2))
        await registry.disconnect(connection, drain_timeout=1.0)
        assert connection.has_kept(number)
        assert client.numbers == [1, 2]

    asyncio.run(scenario())


def test_any_number_of_senders_may_wait() -> None:
    async def scenario() -> None:
        client = Client()
        registry = ConnectionRegistry(outbox_size=1)
        connection = registry.connect("ada", client.send)
        waits = [connection.room_for(connection.accept(event(number))) for number in range(50)]
        await asyncio.gather(*waits)
        await registry.shutdown()
        assert client.numbers == list(range(50))

    asyncio.run(scenario())


def test_what_senders_leave_behind_that_gave_up_waiting_is_bounded() -> None:
    async def scenario() -> None:
        client = Client()
        client.stall()
        registry = ConnectionRegistry(outbox_size=2)
        connection = registry.connect("ada", client.send, client.close)
        assert all(connection.accept(event(number)) for number in (1, 2, 3, 4, 5))
        assert connection.accept(event(6)) == 0
        assert not connection.is_open
        await ticks()
        assert connection.status.lost == 5
        assert not has_reachable(connection, Event)
        await connection.writer
        assert client.closed_with == TRY_AGAIN_LATER

    asyncio.run(scenario())


def test_of_a_user_who_is_gone_the_registry_keeps_nothing() -> None:
    async def scenario() -> None:
        canary = uuid.uuid4().hex
        registry = ConnectionRegistry()
        connection = registry.connect(canary, Client().send)
        connection.accept(event(1, canary))
        assert canary in strings_reachable(registry)
        await registry.disconnect(connection)
        await ticks()
        del connection
        assert canary not in strings_reachable(registry)

    asyncio.run(scenario())


@pytest.mark.parametrize("drain_timeout", [0.0, 1.0])
def test_a_connection_that_is_closed_sends_what_it_has_if_it_is_given_time(
    drain_timeout: float,
) -> None:
    async def scenario() -> None:
        client = Client()
        registry = ConnectionRegistry()
        connection = registry.connect("ada", client.send, client.close)
        connection.accept(event())
        await registry.disconnect(connection, drain_timeout=drain_timeout)
        await registry.disconnect(connection)
        assert client.numbers == ([1] if drain_timeout else [])
        assert client.closed_with == NORMAL_CLOSURE
        assert count(registry, Metric.OPEN_CONNECTIONS) == 0
        assert other_tasks() == set()

    asyncio.run(scenario())


def test_a_connection_is_closed_though_its_closing_is_cancelled() -> None:
    async def scenario() -> None:
        client = Client()
        client.stall()
        registry = ConnectionRegistry()
        connection = registry.connect("ada", client.send, client.close)
        connection.accept(event())
        closing = asyncio.create_task(registry.disconnect(connection, drain_timeout=60.0))
        await ticks()
        assert registry.for_run("ada", "thread") == []
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
        await connection.writer
        assert client.closed_with == NORMAL_CLOSURE

    asyncio.run(scenario())


def test_a_shutdown_waits_for_clients_that_read_and_not_for_those_that_do_not() -> None:
    async def scenario() -> None:
        reads, stalls = Client(), Client()
        stalls.stall()
        registry = ConnectionRegistry()
        for user_id, client in (("ada", reads), ("bob", stalls)):
            registry.connect(user_id, client.send, client.close).accept(event(1, user_id))
        await registry.shutdown(drain_timeout=SOON)
        assert reads.numbers == [1]
        assert stalls.closed_with == NORMAL_CLOSURE
        assert other_tasks() == set()
        with pytest.raises(RuntimeFault):
            registry.connect("ada", reads.send)

    asyncio.run(scenario())


def test_the_handler_of_a_socket_may_disconnect_while_it_sends() -> None:
    async def scenario() -> None:
        registry = ConnectionRegistry()

        async def send(text: str) -> None:
            await registry.disconnect(connection)
            raise ConnectionResetError

        connection = registry.connect("ada", send)
        connection.accept(event())
        await ticks()
        assert connection.writer.done()
        assert connection.status.lost == 1

    asyncio.run(scenario())


async def _hang(code: int, reason: str) -> None:
    await asyncio.Event().wait()


async def _fail(code: int, reason: str) -> None:
    raise ConnectionResetError


@pytest.mark.parametrize("close", [_hang, _fail, None])
def test_a_socket_that_cannot_be_closed_holds_nobody_up(
    close: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ssot_migrate.runtime.user_connection.CLOSE_TIMEOUT", SOON)

    async def scenario() -> None:
        registry = ConnectionRegistry()
        connection = registry.connect("ada", Client().send, close)  # type: ignore[arg-type]
        await registry.disconnect(connection)
        assert connection.writer.done()
        assert other_tasks() == set()

    asyncio.run(scenario())


def test_a_loop_that_ends_takes_its_connections_along(caplog: pytest.LogCaptureFixture) -> None:
    registry = ConnectionRegistry()
    client = Client()

    async def scenario() -> None:
        client.stall()
        registry.connect("bob", client.send).accept(event(1, "bob"))
        await ticks()
        registry.connect("ada", client.send)

    asyncio.run(scenario())
    assert not registry.open_connections()
    assert count(registry, Metric.WEBSOCKET_EVENTS_LOST) == 1
    assert not caplog.records


def test_a_user_has_no_more_connections_than_the_limit() -> None:
    async def scenario() -> None:
        registry = ConnectionRegistry(max_per_user=2)
        first, _ = registry.connect("ada", Client().send), registry.connect("ada", Client().send)
        with pytest.raises(UserLimitError, match="limit of 2"):
            registry.connect("ada", Client().send)
        registry.connect("bob", Client().send)
        assert count(registry, Metric.USER_LIMIT_REJECTIONS) == 1
        await registry.disconnect(first)
        registry.connect("ada", Client().send)
        assert count(registry, Metric.OPEN_CONNECTIONS) == 3
        await registry.shutdown()

    asyncio.run(scenario())


def test_a_connection_takes_no_event_from_another_thread() -> None:
    async def scenario() -> None:
        registry, client = ConnectionRegistry(), Client()
        connection = registry.connect("ada", client.send)
        with pytest.raises(WrongLoopError):
            await asyncio.to_thread(connection.accept, event())
        await registry.shutdown()
        assert client.received == []

    asyncio.run(scenario())


def test_of_two_who_want_to_count_the_first_does() -> None:
    registry, own = ConnectionRegistry(), RuntimeMetrics()
    first, second = RuntimeMetrics(), RuntimeMetrics()
    registry.share_metrics(first)
    registry.share_metrics(second)
    assert registry.metrics is first
    told = ConnectionRegistry(own)
    told.share_metrics(first)
    assert told.metrics is own


def test_codes_are_those_of_the_websocket_protocol() -> None:
    codes = (NORMAL_CLOSURE, GOING_AWAY, INTERNAL_ERROR, TRY_AGAIN_LATER)
    assert codes == (1000, 1001, 1011, 1013)


def test_a_connection_needs_a_user_and_a_registry_sensible_limits() -> None:
    async def scenario() -> None:
        with pytest.raises(ValueError, match="id of its user"):
            ConnectionRegistry().connect("", Client().send)

    asyncio.run(scenario())
    with pytest.raises(ConfigurationError):
        ConnectionRegistry(outbox_size=0)
    with pytest.raises(ConfigurationError):
        ConnectionRegistry(send_timeout=0.0)
    with pytest.raises(ConfigurationError):
        ConnectionRegistry(max_per_user=0)
