"""The server of the soak: a Starlette application on the runtime, under Uvicorn."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import sys
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

from ssot_migrate.runtime.agent_factory import AgentInstanceFactory
from ssot_migrate.runtime.bridge import AgentWebSocketBridge
from ssot_migrate.runtime.class_registry import AgentClassRegistry
from ssot_migrate.runtime.connections import ConnectionRegistry
from ssot_migrate.runtime.engine_factory import ExecutionEngineFactory
from ssot_migrate.runtime.limits import EngineLimits, FactoryLimits
from ssot_migrate.runtime.metrics import RuntimeMetrics
from ssot_migrate.runtime.performance import FactoryPerformanceConfig
from ssot_migrate.runtime.tools import UnifiedToolDispatcher, UnifiedToolDispatcherFactory

from .platforms import Database, look_up

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.websockets import WebSocket

    from ssot_migrate.runtime.emitter import UserWebSocketEmitter

_RUNS_PER_USER = 5
_PATIENCE = 120.0
_BACKLOG = 2048


class Order(msgspec.Struct):
    """What a client asks for: to start a run, or to cancel it."""

    kind: str
    run: str
    token: str = ""
    thoughts: int = 0


class Talker:
    """Thinks aloud as often as it is asked to, and uses a tool."""

    def __init__(
        self, websocket_emitter: UserWebSocketEmitter, tool_dispatcher: UnifiedToolDispatcher
    ) -> None:
        self._emitter = websocket_emitter
        self._tools = tool_dispatcher

    async def execute(self, token: str, thoughts: int) -> str:
        for number in range(thoughts):
            await self._emitter.notify_agent_thinking("talker", token, step_number=number)
            await asyncio.sleep(0)
        return str(await self._tools.dispatch("look_up", question=token))


class Server:
    """The application.

    Args:
        pool: Emitters that are reused; 0 to make one for each run.
    """

    def __init__(self, pool: int) -> None:
        self._metrics = RuntimeMetrics(sample_rate=0.1)
        self._connections = ConnectionRegistry(metrics=self._metrics)
        self._database = Database()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._answering: set[asyncio.Task[None]] = set()
        registry = AgentClassRegistry()
        registry.register("talker", Talker)
        registry.freeze()
        self._factory = AgentInstanceFactory(
            performance=FactoryPerformanceConfig(
                enable_emitter_pooling=pool > 0,
                pool_initial_size=min(pool, 1) or 1,
                pool_max_size=pool or 1,
            ),
            limits=FactoryLimits(max_concurrent_per_user=_RUNS_PER_USER, acquire_timeout=_PATIENCE),
            metrics=self._metrics,
        )
        self._factory.configure(
            class_registry=registry,
            websocket_bridge=AgentWebSocketBridge(self._connections),
            session_factory=self._database.session,
            tool_dispatcher_factory=UnifiedToolDispatcherFactory({"look_up": look_up}),
        )
        self._engines = ExecutionEngineFactory(
            self._factory,
            limits=EngineLimits(max_engines_per_user=_RUNS_PER_USER),
            metrics=self._metrics,
        )
        self.application = Starlette(
            routes=[WebSocketRoute("/{user}/{thread}", self._serve)], lifespan=self._lifespan
        )

    @asynccontextmanager
    async def _lifespan(self, _application: Starlette) -> AsyncIterator[None]:
        yield
        while self._answering:
            await asyncio.wait(self._answering)
        pool = self._factory.get_pool_stats()
        await self._engines.shutdown()
        await self._factory.shutdown()
        await self._connections.shutdown()
        account = {**self._account(), "pool": None if pool is None else asdict(pool)}
        sys.stdout.write(json.dumps(account) + "\n")
        sys.stdout.flush()

    def _account(self) -> dict[str, Any]:
        factory = self._factory.get_factory_metrics()
        return {
            "leftovers": {
                "contexts": factory["active_contexts"],
                "slots": factory["users_with_slots"],
                "engines": self._engines.get_factory_metrics()["active_engines_count"],
                "sessions": self._database.open_sessions,
                "tasks": len(asyncio.all_tasks()) - _OF_UVICORN,
            },
            "processor seconds": round(time.process_time(), 1),
            "metrics": self._metrics.snapshot().to_dict(),
        }

    async def _serve(self, socket: WebSocket) -> None:
        await socket.accept()
        user, thread = socket.path_params["user"], socket.path_params["thread"]

        async def close(code: int, reason: str) -> None:
            await socket.close(code, reason)

        connection = self._connections.connect(user, socket.send_text, close, thread_id=thread)
        try:
            while (message := await socket.receive())["type"] != "websocket.disconnect":
                order = msgspec.json.decode(message["text"], type=Order)
                if order.kind == "run":
                    answering = asyncio.create_task(self._answer(socket, user, thread, order))
                    self._answering.add(answering)
                    answering.add_done_callback(self._answering.discard)
                elif order.run in self._tasks:
                    self._tasks[order.run].cancel()
        finally:
            await self._connections.disconnect(connection, drain_timeout=0.0)

    async def _answer(self, socket: WebSocket, user: str, thread: str, order: Order) -> None:
        """Run in a task that can be cancelled, and say when it is over."""
        run = asyncio.create_task(self._run(user, thread, order), name=order.run)
        self._tasks[order.run] = run
        await asyncio.wait({run})
        del self._tasks[order.run]
        if not run.cancelled() and (problem := run.exception()):
            logging.error("Traceback of %s", order.run, exc_info=problem)
        with suppress(Exception):
            await socket.send_text(json.dumps({"type": "over", "run_id": order.run}))

    async def _run(self, user: str, thread: str, order: Order) -> None:
        async with (
            self._factory.user_execution_scope(
                user, thread, order.run, metadata={"token": order.token}
            ) as context,
            self._engines.user_execution_scope(context) as engine,
        ):
            await engine.execute("talker", order.token, order.thoughts)


# The server's own task, and the one that the lifespan runs in.
_OF_UVICORN = 2


def main() -> None:
    """Serve on a free port, which is the first line of the output; the account is the second."""
    logging.basicConfig(level=logging.INFO)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(_BACKLOG)
    server = Server(int(sys.argv[1]))
    config = uvicorn.Config(
        server.application,
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        access_log=False,
        log_level="warning",
        log_config=None,
    )
    sys.stdout.write(json.dumps({"port": listener.getsockname()[1], "pid": os.getpid()}) + "\n")
    sys.stdout.flush()
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
