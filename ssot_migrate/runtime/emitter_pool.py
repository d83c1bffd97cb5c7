"""Emitters whose inner state is reused, and never shared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ssot_migrate.runtime.emitter import EmitterState, UserWebSocketEmitter
from ssot_migrate.runtime.errors import ConfigurationError, StaleEmitterError

if TYPE_CHECKING:
    from ssot_migrate.runtime.bridge import AgentWebSocketBridge


@dataclass(frozen=True, slots=True)
class PoolStats:
    """A pool at one moment, in states: `idle + leased == created <= max_size`.

    Args:
        created: How many belong to the pool.
        idle: How many are free.
        leased: How many are lent.
        max_size: How many the pool may have.
        unpooled: How many are lent beyond that, and thrown away at their end.
        acquisitions: How often one was lent so far.
        reuses: How often it was one that had been lent before.
    """

    created: int
    idle: int
    leased: int
    max_size: int
    unpooled: int
    acquisitions: int
    reuses: int


class WebSocketEmitterPool:
    """Lends emitters. It belongs to one event loop, and to its thread.

    The bound is on what the pool keeps, not on what it lends: were users to wait for one another's
    emitters, one of them could stop all others. What is lent beyond it is thrown away at its end.

    Args:
        initial_size: How many states are made in advance.
        max_size: How many are kept at most.

    Raises:
        ConfigurationError: A number is out of range.
    """

    def __init__(self, initial_size: int = 20, max_size: int = 200) -> None:
        if not 0 <= initial_size <= max_size or max_size < 1:
            raise ConfigurationError(
                f"initial_size, {initial_size}, must be from 0 to max_size, {max_size}, which is"
                " at least 1"
            )
        self._max_size = max_size
        self._idle = [EmitterState() for _ in range(initial_size)]
        self._lent: dict[UserWebSocketEmitter, EmitterState] = {}
        self._acquisitions = 0
        self._reuses = 0
        self._is_shut_down = False

    async def acquire(
        self,
        user_id: str,
        thread_id: str,
        run_id: str,
        websocket_bridge: AgentWebSocketBridge | None,
    ) -> UserWebSocketEmitter:
        """Lend an emitter at once, to be given back with `release`.

        Raises:
            StaleEmitterError: The pool was shut down.
        """
        if self._is_shut_down:
            raise StaleEmitterError("the pool of emitters was shut down")
        # Were this to fail, the state would be in no list any more, and so in no other hands.
        state = self._idle.pop() if self._idle else EmitterState()
        self._reuses += state.generation > 1
        emitter = UserWebSocketEmitter(user_id, thread_id, run_id, websocket_bridge, state=state)
        self._lent[emitter] = state
        self._acquisitions += 1
        return emitter

    async def release(self, emitter: UserWebSocketEmitter) -> None:
        """Take an emitter back, whether or not it was closed. Whoever still has it cannot use it.

        Raises:
            StaleEmitterError: It was given back already, or comes from elsewhere.
        """
        state = self._lent.pop(emitter, None)
        if state is None:
            raise StaleEmitterError(f"the emitter of run {emitter.run_id!r} is not lent from here")
        state.clear()
        if not self._is_shut_down and len(self._idle) + len(self._lent) < self._max_size:
            self._idle.append(state)

    def get_stats(self) -> PoolStats:
        """The pool at this moment."""
        leased = min(len(self._lent), self._max_size)
        return PoolStats(
            created=len(self._idle) + leased,
            idle=len(self._idle),
            leased=leased,
            max_size=self._max_size,
            unpooled=len(self._lent) - leased,
            acquisitions=self._acquisitions,
            reuses=self._reuses,
        )

    async def shutdown(self) -> None:
        """Lend no more, and close what is lent; that can still be released."""
        self._is_shut_down = True
        self._idle.clear()
        for state in self._lent.values():
            state.clear()
