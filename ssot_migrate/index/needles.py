"""Byte search for identifiers: which files can have anything to say about a name."""

from __future__ import annotations

import functools
import hashlib
import re
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_FEW = 24
_ANYTHING = re.compile(b"")
_IDENTIFIER = re.compile(rb"[A-Za-z_][A-Za-z0-9_]*")


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

    A few needles are searched one by one at memory speed. For many, the file's identifiers are
    looked up among them, so that the cost depends on the file's size alone. A name that is not
    ASCII may be spelled in several ways (PEP 3131): then every file matches.
    """
    wanted = sorted(set(needles))
    if not all(needle.name.isascii() and needle.beside.isascii() for needle in wanted):
        return lambda _data: True
    if len(wanted) <= _FEW:
        sought = [(n.name.encode(), n.beside.encode(), _pattern(n).search) for n in wanted]
        return lambda data: any(
            name in data and beside in data and search(data) for name, beside, search in sought
        )
    by_name: dict[bytes, list[tuple[bytes, Needle]]] = {}
    for needle in wanted:
        by_name.setdefault(needle.name.encode(), []).append((needle.beside.encode(), needle))
    spelled_out = [name for name in by_name if not name.decode().isidentifier()]

    def matches(data: bytes) -> bool:
        found = set(_IDENTIFIER.findall(data)) & by_name.keys()
        found.update(name for name in spelled_out if name in data)
        return any(
            beside in data and _pattern(needle).search(data)
            for name in found
            for beside, needle in by_name[name]
        )

    return matches


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
    identifiers = set(_IDENTIFIER.findall(data))
    return {
        name
        for name in wanted
        if not name.isascii()
        or name.encode() in identifiers
        or (not name.isidentifier() and name.encode() in data)
    }


def key(needles: Iterable[Needle]) -> bytes:
    """The identity of a set of needles in the cache; 16 bytes."""
    text = "\0".join(f"{n.name} {n.beside} {n.imported}" for n in sorted(set(needles)))
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
