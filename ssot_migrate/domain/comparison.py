"""Answers of `compare`: how the users of one definition fare with another."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class SideReport(msgspec.Struct, frozen=True, kw_only=True):
    """One of the definitions.

    Args:
        asked: As it was asked for.
        symbol: The definition.
        kind: `class`, `function` or `module`.
        path: Its file.
        line: Where it starts; 1 for a module.
        lines: How many lines it has.
        file_lines: How many lines its file has.
        bases: As the class statement spells them.
        mro: Names of the classes in it, itself first; empty of what is no class.
        unseen: Those of them whose own bases are not known.
        conflict: Why Python refuses to create the class.
        decorators: As dotted names.
        slots: Names in `__slots__`; None without them.
        importing_files: How many files import it.
        by_category: Those by category.
    """

    asked: str
    symbol: str
    kind: str
    path: str
    line: int
    lines: int
    file_lines: int
    bases: tuple[str, ...] = ()
    mro: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    conflict: str = ""
    decorators: tuple[str, ...] = ()
    slots: tuple[str, ...] | None = None
    importing_files: int = 0
    by_category: Mapping[str, int] = {}


class MemberSide(msgspec.Struct, frozen=True, kw_only=True):
    """A member as one side has it.

    Args:
        kind: `method`, `static`, `class`, `property`, `attribute`, `instance`, `nested`,
            `function`, `value` or `module`.
        shown: Its signature or annotation as it is written, with `async` in front.
        origin: The class or module that it comes from, if that is not the side itself.
        path: Where it stands.
        line: Likewise.
    """

    kind: str
    shown: str
    path: str
    line: int
    origin: str = ""


class MemberReport(msgspec.Struct, frozen=True, kw_only=True):
    """A name that one side has, or both.

    Args:
        a: As the first side has it; None if it does not.
        b: As the second side has it.
        verdict: How readers of the first fare with the second: `same`, `compatible`,
            `incompatible` or `missing`.
        why: What differs.
        reverse: How readers of the second fare with the first.
        reverse_why: What differs for those.
        is_private: Whether the name is not for readers.
    """

    name: str
    a: MemberSide | None
    b: MemberSide | None
    verdict: str
    why: str
    reverse: str
    reverse_why: str
    is_private: bool

    @property
    def is_clash(self) -> bool:
        """Whether both sides have the name and mean something else by it."""
        return None not in (self.a, self.b) and "incompatible" in (self.verdict, self.reverse)


class CallSite(msgspec.Struct, frozen=True, order=True, kw_only=True):
    """A place that uses the first definition.

    Args:
        path: The file.
        line: 1-based.
        name: What is used there.
        verdict: `fits`, `adapt` (its `await` has to change), `breaks` or `unclear` (it cannot be
            told whether it is meant).
        why: The reason, as a sentence.
        category: What the file is for.
    """

    path: str
    line: int
    name: str
    verdict: str
    why: str = ""
    category: str = ""


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Two definitions, and what would become of the first one's users."""

    a: SideReport
    b: SideReport
    members: tuple[MemberReport, ...]
    call_sites: tuple[CallSite, ...]

    @property
    def only_a(self) -> tuple[MemberReport, ...]:
        """What the second lacks: to be merged into it before the first one goes."""
        return tuple(one for one in self.members if one.b is None)

    @property
    def only_b(self) -> tuple[MemberReport, ...]:
        """What the first lacks."""
        return tuple(one for one in self.members if one.a is None)

    @property
    def clashes(self) -> tuple[MemberReport, ...]:
        """Names that both have and mean differently."""
        return tuple(one for one in self.members if one.is_clash)

    def sites(self, *verdicts: str) -> tuple[CallSite, ...]:
        """The places with one of these verdicts."""
        return tuple(one for one in self.call_sites if one.verdict in verdicts)
