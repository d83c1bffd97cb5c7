"""What the runtime refuses to do, and why.

Messages name ids and remedies. They never hold payloads, tool parameters or values of metadata, and
never tell one user the id of another.
"""

from __future__ import annotations


class RuntimeFault(Exception):  # noqa: N818 - a RuntimeError is something else already
    """Base of every error that the runtime raises itself."""


class InvalidContextError(RuntimeFault, ValueError):
    """An id, a time or metadata that no context may have."""


class RegistrationError(RuntimeFault, ValueError):
    """An agent class that cannot be registered, or that depends on itself."""


class SharedStateError(RegistrationError):
    """An agent class whose instances would share mutable state, and so one user's data."""


class RegistryFrozenError(RuntimeFault, RuntimeError):
    """A registration after the registry was frozen."""


class UnknownAgentError(RuntimeFault, LookupError):
    """A name under which no agent class is registered."""


class NotConfiguredError(RuntimeFault, ValueError):
    """A factory that is used before it was configured."""

    def __init__(self, message: str = "Factory not configured - call configure() first") -> None:
        super().__init__(message)


class AgentCreationError(RuntimeFault, RuntimeError):
    """An agent class that could not be instantiated."""


class ContextClosedError(RuntimeFault, RuntimeError):
    """A context that has ended, or that this factory never made."""


class UserLimitError(RuntimeFault, RuntimeError):
    """A user who already has as many contexts or engines as one user may have.

    Args:
        user_id: Whose limit is reached.
        limit: How many the user may have at a time.
    """

    def __init__(self, user_id: str, limit: int) -> None:
        super().__init__(user_id, limit)
        self.user_id = user_id
        self.limit = limit

    def __str__(self) -> str:
        return f"user {self.user_id!r} has reached the limit of {self.limit}; try again later"


class WrongLoopError(RuntimeFault, RuntimeError):
    """Something of one event loop that another loop, or a thread without one, tries to use."""


class StaleEmitterError(RuntimeFault, RuntimeError):
    """An emitter that was closed, or given back to its pool."""


class IsolationError(RuntimeFault, RuntimeError):
    """Something of one user met something of another; it was stopped there."""


class ToolNotFoundError(RuntimeFault, LookupError):
    """A tool that this dispatcher does not have."""


class ToolPermissionError(RuntimeFault, PermissionError):
    """A tool that this user may not use, or not so."""


class EngineTimeoutError(RuntimeFault, TimeoutError):
    """An agent that did not end in time and was cancelled."""


class AgentCancelledError(RuntimeFault, RuntimeError):
    """An agent that waited for something cancelled, though nobody had cancelled the agent."""


class SwitchError(RuntimeFault, ValueError):
    """Environment variables that do not say which architecture to run."""


class ConfigurationError(RuntimeFault, ValueError):
    """A setting that is out of range, of the wrong type, or unknown."""
