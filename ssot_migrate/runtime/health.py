"""Whether users can be served, and served apart: for a health endpoint, with nobody's id."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from ssot_migrate.runtime.errors import RegistrationError
from ssot_migrate.runtime.metrics import Metric, MetricsSnapshot

if TYPE_CHECKING:
    from ssot_migrate.runtime.agent_factory import AgentInstanceFactory
    from ssot_migrate.runtime.bridge import AgentWebSocketBridge
    from ssot_migrate.runtime.class_registry import AgentClassRegistry
    from ssot_migrate.runtime.engine_factory import ExecutionEngineFactory

LOWEST_EVENT_ACCURACY = 0.99
"""The share of events that must find their way."""

CONTAMINATION_ALARM_SECONDS = 300.0
"""How long it counts that anything of one user met another and was stopped."""

HIGHEST_CLEANUP_ERROR_SHARE = 0.1
"""How many steps may fail for each context that was cleaned up."""


class HealthStatus(str, Enum):
    """How well something works, best first."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    """Users are served, but not with everything."""

    UNHEALTHY = "unhealthy"
    """Users are not served, or one met another a short while ago."""


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """One thing that was looked at.

    Args:
        name: What was looked at.
        status: How well it works.
        detail: What was found, for people.
    """

    name: str
    status: HealthStatus
    detail: str


@dataclass(frozen=True, slots=True)
class HealthSummary:
    """Everything that was looked at.

    Args:
        checks: One by one.
    """

    checks: tuple[HealthCheck, ...]

    @property
    def status(self) -> HealthStatus:
        """The worst of all."""
        found = {check.status for check in self.checks}
        return next((one for one in reversed(HealthStatus) if one in found), HealthStatus.HEALTHY)

    def to_dict(self) -> dict[str, object]:
        """Status and checks as JSON can hold them."""
        checks = {
            check.name: {"status": check.status.value, "detail": check.detail}
            for check in self.checks
        }
        return {"status": self.status.value, "checks": checks}


def health_summary(
    agent_factory: AgentInstanceFactory, engine_factory: ExecutionEngineFactory | None = None
) -> HealthSummary:
    """Look at the factories of this process.

    Args:
        agent_factory: What makes contexts and agents.
        engine_factory: What runs them, where it is used.
    """
    bridge = agent_factory.websocket_bridge
    measured = _measured(agent_factory, bridge)
    checks = [
        _configuration(is_configured=agent_factory.is_configured),
        _class_registry(agent_factory.class_registry),
        _websocket_bridge(bridge, measured),
        _isolation(measured),
        _event_routing(measured),
        _context_cleanup(measured),
    ]
    if engine_factory is not None:
        checks.append(_engines(engine_factory))
    return HealthSummary(tuple(checks))


def _measured(
    agent_factory: AgentInstanceFactory, bridge: AgentWebSocketBridge | None
) -> MetricsSnapshot:
    """What was counted in any of the places that the parts may have been given for it."""
    places = {agent_factory.metrics}
    if bridge is not None:
        places.add(bridge.metrics)
    snapshots = [place.snapshot() for place in places]
    values = {
        metric: sum(snapshot.values[metric] for snapshot in snapshots)
        for metric in snapshots[0].values
    }
    since = min(snapshot.seconds_since_contamination for snapshot in snapshots)
    return MetricsSnapshot(values, snapshots[0].histograms, since)


def _configuration(*, is_configured: bool) -> HealthCheck:
    if is_configured:
        return HealthCheck("configuration", HealthStatus.HEALTHY, "the factory is configured")
    return HealthCheck(
        "configuration", HealthStatus.UNHEALTHY, "the factory is not configured: call configure()"
    )


def _class_registry(registry: AgentClassRegistry) -> HealthCheck:
    name = "class_registry"
    if not registry.is_frozen() or not len(registry):
        state = "not frozen" if len(registry) else "empty"
        return HealthCheck(name, HealthStatus.UNHEALTHY, f"the class registry is {state}")
    try:
        missing = registry.validate_dependencies()
    except RegistrationError as problem:
        return HealthCheck(name, HealthStatus.UNHEALTHY, str(problem))
    if missing:
        listed = "; ".join(f"{agent} needs {', '.join(names)}" for agent, names in missing.items())
        return HealthCheck(name, HealthStatus.DEGRADED, f"not registered: {listed}")
    return HealthCheck(name, HealthStatus.HEALTHY, f"agent classes: {len(registry)}")


def _websocket_bridge(
    bridge: AgentWebSocketBridge | None, measured: MetricsSnapshot
) -> HealthCheck:
    name = "websocket_bridge"
    if bridge is None:
        detail = "no bridge is configured: events reach nobody"
        return HealthCheck(name, HealthStatus.DEGRADED, detail)
    now = bridge.get_status()
    lost = measured.values[Metric.WEBSOCKET_EVENTS_LOST]
    detail = (
        f"connections: {now.open_connections}, slow ones: {now.slow_connections};"
        f" events that wait: {now.pending_events}, lost with their clients: {lost}"
    )
    return HealthCheck(name, HealthStatus.HEALTHY, detail)  # one slow client harms nobody else


def _isolation(measured: MetricsSnapshot) -> HealthCheck:
    met = measured.values[Metric.CROSS_USER_CONTAMINATION_EVENTS]
    is_recent = measured.seconds_since_contamination < CONTAMINATION_ALARM_SECONDS
    status = HealthStatus.UNHEALTHY if is_recent else HealthStatus.HEALTHY
    return HealthCheck("isolation", status, f"encounters of users that were stopped: {met}")


def _event_routing(measured: MetricsSnapshot) -> HealthCheck:
    accuracy = measured.websocket_event_accuracy
    is_good = accuracy >= LOWEST_EVENT_ACCURACY
    status = HealthStatus.HEALTHY if is_good else HealthStatus.DEGRADED
    return HealthCheck("event_routing", status, f"{accuracy:.2%} of events found their way")


def _context_cleanup(measured: MetricsSnapshot) -> HealthCheck:
    failed = measured.values[Metric.CONTEXT_CLEANUP_ERRORS]
    cleaned = measured.values[Metric.CONTEXTS_CLEANED]
    is_good = failed <= HIGHEST_CLEANUP_ERROR_SHARE * cleaned
    status = HealthStatus.HEALTHY if is_good else HealthStatus.DEGRADED
    detail = f"contexts cleaned up: {cleaned}, steps that failed: {failed}"
    return HealthCheck("context_cleanup", status, detail)


def _engines(engine_factory: ExecutionEngineFactory) -> HealthCheck:
    measured = engine_factory.get_factory_metrics()
    active = measured["active_engines_count"]
    is_good = measured["cleanup_task_running"] or not active
    status = HealthStatus.HEALTHY if is_good else HealthStatus.DEGRADED
    detail = f"open engines: {active}" + ("" if is_good else ", and nobody ends idle ones")
    return HealthCheck("engines", status, detail)
