"""Users with a secret each, and the search for a secret where it has no business."""

from __future__ import annotations

import json
import logging
from random import Random
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

LIFECYCLE = ("agent_started", "tool_executing", "tool_completed", "agent_completed")


class Person(msgspec.Struct, frozen=True):
    """A user.

    Args:
        user: The user's id.
        thread: The one thread that the user talks in.
        token: 128 random bits that are in everything the user asks, stores and is answered.
        runs: Ids of the runs that the user starts.
    """

    user: str
    thread: str
    token: str
    runs: tuple[str, ...]


def people(count: int, runs: int, seed: int = 0) -> tuple[Person, ...]:
    """As many users, who start as many runs each."""
    chance = Random(seed)
    return tuple(
        Person(
            user=f"user-{number:04}",
            thread=f"thread-{number:04}",
            token=f"{chance.getrandbits(128):032x}",
            runs=tuple(f"run-{number:04}-{run}" for run in range(runs)),
        )
        for number in range(count)
    )


class Client:
    """A browser's end of a socket: keeps every text that it received."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.texts: list[str] = []

    def messages(self, run: str) -> list[dict[str, Any]]:
        """What it received of a run, in the order of arrival."""
        received = [json.loads(text) for text in self.texts]
        return [message for message in received if message["run_id"] == run]


def misrouted(client: Client, everybody: Iterable[Person]) -> list[str]:
    """What a client received that is not its user's, by the envelope and by the secrets."""
    own = client.person
    found = []
    for text in client.texts:
        message = json.loads(text)
        if (message["user_id"], message["thread_id"]) != (own.user, own.thread):
            found.append(f"{own.user} received an event of {message['user_id']}")
        elif message["run_id"] not in own.runs:
            found.append(f"{own.user} received an event of {message['run_id']}")
    return found + exposed(f"what {own.user} received", client.texts, set(everybody) - {own})


def exposed(place: str, texts: Iterable[str], everybody: Iterable[Person]) -> list[str]:
    """The users whose secret is in a text."""
    whole = "\n".join(texts)
    return [
        f"the secret of {other.user} is in {place}" for other in everybody if other.token in whole
    ]


def disordered(client: Client) -> list[str]:
    """Where events of a run are lost, repeated or reordered, for a client that stayed connected."""
    found = []
    for run in client.person.runs:
        numbers = [message["sequence"] for message in client.messages(run)]
        if numbers != list(range(1, len(numbers) + 1)):
            found.append(f"{client.person.user} received {numbers} of {run}")
    return found


def incomplete(client: Client, run: str) -> list[str]:
    """What a client should have received of a run that came to its end."""
    types = [message["type"] for message in client.messages(run)]
    counts = {kind: types.count(kind) for kind in LIFECYCLE}
    return [
        f"{client.person.user} received {count} {kind} of {run}"
        for kind, count in counts.items()
        if count != 1
    ]


class Eavesdropper(logging.Handler):
    """Keeps what the program logs, tracebacks included."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    def __enter__(self) -> Eavesdropper:
        root = logging.getLogger()
        self._level = root.level
        root.addHandler(self)
        root.setLevel(logging.DEBUG)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self)
        logging.getLogger().setLevel(self._level)
