"""The old design, as a control: one registry for everybody, whose agents hold the last request."""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .people import Client, Person


class SharedBridge:
    """Sends to whoever the thread of a run belongs to."""

    def __init__(self) -> None:
        self.threads: dict[str, tuple[str, str]] = {}
        self.clients: dict[str, Client] = {}

    async def send(self, run: str, kind: str, sequence: int, data: dict[str, Any]) -> None:
        user, thread = self.threads[run]
        await asyncio.sleep(0)
        self.clients[thread].texts.append(
            json.dumps(
                {
                    "type": kind,
                    "user_id": user,
                    "thread_id": thread,
                    "run_id": run,
                    "sequence": sequence,
                    "data": data,
                }
            )
        )


class SharedAgent:
    """Made once, and told before each run where to send."""

    def __init__(self) -> None:
        self._bridge: SharedBridge | None = None
        self._run = ""
        self._numbers = itertools.count(1)

    def set_websocket_bridge(self, bridge: SharedBridge, run: str) -> None:
        self._bridge = bridge
        self._run = run
        self._numbers = itertools.count(1)

    async def execute(self, question: str) -> str:
        await self._tell("agent_started", {})
        await self._tell("agent_thinking", {"reasoning": question})
        await self._tell("tool_executing", {"parameters": question})
        await self._tell("tool_completed", {"result": question})
        await self._tell("agent_completed", {"result": question})
        return question

    async def _tell(self, kind: str, data: dict[str, Any]) -> None:
        if self._bridge is not None:
            await self._bridge.send(self._run, kind, next(self._numbers), data)


class SharedRegistry:
    """The agents of all users; the bridge and the run of the last request are set on every one."""

    def __init__(self) -> None:
        self._agents = {"researcher": SharedAgent()}

    def set_websocket_bridge(self, bridge: SharedBridge, run: str) -> None:
        for agent in self._agents.values():
            agent.set_websocket_bridge(bridge, run)

    def get(self, name: str) -> SharedAgent:
        return self._agents[name]


class SingletonPlatform:
    """The same application on the old design."""

    def __init__(self) -> None:
        self._registry = SharedRegistry()
        self._bridge = SharedBridge()

    async def connect(self, client: Client) -> None:
        self._bridge.clients[client.person.thread] = client

    async def run(self, person: Person, run: str) -> str:
        self._bridge.threads[run] = (person.user, person.thread)
        self._registry.set_websocket_bridge(self._bridge, run)
        await asyncio.sleep(0)
        return await self._registry.get("researcher").execute(person.token)

    def leftovers(self) -> list[str]:
        return []

    def metrics(self) -> str:
        return ""

    async def close(self) -> None:
        pass
