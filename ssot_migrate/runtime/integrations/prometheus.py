"""The runtime's metrics for Prometheus, read at the moment they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import REGISTRY
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.registry import Collector

from ssot_migrate.runtime.metrics import BUCKETS, MetricKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import CollectorRegistry
    from prometheus_client.core import Metric as Family

    from ssot_migrate.runtime.metrics import HistogramSnapshot, RuntimeMetrics

__all__ = ["PREFIX", "RuntimeCollector", "register"]

PREFIX = "ssot_runtime_"
"""What every exported name starts with; `alerts.yml` is written for it."""


def register(metrics: RuntimeMetrics, registry: CollectorRegistry = REGISTRY) -> RuntimeCollector:
    """Export the metrics; `registry.unregister` of what this returns ends it.

    Raises:
        ValueError: The registry exports a runtime's metrics already.
    """
    collector = RuntimeCollector(metrics)
    registry.register(collector)
    return collector


class RuntimeCollector(Collector):
    """Turns snapshots of the metrics into Prometheus' families, without labels.

    Args:
        metrics: What to export. It stays the only place where anything is counted.
    """

    def __init__(self, metrics: RuntimeMetrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Family]:
        """One family for each metric, all of the same moment."""
        snapshot = self._metrics.snapshot()
        for metric, value in snapshot.values.items():
            family = CounterMetricFamily if metric.kind is MetricKind.COUNTER else GaugeMetricFamily
            yield family(PREFIX + metric.value, metric.description, value=value)
        for metric, timings in snapshot.histograms.items():
            yield HistogramMetricFamily(
                PREFIX + metric.value,
                metric.description,
                buckets=_buckets(timings),
                sum_value=timings.sum_seconds,
            )
        yield GaugeMetricFamily(
            PREFIX + "websocket_event_accuracy",
            "Share of the events since the start that found their way.",
            value=snapshot.websocket_event_accuracy,
        )

    def describe(self) -> Iterator[Family]:
        """The names, so that a registry can refuse a second runtime."""
        return self.collect()


def _buckets(timings: HistogramSnapshot) -> list[tuple[str, float]]:
    bounds = (*map(str, BUCKETS), "+Inf")
    return list(zip(bounds, (*timings.cumulative, timings.count), strict=True))
