"""What a class is derived from, as far as the tree shows."""

from __future__ import annotations

import msgspec


class ClassRef(msgspec.Struct, frozen=True, order=True):
    """A class.

    Args:
        name: `module:Name` of one in the tree, the dotted name of one outside; of a base that is
            computed, how it is written.
        path: The file that defines it; empty outside the tree.
        line: Where it does.
        is_computed: Whether it is no name of a class.
    """

    name: str
    path: str = ""
    line: int = 0
    is_computed: bool = False

    def __str__(self) -> str:
        return f"`{self.name}`"


class Ancestor(msgspec.Struct, frozen=True):
    """One base of a class: how it is written, and which class that is."""

    text: str
    ref: ClassRef
    is_subscripted: bool = False


class Line(msgspec.Struct, frozen=True):
    """A class's method resolution order.

    Args:
        refs: The class itself first; `object` last. Where the bases contradict each other, every
            class above it, nearest first.
        conflict: Why Python refuses to create it, as a sentence; empty if it does not.
        unseen: The classes in it whose own bases are not known.
    """

    refs: tuple[ClassRef, ...]
    conflict: str = ""
    unseen: tuple[str, ...] = ()
