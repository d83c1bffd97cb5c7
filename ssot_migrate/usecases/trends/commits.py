"""Which commits of a history are looked at."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.errors import UsageError
from ssot_migrate.workspace import commits as history

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ssot_migrate.workspace.commits import Commit

_USUAL = 30
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """Which commits are meant; about thirty, evenly spread, where nothing is said.

    Args:
        every: Each so many commits of the first-parent line, counted from the current one.
        tags: The commits with tags, and the current one.
        since: Only those from a day or a revision on.
        last: Only the last so many of those that were chosen.
    """

    every: int | None = None
    tags: bool = False
    since: str | None = None
    last: int | None = None


def chosen(root: Path, choice: Choice) -> tuple[Commit, ...]:
    """The commits that are meant, oldest first; the current one is always among them.

    Raises:
        UsageError: There is no commit, or nothing that the choice fits.
    """
    if choice.every is not None and choice.tags:
        raise UsageError("--tags takes the commits with tags: leave out --every")
    line = history.first_parents(root)
    if not line:
        raise UsageError("there is no history: the root is in no git repository with a commit")
    start = _start(root, choice.since)
    found = _with_tags(root, line, choice.tags)
    found = [commit for commit in found if commit.time >= start]
    if not found:
        raise UsageError(f"--since {choice.since}: the current commit is older")
    if not choice.tags:
        found = _thinned(found, choice)
    return tuple(found[-choice.last :] if choice.last else found)


def _with_tags(root: Path, line: Sequence[Commit], only: bool) -> list[Commit]:
    tagged = history.tagged(root)
    if only:
        others = [commit for commit in tagged if commit.name != line[-1].name]
        return [*others, *_labelled(line[-1:], tagged)]
    return _labelled(line, tagged)


def _labelled(line: Sequence[Commit], tagged: Sequence[Commit]) -> list[Commit]:
    tags = {commit.name: commit for commit in tagged}
    return [tags.get(commit.name, commit) for commit in line]


def _thinned(line: list[Commit], choice: Choice) -> list[Commit]:
    if choice.every is None and choice.last is None:
        steps = min(_USUAL, len(line)) - 1
        return [line[n * (len(line) - 1) // steps] for n in range(steps + 1)] if steps else line
    return line[:: -(choice.every or 1)][::-1]


def _start(root: Path, since: str | None) -> int:
    """The time from which commits count."""
    if since is None:
        return 0
    if _DATE.fullmatch(since):
        try:
            day = datetime.datetime.fromisoformat(since)
        except ValueError as problem:
            raise UsageError(f"--since {since}: there is no such day") from problem
        return int(day.replace(tzinfo=datetime.timezone.utc).timestamp())
    time = history.time_of(root, since)
    if time is None:
        raise UsageError(
            f"--since {since}: neither a day, as in 2026-01-31, nor a revision that git knows "
            "here; a shallow clone may lack it"
        )
    return time
