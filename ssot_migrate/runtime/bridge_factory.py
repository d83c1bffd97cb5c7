"""From the ids of a run to its emitter, and back: the one place where both are done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.runtime.emitter import UserWebSocketEmitter
from ssot_migrate.runtime.emitter_pool import WebSocketEmitterPool
from ssot_migrate.runtime.errors import StaleEmitterError
from ssot_migrate.runtime.performance import FactoryPerformanceConfig

if TYPE_CHECKING:
    from ssot_migrate.runtime.bridge import AgentWebSocketBridge
    from ssot_migrate.runtime.emitter_pool import PoolStats


class WebSocketBridgeFactory:
    """Makes emitters, pooled or not, and maps their runs for as long as they live.

    Args:
        bridge: The way to the clients; without one, emitters send nowhere.
        performance: Whether emitters are pooled, and how many.
    """

    def __init__(
        self,
        bridge: AgentWebSocketBridge | None,
        *,
        performance: FactoryPerformanceConfig | None = None,
    ) -> None:
        config = performance or FactoryPerformanceConfig()
        self._bridge = bridge
        self._pool = (
            WebSocketEmitterPool(config.pool_initial_size, config.pool_max_size)
            if config.enable_emitter_pooling
            else None
        )
        self._live: set[UserWebSocketEmitter] = set()
        self._created = 0
        self._errors = 0

    @property
    def is_degraded(self) -> bool:
        """Whether events go nowhere, for want of a bridge."""
        return self._bridge is None

    async def create_user_emitter(
        self, user_id: str, thread_id: str, run_id: str
    ) -> UserWebSocketEmitter:
        """Map a run and make its emitter, to be given back with `release_user_emitter`.

        Raises:
            IsolationError: The run is another user's, or of another thread.
            WrongLoopError: The run belongs to another event loop.
            StaleEmitterError: The factory was shut down.
        """
        try:
            if self._bridge is not None:
                metadata = {"user_id": user_id}
                await self._bridge.register_run_thread_mapping(run_id, thread_id, metadata)
            try:
                emitter = await self._emitter(user_id, thread_id, run_id)
            except BaseException:
                await self._unmap(run_id)
                raise
        except Exception:
            self._errors += 1
            raise
        self._live.add(emitter)
        self._created += 1
        return emitter

    async def release_user_emitter(
        self, emitter: UserWebSocketEmitter, *, flush_timeout: float = 5.0
    ) -> bool:
        """End an emitter and forget its run, once the clients were sent what it accepted.

        The end is reached also when the clients take too long, or this is cancelled.

        Args:
            emitter: One that this factory made.
            flush_timeout: Seconds the clients have.

        Returns:
            Whether the clients were sent everything.

        Raises:
            StaleEmitterError: It was released already, or is none of this factory's.
        """
        if emitter not in self._live:
            raise StaleEmitterError(
                f"the emitter of run {emitter.run_id!r} is none of this factory"
            )
        self._live.discard(emitter)
        try:
            return emitter.is_active and await emitter.flush(flush_timeout)
        finally:
            # None of these steps waits for anything, so nothing can come between them.
            await self._unmap(emitter.run_id)
            await emitter.close()
            if self._pool is not None:
                await self._pool.release(emitter)

    def get_factory_metrics(self) -> dict[str, object]:
        """Counts of emitters, and what the factory is set up to do."""
        return {
            "total_emitters_created": self._created,
            "active_emitters": len(self._live),
            "creation_errors": self._errors,
            "is_degraded": self.is_degraded,
            "pooling_enabled": self._pool is not None,
        }

    def get_pool_stats(self) -> PoolStats | None:
        """The pool at this moment; None where emitters are not pooled."""
        return None if self._pool is None else self._pool.get_stats()

    async def shutdown(self) -> None:
        """Release every emitter there is, without waiting for clients; a pool lends no more."""
        if self._pool is not None:
            await self._pool.shutdown()
        while self._live:
            await self.release_user_emitter(next(iter(self._live)), flush_timeout=0.0)

    async def _emitter(self, user_id: str, thread_id: str, run_id: str) -> UserWebSocketEmitter:
        if self._pool is None:
            return UserWebSocketEmitter(user_id, thread_id, run_id, self._bridge)
        return await self._pool.acquire(user_id, thread_id, run_id, self._bridge)

    async def _unmap(self, run_id: str) -> None:
        if self._bridge is not None:
            await self._bridge.unregister_run_mapping(run_id)
