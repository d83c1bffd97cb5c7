"""Byte search for identifiers: which files can have anything to say about a name."""

from __future__ import annotations

import functools
import hashlib
import re
from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_FEW, _FEWER = 24, 8
_ANYTHING = re.compile(b"")
_WORD = frozenset(b"0123456789_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_SPACED = bytes(byte if byte in _WORD else 32 for byte in range(256))


class Needle(msgspec.Struct, frozen=True, order=True):
    """An identifier to look for.

    Args:
        name: The identifier.
        beside: Another one that the file must spell too, if not empty.
        imported: Whether `beside` must stand as the parent of an import or of a dotted name:
            `beside.name`, `beside import`.
    """

    name: str
    beside: str = ""
    imported: bool = False


def matcher(needles: Iterable[Needle]) -> Callable[[bytes], bool]:
    """A predicate: does a file's content spell what one of the needles asks for?

    A few names are searched one by one at memory speed. For many, the file's words are looked up
    among them, so that the cost depends on the file's size alone. A name that is not ASCII may be
    spelled in several ways (PEP 3131): then every file matches.
    """
    wanted = sorted(set(needles))
    if not all(needle.name.isascii() and needle.beside.isascii() for needle in wanted):
        return lambda _data: True
    by_name: defaultdict[bytes, list[tuple[bytes, Needle]]] = defaultdict(list)
    for needle in wanted:
        by_name[needle.name.encode()].append((needle.beside.encode(), needle))

    def spells_one_of(names: Iterable[bytes], data: bytes) -> bool:
        return any(
            name in data
            and any(beside in data and _pattern(one).search(data) for beside, one in by_name[name])
            for name in names
        )

    if len(by_name) <= _FEW:
        return lambda data: spells_one_of(by_name, data)
    # What is more than an identifier is looked up by the last one in it.
    by_word: defaultdict[bytes, list[bytes]] = defaultdict(list)
    for name in by_name:
        by_word[_words(name)[-1]].append(name)
    besides = {needle.beside.encode() for needle in wanted}
    shared = besides if len(besides) <= _FEWER else {b""}

    def matches(data: bytes) -> bool:
        return any(beside in data for beside in shared) and any(
            spells_one_of(by_word[word], data) for word in by_word.keys() & _words(data)
        )

    return matches


def _words(data: bytes) -> list[bytes]:
    """What stands between all that can be no part of an ASCII identifier."""
    return data.translate(_SPACED).split()


@functools.cache
def _pattern(needle: Needle) -> re.Pattern[bytes]:
    """What a file must hold besides the two identifiers."""
    if not needle.imported or not needle.beside:
        return _ANYTHING
    name, beside = re.escape(needle.name.encode()), re.escape(needle.beside.encode())
    return re.compile(rb"\b%b[\s\\]*(?:\.[\s\\]*%b\b|import\b)" % (beside, name))


def spelled(data: bytes, names: Iterable[str]) -> set[str]:
    """Which of the identifiers a content spells; those that are not ASCII count as spelled."""
    wanted = set(names)
    if len(wanted) <= _FEW:
        return {name for name in wanted if not name.isascii() or name.encode() in data}
    words = set(_words(data))
    return {
        name
        for name in wanted
        if not name.isascii()
        or name.encode() in words
        or (not name.isidentifier() and name.encode() in data)
    }


def key(needles: Iterable[Needle]) -> bytes:
    """The identity of a set of needles in the cache; 16 bytes."""
    text = "\0".join(f"{n.name} {n.beside} {n.imported}" for n in sorted(set(needles)))
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
