"""Imports that a file is to have, and what becomes of those that it has."""

from __future__ import annotations

import msgspec

from ssot_migrate.domain.outcome import Cause


class Wanted(msgspec.Struct, frozen=True):
    """An import that a file needs: `import module` if there is no name.

    Args:
        bound: The local name behind `as`, or None.
    """

    module: str
    name: str = ""
    bound: str | None = None

    @property
    def local(self) -> str:
        """The name that it binds."""
        return self.bound or self.name or self.module.partition(".")[0]


class Fate(msgspec.Struct, frozen=True):
    """What becomes of one imported name.

    Args:
        stays: Whether it is still imported as it was.
        wanted: What is imported instead, or besides.
        cause: Why, if anything changes.
    """

    stays: bool = True
    wanted: tuple[Wanted, ...] = ()
    cause: Cause | None = None
