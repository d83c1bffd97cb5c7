"""The merged registry together with the files and lines that each part of it came from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from ssot_migrate.config.locate import Key, Locations, dotted
from ssot_migrate.config.model import Registry
from ssot_migrate.domain.errors import ConfigProblem


class Document(msgspec.Struct, frozen=True):
    """One configuration file.

    Args:
        name: The file as the user would name it.
        path: The file itself.
        base: Where the registry stands in it: `("tool", "ssot-migrate")` in pyproject.toml.
        table: The registry as written.
        locations: The lines of the file's keys.
    """

    name: str
    path: Path
    base: Key
    table: Mapping[str, object]
    locations: Locations

    def problem(self, key: Key, message: str) -> ConfigProblem:
        """Describe a mistake at a key of this file."""
        line = self.locations.line((*self.base, *key))
        return ConfigProblem(self.name, line, dotted(key), message)


class Place(msgspec.Struct, frozen=True, order=True):
    """Where a part of the merged registry was written.

    Args:
        rank: 0 for the file that the command found, then its packs; defaults come last.
        line: 1-based line; 0 for a default.
        path: The file as the user would name it; empty for a default.
        key: The key within that file, `moves[0].to`.
    """

    rank: int
    line: int
    path: str
    key: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line} ({self.key})"


class Settings(msgspec.Struct, frozen=True):
    """What a command works with.

    Args:
        registry: The file merged with its packs and the defaults.
        source: The configuration file; None where there is none.
        digest: Hexadecimal digest of every byte that was read and of the defaults.
        documents: The file first, then its packs.
        origins: Key in the merged registry -> document and key there. Holds every top-level key
            that a file sets, each concept, each move and each rule's table.
    """

    registry: Registry
    source: Path | None
    digest: str
    documents: tuple[Document, ...] = ()
    origins: Mapping[Key, tuple[int, Key]] = {}

    def place(self, key: Key) -> Place:
        """Find where a part of the merged registry was written.

        Args:
            key: A key of `registry`, such as `("concepts", 2, "canonical")`.
        """
        rank, written = self._written(key)
        if rank == len(self.documents):
            return Place(rank, 0, "", dotted(written))
        document = self.documents[rank]
        line = document.locations.line((*document.base, *written))
        return Place(rank, line, document.name, dotted(written))

    def problem(self, key: Key, message: str) -> ConfigProblem:
        """Describe a mistake at a key of the merged registry, with the file and line it stands on.

        The problem's own key counts within that file, as its author does.
        """
        place = self.place(key)
        path = place.path or (self.documents[0].name if self.documents else "the defaults")
        return ConfigProblem(path, place.line, place.key, message)

    def _written(self, key: Key) -> tuple[int, Key]:
        for length in (2, 1):
            if (prefix := key[:length]) in self.origins:
                rank, written = self.origins[prefix]
                return rank, (*written, *key[length:])
        return len(self.documents), key
