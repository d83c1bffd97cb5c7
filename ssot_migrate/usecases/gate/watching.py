"""Notices that a project changed since it was scanned.

It asks what a scan asks: git or the folders for the files, the system for their stamps. So it sees
exactly what a scan would read, on every file system, and leaves out what git ignores.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, TypeAlias

from ssot_migrate.domain.errors import SsotMigrateError
from ssot_migrate.usecases.gate.baseline_file import place_of
from ssot_migrate.usecases.project import configured
from ssot_migrate.workspace.discovery import discover

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ssot_migrate.usecases.project import Request

State: TypeAlias = dict[str, object]
"""What is known of each file without reading it; of a wrong configuration, what is wrong."""

_LEAST_SECONDS = 0.3
_SHARE = 10


def state_of(request: Request, baseline: str | None = None) -> State:
    """What a scan would read, as it is now.

    Args:
        request: Which project.
        baseline: The file on the command line; None for the registry's.
    """
    try:
        root, settings = configured(request)
        known = place_of(root, settings.registry.baseline, baseline)
    except SsotMigrateError as problem:
        return {"": str(problem)}
    found = discover(root, settings.registry)
    state: State = {file.path: file.stamp for file in found.files}
    state |= {document.name: _stamp(document.path) for document in settings.documents}
    return {**state, known.name: _stamp(known.path), "": settings.digest}


def changes(request: Request, state: State, baseline: str | None = None) -> Iterator[list[str]]:
    """Wait for changes, and name the files that changed each time; for ever.

    Looking takes at most a tenth of the time. What whoever asks writes meanwhile is no change.

    Args:
        request: Which project.
        state: What was there before.
        baseline: As for `state_of`.
    """
    state = _with_own_writes(request, state, baseline)
    while True:
        started = time.monotonic()
        now = state_of(request, baseline)
        took = time.monotonic() - started
        if now != state:
            paths = sorted(now.keys() | state.keys())
            is_new = now[""] != state[""]  # then everything else may be another thing
            changed = (path for path in paths if now.get(path) != state.get(path))
            yield [] if is_new else [*changed]
            state = _with_own_writes(request, now, baseline)
        time.sleep(max(_LEAST_SECONDS, (_SHARE - 1) * took))


def _with_own_writes(request: Request, state: State, baseline: str | None) -> State:
    """The state with the baseline as a scan left it, which drops what is stale."""
    try:
        root, settings = configured(request)
        known = place_of(root, settings.registry.baseline, baseline)
    except SsotMigrateError:
        return state
    return {**state, known.name: _stamp(known.path)} if known.name in state else state


def _stamp(file: Path) -> tuple[int, ...]:
    try:
        status = os.stat(file)
    except OSError:
        return ()
    return status.st_size, status.st_mtime_ns, status.st_ino
