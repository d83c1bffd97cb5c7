"""What a client is told of a run."""

from __future__ import annotations

import dataclasses
import json
from collections import UserDict
from datetime import date, datetime, timezone
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssot_migrate.runtime.events import Event, EventType, encode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def thought(data: Mapping[str, Any]) -> Event:
    return Event.now(EventType.AGENT_THINKING, "ada", "thread", "run", data)


class Secretive:
    def __repr__(self) -> str:
        return "a token of somebody else"


class Broken(UserDict[str, int]):
    def __iter__(self) -> Iterator[str]:
        raise RuntimeError("a token of somebody else")


class Colour(Enum):
    RED = "red"


def test_a_message_says_what_happened_to_whom_and_when() -> None:
    event = thought({"reasoning": "hm"}).numbered(3)
    assert json.loads(event.to_json()) == {
        "type": "agent_thinking",
        "user_id": "ada",
        "thread_id": "thread",
        "run_id": "run",
        "sequence": 3,
        "timestamp": event.timestamp.isoformat(),
        "data": {"reasoning": "hm"},
    }
    assert event.timestamp.tzinfo is timezone.utc


def test_there_are_six_types_under_the_names_that_clients_know() -> None:
    assert [kind.value for kind in EventType] == [
        "agent_started",
        "agent_thinking",
        "tool_executing",
        "tool_completed",
        "agent_completed",
        "agent_error",
    ]


def test_later_changes_of_what_the_agent_handed_over_reach_nobody() -> None:
    rows = [1]
    event = thought({"rows": rows})
    rows.append(2)
    event.data["rows"].append(3)
    assert event.data == {"rows": [1]}


def test_an_event_cannot_be_changed_and_its_details_are_in_no_log() -> None:
    event = thought({"token": "s3cret"})
    with pytest.raises(dataclasses.FrozenInstanceError):
        event.user_id = "bob"  # type: ignore[misc]  # what is tested
    assert "s3cret" not in repr(event)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (Secretive(), "<Secretive>"),
        (Secretive, "<type>"),
        (Broken(a=1), "<Broken>"),
        (ValueError("a token"), "<ValueError>"),
        (b"bytes", "<bytes>"),
        (float("nan"), None),
        (float("-inf"), None),
        ((1, {2}), [1, [2]]),
        (MappingProxyType({"a": MappingProxyType({})}), {"a": {}}),
        ({1: "one", None: 0, (1, 2): 3, Secretive(): 4}, None),
        (datetime(2025, 1, 2, tzinfo=timezone.utc), "2025-01-02T00:00:00+00:00"),
        (date(2025, 1, 2), "2025-01-02"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Decimal("1.50"), "1.50"),
        (Colour.RED, "red"),
        (EventType.AGENT_ERROR, "agent_error"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_json_does_not_know_is_told_as_far_as_it_is_safe(value: object, told: object) -> None:
    if isinstance(value, dict):
        told = {"1": "one", "null": 0, "[1,2]": 3, "<Secretive>": 4}
    assert thought({"value": value, "other": 1}).data == {"value": told, "other": 1}


def test_what_is_in_itself_is_told_once() -> None:
    ring: list[object] = [1]
    ring += [ring, ring]
    assert thought({"ring": ring}).data == {"ring": [1, "<list>", "<list>"]}


def test_what_is_nested_without_end_is_cut() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    assert '["<list>"]' in encode({"deep": deep})
    assert encode({"deep": deep}).count("[") < 100


def test_a_number_with_too_many_digits_does_not_prevent_the_rest() -> None:
    data = thought({"huge": 10**5_000, "other": 1}).data
    assert data["other"] == 1


ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=10,
)


@settings(max_examples=50, deadline=None)
@given(data=st.dictionaries(st.text(), ANYTHING), name=st.text(min_size=1))
def test_every_message_is_one_line_of_ascii(data: dict[str, Any], name: str) -> None:
    event = Event.now(EventType.AGENT_ERROR, name, name, name, data)
    message = event.to_json()
    assert message.isascii()
    assert message.isprintable()
    assert json.loads(message)["user_id"] == name
    assert json.loads(message, parse_constant=pytest.fail)["data"].keys() == data.keys()
