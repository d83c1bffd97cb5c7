"""What an agent factory is configured with."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ssot_migrate.runtime.construction import CONTEXT_SOURCES, constant
from ssot_migrate.runtime.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ssot_migrate.runtime.bridge import AgentWebSocketBridge
    from ssot_migrate.runtime.construction import Source
    from ssot_migrate.runtime.context import UserExecutionContext
    from ssot_migrate.runtime.tools import UnifiedToolDispatcherFactory


@dataclass(frozen=True, slots=True)
class FactoryParts:
    """What contexts and agents are made with.

    Args:
        websocket_bridge: Takes events to the clients.
        session_factory: Opens a database session of its own each time, or gives back an awaitable
            of one.
        tool_dispatcher_factory: Makes the tool dispatcher of an agent.
        services: What all agents share, by the names of the parameters they fill.

    Raises:
        ConfigurationError: A service has the name of something that each request has of its own.
    """

    websocket_bridge: AgentWebSocketBridge | None = None
    session_factory: Callable[[], Any] | None = None
    tool_dispatcher_factory: UnifiedToolDispatcherFactory | None = None
    services: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if taken := sorted({*CONTEXT_SOURCES, "tool_dispatcher"}.intersection(self.services)):
            raise ConfigurationError(
                f"each request has its own {', '.join(taken)}; give the service another name"
            )
        object.__setattr__(self, "services", MappingProxyType(dict(self.services)))

    def changed(self, **parts: Any) -> FactoryParts:
        """These with others in their places, where they are not None."""
        return replace(self, **{name: part for name, part in parts.items() if part is not None})

    def sources(self, keep: Callable[[UserExecutionContext, Any], None]) -> Mapping[str, Source]:
        """What fills the parameters of agents, by the parameters' names.

        Args:
            keep: Told of each tool dispatcher, which has to be closed with the context.
        """
        found: dict[str, Source] = dict(CONTEXT_SOURCES)
        found.update((name, constant(service)) for name, service in self.services.items())
        if (dispatchers := self.tool_dispatcher_factory) is not None:

            def make_tool_dispatcher(context: UserExecutionContext) -> object:
                dispatcher = dispatchers.create_for_request(context)
                keep(context, dispatcher)
                return dispatcher

            found["tool_dispatcher"] = make_tool_dispatcher
        return MappingProxyType(found)
