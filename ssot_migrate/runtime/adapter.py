"""A bridge for code that still asks a registry for agents."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from ssot_migrate.runtime.context import validate_user_context

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from ssot_migrate.runtime.agent_factory import AgentInstanceFactory
    from ssot_migrate.runtime.context import UserExecutionContext
    from ssot_migrate.runtime.emitter import UserWebSocketEmitter


class RegistryAdapter:
    """The old registry's questions, answered for the one context that it was made for.

    Python shows its warnings once for each place in the code that asks.

    Args:
        factory: What makes the agents.
        context: Whose agents they are. An adapter is made for each request, never for the process.

    Raises:
        TypeError: `context` is no context.
    """

    __slots__ = ("_context", "_factory")

    def __init__(self, factory: AgentInstanceFactory, context: UserExecutionContext) -> None:
        self._factory = factory
        self._context = validate_user_context(context)

    def get(self, agent_name: str) -> Awaitable[Any]:
        """Make an agent; to be awaited, like the factory's own method that replaces it.

        Raises:
            RuntimeFault: When it is awaited, as of `AgentInstanceFactory.create_agent_instance`.
        """
        # No coroutine function: its caller would be unknown where it is awaited by somebody else.
        _warn("get()", "await factory.create_agent_instance(name, context)")
        return self._factory.create_agent_instance(agent_name, self._context)

    def get_websocket_emitter(self) -> UserWebSocketEmitter:
        """The context's emitter."""
        _warn("get_websocket_emitter()", "context.websocket_emitter")
        return self._context.websocket_emitter


def _warn(old: str, new: str) -> None:
    warnings.warn(f"RegistryAdapter.{old}: use {new}", DeprecationWarning, stacklevel=3)
