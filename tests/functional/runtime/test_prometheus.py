"""What a Prometheus server scrapes, and the alerts that it raises of it."""

from __future__ import annotations

import asyncio
import re
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from ssot_migrate.runtime.agent_factory import AgentInstanceFactory
from ssot_migrate.runtime.errors import IsolationError
from ssot_migrate.runtime.integrations.prometheus import PREFIX, register
from ssot_migrate.runtime.metrics import Metric, RuntimeMetrics

RULES = Path(str(files("ssot_migrate.runtime") / "alerts.yml"))

GROUPS: list[dict[str, Any]] = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
RULE = [rule for group in GROUPS for rule in group["rules"]]
ALERTS = {rule["alert"]: rule for rule in RULE if "alert" in rule}

CONTAMINATION = f"{PREFIX}cross_user_contamination_events_total"
ACCEPTED = f"{PREFIX}websocket_events_accepted_total"
REFUSED = f"{PREFIX}websocket_events_refused_total"
UNROUTED = f"{PREFIX}websocket_events_unrouted_total"
CLEANUP_ERRORS = f"{PREFIX}context_cleanup_errors_total"
RESPONSES = f"{PREFIX}response_seconds"


def scraped(metrics: RuntimeMetrics) -> dict[str, float]:
    """The samples of the text that a server gets, by name and `le`."""
    registry = CollectorRegistry()
    register(metrics, registry)
    text = generate_latest(registry).decode()
    return {
        sample.name + (f" {sample.labels['le']}" if sample.labels else ""): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_counters_and_gauges_are_what_the_runtime_counted() -> None:
    metrics = RuntimeMetrics()
    metrics.count(Metric.WEBSOCKET_EVENTS_ACCEPTED, 3)
    metrics.gauge(Metric.OPEN_CONNECTIONS, 2)

    samples = scraped(metrics)

    assert samples[ACCEPTED] == 3
    assert samples[f"{PREFIX}open_connections"] == 2


def test_a_collector_follows_the_runtime() -> None:
    metrics, registry = RuntimeMetrics(), CollectorRegistry()
    register(metrics, registry)
    metrics.count(Metric.CONTEXTS_CREATED)

    assert registry.get_sample_value(f"{PREFIX}contexts_created_total") == 1


def test_histograms_are_cumulative_and_end_with_all() -> None:
    metrics = RuntimeMetrics()
    for seconds in (0.000_7, 0.3, 400):
        metrics.observe(Metric.RESPONSE_SECONDS, seconds)

    samples = scraped(metrics)
    buckets = {name: value for name, value in samples.items() if name.startswith(RESPONSES + "_b")}

    assert list(buckets.values()) == sorted(buckets.values())
    assert buckets[f"{RESPONSES}_bucket 0.001"] == 1
    assert buckets[f"{RESPONSES}_bucket 0.5"] == 2
    assert buckets[f"{RESPONSES}_bucket +Inf"] == samples[f"{RESPONSES}_count"] == 3
    assert samples[f"{RESPONSES}_sum"] == pytest.approx(400.300_7)


def test_accuracy_falls_with_what_was_stopped() -> None:
    metrics = RuntimeMetrics()
    assert scraped(metrics)[f"{PREFIX}websocket_event_accuracy"] == 1

    metrics.count(Metric.WEBSOCKET_EVENTS_ACCEPTED, 3)
    metrics.count(Metric.WEBSOCKET_EVENTS_REFUSED)
    assert scraped(metrics)[f"{PREFIX}websocket_event_accuracy"] == 0.75


def test_everything_that_is_measured_is_exported_and_has_no_label_but_its_bucket() -> None:
    registry = CollectorRegistry()
    register(RuntimeMetrics(), registry)
    families = {family.name: family for family in registry.collect()}

    assert set(families) == {PREFIX + name for name in (*Metric, "websocket_event_accuracy")}
    labels = {key for family in families.values() for s in family.samples for key in s.labels}
    assert labels == {"le"}


def test_a_registry_exports_one_runtime() -> None:
    registry = CollectorRegistry()
    first = register(RuntimeMetrics(), registry)
    with pytest.raises(ValueError, match="Duplicated"):
        register(RuntimeMetrics(), registry)

    registry.unregister(first)
    register(RuntimeMetrics(), registry)


def test_there_are_the_four_alerts_of_the_guide() -> None:
    assert {name: rule["labels"]["severity"] for name, rule in ALERTS.items()} == {
        "WebSocketEventRoutingFailure": "critical",
        "CrossUserContamination": "critical",
        "PerformanceDegradation": "warning",
        "ContextCleanupFailures": "warning",
    }
    assert all(rule["annotations"]["summary"] and rule["for"] for rule in ALERTS.values())


def test_rules_ask_only_for_what_is_exported() -> None:
    exported = {name.split(" ")[0] for name in scraped(RuntimeMetrics())}
    recorded = {rule["record"] for rule in RULE if "record" in rule}
    asked = {
        name for rule in RULE for name in re.findall(rf"(?:job:)?{PREFIX}[\w:]+", rule["expr"])
    }

    assert asked
    assert asked <= exported | recorded


def test_promtool_accepts_the_rules(promtool: str) -> None:
    subprocess.run([promtool, "check", "rules", str(RULES)], check=True, capture_output=True)


# How a series goes: its value at the start, what each minute adds, and for how many minutes.
STEADY = {ACCEPTED: "0+600x1600", **dict.fromkeys((UNROUTED, REFUSED, CONTAMINATION), "0x1600")}
# Ten answers a minute of two seconds each, and of five from the 24th hour on.
SLOWER = {f"{RESPONSES}_sum": "0+20x1440 28850+50x60", f"{RESPONSES}_count": "0+10x1500"}
CASES: dict[str, tuple[dict[str, str], str, set[str]]] = {
    "all is well": (STEADY, "20m", set()),
    "one event in fifty finds nobody": (
        {**STEADY, UNROUTED: "0+12x1600"},
        "20m",
        {"WebSocketEventRoutingFailure"},
    ),
    "one event in fifty meets another user": (
        {**STEADY, REFUSED: "0+12x1600"},
        "20m",
        {"WebSocketEventRoutingFailure"},
    ),
    "one event in five hundred finds nobody": ({**STEADY, UNROUTED: "0+1x1600"}, "20m", set()),
    "one contamination among many events, hours ago": (
        {**STEADY, CONTAMINATION: "0x10 1x1590"},
        "5h",
        {"CrossUserContamination"},
    ),
    "nobody is connected": (dict.fromkeys(STEADY, "0x1600"), "20m", set()),
    "clean-up fails twelve times a minute": (
        {CLEANUP_ERRORS: "0+12x30"},
        "20m",
        {"ContextCleanupFailures"},
    ),
    "clean-up fails once in a minute": ({CLEANUP_ERRORS: "0+1x30"}, "20m", set()),
    "answers take as long as ever": (SLOWER, "23h", set()),
    "answers take more than twice as long": (SLOWER, "24h30m", {"PerformanceDegradation"}),
    "slow from the start, without a day to compare with": (
        {f"{RESPONSES}_sum": "0+500x30", f"{RESPONSES}_count": "0+10x30"},
        "20m",
        set(),
    ),
}


@pytest.mark.parametrize("story", CASES)
def test_alerts_are_raised_when_they_should(story: str, promtool: str, tmp_path: Path) -> None:
    check_alerts(promtool, tmp_path, *CASES[story])


def test_a_session_that_two_users_are_given_raises_the_alarm(promtool: str, tmp_path: Path) -> None:
    async def share() -> float:
        session = object()
        factory = AgentInstanceFactory()
        factory.configure(session_factory=lambda: session)
        async with factory.user_execution_scope("ada", "thread-1", "run-1"):
            with pytest.raises(IsolationError):
                await factory.create_user_context("bob", "thread-2", "run-2")
        return scraped(factory.metrics)[CONTAMINATION]

    counted = asyncio.run(share())
    series = {CONTAMINATION: f"0 {counted:g}x5"}
    check_alerts(promtool, tmp_path, series, "2m", {"CrossUserContamination"})


def check_alerts(
    promtool: str, folder: Path, series: dict[str, str], moment: str, expected: set[str]
) -> None:
    """Let promtool find out which alerts are raised at a moment of some series."""
    case = {
        "interval": "1m",
        "input_series": [
            {"series": f'{name}{{job="api"}}', "values": values} for name, values in series.items()
        ],
        "promql_expr_test": [
            {
                "expr": "count by (alertname) (ALERTS{alertstate='firing'})",
                "eval_time": moment,
                "exp_samples": [
                    {"labels": f'{{alertname="{name}"}}', "value": 1} for name in expected
                ],
            }
        ],
    }
    file = folder / "case.yml"
    file.write_text(
        yaml.safe_dump({"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": [case]})
    )

    done = subprocess.run([promtool, "test", "rules", str(file)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
