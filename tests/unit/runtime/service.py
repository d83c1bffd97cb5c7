"""A service of real parts that tells, when it is left, what was not given back."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ssot_migrate.runtime.agent_factory import AgentInstanceFactory
from ssot_migrate.runtime.bridge import AgentWebSocketBridge
from ssot_migrate.runtime.class_registry import AgentClassRegistry
from ssot_migrate.runtime.connections import ConnectionRegistry
from ssot_migrate.runtime.engine_factory import ExecutionEngineFactory
from ssot_migrate.runtime.metrics import Metric, RuntimeMetrics
from ssot_migrate.runtime.performance import FactoryPerformanceConfig
from ssot_migrate.runtime.tools import UnifiedToolDispatcherFactory

from .clients import Client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ssot_migrate.runtime.context import UserExecutionContext
    from ssot_migrate.runtime.limits import EngineLimits, FactoryLimits
    from ssot_migrate.runtime.tools import UnifiedToolDispatcher


class Session:
    """A database session that waits when it is opened and when it is closed."""

    def __init__(self) -> None:
        self.is_open = True

    async def close(self) -> None:
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        self.is_open = False


async def add(a: int, b: int) -> int:
    await asyncio.sleep(0)
    return a + b


class Adder:
    """An agent that thinks, calls a tool, and has something of its own to close."""

    def __init__(
        self, context: UserExecutionContext, tool_dispatcher: UnifiedToolDispatcher, precision: int
    ) -> None:
        self.context = context
        self.tools = tool_dispatcher
        self.precision = precision
        self.is_open = True

    async def execute(self, *numbers: int) -> int:
        emitter = self.context.websocket_emitter
        await emitter.notify_agent_thinking("adder", "carry the one")
        total = 0
        for number in numbers:
            total = await self.tools.dispatch("add", a=total, b=number)
        return total

    async def aclose(self) -> None:
        await asyncio.sleep(0)
        self.is_open = False


class Sleeper:
    """An agent that never ends by itself."""

    async def execute(self) -> None:
        await asyncio.Event().wait()


class Failure(Exception):  # noqa: N818
    """What an agent of these tests fails with."""


class Failing:
    """An agent that fails."""

    async def execute(self) -> None:
        await asyncio.sleep(0)
        raise Failure("secret payload")


@dataclass
class Service:
    """The parts, and what tests ask about afterwards."""

    agents: AgentInstanceFactory
    engines: ExecutionEngineFactory
    connections: ConnectionRegistry
    bridge: AgentWebSocketBridge
    metrics: RuntimeMetrics
    sessions: list[Session] = field(default_factory=list)
    client: Client = field(default_factory=Client)

    async def open_session(self) -> Session:
        await asyncio.sleep(0)
        self.sessions.append(Session())
        return self.sessions[-1]

    def check_nothing_is_open(self) -> None:
        """All contexts have ended, and with them all they held."""
        left: dict[str, Any] = {
            "sessions": sum(session.is_open for session in self.sessions),
            "runs": self.bridge.get_status().active_runs,
            "contexts": self.agents.get_active_contexts_summary()["total_active_contexts"],
            "slots": self.agents.get_factory_metrics()["users_with_slots"],
            "failed steps": self.agents.get_factory_metrics()["cleanup_errors"],
            "engines": self.engines.get_factory_metrics()["active_engines_count"],
        }
        values = self.metrics.snapshot().values
        left["gauges"] = values[Metric.ACTIVE_CONTEXTS] + values[Metric.ACTIVE_ENGINES]
        assert not any(left.values()), left


@asynccontextmanager
async def open_service(
    *,
    limits: FactoryLimits | None = None,
    engine_limits: EngineLimits | None = None,
    pooling: bool = False,
) -> AsyncIterator[Service]:
    """A service with one client, of the user "ada", and agents that can add, sleep and fail."""
    metrics = RuntimeMetrics()
    connections = ConnectionRegistry(metrics)
    bridge = AgentWebSocketBridge(connections)
    registry = AgentClassRegistry()
    for name, agent_class in (("adder", Adder), ("sleeper", Sleeper), ("failing", Failing)):
        registry.register(name, agent_class)
    registry.freeze()
    agents = AgentInstanceFactory(
        registry,
        limits=limits,
        metrics=metrics,
        performance=FactoryPerformanceConfig(enable_emitter_pooling=pooling),
    )
    engines = ExecutionEngineFactory(agents, limits=engine_limits)
    service = Service(agents, engines, connections, bridge, metrics)
    agents.configure(
        websocket_bridge=bridge,
        session_factory=service.open_session,
        tool_dispatcher_factory=UnifiedToolDispatcherFactory({"add": add}),
        services={"precision": 2},
    )
    connections.connect("ada", service.client.send, service.client.close)
    try:
        yield service
        for _ in range(50):  # what others began ends without us
            await asyncio.sleep(0)
        service.check_nothing_is_open()
    finally:
        await engines.shutdown()
        await agents.shutdown()
        await connections.shutdown(drain_timeout=0.0)
