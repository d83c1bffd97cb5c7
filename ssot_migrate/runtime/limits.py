"""How much one user may have at a time, and how long things may take."""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from ssot_migrate.runtime.errors import ConfigurationError, UserLimitError
from ssot_migrate.runtime.event_loops import check_loop
from ssot_migrate.runtime.metrics import Metric, RuntimeMetrics

if TYPE_CHECKING:
    from collections.abc import Collection


@dataclass(frozen=True, slots=True)
class FactoryLimits:
    """The limits of contexts.

    Args:
        max_concurrent_per_user: How many contexts a user may have open at a time.
        acquire_timeout: Seconds that a context waits for the user's other contexts to end.
        cleanup_timeout: Seconds that each step of a clean-up may take before it is given up.
        flush_timeout: Seconds that events have to reach the client once their context ends.
        max_context_age: Seconds without use after which a context counts as inactive, for
            `cleanup_inactive_contexts`, which the application calls.
        max_waiting_per_user: How many contexts of a user may wait for others of this user to end;
            more are refused at once.

    Raises:
        ConfigurationError: A value is no such number.
    """

    max_concurrent_per_user: int = 5
    acquire_timeout: float = 30.0
    cleanup_timeout: float = 5.0
    flush_timeout: float = 5.0
    max_context_age: float = 300.0
    max_waiting_per_user: int = 100

    def __post_init__(self) -> None:
        zero = ("acquire_timeout", "flush_timeout", "max_context_age", "max_waiting_per_user")
        _check_limits(self, may_be_zero=zero)


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """The limits of execution engines.

    Args:
        max_engines_per_user: How many engines a user may have open at a time. The next one is
            refused at once, for who has one and waits for another would wait for themselves; so it
            is as many as contexts, which wait in line, and each of these may have one.
        engine_timeout: Seconds that an agent may run unless told otherwise, and seconds after which
            an engine that runs nothing is closed.
        cleanup_interval: Seconds between two looks for such engines.

    Raises:
        ConfigurationError: A value is no such number.
    """

    max_engines_per_user: int = 5
    engine_timeout: float = 300.0
    cleanup_interval: float = 60.0

    def __post_init__(self) -> None:
        _check_limits(self)


class UserSlots:
    """A number of slots for each user, given out in the order in which they were asked for.

    It belongs to one event loop for as long as a slot is held. Nothing is kept of a user who
    neither holds a slot nor waits for one.

    Args:
        limit: Slots of each user.
        metrics: Where refusals are counted, and who waits.
        max_waiting: How many of each user may wait.
    """

    __slots__ = ("_held", "_loop", "_max_waiting", "_metrics", "_waiting", "limit")

    def __init__(
        self,
        limit: int,
        metrics: RuntimeMetrics | None = None,
        *,
        max_waiting: float = math.inf,
    ) -> None:
        self.limit = limit
        self._max_waiting = max_waiting
        self._loop: asyncio.AbstractEventLoop | None = None
        self._metrics = RuntimeMetrics() if metrics is None else metrics
        self._held: dict[str, int] = {}
        self._waiting: dict[str, OrderedDict[asyncio.Future[None], None]] = {}

    def __len__(self) -> int:
        """How many users hold a slot."""
        return len(self._held)

    def held_by(self, user_id: str) -> int:
        """How many slots the user holds."""
        return self._held.get(user_id, 0)

    @property
    def waiting(self) -> int:
        """How many wait for a slot."""
        return sum(map(len, self._waiting.values()))

    def acquire_nowait(self, user_id: str) -> None:
        """Take a slot that is free now.

        Raises:
            UserLimitError: There is none.
        """
        held = self.held_by(user_id)
        if held >= self.limit:  # as it is while anybody waits
            self._metrics.count(Metric.USER_LIMIT_REJECTIONS)
            raise UserLimitError(user_id, self.limit)
        self._held[user_id] = held + 1

    async def acquire(self, user_id: str, timeout: float | None) -> None:
        """Take a slot, and wait for it `timeout` seconds if need be, or as long as it takes.

        Raises:
            UserLimitError: No slot became free in time, or too many wait already.
            WrongLoopError: Slots are held in another event loop.
        """
        loop = self._home_loop()
        is_patient = timeout is None or timeout > 0
        has_room = len(self._waiting.get(user_id, ())) < self._max_waiting
        if self.held_by(user_id) < self.limit or not (is_patient and has_room):
            return self.acquire_nowait(user_id)
        turn = loop.create_future()
        self._waiting.setdefault(user_id, OrderedDict())[turn] = None
        self._metrics.gauge(Metric.WAITING_REQUESTS, 1)
        try:
            await asyncio.wait((turn,), timeout=timeout)
        except BaseException:
            if turn.done():
                self.release(user_id)
            else:
                self._leave(user_id, turn)
            raise
        if not turn.done():
            self._leave(user_id, turn)
            self._metrics.count(Metric.USER_LIMIT_REJECTIONS)
            raise UserLimitError(user_id, self.limit)
        return None

    def release(self, user_id: str) -> None:
        """Give a slot back; whoever has waited longest gets it at once.

        Raises:
            ValueError: The user holds none.
        """
        if user_id not in self._held:
            raise ValueError("a slot was released that nobody holds")
        if user_id in self._waiting:
            turn = next(iter(self._waiting[user_id]))
            self._leave(user_id, turn)
            turn.set_result(None)
        elif self._held[user_id] > 1:
            self._held[user_id] -= 1
        else:
            del self._held[user_id]

    def _home_loop(self) -> asyncio.AbstractEventLoop:
        """The running loop, which has to be the one in which the slots are held that others hold.

        A loop that was closed took its contexts along, and whoever waited.
        """
        if not self._held or self._loop is None or self._loop.is_closed():
            self._loop = asyncio.get_running_loop()
        check_loop(self._loop, "what users have open")
        return self._loop

    def _leave(self, user_id: str, turn: asyncio.Future[None]) -> None:
        self._metrics.gauge(Metric.WAITING_REQUESTS, -1)
        waiting = self._waiting[user_id]
        del waiting[turn]
        if not waiting:
            del self._waiting[user_id]


def _check_limits(limits: Any, may_be_zero: Collection[str] = ()) -> None:
    for one in fields(limits):
        value = getattr(limits, one.name)
        kinds = (int,) if isinstance(one.default, int) else (int, float)
        fits = isinstance(value, kinds) and not isinstance(value, bool) and math.isfinite(value)
        if not fits or value < 0 or (value == 0 and one.name not in may_be_zero):
            wanted = "a whole number" if kinds == (int,) else "a number of seconds"
            bound = "0 or more" if one.name in may_be_zero else "more than 0"
            raise ConfigurationError(f"{one.name} must be {wanted}, {bound}, not {value!r}")
