"""Findings over the history of a project, complete, so that a reporter computes nothing."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

import msgspec

UNOWNED = "unowned"
"""Stands for the owner of files that no `CODEOWNERS` gives to anybody."""


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in one revision.

    Args:
        files: Its Python files.
        findings: How many findings there are that no comment suppresses.
        suppressed: How many a comment suppresses.
        by_rule: Findings by code.
        by_concept: Findings by concept; those without one are not in it.
        by_owner: Findings by owner; one counts for each owner of its file. Empty where the
            revision has no `CODEOWNERS`.
        missing: Files that git has no content of, or that are too large.
        no_roots: Entries of the registry's `src` that name no folder of the revision.
    """

    files: int = 0
    findings: int = 0
    suppressed: int = 0
    by_rule: Mapping[str, int] = {}
    by_concept: Mapping[str, int] = {}
    by_owner: Mapping[str, int] = {}
    missing: int = 0
    no_roots: tuple[str, ...] = ()

    @property
    def is_comparable(self) -> bool:
        """Whether it is known of the whole revision, and the revision has any Python."""
        return bool(self.files) and not self.missing


class Point(msgspec.Struct, frozen=True):
    """One revision of the history.

    Args:
        commit: Its full name.
        time: When it was committed, in seconds since 1970.
        tags: The tags that stand for it.
        tally: What was found in it.
    """

    commit: str
    time: int
    tags: tuple[str, ...]
    tally: Tally

    @property
    def date(self) -> datetime.date:
        """The day of the commit, in UTC."""
        return datetime.datetime.fromtimestamp(self.time, datetime.timezone.utc).date()


class Trend(msgspec.Struct, frozen=True, kw_only=True):
    """How fast findings come or go.

    Args:
        per_week: Findings a week; negative where they become fewer.
        points: From how many revisions that is computed.
        since: The day of the first of them.
        until: The day of the last of them.
        ends: The day on which none would be left at that rate; None where they do not become
            fewer, or none is left, or that day is too far off to be named.
    """

    per_week: float
    points: int
    since: datetime.date
    until: datetime.date
    ends: datetime.date | None = None


class Work(msgspec.Struct, frozen=True):
    """What it took to replay a history.

    Args:
        revisions: How many revisions there are.
        remembered: How many of them an earlier run had tallied.
        contents: How many contents were read from git.
        parsed: From how many contents facts were extracted.
    """

    revisions: int
    remembered: int = 0
    contents: int = 0
    parsed: int = 0


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """The findings of a project over its history.

    Args:
        points: The revisions, oldest first.
        registry: The registry that all of them were held against; empty where there is none.
        rules: Name by code, of every rule that was asked.
        trend: How fast findings come or go; None where the history is too short to say.
        work: What it took.
        notes: What the reader should know, a sentence each.
    """

    points: tuple[Point, ...]
    registry: str
    rules: Mapping[str, str]
    trend: Trend | None
    work: Work
    notes: tuple[str, ...] = ()
