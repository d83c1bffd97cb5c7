"""Answers about class hierarchies."""

from __future__ import annotations

import msgspec


class BaseReport(msgspec.Struct, frozen=True, kw_only=True):
    """A base of a class.

    Args:
        text: As the class statement spells it.
        name: `module:Name`; of a class outside the tree its dotted name; empty if it is computed.
        path: The file that defines it; empty outside the tree.
        line: Where it does.
    """

    text: str
    name: str
    path: str = ""
    line: int = 0


class OverrideReport(msgspec.Struct, frozen=True, kw_only=True):
    """A member that has the name of one above it.

    Args:
        holder: The class that is overridden.
        path: Its file.
        line: The line of the overridden member.
        verdict: How readers of the overridden one fare: `same`, `compatible`, `incompatible`.
        why: What differs.
    """

    holder: str
    path: str
    line: int
    verdict: str
    why: str = ""


class ClassMember(msgspec.Struct, frozen=True, kw_only=True):
    """A member in the body of a class.

    Args:
        kind: `method`, `static`, `class`, `property`, `attribute`, `instance` or `nested`.
        shown: How it is written, as one line.
        overrides: What it overrides, nearest first; None where that is nothing.
    """

    name: str
    kind: str
    line: int
    shown: str
    is_coroutine: bool = False
    is_abstract: bool = False
    overrides: OverrideReport | None = None


class Shadowed(msgspec.Struct, frozen=True, kw_only=True):
    """A member of one base that another base hides without being derived from it."""

    name: str
    hidden: str
    hidden_path: str
    hidden_line: int
    by: str
    by_path: str
    by_line: int


class ClassReport(msgspec.Struct, frozen=True, kw_only=True):
    """A class.

    Args:
        name: `module:Name`.
        mro: Names of the classes in it, in order, itself first.
        unseen: Those of them whose own bases are not known: further classes may stand between.
        conflict: Why Python refuses to create it; empty if it does not.
        subclasses: Names of the classes right below it, of those that were looked at.
        category: What the file is for.
        slots: Names in `__slots__`; None without them.
    """

    name: str
    path: str
    line: int
    end_line: int
    bases: tuple[BaseReport, ...]
    mro: tuple[str, ...]
    unseen: tuple[str, ...]
    conflict: str
    subclasses: tuple[str, ...]
    members: tuple[ClassMember, ...]
    shadowed: tuple[Shadowed, ...]
    category: str
    metaclass: str = ""
    decorators: tuple[str, ...] = ()
    slots: tuple[str, ...] | None = None

    @property
    def key(self) -> tuple[str, str, int]:
        """What tells it from others, as a name may be defined twice."""
        return (self.path, self.name, self.line)


class Tree(msgspec.Struct, frozen=True):
    """A class and, nested, those below it: positions in `Hierarchy.classes`.

    Args:
        position: The class.
        below: Its subclasses; empty where it was shown with them before.
        is_repeated: Whether it was.
    """

    position: int
    below: tuple[Tree, ...] = ()
    is_repeated: bool = False


class Hierarchy(msgspec.Struct, frozen=True, kw_only=True):
    """Classes and how they derive from each other.

    Args:
        classes: Sorted by path and line.
        trees: What is above comes first; a class with several bases stands below each of them.
        asked: Whether names were asked for: then members are of interest.
    """

    classes: tuple[ClassReport, ...]
    trees: tuple[Tree, ...]
    asked: bool

    @property
    def conflicts(self) -> tuple[ClassReport, ...]:
        """The classes that Python refuses to create."""
        return tuple(one for one in self.classes if one.conflict)
