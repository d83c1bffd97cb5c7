"""Emitters whose inner state is reused, and never shared."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ssot_migrate.runtime.emitter import EmitterState, UserWebSocketEmitter
from ssot_migrate.runtime.errors import ConfigurationError, PoolExhaustedError, StaleEmitterError

if TYPE_CHECKING:
    from ssot_migrate.runtime.bridge import AgentWebSocketBridge

    _Target = tuple[str, str, str, AgentWebSocketBridge | None]
    _Answer = UserWebSocketEmitter | None


@dataclass(frozen=True, slots=True)
class PoolStats:
    """A pool at one moment, in states: `idle + leased == created <= max_size`.

    Args:
        created: How many there are.
        idle: How many are free.
        leased: How many are lent.
        max_size: How many there may be.
        waiting: How many requests wait for one.
        acquisitions: How often one was lent so far.
        reuses: How often it was one that had been lent before.
    """

    created: int
    idle: int
    leased: int
    max_size: int
    waiting: int
    acquisitions: int
    reuses: int


class WebSocketEmitterPool:
    """Lends emitters, first come, first served. It belongs to one event loop, and to its thread.

    Args:
        initial_size: How many states are made in advance.
        max_size: How many there are at most.
        acquire_timeout: Seconds to wait for a free one.

    Raises:
        ConfigurationError: A number is out of range.
    """

    def __init__(
        self, initial_size: int = 20, max_size: int = 200, acquire_timeout: float = 30.0
    ) -> None:
        if not 0 <= initial_size <= max_size or max_size < 1 or acquire_timeout < 0:
            raise ConfigurationError(
                f"initial_size, {initial_size}, must be from 0 to max_size, {max_size}, which is"
                f" at least 1; and acquire_timeout, {acquire_timeout}, at least 0"
            )
        self._max_size = max_size
        self._acquire_timeout = acquire_timeout
        self._idle = [EmitterState() for _ in range(initial_size)]
        self._leased: dict[UserWebSocketEmitter, EmitterState] = {}
        self._requests: deque[tuple[asyncio.Future[_Answer], _Target]] = deque()
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
        """Lend an emitter, to be given back with `release`.

        Raises:
            PoolExhaustedError: None became free in time, or the pool was shut down.
        """
        if self._is_shut_down:
            raise PoolExhaustedError("the pool of emitters was shut down")
        target = (user_id, thread_id, run_id, websocket_bridge)
        if self._idle:
            return self._lend(self._idle.pop(), target)
        if len(self._leased) < self._max_size:
            return self._lend(EmitterState(), target)
        return await self._turn_of(target)

    async def release(self, emitter: UserWebSocketEmitter) -> None:
        """Take an emitter back, whether or not it was closed. Whoever still has it cannot use it.

        Raises:
            StaleEmitterError: It was given back already, or comes from elsewhere.
        """
        self._take_back(emitter)

    def get_stats(self) -> PoolStats:
        """The pool at this moment."""
        return PoolStats(
            created=len(self._idle) + len(self._leased),
            idle=len(self._idle),
            leased=len(self._leased),
            max_size=self._max_size,
            waiting=len(self._requests),
            acquisitions=self._acquisitions,
            reuses=self._reuses,
        )

    async def shutdown(self) -> None:
        """Lend no more, turn away who waits, and close what is lent; that can still be released."""
        self._is_shut_down = True
        self._idle.clear()
        for state in self._leased.values():
            state.clear()
        for turn, _ in self._requests:
            turn.set_result(None)
        self._requests.clear()

    def _lend(self, state: EmitterState, target: _Target) -> UserWebSocketEmitter:
        """Were this to fail, the state would be in no list any more, and so in no other hands."""
        self._reuses += state.generation > 1
        emitter = UserWebSocketEmitter(*target, state=state)
        self._leased[emitter] = state
        self._acquisitions += 1
        return emitter

    def _take_back(self, emitter: UserWebSocketEmitter) -> None:
        state = self._leased.pop(emitter, None)
        if state is None:
            raise StaleEmitterError(f"the emitter of run {emitter.run_id!r} is not lent from here")
        state.clear()
        if self._requests:
            turn, target = self._requests.popleft()
            turn.set_result(self._lend(state, target))
        elif not self._is_shut_down:
            self._idle.append(state)

    async def _turn_of(self, target: _Target) -> UserWebSocketEmitter:
        turn: asyncio.Future[_Answer] = asyncio.get_running_loop().create_future()
        request = (turn, target)
        self._requests.append(request)
        try:
            await asyncio.wait({turn}, timeout=self._acquire_timeout)
        except BaseException:
            if turn.done() and (emitter := turn.result()) is not None:
                self._take_back(emitter)
            raise
        finally:
            if not turn.done():
                self._requests.remove(request)
        if turn.done() and (emitter := turn.result()) is not None:
            return emitter
        raise PoolExhaustedError("no emitter became free in time, or the pool was shut down")
