"""State that all instances of a class would share, and so one user with another."""

from __future__ import annotations

import asyncio
import queue
import sys
import threading
from collections.abc import Iterator, MutableMapping, MutableSequence, MutableSet
from functools import lru_cache
from inspect import getmro
from types import FunctionType, MappingProxyType, SimpleNamespace

_MUTABLE = (
    *(MutableMapping, MutableSequence, MutableSet, SimpleNamespace),
    *(queue.Queue, queue.SimpleQueue, asyncio.Queue, threading.local),
)
_CACHED = type(lru_cache(lambda: None))
_STANDARD_LIBRARY = frozenset(sys.stdlib_module_names)
_WRITTEN_BY_METACLASSES = {
    "pydantic": frozenset(("model_config", "model_fields", "model_computed_fields")),
}


def shared_state(agent_class: type) -> dict[str, str]:
    """Name what instances of a class would share, each with what it is.

    These are mutable class attributes, caches on methods, and mutable defaults of parameters, of
    the class and of its bases outside the standard library. What a subclass hides does not count,
    and neither does what pydantic writes into every model.
    """
    found = {}
    seen: set[str] = set()
    for metaclass in getmro(type(agent_class)):
        seen |= _WRITTEN_BY_METACLASSES.get(_package(metaclass), frozenset())
    for base in agent_class.__mro__:
        if _package(base) in _STANDARD_LIBRARY:
            continue
        for name, value in vars(base).items():
            if name not in seen and (reason := _why_shared(name, value)):
                found[name] = reason
        seen.update(vars(base))
    return found


def _package(found: type) -> str:
    return found.__module__.partition(".")[0]


def may_share_unnoticed(agent_class: type) -> bool:
    """Whether the class may give one instance to two users, and nobody would notice.

    It decides what it gives, for it has a `__new__` or a metaclass that is called for it, and its
    instances cannot be recognized later, for they cannot be referred to weakly.
    """
    makers: tuple[object, ...] = (agent_class.__new__, type(agent_class).__call__)
    return makers != (object.__new__, type.__call__) and not agent_class.__weakrefoffset__


def _why_shared(name: str, value: object) -> str:
    if _is_mutable(value):
        is_pythons_own = name.startswith("__") and name.endswith("__")
        return "" if is_pythons_own else f"a {type(value).__qualname__} on the class"
    for function in _functions(value):
        if isinstance(function, _CACHED):
            return "a cache on a method"
        if isinstance(function, FunctionType):
            defaults = (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
            if any(map(_is_mutable, defaults)):
                return "a mutable default of a parameter"
    return ""


def _functions(value: object) -> Iterator[object]:
    if isinstance(value, property):
        yield from (value.fget, value.fset, value.fdel)
    else:
        yield getattr(value, "__func__", value)


def _is_mutable(value: object) -> bool:
    if isinstance(value, tuple):
        return any(map(_is_mutable, value))
    if isinstance(value, MappingProxyType):
        return any(map(_is_mutable, value.values()))
    if isinstance(value, type):
        return False
    dataclass_parameters = getattr(type(value), "__dataclass_params__", None)
    if dataclass_parameters is not None:
        return not dataclass_parameters.frozen
    return isinstance(value, _MUTABLE)
