"""Which files are as they were when they were last read, as far as their stamps tell."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ssot_migrate.workspace.discovery import Stamp

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from ssot_migrate.index.cache import Cache
    from ssot_migrate.workspace.discovery import SourceFile

_RACY_NS = 2_000_000_000
_NO_STAMP = Stamp(-1, 0, 0, 0)
"""Of a file that must be read again."""


class Stamps:
    """The stamps of files on the disk, and the contents they had then.

    Args:
        cache: What earlier runs wrote down, or None.
    """

    def __init__(self, cache: Cache | None) -> None:
        self._known: Mapping[str, tuple[Stamp, bytes]] = cache.stamps() if cache else {}

    @property
    def are_known(self) -> bool:
        """Whether there was an earlier run."""
        return bool(self._known)

    def unchanged(self, files: Mapping[str, SourceFile], given: Container[str]) -> dict[str, bytes]:
        """The digests of files that did not change; not of those whose content is given."""
        digests = {}
        for path, file in files.items():
            known = self._known.get(path)
            if known is not None and known[0] == file.stamp and path not in given:
                digests[path] = known[1]
        return digests

    def news(
        self, files: Mapping[str, SourceFile], digests: Mapping[str, bytes], given: Container[str]
    ) -> dict[str, tuple[Stamp, bytes]]:
        """What is to be written down of files that changed."""
        now = time.time_ns()
        changed: dict[str, tuple[Stamp, bytes]] = {}
        for path, digest in digests.items():
            if path in given:
                continue
            stamp, known = files[path].stamp, self._known.get(path)
            if known is None or known[1] != digest or known[0] != stamp:
                kept = (_NO_STAMP if _is_racy(stamp, now) else stamp, digest)
                if known != kept:
                    changed[path] = kept
        return changed

    def gone(self, files: Container[str]) -> set[str]:
        """Files that are known and not there any more."""
        return {path for path in self._known if path not in files}


def _is_racy(stamp: Stamp, now: int) -> bool:
    """Whether a file is so new that a second edit could leave the same stamp."""
    return now - max(stamp.mtime_ns, stamp.ctime_ns) < _RACY_NS
