"""The contents that a run replaced or deleted, kept by their digests."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from ssot_migrate.transaction.attributes import write_new
from ssot_migrate.transaction.change import digest_of
from ssot_migrate.transaction.errors import DamagedRunError, Problem, TransactionError, explained
from ssot_migrate.transaction.places import read_regular

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ssot_migrate.transaction.fileops import FileOps

IMAGES = "before"


class Images:
    """The folder `before` of a run.

    Args:
        ops: What changes the file system.
        folder: The run's folder.
        shown: The run's folder as the user knows it.
    """

    def __init__(self, ops: FileOps, folder: str, shown: str) -> None:
        self._ops = ops
        self._folder = os.path.join(folder, IMAGES)
        self._shown = f"{shown}/{IMAGES}"

    def keep(self, root: str, files: Iterable[tuple[str, str]]) -> None:
        """Copy files, given as path and digest, and wait until the copies are on the disk.

        Raises:
            TransactionError: A file has another content, or a copy cannot be made.
        """
        is_changed = False
        for real, digest in files:
            with explained(real):
                data = read_regular(os.path.join(root, real))
            if digest_of(data) != digest:
                raise TransactionError((Problem(real, "has changed since it was read"),))
            with explained(self._shown):
                is_changed |= self._add(digest, data)
        if is_changed:
            with explained(self._shown):
                self._ops.sync_folder(self._folder)

    def read(self, digest: str) -> bytes:
        """A content.

        Raises:
            DamagedRunError: It is not there, or is not what it was.
        """
        try:
            data = read_regular(os.path.join(self._folder, digest))
        except OSError as problem:
            raise self._damaged(digest, "cannot be read") from problem
        if digest_of(data) != digest:
            raise self._damaged(digest, "was changed")
        return data

    def _add(self, digest: str, data: bytes) -> bool:
        with suppress(DamagedRunError):
            return self.read(digest) is None
        file = os.path.join(self._folder, digest)
        if os.path.lexists(file):  # a part of it, that a crash left; nothing refers to it
            self._ops.unlink(file)
        write_new(self._ops, file, data, None)
        return True

    def _damaged(self, digest: str, reason: str) -> DamagedRunError:
        problem = Problem(f"{self._shown}/{digest}", f"holds what a file was, and {reason}")
        return DamagedRunError((problem,), "restore that file by other means; nothing was changed")
