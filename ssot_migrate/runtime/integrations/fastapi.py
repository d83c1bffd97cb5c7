"""The runtime as dependencies of FastAPI."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from fastapi import Depends
from starlette.requests import HTTPConnection  # noqa: TC002  FastAPI reads annotations

from ssot_migrate.runtime.integrations.starlette import run_scope, runtime_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from ssot_migrate.runtime.agent_factory import AgentInstanceFactory
    from ssot_migrate.runtime.context import UserExecutionContext
    from ssot_migrate.runtime.engine_factory import ExecutionEngineFactory

__all__ = ["RunIdentity", "agent_factory", "engine_factory", "user_context"]


@dataclass(frozen=True, slots=True)
class RunIdentity:
    """Whom a request is for, as far as the application has made sure of it."""

    user_id: str
    thread_id: str
    run_id: str = field(default_factory=lambda: str(uuid4()))


def agent_factory(connection: HTTPConnection) -> AgentInstanceFactory:
    """The application's agent factory, for `Depends(agent_factory)`."""
    return runtime_of(connection).agent_factory


def engine_factory(connection: HTTPConnection) -> ExecutionEngineFactory:
    """The application's engine factory, for `Depends(engine_factory)`."""
    return runtime_of(connection).engine_factory


def user_context(
    identify: Callable[..., Any],
) -> Callable[..., AsyncIterator[UserExecutionContext]]:
    """Make the dependency that opens a context for a request.

    It ends after the response was sent, so that a streaming response may use it to its end.

    Args:
        identify: A dependency of the application that returns a `RunIdentity`, or raises
            `HTTPException` where it does not know the user.
    """
    identified = Depends(identify)

    async def context(
        connection: HTTPConnection, identity: RunIdentity = identified
    ) -> AsyncIterator[UserExecutionContext]:
        async with run_scope(
            connection, identity.user_id, identity.thread_id, identity.run_id
        ) as opened:
            yield opened

    return context
