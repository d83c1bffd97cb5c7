"""A context: who a request is for, unchangeable and sharing nothing."""

from __future__ import annotations

import asyncio
import copy
import gc
import json
import pickle
import threading
import uuid
import weakref
from dataclasses import FrozenInstanceError
from datetime import datetime, timezone
from enum import Enum
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssot_migrate.runtime.bridge import AgentWebSocketBridge
from ssot_migrate.runtime.connections import ConnectionRegistry
from ssot_migrate.runtime.context import (
    MAX_ID_LENGTH,
    UserExecutionContext,
    validate_user_context,
)
from ssot_migrate.runtime.emitter import UserWebSocketEmitter
from ssot_migrate.runtime.errors import InvalidContextError, IsolationError
from ssot_migrate.runtime.events import Delivery
from ssot_migrate.runtime.metrics import Metric, RuntimeMetrics

IDS = ("user_id", "thread_id", "run_id", "request_id", "parent_request_id")


class Colour(Enum):
    RED = "red"


class Basket:
    def __init__(self) -> None:
        self.items: list[str] = []


def make(**values: Any) -> UserExecutionContext:
    ids = {"user_id": "alice", "thread_id": "thread-7", "run_id": "run-42"}
    return UserExecutionContext(**{**ids, **values})


def test_ids_are_what_was_given_and_a_request_gets_its_own() -> None:
    first, second = make(), make()
    assert (first.user_id, first.thread_id, first.run_id) == ("alice", "thread-7", "run-42")
    assert uuid.UUID(first.request_id) != uuid.UUID(second.request_id)
    assert first.created_at.tzinfo is timezone.utc
    assert first != second


@pytest.mark.parametrize("name", IDS)
@pytest.mark.parametrize(
    "value",
    [
        *("", " ", "\t", " alice", "alice ", "ali\nce", "ali\x00ce", "alice\u200b", "\ud800"),
        *("registry", "Placeholder", "DEFAULT", "temp", "none", "null", "undefined", "unknown"),
        *("0", "1", "xxx", "yyy", "example"),
        *("<placeholder>", "{none}", "${NULL}", "[undefined]"),
        *("default_user", "TEMP_123", "registry_a", "placeholder_for_later"[:19]),
        "a" * (MAX_ID_LENGTH + 1),
    ],
)
def test_what_is_no_id_is_refused_by_name_and_value(name: str, value: str) -> None:
    with pytest.raises(InvalidContextError) as caught:
        make(**{name: value})
    assert str(caught.value).startswith(f"{name} {value[:20]!r}")


@pytest.mark.parametrize("value", [7, None, b"alice", ["alice"]])
def test_an_id_is_a_string_and_others_are_not_shown(value: object) -> None:
    with pytest.raises(InvalidContextError) as caught:
        make(user_id=value)
    assert str(caught.value) == f"user_id must be a string, not a {type(value).__name__}"


@pytest.mark.parametrize(
    "value",
    [
        *("2", "10", "a", "example.com", "Zoë Müller", "利用者", "x" * MAX_ID_LENGTH),
        *("defaulted", "temp_0123456789abcdef", "registry_of_all_the_users"),
        *("unknown_soldier", "jennifer-null", "test", "{3f2504e0-4f89-11d3-9a0c-0305e82c3301}"),
    ],
)
def test_what_only_looks_like_a_placeholder_is_an_id(value: str) -> None:
    assert make(user_id=value).user_id == value


@given(st.text())
def test_an_accepted_id_can_be_seen_and_has_no_blanks_around_it(value: str) -> None:
    try:
        context = make(user_id=value)
    except InvalidContextError:
        return
    assert context.user_id == value == value.strip() != ""
    assert value.isprintable()


def test_nothing_of_it_can_be_changed() -> None:
    context = make(metadata={"plan": {"steps": ["read"]}})
    with pytest.raises(FrozenInstanceError):
        context.user_id = "bob"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError, match="a context cannot be changed: 'extra'"):
        context.extra = 1  # type: ignore[attr-defined]
    with pytest.raises(FrozenInstanceError, match="user_id"):
        del context.user_id
    with pytest.raises(TypeError):
        context.metadata["plan"] = 1  # type: ignore[index]
    with pytest.raises(TypeError):
        context.metadata["plan"]["steps"] = []
    assert context.metadata == {"plan": {"steps": ("read",)}}


def test_contexts_share_nothing_mutable_with_their_maker_or_each_other() -> None:
    basket = Basket()
    metadata: dict[str, Any] = {
        "tags": ["a"],
        "seen": {"x"},
        "raw": bytearray(b"1"),
        "basket": basket,
    }
    first, second = make(metadata=metadata), make(metadata=metadata)
    child = first.create_child_context("shop")
    metadata["tags"].append("b")
    metadata["seen"].add("y")
    metadata["raw"].append(2)
    basket.items.append("apple")
    child.metadata["basket"].items.append("pear")
    for context in (first, second):
        assert context.metadata["tags"] == ("a",)
        assert context.metadata["seen"] == frozenset({"x"})
        assert context.metadata["raw"] == b"1"
        assert context.metadata["basket"].items == []


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner),
    max_leaves=10,
)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.text().filter(lambda key: key not in IDS), values))
def test_any_metadata_ends_up_read_only_and_as_json(metadata: dict[str, Any]) -> None:
    try:
        context = make(metadata=metadata)
    except InvalidContextError as problem:
        assert "has the name of a field" in str(problem)  # noqa: PT017 - others are let through
        return
    assert set(context.metadata) == set(metadata)
    assert not set(map(type, everything_in(context.metadata))) & {list, dict, set}
    # The answer to "is it JSON" of a browser, which knows no NaN.
    assert json.loads(json.dumps(context.to_dict(), allow_nan=False))


def everything_in(value: Any) -> list[Any]:
    inner = list(value.values()) if hasattr(value, "values") else value
    if not isinstance(inner, list | tuple | frozenset):
        return [value]
    return [value, *(deepest for item in inner for deepest in everything_in(item))]


@pytest.mark.parametrize("name", ["user_id", "run_id", "created_at", "db_session", "metadata"])
def test_metadata_cannot_pose_as_a_field(name: str) -> None:
    with pytest.raises(InvalidContextError, match=f"has the name of a field: {name}"):
        make(metadata={name: "bob"})


def test_metadata_that_cannot_be_frozen_is_refused_and_not_shown() -> None:
    circle: dict[str, Any] = {}
    circle["again"] = circle
    for metadata in (
        ["secret"],
        {1: "secret"},
        {"a": {("secret",): 1}},
        {"lock": threading.Lock(), "token": "secret"},
        {"context": make(metadata={"token": "secret"})},
        circle,
    ):
        with pytest.raises(InvalidContextError, match="metadata") as caught:
            make(metadata=metadata)
        assert "secret" not in str(caught.value)


def test_a_time_has_a_zone() -> None:
    for moment in (datetime(2025, 9, 2), "2025-09-02", None):
        with pytest.raises(InvalidContextError, match="created_at"):
            make(created_at=moment)


def test_a_child_is_a_part_of_its_parents_request() -> None:
    session = object()
    emitter = UserWebSocketEmitter("alice", "thread-7", "run-42", None)
    parent = make(db_session=session, websocket_emitter=emitter, metadata={"a": 1, "b": 1})
    child = parent.create_child_context("look up", metadata={"b": 2})
    assert (child.user_id, child.thread_id, child.run_id) == ("alice", "thread-7", "run-42")
    assert child.db_session is session
    assert child.websocket_emitter is emitter
    assert child.parent_request_id == parent.request_id != child.request_id
    assert child.operation == "look up"
    assert child.metadata == {"a": 1, "b": 2}
    assert parent.metadata == {"a": 1, "b": 1}
    with pytest.raises(InvalidContextError, match="operation"):
        parent.create_child_context("")


def test_session_and_emitter_can_be_given_later() -> None:
    context, session = make(), object()
    emitter = UserWebSocketEmitter("alice", "thread-7", "run-42", None)
    assert context.with_db_session(session).db_session is session
    assert context.with_emitter(emitter).websocket_emitter is emitter
    assert context.db_session is None
    # It is the same request, so it is the same key of a mapping.
    assert {context: 1}[context.with_db_session(session).with_emitter(emitter)] == 1


def test_without_an_emitter_it_has_one_that_reaches_nobody_and_says_so() -> None:
    emitter = make().websocket_emitter
    assert (emitter.user_id, emitter.thread_id, emitter.run_id) == ("alice", "thread-7", "run-42")
    assert not emitter.get_emitter_status().has_bridge
    assert asyncio.run(emitter.notify_agent_started("triage")) is False
    assert emitter.last_delivery is Delivery.NO_BRIDGE


@pytest.mark.parametrize(
    "other", [("bob", "thread-7", "run-42"), ("alice", "t", "run-42"), ("alice", "thread-7", "r")]
)
def test_the_emitter_of_another_is_refused_without_naming_the_other(
    other: tuple[str, str, str],
) -> None:
    metrics = RuntimeMetrics()
    bridge = AgentWebSocketBridge(ConnectionRegistry(metrics=metrics))
    emitter = UserWebSocketEmitter(*other, bridge)
    with pytest.raises(IsolationError) as caught:
        make().with_emitter(emitter)
    assert "bob" not in str(caught.value)
    met = metrics.snapshot().values[Metric.CROSS_USER_CONTAMINATION_EVENTS]
    assert met == (other[0] == "bob")


def test_what_is_logged_of_it_holds_no_content() -> None:
    context = make(db_session="secret session", metadata={"token": "secret"})
    assert "secret" not in repr(context)
    assert "alice" in repr(context)
    assert context.correlation_id == f"alice:thread-7:run-42:{context.request_id[:8]}"


def test_as_a_dictionary_it_has_neither_session_nor_emitter() -> None:
    moment = datetime(2025, 9, 2, tzinfo=timezone.utc)
    context = make(
        db_session=object(),
        request_id="request-1",
        created_at=moment,
        metadata={"when": moment, "who": uuid.UUID(int=1), "tags": ["a"], "c": Colour.RED},
    )
    assert context.to_dict() == {
        "user_id": "alice",
        "thread_id": "thread-7",
        "run_id": "run-42",
        "request_id": "request-1",
        "parent_request_id": None,
        "operation": None,
        "created_at": "2025-09-02T00:00:00+00:00",
        "metadata": {
            "when": "2025-09-02T00:00:00+00:00",
            "who": "00000000-0000-0000-0000-000000000001",
            "tags": ["a"],
            "c": "<Colour>",
        },
    }


def test_it_leaves_its_process_and_its_request_in_no_copy() -> None:
    context = make(db_session=object())
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="make a child, or send to_dict"):
            attempt(context)


def test_it_can_be_watched_and_goes_when_nobody_holds_it() -> None:
    context = make(metadata={"a": [1]})
    watched = weakref.ref(context)
    assert watched() is context
    del context
    gc.collect()
    assert watched() is None


def test_only_the_one_class_is_a_context() -> None:
    context = make()
    assert validate_user_context(context) is context
    impostor = type("UserExecutionContext", (), {"__module__": "legacy.models"})()
    for value, named in ((impostor, "legacy.models.UserExecutionContext"), (None, "NoneType")):
        with pytest.raises(TypeError) as caught:
            validate_user_context(value)
        assert named in str(caught.value)
        assert "ssot_migrate.runtime.context.UserExecutionContext" in str(caught.value)
