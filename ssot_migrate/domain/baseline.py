"""The findings that a team knows and lets pass for now, and what became of their list."""

from __future__ import annotations

import msgspec

from ssot_migrate.domain.finding import FileError, Finding


class Entry(msgspec.Struct, frozen=True, order=True, forbid_unknown_fields=True):
    """A known finding.

    Rule, scope and code identify it, and where the code did not move, the path.

    Args:
        code: The rule's code.
        path: The file it was in when the entry was written.
        scope: Qualified name of the enclosing function or class; empty at module level.
        snippet: The code it is about, on one line.
        number: Tells equal ones in one file apart; from 1.
        reason: Why it was accepted.
    """

    code: str
    path: str
    scope: str = ""
    snippet: str = ""
    number: int = 1
    reason: str = ""


class BaselineReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a baseline, or would.

    Args:
        file: The baseline as the user would name it.
        known: How many of its entries stand for something that is found.
        unseen: How many entries were not asked about, as their rules or files were not.
        added: Entries that are new in it.
        dropped: Entries for which nothing is found, and which went.
        stale: Such entries that are still there.
        new: Findings that no entry stands for.
        errors: Files and folders that could not be handled, sorted.
        notes: What the reader should know besides, a sentence each.
    """

    file: str
    known: int
    unseen: int = 0
    added: tuple[Entry, ...] = ()
    dropped: tuple[Entry, ...] = ()
    stale: tuple[Entry, ...] = ()
    new: tuple[Finding, ...] = ()
    errors: tuple[FileError, ...] = ()
    notes: tuple[str, ...] = ()
