"""What the factories pool, cache and sample."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, fields
from difflib import get_close_matches
from typing import TYPE_CHECKING

from ssot_migrate.runtime.environment import parse_flag
from ssot_migrate.runtime.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_READERS: dict[str, Callable[[str], bool | int | float]] = {
    "bool": parse_flag,
    "int": int,
    "float": float,
}
_NUMBERS = {"int": "whole number", "float": "number"}


@dataclass(frozen=True, slots=True)
class FactoryPerformanceConfig:
    """How much the factories reuse, and how closely they watch themselves.

    Args:
        enable_emitter_pooling: Whether the inner state of emitters is reused.
        pool_initial_size: How many emitters a pool makes in advance.
        pool_max_size: How many emitters a pool keeps at most; who needs more gets them unpooled.
        enable_class_caching: Whether constructors are inspected only once.
        class_cache_size: How many constructors are remembered.
        enable_metrics: Whether timings are observed at all. Counters always are.
        metrics_sample_rate: The share (0.0 to 1.0) of timings that are observed.

    Raises:
        ConfigurationError: A value is of the wrong type or out of range.
    """

    enable_emitter_pooling: bool = False
    pool_initial_size: int = 20
    pool_max_size: int = 200
    enable_class_caching: bool = True
    class_cache_size: int = 128
    enable_metrics: bool = True
    metrics_sample_rate: float = 0.1

    def __post_init__(self) -> None:
        for name, kind in _kinds().items():
            value = getattr(self, name)
            # An int is a float too, but a bool is neither of them.
            if type(value).__name__ not in (kind, "int" if kind == "float" else kind):
                raise ConfigurationError(f"{name} must be {kind}, not {value!r}")
        for name, lowest in (
            ("pool_initial_size", 0),
            ("pool_max_size", 1),
            ("class_cache_size", 1),
        ):
            if getattr(self, name) < lowest:
                raise ConfigurationError(
                    f"{name} must be at least {lowest}, not {getattr(self, name)}"
                )
        if self.pool_initial_size > self.pool_max_size:
            raise ConfigurationError(
                f"pool_initial_size, {self.pool_initial_size}, is more than pool_max_size,"
                f" {self.pool_max_size}"
            )
        if not 0.0 <= self.metrics_sample_rate <= 1.0:
            raise ConfigurationError(
                f"metrics_sample_rate must be from 0.0 to 1.0, not {self.metrics_sample_rate}"
            )

    @property
    def timing_sample_rate(self) -> float:
        """The share of timings that `RuntimeMetrics` is to observe; 0.0 where metrics are off."""
        return self.metrics_sample_rate if self.enable_metrics else 0.0

    @classmethod
    def minimal(cls) -> FactoryPerformanceConfig:
        """Nothing is reused and nothing timed: for looking into a problem."""
        return cls(enable_class_caching=False, enable_metrics=False)

    @classmethod
    def balanced(cls) -> FactoryPerformanceConfig:
        """The defaults, under a name."""
        return cls()

    @classmethod
    def maximum_performance(cls) -> FactoryPerformanceConfig:
        """As much as possible is remembered, and nothing timed."""
        return cls(class_cache_size=1024, enable_metrics=False)

    @classmethod
    def from_environment(
        cls, environ: Mapping[str, str] = os.environ, prefix: str = "SSOT_RUNTIME_"
    ) -> FactoryPerformanceConfig:
        """Read what is set from variables like `SSOT_RUNTIME_POOL_MAX_SIZE`; empty ones are not.

        Raises:
            ConfigurationError: A variable with this prefix stands for no setting, or its value
                cannot be read or is out of range.
        """
        settings = {prefix + name.upper(): (name, kind) for name, kind in _kinds().items()}
        values: dict[str, bool | int | float] = {}
        for variable in sorted(name for name in environ if name.startswith(prefix)):
            if variable not in settings:
                near = get_close_matches(variable, settings, n=1)
                hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(settings)}"
                raise ConfigurationError(f"{variable} is no setting of the runtime; {hint}")
            name, kind = settings[variable]
            if environ[variable].strip():
                try:
                    values[name] = _READERS[kind](environ[variable])
                except ValueError as problem:
                    wanted = _NUMBERS.get(kind)
                    said = f"{environ[variable]!r} is no {wanted}" if wanted else str(problem)
                    raise ConfigurationError(f"{variable}: {said}") from None
        return cls(**values)  # type: ignore[arg-type]  # checked by the constructor

    def to_dict(self) -> dict[str, bool | int | float]:
        """The settings by name."""
        return asdict(self)


def _kinds() -> dict[str, str]:
    """The name of each setting's type."""
    return {field.name: str(field.type) for field in fields(FactoryPerformanceConfig)}
