"""Searches of whole trees for names, whose outcome is kept by content."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import FileError
from ssot_migrate.index.needles import key, matcher
from ssot_migrate.index.worker import digest_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ssot_migrate.index.cache import Cache
    from ssot_migrate.index.needles import Needle
    from ssot_migrate.workspace.source import Contents


class Searches:
    """What searches found in contents, in this run and in earlier ones.

    Args:
        cache: What earlier runs found, or None.
    """

    def __init__(self, cache: Cache | None) -> None:
        self._cache = cache
        self.learned: dict[bytes, tuple[set[bytes], set[bytes]]] = {}

    def find(
        self,
        needles: Sequence[Needle],
        paths: Iterable[str],
        contents: Contents,
        digests: dict[str, bytes],
        errors: dict[str, FileError],
    ) -> frozenset[str]:
        """The files that spell what any of the needles asks for.

        Args:
            needles: What is asked for.
            paths: Where to look.
            contents: What the files hold.
            digests: Identities of contents by path; those of files that are read are added.
            errors: Takes in the files that cannot be read.
        """
        search_key = key(needles)
        matches = matcher(needles)
        hits, misses = self._known(search_key)
        found: set[str] = set()
        for path in paths:
            digest = digests.get(path)
            if digest is not None and digest in hits:
                found.add(path)
            elif digest is None or digest not in misses:
                data = contents.read(path)
                if isinstance(data, FileError):
                    errors[path] = data
                    continue
                hit = matches(data)
                if hit:
                    found.add(path)
                if self._cache is not None:
                    digest = digests.setdefault(path, digest_of(data))
                    (hits if hit else misses).add(digest)
                    self.learned[search_key] = (hits, misses)
        return frozenset(found)

    def _known(self, search_key: bytes) -> tuple[set[bytes], set[bytes]]:
        """Contents that a search is known to find, and not to find."""
        learned = self.learned.get(search_key)
        if learned is not None or self._cache is None:
            return learned or (set(), set())
        return self._cache.search(search_key)
