"""What is counted, and how much memory that takes."""

from __future__ import annotations

import json
import math
import sys
import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssot_migrate.runtime.errors import ConfigurationError
from ssot_migrate.runtime.metrics import (
    BUCKETS,
    HistogramSnapshot,
    Metric,
    MetricKind,
    RuntimeMetrics,
)

COUNTERS = [metric for metric in Metric if metric.kind is MetricKind.COUNTER]
GAUGES = [metric for metric in Metric if metric.kind is MetricKind.GAUGE]
HISTOGRAMS = [metric for metric in Metric if metric.kind is MetricKind.HISTOGRAM]


def observed(*seconds: float, sample_rate: float = 1.0) -> HistogramSnapshot:
    metrics = RuntimeMetrics(sample_rate)
    for one in seconds:
        metrics.observe(Metric.RESPONSE_SECONDS, one)
    return metrics.snapshot().histograms[Metric.RESPONSE_SECONDS]


def test_every_metric_is_named_explained_and_starts_at_nothing() -> None:
    assert {len(kind) > 2 for kind in (COUNTERS, GAUGES, HISTOGRAMS)} == {True}
    assert all(metric.description.endswith(".") for metric in Metric)
    assert all(metric.value.endswith("_seconds") for metric in HISTOGRAMS)
    snapshot = RuntimeMetrics().snapshot()
    assert snapshot.values == dict.fromkeys([*COUNTERS, *GAUGES], 0)
    assert snapshot.histograms == dict.fromkeys(HISTOGRAMS, observed())


def test_no_metric_has_room_for_the_id_of_a_user() -> None:
    snapshot = json.dumps(RuntimeMetrics().snapshot().to_dict())
    assert "user_id" not in snapshot
    assert set(json.loads(snapshot)) == {
        *(metric.value for metric in Metric),
        "websocket_event_accuracy",
    }


def test_counters_rise_and_gauges_go_both_ways() -> None:
    metrics = RuntimeMetrics()
    metrics.count(Metric.CONTEXTS_CREATED)
    metrics.count(Metric.CONTEXTS_CREATED, 4)
    metrics.gauge(Metric.ACTIVE_CONTEXTS, 3)
    metrics.gauge(Metric.ACTIVE_CONTEXTS, -1)
    values = metrics.snapshot().values
    assert values[Metric.CONTEXTS_CREATED] == 5
    assert values[Metric.ACTIVE_CONTEXTS] == 2


def test_a_metric_moves_as_its_kind_does() -> None:
    metrics = RuntimeMetrics()
    before = metrics.snapshot()
    for metric in Metric:
        with pytest.raises(ValueError, match=metric.value):
            metrics.count(metric, -1)
        if metric.kind is not MetricKind.COUNTER:
            with pytest.raises(ValueError, match=metric.value):
                metrics.count(metric)
        if metric.kind is not MetricKind.GAUGE:
            with pytest.raises(ValueError, match=metric.value):
                metrics.gauge(metric, 1)
        if metric.kind is not MetricKind.HISTOGRAM:
            with pytest.raises(ValueError, match=metric.value):
                metrics.observe(metric, 1.0)
    for seconds in (-1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match="response_seconds"):
            metrics.observe(Metric.RESPONSE_SECONDS, seconds)
    assert metrics.snapshot() == before


def test_timings_fall_into_buckets() -> None:
    timing = observed(0.0, BUCKETS[0], 0.003, 2.0, 1000.0)
    assert timing.count == 5
    assert timing.sum_seconds == pytest.approx(1002.003_05)
    assert timing.mean_seconds == pytest.approx(1002.003_05 / 5)
    assert timing.max_seconds == 1000.0
    within = dict(zip(BUCKETS, timing.cumulative, strict=True))
    assert (within[BUCKETS[0]], within[0.002_5], within[0.005], within[2.5]) == (2, 2, 3, 4)
    assert within[BUCKETS[-1]] == 4


def test_quantiles_of_nothing_and_of_one() -> None:
    assert observed().quantile(0.99) == observed().mean_seconds == 0.0
    assert observed(0.3).quantile(0.0) == observed(0.3).quantile(1.0) == 0.3


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 1))
def test_a_quantile_is_exceeded_by_few_enough(seconds: list[float], share: float) -> None:
    timing = observed(*seconds)
    bound = timing.quantile(share)
    assert sum(one <= bound for one in seconds) >= share * len(seconds)
    assert bound <= max(seconds)
    assert list(timing.cumulative) == sorted(timing.cumulative)


@pytest.mark.parametrize(("rate", "expected"), [(1.0, 1000), (0.1, 100), (0.25, 250)])
def test_the_share_that_is_observed(rate: float, expected: int) -> None:
    # Adding up tenths is not exact.
    assert abs(observed(*[0.1] * 1000, sample_rate=rate).count - expected) <= 1


def test_the_first_timing_is_observed_where_any_is() -> None:
    assert observed(0.1, sample_rate=0.01).count == 1
    assert observed(0.1, sample_rate=0.0).count == 0


@pytest.mark.parametrize("rate", [-0.1, 1.1, math.nan])
def test_a_share_is_a_share(rate: float) -> None:
    with pytest.raises(ConfigurationError, match="sample_rate must be from"):
        RuntimeMetrics(rate)


def test_accuracy_is_what_found_its_way() -> None:
    metrics = RuntimeMetrics()
    assert metrics.snapshot().websocket_event_accuracy == 1.0
    metrics.count(Metric.WEBSOCKET_EVENTS_ACCEPTED, 98)
    metrics.count(Metric.WEBSOCKET_EVENTS_SENT, 9)
    metrics.count(Metric.WEBSOCKET_EVENTS_WITHOUT_CLIENT, 50)
    metrics.count(Metric.WEBSOCKET_EVENTS_LOST, 50)
    metrics.count(Metric.WEBSOCKET_EVENTS_COALESCED, 50)
    assert metrics.snapshot().websocket_event_accuracy == 1.0
    metrics.count(Metric.WEBSOCKET_EVENTS_REFUSED)
    metrics.count(Metric.WEBSOCKET_EVENTS_UNROUTED)
    assert metrics.snapshot().websocket_event_accuracy == 0.98


def test_accuracy_is_nothing_where_all_went_astray() -> None:
    metrics = RuntimeMetrics()
    metrics.count(Metric.WEBSOCKET_EVENTS_UNROUTED, 3)
    assert metrics.snapshot().websocket_event_accuracy == 0.0


def test_a_snapshot_stays_as_it_was() -> None:
    metrics = RuntimeMetrics()
    before = metrics.snapshot()
    metrics.count(Metric.ENGINE_TIMEOUTS)
    metrics.observe(Metric.RESPONSE_SECONDS, 1.0)
    assert before == RuntimeMetrics().snapshot()
    with pytest.raises(FrozenInstanceError):
        before.values = {}  # type: ignore[misc]
    with pytest.raises(TypeError):
        before.values[Metric.ENGINE_TIMEOUTS] = 7  # type: ignore[index]


def test_threads_lose_no_count() -> None:
    metrics, together = RuntimeMetrics(), threading.Barrier(8)

    def work() -> None:
        together.wait()
        for _ in range(1000):
            metrics.count(Metric.AGENTS_CREATED)
            metrics.gauge(Metric.ACTIVE_CONTEXTS, 1)
            metrics.observe(Metric.AGENT_CREATION_SECONDS, 0.001)
            metrics.gauge(Metric.ACTIVE_CONTEXTS, -1)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            for done in [pool.submit(work) for _ in range(8)]:
                done.result()
    finally:
        sys.setswitchinterval(interval)
    snapshot = metrics.snapshot()
    assert snapshot.values[Metric.AGENTS_CREATED] == 8000
    assert snapshot.values[Metric.ACTIVE_CONTEXTS] == 0
    timing = snapshot.histograms[Metric.AGENT_CREATION_SECONDS]
    assert timing.count == timing.cumulative[-1] == 8000


def test_memory_does_not_grow_with_what_is_counted() -> None:
    metrics = RuntimeMetrics()

    def work(times: int) -> None:
        for number in range(times):
            metrics.count(Metric.WEBSOCKET_EVENTS_SENT)
            metrics.observe(Metric.RESPONSE_SECONDS, number / 1000)

    work(1000)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        work(20_000)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 4096
