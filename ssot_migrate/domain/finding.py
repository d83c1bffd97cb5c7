"""What a rule says about a place in the code."""

from __future__ import annotations

from enum import Enum

import msgspec


class Severity(str, Enum):
    """How much a finding weighs; all of them make the gate fail."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Fix(str, Enum):
    """Who can resolve a finding: the tool, the tool after a review, or a person."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    MANUAL = "manual"


class Category(str, Enum):
    """What a file is for."""

    PRODUCTION = "production"
    TEST = "test"
    SCRIPT = "script"
    BACKUP = "backup"
    GENERATED = "generated"


class Span(msgspec.Struct, frozen=True, order=True):
    """A range in a file: 1-based lines and columns, columns in characters, end exclusive."""

    line: int
    column: int = 1
    end_line: int = 0
    end_column: int = 0


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A rule's verdict at a position.

    Args:
        code: The rule's stable code, `SSOT201`.
        name: The rule's readable name, `deprecated-import`.
        path: POSIX path relative to the root; undecodable bytes as surrogate escapes.
        line: 1-based line; `column` is 1-based and counts characters; the end is exclusive.
        message: One sentence that says what is wrong and what to do.
        concept: The registry's concept, where one is concerned.
        symbol: What was found, as `module:Name`.
        canonical: What to use instead, as `module:Name`.
        chain: The way from the position to the definition, as `path:line`.
        category: What the file is for.
        fix: Who can resolve it.
        evidence: Facts behind the verdict, a sentence each.
        scope: Qualified name of the enclosing function or class; empty at module level.
        fingerprint: Identity that survives moved lines; hexadecimal.
        snippet: The code it is about, on one line, without comments; survives moved files too.
    """

    code: str
    name: str
    severity: Severity
    path: str
    line: int
    column: int = 1
    end_line: int = 0
    end_column: int = 0
    message: str
    concept: str | None = None
    symbol: str | None = None
    canonical: str | None = None
    chain: tuple[str, ...] = ()
    category: Category = Category.PRODUCTION
    fix: Fix = Fix.MANUAL
    evidence: tuple[str, ...] = ()
    scope: str = ""
    fingerprint: str = ""
    snippet: str = ""


class FileError(msgspec.Struct, frozen=True, order=True):
    """A file or folder that could not be handled, and why."""

    path: str
    message: str
