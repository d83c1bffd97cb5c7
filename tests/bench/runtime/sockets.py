"""Events in a second over real sockets: the runtime, and `websockets` alone."""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
from pathlib import Path
from typing import NamedTuple

from .socket_server import END, SENDERS

_ROOT = Path(__file__).parents[3]
_HANDSHAKE = (
    "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
).encode("ascii")


class Row(NamedTuple):
    """Events in a second: by the clock, and by the server's processor time; medians."""

    sender: str
    clients: int
    per_second: float
    per_cpu_second: float
    rounds: int


async def sockets(clients: int, events: int, rounds: int) -> list[Row]:
    """Let both send in turn.

    Args:
        clients: Sockets at the same time.
        events: What is sent to each of them.
        rounds: How often each has its turn.
    """
    taken: dict[str, list[dict[str, float]]] = {name: [] for name in SENDERS}
    for _ in range(rounds):
        for name, samples in taken.items():
            samples.append(await _one(name, clients, events))
    total = clients * events
    return [
        Row(
            name,
            clients,
            total / statistics.median(sample["wall"] for sample in samples),
            total / statistics.median(sample["cpu"] for sample in samples),
            rounds,
        )
        for name, samples in taken.items()
    ]


async def _one(name: str, clients: int, events: int) -> dict[str, float]:
    server = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.bench.runtime.socket_server", name, str(clients), str(events)),
        cwd=_ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert server.stdout is not None
    try:
        port = int(await server.stdout.readline())
        await asyncio.gather(*(_read(port) for _ in range(clients)))
        taken: dict[str, float] = json.loads(await server.stdout.read())
    finally:
        if server.returncode is None:
            server.kill()
        await server.wait()
    return taken


async def _read(port: int) -> None:
    """Read up to the last text, in as few steps as possible: the client must not be the limit."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(_HANDSHAKE)
    tail, end = b"", END.encode("ascii")
    while not tail.endswith(end):
        chunk = await reader.read(1 << 18)
        if not chunk:
            raise ConnectionError("the server ended before the last text")
        tail = (tail + chunk)[-len(end) :]
    writer.transport.abort()
