"""Engines: a few for each user, and none that is forgotten."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import Counter
from contextlib import asynccontextmanager
from contextvars import Context
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from ssot_migrate.runtime.engine import UserExecutionEngine
from ssot_migrate.runtime.errors import ContextClosedError, NotConfiguredError, UserLimitError
from ssot_migrate.runtime.limits import EngineLimits, UserSlots
from ssot_migrate.runtime.metrics import Metric, RuntimeMetrics
from ssot_migrate.runtime.process import get_agent_instance_factory
from ssot_migrate.runtime.shielding import end_tasks, surrounding_tasks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    from ssot_migrate.runtime.agent_factory import AgentInstanceFactory
    from ssot_migrate.runtime.bridge import AgentWebSocketBridge
    from ssot_migrate.runtime.context import UserExecutionContext

_log = logging.getLogger(__name__)


class ExecutionEngineFactory:
    """Makes engines for live contexts, and closes those that nobody closes.

    It belongs to the event loop that uses it.

    Args:
        agent_factory: What makes contexts and agents; the one of the process if left out.
        limits: How many engines a user may have, and how long things may take.
        announce: Whether engines tell the user when an agent starts and how it ends; not where the
            agents tell it themselves.
        metrics: Where everything is counted; where the agent factory counts if left out.
    """

    def __init__(
        self,
        agent_factory: AgentInstanceFactory | None = None,
        *,
        limits: EngineLimits | None = None,
        announce: bool = True,
        metrics: RuntimeMetrics | None = None,
    ) -> None:
        self.announce = announce
        self.agent_factory = (
            get_agent_instance_factory() if agent_factory is None else agent_factory
        )
        self.limits = EngineLimits() if limits is None else limits
        self.metrics = self.agent_factory.metrics if metrics is None else metrics
        self._slots = UserSlots(self.limits.max_engines_per_user, self.metrics)
        self._engines: dict[str, UserExecutionEngine] = {}
        self._sweeper: asyncio.Task[None] | None = None
        self._is_shut_down = False
        self._counts = dict.fromkeys(
            (
                *("total_engines_created", "total_engines_cleaned", "creation_errors"),
                *("cleanup_errors", "timeout_cleanups", "user_limit_rejections"),
            ),
            0,
        )

    async def create_for_user(
        self, context: UserExecutionContext, *, announce: bool | None = None
    ) -> UserExecutionEngine:
        """Make an engine; it is closed with its context at the latest.

        Args:
            context: Whom the agents work for.
            announce: As of `UserExecutionEngine`; as of this factory where it is left out.

        Raises:
            NotConfiguredError: The factory was shut down.
            ContextClosedError: The context has ended, or was not made by the agent factory.
            UserLimitError: The user has as many engines as one may have.
            TypeError: `context` is no context.
        """
        await self.start()
        try:
            if not self.agent_factory.is_live(context):
                raise ContextClosedError(f"the context of run {context.run_id!r} is not open")
            self._slots.acquire_nowait(context.user_id)
        except UserLimitError:
            self._counts["user_limit_rejections"] += 1
            raise
        except Exception:
            self._counts["creation_errors"] += 1
            self.metrics.count(Metric.CREATION_ERRORS)
            raise
        engine = UserExecutionEngine(
            context,
            self.agent_factory,
            timeout=self.limits.engine_timeout,
            announce=self.announce if announce is None else announce,
            metrics=self.metrics,
            on_close=self._forget,
        )
        self._engines[engine.engine_id] = engine
        self.agent_factory.keep(context, engine)
        self._counts["total_engines_created"] += 1
        self.metrics.gauge(Metric.ACTIVE_ENGINES, 1)
        return engine

    @asynccontextmanager
    async def user_execution_scope(
        self, context: UserExecutionContext, *, announce: bool | None = None
    ) -> AsyncIterator[UserExecutionEngine]:
        """Make an engine, and close it however the body ends.

        Raises:
            RuntimeFault: As of `create_for_user`. What the body raises comes out unchanged.
        """
        engine = await self.create_for_user(context, announce=announce)
        try:
            yield engine
        finally:
            await self.cleanup_engine(engine)

    async def cleanup_engine(self, engine: UserExecutionEngine) -> None:
        """Close an engine; failures are logged and counted. Again does nothing.

        Raises:
            asyncio.CancelledError: The caller was cancelled meanwhile; all was done nevertheless.
        """
        try:
            await engine.close()
        except Exception as error:
            self._counts["cleanup_errors"] += 1
            kind = type(error).__qualname__
            _log.error("clean-up of engine %s: %s", engine.engine_id, kind)

    async def cleanup_user_context(self, user_id: str) -> bool:
        """Close all engines of a user; give back whether there were any."""
        engines = [one for one in self._engines.values() if one.context.user_id == user_id]
        await self._cleanup_all(engines)
        return bool(engines)

    def get_active_contexts(self) -> dict[str, int]:
        """How many engines each user has; users without any are left out."""
        return dict(Counter(one.context.user_id for one in self._engines.values()))

    def get_active_engines_summary(self) -> dict[str, Any]:
        """The status of each engine by its id."""
        return {
            "total_active_engines": len(self._engines),
            "engines": {key: engine.get_status() for key, engine in self._engines.items()},
            "summary_timestamp": datetime.now(timezone.utc).isoformat(),
        }

    def get_factory_metrics(self) -> dict[str, Any]:
        """Counts since the factory was made, and its limits in seconds and engines."""
        return {
            **self._counts,
            "active_engines_count": len(self._engines),
            "active_engine_keys": sorted(self._engines),
            "max_engines_per_user": self.limits.max_engines_per_user,
            "engine_timeout_seconds": self.limits.engine_timeout,
            "cleanup_interval": self.limits.cleanup_interval,
            "cleanup_task_running": self._sweeper is not None and not self._sweeper.done(),
        }

    async def start(self) -> None:
        """Begin to look for idle engines in the running loop; the first engine does that too.

        Raises:
            NotConfiguredError: The factory was shut down.
        """
        if self._is_shut_down:
            raise NotConfiguredError("the engine factory was shut down; make another")
        loop, sweeper = asyncio.get_running_loop(), self._sweeper
        if sweeper is None or sweeper.done() or sweeper.get_loop() is not loop:
            # With no context variables: it outlives the request in which it is begun.
            self._sweeper = Context().run(loop.create_task, self._sweep())

    async def shutdown(self, drain_timeout: float = 5.0) -> None:
        """Make no more engines, let agents at work end by themselves, and close all engines.

        Args:
            drain_timeout: Seconds after which agents at work are cancelled.
        """
        self._is_shut_down = True
        try:
            running = {task for one in self._engines.values() for task in one.running}
            running -= surrounding_tasks()
            if running:
                await asyncio.wait(running, timeout=drain_timeout)
        finally:
            sweeper, self._sweeper = self._sweeper, None
            try:
                await self._cleanup_all(self._engines.values())
            finally:
                if sweeper is not None and sweeper.get_loop() is asyncio.get_running_loop():
                    timeout = self.agent_factory.limits.cleanup_timeout
                    await end_tasks((sweeper,), timeout=timeout)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(self.limits.cleanup_interval)
            limit = self.limits.engine_timeout
            idle = [one for one in self._engines.values() if one.idle_seconds >= limit]
            self._counts["timeout_cleanups"] += len(idle)
            await self._cleanup_all(idle)

    async def _cleanup_all(self, engines: Iterable[UserExecutionEngine]) -> None:
        # With their exceptions, of which there are none, so that a cancellation waits for all.
        await asyncio.gather(*map(self.cleanup_engine, engines), return_exceptions=True)

    def _forget(self, engine: UserExecutionEngine) -> None:
        del self._engines[engine.engine_id]
        self._slots.release(engine.context.user_id)
        self._counts["total_engines_cleaned"] += 1
        self.metrics.gauge(Metric.ACTIVE_ENGINES, -1)


_lock = threading.Lock()
_factory: ExecutionEngineFactory | None = None


async def configure_execution_engine_factory(
    agent_factory: AgentInstanceFactory | None = None,
    *,
    websocket_bridge: AgentWebSocketBridge | None = None,
    session_factory: Callable[[], Any] | None = None,
    limits: EngineLimits | None = None,
    announce: bool = True,
) -> ExecutionEngineFactory:
    """Make the engine factory of this process; the one before it is shut down.

    Args:
        agent_factory: What makes contexts and agents; the one of the process if left out. It is
            configured, unless it is and neither of the next two is given.
        websocket_bridge: Takes events to the clients.
        session_factory: Opens database sessions.
        limits: As of `ExecutionEngineFactory`.
        announce: As of `ExecutionEngineFactory`.

    Raises:
        ConfigurationError: As of `AgentInstanceFactory.configure`.
    """
    global _factory
    factory = ExecutionEngineFactory(agent_factory, limits=limits, announce=announce)
    agents = factory.agent_factory
    if not agents.is_configured or websocket_bridge is not None or session_factory is not None:
        agents.configure(websocket_bridge=websocket_bridge, session_factory=session_factory)
    with _lock:
        former, _factory = _factory, factory
    if former is not None:
        await former.shutdown()
    return factory


async def get_execution_engine_factory(app: Any = None) -> ExecutionEngineFactory:
    """The engine factory of an application, or else of this process.

    Args:
        app: An application or a request of one, which may have `state.execution_engine_factory`.

    Raises:
        NotConfiguredError: There is none.
    """
    state = getattr(getattr(app, "app", app), "state", None)
    found = getattr(state, "execution_engine_factory", None)
    factory = _factory if found is None else found
    if not isinstance(factory, ExecutionEngineFactory):
        raise NotConfiguredError(
            "no engine factory: set app.state.execution_engine_factory, or call"
            " configure_execution_engine_factory()"
        )
    return factory


def reset_execution_engine_factory() -> None:
    """Forget the engine factory of this process, for tests; it is not shut down."""
    global _factory
    with _lock:
        _factory = None
