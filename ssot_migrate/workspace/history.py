"""When files came into a repository."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ssot_migrate.workspace import git

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_COMMIT = b"\x01"


def first_commits(root: Path, paths: Iterable[str]) -> Mapping[str, int]:
    """The times of the first commits of some files, in seconds since 1970, in one `git log`.

    A file that was moved counts from its move. Nothing is known where git is missing or too slow,
    and of files that it does not have.

    Args:
        root: The folder that paths are relative to.
        paths: The files.
    """
    wanted = sorted(path for path in paths if "\n" not in path)
    if not wanted:
        return {}
    printed = git.run(
        root,
        "--literal-pathspecs",
        "log",
        "--relative",
        "--no-renames",
        "--diff-filter=A",
        f"--format=%x{_COMMIT.hex()}%ct",
        "--name-only",
        "-z",
        "--stdin",
        given=b"HEAD\n--\n" + b"".join(os.fsencode(path) + b"\n" for path in wanted),
    )
    found: dict[str, int] = {}
    time = 0
    for part in (printed or b"").split(b"\0"):
        text = part.lstrip(b"\n")
        if text.startswith(_COMMIT):
            head, _, text = text[1:].partition(b"\n")
            time = int(head)
        if text:
            path = os.fsdecode(text)
            found[path] = min(found.get(path, time), time)
    return found
