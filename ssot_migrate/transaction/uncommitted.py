"""What git does not have yet of the files that are to be changed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.workspace import git

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class Uncommitted(msgspec.Struct, frozen=True):
    """Files whose content git could not bring back.

    Args:
        paths: All of them, sorted: changed, staged, in conflict, or unknown to git.
        untracked: Those that git does not know.
    """

    paths: tuple[str, ...] = ()
    untracked: tuple[str, ...] = ()


def uncommitted(root: str | Path, paths: Iterable[str]) -> Uncommitted | None:
    """Which files have changes that are not committed.

    Args:
        root: The root of the project, in a git work tree or not.
        paths: Relative to the root; of a link, the file behind it counts.

    Returns:
        None where there is no git, no work tree, or none that git can read.
    """
    states = _states(root)
    if states is None:
        return None
    real_root = os.path.realpath(root)
    found = {}
    for path in paths:
        real = os.path.realpath(os.path.join(real_root, path))
        inside = os.path.relpath(real, real_root).replace(os.sep, "/")
        state = states.get(path) or states.get(inside)
        if state is not None:
            found[path] = state
    return Uncommitted(
        tuple(sorted(found)), tuple(sorted(path for path in found if found[path] == b"??"))
    )


def changed_files(root: str | Path) -> tuple[str, ...]:
    """The files below the root that git knows and that hold what no commit has, sorted."""
    states = _states(root) or {}
    return tuple(sorted(path for path, state in states.items() if state != b"??"))


def _states(root: str | Path) -> dict[str, bytes] | None:
    """What git says of the files below the root that are not as they were committed."""
    prefix = git.run(root, "rev-parse", "--show-prefix")
    if prefix is None:
        return None
    options = ("--porcelain=v1", "-z", "--untracked-files=all", "--ignore-submodules=all")
    switches = git.without_filters(root)
    if switches is None:
        return None
    printed = git.run(root, *switches, "status", *options, "--no-renames", "--", ".")
    if printed is None:
        return None
    start = prefix.rstrip(b"\n")
    return {
        os.fsdecode(entry[3 + len(start) :]): entry[:2]
        for entry in printed.split(b"\0")
        if entry and entry[3:].startswith(start)
    }
