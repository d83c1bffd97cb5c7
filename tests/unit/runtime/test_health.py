"""Whether users can be served, as an endpoint would say it."""

from __future__ import annotations

import asyncio
import json
from time import monotonic

import pytest

from ssot_migrate.runtime.agent_factory import AgentInstanceFactory
from ssot_migrate.runtime.bridge import AgentWebSocketBridge
from ssot_migrate.runtime.connections import ConnectionRegistry
from ssot_migrate.runtime.emitter import UserWebSocketEmitter
from ssot_migrate.runtime.engine_factory import ExecutionEngineFactory
from ssot_migrate.runtime.errors import IsolationError
from ssot_migrate.runtime.events import Event, EventType
from ssot_migrate.runtime.health import (
    CONTAMINATION_ALARM_SECONDS,
    HealthStatus,
    HealthSummary,
    health_summary,
)
from ssot_migrate.runtime.metrics import Metric, RuntimeMetrics


class Triage:
    async def execute(self) -> str:
        return "triaged"


@pytest.fixture
def metrics() -> RuntimeMetrics:
    return RuntimeMetrics()


@pytest.fixture
def bridge(metrics: RuntimeMetrics) -> AgentWebSocketBridge:
    return AgentWebSocketBridge(ConnectionRegistry(metrics=metrics))


@pytest.fixture
def factory(metrics: RuntimeMetrics, bridge: AgentWebSocketBridge) -> AgentInstanceFactory:
    """One that is ready to serve."""
    factory = AgentInstanceFactory(metrics=metrics)
    factory.class_registry.register("triage", Triage)
    factory.class_registry.freeze()
    factory.configure(websocket_bridge=bridge)
    return factory


def worse_than_healthy(summary: HealthSummary) -> dict[str, tuple[str, str]]:
    return {
        check.name: (check.status.value, check.detail)
        for check in summary.checks
        if check.status is not HealthStatus.HEALTHY
    }


def test_all_is_well(factory: AgentInstanceFactory) -> None:
    summary = health_summary(factory, ExecutionEngineFactory(factory))
    assert summary.status is HealthStatus.HEALTHY
    assert worse_than_healthy(summary) == {}
    assert json.loads(json.dumps(summary.to_dict())) == {
        "status": "healthy",
        "checks": {
            "configuration": {"status": "healthy", "detail": "the factory is configured"},
            "class_registry": {"status": "healthy", "detail": "agent classes: 1"},
            "websocket_bridge": {
                "status": "healthy",
                "detail": "connections: 0, slow ones: 0;"
                " events that wait: 0, lost with their clients: 0",
            },
            "isolation": {
                "status": "healthy",
                "detail": "encounters of users that were stopped: 0",
            },
            "event_routing": {"status": "healthy", "detail": "100.00% of events found their way"},
            "context_cleanup": {
                "status": "healthy",
                "detail": "contexts cleaned up: 0, steps that failed: 0",
            },
            "engines": {"status": "healthy", "detail": "open engines: 0"},
        },
    }


def test_a_factory_that_is_not_configured_serves_nobody() -> None:
    summary = health_summary(AgentInstanceFactory())
    assert summary.status is HealthStatus.UNHEALTHY
    found = worse_than_healthy(summary)
    assert found["configuration"] == (
        "unhealthy",
        "the factory is not configured: call configure()",
    )
    assert found["class_registry"] == ("unhealthy", "the class registry is empty")


def test_without_a_bridge_users_are_served_but_told_nothing(factory: AgentInstanceFactory) -> None:
    silent = AgentInstanceFactory(factory.class_registry)
    silent.configure()
    summary = health_summary(silent)
    assert summary.status is HealthStatus.DEGRADED
    assert worse_than_healthy(summary) == {
        "websocket_bridge": ("degraded", "no bridge is configured: events reach nobody")
    }


def test_a_registry_that_may_still_change_is_unhealthy(bridge: AgentWebSocketBridge) -> None:
    factory = AgentInstanceFactory()
    factory.class_registry.register("triage", Triage)
    factory.configure(websocket_bridge=bridge)
    assert worse_than_healthy(health_summary(factory)) == {
        "class_registry": ("unhealthy", "the class registry is not frozen")
    }
    factory.class_registry.freeze()
    assert health_summary(factory).status is HealthStatus.HEALTHY


def test_dependencies_that_are_missing_degrade_and_circles_stop(
    bridge: AgentWebSocketBridge,
) -> None:
    factory = AgentInstanceFactory()
    factory.class_registry.register("report", Triage, dependencies=("data",))
    factory.class_registry.freeze()
    factory.configure(websocket_bridge=bridge)
    assert worse_than_healthy(health_summary(factory)) == {
        "class_registry": ("degraded", "not registered: report needs data")
    }
    circular = AgentInstanceFactory()
    circular.class_registry.register("report", Triage, dependencies=("report",))
    circular.class_registry.freeze()
    circular.configure(websocket_bridge=bridge)
    assert worse_than_healthy(health_summary(circular)) == {
        "class_registry": ("unhealthy", "agent classes depend on each other: report -> report")
    }


def test_a_slow_client_shows_and_harms_nobody(metrics: RuntimeMetrics) -> None:
    async def send(_text: str) -> None:
        await asyncio.Event().wait()

    async def main() -> list[str]:
        connections = ConnectionRegistry(metrics=metrics, outbox_size=2)
        bridge = AgentWebSocketBridge(connections)
        factory = AgentInstanceFactory(metrics=metrics)
        factory.configure(websocket_bridge=bridge)

        def shown() -> str:
            checks = {check.name: check for check in health_summary(factory).checks}
            assert checks["websocket_bridge"].status is HealthStatus.HEALTHY
            return checks["websocket_bridge"].detail

        connections.connect("ada", send)
        emitter = UserWebSocketEmitter("ada", "thread-1", "run-1", bridge)
        await bridge.register_run_thread_mapping("run-1", "thread-1", {"user_id": "ada"})
        for number in range(2):
            await emitter.notify_tool_completed("look_up", number)
        slow = shown()
        await connections.shutdown(drain_timeout=0.0)
        return [slow, shown()]

    assert asyncio.run(main()) == [
        "connections: 1, slow ones: 1; events that wait: 2, lost with their clients: 0",
        "connections: 0, slow ones: 0; events that wait: 0, lost with their clients: 2",
    ]


def test_one_event_that_met_another_user_is_an_alarm_for_a_while(
    factory: AgentInstanceFactory, bridge: AgentWebSocketBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def mix_up() -> None:
        await bridge.register_run_thread_mapping("run-42", "thread-7", {"user_id": "alice"})
        event = Event.now(EventType.AGENT_STARTED, "mallory", "thread-7", "run-42", {})
        with pytest.raises(IsolationError):
            await bridge.send(event)

    asyncio.run(mix_up())
    summary = health_summary(factory)
    assert summary.status is HealthStatus.UNHEALTHY
    status, detail = worse_than_healthy(summary)["isolation"]
    assert (status, detail) == ("unhealthy", "encounters of users that were stopped: 1")
    assert "alice" not in json.dumps(summary.to_dict())
    assert "mallory" not in json.dumps(summary.to_dict())
    in_a_while = monotonic() + CONTAMINATION_ALARM_SECONDS + 1
    monkeypatch.setattr("ssot_migrate.runtime.metrics.monotonic", lambda: in_a_while)
    summary = health_summary(factory)
    assert "isolation" not in worse_than_healthy(summary)
    assert "stopped: 1" in json.dumps(summary.to_dict())


def test_an_alarm_is_heard_wherever_it_is_counted(factory: AgentInstanceFactory) -> None:
    of_connections, of_factory = RuntimeMetrics(), RuntimeMetrics()
    bridge = AgentWebSocketBridge(ConnectionRegistry(metrics=of_connections))
    apart = AgentInstanceFactory(factory.class_registry, metrics=of_factory)
    apart.configure(websocket_bridge=bridge)
    assert health_summary(apart).status is HealthStatus.HEALTHY
    for number, place in enumerate((of_connections, of_factory), start=1):
        place.count(Metric.CROSS_USER_CONTAMINATION_EVENTS)
        _, detail = worse_than_healthy(health_summary(apart))["isolation"]
        assert detail.endswith(f" {number}")


def test_connections_count_with_the_factory_unless_told_where(
    factory: AgentInstanceFactory,
) -> None:
    connections = ConnectionRegistry()
    agents = AgentInstanceFactory(factory.class_registry)
    agents.configure(websocket_bridge=AgentWebSocketBridge(connections))
    assert connections.metrics is agents.metrics
    of_connections = RuntimeMetrics()
    apart = ConnectionRegistry(metrics=of_connections)
    agents.configure(websocket_bridge=AgentWebSocketBridge(apart))
    assert apart.metrics is of_connections


def test_events_that_get_lost_degrade(
    factory: AgentInstanceFactory, metrics: RuntimeMetrics
) -> None:
    metrics.count(Metric.WEBSOCKET_EVENTS_ACCEPTED, 99)
    metrics.count(Metric.WEBSOCKET_EVENTS_UNROUTED)
    assert health_summary(factory).status is HealthStatus.HEALTHY
    metrics.count(Metric.WEBSOCKET_EVENTS_UNROUTED)
    assert worse_than_healthy(health_summary(factory)) == {
        "event_routing": ("degraded", "98.02% of events found their way")
    }


def test_clean_ups_that_fail_degrade(
    factory: AgentInstanceFactory, metrics: RuntimeMetrics
) -> None:
    metrics.count(Metric.CONTEXTS_CLEANED, 10)
    metrics.count(Metric.CONTEXT_CLEANUP_ERRORS)
    assert health_summary(factory).status is HealthStatus.HEALTHY
    metrics.count(Metric.CONTEXT_CLEANUP_ERRORS)
    assert worse_than_healthy(health_summary(factory)) == {
        "context_cleanup": ("degraded", "contexts cleaned up: 10, steps that failed: 2")
    }


def test_engines_that_nobody_would_end_degrade(factory: AgentInstanceFactory) -> None:
    engines = ExecutionEngineFactory(factory)

    async def leave_one_open() -> None:
        context = await factory.create_user_context("alice", "thread-7", "run-42")
        await engines.create_for_user(context)
        assert health_summary(factory, engines).status is HealthStatus.HEALTHY

    asyncio.run(leave_one_open())
    # What would have ended it went with the loop of events.
    assert worse_than_healthy(health_summary(factory, engines)) == {
        "engines": ("degraded", "open engines: 1, and nobody ends idle ones")
    }
