"""What a scenario is played on: the runtime, with an agent, a tool and a database of its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from ssot_migrate.runtime.agent_factory import AgentInstanceFactory
from ssot_migrate.runtime.bridge import AgentWebSocketBridge
from ssot_migrate.runtime.class_registry import AgentClassRegistry
from ssot_migrate.runtime.connections import ConnectionRegistry
from ssot_migrate.runtime.engine_factory import ExecutionEngineFactory
from ssot_migrate.runtime.limits import EngineLimits, FactoryLimits
from ssot_migrate.runtime.metrics import RuntimeMetrics
from ssot_migrate.runtime.performance import FactoryPerformanceConfig
from ssot_migrate.runtime.tools import UnifiedToolDispatcher, UnifiedToolDispatcherFactory

if TYPE_CHECKING:
    from ssot_migrate.runtime.context import UserExecutionContext
    from ssot_migrate.runtime.emitter import UserWebSocketEmitter
    from ssot_migrate.runtime.user_connection import UserConnection

    from .people import Client, Person

POOL_SIZE = 2
RUNS_AT_ONCE = 1
_PATIENCE = 60.0


class Platform(Protocol):
    """An application for many users."""

    async def connect(self, client: Client) -> None:
        """Open a socket that the client's user will read."""

    async def run(self, person: Person, run: str) -> str:
        """Answer a request, whose text is the user's secret; the right answer is the secret."""

    def leftovers(self) -> list[str]:
        """What no request needs any more and is there all the same."""

    def metrics(self) -> str:
        """All that monitoring is told."""

    async def close(self) -> None:
        """Let go of everything."""


class Database:
    """Rows by user, and how many sessions are open."""

    def __init__(self) -> None:
        self.rows: dict[str, list[str]] = {}
        self.open_sessions = 0

    def session(self) -> Session:
        self.open_sessions += 1
        return Session(self)


class Session:
    """A session that nobody may use after it is closed, or while another uses it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._is_open = True
        self._is_busy = False

    async def store(self, user: str, row: str) -> None:
        await self._query()
        self._database.rows.setdefault(user, []).append(row)

    async def last(self, user: str) -> str:
        await self._query()
        return self._database.rows[user][-1]

    async def close(self) -> None:
        await asyncio.sleep(0)
        if self._is_open:
            self._is_open = False
            self._database.open_sessions -= 1

    async def _query(self) -> None:
        if self._is_busy or not self._is_open:
            raise RuntimeError("a session is used twice at once, or after its end")
        self._is_busy = True
        try:
            await asyncio.sleep(0)
        finally:
            self._is_busy = False


async def look_up(question: str) -> str:
    """Find what was asked for."""
    await asyncio.sleep(0)
    return question


class Researcher:
    """Stores the question, looks it up, and answers."""

    def __init__(
        self,
        context: UserExecutionContext,
        websocket_emitter: UserWebSocketEmitter,
        db_session: Session,
        tool_dispatcher: UnifiedToolDispatcher,
    ) -> None:
        self._user = context.user_id
        self._emitter = websocket_emitter
        self._session = db_session
        self._tools = tool_dispatcher

    async def execute(self, question: str) -> str:
        await self._emitter.notify_agent_thinking("researcher", question)
        await self._session.store(self._user, question)
        found = await self._tools.dispatch("look_up", question=await self._session.last(self._user))
        return str(found)


class IsolatedPlatform:
    """The runtime: a context, an emitter, an agent and an engine for each run.

    Args:
        pooling: Whether emitters are reused; there are fewer of them than runs.
    """

    def __init__(self, *, pooling: bool = True) -> None:
        self._metrics = RuntimeMetrics()
        self._connections = ConnectionRegistry(metrics=self._metrics)
        self._bridge = AgentWebSocketBridge(self._connections)
        self.database = Database()
        self._sockets: list[UserConnection] = []
        self._traces: list[str] = []
        registry = AgentClassRegistry()
        registry.register("researcher", Researcher)
        registry.freeze()
        self.factory = AgentInstanceFactory(
            performance=FactoryPerformanceConfig(
                enable_emitter_pooling=pooling, pool_initial_size=1, pool_max_size=POOL_SIZE
            ),
            limits=FactoryLimits(max_concurrent_per_user=RUNS_AT_ONCE, acquire_timeout=_PATIENCE),
            metrics=self._metrics,
        )
        self.factory.configure(
            class_registry=registry,
            websocket_bridge=self._bridge,
            session_factory=self.database.session,
            tool_dispatcher_factory=UnifiedToolDispatcherFactory({"look_up": look_up}),
        )
        self._engines = ExecutionEngineFactory(
            self.factory,
            limits=EngineLimits(max_engines_per_user=RUNS_AT_ONCE),
            metrics=self._metrics,
        )

    async def connect(self, client: Client) -> None:
        async def send(text: str) -> None:
            await asyncio.sleep(0)
            client.texts.append(text)

        own = client.person
        self._sockets.append(self._connections.connect(own.user, send, thread_id=own.thread))

    async def run(self, person: Person, run: str) -> str:
        async with (
            self.factory.user_execution_scope(
                person.user, person.thread, run, metadata={"question": person.token}
            ) as context,
            self._engines.user_execution_scope(context) as engine,
        ):
            self._look_for_traces(context)
            self.factory.create_task(context, self._afterthoughts(context, person.token))
            return str(await engine.execute("researcher", person.token))

    def _look_for_traces(self, context: UserExecutionContext) -> None:
        status = context.websocket_emitter.get_emitter_status()
        if status.events_emitted or status.last_delivery:
            self._traces.append(f"{context.run_id} began with traces of another run")

    async def _afterthoughts(self, context: UserExecutionContext, thought: str) -> None:
        """Goes on for longer than the run does."""
        while True:
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            await context.websocket_emitter.notify_agent_thinking("researcher", thought)

    def leftovers(self) -> list[str]:
        factory = self.factory.get_factory_metrics()
        counts = {
            "active contexts": factory["active_contexts"],
            "users with slots": factory["users_with_slots"],
            "engines": self._engines.get_factory_metrics()["active_engines_count"],
            "mapped runs": self._bridge.get_status().active_runs,
            "open sessions": self.database.open_sessions,
        }
        if (pool := self.factory.get_pool_stats()) is not None:
            counts["lent emitters"] = pool.leased + pool.unpooled
            counts["emitters too many"] = max(0, pool.created - POOL_SIZE)
            counts["emitters in the wrong place"] = pool.created - pool.idle - pool.leased
        return [*self._traces, *(f"{count} {name}" for name, count in counts.items() if count)]

    def pooled(self) -> int:
        """How many emitters the pool holds or has lent."""
        pool = self.factory.get_pool_stats()
        return pool.created if pool else 0

    def metrics(self) -> str:
        return repr(self._metrics.snapshot())

    async def close(self) -> None:
        await self._engines.shutdown()
        await self.factory.shutdown()
        await self._connections.shutdown()
