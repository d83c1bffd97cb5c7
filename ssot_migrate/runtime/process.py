"""The agent factory of this process: the one for everybody who is not given another."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from ssot_migrate.runtime.agent_factory import AgentInstanceFactory

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ssot_migrate.runtime.bridge import AgentWebSocketBridge
    from ssot_migrate.runtime.class_registry import AgentClassRegistry
    from ssot_migrate.runtime.tools import UnifiedToolDispatcherFactory

_lock = threading.Lock()
_factory: AgentInstanceFactory | None = None


def get_agent_instance_factory() -> AgentInstanceFactory:
    """The factory of this process, made at the first call and not configured then."""
    global _factory
    with _lock:
        if _factory is None:
            _factory = AgentInstanceFactory()
        return _factory


async def configure_agent_instance_factory(
    *,
    class_registry: AgentClassRegistry | None = None,
    websocket_bridge: AgentWebSocketBridge | None = None,
    session_factory: Callable[[], Any] | None = None,
    tool_dispatcher_factory: UnifiedToolDispatcherFactory | None = None,
    services: Mapping[str, object] | None = None,
) -> AgentInstanceFactory:
    """Configure the factory of this process, as `AgentInstanceFactory.configure` does.

    Raises:
        ConfigurationError: As of `AgentInstanceFactory.configure`.
    """
    factory = get_agent_instance_factory()
    factory.configure(
        class_registry=class_registry,
        websocket_bridge=websocket_bridge,
        session_factory=session_factory,
        tool_dispatcher_factory=tool_dispatcher_factory,
        services=services,
    )
    return factory


def get_agent_class_registry() -> AgentClassRegistry:
    """The agent classes of this process: those of its factory."""
    return get_agent_instance_factory().class_registry


def reset_agent_instance_factory() -> None:
    """Forget the factory of this process, for tests; what it made is not cleaned up."""
    global _factory
    with _lock:
        _factory = None
