"""Clients as tests want them: they keep what they are sent, and can be slow, deaf or gone."""

from __future__ import annotations

import asyncio
import gc
import json
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Client:
    """A browser at the other end of a socket."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.closed_with: int | None = None
        self.is_gone = False
        self._reads = asyncio.Event()
        self._reads.set()

    async def send(self, text: str) -> None:
        await self._reads.wait()
        await asyncio.sleep(0)
        if self.is_gone:
            raise ConnectionResetError
        self.received.append(json.loads(text))

    async def close(self, code: int, reason: str) -> None:
        self.closed_with = code

    def stall(self) -> None:
        """Read nothing from now on."""
        self._reads.clear()

    def resume(self) -> None:
        """Read again."""
        self._reads.set()

    def vanish(self) -> None:
        """Be gone when something is sent."""
        self.is_gone = True
        self.resume()

    @property
    def numbers(self) -> list[int]:
        """The numbers of the events, as they came."""
        return [event["sequence"] for event in self.received]

    def told(self, detail: str) -> list[Any]:
        """One detail of every event, as they came."""
        return [event["data"].get(detail) for event in self.received]


async def ticks(count: int = 25) -> None:
    """Let everything happen that waits for nothing but its turn."""
    for _ in range(count):
        await asyncio.sleep(0)


def without_gap(numbers: Iterable[int]) -> bool:
    """Whether each number is the one before and one."""
    found = list(numbers)
    return not found or found == list(range(found[0], found[0] + len(found)))


def other_tasks() -> set[asyncio.Task[Any]]:
    """The tasks of this loop but the one that asks."""
    return asyncio.all_tasks() - {asyncio.current_task()}


def strings_reachable(root: object) -> set[str]:
    """Every text that one can get to from here."""
    return {found for found in _reachable(root) if isinstance(found, str)}


def has_reachable(root: object, kind: type) -> bool:
    """Whether one can get from here to an object of this class."""
    return any(isinstance(found, kind) for found in _reachable(root))


def _reachable(root: object) -> Iterator[object]:
    """What `root` holds, directly or not; without what every object holds: classes and modules."""
    seen: set[int] = set()
    queue: list[Any] = [root]
    while queue:
        found = queue.pop()
        if id(found) not in seen and not isinstance(found, type | ModuleType | FunctionType):
            seen.add(id(found))
            yield found
            queue += gc.get_referents(found)
            if isinstance(found, dict):
                queue += found  # keys that are texts are none of the collector's business
