"""What an agent tells the user of its run, and nobody else."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ssot_migrate.runtime.errors import IsolationError, StaleEmitterError
from ssot_migrate.runtime.events import Delivery, Event, EventType
from ssot_migrate.runtime.metrics import Metric

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssot_migrate.runtime.bridge import AgentWebSocketBridge

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EmitterStatus:
    """An emitter at one moment.

    Args:
        user_id: Whose events it sends.
        thread_id: The conversation.
        run_id: The run.
        is_active: Whether it was neither closed nor given back.
        has_bridge: Whether its events can get anywhere.
        events_emitted: How many it was asked to send.
        last_delivery: What became of the last one.
    """

    user_id: str
    thread_id: str
    run_id: str
    is_active: bool
    has_bridge: bool
    events_emitted: int
    last_delivery: Delivery | None


class EmitterState:
    """What an emitter works with: lent to one emitter at a time, and cleared in between.

    The generation tells an emitter whether the state is still lent to it.
    """

    __slots__ = ("bridge", "emitted", "generation", "last_delivery", "sending", "used_at")

    def __init__(self) -> None:
        self.generation = 0
        self.clear()

    def clear(self) -> None:
        """Forget everything, and turn away the emitter it was lent to."""
        self.generation += 1
        self.bridge: AgentWebSocketBridge | None = None
        self.last_delivery: Delivery | None = None
        self.emitted = self.sending = 0
        self.used_at = 0.0


class UserWebSocketEmitter:
    """Sends the events of one run to the clients of its user.

    Every `notify_` method returns whether all of the user's clients for the thread, and at least
    one, have accepted the event: it is in their outboxes, and sent unless they go away. They are
    given it before the method waits for anything, so the order of calls is the order of events,
    and the event of who is cancelled in a call was accepted. What a method then waits for are
    clients that are behind.

    It belongs to the event loop of its run, and to its thread.

    Args:
        user_id: Whose events these are.
        thread_id: The conversation.
        run_id: The run.
        websocket_bridge: The way to the clients; without one, every event goes nowhere.
        state: Something to work with that a pool lends.
    """

    __slots__ = ("__weakref__", "_generation", "_run_id", "_state", "_thread_id", "_user_id")

    def __init__(
        self,
        user_id: str,
        thread_id: str,
        run_id: str,
        websocket_bridge: AgentWebSocketBridge | None,
        *,
        state: EmitterState | None = None,
    ) -> None:
        self._user_id = user_id
        self._thread_id = thread_id
        self._run_id = run_id
        self._state = state or EmitterState()
        self._state.bridge = websocket_bridge
        self._generation = self._state.generation

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of run {self._run_id!r}>"

    @property
    def user_id(self) -> str:
        """Whose events it sends."""
        return self._user_id

    @property
    def thread_id(self) -> str:
        """The conversation."""
        return self._thread_id

    @property
    def run_id(self) -> str:
        """The run."""
        return self._run_id

    def check_bound_to(self, user_id: str, thread_id: str, run_id: str) -> None:
        """Make sure that these are the user, thread and run it was made for.

        Raises:
            IsolationError: They are not. Where it is another user, the bridge counts it.
        """
        if (user_id, thread_id, run_id) == (self._user_id, self._thread_id, self._run_id):
            return
        if user_id != self._user_id and self._state.bridge is not None:
            self._state.bridge.metrics.count(Metric.CROSS_USER_CONTAMINATION_EVENTS)
        raise IsolationError(
            f"the emitter given to run {run_id!r} was made for another user, thread or run"
        )

    @property
    def is_active(self) -> bool:
        """Whether it was neither closed nor given back to its pool."""
        return self._state.generation == self._generation

    @property
    def last_delivery(self) -> Delivery | None:
        """What became of the last event; None before the first, and after the end."""
        return self._state.last_delivery if self.is_active else None

    @property
    def used_at(self) -> float:
        """When it last sent anything, by `time.monotonic`; 0.0 before, and after the end."""
        if not self.is_active:
            return 0.0
        return time.monotonic() if self._state.sending else self._state.used_at

    def get_emitter_status(self) -> EmitterStatus:
        """The emitter at this moment; of one that was closed only the ids are left."""
        state = self._state if self.is_active else EmitterState()
        return EmitterStatus(
            user_id=self._user_id,
            thread_id=self._thread_id,
            run_id=self._run_id,
            is_active=self.is_active,
            has_bridge=state.bridge is not None,
            events_emitted=state.emitted,
            last_delivery=state.last_delivery,
        )

    async def notify_agent_started(
        self, agent_name: str, context: Mapping[str, object] | None = None
    ) -> bool:
        """Tell that an agent begins.

        Raises:
            StaleEmitterError: The emitter was closed.
        """
        return await self._emit(EventType.AGENT_STARTED, agent_name=agent_name, context=context)

    async def notify_agent_thinking(
        self,
        agent_name: str,
        reasoning: str,
        step_number: int | None = None,
        progress_percentage: float | None = None,
    ) -> bool:
        """Tell what an agent thinks. A client that is behind may be told only the last thought.

        Raises:
            StaleEmitterError: The emitter was closed.
        """
        return await self._emit(
            EventType.AGENT_THINKING,
            agent_name=agent_name,
            reasoning=reasoning,
            step_number=step_number,
            progress_percentage=progress_percentage,
        )

    async def notify_tool_executing(
        self, tool_name: str, parameters: Mapping[str, object] | None = None
    ) -> bool:
        """Tell that a tool begins.

        Raises:
            StaleEmitterError: The emitter was closed.
        """
        return await self._emit(
            EventType.TOOL_EXECUTING, tool_name=tool_name, parameters=parameters
        )

    async def notify_tool_completed(
        self,
        tool_name: str,
        result: object = None,
        execution_time_ms: float | None = None,
        *,
        error: str | None = None,
    ) -> bool:
        """Tell what a tool returned, or that it failed, and after how many milliseconds.

        Args:
            tool_name: The tool.
            result: What it returned.
            execution_time_ms: Milliseconds it took.
            error: The name of the error where it failed; None where it did not.

        Raises:
            StaleEmitterError: The emitter was closed.
        """
        return await self._emit(
            EventType.TOOL_COMPLETED,
            tool_name=tool_name,
            result=result,
            error=error,
            execution_time_ms=execution_time_ms,
        )

    async def notify_agent_completed(
        self,
        agent_name: str,
        result: object = None,
        execution_time_ms: float | None = None,
        *,
        wait: bool = True,
    ) -> bool:
        """Tell what an agent returned, and after how many milliseconds.

        Args:
            agent_name: The agent.
            result: What it returned.
            execution_time_ms: Milliseconds it took.
            wait: Whether to wait for clients that are behind.

        Raises:
            StaleEmitterError: The emitter was closed.
        """
        return await self._emit(
            EventType.AGENT_COMPLETED,
            wait=wait,
            agent_name=agent_name,
            result=result,
            execution_time_ms=execution_time_ms,
        )

    async def notify_agent_error(
        self,
        agent_name: str,
        error: str | BaseException,
        error_context: Mapping[str, object] | None = None,
        *,
        wait: bool = True,
    ) -> bool:
        """Tell that an agent failed.

        Args:
            agent_name: The agent.
            error: Of an exception its class and text are told, and never its traceback; of one
                without a text, such as a cancellation, its class.
            error_context: What else is known.
            wait: Whether to wait for clients that are behind.

        Raises:
            StaleEmitterError: The emitter was closed.
        """
        is_text = isinstance(error, str)
        return await self._emit(
            EventType.AGENT_ERROR,
            wait=wait,
            agent_name=agent_name,
            error=error if is_text else _text_of(error),
            error_type=None if is_text else type(error).__name__,
            error_context=error_context,
        )

    @property
    def has_unsent(self) -> bool:
        """Whether a client of the user was not sent everything yet."""
        bridge = self._state.bridge if self.is_active else None
        return bridge is not None and bridge.has_unsent(self._run_id)

    async def flush(self, timeout: float) -> bool:
        """Wait, for at most `timeout` seconds, until the clients were sent everything so far.

        Returns:
            Whether they were; False as well without a bridge.

        Raises:
            StaleEmitterError: The emitter was closed.
            WrongLoopError: The run belongs to another event loop.
        """
        bridge = self._lent().bridge
        return bridge is not None and await bridge.flush_run(self._run_id, timeout)

    async def close(self) -> None:
        """Send nothing any more; again does nothing."""
        if self.is_active:
            self._state.clear()

    async def _emit(self, kind: EventType, *, wait: bool = True, **details: object) -> bool:
        """Send an event with the details that are not None."""
        state = self._lent()
        state.emitted += 1
        state.used_at = time.monotonic()
        if state.bridge is None:
            if state.emitted == 1:
                _log.warning("the events of run %s go nowhere: there is no bridge", self._run_id)
            state.last_delivery = Delivery.NO_BRIDGE
            return False
        data = {name: value for name, value in details.items() if value is not None}
        event = Event.now(kind, self._user_id, self._thread_id, self._run_id, data)
        state.sending += 1
        try:
            delivery = await state.bridge.send(event, wait=wait)
        finally:
            if self.is_active:  # it may have ended while a client was waited for
                state.sending -= 1
                state.used_at = time.monotonic()
        if self.is_active:
            state.last_delivery = delivery
        return delivery in (Delivery.ACCEPTED, Delivery.COALESCED)

    def _lent(self) -> EmitterState:
        if not self.is_active:
            raise StaleEmitterError(f"the emitter of run {self._run_id!r} was closed")
        return self._state


def _text_of(error: object) -> str:
    try:
        return str(error) or type(error).__name__
    except Exception:
        return type(error).__name__
