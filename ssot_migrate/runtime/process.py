"""The agent factory of this process: the one for everybody who is not given another."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from ssot_migrate.runtime.agent_factory import AgentInstanceFactory
from ssot_migrate.runtime.errors import ConfigurationError
from ssot_migrate.runtime.performance import FactoryPerformanceConfig

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ssot_migrate.runtime.bridge import AgentWebSocketBridge
    from ssot_migrate.runtime.class_registry import AgentClassRegistry
    from ssot_migrate.runtime.limits import FactoryLimits
    from ssot_migrate.runtime.metrics import RuntimeMetrics
    from ssot_migrate.runtime.tools import UnifiedToolDispatcherFactory

_lock = threading.Lock()
_factory: AgentInstanceFactory | None = None


def get_agent_instance_factory() -> AgentInstanceFactory:
    """The factory of this process, made at the first call and not configured then.

    What it pools, caches and samples is what the environment says.

    Raises:
        ConfigurationError: As of `FactoryPerformanceConfig.from_environment`, at the first call.
    """
    global _factory
    with _lock:
        if _factory is None:
            _factory = _made()
        return _factory


async def configure_agent_instance_factory(
    *,
    class_registry: AgentClassRegistry | None = None,
    websocket_bridge: AgentWebSocketBridge | None = None,
    session_factory: Callable[[], Any] | None = None,
    tool_dispatcher_factory: UnifiedToolDispatcherFactory | None = None,
    services: Mapping[str, object] | None = None,
    limits: FactoryLimits | None = None,
    performance: FactoryPerformanceConfig | None = None,
    metrics: RuntimeMetrics | None = None,
) -> AgentInstanceFactory:
    """Configure the factory of this process, as `AgentInstanceFactory.configure` does.

    Args:
        class_registry: As of `AgentInstanceFactory.configure`, like the next four.
        websocket_bridge: Takes events to the clients.
        session_factory: Opens database sessions.
        tool_dispatcher_factory: Makes the tool dispatcher of an agent.
        services: What all agents share.
        limits: As of `AgentInstanceFactory`, as are the next two; of the call that makes it.
        performance: What is pooled, cached and sampled; what the environment says if left out.
        metrics: Where everything is counted.

    Raises:
        ConfigurationError: As of `AgentInstanceFactory.configure` and `get_agent_instance_factory`;
            or the factory was made before, without the limits, performance or metrics given now.
    """
    global _factory
    if limits is None and performance is None and metrics is None:
        factory = get_agent_instance_factory()
    else:
        with _lock:
            if _factory is not None:
                raise ConfigurationError(
                    "the agent factory of this process was made already; give limits, performance"
                    " and metrics with the first call, and the agent classes as class_registry"
                )
            _factory = factory = _made(limits, performance, metrics)
    factory.configure(
        class_registry=class_registry,
        websocket_bridge=websocket_bridge,
        session_factory=session_factory,
        tool_dispatcher_factory=tool_dispatcher_factory,
        services=services,
    )
    return factory


def _made(
    limits: FactoryLimits | None = None,
    performance: FactoryPerformanceConfig | None = None,
    metrics: RuntimeMetrics | None = None,
) -> AgentInstanceFactory:
    performance = performance or FactoryPerformanceConfig.from_environment()
    return AgentInstanceFactory(limits=limits, performance=performance, metrics=metrics)


def get_agent_class_registry() -> AgentClassRegistry:
    """The agent classes of this process: those of its factory."""
    return get_agent_instance_factory().class_registry


def reset_agent_instance_factory() -> None:
    """Forget the factory of this process, for tests; what it made is not cleaned up."""
    global _factory
    with _lock:
        _factory = None
