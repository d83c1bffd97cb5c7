"""`python -m tests.bench.runtime`."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import msgspec

from tests.bench.machine import describe
from tests.bench.tables import table

from .choices import choices
from .footprint import bytes_per_context
from .latency import latency
from .sockets import sockets
from .users import USERS, respond

if TYPE_CHECKING:
    from tests.bench.targets import Verdict


class Scale(msgspec.Struct, frozen=True):
    """How much of everything.

    Args:
        wait: What the simulated agent waits, in seconds.
        users: Concurrent users whose contexts are timed.
        table: Concurrent users whose responses are timed.
        requests: Requests of each of the timed users.
        clients: Sockets that events are sent over.
        events: Events to each of them.
        rounds: How often two things that are compared have their turn each.
        turn: Requests in such a turn.
    """

    wait: float = 2.0
    users: tuple[int, ...] = (100, 1000)
    table: tuple[int, ...] = USERS
    requests: int = 5
    clients: int = 100
    events: int = 1000
    rounds: int = 7
    turn: int = 1000


QUICK = Scale(
    wait=0.02, users=(5,), table=(1, 3), requests=2, clients=3, events=20, rounds=1, turn=20
)


def main() -> int:
    """Measure and print, as Markdown."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.runtime", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a little of everything")
    parser.add_argument("--wait", type=float, help="seconds of the simulated agent (2.0)")
    parser.add_argument("--users", help="concurrent users, separated by commas (100,1000)")
    parser.add_argument("--events", type=int, help="events to each of 100 sockets (1000)")
    arguments = parser.parse_args()
    scale = QUICK if arguments.quick else Scale()
    if arguments.users:
        users = tuple(int(number) for number in arguments.users.split(","))
        scale = msgspec.structs.replace(scale, users=users, table=users)
    if arguments.wait is not None:
        scale = msgspec.structs.replace(scale, wait=arguments.wait)
    if arguments.events:
        scale = msgspec.structs.replace(scale, events=arguments.events)
    logging.disable(logging.WARNING)
    for name, value in describe().items():
        sys.stdout.write(f"{name}: {value}\n")
    verdicts = asyncio.run(_measure(scale))
    sys.stdout.write("\n" + "\n".join(map(str, verdicts)) + "\n")
    return 0


async def _measure(scale: Scale) -> list[Verdict]:
    verdicts = []
    with TemporaryDirectory(prefix="ssot-migrate-bench-") as folder:
        timed = []
        for users in scale.users:
            _say(f"contexts of {users} users")
            timed += await latency(Path(folder), users, scale.requests, scale.wait)
    verdicts += [verdict for row in timed for verdict in row.verdicts]
    _print(
        ("step", "users", "p50 ms", "p99 ms", "max ms", "samples"),
        [
            (
                r.step,
                f"{r.users:,}",
                f"{r.p50:.3f}",
                f"{r.p99:.3f}",
                f"{r.most:.3f}",
                f"{r.samples:,}",
            )
            for r in timed
        ],
    )
    responses = []
    for users in scale.table:
        _say(f"responses to {users} users")
        responses.append(await respond(users, scale.wait))
    verdicts += [verdict for row in responses for verdict in row.verdicts]
    _print(
        ("users", "mean s", "max s", "requests/s", "CPU ms a request"),
        [
            (
                f"{r.users:,}",
                f"{r.mean:.3f}",
                f"{r.most:.3f}",
                f"{r.throughput:.2f}",
                f"{r.processor:.3f}",
            )
            for r in responses
        ],
    )
    _say("events over sockets")
    sent = await sockets(scale.clients, scale.events, scale.rounds)
    _print(
        ("sender", "clients", "events/s", "events/CPU s"),
        [
            (r.sender, f"{r.clients}", f"{r.per_second:,.0f}", f"{r.per_cpu_second:,.0f}")
            for r in sent
        ],
    )
    ours, bare = sent
    ratio = bare.per_second / ours.per_second
    sys.stdout.write(f"\n`websockets` alone is {ratio:.2f} times as fast as the runtime\n")
    context, connection = await bytes_per_context(max(scale.users))
    sys.stdout.write(f"bytes of a context: {context:,.0f}, of a connection: {connection:,.0f}\n")
    _say("choices")
    chosen = await choices(scale.rounds, scale.turn)
    _print(
        ("choice", "on CPU µs", "off CPU µs", "saves", "default"),
        [
            (r.choice, f"{r.on:.1f}", f"{r.off:.1f}", f"{r.saved:+.1%}", r.conclusion)
            for r in chosen
        ],
    )
    return verdicts


def _print(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    sys.stdout.write("\n" + table(head, rows) + "\n")
    sys.stdout.flush()


def _say(what: str) -> None:
    sys.stderr.write(f"bench: {what}\n")


if __name__ == "__main__":
    sys.exit(main())
