"""The one switch between per-request isolation and the singleton that it replaces."""

from __future__ import annotations

import os
from enum import Enum
from typing import TYPE_CHECKING, TypeVar

from ssot_migrate.runtime.environment import parse_flag
from ssot_migrate.runtime.errors import SwitchError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")

ARCHITECTURE_VARIABLE = "AGENT_REGISTRY_ARCHITECTURE"
FACTORY_VARIABLE = "USE_CONSOLIDATED_FACTORY"


class Architecture(Enum):
    """How users are served."""

    ISOLATED = "isolated"
    """Each request has agents of its own."""

    SINGLETON = "singleton"
    """All requests share the agents of one registry: the way back, for as long as it exists."""


def selected_architecture(environ: Mapping[str, str] = os.environ) -> Architecture:
    """Read the switch; isolated where nothing is set.

    `AGENT_REGISTRY_ARCHITECTURE=singleton` and `USE_CONSOLIDATED_FACTORY=false` say the same, and
    so do their opposites. An empty variable says nothing.

    Raises:
        SwitchError: A value is unknown, or the two variables contradict each other.
    """
    by_name = environ.get(ARCHITECTURE_VARIABLE, "").strip()
    by_flag = environ.get(FACTORY_VARIABLE, "").strip()
    selected = {
        *([_named(by_name)] if by_name else ()),
        *([_flagged(by_flag)] if by_flag else ()),
    }
    if len(selected) > 1:
        raise SwitchError(
            f"{ARCHITECTURE_VARIABLE}={by_name} and {FACTORY_VARIABLE}={by_flag} contradict each"
            " other; unset one of them"
        )
    return selected.pop() if selected else Architecture.ISOLATED


def choose(
    isolated: Callable[[], T], singleton: Callable[[], T], environ: Mapping[str, str] = os.environ
) -> T:
    """Call the one of the two that the switch selects, and never the other.

    Raises:
        SwitchError: As of `selected_architecture`.
    """
    is_isolated = selected_architecture(environ) is Architecture.ISOLATED
    return isolated() if is_isolated else singleton()


def _named(value: str) -> Architecture:
    try:
        return Architecture(value.lower())
    except ValueError:
        names = " or ".join(one.value for one in Architecture)
        raise SwitchError(f"{ARCHITECTURE_VARIABLE}={value!r} must be {names}") from None


def _flagged(value: str) -> Architecture:
    try:
        return Architecture.ISOLATED if parse_flag(value) else Architecture.SINGLETON
    except ValueError as problem:
        raise SwitchError(f"{FACTORY_VARIABLE}: {problem}") from None
