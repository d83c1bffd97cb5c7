"""Contexts, and the agents of contexts: made for one request of one user, and gone at its end."""

from __future__ import annotations

import logging
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from ssot_migrate.runtime.bridge_factory import WebSocketBridgeFactory
from ssot_migrate.runtime.class_registry import AgentClassRegistry
from ssot_migrate.runtime.construction import CONTEXT_SOURCES, Constructors
from ssot_migrate.runtime.errors import (
    ConfigurationError,
    ContextClosedError,
    NotConfiguredError,
)
from ssot_migrate.runtime.leases import Lease
from ssot_migrate.runtime.limits import FactoryLimits
from ssot_migrate.runtime.live_contexts import LiveContexts
from ssot_migrate.runtime.metrics import Metric, RuntimeMetrics
from ssot_migrate.runtime.parts import FactoryParts
from ssot_migrate.runtime.performance import FactoryPerformanceConfig

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping

    from ssot_migrate.runtime.bridge import AgentWebSocketBridge
    from ssot_migrate.runtime.construction import Source
    from ssot_migrate.runtime.context import UserExecutionContext
    from ssot_migrate.runtime.emitter_pool import PoolStats
    from ssot_migrate.runtime.tools import UnifiedToolDispatcherFactory

T = TypeVar("T")

_log = logging.getLogger(__name__)


class AgentInstanceFactory:
    """Makes contexts, makes agents for them, and takes all of it back.

    It belongs to the event loop that uses it.

    Args:
        class_registry: The agent classes; an empty registry where it is left out.
        performance: What is pooled, cached and sampled.
        limits: What one user may have, and how long things may take.
        metrics: Where everything is counted.
    """

    def __init__(
        self,
        class_registry: AgentClassRegistry | None = None,
        *,
        performance: FactoryPerformanceConfig | None = None,
        limits: FactoryLimits | None = None,
        metrics: RuntimeMetrics | None = None,
    ) -> None:
        self.class_registry = AgentClassRegistry() if class_registry is None else class_registry
        self.performance = FactoryPerformanceConfig() if performance is None else performance
        self.limits = FactoryLimits() if limits is None else limits
        sample_rate = self.performance.timing_sample_rate
        self.metrics = RuntimeMetrics(sample_rate) if metrics is None else metrics
        caching = self.performance.enable_class_caching
        cached = self.performance.class_cache_size if caching else 0
        self._constructors = Constructors(cached, self.metrics)
        self._contexts = LiveContexts(self.limits, self.metrics)
        self._parts = FactoryParts()
        self._emitters: WebSocketBridgeFactory | None = None
        self._sources: Mapping[str, Source] = CONTEXT_SOURCES
        self._agents_created = self._agent_errors = 0

    @property
    def is_configured(self) -> bool:
        """Whether `configure` was called, and `shutdown` was not since."""
        return self._emitters is not None

    @property
    def websocket_bridge(self) -> AgentWebSocketBridge | None:
        """The way to the clients, if it was configured."""
        return self._parts.websocket_bridge

    def configure(
        self,
        *,
        class_registry: AgentClassRegistry | None = None,
        websocket_bridge: AgentWebSocketBridge | None = None,
        session_factory: Callable[[], Any] | None = None,
        tool_dispatcher_factory: UnifiedToolDispatcherFactory | None = None,
        services: Mapping[str, object] | None = None,
    ) -> None:
        """Say what contexts and agents are made with; what is left out stays as it was.

        Without a bridge everything works, but events reach nobody.

        Args:
            class_registry: The agent classes.
            websocket_bridge: Takes events to the clients.
            session_factory: Opens a database session of its own each time, or gives back an
                awaitable of one.
            tool_dispatcher_factory: Makes the tool dispatcher of an agent.
            services: What all agents share; each fills the constructor's parameter of its name.

        Raises:
            ConfigurationError: Contexts are open, or a service has the name of something that each
                request has of its own.
        """
        if len(self._contexts):
            raise ConfigurationError("configure() was called while contexts are open")
        former = self._parts
        self._parts = parts = former.changed(
            websocket_bridge=websocket_bridge,
            session_factory=session_factory,
            tool_dispatcher_factory=tool_dispatcher_factory,
            services=services,
        )
        if class_registry is not None:
            self.class_registry = class_registry
        if self._emitters is None or former.websocket_bridge is not parts.websocket_bridge:
            self._emitters = WebSocketBridgeFactory(
                parts.websocket_bridge, performance=self.performance
            )
            if parts.websocket_bridge is not None:
                parts.websocket_bridge.share_metrics(self.metrics)
            else:
                _log.warning("no websocket bridge is configured: events reach nobody")
        self._sources = parts.sources(self.keep)
        self._contexts.is_accepting = True

    async def create_user_context(
        self,
        user_id: str,
        thread_id: str,
        run_id: str,
        db_session: Any = None,
        metadata: Mapping[str, Any] | None = None,
        *,
        request_id: str | None = None,
        owns_session: bool = True,
    ) -> UserExecutionContext:
        """Wait for the user's turn, open a session, and make the emitter.

        `cleanup_user_context` has to be called in the end; `user_execution_scope` sees to that.

        Args:
            user_id: Whose request it is.
            thread_id: The conversation it belongs to.
            run_id: The run of agents that answers it.
            db_session: The session to use, where the session factory is to open none.
            metadata: What else is known of the request.
            request_id: The request itself; made up where it is left out.
            owns_session: Whether `db_session` is closed in the end, also where no context comes of
                it.

        Raises:
            NotConfiguredError: `configure` was not called, or the factory was shut down.
            InvalidContextError: An id or the metadata is not valid, or the run has a context.
            UserLimitError: The user's other contexts did not end in time.
            IsolationError: The session is that of another context.
        """
        request_id = str(uuid4()) if request_id is None else request_id
        lease = Lease(user_id, thread_id, run_id, request_id, self._emitters)
        lease.owns_session = db_session is None or owns_session
        return await self._contexts.begin(
            lease, db_session, self._parts.session_factory, {} if metadata is None else metadata
        )

    async def cleanup_user_context(self, context: UserExecutionContext) -> None:
        """Cancel the context's tasks, close agents and session, and release emitter and slot.

        A step is taken though the one before it failed; failures are logged and counted. Where it
        has been done, or is being done, or `context` is a child, nothing is done again.

        Raises:
            asyncio.CancelledError: The caller was cancelled meanwhile; all was done nevertheless.
        """
        await self._contexts.close_context(context)

    @asynccontextmanager
    async def user_execution_scope(
        self,
        user_id: str,
        thread_id: str,
        run_id: str,
        db_session: Any = None,
        metadata: Mapping[str, Any] | None = None,
        *,
        request_id: str | None = None,
        owns_session: bool = True,
    ) -> AsyncIterator[UserExecutionContext]:
        """Open a context, as `create_user_context` does, and clean it up however the body ends.

        Raises:
            RuntimeFault: As of `create_user_context`. What the body raises comes out unchanged.
        """
        context = await self.create_user_context(
            user_id,
            thread_id,
            run_id,
            db_session,
            metadata,
            request_id=request_id,
            owns_session=owns_session,
        )
        try:
            yield context
        finally:
            await self.cleanup_user_context(context)

    async def create_agent_instance(self, agent_name: str, context: UserExecutionContext) -> Any:
        """Make an agent for a context, which calls `aclose()` of it in the end, if it has that.

        The parameters of its constructor are filled by their names: `context` or `user_context`,
        `websocket_emitter` or `emitter`, `db_session` or `session`, `user_id`, `thread_id`,
        `run_id`, `tool_dispatcher`, and the services. What the constructor raises comes out as it
        is.

        Raises:
            NotConfiguredError: `configure` was never called.
            ContextClosedError: The context has ended, or is not of this factory.
            UnknownAgentError: No class is registered under this name.
            AgentCreationError: Nothing fills a parameter that has no default.
            IsolationError: The agent was given back before, or the session is another context's.
        """
        agent, _ = self.create_with_parts(agent_name, context)
        return agent

    def create_with_parts(
        self, agent_name: str, context: UserExecutionContext
    ) -> tuple[Any, tuple[Any, ...]]:
        """Make an agent, and say what there is to close once nobody needs it any more.

        Raises:
            RuntimeFault: As of `create_agent_instance`.
        """
        started = time.perf_counter()
        try:
            lease = self._contexts.lease_of(context)
            kept = len(lease.resources)
            agent_class = self.class_registry.get(agent_name)
            agent = self._constructors.construct(agent_class, context, self._sources)
        except Exception:
            self._agent_errors += 1
            self.metrics.count(Metric.CREATION_ERRORS)
            raise
        lease.keep_agent(agent)
        lease.touch()
        lease.agents_created += 1
        self._agents_created += 1
        self.metrics.count(Metric.AGENTS_CREATED)
        self.metrics.observe(Metric.AGENT_CREATION_SECONDS, time.perf_counter() - started)
        return agent, lease.kept_since(kept)

    def create_task(
        self,
        context: UserExecutionContext,
        coroutine: Coroutine[Any, Any, T],
        *,
        name: str | None = None,
    ) -> asyncio.Task[T]:
        """Begin a task that ends with the context: it is cancelled and waited for then.

        Raises:
            ContextClosedError: The context has ended, or is not of this factory.
        """
        return self._contexts.begin_task(context, coroutine, name)

    def is_live(self, context: UserExecutionContext) -> bool:
        """Whether the context, or the one it is a child of, was made here and has not ended."""
        with suppress(ContextClosedError, NotConfiguredError):
            return self._contexts.lease_of(context).is_open
        return False

    def keep(self, context: UserExecutionContext, resource: Any) -> None:
        """Call `aclose()` or else `close()` of `resource` when the context ends.

        Raises:
            ContextClosedError: The context has ended, or is not of this factory.
        """
        self._contexts.lease_of(context).keep(resource)

    def drop(self, context: UserExecutionContext, resource: Any) -> None:
        """Leave it to others to close `resource`; nothing where the context has ended."""
        with suppress(ContextClosedError, NotConfiguredError):
            self._contexts.lease_of(context).drop(resource)

    async def close_early(self, context: UserExecutionContext, resources: Iterable[Any]) -> None:
        """Close what was kept for a context; nothing where the context has ended, or is ending.

        Raises:
            asyncio.CancelledError: The caller was cancelled meanwhile; they were closed.
        """
        with suppress(ContextClosedError, NotConfiguredError):
            await self._contexts.lease_of(context).close_early(resources, self.limits)

    async def cleanup_inactive_contexts(self, max_age_seconds: float | None = None) -> int:
        """Clean up contexts that nobody has used for so long; give back how many there were.

        To make an agent or send an event is to use the context, and so is a task, or an agent of an
        engine, as long as it runs. Of an agent that is called directly, only its events are seen.

        Args:
            max_age_seconds: Seconds since the last use; the factory's limit where it is left out.
        """
        limit = self.limits.max_context_age if max_age_seconds is None else max_age_seconds
        return await self._contexts.close_idle(limit)

    async def shutdown(self) -> None:
        """Open no more contexts, and end those that are open or begin; `configure` begins anew."""
        self._contexts.is_accepting = False
        emitters, self._emitters = self._emitters, None
        try:
            await self._contexts.close_all()
        finally:
            if emitters is not None:
                await emitters.shutdown()

    def get_pool_stats(self) -> PoolStats | None:
        """The pool of emitters at this moment; None where emitters are not pooled."""
        return None if self._emitters is None else self._emitters.get_pool_stats()

    def get_factory_metrics(self) -> dict[str, Any]:
        """Counts since the factory was made, its limits, and what is configured."""
        pool = self.get_pool_stats()
        counts = self._contexts.counts()
        return {
            "total_instances_created": self._agents_created,
            **counts,
            "creation_errors": counts["creation_errors"] + self._agent_errors,
            "max_concurrent_per_user": self.limits.max_concurrent_per_user,
            "configuration_status": {
                "class_registry_configured": self.is_configured,
                "websocket_bridge_configured": self._parts.websocket_bridge is not None,
                "session_factory_configured": self._parts.session_factory is not None,
            },
            "pool": None if pool is None else asdict(pool),
        }

    def get_active_contexts_summary(self) -> dict[str, Any]:
        """The open contexts by their request ids."""
        contexts = self._contexts.summary()
        return {
            "total_active_contexts": len(contexts),
            "contexts": contexts,
            "summary_timestamp": datetime.now(timezone.utc).isoformat(),
        }
