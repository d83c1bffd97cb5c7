"""Byte search for identifiers: which files can have anything to say about a name."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_FEW = 24
_IDENTIFIER = re.compile(rb"[A-Za-z_][A-Za-z0-9_]*")


def matcher(needles: Iterable[str]) -> Callable[[bytes], bool]:
    """A predicate: does a file's content spell any of the identifiers?

    A few needles are searched one by one at memory speed. For many, the file's identifiers are
    intersected with them, so that the cost depends on the file's size alone. A file that hides
    its identifiers from a byte search (an identifier that is not ASCII may be spelled in several
    ways, PEP 3131) always matches.
    """
    wanted = sorted(set(needles))
    if not all(needle.isascii() for needle in wanted):
        return lambda _data: True
    patterns = [needle.encode() for needle in wanted]
    if len(patterns) <= _FEW:
        return lambda data: any(pattern in data for pattern in patterns)
    lookup = frozenset(patterns)
    return lambda data: not lookup.isdisjoint(_IDENTIFIER.findall(data))


def key(needles: Iterable[str]) -> bytes:
    """The identity of a set of needles in the cache; 16 bytes."""
    text = "\0".join(sorted(set(needles)))
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
