"""Draws trees of files, and looks at them with other eyes."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ssot_migrate.config.model import Registry
from ssot_migrate.workspace.discovery import discover

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOBODY = 65534


def draw(root: Path, *files: str) -> None:
    """Create empty files with their folders."""
    for file in files:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")


def found(root: Path, registry: Registry | None = None) -> list[str]:
    """The paths that discovery finds; nothing may go wrong."""
    discovery = discover(root, registry or Registry())
    assert discovery.errors == ()
    return [file.path for file in discovery.files]


@contextmanager
def as_nobody() -> Iterator[None]:
    """Act as a user without privileges; the superuser may read everything."""
    if os.geteuid() != 0:
        yield
        return
    group, groups = os.getegid(), os.getgroups()
    os.setgroups([])
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(group)
        os.setgroups(groups)


def give_to_nobody(root: Path) -> None:
    """Let a user without privileges own the tree and reach it."""
    if os.geteuid() != 0:
        return
    for folder in (root, *root.parents[:-2]):
        folder.chmod(0o755)
    for path in (root, *root.rglob("*")):
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
