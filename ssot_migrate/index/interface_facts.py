"""The facts of what a file offers: classes with their bases and members, and functions."""

from __future__ import annotations

from ssot_migrate.index.facts import Signature, _Fact


class BaseFact(_Fact, frozen=True):
    """One base in a class statement.

    Args:
        text: As it is written, in short.
        name: The class as a dotted name, without a subscript; empty where it is computed.
        is_subscripted: Whether it has a subscript, as in `Base[int]`.
        is_implied: Whether it is not written: type parameters imply `Generic`.
    """

    text: str
    name: str = ""
    is_subscripted: bool = False
    is_implied: bool = False


class MemberFact(_Fact, frozen=True):
    """A member of a class, or a function of a module.

    Args:
        kind: `method`, `static`, `class`, `property`, `attribute` (of the class), `instance` (an
            attribute that a method assigns), `nested` (a class) or `function`.
        signature: How it is called; None of what is not called. A method's lacks its first
            parameter.
        shown: The signature or the annotation as it is written, in short.
        is_coroutine: Whether it is an `async def`.
        is_abstract: Whether a subclass must define it.
        is_settable: Whether a property has a setter.
        returns: The return annotation as it is written.
        raises: The exceptions that its body raises by name, sorted.
    """

    name: str
    kind: str
    line: int
    signature: Signature | None = None
    shown: str = ""
    is_coroutine: bool = False
    is_abstract: bool = False
    is_settable: bool = False
    returns: str = ""
    raises: tuple[str, ...] = ()


class ClassInterface(_Fact, frozen=True):
    """A class anywhere in the file.

    Args:
        name: Qualified name inside the module.
        scopes: Qualified names of the classes and functions around it whose names its bases see,
            innermost first.
        is_local: Whether it stands in a function.
        metaclass: As it is written.
        decorators: As dotted names.
        members: In source order; `self.x = ...` last.
        slots: Names in `__slots__`; None without, or where they cannot be read.
    """

    name: str
    line: int
    end_line: int
    bases: tuple[BaseFact, ...] = ()
    scopes: tuple[str, ...] = ()
    is_local: bool = False
    metaclass: str = ""
    decorators: tuple[str, ...] = ()
    members: tuple[MemberFact, ...] = ()
    slots: tuple[str, ...] | None = None


class FunctionInterface(_Fact, frozen=True):
    """A function at module level."""

    member: MemberFact
    end_line: int
    decorators: tuple[str, ...] = ()


class InterfaceFacts(_Fact, frozen=True):
    """What a file offers, in source order."""

    classes: tuple[ClassInterface, ...] = ()
    functions: tuple[FunctionInterface, ...] = ()
