"""Which agent classes there are: filled at start-up, then frozen, and read by everybody."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from datetime import datetime, timezone
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter
from threading import Lock
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ssot_migrate.runtime.errors import (
    RegistrationError,
    RegistryFrozenError,
    SharedStateError,
    UnknownAgentError,
)
from ssot_migrate.runtime.frozen import freeze_mapping
from ssot_migrate.runtime.shared_state import may_share_unnoticed, shared_state

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


@dataclass(frozen=True, slots=True)
class AgentClassInfo:
    """What is known of an agent class.

    Args:
        name: What agents are asked for by.
        agent_class: The class itself.
        description: What its agents do.
        version: Of the class.
        dependencies: The names of the agent classes that its agents ask for.
        metadata: What else is known, copied and read-only.
    """

    name: str
    agent_class: type[Any]
    description: str = ""
    version: str = "1.0.0"
    dependencies: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), hash=False)


class AgentClassRegistry:
    """Agent classes by name. It holds classes and never instances, so it has nothing of any user.

    Every registration replaces the whole mapping, so readers need no lock, before freezing and
    after.
    """

    __slots__ = ("_created_at", "_frozen_at", "_infos", "_lock")

    def __init__(self) -> None:
        self._infos: Mapping[str, AgentClassInfo] = MappingProxyType({})
        self._lock = Lock()
        self._created_at = datetime.now(timezone.utc)
        self._frozen_at: datetime | None = None

    def register(
        self,
        name: str,
        agent_class: type[Any],
        description: str = "",
        version: str = "1.0.0",
        dependencies: Collection[str] = (),
        metadata: Mapping[str, Any] | None = None,
        *,
        shared_attributes: Collection[str] = (),
    ) -> None:
        """Add a class. The same registration again changes nothing.

        Args:
            name: What agents are asked for by.
            agent_class: A concrete class.
            description: What its agents do.
            version: Of the class.
            dependencies: The names of the agent classes that its agents ask for.
            metadata: What else is known.
            shared_attributes: Attributes and methods that are shared on purpose, and are known to
                hold nothing of any user.

        Raises:
            RegistryFrozenError: The registry is frozen.
            RegistrationError: The name is no name, or is taken by another registration; the class
                is abstract.
            SharedStateError: Instances of the class would share mutable state, or the class may
                give one instance to two users unnoticed.
            TypeError: `agent_class` is no class, or one of the others is not what it should be.
        """
        _check_name(name)
        _check_class(name, agent_class)
        if isinstance(dependencies, str) or isinstance(shared_attributes, str):
            raise TypeError("dependencies and shared_attributes are collections of names")
        info = AgentClassInfo(
            name,
            agent_class,
            description,
            version,
            tuple(dependencies),
            freeze_mapping(metadata or {}),
        )
        _check_shared_state(info, shared_attributes)
        with self._lock:
            if self._frozen_at is not None:
                raise RegistryFrozenError(
                    f"cannot register {name!r}: the registry is frozen; register it at start-up"
                )
            known = self._infos.get(name)
            if known is None:
                self._infos = MappingProxyType({**self._infos, name: info})
            elif known != info:
                raise RegistrationError(_difference(known, info))

    def freeze(self) -> None:
        """Take no more registrations. Freezing twice changes nothing."""
        with self._lock:
            self._frozen_at = self._frozen_at or datetime.now(timezone.utc)

    def is_frozen(self) -> bool:
        """Whether no more registrations are taken."""
        return self._frozen_at is not None

    def get(self, name: str) -> type[Any]:
        """The class of that name.

        Raises:
            UnknownAgentError: There is none; the message lists names like it.
        """
        return self.get_agent_info(name).agent_class

    def get_agent_info(self, name: str) -> AgentClassInfo:
        """What is known of the class of that name.

        Raises:
            UnknownAgentError: There is none; the message lists names like it.
        """
        infos = self._infos
        if (info := infos.get(name)) is not None:
            return info
        near = get_close_matches(str(name), infos, n=3) or sorted(infos)
        listed = ", ".join(near[:10]) or "none"
        raise UnknownAgentError(f"no agent class is registered as {name!r}; there is: {listed}")

    def list_agent_names(self) -> list[str]:
        """All names, sorted."""
        return sorted(self._infos)

    def validate_dependencies(self) -> dict[str, list[str]]:
        """For each class that needs classes which are not registered, their names.

        Raises:
            RegistrationError: Classes depend on each other in a circle.
        """
        infos = self._infos
        try:
            TopologicalSorter({info.name: info.dependencies for info in infos.values()}).prepare()
        except CycleError as problem:
            circle = " -> ".join(reversed(problem.args[1]))
            raise RegistrationError(f"agent classes depend on each other: {circle}") from None
        missing = {
            name: [needed for needed in infos[name].dependencies if needed not in infos]
            for name in sorted(infos)
        }
        return {name: names for name, names in missing.items() if names}

    def get_agents_by_dependency(self, dependency: str) -> list[str]:
        """The names of the classes that need a class, sorted."""
        return sorted(info.name for info in self._infos.values() if dependency in info.dependencies)

    def get_registry_stats(self) -> dict[str, Any]:
        """Numbers, names and times as JSON can hold them."""
        infos, frozen_at = self._infos, self._frozen_at
        return {
            "total_agent_classes": len(infos),
            "agent_names": sorted(infos),
            "frozen": frozen_at is not None,
            "created_at": self._created_at.isoformat(),
            "frozen_at": frozen_at and frozen_at.isoformat(),
            "health_status": "healthy" if frozen_at and infos else "unhealthy",
        }

    def __len__(self) -> int:
        return len(self._infos)

    def __bool__(self) -> bool:
        """An empty registry is a registry."""
        return True

    def __contains__(self, name: object) -> bool:
        return name in self._infos

    def __repr__(self) -> str:
        state = "frozen" if self.is_frozen() else "open"
        return f"<{type(self).__name__}: {len(self)} agent classes, {state}>"


def _path(agent_class: type) -> str:
    return f"{agent_class.__module__}.{agent_class.__qualname__}"


def _difference(known: AgentClassInfo, info: AgentClassInfo) -> str:
    if known.agent_class is not info.agent_class:
        return (
            f"{info.name!r} is registered for {_path(known.agent_class)}; give"
            f" {_path(info.agent_class)} a name of its own"
        )
    return (
        f"{info.name!r} is registered as version {known.version} with other details than this,"
        f" version {info.version}; register it once"
    )


def _check_name(name: object) -> None:
    if not isinstance(name, str) or not name or name != name.strip() or not name.isprintable():
        raise RegistrationError(f"{name!r} is no name for an agent class")


def _check_class(name: str, agent_class: object) -> None:
    if not isinstance(agent_class, type):
        raise TypeError(
            f"{name!r} must be a class, not a {type(agent_class).__qualname__}: instances are made"
            " for each request"
        )
    if inspect.isabstract(agent_class):
        missing = ", ".join(sorted(getattr(agent_class, "__abstractmethods__", ())))
        raise RegistrationError(f"{_path(agent_class)} is abstract: it lacks {missing}")


def _check_shared_state(info: AgentClassInfo, allowed: Collection[str]) -> None:
    shared = {
        name: reason
        for name, reason in shared_state(info.agent_class).items()
        if name not in allowed
    }
    if shared:
        listed = ", ".join(f"{name} ({reason})" for name, reason in sorted(shared.items()))
        raise SharedStateError(
            f"all users would share {listed} of {_path(info.agent_class)}; make it in __init__, or"
            " name it in shared_attributes if it never holds anything of a user"
        )
    if may_share_unnoticed(info.agent_class):
        raise SharedStateError(
            f"{_path(info.agent_class)} decides which instance it gives, and nobody would notice"
            " that two users got the same; add '__weakref__' to its __slots__"
        )
