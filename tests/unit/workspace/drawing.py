"""Draws trees of files, and looks at them with other eyes."""

from __future__ import annotations

import json
import os
import traceback
from typing import TYPE_CHECKING

from ssot_migrate.config.model import Registry
from ssot_migrate.workspace.discovery import discover

if TYPE_CHECKING:
    from collections.abc import Callable
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


def as_nobody(look: Callable[[], list[list[str]]]) -> list[list[str]]:
    """What a user without privileges sees; the superuser sees everything anyway."""
    if os.geteuid() != 0:
        return look()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            os.write(writer, json.dumps(look()).encode())
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader, "rb") as pipe:
        seen: list[list[str]] = json.loads(pipe.read() or b'[["the child failed"]]')
    os.waitpid(child, 0)
    return seen


def give_to_nobody(root: Path) -> None:
    """Let a user without privileges own the tree and reach it."""
    if os.geteuid() != 0:
        return
    for folder in (root, *root.parents[:-2]):
        folder.chmod(0o755)
    for folder, _, files in os.walk(root):
        for path in (folder, *(os.path.join(folder, file) for file in files)):
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
