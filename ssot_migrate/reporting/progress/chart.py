"""Draws numbers over time with characters."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_EIGHTHS = " ▁▂▃▄▅▆▇█"
_PLAIN = " ...:::##"
_LEVELS = 8


def columns(times: Sequence[int], values: Sequence[int], width: int) -> list[int]:
    """The value at each of `width` moments, evenly spread from the first time to the last.

    Between two known ones a value stays what it was. Times that are out of order are sorted.
    """
    known = sorted(zip(times, values, strict=True))
    if not known:
        return []
    first, last = known[0][0], known[-1][0]
    if first == last or width < 2:
        return [known[-1][1]]
    found, position = [], 0
    for column in range(width):
        moment = first + (last - first) * column / (width - 1)
        while position + 1 < len(known) and known[position + 1][0] <= moment:
            position += 1
        found.append(known[position][1])
    return found


def area(values: Sequence[int], height: int, *, is_plain: bool) -> list[str]:
    """Rows of characters, the uppermost first, that fill the space below the values."""
    top = max(values, default=0)
    rows = []
    for row in range(height - 1, -1, -1):
        levels = (_level(value, top, height) - row * _LEVELS for value in values)
        rows.append("".join(_character(level, is_plain=is_plain) for level in levels))
    return rows


def spark(values: Sequence[int], *, is_plain: bool) -> str:
    """One row of the same kind."""
    return "".join(area(values, 1, is_plain=is_plain))


def _level(value: int, top: int, height: int) -> int:
    """How many eighths of a row a value takes; one that is not zero is seen."""
    return max(1, round(value * height * _LEVELS / top)) if value else 0


def _character(level: int, *, is_plain: bool) -> str:
    return (_PLAIN if is_plain else _EIGHTHS)[max(0, min(_LEVELS, level))]
