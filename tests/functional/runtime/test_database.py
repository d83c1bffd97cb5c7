"""Contexts of many users on one database: their transactions, their connections, their failures."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import QueuePool

from ssot_migrate.runtime.agent_factory import AgentInstanceFactory
from ssot_migrate.runtime.class_registry import AgentClassRegistry
from ssot_migrate.runtime.integrations.sqlalchemy import session_factory
from ssot_migrate.runtime.metrics import Metric, RuntimeMetrics

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from contextlib import AbstractAsyncContextManager

    from ssot_migrate.runtime.context import UserExecutionContext

PATIENCE_SECONDS = 30


class Stage(NamedTuple):
    """A factory on a database that has a table of notes."""

    factory: AgentInstanceFactory
    engine: AsyncEngine
    metrics: RuntimeMetrics

    def request(self, user: str) -> AbstractAsyncContextManager[UserExecutionContext]:
        return self.factory.user_execution_scope(user, f"thread-{user}", str(uuid4()))

    @property
    def connections_in_use(self) -> int:
        pool = self.engine.pool
        assert isinstance(pool, QueuePool)
        return pool.checkedout()

    async def owners(self) -> list[str]:
        async with self.request("auditor") as context:
            found = await context.db_session.scalars(text("SELECT owner FROM notes ORDER BY owner"))
            return list(found)


@asynccontextmanager
async def stage(url: str, connections: int) -> AsyncIterator[Stage]:
    engine = create_async_engine(
        url, pool_size=connections, max_overflow=0, pool_timeout=PATIENCE_SECONDS
    )
    async with engine.begin() as connection:
        await connection.execute(text("DROP TABLE IF EXISTS notes"))
        await connection.execute(text("CREATE TABLE notes (owner TEXT)"))
    metrics = RuntimeMetrics()
    factory = AgentInstanceFactory(AgentClassRegistry(), metrics=metrics)
    factory.configure(session_factory=session_factory(engine))
    try:
        yield Stage(factory, engine, metrics)
    finally:
        await factory.shutdown()
        await engine.dispose()


def play(url: str, connections: int, story: Callable[[Stage], Awaitable[None]]) -> None:
    async def told() -> None:
        async with stage(url, connections) as built:
            await asyncio.wait_for(story(built), 2 * PATIENCE_SECONDS)

    asyncio.run(told())


async def write(context: UserExecutionContext) -> None:
    await context.db_session.execute(
        text("INSERT INTO notes VALUES (:owner)"), {"owner": context.user_id}
    )


def test_a_rollback_of_one_user_leaves_the_transaction_of_another_alone(database_url: str) -> None:
    async def story(on: Stage) -> None:
        async with on.request("alice") as alice, on.request("berta") as berta:
            await write(alice)
            # SQLite lets one write at a time: there, Berta's note waits for the end of Alice's.
            berta_writes = asyncio.create_task(write(berta))
            await asyncio.sleep(0.05)
            await alice.db_session.rollback()
            await berta_writes
            await berta.db_session.commit()
        assert await on.owners() == ["berta"]

    play(database_url, 3, story)


def test_what_is_not_committed_is_gone_with_the_request(database_url: str) -> None:
    async def story(on: Stage) -> None:
        async with on.request("alice") as alice:
            await write(alice)

        async def fail() -> None:
            async with on.request("berta") as berta:
                await write(berta)
                raise ValueError("half-way")

        with pytest.raises(ValueError, match="half-way"):
            await fail()
        assert await on.owners() == []

    play(database_url, 1, story)


def test_connections_come_back_however_a_request_ends(database_url: str) -> None:
    """With one connection, the first that is not given back stops everything."""

    async def story(on: Stage) -> None:
        async def succeed(user: str) -> None:
            async with on.request(user) as context:
                await write(context)
                await context.db_session.commit()

        async def fail(user: str) -> None:
            async with on.request(user) as context:
                await write(context)
                raise ValueError

        async def be_cancelled(user: str) -> None:
            wrote = asyncio.Event()

            async def request() -> None:
                async with on.request(user) as context:
                    await write(context)
                    wrote.set()
                    await asyncio.Event().wait()

            task = asyncio.create_task(request())
            waiting = asyncio.create_task(wrote.wait())
            await asyncio.wait((task, waiting), return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            task.cancel()
            await task

        ways = (succeed, fail, be_cancelled)
        outcomes = await asyncio.gather(
            *(way(f"user-{number}") for number in range(40) for way in ways),
            return_exceptions=True,
        )

        kinds = [type(outcome) for outcome in outcomes]
        assert kinds == [type(None), ValueError, asyncio.CancelledError] * 40
        assert on.connections_in_use == 0
        assert await on.owners() == sorted(f"user-{number}" for number in range(40))
        assert on.metrics.snapshot().values[Metric.CONTEXT_CLEANUP_ERRORS] == 0

    play(database_url, 1, story)


def test_every_user_has_a_connection_of_their_own_at_the_same_time(postgres_url: str) -> None:
    users, rounds = 20, 5

    async def story(on: Stage) -> None:
        here = 0
        everyone = asyncio.Event()

        async def request(user: str) -> int:
            nonlocal here
            async with on.request(user) as context:
                backend = await context.db_session.scalar(text("SELECT pg_backend_pid()"))
                here += 1
                if here == users:
                    everyone.set()
                await everyone.wait()
                return int(backend)

        for _ in range(rounds):
            here = 0
            everyone.clear()
            backends = await asyncio.gather(*(request(f"user-{one}") for one in range(users)))
            assert len(set(backends)) == users
        assert on.connections_in_use == 0

    play(postgres_url, users, story)


def test_a_request_cancelled_in_a_query_frees_its_connection(postgres_url: str) -> None:
    async def story(on: Stage) -> None:
        async def request() -> None:
            async with on.request("alice") as context:
                await write(context)
                await context.db_session.execute(text("SELECT pg_sleep(600)"))

        for _ in range(3):
            task = asyncio.create_task(request())
            await until(on, "SELECT pg_sleep(600)", running=True, url=postgres_url)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await until(on, "SELECT pg_sleep(600)", running=False, url=postgres_url)
        assert on.connections_in_use == 0
        assert await on.owners() == []

    play(postgres_url, 1, story)


def test_a_killed_connection_is_the_trouble_of_its_user_alone(postgres_url: str) -> None:
    async def story(on: Stage) -> None:
        async def be_killed() -> None:
            async with on.request("alice") as alice:
                await write(alice)
                backend = await alice.db_session.scalar(text("SELECT pg_backend_pid()"))
                await outside(postgres_url, f"SELECT pg_terminate_backend({backend})")
                await write(alice)

        async with on.request("berta") as berta:
            await write(berta)
            with pytest.raises(DBAPIError):
                await be_killed()
            await write(berta)
            await berta.db_session.commit()

        assert on.connections_in_use == 0
        async with on.request("alice") as alice:
            await write(alice)
            await alice.db_session.commit()
        assert await on.owners() == ["alice", "berta", "berta"]
        assert on.metrics.snapshot().values[Metric.CONTEXT_CLEANUP_ERRORS] == 0

    play(postgres_url, 3, story)


def test_row_level_security_sees_the_right_user_on_the_one_connection(postgres_url: str) -> None:
    """The database is the witness: it shows to a transaction only the notes of its user."""
    role = f"app_{uuid4().hex}"
    setting = text("SELECT set_config('app.user', :user, true)")

    async def story(on: Stage) -> None:
        async def request(user: str) -> list[str]:
            async with on.request(user) as context:
                session = context.db_session
                await session.execute(text(f"SET LOCAL ROLE {role}"))
                assert not await session.scalar(text("SELECT current_setting('app.user', true)"))
                await session.execute(setting, {"user": user})
                await write(context)
                seen = list(await session.scalars(text("SELECT owner FROM notes")))
                if user.endswith("0"):
                    raise ValueError
                await session.commit()
                return seen

        users = [f"user-{number}" for number in range(25)]
        seen = await asyncio.gather(*map(request, users * 4), return_exceptions=True)
        for user, rows in zip(users * 4, seen, strict=True):
            if not isinstance(rows, ValueError):
                assert isinstance(rows, list), rows
                assert set(rows) == {user}
        assert len(await on.owners()) == 4 * sum(not user.endswith("0") for user in users)

    async def prepared(on: Stage) -> None:
        for statement in (
            f"CREATE ROLE {role}",
            f"GRANT ALL ON notes TO {role}",
            "ALTER TABLE notes ENABLE ROW LEVEL SECURITY",
            "CREATE POLICY own ON notes USING (owner = current_setting('app.user', true))",
        ):
            await outside(postgres_url, statement)
        try:
            await story(on)
        finally:
            await outside(postgres_url, f"DROP TABLE notes; DROP ROLE {role}")

    play(postgres_url, 1, prepared)


async def outside(url: str, statement: str) -> int:
    """Run statements as the administrator, beside the application; how many rows there are."""
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    count = 0
    async with engine.connect() as connection:
        for one in statement.split(";"):
            result = await connection.execute(text(one))
            count = len(result.all()) if result.returns_rows else 0
    await engine.dispose()
    return count


async def until(on: Stage, query: str, *, running: bool, url: str) -> None:
    """Wait until the server runs a query, or does so no more."""
    asked = f"SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query = '{query}'"
    while bool(await outside(url, asked)) is not running:
        await asyncio.sleep(0.02)
