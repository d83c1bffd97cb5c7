"""The commits that led to the current one, as git tells them."""

from __future__ import annotations

import datetime
import os
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.workspace import git

if TYPE_CHECKING:
    from pathlib import Path

_TAG = (
    "%(objectname) %(committerdate:unix)|%(*objectname) %(*committerdate:unix)|%(refname:strip=2)"
)


class Commit(msgspec.Struct, frozen=True):
    """A commit.

    Args:
        name: Its full name.
        time: When it was committed, in seconds since 1970.
        tags: The tags that stand for it, sorted.
    """

    name: str
    time: int
    tags: tuple[str, ...] = ()

    @property
    def date(self) -> datetime.date:
        """The day of the commit, in UTC."""
        return datetime.datetime.fromtimestamp(self.time, datetime.timezone.utc).date()


def current(root: Path) -> Commit | None:
    """The current commit; None where there is none."""
    printed = (git.run(root, "log", "-1", "--format=%H %ct", "HEAD", "--") or b"").split()
    return Commit(printed[0].decode("ascii"), int(printed[1])) if printed else None


def first_parents(root: Path) -> tuple[Commit, ...]:
    """The current commit and its first parents, oldest first; none where there is no commit."""
    printed = git.run(root, "log", "--first-parent", "--format=%H %ct", "HEAD", "--") or b""
    rows = (line.split() for line in printed.splitlines())
    return tuple(Commit(name.decode("ascii"), int(time)) for name, time in rows)[::-1]


def tagged(root: Path) -> tuple[Commit, ...]:
    """The commits with tags that the current one contains, by the time of the commit."""
    printed = git.run(root, "for-each-ref", "--merged=HEAD", f"--format={_TAG}", "refs/tags") or b""
    times: dict[str, int] = {}
    tags: dict[str, list[str]] = {}
    for line in os.fsdecode(printed).splitlines():
        itself, behind, tag = line.split("|", 2)
        # An annotated tag is an object of its own, with the commit behind it.
        name, _, time = (behind if behind.strip() else itself).partition(" ")
        if time.isdecimal():
            times[name] = int(time)
            tags.setdefault(name, []).append(tag)
    found = (Commit(name, time, tuple(sorted(tags[name]))) for name, time in times.items())
    return tuple(sorted(found, key=lambda commit: (commit.time, commit.tags)))


def time_of(root: Path, revision: str) -> int | None:
    """When the commit that a revision names was committed; None where git knows no such one."""
    name = git.commit_of(root, revision)
    printed = git.run(root, "log", "-1", "--format=%ct", name, "--") if name else None
    return int(printed) if printed else None


def is_shallow(root: Path) -> bool:
    """Whether the repository lacks what came before some of its commits."""
    return (git.run(root, "rev-parse", "--is-shallow-repository") or b"").strip() == b"true"
