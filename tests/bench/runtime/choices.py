"""What pooling, caching and sampling save of processor time: on and off in turn, and medians."""

from __future__ import annotations

import gc
import statistics
import time
from typing import NamedTuple

from ssot_migrate.runtime.performance import FactoryPerformanceConfig

from .application import Application, names

_PLAIN = FactoryPerformanceConfig(
    enable_emitter_pooling=False, enable_class_caching=True, metrics_sample_rate=0.1
)
_POOLED = FactoryPerformanceConfig(
    enable_emitter_pooling=True, enable_class_caching=True, metrics_sample_rate=0.1
)
_UNCACHED = FactoryPerformanceConfig(
    enable_emitter_pooling=False, enable_class_caching=False, metrics_sample_rate=0.1
)
_OBSERVED = FactoryPerformanceConfig(
    enable_emitter_pooling=False, enable_class_caching=True, metrics_sample_rate=1.0
)
_CHOICES = {
    "pooling emitters": (_POOLED, _PLAIN),
    "caching signatures": (_PLAIN, _UNCACHED),
    "sampling a tenth": (_PLAIN, _OBSERVED),
}
# What is less than this is noise, and not worth an option that is on.
_WORTH = 0.03


class Row(NamedTuple):
    """Microseconds of processor time for a whole request, with a choice and without; medians."""

    choice: str
    on: float
    off: float
    rounds: int

    @property
    def saved(self) -> float:
        """The share of a request that the choice saves."""
        return 1 - self.on / self.off

    @property
    def conclusion(self) -> str:
        """The default that the figures speak for."""
        if self.saved >= _WORTH:
            return "on"
        return "off" if self.saved <= -_WORTH else "makes no difference: off is simpler"


async def choices(rounds: int, requests: int) -> list[Row]:
    """Measure every choice, on and off alternately.

    Args:
        rounds: How often each side has its turn.
        requests: Contexts with an agent and an event, in a turn.
    """
    rows = []
    for choice, sides in _CHOICES.items():
        taken: tuple[list[float], list[float]] = ([], [])
        for turn in range(rounds + 1):
            for seconds, performance in zip(taken, sides, strict=True):
                elapsed = await _requests(performance, requests)
                if turn:
                    seconds.append(elapsed / requests * 1e6)
        on, off = map(statistics.median, taken)
        rows.append(Row(choice, on, off, rounds))
    return rows


async def _requests(performance: FactoryPerformanceConfig, count: int) -> float:
    async with Application(performance=performance) as application:
        application.connect(1)
        factory = application.factory
        gc.collect()
        started = time.process_time()
        for run in range(count):
            async with factory.user_execution_scope(*names(0, run)) as context:
                agent = await factory.create_agent_instance("sleeper", context)
                await agent.emitter.notify_agent_thinking("sleeper", "works")
        return time.process_time() - started
