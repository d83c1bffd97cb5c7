"""Sends events, once: `python -m tests.bench.runtime.socket_server runtime|bare CLIENTS EVENTS`."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import TYPE_CHECKING

from websockets.asyncio.server import ServerConnection, broadcast, serve

from ssot_migrate.runtime.bridge import AgentWebSocketBridge
from ssot_migrate.runtime.bridge_factory import WebSocketBridgeFactory
from ssot_migrate.runtime.connections import ConnectionRegistry

from .application import names

if TYPE_CHECKING:
    from collections.abc import Sequence

END = "the end"
_REASONING = "Looks at the last thirty days of costs, and compares them with the budget. " * 2


async def send_by_runtime(sockets: Sequence[ServerConnection], events: int) -> None:
    """A user for each socket, with a run that thinks so many times."""
    connections = ConnectionRegistry()
    factory = WebSocketBridgeFactory(AgentWebSocketBridge(connections))
    emitters = []
    for number, socket in enumerate(sockets):
        user, thread, run = names(number)
        connections.connect(user, socket.send, thread_id=thread)
        emitters.append(await factory.create_user_emitter(user, thread, run))
    for step in range(events):
        for emitter in emitters:
            await emitter.notify_agent_thinking("thinker", _REASONING, step_number=step)
        await asyncio.sleep(0)
    for emitter in emitters:
        await factory.release_user_emitter(emitter)


async def send_bare(sockets: Sequence[ServerConnection], events: int) -> None:
    """The same payloads, made and sent without anything in between."""
    for step in range(events):
        for number, socket in enumerate(sockets):
            user, thread, run = names(number)
            payload = {
                "type": "agent_thinking",
                "user_id": user,
                "thread_id": thread,
                "run_id": run,
                "sequence": step + 1,
                "timestamp": time.time(),
                "data": {"agent_name": "thinker", "reasoning": _REASONING, "step_number": step},
            }
            broadcast({socket}, json.dumps(payload))
        await asyncio.sleep(0)


SENDERS = {"runtime": send_by_runtime, "bare": send_bare}


async def run(name: str, clients: int, events: int) -> None:
    """Print the port, wait for the clients, send, and print what it took."""
    sockets: list[ServerConnection] = []
    everybody_is_here = asyncio.Event()

    async def handle(socket: ServerConnection) -> None:
        sockets.append(socket)
        if len(sockets) == clients:
            everybody_is_here.set()
        await socket.wait_closed()

    async with serve(handle, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
        sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()
        await everybody_is_here.wait()
        wall, cpu = time.perf_counter(), time.process_time()
        await SENDERS[name](sockets, events)
        for socket in sockets:
            await socket.send(END)
        await asyncio.gather(*(socket.wait_closed() for socket in sockets))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    sys.stdout.write(json.dumps({"wall": wall, "cpu": cpu}) + "\n")


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
