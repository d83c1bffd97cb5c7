"""What happens, counted in this process: no dependency, no labels, bounded memory.

There are no ids of users among the names: they would make the number of time series grow with the
number of users, and show one user's activity to whoever reads another's.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from enum import Enum
from itertools import accumulate
from threading import Lock
from time import monotonic
from types import MappingProxyType
from typing import TYPE_CHECKING

from ssot_migrate.runtime.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

BUCKETS = (
    *(0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05),
    *(0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0),
)
"""Upper bounds of a histogram's buckets in seconds; one more bucket takes what is longer."""


class MetricKind(Enum):
    """How a metric moves."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Metric(str, Enum):
    """Everything that is measured: name, kind, and what it means."""

    kind: MetricKind
    description: str

    def __new__(cls, name: str, kind: MetricKind, description: str) -> Metric:
        """Make the member whose value is `name`."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.kind = kind
        member.description = description
        return member

    ACTIVE_CONTEXTS = "active_contexts", MetricKind.GAUGE, "Contexts that are open."
    CONTEXTS_CREATED = "contexts_created", MetricKind.COUNTER, "Contexts that were opened."
    CONTEXTS_CLEANED = "contexts_cleaned", MetricKind.COUNTER, "Contexts that were cleaned up."
    CONTEXT_CREATION_SECONDS = (
        "context_creation_seconds",
        MetricKind.HISTOGRAM,
        "Time to open a context.",
    )
    CONTEXT_CLEANUP_SECONDS = (
        "context_cleanup_seconds",
        MetricKind.HISTOGRAM,
        "Time to clean up a context.",
    )
    CONTEXT_CLEANUP_ERRORS = (
        "context_cleanup_errors",
        MetricKind.COUNTER,
        "Steps of a clean-up that failed.",
    )
    AGENTS_CREATED = "agents_created", MetricKind.COUNTER, "Agents that were made."
    AGENT_CREATION_SECONDS = (
        "agent_creation_seconds",
        MetricKind.HISTOGRAM,
        "Time to make an agent.",
    )
    CREATION_ERRORS = (
        "creation_errors",
        MetricKind.COUNTER,
        "Contexts, agents and engines that could not be made.",
    )
    WEBSOCKET_EVENTS_ACCEPTED = (
        "websocket_events_accepted",
        MetricKind.COUNTER,
        "Events accepted for a connection of the user they belong to, once for each.",
    )
    WEBSOCKET_EVENTS_SENT = (
        "websocket_events_sent",
        MetricKind.COUNTER,
        "Events handed over to the socket of a connection that had accepted them.",
    )
    WEBSOCKET_EVENTS_COALESCED = (
        "websocket_events_coalesced",
        MetricKind.COUNTER,
        "Events replaced by a newer one before a slow client took them.",
    )
    WEBSOCKET_EVENTS_LOST = (
        "websocket_events_lost",
        MetricKind.COUNTER,
        "Events lost with the connection they were accepted for.",
    )
    WEBSOCKET_EVENTS_WITHOUT_CLIENT = (
        "websocket_events_without_client",
        MetricKind.COUNTER,
        "Events dropped because no client of their user took them.",
    )
    WEBSOCKET_EVENTS_UNROUTED = (
        "websocket_events_unrouted",
        MetricKind.COUNTER,
        "Events of a run that is mapped to no thread.",
    )
    WEBSOCKET_EVENTS_REFUSED = (
        "websocket_events_refused",
        MetricKind.COUNTER,
        "Events that met another user's run or connection and were stopped.",
    )
    CROSS_USER_CONTAMINATION_EVENTS = (
        "cross_user_contamination_events",
        MetricKind.COUNTER,
        "Times anything of one user, an event or an object, met another and was stopped.",
    )
    OPEN_CONNECTIONS = "open_connections", MetricKind.GAUGE, "Connections that are open."
    ACTIVE_ENGINES = "active_engines", MetricKind.GAUGE, "Execution engines that are open."
    ENGINE_TIMEOUTS = "engine_timeouts", MetricKind.COUNTER, "Agents that did not end in time."
    USER_LIMIT_REJECTIONS = (
        "user_limit_rejections",
        MetricKind.COUNTER,
        "Requests and sockets refused because their user had reached a limit.",
    )
    WAITING_REQUESTS = (
        "waiting_requests",
        MetricKind.GAUGE,
        "Requests that wait because their user has reached a limit.",
    )
    RESPONSE_SECONDS = "response_seconds", MetricKind.HISTOGRAM, "Time an agent took to answer."


@dataclass(frozen=True, slots=True)
class HistogramSnapshot:
    """The timings that were observed of one thing.

    Args:
        count: How many.
        sum_seconds: All of them together.
        max_seconds: The longest.
        cumulative: For each bound of `BUCKETS`, how many took at most that long.
    """

    count: int
    sum_seconds: float
    max_seconds: float
    cumulative: tuple[int, ...]

    @property
    def mean_seconds(self) -> float:
        """The average, 0.0 where nothing was observed."""
        return self.sum_seconds / self.count if self.count else 0.0

    def quantile(self, share: float) -> float:
        """Seconds that at least `share` (0.0 to 1.0) of the timings did not exceed.

        It is the bound of a bucket, and never more than the longest timing.
        """
        place = bisect_left(self.cumulative, max(share * self.count, 1))
        return min(BUCKETS[place], self.max_seconds) if place < len(BUCKETS) else self.max_seconds


@dataclass(frozen=True, slots=True)
class MetricsSnapshot:
    """All metrics at one moment.

    Args:
        values: Counters and gauges.
        histograms: Timings.
        seconds_since_contamination: How long ago anything of one user last met another; infinite
            where nothing did.
    """

    values: Mapping[Metric, int]
    histograms: Mapping[Metric, HistogramSnapshot]
    seconds_since_contamination: float = math.inf

    @property
    def websocket_event_accuracy(self) -> float:
        """The share (0.0 to 1.0) of events that found their way; 1.0 where there were none.

        An event loses its way when nobody is mapped to its run, or when it met another user and was
        stopped. A client that is gone or slow is no matter of the way.
        """
        accepted = self.values[Metric.WEBSOCKET_EVENTS_ACCEPTED]
        astray = (
            self.values[Metric.WEBSOCKET_EVENTS_UNROUTED]
            + self.values[Metric.WEBSOCKET_EVENTS_REFUSED]
        )
        return accepted / (accepted + astray) if astray else 1.0

    def to_dict(self) -> dict[str, object]:
        """All of it, as JSON can hold it."""
        timings = {
            metric.value: {
                "count": timing.count,
                "sum_seconds": timing.sum_seconds,
                "mean_seconds": timing.mean_seconds,
                "p50_seconds": timing.quantile(0.5),
                "p99_seconds": timing.quantile(0.99),
                "max_seconds": timing.max_seconds,
            }
            for metric, timing in self.histograms.items()
        }
        values = {metric.value: value for metric, value in self.values.items()}
        return {**values, "websocket_event_accuracy": self.websocket_event_accuracy, **timings}


class RuntimeMetrics:
    """Counters, gauges and histograms that any thread may move.

    Args:
        sample_rate: The share (0.0 to 1.0) of timings that are observed. Of each histogram the
            first one is, and from there on they are picked evenly. Counters and gauges are exact.

    Raises:
        ConfigurationError: `sample_rate` is no share.
    """

    __slots__ = ("_contaminated_at", "_histograms", "_lock", "_values", "sample_rate")

    def __init__(self, sample_rate: float = 1.0) -> None:
        if not 0.0 <= sample_rate <= 1.0:
            raise ConfigurationError(f"sample_rate must be from 0.0 to 1.0, not {sample_rate!r}")
        self.sample_rate = sample_rate
        self._lock = Lock()
        self._histograms = {
            metric: _Histogram() for metric in Metric if metric.kind is MetricKind.HISTOGRAM
        }
        self._values = dict.fromkeys((m for m in Metric if m not in self._histograms), 0)
        self._contaminated_at = -math.inf

    def count(self, metric: Metric, amount: int = 1) -> None:
        """Raise a counter.

        Raises:
            ValueError: `metric` is no counter, or `amount` is negative.
        """
        if metric.kind is not MetricKind.COUNTER or amount < 0:
            raise ValueError(f"cannot count {metric.value}, a {metric.kind.value}, by {amount}")
        with self._lock:
            self._values[metric] += amount
            if metric is Metric.CROSS_USER_CONTAMINATION_EVENTS:
                self._contaminated_at = monotonic()

    def gauge(self, metric: Metric, delta: int) -> None:
        """Move a gauge up or down.

        Raises:
            ValueError: `metric` is no gauge.
        """
        if metric.kind is not MetricKind.GAUGE:
            raise ValueError(f"cannot move {metric.value}, a {metric.kind.value}")
        with self._lock:
            self._values[metric] += delta

    def observe(self, metric: Metric, seconds: float) -> None:
        """Take note of a timing, if its turn has come.

        Raises:
            ValueError: `metric` is no histogram, or `seconds` is no length of time.
        """
        if metric.kind is not MetricKind.HISTOGRAM or not 0.0 <= seconds < math.inf:
            raise ValueError(f"cannot observe {seconds} of {metric.value}, a {metric.kind.value}")
        with self._lock:
            self._histograms[metric].offer(seconds, self.sample_rate)

    def snapshot(self) -> MetricsSnapshot:
        """All metrics, read at one moment."""
        with self._lock:
            values = self._values.copy()
            histograms = {metric: timing.freeze() for metric, timing in self._histograms.items()}
            since = monotonic() - self._contaminated_at
        return MetricsSnapshot(MappingProxyType(values), MappingProxyType(histograms), since)


class _Histogram:
    """Timings in buckets. The credit says when the next one is taken."""

    __slots__ = ("buckets", "credit", "maximum", "total")

    def __init__(self) -> None:
        self.buckets = [0] * (len(BUCKETS) + 1)
        self.total = 0.0
        self.maximum = 0.0
        self.credit = 1.0

    def offer(self, seconds: float, sample_rate: float) -> None:
        if not sample_rate:
            return
        if self.credit >= 1.0:
            self.credit -= 1.0
            self.buckets[bisect_left(BUCKETS, seconds)] += 1
            self.total += seconds
            self.maximum = max(self.maximum, seconds)
        self.credit += sample_rate

    def freeze(self) -> HistogramSnapshot:
        cumulative = tuple(accumulate(self.buckets))
        return HistogramSnapshot(cumulative[-1], self.total, self.maximum, cumulative[:-1])
