"""Users over real sockets, who cancel and leave: everything goes where it belongs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.campaigns.runtime.soak import SHORT, soak
from tests.campaigns.runtime.soak_clients import Client, Run, Tally


def test_nothing_is_misrouted_lost_repeated_or_reordered() -> None:
    report = soak(SHORT)
    assert report.problems == []
    assert report.tally.received >= SHORT.events
    assert report.tally.cancelled
    assert report.tally.disconnects


# Whether the clients would notice


@pytest.mark.parametrize(
    ("sequences", "noticed"),
    [
        ((1, 2, 3), {}),
        ((1, 3, 2), {"reordered": 1}),
        ((1, 2, 2), {"repeated": 1}),
        ((2, 1), {"reordered": 1}),
        ((1, 4), {"lost": 2}),
    ],
)
def test_the_place_of_every_event_in_its_run_is_checked(
    sequences: tuple[int, ...], noticed: dict[str, int]
) -> None:
    tally = Tally()
    client = listening(tally)
    for sequence in sequences:
        client.take(message(sequence=sequence))
    client.settle("run")
    assert seen(tally) == {"received": len(sequences), "unfinished": 1, **noticed}


def test_what_a_client_missed_while_it_was_away_is_not_lost() -> None:
    tally = Tally()
    run = Run()
    run.take(1, tally)
    run.was_away = True
    run.take(4, tally)
    run.take(6, tally)
    assert tally.swallowed == 2
    assert run.missing == {5}


@pytest.mark.parametrize("field", ["user_id", "thread_id", "run_id"])
def test_an_event_of_another_is_noticed(field: str) -> None:
    tally = Tally()
    listening(tally).take(message(**{field: "another"}))
    assert seen(tally) == {"received": 1, "misrouted": 1}


def test_the_secret_of_another_is_noticed() -> None:
    tally = Tally()
    listening(tally).take(message(data={"result": f"token-{'f' * 32}"}))
    assert seen(tally) == {"received": 1, "exposed": 1}


def listening(tally: Tally) -> Client:
    client = Client(7, "ws://nowhere", tally, share=0.0, seed=0)
    client.runs["run"] = Run()
    return client


def message(**changed: Any) -> str:
    own = {"user_id": "user-00007", "thread_id": "thread-00007", "run_id": "run", "sequence": 1}
    return json.dumps({"type": "agent_thinking", **own, **changed})


def seen(tally: Tally) -> dict[str, int]:
    return {name: count for name in tally.__struct_fields__ if (count := getattr(tally, name))}
