"""What a client is told of a run: one value an event, encoded when it happens."""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import date, datetime, time, timezone
from decimal import Decimal
from enum import Enum
from json.encoder import encode_basestring_ascii as _quoted
from typing import Any

_DEEPEST = 50
_ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


class EventType(str, Enum):
    """What can happen in a run."""

    AGENT_STARTED = "agent_started"
    AGENT_THINKING = "agent_thinking"
    TOOL_EXECUTING = "tool_executing"
    TOOL_COMPLETED = "tool_completed"
    AGENT_COMPLETED = "agent_completed"
    AGENT_ERROR = "agent_error"


class Delivery(Enum):
    """What became of an event.

    Accepted events reach every client of the user and thread that stays connected, once and in the
    order of their sequence.
    """

    ACCEPTED = "accepted"
    COALESCED = "coalesced"
    """Accepted in the place of the run's last event, which a slow client had not been sent yet."""
    CLIENT_LOST = "client lost"
    """A client was too slow or gone; the others, if any, have accepted it."""
    NO_CLIENT = "no client"
    UNROUTED = "unrouted"
    """The run is mapped to no thread."""
    NO_BRIDGE = "no bridge"


@dataclass(frozen=True, slots=True, eq=False)
class Event:
    """One thing that happened in a run. Nothing in it changes; events are equal only to themselves.

    Args:
        kind: What happened.
        user_id: Whose run it is.
        thread_id: The conversation of the run.
        run_id: The run.
        payload: The details, a JSON object in one line of ASCII.
        timestamp: When it happened, in UTC.
        sequence: Its place among the events of the run, whoever was there to hear them, from 1; 0
            before it has one.
    """

    kind: EventType
    user_id: str
    thread_id: str
    run_id: str
    payload: str = field(repr=False)
    timestamp: datetime
    sequence: int = 0

    @classmethod
    def now(
        cls,
        kind: EventType,
        user_id: str,
        thread_id: str,
        run_id: str,
        data: Mapping[str, object],
    ) -> Event:
        """An event that happens now. Later changes of `data` do not reach it.

        Of what JSON does not know only the name of its class is told; what is no number is null.
        """
        payload = encode(data)
        return cls(kind, user_id, thread_id, run_id, payload, datetime.now(timezone.utc))

    @property
    def data(self) -> dict[str, Any]:
        """The details, decoded anew."""
        details: dict[str, Any] = json.loads(self.payload)
        return details

    def numbered(self, sequence: int) -> Event:
        """The same event with its place in the run."""
        ids = (self.user_id, self.thread_id, self.run_id)
        return Event(self.kind, *ids, self.payload, self.timestamp, sequence)

    def to_json(self) -> str:
        """The message to the client: a JSON object in one line of ASCII."""
        return (
            f'{{"type":"{self.kind.value}","user_id":{_quoted(self.user_id)}'
            f',"thread_id":{_quoted(self.thread_id)},"run_id":{_quoted(self.run_id)}'
            f',"sequence":{self.sequence},"timestamp":"{self.timestamp.isoformat()}"'
            f',"data":{self.payload}}}'
        )


def encode(data: Mapping[str, object]) -> str:
    """Whatever an agent may hand over, as a JSON object in one line of ASCII."""
    try:
        return _ENCODER.encode(data)
    except Exception:  # not JSON as it stands: what can be told of it is told
        return _ENCODER.encode(_plain(data, ()))


def _plain(value: object, above: tuple[int, ...]) -> object:
    """A copy that JSON can hold. An object becomes its class's name: a text might tell too much.

    Args:
        value: What is to be told.
        above: The identities of what it is in, so that nothing is told within itself.
    """
    try:
        if len(above) < _DEEPEST and id(value) not in above:
            return _plain_of(value, (*above, id(value)))
    except Exception:  # a class of the agent's that fails while it is being looked at
        pass
    return f"<{type(value).__qualname__}>"


def _plain_of(value: object, above: tuple[int, ...]) -> object:
    if isinstance(value, Enum):
        return _plain(value.value, above)
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, int):
        int.__repr__(value)  # raises where it has too many digits
        return value
    if isinstance(value, Mapping):
        return {_key(key, above): _plain(item, above) for key, item in value.items()}
    if isinstance(value, list | tuple | Set):
        return [_plain(item, above) for item in value]
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, uuid.UUID | Decimal):
        return str(value)
    raise TypeError


def _key(key: object, above: tuple[int, ...]) -> str:
    plain = _plain(key, above)
    return plain if isinstance(plain, str) else _ENCODER.encode(plain)
