"""What a name turned out to be, and the way there."""

from __future__ import annotations

from enum import Enum

import msgspec

from ssot_migrate.domain.symbol import SymbolPath


class Kind(str, Enum):
    """What a name turned out to be."""

    MODULE = "module"
    SYMBOL = "symbol"
    EXTERNAL = "external"
    """Outside the tree."""
    MISSING = "missing"
    """Inside the tree, and nothing binds it."""
    UNKNOWN = "unknown"
    """Inside the tree, behind something that cannot be read."""


class Hop(msgspec.Struct, frozen=True):
    """One name on the way to a definition, and the statement that binds it.

    Args:
        symbol: The name as it is known there.
        path: The file that binds it; empty where none does.
        line: The binding's line; 0 where nothing binds it.
        how: `import`, `alias`, `lazy`, `star`, `class`, `def`, `value` or `module`.
    """

    symbol: SymbolPath
    path: str = ""
    line: int = 0
    how: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else str(self.symbol)


class Resolution(msgspec.Struct, frozen=True):
    """Where a name leads: what it is, and the hops from the first binding to the definition."""

    kind: Kind
    hops: tuple[Hop, ...]

    @property
    def symbol(self) -> SymbolPath:
        """The definition's own name."""
        return self.hops[-1].symbol

    @property
    def end(self) -> Hop:
        """The definition, or where the way ends."""
        return self.hops[-1]

    def after(self, hop: Hop) -> Resolution:
        """The same way with one hop in front."""
        return Resolution(self.kind, (hop, *self.hops))
