"""Values that nobody can change, made of values that somebody could."""

from __future__ import annotations

import math
import uuid
from collections.abc import Mapping, Set
from copy import deepcopy
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import MappingProxyType

_CONSTANTS = frozenset(
    (
        *(str, int, float, complex, bool, bytes, type(None)),
        *(date, datetime, time, timedelta, Decimal, uuid.UUID),
    )
)
_PLAIN = (str, int, float, bool, type(None))


def freeze(value: object) -> object:
    """A copy that shares nothing mutable with `value` and cannot be changed as far as possible.

    Mappings become read-only mappings, lists tuples, and sets frozen sets, all the way down.
    Objects of other classes are copied deeply.

    Raises:
        TypeError: Something in it cannot be copied, or a key of a mapping is no string.
    """
    if type(value) in _CONSTANTS:
        return value
    if isinstance(value, Mapping):
        return freeze_mapping(value)
    if isinstance(value, list | tuple):
        return tuple(freeze(item) for item in value)
    if isinstance(value, Set):
        return frozenset(freeze(item) for item in value)
    if isinstance(value, bytearray):
        return bytes(value)
    try:
        return deepcopy(value)
    except Exception:
        raise TypeError(f"a {type(value).__qualname__} cannot be copied") from None


def freeze_mapping(value: Mapping[str, object]) -> Mapping[str, object]:
    """A read-only copy of a mapping, frozen all the way down.

    Raises:
        TypeError: Something in it cannot be copied, or a key is no string.
    """
    if not all(isinstance(key, str) for key in value):
        raise TypeError("keys must be strings")
    return MappingProxyType({key: freeze(item) for key, item in value.items()})


def thaw(value: object) -> object:
    """A frozen value as JSON can hold it; of what JSON does not know, the name of its class."""
    if isinstance(value, Mapping):
        return {key: thaw(item) for key, item in value.items()}
    if isinstance(value, tuple | frozenset):
        return [thaw(item) for item in value]
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, uuid.UUID | Decimal):
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, _PLAIN) else f"<{type(value).__qualname__}>"
