"""The settings of the factories."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssot_migrate.runtime.errors import ConfigurationError
from ssot_migrate.runtime.performance import FactoryPerformanceConfig

DEFAULTS = {
    "enable_emitter_pooling": False,
    "pool_initial_size": 20,
    "pool_max_size": 200,
    "enable_class_caching": True,
    "class_cache_size": 128,
    "enable_metrics": True,
    "metrics_sample_rate": 0.1,
}


def test_defaults() -> None:
    assert FactoryPerformanceConfig().to_dict() == DEFAULTS
    assert FactoryPerformanceConfig.balanced() == FactoryPerformanceConfig()
    with pytest.raises(FrozenInstanceError):
        FactoryPerformanceConfig().pool_max_size = 1  # type: ignore[misc]


def test_presets_differ_in_what_their_names_say() -> None:
    minimal, maximum = (
        FactoryPerformanceConfig.minimal(),
        FactoryPerformanceConfig.maximum_performance(),
    )
    assert not minimal.enable_class_caching
    assert not minimal.enable_emitter_pooling
    assert maximum.enable_class_caching
    assert maximum.class_cache_size > FactoryPerformanceConfig().class_cache_size
    assert minimal.timing_sample_rate == maximum.timing_sample_rate == 0.0
    assert FactoryPerformanceConfig.balanced().timing_sample_rate == 0.1


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"pool_initial_size": -1}, "pool_initial_size must be at least 0, not -1"),
        ({"pool_max_size": 0}, "pool_max_size must be at least 1, not 0"),
        ({"class_cache_size": 0}, "class_cache_size must be at least 1, not 0"),
        ({"pool_initial_size": 5, "pool_max_size": 4}, "5, is more than pool_max_size, 4"),
        ({"metrics_sample_rate": 1.1}, "must be from 0.0 to 1.0, not 1.1"),
        ({"metrics_sample_rate": float("nan")}, "must be from 0.0 to 1.0, not nan"),
        ({"pool_max_size": "30"}, "pool_max_size must be int, not '30'"),
        ({"pool_max_size": True}, "pool_max_size must be int, not True"),
        ({"enable_metrics": 1}, "enable_metrics must be bool, not 1"),
        ({"metrics_sample_rate": False}, "metrics_sample_rate must be float, not False"),
    ],
)
def test_what_cannot_work_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        FactoryPerformanceConfig(**settings)
    assert message in str(caught.value)


def test_bounds_are_allowed() -> None:
    config = FactoryPerformanceConfig(pool_initial_size=1, pool_max_size=1, metrics_sample_rate=1)
    assert config.timing_sample_rate == 1


def test_variables_are_read_and_the_others_left_alone() -> None:
    environ = {
        "SSOT_RUNTIME_ENABLE_EMITTER_POOLING": "Yes",
        "SSOT_RUNTIME_POOL_MAX_SIZE": " 30 ",
        "SSOT_RUNTIME_METRICS_SAMPLE_RATE": "0.5",
        "SSOT_RUNTIME_CLASS_CACHE_SIZE": "",
        "POOL_INITIAL_SIZE": "7",
    }
    expected = FactoryPerformanceConfig(
        enable_emitter_pooling=True, pool_max_size=30, metrics_sample_rate=0.5
    )
    assert FactoryPerformanceConfig.from_environment(environ) == expected
    own = FactoryPerformanceConfig.from_environment({"MY_POOL_MAX_SIZE": "30"}, prefix="MY_")
    assert own.pool_max_size == 30


def test_the_environment_of_the_process_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSOT_RUNTIME_CLASS_CACHE_SIZE", "64")
    assert FactoryPerformanceConfig.from_environment().class_cache_size == 64


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("POOL_MAX_SIZE", "many", "SSOT_RUNTIME_POOL_MAX_SIZE: 'many' is no whole number"),
        ("POOL_MAX_SIZE", "2.5", "SSOT_RUNTIME_POOL_MAX_SIZE: '2.5' is no whole number"),
        ("POOL_MAX_SIZE", "-3", "pool_max_size must be at least 1, not -3"),
        ("METRICS_SAMPLE_RATE", "all", "SSOT_RUNTIME_METRICS_SAMPLE_RATE: 'all' is no number"),
        ("METRICS_SAMPLE_RATE", "nan", "must be from 0.0 to 1.0"),
        (
            "ENABLE_METRICS",
            "maybe",
            "SSOT_RUNTIME_ENABLE_METRICS: 'maybe' is neither true nor false",
        ),
        ("POOL_SIZE_MAX", "3", "SSOT_RUNTIME_POOL_SIZE_MAX is no setting of the runtime; did you"),
        ("NOPE", "3", "SSOT_RUNTIME_NOPE is no setting of the runtime"),
    ],
)
def test_a_variable_that_says_nothing_sensible_is_named(
    variable: str, value: str, message: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        FactoryPerformanceConfig.from_environment({f"SSOT_RUNTIME_{variable}": value})
    assert message in str(caught.value)


configs = st.builds(
    FactoryPerformanceConfig,
    enable_emitter_pooling=st.booleans(),
    pool_initial_size=st.integers(0, 50),
    pool_max_size=st.integers(50, 500),
    enable_class_caching=st.booleans(),
    class_cache_size=st.integers(1, 10_000),
    enable_metrics=st.booleans(),
    metrics_sample_rate=st.floats(0, 1),
)


@given(configs)
def test_every_setting_can_be_set_by_a_variable(config: FactoryPerformanceConfig) -> None:
    environ = {
        f"SSOT_RUNTIME_{name.upper()}": str(value) for name, value in config.to_dict().items()
    }
    assert len(environ) == len(fields(config))
    assert FactoryPerformanceConfig.from_environment(environ) == config
