"""One session belongs to one request, and its transaction to one task at a time."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from contextvars import Context
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from ssot_migrate.runtime.integrations.sqlalchemy import (
    RequestSession,
    SessionSharedError,
    session_factory,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable


@asynccontextmanager
async def sessions(url: str) -> AsyncIterator[Callable[[], RequestSession]]:
    engine = create_async_engine(url, pool_size=3, max_overflow=0, pool_timeout=5)
    async with engine.begin() as connection:
        await connection.execute(text("DROP TABLE IF EXISTS notes"))
        await connection.execute(text("CREATE TABLE notes (owner TEXT)"))
    try:
        yield session_factory(engine)
    finally:
        await engine.dispose()


async def write(session: RequestSession, owner: str) -> None:
    await session.execute(text("INSERT INTO notes VALUES (:owner)"), {"owner": owner})


async def owners(session: RequestSession) -> list[str]:
    return list(await session.scalars(text("SELECT owner FROM notes ORDER BY owner")))


def play(url: str, story: Callable[[Callable[[], RequestSession]], Awaitable[None]]) -> None:
    async def told() -> None:
        async with sessions(url) as make:
            await story(make)

    asyncio.run(told())


def test_two_tasks_cannot_share_a_session(database_url: str) -> None:
    async def story(make: Callable[[], RequestSession]) -> None:
        async with make() as session:
            outcomes = await asyncio.gather(
                write(session, "first"), write(session, "second"), return_exceptions=True
            )
            assert outcomes[0] is None
            assert isinstance(outcomes[1], SessionSharedError)
            await session.commit()
            assert await owners(session) == ["first"]

    play(database_url, story)


async def beside_a_writer(
    make: Callable[[], RequestSession], second: Callable[[RequestSession], Awaitable[None]]
) -> None:
    """Let a second task go on while the transaction of a first is open, and commit that."""
    session, wrote, tried = make(), asyncio.Event(), asyncio.Event()

    async def first() -> None:
        await write(session, "first")
        wrote.set()
        await tried.wait()
        await session.commit()

    async def then() -> None:
        await wrote.wait()
        try:
            await second(session)
        finally:
            tried.set()

    await asyncio.gather(first(), then())
    assert await owners(session) == ["first"]
    await session.close()


def test_they_cannot_even_by_turns(sqlite_url: str) -> None:
    """The statements do not overlap, the transaction does."""

    async def second(session: RequestSession) -> None:
        with pytest.raises(SessionSharedError, match="in use by another task"):
            await write(session, "second")
        with pytest.raises(SessionSharedError):
            await session.rollback()
        with pytest.raises(SessionSharedError):
            await session.commit()

    play(sqlite_url, lambda make: beside_a_writer(make, second))


def test_what_was_added_counts_as_use_when_it_is_flushed(sqlite_url: str) -> None:
    async def story(make: Callable[[], RequestSession]) -> None:
        session, wrote, tried = make(), asyncio.Event(), asyncio.Event()

        async def first() -> None:
            await write(session, "first")
            wrote.set()
            await tried.wait()

        async def second() -> None:
            await wrote.wait()
            try:
                with pytest.raises(SessionSharedError):
                    await session.flush()
            finally:
                tried.set()

        await asyncio.gather(first(), second())
        await session.close()

    play(sqlite_url, story)


def test_a_session_may_be_handed_down_to_a_task_that_is_awaited(database_url: str) -> None:
    async def story(make: Callable[[], RequestSession]) -> None:
        async with make() as session:
            await write(session, "handler")
            await asyncio.wait_for(write(session, "agent"), timeout=30)
            await asyncio.create_task(write(session, "tool"))
            assert await owners(session) == ["agent", "handler", "tool"]

    play(database_url, story)


def test_but_not_to_two_of_them(sqlite_url: str) -> None:
    async def story(make: Callable[[], RequestSession]) -> None:
        async with make() as session:
            await write(session, "handler")
            outcomes = await asyncio.gather(
                write(session, "one"), write(session, "two"), return_exceptions=True
            )
            assert isinstance(outcomes[1], SessionSharedError)

    play(sqlite_url, story)


def test_who_goes_on_meanwhile_keeps_the_session(sqlite_url: str) -> None:
    async def story(make: Callable[[], RequestSession]) -> None:
        async with make() as session:
            await write(session, "handler")
            forked = asyncio.create_task(write(session, "fork"))
            await write(session, "handler again")
            with pytest.raises(SessionSharedError):
                await forked

    play(sqlite_url, story)


def test_after_a_commit_another_task_may_go_on(database_url: str) -> None:
    async def story(make: Callable[[], RequestSession]) -> None:
        session, committed, read = make(), asyncio.Event(), asyncio.Event()

        async def first() -> None:
            async with session.begin():
                await write(session, "first")
            committed.set()
            await read.wait()

        async def second() -> None:
            await committed.wait()
            try:
                assert await owners(session) == ["first"]
                await session.rollback()
            finally:
                read.set()

        await asyncio.gather(first(), second())
        await session.close()

    play(database_url, story)


def test_sessions_of_one_task_are_told_apart(sqlite_url: str) -> None:
    async def story(make: Callable[[], RequestSession]) -> None:
        async with make() as one, make() as other:
            await owners(one)
            await owners(other)
            await asyncio.create_task(owners(one))
            await asyncio.create_task(owners(other))

    play(sqlite_url, story)


def test_closing_rolls_back_and_is_for_good(database_url: str) -> None:
    async def story(make: Callable[[], RequestSession]) -> None:
        session = make()
        await write(session, "unfinished")
        await session.close()

        with pytest.raises(InvalidRequestError, match="closed"):
            await owners(session)
        async with make() as next_session:
            assert await owners(next_session) == []

    play(database_url, story)


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"
    owner: Mapped[str] = mapped_column(primary_key=True)


async def through_a_connection(session: RequestSession) -> None:
    connection = await session.connection()
    await connection.execute(text("INSERT INTO notes VALUES ('second')"))


async def in_a_savepoint(session: RequestSession) -> None:
    async with session.begin_nested():
        raise AssertionError("the savepoint is in the transaction of the other task")


USES: dict[str, Callable[[RequestSession], Awaitable[object]]] = {
    "add": lambda session: asyncio.to_thread(session.add, Note(owner="second")),
    "add in the task": lambda session: added(session),
    "connection": through_a_connection,
    "run_sync": lambda session: session.run_sync(
        lambda inner: inner.connection().execute(text("INSERT INTO notes VALUES ('second')"))
    ),
    "begin_nested": in_a_savepoint,
    "merge": lambda session: session.merge(Note(owner="second")),
    "get": lambda session: session.get(Note, "first"),
    "stream": lambda session: session.stream(text("SELECT owner FROM notes")),
    "reset": lambda session: session.reset(),
}


async def added(session: RequestSession) -> None:
    session.add(Note(owner="second"))


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_second_task_is_refused_whatever_it_does(
    sqlite_url: str, use: Callable[[RequestSession], Awaitable[object]]
) -> None:
    async def second(session: RequestSession) -> None:
        with pytest.raises(SessionSharedError):
            await use(session)

    play(sqlite_url, lambda make: beside_a_writer(make, second))


def test_a_transaction_begins_with_what_is_added(sqlite_url: str) -> None:
    async def story(make: Callable[[], RequestSession]) -> None:
        async with make() as session:
            session.add(Note(owner="first"))
            other = Context().run(asyncio.ensure_future, added(session))
            with pytest.raises(SessionSharedError):
                await other
            await session.commit()
            assert await owners(session) == ["first"]

    play(sqlite_url, story)


def test_the_context_of_a_request_may_close_what_its_task_has_open(sqlite_url: str) -> None:
    async def story(make: Callable[[], RequestSession]) -> None:
        session = make()
        await write(session, "first")
        await Context().run(asyncio.ensure_future, session.close())
        async with make() as next_session:
            assert await owners(next_session) == []

    play(sqlite_url, story)
