"""The contexts that are open: how they begin, and how they end whatever happens."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import replace
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, TypeVar

from ssot_migrate.runtime.context import UserExecutionContext, validate_user_context
from ssot_migrate.runtime.errors import (
    ContextClosedError,
    InvalidContextError,
    IsolationError,
    NotConfiguredError,
)
from ssot_migrate.runtime.limits import UserSlots
from ssot_migrate.runtime.metrics import Metric
from ssot_migrate.runtime.shielding import begin_task, surrounding_tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Mapping

    from ssot_migrate.runtime.bridge_factory import WebSocketBridgeFactory
    from ssot_migrate.runtime.leases import Lease
    from ssot_migrate.runtime.limits import FactoryLimits
    from ssot_migrate.runtime.metrics import RuntimeMetrics

T = TypeVar("T")

_log = logging.getLogger(__name__)


class LiveContexts:
    """Opens contexts and ends them; a run has one at a time.

    Args:
        limits: What one user may have, and how long things may take.
        metrics: Where everything is counted.
    """

    __slots__ = (
        "_leases",
        "_limits",
        "_metrics",
        "_sessions",
        "cleaned",
        "cleanup_errors",
        "creation_errors",
        "is_accepting",
        "lifetimes_seconds",
        "opened",
        "slots",
    )

    def __init__(self, limits: FactoryLimits, metrics: RuntimeMetrics) -> None:
        self._limits = limits
        self._metrics = metrics
        self._leases: dict[str, Lease] = {}
        self._sessions: dict[int, str] = {}
        self.slots = UserSlots(
            limits.max_concurrent_per_user, metrics, max_waiting=limits.max_waiting_per_user
        )
        self.is_accepting = False
        self.opened = self.cleaned = self.creation_errors = self.cleanup_errors = 0
        self.lifetimes_seconds = 0.0

    def __len__(self) -> int:
        """How many contexts are open, or about to be."""
        return len(self._leases)

    def __iter__(self) -> Iterator[tuple[UserExecutionContext, Lease]]:
        """The contexts that were given out, and what they hold."""
        leases = tuple(self._leases.values())
        return ((lease.context, lease) for lease in leases if lease.context is not None)

    def counts(self) -> dict[str, Any]:
        """How many there are and were, and how long they lived."""
        lifetime = self.lifetimes_seconds / self.cleaned if self.cleaned else 0.0
        return {
            "active_contexts": sum(1 for _ in self),
            "total_contexts_created": self.opened,
            "total_contexts_cleaned": self.cleaned,
            "creation_errors": self.creation_errors,
            "cleanup_errors": self.cleanup_errors,
            "average_context_lifetime_seconds": lifetime,
            "users_with_slots": len(self.slots),
            "waiting_requests": self.slots.waiting,
        }

    def summary(self) -> dict[str, dict[str, Any]]:
        """The open contexts by their request ids."""
        return {
            context.request_id: {
                "user_id": context.user_id,
                "thread_id": context.thread_id,
                "run_id": context.run_id,
                "age_seconds": lease.age_seconds,
                "has_websocket_emitter": lease.emitter is not None,
                "agents": lease.agents_created,
                "has_db_session": lease.session is not None,
            }
            for context, lease in self
        }

    def lease_of(self, context: UserExecutionContext) -> Lease:
        """What `context`, or the context it is a child of, holds.

        Raises:
            ContextClosedError: It has ended, or was not opened here.
            NotConfiguredError: None was ever opened here, and none could be.
            IsolationError: It was given the session of another context.
            TypeError: It is no context.
        """
        lease = self._leases.get(validate_user_context(context).run_id)
        if not (self.is_accepting or self.opened):
            raise NotConfiguredError
        if lease is None or not lease.is_open or not lease.covers(context):
            raise ContextClosedError(
                f"the context of run {context.run_id!r} has ended, or was not made by this factory"
            )
        if context.db_session is not lease.session:
            self._check_free(context.user_id, context.db_session)
        return lease

    def begin_task(
        self, context: UserExecutionContext, work: Coroutine[Any, Any, T], name: str | None
    ) -> asyncio.Task[T]:
        """Begin a task that ends with the context.

        Raises:
            ContextClosedError: As of `lease_of`, and so for its other errors.
        """
        try:
            lease = self.lease_of(context)
        except BaseException:
            work.close()
            raise
        task = begin_task(work, name=name)
        lease.own(task)
        return task

    async def begin(
        self,
        lease: Lease,
        session: Any,
        session_factory: Callable[[], Any] | None,
        metadata: Mapping[str, Any],
    ) -> UserExecutionContext:
        """Fill `lease` with all that the context is to hold; where that fails, undo what was done.

        Args:
            lease: Says whom the context is for.
            session: The session to hold.
            session_factory: What opens a session where there is none.
            metadata: What else is known of the request.

        Raises:
            NotConfiguredError: No contexts are opened any more.
            InvalidContextError: An id or the metadata is not valid, or the run has a context.
            UserLimitError: The user's other contexts did not end in time.
            IsolationError: The session is that of another context.
        """
        started = time.perf_counter()
        try:
            context = await self._fill(lease, session, session_factory, metadata)
        except BaseException as error:
            if isinstance(error, Exception):
                self.creation_errors += 1
                self._metrics.count(Metric.CREATION_ERRORS)
            await self.close(lease)
            raise
        lease.context = context
        self.opened += 1
        self._metrics.count(Metric.CONTEXTS_CREATED)
        self._metrics.gauge(Metric.ACTIVE_CONTEXTS, 1)
        self._metrics.observe(Metric.CONTEXT_CREATION_SECONDS, time.perf_counter() - started)
        return context

    async def close_context(self, context: UserExecutionContext) -> None:
        """Close what was opened for `context`, unless it is closed, or `context` is a child.

        Raises:
            asyncio.CancelledError: As of `close`.
        """
        lease = self._leases.get(context.run_id)
        if lease is not None and lease.request_id == context.request_id and lease.covers(context):
            await self.close(lease)

    async def close(self, lease: Lease) -> None:
        """Give back what `lease` holds, or wait while somebody else does.

        A task of the context that calls this, also by a task that it began, is neither cancelled
        nor waited for; nor does it wait for somebody else, who may be waiting for it.

        Raises:
            asyncio.CancelledError: The caller was cancelled meanwhile; all was given back, or will
                be by whoever began it.
        """
        if lease.is_ending:
            if lease.tasks.isdisjoint(surrounding_tasks()):
                await asyncio.wait((lease.ended,))
            return
        started = time.perf_counter()
        lease.is_ending = True
        was_given_out = lease.context is not None
        try:
            await lease.close(self._limits)
        finally:
            self._forget(lease)
            if was_given_out:
                self.cleaned += 1
                self.lifetimes_seconds += lease.age_seconds
                self._metrics.count(Metric.CONTEXTS_CLEANED)
                self._metrics.gauge(Metric.ACTIVE_CONTEXTS, -1)
                seconds = time.perf_counter() - started
                self._metrics.observe(Metric.CONTEXT_CLEANUP_SECONDS, seconds)
            lease.ended.set_result(None)

    async def close_idle(self, seconds: float) -> int:
        """Close the contexts that nobody has used for so long, and say how many there were."""
        idle = [lease for _, lease in self if lease.is_open and lease.is_idle(seconds)]
        await self._close_each(idle)
        return len(idle)

    async def close_all(self) -> None:
        """Close the contexts that were given out, and wait for those that are being opened.

        These fail once `is_accepting` is false, and close what they have opened. One whose session
        takes longer to open than a step of a clean-up may is left alone.
        """
        await self._close_each([lease for _, lease in self])
        opening = [one.ended for one in self._leases.values() if one.context is None]
        if opening:
            _, late = await asyncio.wait(opening, timeout=self._limits.cleanup_timeout)
            if late:
                _log.error("shut down while %d contexts were being opened", len(late))

    async def _close_each(self, leases: list[Lease]) -> None:
        # With their exceptions, of which there are none, so that a cancellation waits for all.
        await asyncio.gather(*map(self.close, leases), return_exceptions=True)

    async def _fill(
        self,
        lease: Lease,
        session: Any,
        session_factory: Callable[[], Any] | None,
        metadata: Mapping[str, Any],
    ) -> UserExecutionContext:
        if session is not None:
            self._take_session(lease, session)
        bare = UserExecutionContext(
            lease.user_id,
            lease.thread_id,
            lease.run_id,
            request_id=lease.request_id,
            metadata=metadata,
        )
        emitters = self._check_accepting(lease)
        if lease.run_id in self._leases:
            raise InvalidContextError(
                f"run {lease.run_id!r} has a context; its parts are child contexts of that"
            )
        self._leases[lease.run_id] = lease
        await self.slots.acquire(lease.user_id, self._limits.acquire_timeout)
        lease.holds_slot = True
        self._check_accepting(lease)  # it may have waited for its turn
        if session is None and session_factory is not None:
            session = session_factory()
            if isawaitable(session):
                session = await session
            self._take_session(lease, session)
        lease.emitter = await emitters.create_user_emitter(
            lease.user_id, lease.thread_id, lease.run_id
        )
        self._check_accepting(lease)
        return replace(bare, db_session=session, websocket_emitter=lease.emitter)

    def _check_accepting(self, lease: Lease) -> WebSocketBridgeFactory:
        if lease.emitters is None or not self.is_accepting:
            raise NotConfiguredError
        return lease.emitters

    def _take_session(self, lease: Lease, session: Any) -> None:
        self._check_free(lease.user_id, session)
        self._sessions[id(session)] = lease.user_id
        lease.session = session

    def _check_free(self, user_id: str, session: Any) -> None:
        """Make sure that no open context holds a session that a user is given."""
        if (holder := self._sessions.get(id(session))) is None:
            return
        if holder != user_id:
            self._metrics.count(Metric.CROSS_USER_CONTAMINATION_EVENTS)
        raise IsolationError("the database session is in use by another context")

    def _forget(self, lease: Lease) -> None:
        if lease.holds_slot:
            lease.holds_slot = False
            self.slots.release(lease.user_id)
        if self._leases.get(lease.run_id) is lease:
            del self._leases[lease.run_id]
        self._sessions.pop(id(lease.session), None)
        lease.clear()
        self.cleanup_errors += lease.errors
        self._metrics.count(Metric.CONTEXT_CLEANUP_ERRORS, lease.errors)
