"""From a run to the clients of its user and thread, and to nobody else."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from ssot_migrate.runtime.errors import IsolationError
from ssot_migrate.runtime.event_loops import check_loop
from ssot_migrate.runtime.events import Delivery, EventType
from ssot_migrate.runtime.metrics import Metric
from ssot_migrate.runtime.user_connection import flush

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssot_migrate.runtime.connections import ConnectionRegistry
    from ssot_migrate.runtime.events import Event
    from ssot_migrate.runtime.metrics import RuntimeMetrics
    from ssot_migrate.runtime.user_connection import UserConnection


@dataclass(frozen=True, slots=True)
class RunMappingStatus:
    """Whose a run is.

    Args:
        run_id: The run.
        is_registered: Whether it is mapped; the rest says nothing where it is not.
        user_id: Its user.
        thread_id: Its conversation.
        registered_at: Since when, in UTC.
        events_accepted: How many of its events at least one client accepted.
    """

    run_id: str
    is_registered: bool
    user_id: str | None = None
    thread_id: str | None = None
    registered_at: datetime | None = None
    events_accepted: int = 0


@dataclass(frozen=True, slots=True)
class BridgeStatus:
    """How much goes over a bridge.

    Args:
        active_runs: How many runs are mapped.
        open_connections: How many connections take events.
        slow_connections: How many of them are so far behind that senders wait.
        pending_events: How many events wait to be sent.
    """

    active_runs: int
    open_connections: int
    slow_connections: int
    pending_events: int


@dataclass(slots=True, eq=False)
class _Run:
    user_id: str
    thread_id: str
    registered_at: datetime
    loop: asyncio.AbstractEventLoop
    holders: int = 1
    sequence: int = 0
    accepted: int = 0
    last_thought: Event | None = None

    def number(self, event: Event) -> Event:
        """Give an event its place in the run. It keeps it though no client is there to see it."""
        self.sequence += 1
        numbered = event.numbered(self.sequence)
        self.last_thought = numbered if event.kind is EventType.AGENT_THINKING else None
        return numbered


class AgentWebSocketBridge:
    """Routes the events of runs to connections. It belongs to one event loop, and to its thread.

    Args:
        connections: The clients.
    """

    def __init__(self, connections: ConnectionRegistry) -> None:
        self._connections = connections
        self._runs: dict[str, _Run] = {}

    @property
    def metrics(self) -> RuntimeMetrics:
        """Where events are counted: where the connections count."""
        return self._connections.metrics

    def share_metrics(self, metrics: RuntimeMetrics) -> None:
        """Count with somebody else, unless it was said where to count or a connection is open."""
        self._connections.share_metrics(metrics)

    async def register_run_thread_mapping(
        self, run_id: str, thread_id: str, metadata: Mapping[str, object] | None = None
    ) -> bool:
        """Say whose a run is. Who says so again shares the mapping; each ends it for itself.

        From now on the run belongs to the event loop that runs here, and to its thread.

        Args:
            run_id: The run.
            thread_id: Its conversation.
            metadata: Its key `user_id` names the user.

        Raises:
            ValueError: There is no `user_id`, or an id is no text.
            IsolationError: The run is another user's, or of another thread.
            WrongLoopError: The run belongs to another event loop.
        """
        user_id = (metadata or {}).get("user_id")
        for name, value in (("run_id", run_id), ("thread_id", thread_id), ("user_id", user_id)):
            if not isinstance(value, str) or not value:
                raise ValueError(f"a run is mapped by texts that are not empty; {name} is none")
        known = self._runs.get(run_id)
        if known is None:
            now, loop = datetime.now(timezone.utc), asyncio.get_running_loop()
            self._runs[run_id] = _Run(str(user_id), thread_id, registered_at=now, loop=loop)
        else:
            self._check(known, run_id, str(user_id), thread_id)
            known.holders += 1
        return True

    async def unregister_run_mapping(self, run_id: str) -> bool:
        """Take back one registration; with the last, the run's later events go nowhere.

        Returns:
            Whether it was known.
        """
        run = self._runs.get(run_id)
        if run is None:
            return False
        run.holders -= 1
        if not run.holders:
            del self._runs[run_id]
        return True

    async def get_run_mapping_status(self, run_id: str) -> RunMappingStatus:
        """Whose a run is, for diagnosis."""
        run = self._runs.get(run_id)
        if run is None:
            return RunMappingStatus(run_id, is_registered=False)
        return RunMappingStatus(
            run_id,
            is_registered=True,
            user_id=run.user_id,
            thread_id=run.thread_id,
            registered_at=run.registered_at,
            events_accepted=run.accepted,
        )

    def get_status(self) -> BridgeStatus:
        """How much goes over this bridge at the moment."""
        clients = self._connections.open_connections()
        return BridgeStatus(
            active_runs=len(self._runs),
            open_connections=len(clients),
            slow_connections=sum(client.is_full for client in clients),
            pending_events=sum(client.pending for client in clients),
        )

    async def send(self, event: Event, *, wait: bool = True) -> Delivery:
        """Give an event to every client of its user and thread.

        The clients' outboxes have it, numbered, before this waits for anything. It then waits for
        clients that are behind, and a cancellation ends no more than this wait: the event of
        whoever calls this was accepted, once.

        Args:
            event: What happened; its number is given here.
            wait: Whether to wait for clients that are behind.

        Raises:
            IsolationError: The run is another user's, or of another thread.
            WrongLoopError: The run belongs to another event loop.
        """
        run = self._runs.get(event.run_id)
        if run is None:
            self.metrics.count(Metric.WEBSOCKET_EVENTS_UNROUTED)
            return Delivery.UNROUTED
        if run.user_id != event.user_id:
            self.metrics.count(Metric.WEBSOCKET_EVENTS_REFUSED)
        self._check(run, event.run_id, event.user_id, event.thread_id)
        clients = self._connections.for_run(run.user_id, run.thread_id)
        if event.kind is EventType.AGENT_THINKING and _coalesced(run, event, clients):
            await asyncio.sleep(0)  # so that one who only thinks leaves time to send
            return Delivery.COALESCED
        numbered = run.number(event)
        places = {client: client.accept(numbered) for client in clients}
        if not any(places.values()):
            self.metrics.count(Metric.WEBSOCKET_EVENTS_WITHOUT_CLIENT)
            return Delivery.CLIENT_LOST if clients else Delivery.NO_CLIENT
        run.accepted += 1
        if wait:
            await _wait_for_room(places)
        is_kept = all(place and client.has_kept(place) for client, place in places.items())
        return Delivery.ACCEPTED if is_kept else Delivery.CLIENT_LOST

    def has_unsent(self, run_id: str) -> bool:
        """Whether a client for the run was not sent everything that it accepted."""
        run = self._runs.get(run_id)
        if run is None:
            return False
        clients = self._connections.for_run(run.user_id, run.thread_id)
        return any(client.pending for client in clients)

    async def flush_run(self, run_id: str, timeout: float) -> bool:
        """Wait, for at most `timeout` seconds, until the clients were sent what was accepted.

        Returns:
            Whether they were; False as well where the run is not known.

        Raises:
            WrongLoopError: The run belongs to another event loop.
        """
        run = self._runs.get(run_id)
        if run is None:
            return False
        check_loop(run.loop, f"run {run_id!r}")
        return await flush(self._connections.for_run(run.user_id, run.thread_id), timeout)

    def _check(self, run: _Run, run_id: str, user_id: str, thread_id: str) -> None:
        if run.user_id != user_id:
            self.metrics.count(Metric.CROSS_USER_CONTAMINATION_EVENTS)
            raise IsolationError(f"run {run_id!r} is another user's")
        if run.thread_id != thread_id:
            raise IsolationError(f"run {run_id!r} is of another thread")
        check_loop(run.loop, f"run {run_id!r}")


def _coalesced(run: _Run, event: Event, clients: list[UserConnection]) -> bool:
    """Put a thought in the place of the run's last event, if no client was sent that.

    That event has to be a thought too, and a client be full. The number stays, so that no client
    sees a gap.
    """
    last = run.last_thought
    if last is None or not any(client.is_full for client in clients):
        return False
    if not all(client.holds(last) for client in clients):
        return False
    run.last_thought = event.numbered(last.sequence)
    run.accepted += 1
    for client in clients:
        client.replace(last, run.last_thought)
    return True


async def _wait_for_room(places: Mapping[UserConnection, int]) -> None:
    """Wait for the clients that are behind, of those that have given an event a place."""
    behind = [
        client.room_for(place) for client, place in places.items() if place and client.is_overfull
    ]
    if behind:
        await asyncio.gather(*behind)
