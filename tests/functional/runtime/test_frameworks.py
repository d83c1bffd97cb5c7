"""What Starlette and FastAPI applications get of the runtime, from a real server."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import httpx
import pytest
import websockets
import websockets.sync.client
from fastapi import Depends, FastAPI, HTTPException, Request
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route, WebSocketRoute

from ssot_migrate.runtime.agent_factory import AgentInstanceFactory
from ssot_migrate.runtime.class_registry import AgentClassRegistry
from ssot_migrate.runtime.connections import ConnectionRegistry
from ssot_migrate.runtime.context import UserExecutionContext
from ssot_migrate.runtime.engine_factory import (
    ExecutionEngineFactory,
    get_execution_engine_factory,
)
from ssot_migrate.runtime.errors import NotConfiguredError, UserLimitError
from ssot_migrate.runtime.integrations.fastapi import (
    RunIdentity,
    agent_factory,
    engine_factory,
    user_context,
)
from ssot_migrate.runtime.integrations.starlette import (
    Runtime,
    exception_handlers,
    run_scope,
    runtime_lifespan,
    runtime_of,
    websocket_endpoint,
)

from .server import served

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from starlette.websockets import WebSocket

    from .server import Address


class Session:
    """Records what becomes of it."""

    def __init__(self, opened: list[Session]) -> None:
        self.is_open = True
        opened.append(self)

    async def close(self) -> None:
        self.is_open = False


class Parrot:
    def __init__(self, context: UserExecutionContext) -> None:
        self.context = context

    async def execute(self, said: str) -> str:
        return f"{self.context.user_id}: {said}"


class Building:
    """What makes the runtime of an application, and what it has made."""

    def __init__(self) -> None:
        self.sessions: list[Session] = []
        self.happened: list[str] = []

    async def configure(self, _: Starlette) -> AsyncIterator[Runtime]:
        classes = AgentClassRegistry()
        classes.register("parrot", Parrot)
        classes.freeze()
        self.agents = AgentInstanceFactory(classes)
        self.agents.configure(session_factory=lambda: Session(self.sessions))
        yield Runtime(self.agents, ExecutionEngineFactory(self.agents), ConnectionRegistry())
        self.happened.append("open contexts at the end: " + str(self.active_contexts))

    @property
    def active_contexts(self) -> int:
        return int(self.agents.get_factory_metrics()["active_contexts"])


@pytest.fixture
def building() -> Building:
    return Building()


async def identify(request: Request) -> RunIdentity:
    if "user" not in request.headers:
        raise HTTPException(401)
    return RunIdentity(request.headers["user"], "main")


Context = Annotated[UserExecutionContext, Depends(user_context(identify))]
Agents = Annotated[AgentInstanceFactory, Depends(agent_factory)]
Engines = Annotated[ExecutionEngineFactory, Depends(engine_factory)]


@pytest.fixture
def at(building: Building) -> Iterator[Address]:
    """A FastAPI application."""
    app = FastAPI(lifespan=runtime_lifespan(building.configure))

    @app.get("/say/{word}")
    async def say(word: str, context: Context, engines: Engines) -> str:
        async with engines.user_execution_scope(context) as engine:
            return str(await engine.execute("parrot", word))

    @app.get("/stream")
    async def stream(context: Context, agents: Agents) -> StreamingResponse:
        async def words() -> AsyncIterator[str]:
            parrot = await agents.create_agent_instance("parrot", context)
            for word in ("one ", "two ", "three"):
                await asyncio.sleep(0)
                yield await parrot.execute(word)
            yield f" open: {context.db_session.is_open}"

        return StreamingResponse(words())

    @app.get("/fail")
    async def fail(context: Context) -> None:
        raise HTTPException(409, context.user_id)

    @app.get("/same")
    async def same(request: Request, agents: Agents, engines: Engines) -> bool:
        known = await get_execution_engine_factory(request.app)
        return runtime_of(request).agent_factory is agents and known is engines

    with served(app) as address:
        yield address


def get(at: Address, path: str, user: str = "alice") -> httpx.Response:
    return httpx.get(f"{at.http}{path}", headers={"user": user} if user else {}, timeout=30)


def test_a_request_has_a_context_of_its_own(at: Address, building: Building) -> None:
    assert get(at, "/say/hello").json() == "alice: hello"
    assert get(at, "/say/hello", user="berta").json() == "berta: hello"
    assert len(building.sessions) == 2


def test_a_context_ends_after_the_response(at: Address, building: Building) -> None:
    assert get(at, "/stream").text == "alice: one alice: two alice: three open: True"
    wait_until_closed(building)


def test_a_context_ends_though_the_endpoint_fails(at: Address, building: Building) -> None:
    response = get(at, "/fail")
    assert (response.status_code, response.json()) == (409, {"detail": "alice"})
    wait_until_closed(building)


def test_nothing_is_opened_for_who_is_unknown(at: Address, building: Building) -> None:
    assert get(at, "/say/hello", user="").status_code == 401
    assert building.sessions == []


def test_dependencies_are_the_parts_of_the_application(at: Address) -> None:
    assert get(at, "/same").json() is True


async def ask(request: Request) -> PlainTextResponse:
    async with run_scope(request, request.headers["user"], "main") as context:
        if request.url.path.endswith("/crowd"):
            raise UserLimitError(context.user_id, 5)
    return PlainTextResponse("answered")


def by_starlette(building: Building) -> Starlette:
    return Starlette(
        lifespan=runtime_lifespan(building.configure),
        exception_handlers=exception_handlers(),
        routes=[Route("/say/crowd", ask), Route("/say/hello", ask)],
    )


def by_fastapi(building: Building) -> FastAPI:
    app = FastAPI(
        lifespan=runtime_lifespan(building.configure), exception_handlers=exception_handlers()
    )

    @app.get("/say/{word}")
    async def say(word: str, context: Context) -> None:
        if word == "crowd":
            raise UserLimitError(context.user_id, 5)

    return app


@pytest.mark.parametrize("make", [by_starlette, by_fastapi])
def test_what_a_client_asks_too_much_or_wrongly_is_not_the_server_s_fault(
    building: Building, make: Callable[[Building], Starlette]
) -> None:
    with served(make(building)) as address:
        assert get(address, "/say/hello").status_code == 200
        crowded, nameless = get(address, "/say/crowd"), get(address, "/say/hello", user="1")
    assert (crowded.status_code, crowded.json()) == (
        429,
        {"detail": "user 'alice' has reached the limit of 5; try again later"},
    )
    assert (nameless.status_code, nameless.json()) == (
        422,
        {"detail": "user_id '1' is a placeholder, not an id"},
    )


def test_at_shutdown_contexts_end_before_what_they_use(building: Building) -> None:
    async def leave_open(request: Request) -> PlainTextResponse:
        await runtime_of(request).agent_factory.create_user_context("alice", "main", "run")
        return PlainTextResponse(str(building.active_contexts))

    app = Starlette(
        lifespan=runtime_lifespan(building.configure), routes=[Route("/open", leave_open)]
    )
    with served(app) as address:
        assert get(address, "/open").text == "1"
        assert building.happened == []

    assert building.happened == ["open contexts at the end: 0"]
    assert [session.is_open for session in building.sessions] == [False]


@pytest.mark.parametrize("problem", [None, LookupError("the session store is down")])
def test_a_socket_opens_for_nobody_but_a_known_user(
    building: Building, problem: Exception | None
) -> None:
    async def authenticate(_: WebSocket) -> None:
        if problem:
            raise problem

    connections = ConnectionRegistry()
    app = Starlette(
        lifespan=runtime_lifespan(building.configure),
        routes=[WebSocketRoute("/events", websocket_endpoint(connections, authenticate))],
    )
    with served(app) as address:
        with pytest.raises(websockets.InvalidStatus) as refused:
            websockets.sync.client.connect(f"{address.ws}/events")
        assert refused.value.response.status_code == (500 if problem else 403)
        assert not connections.open_connections()


def test_a_client_is_told_that_its_connection_was_closed(building: Building) -> None:
    connections = ConnectionRegistry()

    async def authenticate(_: WebSocket) -> str:
        return "alice"

    async def close_all(_: Request) -> PlainTextResponse:
        await connections.shutdown()
        return PlainTextResponse("closed")

    app = Starlette(
        lifespan=runtime_lifespan(building.configure),
        routes=[
            Route("/close", close_all),
            WebSocketRoute("/events", websocket_endpoint(connections, authenticate)),
        ],
    )
    with served(app) as address, websockets.sync.client.connect(f"{address.ws}/events") as client:
        assert get(address, "/close").text == "closed"
        with pytest.raises(websockets.ConnectionClosedOK):
            client.recv(30)


def test_an_application_without_a_runtime_says_so() -> None:
    async def ask(app: Any) -> None:
        async with run_scope(Request({"type": "http", "app": app}), "alice", "main"):
            raise AssertionError

    with pytest.raises(NotConfiguredError):
        asyncio.run(ask(Starlette()))


def test_a_run_that_has_no_name_gets_one(building: Building) -> None:
    async def ask(request: Request) -> PlainTextResponse:
        async with (
            run_scope(request, "alice", "main") as first,
            run_scope(request, "alice", "main", metadata={"from": "mail"}) as second,
        ):
            assert second.metadata["from"] == "mail"
            return PlainTextResponse(str(first.run_id != second.run_id))

    app = Starlette(lifespan=runtime_lifespan(building.configure), routes=[Route("/ask", ask)])
    with served(app) as address:
        assert get(address, "/ask").text == "True"


def wait_until_closed(building: Building) -> None:
    """The response comes first."""

    async def closed() -> None:
        while any(session.is_open for session in building.sessions):
            await asyncio.sleep(0.01)

    assert building.sessions
    asyncio.run(asyncio.wait_for(closed(), 30))
