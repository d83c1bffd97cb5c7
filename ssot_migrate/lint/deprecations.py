"""Which names the registry replaces, and by what."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.config.replacements import Replacement, replacements
from ssot_migrate.domain.symbol import SymbolPath

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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

    def homes(self, module: str) -> frozenset[str]:
        """The modules to which a module, or what is in it, moves."""
        whole = self.match(SymbolPath(module))
        if whole is not None:
            return frozenset([whole.canonical.module])
        return self._homes_of_names.get(module, frozenset())

    @cached_property
    def _homes_of_names(self) -> Mapping[str, frozenset[str]]:
        found: defaultdict[str, set[str]] = defaultdict(set)
        for one in self:
            found[one.path.module].add(one.target.module)
        return {module: frozenset(targets) for module, targets in found.items()}

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
