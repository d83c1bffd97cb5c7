"""Which names the registry replaces, and by what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.config.replacements import Replacement, replacements
from ssot_migrate.domain.symbol import SymbolPath

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.config.model import Registry
    from ssot_migrate.resolve.resolution import Hop, Resolution


class Match(msgspec.Struct, frozen=True):
    """A name that the registry replaces.

    Args:
        replacement: The entry that says so.
        found: The name as it was found.
        canonical: What to use instead.
    """

    replacement: Replacement
    found: SymbolPath
    canonical: SymbolPath


class Deprecations:
    """The registry's deprecated paths, for look-up by any name under them.

    `a.b:C` and `a.b.C` are one path here: which part is the module is a matter of the tree.
    """

    def __init__(self, registry: Registry) -> None:
        self._by_path = {path.dotted: entry for path, entry in replacements(registry).items()}

    def __iter__(self) -> Iterator[Replacement]:
        return iter(self._by_path.values())

    def __bool__(self) -> bool:
        return bool(self._by_path)

    @property
    def paths(self) -> tuple[SymbolPath, ...]:
        """Every deprecated path."""
        return tuple(entry.path for entry in self)

    def match(self, symbol: SymbolPath) -> Match | None:
        """The most specific entry for a name, its class, its module, or a package around it."""
        dotted = symbol.dotted
        head = dotted
        while head:
            entry = self._by_path.get(head)
            if entry is not None:
                canonical = _moved(entry, symbol, dotted[len(head) + 1 :])
                if canonical is not None:
                    return Match(entry, symbol, canonical)
            head = head.rpartition(".")[0]
        return None

    def first(self, resolution: Resolution) -> tuple[int, Hop, Match] | None:
        """The first deprecated name on a way, and its position."""
        for position, hop in enumerate(resolution.hops):
            match = self.match(hop.symbol)
            if match is not None:
                return position, hop, match
        return None


def _moved(entry: Replacement, symbol: SymbolPath, rest: str) -> SymbolPath | None:
    """What becomes of `symbol`, which is `rest` behind the entry's path."""
    path = entry.path.dotted
    if not rest:
        # An import of the module itself goes to the target's module, not to a name in it.
        return entry.module if symbol.module == path else entry.target
    if symbol.module == path:
        # The entry names the module: its names are found in the target's module.
        return SymbolPath(entry.target.module, rest)
    if symbol.module.startswith(f"{path}."):
        # A submodule goes with its package, unless the package moves into itself.
        if entry.target.module.startswith(path) or not entry.target.is_module:
            return None
        return SymbolPath(entry.target.module + symbol.module[len(path) :], symbol.name)
    return entry.target.child(rest) if entry.target.name else SymbolPath(entry.target.module, rest)
