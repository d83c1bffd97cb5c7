"""The clients that are connected, by user."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from ssot_migrate.runtime.errors import ConfigurationError, RuntimeFault, UserLimitError
from ssot_migrate.runtime.metrics import Metric, RuntimeMetrics
from ssot_migrate.runtime.user_connection import CLOSE_TIMEOUT, NORMAL_CLOSURE, UserConnection

if TYPE_CHECKING:
    from ssot_migrate.runtime.user_connection import CloseSocket, SendText


class ConnectionRegistry:
    """The connections of all users.

    Args:
        metrics: Where events and connections are counted; with the first agent factory that gets
            the bridge, where it is left out.
        outbox_size: How many events may be unsent before senders wait.
        send_timeout: Seconds a client may take for one event, and may keep a sender waiting.
        max_per_user: How many connections a user may have open at a time.

    Raises:
        ConfigurationError: `outbox_size` or `max_per_user` is below 1, or `send_timeout` is not
            above 0.
    """

    def __init__(
        self,
        metrics: RuntimeMetrics | None = None,
        *,
        outbox_size: int = 256,
        send_timeout: float = 10.0,
        max_per_user: int = 20,
    ) -> None:
        if outbox_size < 1 or max_per_user < 1 or send_timeout <= 0:
            raise ConfigurationError(
                f"outbox_size, {outbox_size}, and max_per_user, {max_per_user}, must be at least 1"
                f" and send_timeout, {send_timeout}, above 0"
            )
        self._own_metrics = metrics is None
        self.metrics = RuntimeMetrics() if metrics is None else metrics
        self._outbox_size = outbox_size
        self._send_timeout = send_timeout
        self._max_per_user = max_per_user
        self._open: dict[str, list[UserConnection]] = {}
        self._alive: set[UserConnection] = set()
        self._is_shut_down = False

    def share_metrics(self, metrics: RuntimeMetrics) -> None:
        """Count with somebody else, unless it was said where to count or a connection is open.

        The first who asks is heard: two factories of one bridge do not take the counts away from
        each other.
        """
        if self._own_metrics and not self._alive:
            self._own_metrics = False
            self.metrics = metrics

    def connect(
        self,
        user_id: str,
        send: SendText,
        close: CloseSocket | None = None,
        *,
        thread_id: str | None = None,
    ) -> UserConnection:
        """Open a connection; from now on it gets the user's events.

        The caller has authenticated the user, and calls `disconnect` when the socket is closed.

        Args:
            user_id: Whose socket it is.
            send: Sends one text, and raises when the client is gone. It is never called again
                before it is done.
            close: Closes the socket with a code and a reason.
            thread_id: The only conversation it is for; None for all of the user's.

        Raises:
            ValueError: `user_id` is empty.
            UserLimitError: The user has as many connections as one may have.
            RuntimeFault: The registry was shut down.
        """
        if not user_id:
            raise ValueError("a connection needs the id of its user")
        if self._is_shut_down:
            raise RuntimeFault("no connection is opened after the shutdown")
        if len(self._open.get(user_id, ())) >= self._max_per_user:
            self.metrics.count(Metric.USER_LIMIT_REJECTIONS)
            raise UserLimitError(user_id, self._max_per_user)
        connection = UserConnection(
            user_id,
            send,
            close,
            thread_id=thread_id,
            outbox_size=self._outbox_size,
            send_timeout=self._send_timeout,
            metrics=self.metrics,
            forget=self._forget,
        )
        self._open.setdefault(user_id, []).append(connection)
        self._alive.add(connection)
        connection.writer.add_done_callback(lambda _: self._alive.discard(connection))
        self.metrics.gauge(Metric.OPEN_CONNECTIONS, 1)
        return connection

    async def disconnect(self, connection: UserConnection, *, drain_timeout: float = 0.0) -> None:
        """Close a connection; again does nothing.

        Args:
            connection: Which one.
            drain_timeout: Seconds to send what it was accepted for; 0.0 when the client is gone.
        """
        await connection.end(drain_timeout)

    def for_run(self, user_id: str, thread_id: str) -> list[UserConnection]:
        """The user's connections that are for this thread or for all."""
        return [
            connection
            for connection in self._open.get(user_id, ())
            if connection.thread_id is None or connection.thread_id == thread_id
        ]

    def open_connections(self) -> list[UserConnection]:
        """Those that take events."""
        return [connection for connections in self._open.values() for connection in connections]

    async def shutdown(self, drain_timeout: float = 5.0) -> None:
        """Close all connections, each after at most `drain_timeout` seconds for what it holds."""
        self._is_shut_down = True
        alive = tuple(self._alive)
        await asyncio.gather(*(one.end(drain_timeout) for one in alive), return_exceptions=True)
        # A task of these that somebody cancelled before it began has closed nothing.
        for one in alive:
            one.drop(NORMAL_CLOSURE, "")
        if writers := {one.writer for one in alive} - {asyncio.current_task()}:
            await asyncio.wait(writers, timeout=2 * CLOSE_TIMEOUT)

    def _forget(self, connection: UserConnection) -> None:
        remaining = self._open.get(connection.user_id, [])
        with suppress(ValueError):
            remaining.remove(connection)
            self.metrics.gauge(Metric.OPEN_CONNECTIONS, -1)
            if not remaining:
                del self._open[connection.user_id]
