"""How long it takes to make a context and an agent, and to clean up, while many users are there."""

from __future__ import annotations

import asyncio
import time
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from tests.bench.targets import Verdict

from .application import Application, names

if TYPE_CHECKING:
    from pathlib import Path

_TARGETS = {"context": 0.5, "agent": 1.0, "cleanup": 2.0}
_SESSION = "cleanup: session"
_SESSIONS = 20


class Row(NamedTuple):
    """The times of a step, in milliseconds."""

    step: str
    users: int
    p50: float
    p99: float
    most: float
    samples: int

    @property
    def verdicts(self) -> list[Verdict]:
        """The 99th percentile against its target."""
        if self.step not in _TARGETS:
            return []
        target = _TARGETS[self.step]
        return [
            Verdict(
                f"{self.step}, {self.users:,} users, p99",
                f"{target:g} ms",
                f"{self.p99:.3f} ms",
                self.p99 <= target,
            )
        ]


class _TimedSession(AsyncSession):
    """Notes how long SQLAlchemy and the driver's thread take to close it, within the clean-up."""

    async def close(self) -> None:
        started = time.perf_counter()
        await super().close()
        self.info["seconds"].append(time.perf_counter() - started)


async def latency(folder: Path, users: int, requests: int, pause: float) -> list[Row]:
    """Let users make requests, who wait between them and during them.

    Args:
        folder: Where the database is made.
        users: How many there are at the same time.
        requests: What each user asks for.
        pause: The mean of what an agent waits, and of what a user waits, in seconds.
    """
    engine = create_async_engine(
        f"sqlite+aiosqlite:///{folder}/{users}.db", pool_size=_SESSIONS, pool_timeout=120
    )
    times: dict[str, list[float]] = {step: [] for step in (*_TARGETS, _SESSION)}
    sessions = async_sessionmaker(engine, class_=_TimedSession, info={"seconds": times[_SESSION]})
    async with engine.connect() as connection:
        await connection.execute(text("PRAGMA journal_mode=WAL"))
    async with Application(sessions) as application:
        application.connect(users)
        await asyncio.gather(
            *(_use(application, number, requests, pause, times) for number in range(users))
        )
    await engine.dispose()
    return [_row(step, users, sorted(seconds)) for step, seconds in times.items()]


async def _use(
    application: Application,
    number: int,
    requests: int,
    pause: float,
    times: dict[str, list[float]],
) -> None:
    factory = application.factory
    chance = Random(number)
    for request in range(requests):
        await asyncio.sleep(2 * pause * chance.random())
        started = time.perf_counter()
        context = await factory.create_user_context(*names(number, request))
        made = time.perf_counter()
        agent = await factory.create_agent_instance("sleeper", context)
        ready = time.perf_counter()
        times["context"].append(made - started)
        times["agent"].append(ready - made)
        await agent.execute(2 * pause * chance.random())
        await context.db_session.execute(text("SELECT 1"))
        started = time.perf_counter()
        await factory.cleanup_user_context(context)
        times["cleanup"].append(time.perf_counter() - started)


def _row(step: str, users: int, seconds: list[float]) -> Row:
    count = len(seconds)
    p50, p99, most = (
        seconds[min(count - 1, int(count * share))] * 1000 for share in (0.5, 0.99, 1.0)
    )
    return Row(step, users, p50, p99, most, count)
