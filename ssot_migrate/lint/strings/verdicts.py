"""What is to become of a string that names a deprecated path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from ssot_migrate.domain.finding import Fix
from ssot_migrate.lint.strings.lookups import Lookup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssot_migrate.config.model import Safety

DEPRECATED: Final = "SSOT204"
INERT: Final = "SSOT206"
_FIXES = (Fix.SAFE, Fix.UNSAFE, Fix.MANUAL)
_SHOWN = 3


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What is to become of one string.

    Args:
        after: The path that it is to name; empty where that cannot be decided.
        fix: How sure that is.
        why: What the decision rests on, or what stands against one, without a full stop.
        code: The rule that tells of it.
        readers: The look-ups that must have moved for `after` to be right.
    """

    after: str = ""
    fix: Fix = Fix.MANUAL
    why: str
    code: str = DEPRECATED
    readers: tuple[Lookup, ...] = ()


def no_safer_than(fix: Fix, safety: Safety) -> Fix:
    """The less safe of a fix and what the registry says of its entry."""
    return max(fix, Fix(safety), key=_FIXES.index)


def listed(things: Sequence[object], separator: str = ", ") -> str:
    """The first few things, and how many more there are."""
    shown = separator.join(map(str, things[:_SHOWN]))
    more = len(things) - _SHOWN
    return f"{shown} and {more} more" if more > 0 else shown
