"""One client: its outbox, and the one task that empties it.

A sender never waits for a client: it puts an event into the outbox at once. Afterwards it may wait
until the outbox is no longer overfull, which is how a slow client slows down the runs of its own
user, and nobody else. Everything here belongs to one event loop, and to its thread.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING

from ssot_migrate.runtime.errors import IsolationError
from ssot_migrate.runtime.event_loops import check_loop
from ssot_migrate.runtime.metrics import Metric

if TYPE_CHECKING:
    from ssot_migrate.runtime.events import Event
    from ssot_migrate.runtime.metrics import RuntimeMetrics

SendText = Callable[[str], Awaitable[None]]
"""Sends a text to a client; raises when the client is gone."""

CloseSocket = Callable[[int, str], Awaitable[None]]
"""Closes a client's socket with a code and a reason."""

NORMAL_CLOSURE = 1000
GOING_AWAY = 1001
INTERNAL_ERROR = 1011
TRY_AGAIN_LATER = 1013

CLOSE_TIMEOUT = 1.0
"""Seconds that closing a socket may take."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ConnectionStatus:
    """The events of one connection: `accepted == sent + coalesced + lost + pending`.

    The metrics count the same, of all connections; what is pending there is the difference.
    """

    accepted: int
    sent: int
    coalesced: int
    lost: int
    pending: int


class UserConnection:
    """One socket of one user. It is made by `ConnectionRegistry.connect`.

    Args:
        user_id: Whose socket it is.
        send: Sends one text.
        close: Closes the socket.
        thread_id: The only conversation it is for; None for all of the user's.
        outbox_size: How many events may be unsent before senders wait. Of senders that gave up
            waiting, it takes as many again; then the client is dropped.
        send_timeout: Seconds the client may take for one event, and may keep a sender waiting.
        metrics: Where events are counted.
        forget: Called once when it takes no more events.
    """

    def __init__(
        self,
        user_id: str,
        send: SendText,
        close: CloseSocket | None,
        *,
        thread_id: str | None,
        outbox_size: int,
        send_timeout: float,
        metrics: RuntimeMetrics,
        forget: Callable[[UserConnection], None],
    ) -> None:
        self.user_id = user_id
        self.thread_id = thread_id
        self._send = send
        self._close = close
        self._size = outbox_size
        self._timeout = send_timeout
        self._metrics = metrics
        self._forget = forget
        self._outbox: deque[Event] = deque()
        self._queued = self._sent = self._coalesced = self._lost = 0
        self._ending: tuple[int, str] | None = None
        self._is_sending = False
        self._filled = asyncio.Event()
        self._departures: list[tuple[int, int, asyncio.Future[None]]] = []
        self._tickets = count()
        self._senders = 0
        self._loop = asyncio.get_running_loop()
        self.writer = self._loop.create_task(self._write(), name="websocket-writer")
        self.writer.add_done_callback(lambda _: self.drop(GOING_AWAY, ""))

    @property
    def is_open(self) -> bool:
        """Whether it takes events."""
        return self._ending is None

    @property
    def is_full(self) -> bool:
        """Whether the sender of one more event would have to wait."""
        return self.pending >= self._size

    @property
    def is_overfull(self) -> bool:
        """Whether there are events whose senders have to wait."""
        return self.pending > self._size

    @property
    def status(self) -> ConnectionStatus:
        """What became of its events so far."""
        return ConnectionStatus(
            accepted=self._queued + self._coalesced,
            sent=self._sent,
            coalesced=self._coalesced,
            lost=self._lost,
            pending=self.pending,
        )

    @property
    def pending(self) -> int:
        """How many events were accepted, and neither sent nor lost yet."""
        return self._queued - self._sent - self._lost

    def accept(self, event: Event) -> int:
        """Put an event into the outbox at once.

        Returns:
            Its number on this connection, for `room_for`; 0 when the client is gone, or so far
            behind that it was dropped.

        Raises:
            IsolationError: The event is another user's, or of a thread this socket is not for.
            WrongLoopError: The socket belongs to another event loop.
        """
        self._check(event)
        if self.pending - self._senders > 2 * self._size:
            self.drop(TRY_AGAIN_LATER, "too slow")
        if self._ending is not None:
            return 0
        self._outbox.append(event)
        self._queued += 1
        self._metrics.count(Metric.WEBSOCKET_EVENTS_ACCEPTED)
        self._filled.set()
        return self._queued

    def holds(self, event: Event) -> bool:
        """Whether an event was accepted and not sent yet."""
        return any(held is event for held in reversed(self._outbox))

    def replace(self, old: Event, new: Event) -> None:
        """Send one event in the place of another that `holds`.

        Raises:
            IsolationError: The event is another user's, or of a thread this socket is not for.
        """
        self._check(new)
        self._outbox[self._outbox.index(old)] = new
        self._coalesced += 1
        self._metrics.count(Metric.WEBSOCKET_EVENTS_ACCEPTED)
        self._metrics.count(Metric.WEBSOCKET_EVENTS_COALESCED)

    def room_for(self, number: int) -> asyncio.Future[None]:
        """What a sender waits for: that its event is among the `outbox_size` next ones.

        A client that does not get there in time is dropped. To give up waiting, cancel it.

        Args:
            number: What `accept` returned.
        """
        overdue = self._loop.call_later(self._timeout, self.drop, TRY_AGAIN_LATER, "too slow")

        def waits_no_more(_: asyncio.Future[None]) -> None:
            overdue.cancel()
            self._senders -= 1

        room = self._departure_of(number - self._size)
        self._senders += 1
        room.add_done_callback(waits_no_more)
        return room

    def has_kept(self, number: int) -> bool:
        """Whether an event that was accepted was sent or will be, as far as one can tell."""
        return self._ending is None or self._sent >= number

    async def flush(self, timeout: float) -> bool:
        """Wait, for at most `timeout` seconds, until what was accepted so far has left.

        Returns:
            Whether the client was sent all of it.
        """
        return await flush((self,), timeout)

    async def end(self, drain_timeout: float) -> None:
        """Take no more events, send what there is for at most `drain_timeout` seconds, and close.

        It is closed all the same where this is cancelled.
        """
        self._forget(self)
        try:
            if drain_timeout > 0:
                await self.flush(drain_timeout)
        finally:
            self.drop(NORMAL_CLOSURE, "")
        if asyncio.current_task() is not self.writer:
            await asyncio.wait({self.writer}, timeout=2 * CLOSE_TIMEOUT)

    def drop(self, code: int, reason: str) -> None:
        """Give up the client: what it was not sent is lost, and its socket is closed soon."""
        if self._ending is not None:
            return
        self._ending = (code, reason)
        self._forget(self)
        self._lose(len(self._outbox))
        self._outbox.clear()
        self._filled.set()
        if self._is_sending and asyncio.current_task() is not self.writer:
            self.writer.cancel()

    # --- the writer -----------------------------------------------------------------------------

    async def _write(self) -> None:
        while self._ending is None:
            if self._outbox:
                await self._send_next()
            else:
                self._filled.clear()
                await self._filled.wait()
        if self._close is not None:
            try:
                await asyncio.wait_for(self._close(*self._ending), CLOSE_TIMEOUT)
            except Exception as problem:
                _log.debug("a socket of user %s: %s", self.user_id, type(problem).__name__)

    async def _send_next(self) -> None:
        text = self._outbox.popleft().to_json()
        self._is_sending = True
        overdue = self._loop.call_later(self._timeout, self.drop, TRY_AGAIN_LATER, "too slow")
        try:
            await self._send(text)
        except BaseException as problem:
            self._lose(1)
            if isinstance(problem, asyncio.CancelledError) and self._ending is not None:
                return
            self.drop(INTERNAL_ERROR, "")
            if not isinstance(problem, Exception):
                raise
            _log.info("a client of user %s is gone: %s", self.user_id, type(problem).__name__)
        else:
            self._sent += 1
            self._metrics.count(Metric.WEBSOCKET_EVENTS_SENT)
            self._leave()
        finally:
            overdue.cancel()
            self._is_sending = False

    # --- the outbox -----------------------------------------------------------------------------

    def _check(self, event: Event) -> None:
        check_loop(self._loop, "a connection")
        if event.user_id != self.user_id:
            self._metrics.count(Metric.WEBSOCKET_EVENTS_REFUSED)
            self._metrics.count(Metric.CROSS_USER_CONTAMINATION_EVENTS)
            raise IsolationError(f"an event of run {event.run_id!r} met another user's connection")
        if self.thread_id is not None and event.thread_id != self.thread_id:
            raise IsolationError(
                f"an event of run {event.run_id!r} met a connection for another thread"
            )

    def _lose(self, number: int) -> None:
        if number:
            self._lost += number
            self._metrics.count(Metric.WEBSOCKET_EVENTS_LOST, number)
            self._leave()

    def _leave(self) -> None:
        left = self._sent + self._lost
        while self._departures and self._departures[0][0] <= left:
            _, _, departure = heappop(self._departures)
            if not departure.done():
                departure.set_result(None)

    def _departure_of(self, number: int) -> asyncio.Future[None]:
        """Done when `number` events have been sent or lost."""
        departure = self._loop.create_future()
        heappush(self._departures, (number, next(self._tickets), departure))
        self._leave()
        return departure


async def flush(connections: Iterable[UserConnection], timeout: float) -> bool:
    """Wait, for at most `timeout` seconds, until what was accepted so far has left them all.

    It waits for nothing where that is so already.

    Returns:
        Whether all clients were sent all of it.
    """
    marks = [(one, one._queued) for one in connections]
    departures = [one._departure_of(number) for one, number in marks]
    waiting = {departure for departure in departures if not departure.done()}
    if waiting and timeout > 0:
        await asyncio.wait(waiting, timeout=timeout)
    return all(one._sent >= number for one, number in marks)
