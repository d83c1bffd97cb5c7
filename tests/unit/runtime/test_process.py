"""The agent factory of the process: one for all, and set up as its environment says."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from ssot_migrate.runtime.class_registry import AgentClassRegistry
from ssot_migrate.runtime.errors import ConfigurationError
from ssot_migrate.runtime.limits import FactoryLimits
from ssot_migrate.runtime.metrics import RuntimeMetrics
from ssot_migrate.runtime.performance import FactoryPerformanceConfig
from ssot_migrate.runtime.process import (
    configure_agent_instance_factory,
    get_agent_class_registry,
    get_agent_instance_factory,
    reset_agent_instance_factory,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _own_process() -> Iterator[None]:
    reset_agent_instance_factory()
    yield
    reset_agent_instance_factory()


def test_it_is_set_up_as_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSOT_RUNTIME_CLASS_CACHE_SIZE", "7")
    assert get_agent_instance_factory().performance.class_cache_size == 7


def test_an_environment_that_makes_no_sense_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSOT_RUNTIME_POOL_MAX_SIZE", "nonsense")
    with pytest.raises(ConfigurationError, match="'nonsense' is no whole number"):
        asyncio.run(configure_agent_instance_factory())


def test_it_may_be_made_with_limits_and_metrics_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSOT_RUNTIME_CLASS_CACHE_SIZE", "7")
    limits, metrics, classes = FactoryLimits(8), RuntimeMetrics(), AgentClassRegistry()
    made = asyncio.run(
        configure_agent_instance_factory(class_registry=classes, limits=limits, metrics=metrics)
    )
    assert made is get_agent_instance_factory()
    assert (made.limits, made.metrics, made.class_registry) == (limits, metrics, classes)
    assert made.performance.class_cache_size == 7


def test_what_is_said_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSOT_RUNTIME_POOL_MAX_SIZE", "nonsense")
    performance = FactoryPerformanceConfig.minimal()
    made = asyncio.run(configure_agent_instance_factory(performance=performance))
    assert made.performance is performance


def test_limits_cannot_be_changed_behind_the_back_of_who_has_it() -> None:
    get_agent_class_registry()
    with pytest.raises(ConfigurationError, match="was made already"):
        asyncio.run(configure_agent_instance_factory(limits=FactoryLimits(8)))
    asyncio.run(configure_agent_instance_factory())
