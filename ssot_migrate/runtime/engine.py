"""Runs the agents of one context."""

from __future__ import annotations

import asyncio
import logging
import time
from inspect import isawaitable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from ssot_migrate.runtime.context import validate_user_context
from ssot_migrate.runtime.errors import (
    AgentCancelledError,
    ContextClosedError,
    EngineTimeoutError,
)
from ssot_migrate.runtime.metrics import Metric
from ssot_migrate.runtime.shielding import end_tasks, surrounding_tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from ssot_migrate.runtime.agent_factory import AgentInstanceFactory
    from ssot_migrate.runtime.context import UserExecutionContext
    from ssot_migrate.runtime.metrics import RuntimeMetrics

_log = logging.getLogger(__name__)


class UserExecutionEngine:
    """Runs agents for one context, each in a task that ends with the engine or the context.

    Agents that have ended are closed with the engine, for what they returned may need them.

    Args:
        context: Whom the agents work for.
        agent_factory: What made the context, and makes the agents.
        timeout: Seconds that an agent may take, unless told otherwise.
        announce: Whether the user is told when an agent starts and how it ends. Agents that tell it
            themselves need an engine that does not.
        metrics: Where everything is counted; where the agent factory counts if left out.
        on_close: Told once that the engine was closed.

    Raises:
        TypeError: `context` is no context.
    """

    __slots__ = (
        "__weakref__",
        "_agent_factory",
        "_announces",
        "_counts",
        "_ended",
        "_finished",
        "_metrics",
        "_on_close",
        "_opened_at",
        "_running",
        "_used_at",
        "context",
        "engine_id",
        "timeout",
    )

    def __init__(
        self,
        context: UserExecutionContext,
        agent_factory: AgentInstanceFactory,
        *,
        timeout: float = 300.0,
        announce: bool = True,
        metrics: RuntimeMetrics | None = None,
        on_close: Callable[[UserExecutionEngine], None] | None = None,
    ) -> None:
        self.context = validate_user_context(context)
        self.engine_id = str(uuid4())
        self.timeout = timeout
        self._agent_factory = agent_factory
        self._announces = announce
        self._metrics = agent_factory.metrics if metrics is None else metrics
        self._on_close = on_close
        self._ended: asyncio.Future[None] | None = None
        self._finished: list[Any] = []
        self._opened_at = self._used_at = time.monotonic()
        self._running: set[asyncio.Task[Any]] = set()
        self._counts = dict.fromkeys(("executions", "failures", "timeouts"), 0)

    @property
    def is_active(self) -> bool:
        """Whether it was not closed yet."""
        return self._ended is None

    @property
    def running(self) -> frozenset[asyncio.Task[Any]]:
        """The agents at work."""
        return frozenset(self._running)

    @property
    def idle_seconds(self) -> float:
        """Seconds since an agent was at work or an event sent, 0.0 while one is."""
        used_at = max(self._used_at, self.context.websocket_emitter.used_at)
        return 0.0 if self._running else time.monotonic() - used_at

    async def execute(
        self, agent_name: str, /, *args: Any, timeout: float | None = None, **kwargs: Any
    ) -> Any:
        """Make an agent, and give back what its `execute` returns for the other arguments.

        What `execute` raises comes out unchanged. The user is told how the agent ended, and clients
        that are behind are not waited for.

        Args:
            agent_name: What the agent's class is registered as.
            args: For the agent.
            timeout: Seconds that the agent may take; the engine's timeout where it is left out.
            kwargs: For the agent.

        Raises:
            ContextClosedError: The engine or the context was closed, before or meanwhile.
            EngineTimeoutError: The agent did not end in time; it was cancelled.
            AgentCancelledError: The agent ended cancelled, though nobody cancelled this call.
            RuntimeFault: As of `AgentInstanceFactory.create_agent_instance`.
        """
        self._check_open()
        agent, parts = self._agent_factory.create_with_parts(agent_name, self.context)
        emitter = self.context.websocket_emitter if self._announces else None
        self._counts["executions"] += 1
        started = time.perf_counter()
        try:
            if emitter is not None:  # whoever hears of a start hears of an end
                await emitter.notify_agent_started(agent_name)
                self._check_open()
            started = time.perf_counter()
            limit = self.timeout if timeout is None else timeout
            work = self._executed(agent, parts, args, kwargs)
            result = await self._run(agent_name, work, limit)
        except (Exception, asyncio.CancelledError) as error:
            self._counts["failures"] += 1
            if emitter is not None:
                await _told(emitter.notify_agent_error(agent_name, error, wait=False))
            raise
        finally:
            self._metrics.observe(Metric.RESPONSE_SECONDS, time.perf_counter() - started)
        if emitter is not None:
            milliseconds = (time.perf_counter() - started) * 1000
            await _told(
                emitter.notify_agent_completed(agent_name, result, milliseconds, wait=False)
            )
        return result

    async def close(self) -> None:
        """Cancel the agents at work, wait for their end, and close all that have ended.

        Again does nothing, but to wait while somebody else does this. An agent that closes its own
        engine, also by a task that it began, is neither cancelled nor waited for.

        Raises:
            asyncio.CancelledError: The caller was cancelled meanwhile.
            TimeoutError: An agent goes on, longer than the clean-up timeout of the agent factory.
        """
        if self._ended is not None:
            if self._running.isdisjoint(surrounding_tasks()):
                await asyncio.wait((self._ended,))
            return
        self._ended = asyncio.get_running_loop().create_future()
        others = self._running - surrounding_tasks()
        try:
            await end_tasks(others, timeout=self._agent_factory.limits.cleanup_timeout)
        finally:
            try:
                await self._agent_factory.close_early(self.context, self._finished)
            finally:
                self._agent_factory.drop(self.context, self)
                on_close, self._on_close = self._on_close, None
                if on_close is not None:
                    on_close(self)
                self._ended.set_result(None)

    def get_status(self) -> dict[str, Any]:
        """Whom it works for, for how long, and how often with what end."""
        return {
            "engine_id": self.engine_id,
            "user_id": self.context.user_id,
            "thread_id": self.context.thread_id,
            "run_id": self.context.run_id,
            "is_active": self.is_active,
            "running": len(self._running),
            "age_seconds": time.monotonic() - self._opened_at,
            "idle_seconds": self.idle_seconds,
            **self._counts,
        }

    async def _run(self, agent_name: str, work: Coroutine[Any, Any, Any], limit: float) -> Any:
        task = self._agent_factory.create_task(self.context, work, name=f"agent {agent_name}")
        self._running.add(task)
        try:
            await asyncio.wait((task,), timeout=limit)
            if not task.done():
                self._counts["timeouts"] += 1
                self._metrics.count(Metric.ENGINE_TIMEOUTS)
                raise EngineTimeoutError(f"agent {agent_name!r} took longer than {limit:g} s")
            if task.cancelled():
                if self.is_active and self._agent_factory.is_live(self.context):
                    raise AgentCancelledError(f"agent {agent_name!r} ended cancelled")
                raise ContextClosedError(f"agent {agent_name!r} was cancelled: its context ended")
            return task.result()
        finally:
            await self._end(task)
            del task  # its exception leads back to this frame

    async def _end(self, task: asyncio.Task[Any]) -> None:
        try:
            if not task.done():
                await end_tasks((task,), timeout=self._agent_factory.limits.cleanup_timeout)
        except TimeoutError:
            _log.error("an agent of request %s ignores its end", self.context.request_id)
        finally:
            self._running.discard(task)
            self._used_at = time.monotonic()

    async def _executed(
        self,
        agent: Any,
        parts: tuple[Any, ...],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
    ) -> Any:
        try:
            result = agent.execute(*args, **kwargs)
            return await result if isawaitable(result) else result
        finally:
            self._finished += parts

    def _check_open(self) -> None:
        if self._ended is not None:
            raise ContextClosedError("the engine was closed")


async def _told(message: Coroutine[Any, Any, bool]) -> None:
    """Tell the user, which waits for nothing; that it failed must not hide how the agent ended."""
    try:
        await message
    except Exception as problem:
        _log.warning("the end of an agent was not told: %s", type(problem).__qualname__)
