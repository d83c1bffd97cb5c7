"""A small agent service, as a user of the runtime would write it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, generate_latest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute

from ssot_migrate.runtime.agent_factory import AgentInstanceFactory
from ssot_migrate.runtime.bridge import AgentWebSocketBridge
from ssot_migrate.runtime.class_registry import AgentClassRegistry
from ssot_migrate.runtime.connections import ConnectionRegistry
from ssot_migrate.runtime.engine_factory import ExecutionEngineFactory
from ssot_migrate.runtime.integrations.prometheus import register
from ssot_migrate.runtime.integrations.sqlalchemy import session_factory
from ssot_migrate.runtime.integrations.starlette import (
    Runtime,
    run_scope,
    runtime_lifespan,
    runtime_of,
    websocket_endpoint,
)
from ssot_migrate.runtime.limits import EngineLimits, FactoryLimits
from ssot_migrate.runtime.metrics import RuntimeMetrics
from ssot_migrate.runtime.tools import UnifiedToolDispatcherFactory

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.websockets import WebSocket

    from ssot_migrate.runtime.context import UserExecutionContext
    from ssot_migrate.runtime.emitter import UserWebSocketEmitter
    from ssot_migrate.runtime.integrations.sqlalchemy import RequestSession
    from ssot_migrate.runtime.performance import FactoryPerformanceConfig
    from ssot_migrate.runtime.tools import UnifiedToolDispatcher

STEPS = 5
"""How often an agent thinks aloud."""

EVENTS = ["agent_started", *["agent_thinking"] * STEPS, "tool_executing", "tool_completed"]
ANSWERED = [*EVENTS, "agent_completed"]
FAILED = [*EVENTS, "agent_error"]

PATIENCE_SECONDS = 60


class NotesAgent:
    """Keeps a note of the user's secret, reads it back with a tool, and says it wherever it can."""

    def __init__(
        self,
        context: UserExecutionContext,
        emitter: UserWebSocketEmitter,
        db_session: RequestSession,
        tool_dispatcher: UnifiedToolDispatcher,
    ) -> None:
        self.context = context
        self.emitter = emitter
        self.session = db_session
        self.tools = tool_dispatcher
        self.seen: list[str] = []

    async def execute(self, secret: str, *, fail: bool = False) -> dict[str, Any]:
        self.seen.append(secret)
        for step in range(STEPS):
            await self.emitter.notify_agent_thinking("notes", f"{secret} {step}", step)
            await asyncio.sleep(0)
        owner = {"owner": self.context.user_id}
        await self.session.execute(
            text("INSERT INTO notes VALUES (:owner, :secret)"), {**owner, "secret": secret}
        )
        found = await self.session.scalars(
            text("SELECT secret FROM notes WHERE owner = :owner"), owner
        )
        rows = list(found)
        await self.session.commit()
        told = await self.tools.dispatch("recall", rows=rows, metadata=self.context.metadata["m"])
        if fail:
            raise ValueError(f"cannot answer {secret}")
        return {"told": told, "seen": self.seen}


def recall(rows: list[str], metadata: str) -> dict[str, Any]:
    """A tool that tells what it was given."""
    return {"rows": rows, "metadata": metadata}


@dataclass
class Service:
    """The application, and what a test looks at from outside."""

    database_url: str
    outbox_size: int = 256
    send_timeout: float = 10.0
    performance: FactoryPerformanceConfig | None = None
    metrics: RuntimeMetrics = field(default_factory=RuntimeMetrics)

    def __post_init__(self) -> None:
        self.prometheus = CollectorRegistry()
        register(self.metrics, self.prometheus)
        self.connections = ConnectionRegistry(
            self.metrics, outbox_size=self.outbox_size, send_timeout=self.send_timeout
        )
        self.app = Starlette(
            lifespan=runtime_lifespan(self.configure),
            routes=[
                Route("/runs", self.run, methods=["POST"]),
                Route("/metrics", self.exposed),
                WebSocketRoute(
                    "/events",
                    websocket_endpoint(
                        self.connections,
                        authenticate,
                        thread=lambda socket: socket.query_params.get("thread"),
                    ),
                ),
            ],
        )

    async def configure(self, _: Starlette) -> AsyncIterator[Runtime]:
        engine = create_async_engine(self.database_url, connect_args={"timeout": PATIENCE_SECONDS})
        await _create_notes(engine)
        registry = AgentClassRegistry()
        registry.register("notes", NotesAgent)
        registry.freeze()
        agents = AgentInstanceFactory(
            metrics=self.metrics,
            performance=self.performance,
            limits=FactoryLimits(max_concurrent_per_user=8, acquire_timeout=PATIENCE_SECONDS),
        )
        agents.configure(
            class_registry=registry,
            websocket_bridge=AgentWebSocketBridge(self.connections),
            session_factory=session_factory(engine),
            tool_dispatcher_factory=UnifiedToolDispatcherFactory({"recall": recall}),
        )
        engines = ExecutionEngineFactory(
            agents, limits=EngineLimits(max_engines_per_user=8), metrics=self.metrics
        )
        yield Runtime(agents, engines, self.connections)
        await engine.dispose()

    async def run(self, request: Request) -> Response:
        body = await request.json()
        engines = runtime_of(request).engine_factory
        metadata = {"m": body["secret"]}
        async with (
            run_scope(
                request, request.headers["user"], body["thread"], body["run"], metadata=metadata
            ) as context,
            engines.user_execution_scope(context) as engine,
        ):
            try:
                result = await engine.execute("notes", body["secret"], fail=body["fail"])
            except ValueError as error:
                return JSONResponse({"error": type(error).__name__}, status_code=500)
        return JSONResponse(result)

    async def exposed(self, _: Request) -> Response:
        return Response(generate_latest(self.prometheus))


async def authenticate(socket: WebSocket) -> str | None:
    """The header stands for a session that was looked up."""
    return socket.headers.get("user")


async def _create_notes(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("PRAGMA journal_mode=WAL"))
        await connection.execute(text("CREATE TABLE notes (owner TEXT, secret TEXT)"))
