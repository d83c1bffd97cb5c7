"""Strings of a tree that read as dotted paths."""

from __future__ import annotations

from enum import Enum

import msgspec


class Standing(str, Enum):
    """What there is behind a path."""

    FOUND = "found"
    EXTERNAL = "external"
    """It begins outside the tree, and is not judged."""
    NOTHING = "nothing"
    """It begins in the tree and leads to nothing there."""
    UNKNOWN = "unknown"
    """It need not be a path, or nobody can tell without running the code."""


class NamedPath(msgspec.Struct, frozen=True, kw_only=True):
    """A string that reads as a dotted path.

    Args:
        path: The file.
        line: 1-based.
        column: 1-based.
        text: The literal.
        spelled: The path that it names, which differs in `name = package.module:function`.
        kind: What it is for, as the name of a `StringKind`.
        scope: The function or class around.
        standing: What there is behind it.
        symbol: What it leads to, as `module:Name`; empty where that is not known.
        near: What may be meant instead, where it leads to nothing; nearest first.
        how: Of an answer to "who names this": `itself`, `below` or `through` a re-export.
    """

    path: str
    line: int
    column: int
    text: str
    spelled: str
    kind: str
    scope: str = ""
    standing: Standing = Standing.UNKNOWN
    symbol: str = ""
    near: tuple[str, ...] = ()
    how: str = ""
