"""State that all instances of a class would share, and so one user with another."""

from __future__ import annotations

import asyncio
import queue
import sys
import threading
from collections.abc import Iterator, MutableMapping, MutableSequence, MutableSet
from functools import lru_cache
from types import FunctionType, MappingProxyType, SimpleNamespace

_MUTABLE = (
    *(MutableMapping, MutableSequence, MutableSet, SimpleNamespace),
    *(queue.Queue, queue.SimpleQueue, asyncio.Queue, threading.local),
)
_CACHED = type(lru_cache(lambda: None))
_STANDARD_LIBRARY = frozenset(sys.stdlib_module_names)


def shared_state(agent_class: type) -> dict[str, str]:
    """Name what instances of a class would share, each with what it is.

    These are mutable class attributes, caches on methods, and mutable defaults of parameters, of
    the class and of its bases outside the standard library. What a subclass hides does not count.
    """
    found = {}
    seen: set[str] = set()
    for base in agent_class.__mro__:
        if base.__module__.partition(".")[0] in _STANDARD_LIBRARY:
            continue
        for name, value in vars(base).items():
            if name not in seen and (reason := _why_shared(name, value)):
                found[name] = reason
        seen.update(vars(base))
    return found


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
