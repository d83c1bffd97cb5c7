"""Mistakes planted on purpose: the sweep has to notice every one of them."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from unittest import mock

import msgspec

from ssot_migrate.runtime import leases
from ssot_migrate.runtime.bridge import AgentWebSocketBridge
from ssot_migrate.runtime.connections import ConnectionRegistry
from ssot_migrate.runtime.emitter import EmitterState
from ssot_migrate.runtime.emitter_pool import WebSocketEmitterPool
from ssot_migrate.runtime.leases import Lease
from ssot_migrate.runtime.limits import UserSlots
from ssot_migrate.runtime.user_connection import UserConnection

from . import platforms

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ssot_migrate.runtime.emitter import UserWebSocketEmitter
    from ssot_migrate.runtime.shielding import Work


class Defect(msgspec.Struct, frozen=True):
    """A mistake.

    Args:
        name: What the mistake is.
        patches: What is replaced in the program to make it.
    """

    name: str
    patches: tuple[tuple[Any, str, Any], ...]

    @contextmanager
    def planted(self) -> Iterator[None]:
        """The program with the mistake in it."""
        with ExitStack() as stack:
            for place, name, replacement in self.patches:
                stack.enter_context(mock.patch.object(place, name, replacement))
            yield

    def __str__(self) -> str:
        return self.name


async def _acquire_and_wait(pool: WebSocketEmitterPool, *ids: Any) -> UserWebSocketEmitter:
    emitter = await _ACQUIRE(pool, *ids)
    await asyncio.sleep(0)
    return emitter


async def _release_twice(pool: WebSocketEmitterPool, emitter: UserWebSocketEmitter) -> None:
    state = pool._lent[emitter]
    await _RELEASE(pool, emitter)
    pool._idle.append(state)


def _clear_nothing(state: EmitterState) -> None:
    if not hasattr(state, "emitted"):
        _CLEAR(state)
    state.generation += 1


async def _look_up_in_a_used_buffer(question: str) -> str:
    buffer = _BUFFERS.pop() if _BUFFERS else []
    try:
        buffer.append(question)
        await asyncio.sleep(0)
        answer = buffer[0]
        buffer.clear()
        return answer
    finally:
        _BUFFERS.append(buffer)


async def _run_to_no_end(works: Iterable[Work], **_options: Any) -> None:
    for _, work in works:
        await work()


async def _wait_for_a_slot_carelessly(slots: UserSlots, user_id: str, timeout: float) -> None:
    if slots.held_by(user_id) < slots.limit:
        slots.acquire_nowait(user_id)
        return
    turn = asyncio.get_running_loop().create_future()
    slots._waiting.setdefault(user_id, OrderedDict())[turn] = None
    await asyncio.wait((turn,), timeout=timeout)


def _everybody(registry: ConnectionRegistry, *_ids: str) -> list[UserConnection]:
    return [connection for opened in registry._open.values() for connection in opened]


async def _keep_the_mapping(_bridge: AgentWebSocketBridge, _run: str) -> bool:
    return True


async def _keep_the_session(_lease: Lease) -> None:
    pass


_ACQUIRE = WebSocketEmitterPool.acquire
_RELEASE = WebSocketEmitterPool.release
_CLEAR = EmitterState.clear
_BUFFERS: list[list[str]] = []

DEFECTS = (
    Defect(
        "binds the user, and waits before it hands out",
        ((WebSocketEmitterPool, "acquire", _acquire_and_wait),),
    ),
    Defect(
        "leaves a buffer dirty where it is cancelled",
        ((platforms, "look_up", _look_up_in_a_used_buffer),),
    ),
    Defect(
        "hands on what the last user left",
        ((EmitterState, "clear", _clear_nothing),),
    ),
    Defect(
        "gives emitters back twice",
        ((WebSocketEmitterPool, "release", _release_twice),),
    ),
    Defect("lets tasks live on", ((Lease, "own", lambda *_: None),)),
    Defect("can be cancelled while it cleans", ((leases, "run_to_end", _run_to_no_end),)),
    Defect(
        "loses the slot of one who gives up waiting",
        ((UserSlots, "acquire", _wait_for_a_slot_carelessly),),
    ),
    Defect(
        "sends to everybody",
        (
            (ConnectionRegistry, "for_run", _everybody),
            (UserConnection, "_check", lambda *_: None),
        ),
    ),
    Defect(
        "keeps runs mapped", ((AgentWebSocketBridge, "unregister_run_mapping", _keep_the_mapping),)
    ),
    Defect("keeps sessions open", ((Lease, "_close_session", _keep_the_session),)),
)
