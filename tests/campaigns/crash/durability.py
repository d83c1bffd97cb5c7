"""Reads off the operations of a run whether it would survive a loss of power.

What was not waited for may be gone then, in any order: contents as well as names.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ssot_migrate.transaction.journal import JOURNAL
from ssot_migrate.transaction.places import STORE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .faults import Operation

_NAMING = ("create", "mkdir", "unlink", "rmdir", "replace")


class _Disk:
    """What is not on it for certain: contents of files, and names in folders."""

    def __init__(self) -> None:
        self.contents: set[str] = set()
        self.names: set[str] = set()
        self.record = b""

    def unsure(self, folder: str) -> list[str]:
        """What is not certain below a folder, or in it; the lock is of no importance."""
        unsure = self.contents | self.names
        return sorted(path for path in unsure if f"{path}/".startswith(f"{folder}/"))

    def take_in(self, operation: Operation) -> None:
        """Follow an operation."""
        path = operation.path
        if operation.name in _NAMING:
            self.names.add(os.path.dirname(operation.target or path))
        if operation.name in ("write", "truncate", "create", "set_mode"):
            self.contents.add(path)
        elif operation.name in ("sync", "unlink"):
            self.contents.discard(path)
        elif operation.name in ("sync_folder", "rmdir"):
            self.names.discard(path)
        elif operation.name == "replace":
            moved = {one for one in self.contents if f"{one}/".startswith(f"{path}/")}
            self.contents -= moved
            self.contents |= {operation.target + one[len(path) :] for one in moved}


def weaknesses(root: str, operations: Iterable[Operation]) -> list[str]:
    """What a loss of power could do, a sentence each; empty if nothing."""
    disk = _Disk()
    found = []
    store = os.path.join(root, STORE)
    for operation in operations:
        if operation.path == os.path.join(store, "lock"):
            continue
        is_ours = operation.path.startswith(store)
        is_journal = os.path.basename(operation.path) == JOURNAL and is_ours
        if operation.name == "replace" and operation.path in disk.contents:
            found.append(f"{operation.target} could be empty: its content was not waited for")
        if is_journal and operation.name == "write":
            found += _before_the_record(disk, root, store, operation)
        elif not is_ours and operation.name in _NAMING:
            found += [f"{path} was not waited for" for path in disk.unsure(store)]
        disk.take_in(operation)
    return sorted(set(found))


def _before_the_record(disk: _Disk, root: str, store: str, operation: Operation) -> list[str]:
    """What must be on the disk before the journal says so."""
    run = os.path.dirname(operation.path)
    if b'"type": "planned"' in operation.data:
        unsure = disk.unsure(os.path.join(run, "before"))
    elif b'"type": "committed"' in operation.data or b'"type": "abandoned"' in operation.data:
        unsure = [path for path in disk.unsure(root) if not path.startswith(store)]
    else:
        unsure = []
    return [f"the journal speaks of {path} before it is certain" for path in unsure]
