"""The runtime in a Starlette application: its lifetime, its sockets, and the runs of its requests.

There is no middleware here. A request asks for what it needs, so nothing wraps the response, runs
in another task or depends on a context variable that outlives the request.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from ssot_migrate.runtime.errors import (
    InvalidContextError,
    NotConfiguredError,
    UserLimitError,
)
from ssot_migrate.runtime.user_connection import TRY_AGAIN_LATER

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
    from contextlib import AbstractAsyncContextManager

    from starlette.requests import HTTPConnection, Request

    from ssot_migrate.runtime.agent_factory import AgentInstanceFactory
    from ssot_migrate.runtime.connections import ConnectionRegistry
    from ssot_migrate.runtime.context import UserExecutionContext
    from ssot_migrate.runtime.engine_factory import ExecutionEngineFactory

__all__ = [
    "Runtime",
    "exception_handlers",
    "run_scope",
    "runtime_lifespan",
    "runtime_of",
    "websocket_endpoint",
]

_POLICY_VIOLATION = 1008

AppT = TypeVar("AppT", bound=Starlette)


@dataclass(frozen=True, slots=True)
class Runtime:
    """What the requests of an application have in common."""

    agent_factory: AgentInstanceFactory
    engine_factory: ExecutionEngineFactory
    connections: ConnectionRegistry


def runtime_lifespan(
    configure: Callable[[AppT], AsyncIterator[Runtime]], *, drain_timeout: float = 5.0
) -> Callable[[AppT], AbstractAsyncContextManager[None]]:
    """Make the `lifespan` of an application from a generator that yields its runtime.

    The runtime is in place before the first request. At shutdown engines, contexts and connections
    end in this order, and then the generator goes on, to close what it opened.

    Args:
        configure: An async generator function that makes the runtime for the application.
        drain_timeout: Seconds that engines, and then connections, have to end by themselves, once
            the server has ended all requests: it waits for them first, as long as it was told to.
    """
    make = asynccontextmanager(configure)

    @asynccontextmanager
    async def lifespan(app: AppT) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            runtime = await stack.enter_async_context(make(app))
            stack.push_async_callback(runtime.connections.shutdown, drain_timeout)
            stack.push_async_callback(runtime.agent_factory.shutdown)
            stack.push_async_callback(runtime.engine_factory.shutdown, drain_timeout)
            app.state.runtime = runtime
            app.state.execution_engine_factory = runtime.engine_factory
            yield

    return lifespan


def exception_handlers() -> dict[Any, Callable[[Request, Any], Coroutine[Any, Any, Response]]]:
    """What an application takes as its `exception_handlers`, to which it may add its own.

    Who asks for more than the limits allow is answered with 429, and an id that cannot be one with
    422; the body is JSON, with the message as its `detail`.
    """
    return {UserLimitError: _answer(429), InvalidContextError: _answer(422)}


def runtime_of(connection: HTTPConnection) -> Runtime:
    """The runtime of the application that a request or socket came to.

    Raises:
        NotConfiguredError: The application was not given a `runtime_lifespan`.
    """
    runtime = getattr(connection.app.state, "runtime", None)
    if not isinstance(runtime, Runtime):
        raise NotConfiguredError
    return runtime


@asynccontextmanager
async def run_scope(
    request: HTTPConnection,
    user_id: str,
    thread_id: str,
    run_id: str | None = None,
    **options: Any,
) -> AsyncIterator[UserExecutionContext]:
    """Open the context of a run for a user whom the caller has authenticated.

    Args:
        request: The request or socket.
        user_id: Whom the run is for.
        thread_id: The conversation it belongs to.
        run_id: The run; made up where it is left out.
        options: More for `AgentInstanceFactory.user_execution_scope`, such as `metadata`.

    Raises:
        NotConfiguredError: The application has no runtime.
        UserLimitError: The user has too many runs already.
    """
    factory = runtime_of(request).agent_factory
    run_id = run_id or str(uuid4())
    async with factory.user_execution_scope(user_id, thread_id, run_id, **options) as context:
        yield context


def websocket_endpoint(
    registry: ConnectionRegistry,
    authenticate: Callable[[WebSocket], Awaitable[str | None]],
    *,
    thread: Callable[[WebSocket], str | None] | None = None,
) -> Callable[[WebSocket], Awaitable[None]]:
    """Make the endpoint through which users hear of their runs.

    The socket is bound to one user before it is accepted, for as long as it is open. What clients
    send is read and ignored. The origin of a request is not looked at: where the user is known by a
    cookie, `authenticate` has to check it.

    Args:
        registry: Where the socket is listed while it is open.
        authenticate: Names the user; None refuses the socket with HTTP 403.
        thread: Names the conversation whose events the socket gets; None, or left out, all.

    A user who has too many sockets is told so by the close code 1013.
    """

    async def endpoint(websocket: WebSocket) -> None:
        user_id = await authenticate(websocket)
        if not user_id:
            await websocket.close(_POLICY_VIOLATION)
            return
        accepted = asyncio.Event()

        async def send(text: str) -> None:
            await accepted.wait()
            await websocket.send_text(text)

        async def close(code: int, reason: str) -> None:
            with suppress(WebSocketDisconnect, RuntimeError):  # it is closed already
                await websocket.close(code, reason)

        # Listed before it is accepted, so that no event is missed once the client knows.
        thread_id = thread(websocket) if thread else None
        try:
            connection = registry.connect(user_id, send, close, thread_id=thread_id)
        except UserLimitError:
            await websocket.accept()  # a browser learns the code of an open socket only
            await websocket.close(TRY_AGAIN_LATER, "too many sockets")
            return
        try:
            await websocket.accept()
            accepted.set()
            await _either(_disconnected(websocket), connection.writer)
        finally:
            await registry.disconnect(connection)

    return endpoint


def _answer(status: int) -> Callable[[Request, Any], Coroutine[Any, Any, Response]]:
    async def answer(_: Request, error: Exception) -> Response:
        return JSONResponse({"detail": str(error)}, status)

    return answer


async def _disconnected(websocket: WebSocket) -> None:
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass


async def _either(first: Coroutine[Any, Any, None], second: asyncio.Task[None]) -> None:
    """Run `first` until it is done, or the other task is."""
    running = asyncio.ensure_future(first)
    try:
        await asyncio.wait({running, second}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        running.cancel()
        await asyncio.wait({running})
    if not running.cancelled():
        running.result()
