"""How the chart is drawn."""

from __future__ import annotations

import msgspec


class Manner(msgspec.Struct, frozen=True, kw_only=True):
    """How the chart is drawn.

    Args:
        color: Whether in colour.
        width: Columns to fill.
        is_plain: Whether in ASCII alone, for outputs that cannot show more.
    """

    color: bool = False
    width: int = 80
    is_plain: bool = False
