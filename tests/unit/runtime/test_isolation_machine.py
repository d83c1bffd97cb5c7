"""Whatever happens in whatever order, everybody is told all of their own events, once, in order."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from ssot_migrate.runtime.agent_factory import AgentInstanceFactory
from ssot_migrate.runtime.bridge import AgentWebSocketBridge
from ssot_migrate.runtime.connections import ConnectionRegistry
from ssot_migrate.runtime.errors import (
    ContextClosedError,
    NotConfiguredError,
    RuntimeFault,
    StaleEmitterError,
)
from ssot_migrate.runtime.limits import FactoryLimits
from ssot_migrate.runtime.metrics import Metric
from ssot_migrate.runtime.performance import FactoryPerformanceConfig

from .clients import Client, ticks, without_gap

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from ssot_migrate.runtime.context import UserExecutionContext
    from ssot_migrate.runtime.emitter import UserWebSocketEmitter
    from ssot_migrate.runtime.user_connection import UserConnection

USERS = ("ada", "bob")
OUTBOX = 2
SLOTS = 2
POOL = 3
"""One fewer than what both users may have: one of theirs is not pooled then."""
ACTS = (*("stall",) * 5, *("resume",) * 3, "vanish", "leave")
BURSTS = ("t", "c", "ctc", "tttt", "cttttt")
"""Thoughts and completions; more than an outbox takes, and thoughts that replace each other."""
LONG = 60
"""After so many events and requests it may end."""


@dataclass(eq=False)
class Socket:
    """A client, and what the model says it is to be told: (run, text, is a thought)."""

    user: str
    client: Client
    connection: UserConnection
    expected: list[tuple[str, str, bool]] = field(default_factory=list)

    @property
    def received(self) -> list[tuple[str, str]]:
        return [
            (event["run_id"], event["data"].get("reasoning") or event["data"]["result"])
            for event in self.client.received
        ]


class Isolation(RuleBasedStateMachine):
    """Requests of two users who come, emit, fall behind, vanish, and are cancelled."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.registry = ConnectionRegistry(outbox_size=OUTBOX, send_timeout=3600.0)
        self.bridge = AgentWebSocketBridge(self.registry)
        pooled = FactoryPerformanceConfig(
            enable_emitter_pooling=True, pool_initial_size=1, pool_max_size=POOL
        )
        # Whoever waits, waits for a slot; nobody for an emitter, or a client that reads nothing.
        limits = FactoryLimits(max_concurrent_per_user=SLOTS, flush_timeout=0.0)
        self.factory = AgentInstanceFactory(performance=pooled, limits=limits)
        self.factory.configure(websocket_bridge=self.bridge)
        self.sockets: list[Socket] = []
        self.requests: list[asyncio.Task[UserExecutionContext]] = []
        self.contexts: list[UserExecutionContext] = []
        self.stale: list[UserExecutionContext] = []
        self.emits: list[asyncio.Task[bool]] = []
        self.serial = 0
        self.is_shut_down = self.is_over = False

    def run_for(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(coroutine)

    def pump(self) -> None:
        """Let happen what can, and note which requests got their context."""
        self.run_for(ticks())
        self.contexts += [request.result() for request in self.requests if request.done()]
        self.requests = [request for request in self.requests if not request.done()]
        self.emits = [emit for emit in self.emits if not emit.done()]

    def next_text(self) -> str:
        self.serial += 1
        return f"text {self.serial}"

    def open_of(self, user: str) -> list[Socket]:
        return [one for one in self.sockets if one.user == user and one.connection.is_open]

    @initialize()
    def begin(self) -> None:
        """Everybody listens and has a run, so that what follows has something to go wrong with."""
        for user in USERS:
            self.connect(user)
            self.acquire(user)

    @precondition(lambda self: sum(one.connection.is_open for one in self.sockets) < 4)
    @rule(user=st.sampled_from(USERS))
    def connect(self, user: str) -> None:
        client = Client()

        async def connected() -> UserConnection:
            return self.registry.connect(user, client.send, client.close)

        if self.is_shut_down:
            with pytest.raises(RuntimeFault):
                self.run_for(connected())
        else:
            self.sockets.append(Socket(user, client, self.run_for(connected())))

    @precondition(lambda self: self.sockets)
    @rule(data=st.data(), act=st.sampled_from(ACTS))
    def client_acts(self, data: st.DataObject, act: str) -> None:
        socket = data.draw(st.sampled_from(self.sockets))
        if act == "leave":
            self.run_for(self.registry.disconnect(socket.connection))
        else:
            getattr(socket.client, act)()
        self.pump()

    @precondition(lambda self: len(self.requests) < 3)
    @rule(user=st.sampled_from(USERS))
    def acquire(self, user: str) -> None:
        self.serial += 1
        create = self.factory.create_user_context(user, f"thread of {user}", f"run{self.serial}")
        if self.is_over:
            with pytest.raises(NotConfiguredError):
                self.run_for(create)
        else:
            self.requests.append(self.loop.create_task(create, name=user))
        self.pump()

    @precondition(lambda self: self.requests)
    @rule(data=st.data(), is_granted=st.booleans())
    def cancel_acquire(self, data: st.DataObject, is_granted: bool) -> None:
        request = data.draw(st.sampled_from(self.requests))
        granting = [one for one in self.contexts if one.user_id == request.get_name()]
        context = granting[0] if is_granted else None

        async def cancel() -> None:
            if context is not None:
                self.contexts.remove(context)
                await self.factory.cleanup_user_context(context)
                self.stale.append(context)
            if not request.done():
                request.cancel()
                self.requests.remove(request)

        self.run_for(cancel())
        self.pump()

    @precondition(lambda self: self.contexts)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        context = data.draw(st.sampled_from(self.contexts))
        self.contexts.remove(context)
        self.stale.append(context)
        self.run_for(self.factory.cleanup_user_context(context))
        self.pump()

    @precondition(lambda self: len(self.contexts) >= POOL)
    @rule()
    def clean_up_what_is_idle(self) -> None:
        assert self.run_for(self.factory.cleanup_inactive_contexts(0)) == len(self.contexts)
        self.all_end()

    @precondition(lambda self: self.stale)
    @rule(data=st.data())
    def use_after_release(self, data: st.DataObject) -> None:
        context = data.draw(st.sampled_from(self.stale))
        with pytest.raises(StaleEmitterError):
            self.run_for(context.websocket_emitter.notify_agent_thinking("agent", "too late"))
        with pytest.raises(ContextClosedError):
            self.run_for(self.factory.create_agent_instance("agent", context))
        self.run_for(self.factory.cleanup_user_context(context))

    @precondition(lambda self: self.contexts)
    @rule(data=st.data(), burst=st.sampled_from(BURSTS))
    def emit(self, data: st.DataObject, burst: str) -> None:
        emitter = data.draw(st.sampled_from(self.contexts)).websocket_emitter
        for letter in burst:
            self.emit_one(emitter, is_thought=letter == "t")

    def emit_one(self, emitter: UserWebSocketEmitter, *, is_thought: bool) -> None:
        text = self.next_text()
        coalesced = {one: one.connection.status.coalesced for one in self.sockets}
        if is_thought:
            notify = emitter.notify_agent_thinking("agent", text)
        else:
            notify = emitter.notify_agent_completed("agent", text)
        self.emits.append(self.loop.create_task(notify))
        self.pump()
        for socket in self.open_of(emitter.user_id):
            if socket.connection.status.coalesced > coalesced[socket]:
                runs = [run for run, *_ in socket.expected]
                last = len(runs) - 1 - runs[::-1].index(emitter.run_id)
                assert is_thought
                assert socket.expected[last][2]
                socket.expected[last] = (emitter.run_id, text, True)
            else:
                socket.expected.append((emitter.run_id, text, is_thought))

    @precondition(lambda self: self.emits)
    @rule(data=st.data())
    def cancel_emit_while_it_waits(self, data: st.DataObject) -> None:
        emit = data.draw(st.sampled_from(self.emits))
        emit.cancel()
        self.pump()
        assert emit.cancelled()

    @precondition(lambda self: self.contexts)
    @rule(data=st.data())
    def cancel_emit_before_it_begins(self, data: st.DataObject) -> None:
        emitter = data.draw(st.sampled_from(self.contexts)).websocket_emitter
        emit = self.loop.create_task(emitter.notify_agent_completed("agent", "never said"))
        emit.cancel()
        self.pump()

    @precondition(lambda self: self.serial > LONG)
    @rule()
    def close_all_sockets(self) -> None:
        self.run_for(self.registry.shutdown(drain_timeout=0.0))
        self.is_shut_down = True

    @precondition(lambda self: self.serial > LONG)
    @rule()
    def shut_down(self) -> None:
        self.run_for(self.factory.shutdown())
        self.run_for(ticks())
        assert all(isinstance(request.exception(), RuntimeFault) for request in self.requests)
        self.requests.clear()
        self.is_over = True
        self.all_end()

    def all_end(self) -> None:
        """Note that the contexts that there were have ended; who waited may have come after."""
        self.stale += self.contexts
        self.contexts.clear()
        self.pump()

    @invariant()
    def everybody_is_told_only_their_own_events_once_and_in_order(self) -> None:
        for socket in self.sockets:
            told = [(run, text) for run, text, _ in socket.expected]
            status = socket.connection.status
            assert socket.received == told[: len(socket.received)]
            assert {event["user_id"] for event in socket.client.received} <= {socket.user}
            assert status.sent == len(socket.received)
            assert status.accepted == status.sent + status.coalesced + status.lost + status.pending
            assert status.pending == len(told) - status.sent or not socket.connection.is_open

    @invariant()
    def no_run_has_a_gap(self) -> None:
        for socket in self.sockets:
            numbers: dict[str, list[int]] = {}
            for event in socket.client.received:
                numbers.setdefault(event["run_id"], []).append(event["sequence"])
            assert all(map(without_gap, numbers.values()))

    @invariant()
    def the_pool_and_the_mappings_are_balanced(self) -> None:
        if (stats := self.factory.get_pool_stats()) is not None:
            assert stats.idle + stats.leased == stats.created <= stats.max_size
            assert stats.leased + stats.unpooled == len(self.contexts)
            assert not stats.unpooled or not stats.idle
        assert self.bridge.get_status().active_runs == len(self.contexts)
        counts = self.factory.get_factory_metrics()
        assert counts["waiting_requests"] == len(self.requests)
        assert counts["active_contexts"] == len(self.contexts)
        assert counts["cleanup_errors"] == 0
        values = self.factory.metrics.snapshot().values
        assert values[Metric.CROSS_USER_CONTAMINATION_EVENTS] == 0
        assert values[Metric.WAITING_REQUESTS] == len(self.requests)
        assert values[Metric.OPEN_CONNECTIONS] == self.bridge.get_status().open_connections

    def teardown(self) -> None:
        """In the end all who are still there have been told everything, and nothing is left."""
        for socket in self.sockets:
            socket.client.resume()
        self.pump()
        for socket in self.sockets:
            if socket.connection.is_open:
                assert socket.received == [(run, text) for run, text, _ in socket.expected]
        assert not self.emits
        for request in self.requests:
            request.cancel()
        self.requests.clear()
        self.run_for(self.factory.shutdown())
        self.run_for(self.registry.shutdown())
        assert self.factory.get_factory_metrics()["users_with_slots"] == 0
        assert self.bridge.get_status().active_runs == 0
        assert asyncio.all_tasks(self.loop) == set()
        self.loop.close()


TestIsolation = Isolation.TestCase
TestIsolation.settings = settings(max_examples=75, stateful_step_count=40, deadline=None)
