"""The application that is measured: the runtime with two small agents, a socket a user."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from ssot_migrate.runtime.agent_factory import AgentInstanceFactory
from ssot_migrate.runtime.bridge import AgentWebSocketBridge
from ssot_migrate.runtime.class_registry import AgentClassRegistry
from ssot_migrate.runtime.connections import ConnectionRegistry
from ssot_migrate.runtime.engine_factory import ExecutionEngineFactory
from ssot_migrate.runtime.limits import EngineLimits, FactoryLimits
from ssot_migrate.runtime.metrics import RuntimeMetrics
from ssot_migrate.runtime.performance import FactoryPerformanceConfig

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from ssot_migrate.runtime.context import UserExecutionContext
    from ssot_migrate.runtime.emitter import UserWebSocketEmitter

_RUNS_PER_USER = 5


class Sleeper:
    """Waits for a language model that is not there."""

    def __init__(
        self, context: UserExecutionContext, websocket_emitter: UserWebSocketEmitter
    ) -> None:
        self.context = context
        self.emitter = websocket_emitter

    async def execute(self, seconds: float) -> str:
        await self.emitter.notify_agent_thinking("sleeper", "waits")
        await asyncio.sleep(seconds)
        return "slept"


class Application:
    """A factory and an engine factory, configured, on sockets that swallow what they are sent.

    Args:
        session_factory: Opens a session for each context; None for contexts without.
        performance: What is pooled, cached and sampled.
    """

    def __init__(
        self,
        session_factory: Callable[[], Any] | None = None,
        performance: FactoryPerformanceConfig | None = None,
    ) -> None:
        performance = performance or FactoryPerformanceConfig()
        metrics = RuntimeMetrics(sample_rate=performance.metrics_sample_rate)
        registry = AgentClassRegistry()
        registry.register("sleeper", Sleeper)
        registry.freeze()
        self.connections = ConnectionRegistry(metrics=metrics)
        self.factory = AgentInstanceFactory(
            performance=performance,
            limits=FactoryLimits(max_concurrent_per_user=_RUNS_PER_USER),
            metrics=metrics,
        )
        self.factory.configure(
            class_registry=registry,
            websocket_bridge=AgentWebSocketBridge(self.connections),
            session_factory=session_factory,
        )
        self.engines = ExecutionEngineFactory(
            self.factory, limits=EngineLimits(max_engines_per_user=_RUNS_PER_USER), metrics=metrics
        )

    def connect(self, users: int) -> None:
        """Open a socket for each of the first users."""
        for number in range(users):
            self.connections.connect(*names(number)[:1], _swallow, thread_id=names(number)[1])

    async def __aenter__(self) -> Application:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.engines.shutdown()
        await self.factory.shutdown()
        await self.connections.shutdown()


def names(number: int, run: int = 0) -> tuple[str, str, str]:
    """The ids of a user, of the thread, and of a run."""
    return f"user-{number:05}", f"thread-{number:05}", f"run-{number:05}-{run:05}"


async def _swallow(_text: str) -> None:
    pass
