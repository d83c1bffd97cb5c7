"""What one context holds, and the steps in which it is given back."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from functools import partial
from inspect import isawaitable
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from ssot_migrate.runtime.errors import StaleEmitterError
from ssot_migrate.runtime.shielding import run_to_end, surrounding_tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from ssot_migrate.runtime.bridge_factory import WebSocketBridgeFactory
    from ssot_migrate.runtime.context import UserExecutionContext
    from ssot_migrate.runtime.emitter import UserWebSocketEmitter
    from ssot_migrate.runtime.limits import FactoryLimits
    from ssot_migrate.runtime.shielding import Work

_log = logging.getLogger(__name__)


class _Kept(NamedTuple):
    """Something to be closed, and how."""

    resource: Any
    closer: Callable[[], object]

    @property
    def work(self) -> Work:
        """What closes it, under the name of its class."""
        return type(self.resource).__qualname__, partial(_done, self.closer)


class Lease:
    """What one context holds, from the moment it is asked for to its end.

    Args:
        user_id: Whose context it is.
        thread_id: The conversation it is for.
        run_id: The run it is for.
        request_id: The request it is for.
        emitters: Where its emitter comes from and goes back to, if that is known yet.
    """

    __slots__ = (
        "agents_created",
        "context",
        "emitter",
        "emitters",
        "ended",
        "errors",
        "holds_slot",
        "is_ending",
        "last_used",
        "opened_at",
        "owns_session",
        "request_id",
        "resources",
        "run_id",
        "session",
        "tasks",
        "thread_id",
        "user_id",
    )

    def __init__(
        self,
        user_id: str,
        thread_id: str,
        run_id: str,
        request_id: str,
        emitters: WebSocketBridgeFactory | None,
    ) -> None:
        self.user_id = user_id
        self.thread_id = thread_id
        self.run_id = run_id
        self.request_id = request_id
        self.emitters = emitters
        self.context: UserExecutionContext | None = None
        self.is_ending = False
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.opened_at = self.last_used = time.monotonic()
        self.errors = 0
        self.agents_created = 0
        self.holds_slot = False
        self.session: Any = None
        self.owns_session = True
        self.emitter: UserWebSocketEmitter | None = None
        self.resources: dict[int, _Kept] = {}
        self.tasks: set[asyncio.Task[Any]] = set()

    @property
    def is_open(self) -> bool:
        """Whether the context can be used: it was given out, and its end has not begun."""
        return self.context is not None and not self.is_ending

    @property
    def age_seconds(self) -> float:
        """Seconds since the context was asked for."""
        return time.monotonic() - self.opened_at

    def is_idle(self, seconds: float) -> bool:
        """Whether no task runs, and for so long no agent was made, no event sent, no task ended."""
        told_at = 0.0 if self.emitter is None else self.emitter.used_at
        return not self.tasks and time.monotonic() - max(self.last_used, told_at) >= seconds

    def covers(self, context: UserExecutionContext) -> bool:
        """Whether this is the lease of `context`, or of the context that it is a child of."""
        return (
            self.context is not None
            and context.websocket_emitter is self.emitter
            and (context.user_id, context.thread_id) == (self.user_id, self.thread_id)
        )

    def touch(self) -> None:
        """Take note that the context is in use."""
        self.last_used = time.monotonic()

    def keep_agent(self, agent: Any) -> None:
        """Call `aclose()` of `agent` when the context ends; `close()` may mean anything."""
        self._keep(agent, ("aclose",))

    def keep(self, resource: Any) -> None:
        """Call `aclose()` or else `close()` of `resource` when the context ends."""
        self._keep(resource, ("aclose", "close"))

    def kept_since(self, count: int) -> tuple[Any, ...]:
        """What was kept after there were `count` resources, the latest first."""
        latest = islice(reversed(self.resources.values()), len(self.resources) - count)
        return tuple(kept.resource for kept in latest)

    def drop(self, resource: Any) -> None:
        """Leave it to others to close `resource`."""
        self.resources.pop(id(resource), None)

    def own(self, task: asyncio.Task[Any]) -> None:
        """Cancel `task` when the context ends."""
        self.touch()
        self.tasks.add(task)
        task.add_done_callback(self._disown)

    async def close_early(self, resources: Iterable[Any], limits: FactoryLimits) -> None:
        """Close resources that are not needed to the end of the context, as `close` does.

        Raises:
            asyncio.CancelledError: The caller was cancelled meanwhile; they were closed.
        """
        kept = [self.resources.pop(id(one)) for one in resources if id(one) in self.resources]
        if kept:
            works = [one.work for one in kept]
            await run_to_end(works, timeout=limits.cleanup_timeout, report=self._failed)

    async def close(self, limits: FactoryLimits) -> None:
        """End the tasks, close agents and session, and release the emitter, in this order.

        Each step is taken though the one before it failed, and though the caller is cancelled.
        What failed is logged, and counted in `errors`.

        Raises:
            asyncio.CancelledError: The caller was cancelled meanwhile; all steps were taken.
        """
        interruption: asyncio.CancelledError | None = None
        try:
            for works, timeout in self._steps(limits):
                try:
                    await run_to_end(works, timeout=timeout, report=self._failed)
                except asyncio.CancelledError as cancelled:
                    interruption = cancelled
            await self._release_emitter()
            if interruption is not None:
                raise interruption
        finally:
            del interruption  # its traceback leads back to this frame

    def clear(self) -> None:
        """Refer to nothing of the context any more."""
        self.context = self.emitter = self.session = None
        self.resources.clear()

    def _steps(self, limits: FactoryLimits) -> Iterator[tuple[Sequence[Work], float]]:
        """What there is to wait for, one after the other, and the seconds it may take."""
        if self.tasks - surrounding_tasks():
            yield [("tasks", self._end_tasks)], limits.cleanup_timeout
        if self.resources:
            # At the same time, so that one that hangs leaves the others their time.
            latest_first = reversed(self.resources.values())
            yield [kept.work for kept in latest_first], limits.cleanup_timeout
        if self.session is not None and self.owns_session:
            yield [("session", self._close_session)], limits.cleanup_timeout
        if self.emitter is not None and self.emitter.has_unsent:
            flush = partial(self._flush, self.emitter, limits.flush_timeout)
            yield [("events", flush)], limits.flush_timeout + limits.cleanup_timeout

    async def _end_tasks(self) -> None:
        tasks = self.tasks - surrounding_tasks()
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        for task in tasks:
            if not task.cancelled() and (error := task.exception()) is not None:
                self._failed("task", error)

    async def _close_session(self) -> None:
        if (closer := _closer(self.session, ("aclose", "close"))) is not None:
            await _done(closer)

    async def _flush(self, emitter: UserWebSocketEmitter, timeout: float) -> None:
        with suppress(StaleEmitterError):  # it was released by somebody else
            await emitter.flush(timeout)

    def _keep(self, resource: Any, names: Iterable[str]) -> None:
        if (closer := _closer(resource, names)) is not None:
            self.resources[id(resource)] = _Kept(resource, closer)

    async def _release_emitter(self) -> None:
        """Give the emitter back. Nothing is waited for, so no cancellation can come between."""
        if self.emitter is None or self.emitters is None:
            return
        try:
            with suppress(StaleEmitterError):
                await self.emitters.release_user_emitter(self.emitter, flush_timeout=0.0)
        except Exception as error:
            self._failed("emitter", error)

    def _failed(self, step: str, error: BaseException) -> None:
        """Count and log; the message of `error` may hold anything and is left out."""
        self.errors += 1
        kind = type(error).__qualname__
        _log.error("clean-up of request %s: %s: %s", self.request_id, step, kind)

    def _disown(self, task: asyncio.Task[Any]) -> None:
        self.touch()
        self.tasks.discard(task)


async def _done(closer: Callable[[], object]) -> None:
    outcome = closer()
    if isawaitable(outcome):
        await outcome


def _closer(resource: Any, names: Iterable[str]) -> Callable[[], object] | None:
    for name in names:
        closer = getattr(resource, name, None)
        if callable(closer):
            found: Callable[[], object] = closer
            return found
    return None
