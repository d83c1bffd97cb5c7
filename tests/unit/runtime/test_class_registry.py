"""The agent classes: filled, frozen, and then read by all."""

from __future__ import annotations

import abc
import asyncio
import functools
import queue
import sys
import threading
from collections import OrderedDict, UserDict, deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from types import MappingProxyType, SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssot_migrate.runtime.class_registry import AgentClassRegistry
from ssot_migrate.runtime.errors import (
    RegistrationError,
    RegistryFrozenError,
    SharedStateError,
    UnknownAgentError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

# ruff: noqa: RUF012, B006, B019 - the trouble these rules warn of is what is registered here


class Triage:
    async def execute(self) -> str:
        return "triaged"


class Data:
    pass


@pytest.fixture
def registry() -> AgentClassRegistry:
    return AgentClassRegistry()


@contextmanager
def threads_switching_often() -> Iterator[None]:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)


def test_what_is_registered_is_found_and_nothing_is_instantiated(
    registry: AgentClassRegistry,
) -> None:
    registry.register(
        "triage", Triage, "Sorts requests", "2.1.0", ["data"], {"team": {"tags": ["core"]}}
    )
    registry.freeze()
    info = registry.get_agent_info("triage")
    assert registry.get("triage") is info.agent_class is Triage
    assert (info.description, info.version) == ("Sorts requests", "2.1.0")
    assert info.dependencies == ("data",)
    assert info.metadata == {"team": {"tags": ("core",)}}
    assert "triage" in registry
    assert "data" not in registry
    assert len(registry) == 1
    assert repr(registry) == "<AgentClassRegistry: 1 agent classes, frozen>"


def test_an_empty_registry_is_a_registry(registry: AgentClassRegistry) -> None:
    assert registry
    assert len(registry) == 0
    assert registry.list_agent_names() == []


def test_nothing_is_registered_after_freezing(registry: AgentClassRegistry) -> None:
    registry.register("triage", Triage)
    assert not registry.is_frozen()
    registry.freeze()
    frozen_at = registry.get_registry_stats()["frozen_at"]
    registry.freeze()
    assert registry.is_frozen()
    assert registry.get_registry_stats()["frozen_at"] == frozen_at
    for name, agent_class in (("data", Data), ("triage", Triage), ("triage", Data)):
        with pytest.raises(RegistryFrozenError, match="at start-up"):
            registry.register(name, agent_class)
    assert registry.list_agent_names() == ["triage"]


def test_a_name_stands_for_one_class(registry: AgentClassRegistry) -> None:
    for _ in range(2):
        registry.register("triage", Triage, "first", metadata={"team": "blue"})
    with pytest.raises(RegistrationError, match=r"'triage' is registered for .*\.Triage"):
        registry.register("triage", Data)
    registry.register("triage again", Triage)
    assert registry.list_agent_names() == ["triage", "triage again"]


@pytest.mark.parametrize(
    "other",
    [
        {"version": "2.0.0"},
        {"description": "other"},
        {"dependencies": ["data"]},
        {"metadata": {"a": 1}},
    ],
    ids=lambda other: next(iter(other)),
)
def test_a_class_is_registered_with_other_details_under_another_name_only(
    registry: AgentClassRegistry, other: dict[str, Any]
) -> None:
    registry.register("triage", Triage)
    with pytest.raises(RegistrationError, match=r"'triage' is registered as version 1\.0\.0"):
        registry.register("triage", Triage, **other)
    registry.register("triage 2", Triage, **other)
    assert registry.get_agent_info("triage").version == "1.0.0"


@pytest.mark.parametrize("name", ["", " ", "triage ", "\ntriage", "tri\x00age", None, 7])
def test_a_name_can_be_read(registry: AgentClassRegistry, name: Any) -> None:
    with pytest.raises(RegistrationError, match="is no name"):
        registry.register(name, Triage)


@pytest.mark.parametrize("value", [Triage(), "Triage", None, lambda: Triage()])
def test_instances_are_refused(registry: AgentClassRegistry, value: Any) -> None:
    with pytest.raises(TypeError, match="instances are made for each request"):
        registry.register("triage", value)


def test_lists_of_names_are_no_strings(registry: AgentClassRegistry) -> None:
    with pytest.raises(TypeError, match="collections of names"):
        registry.register("triage", Triage, dependencies="data")
    with pytest.raises(TypeError, match="collections of names"):
        registry.register("triage", Triage, shared_attributes="cache")


def test_an_abstract_class_is_refused_with_what_it_lacks(registry: AgentClassRegistry) -> None:
    class Agent(abc.ABC):
        @abc.abstractmethod
        def execute(self) -> None: ...

    class Concrete(Agent):
        def execute(self) -> None: ...

    with pytest.raises(RegistrationError, match="is abstract: it lacks execute"):
        registry.register("agent", Agent)
    registry.register("agent", Concrete)


def test_an_unknown_name_is_answered_with_the_nearest(registry: AgentClassRegistry) -> None:
    with pytest.raises(UnknownAgentError, match="there is: none"):
        registry.get("triage")
    registry.register("triage", Triage)
    registry.register("data", Data)
    for ask in (registry.get, registry.get_agent_info):
        with pytest.raises(UnknownAgentError, match=r"as 'trage'; there is: triage$"):
            ask("trage")
    with pytest.raises(UnknownAgentError, match=r"there is: data, triage$"):
        registry.get("zzz")


@dataclass
class Options:
    verbose: bool = False


@dataclass(frozen=True)
class Constants:
    verbose: bool = False


@pytest.mark.parametrize(
    "value",
    [
        *([], {}, set(), bytearray(), deque[int](), OrderedDict[str, int](), UserDict[str, int]()),
        *(queue.Queue[int](), queue.SimpleQueue[int](), asyncio.Queue[int](), threading.local()),
        *(SimpleNamespace(), Options(), (1, [2]), MappingProxyType({"a": []})),
    ],
    ids=lambda value: type(value).__name__,
)
def test_state_on_a_class_is_everybodys_and_refused(
    registry: AgentClassRegistry, value: Any
) -> None:
    agent_class = type("Agent", (), {"state": value})
    with pytest.raises(SharedStateError, match=r"would share state \(a .* on the class\)"):
        registry.register("agent", agent_class)
    registry.register("agent", agent_class, shared_attributes={"state"})


@pytest.mark.parametrize(
    "value",
    [
        *(1, "a", b"a", None, (1, "a"), frozenset({1}), range(3), 1.5, Options, Constants()),
        *(MappingProxyType({"a": 1}), int, len, property(str)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_constants_on_a_class_are_accepted(registry: AgentClassRegistry, value: Any) -> None:
    registry.register("agent", type("Agent", (), {"constant": value}))


def test_caches_on_methods_hold_users_and_are_refused(registry: AgentClassRegistry) -> None:
    class Agent:
        @functools.lru_cache
        def plain(self) -> None: ...

        @functools.cache
        def unbounded(self) -> None: ...

        @classmethod
        @functools.cache
        def of_the_class(cls) -> None: ...

        @staticmethod
        @functools.cache
        def static() -> None: ...

        @property
        @functools.cache
        def computed(self) -> int:
            return 1

        @functools.cached_property
        def kept_by_each_instance(self) -> list[int]:
            return []

    with pytest.raises(SharedStateError) as caught:
        registry.register("agent", Agent)
    for name in ("plain", "unbounded", "of_the_class", "static", "computed"):
        assert f"{name} (a cache on a method)" in str(caught.value)
    assert "kept_by_each_instance" not in str(caught.value)


def test_mutable_defaults_of_parameters_are_refused(registry: AgentClassRegistry) -> None:
    class Agent:
        def __init__(self, tools: list[str] = []) -> None: ...

        def execute(self, *, seen: dict[str, int] = {}) -> None: ...

        def close(self, reason: str = "", codes: tuple[int, ...] = ()) -> None: ...

    with pytest.raises(SharedStateError) as caught:
        registry.register("agent", Agent)
    assert "__init__ (a mutable default of a parameter), execute (a" in str(caught.value)
    assert "close" not in str(caught.value)


def test_a_class_whose_instances_are_not_recognized_may_not_choose_them(
    registry: AgentClassRegistry,
) -> None:
    class Shared:
        __slots__ = ("user",)

        def __new__(cls) -> Shared:
            return super().__new__(cls)

    class Meta(type):
        def __call__(cls, *arguments: Any) -> Any:
            return super().__call__(*arguments)

    class SharedByItsMeta(metaclass=Meta):
        __slots__ = ("user",)

    class Recognized(Shared):
        __slots__ = ("__weakref__",)

    @dataclass(slots=True)
    class MadeAnew:
        user: str = ""

    for agent_class in (Shared, SharedByItsMeta):
        with pytest.raises(SharedStateError, match="add '__weakref__' to its __slots__"):
            registry.register("agent", agent_class)
    registry.register("recognized", Recognized)
    registry.register("made anew", MadeAnew)


def test_bases_count_unless_they_are_pythons_or_hidden(registry: AgentClassRegistry) -> None:
    class Base:
        history: ClassVar[list[str]] = []

    class Agent(Base):
        pass

    class Better(Base):
        history = ()  # type: ignore[assignment]

    @dataclass
    class Modern:
        """Its dunder attributes hold mappings; its own list is made for each instance."""

        history: list[str] = field(default_factory=list)

    class Handler(BaseHTTPRequestHandler):
        """The texts of HTTP's status codes are a mapping on its base."""

    with pytest.raises(SharedStateError, match="history"):
        registry.register("agent", Agent)
    registry.register("better", Better)
    registry.register("handler", Handler)
    registry.register("modern", Modern)


def test_a_permission_covers_what_it_names_and_no_more(registry: AgentClassRegistry) -> None:
    class Agent:
        tools = ["search"]
        history: list[str] = []

    with pytest.raises(SharedStateError) as caught:
        registry.register("agent", Agent, shared_attributes=["tools"])
    assert "history" in str(caught.value)
    assert "tools" not in str(caught.value)


def test_missing_dependencies_are_listed(registry: AgentClassRegistry) -> None:
    registry.register("report", Triage, dependencies=("data", "triage", "chart"))
    registry.register("triage", Triage)
    registry.register("data", Data, dependencies=("triage",))
    assert registry.validate_dependencies() == {"report": ["chart"]}
    assert registry.get_agents_by_dependency("triage") == ["data", "report"]
    assert registry.get_agents_by_dependency("nobody") == []


def test_a_circle_of_dependencies_is_an_error(registry: AgentClassRegistry) -> None:
    registry.register("a", Triage, dependencies=("b",))
    registry.register("b", Data, dependencies=("a",))
    with pytest.raises(RegistrationError, match=r"a -> b -> a|b -> a -> b"):
        registry.validate_dependencies()


def test_stats_tell_whether_it_can_be_used(registry: AgentClassRegistry) -> None:
    assert registry.get_registry_stats()["health_status"] == "unhealthy"
    registry.register("triage", Triage)
    stats = registry.get_registry_stats()
    assert (stats["health_status"], stats["frozen"], stats["frozen_at"]) == (
        "unhealthy",
        False,
        None,
    )
    registry.freeze()
    stats = registry.get_registry_stats()
    assert (stats["health_status"], stats["frozen"]) == ("healthy", True)
    assert (stats["agent_names"], stats["total_agent_classes"]) == (["triage"], 1)
    assert stats["created_at"] <= stats["frozen_at"]


@given(st.lists(st.tuples(st.text(max_size=3), st.sampled_from([Triage, Data]))))
def test_it_is_a_mapping_where_the_first_registration_stays(
    registrations: list[tuple[str, type]],
) -> None:
    registry, model = AgentClassRegistry(), dict[str, type]()
    for name, agent_class in registrations:
        try:
            registry.register(name, agent_class)
        except RegistrationError:
            is_no_name = not name.isprintable() or name != name.strip() or not name
            assert is_no_name or model[name] is not agent_class
        else:
            assert model.setdefault(name, agent_class) is agent_class
    registry.freeze()
    assert {name: registry.get(name) for name in registry.list_agent_names()} == model


def test_many_threads_read_a_frozen_registry(registry: AgentClassRegistry) -> None:
    classes = {f"agent-{number}": type(f"Agent{number}", (), {}) for number in range(50)}
    for name, agent_class in classes.items():
        registry.register(name, agent_class)
    registry.freeze()
    together = threading.Barrier(64)

    def read(first: int) -> dict[str, type]:
        together.wait()
        for _ in range(20):
            names = registry.list_agent_names()
            answers = {name: registry.get(name) for name in (*names[first:], *names[:first])}
            if answers != classes:
                break
        return answers

    with threads_switching_often(), ThreadPoolExecutor(64) as pool:
        answers = [answer.result() for answer in [pool.submit(read, n % 50) for n in range(64)]]
    assert answers == [classes] * 64


def test_what_register_returned_for_is_there_whatever_freezes_meanwhile() -> None:
    """Four threads register while a fifth freezes, a thousand times."""
    outcomes = set()
    with threads_switching_often(), ThreadPoolExecutor(5) as pool:
        for _ in range(1000):
            registry, together = AgentClassRegistry(), threading.Barrier(5)

            def register(
                number: int,
                registry: AgentClassRegistry = registry,
                together: threading.Barrier = together,
            ) -> list[str]:
                together.wait()
                names = []
                for step in range(3):
                    try:
                        registry.register(f"{number}-{step}", Triage)
                    except RegistryFrozenError:
                        break
                    names.append(f"{number}-{step}")
                return names

            writers = [pool.submit(register, number) for number in range(4)]
            together.wait()
            registry.freeze()
            at_freezing = registry.list_agent_names()
            accepted = sorted(name for writer in writers for name in writer.result())
            assert accepted == at_freezing == registry.list_agent_names()
            outcomes.add(len(accepted))
    # A race that always ends the same way would have shown nothing.
    assert len(outcomes) > 1


def test_a_model_of_pydantic_is_a_class_like_others(registry: AgentClassRegistry) -> None:
    pydantic = pytest.importorskip("pydantic")

    class Plain(pydantic.BaseModel):  # type: ignore[misc, name-defined]
        user_id: str
        notes: list[str] = []

    class Shared(Plain):
        model_config = {"frozen": True}
        answers: ClassVar[dict[str, str]] = {}

    registry.register("plain", Plain)
    with pytest.raises(SharedStateError, match=r"answers \(a dict on the class\)") as caught:
        registry.register("shared", Shared)
    assert "model_config" not in str(caught.value)
