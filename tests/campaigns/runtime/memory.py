"""`python -m tests.campaigns.runtime.memory`: contexts come and go, and nothing stays."""

from __future__ import annotations

import argparse
import asyncio
import gc
import sys
import tracemalloc
import weakref
from typing import Any, NamedTuple

from .people import Client, people
from .platforms import POOL_SIZE, IsolatedPlatform

TOLERANCE_KIB = 64
"""What the heap may differ by, whatever the number of contexts."""

_WARM_UP = 200


class Report(NamedTuple):
    """What was left of so many contexts.

    Args:
        grown_kib: What the heap grew by, in KiB.
        alive: Contexts, emitters, sessions and agents that are still there.
        pooled: The most emitters that ever were.
        leftovers: What the platform itself says.
    """

    grown_kib: float
    alive: int
    pooled: int
    leftovers: tuple[str, ...]

    @property
    def problems(self) -> list[str]:
        """What must not be."""
        found = list(self.leftovers)
        if self.grown_kib > TOLERANCE_KIB:
            found.append(f"the heap grew by {self.grown_kib:.0f} KiB")
        if self.alive:
            found.append(f"{self.alive} objects are alive")
        if self.pooled > POOL_SIZE:
            found.append(f"{self.pooled} emitters were made")
        return found


def measure(contexts: int, *, pooling: bool = True) -> Report:
    """Create, use and clean as many contexts, one after the other."""
    return asyncio.run(_measure(contexts, pooling=pooling))


async def _measure(contexts: int, *, pooling: bool) -> Report:
    platform = IsolatedPlatform(pooling=pooling)
    (person,) = people(1, runs=0)
    client = Client(person)
    await platform.connect(client)
    remains: list[weakref.ref[Any]] = []
    pooled = 0
    await _cycles(platform, client, _WARM_UP, [])
    gc.collect()
    tracemalloc.start()
    try:
        before = _traced()
        for _ in range(10):
            await _cycles(platform, client, contexts // 10, remains)
            pooled = max(pooled, platform.pooled())
        gc.collect()
        alive = sum(remain() is not None for remain in remains)
        remains.clear()
        grown = (_traced() - before) / 1024
    finally:
        tracemalloc.stop()
    leftovers = tuple(platform.leftovers())
    await platform.close()
    return Report(grown, alive, pooled, leftovers)


async def _cycles(
    platform: IsolatedPlatform, client: Client, count: int, remains: list[weakref.ref[Any]]
) -> None:
    person = client.person
    for number in range(count):
        async with platform.factory.user_execution_scope(
            person.user, person.thread, f"run-{number}"
        ) as context:
            agent = await platform.factory.create_agent_instance("researcher", context)
            await agent.execute(person.token)
            kept = (context, agent, context.websocket_emitter, context.db_session)
            if number % 10 == 0:
                remains += [weakref.ref(one) for one in kept]
            del kept, agent, context
        client.texts.clear()
        platform.database.rows.clear()


def _traced() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def main() -> int:
    """Measure with the pool and without; 1 if anything stays."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.runtime.memory")
    parser.add_argument("--contexts", type=int, default=10_000, help="how many (10,000)")
    arguments = parser.parse_args()
    failed = False
    for pooling in (False, True):
        report = measure(arguments.contexts, pooling=pooling)
        failed |= bool(report.problems)
        name = "emitters pooled" if pooling else "an emitter for each"
        sys.stdout.write(
            f"{arguments.contexts:,} contexts, {name}: {report.grown_kib:+.1f} KiB "
            f"(tolerance {TOLERANCE_KIB}), {report.alive} objects alive"
            f"{''.join(f'; {problem}' for problem in report.problems)}\n"
        )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
