"""Compares two versions of a file, line by line.

Measured against the alternatives: `difflib.unified_diff` glues two lines together where the last
has no end, and `moreorless` takes text only and breaks a line at each form feed.
"""

from __future__ import annotations

from collections import Counter
from difflib import SequenceMatcher
from itertools import takewhile
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CONTEXT_LINES = 3

_Line = TypeVar("_Line", str, bytes)
_Block = tuple[bool, int, int, int, int]
# Pairs of equal lines that the comparison may have to look at: about a second of work.
_MOST_PAIRS = 5_000_000


class Hunk(msgspec.Struct, Generic[_Line], frozen=True):
    """Changed lines close to each other, and what surrounds them.

    Args:
        start: 0-based line before the change; `new_start` counts after it.
        rows: The lines: ` ` and what stays, `-` and what goes, `+` and what comes.
    """

    start: int
    new_start: int
    rows: tuple[tuple[str, _Line], ...]

    @property
    def length(self) -> int:
        """How many of the lines were there before."""
        return sum(kind != "+" for kind, _ in self.rows)

    @property
    def place(self) -> str:
        """The line ranges, as a unified diff writes them."""
        new_length = sum(kind != "-" for kind, _ in self.rows)
        return f"@@ -{_range(self.start, self.length)} +{_range(self.new_start, new_length)} @@"


def hunks(before: Sequence[_Line], after: Sequence[_Line]) -> Iterator[Hunk[_Line]]:
    """The differences of two versions, in order."""
    for group in _grouped(_blocks(before, after)):
        rows: list[tuple[str, _Line]] = []
        for is_equal, start, end, new_start, new_end in group:
            if is_equal:
                rows += ((" ", line) for line in before[start:end])
            else:
                rows += (("-", line) for line in before[start:end])
                rows += (("+", line) for line in after[new_start:new_end])
        yield Hunk(group[0][1], group[0][3], tuple(rows))


def _range(start: int, length: int) -> str:
    """Lines are counted from 1; a range without lines is named by the line before it."""
    return f"{start + 1}" if length == 1 else f"{start + 1 if length else start},{length}"


def _blocks(before: Sequence[_Line], after: Sequence[_Line]) -> Iterator[_Block]:
    """Equal and different stretches that cover both versions, by turns."""
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    if head:
        yield True, 0, head, 0, head
    if not old or not new or _pairs(old, new) > _MOST_PAIRS:
        if old or new:
            yield False, head, head + len(old), head, head + len(new)
    else:
        for tag, start, end, new_start, new_end in SequenceMatcher(None, old, new).get_opcodes():
            yield tag == "equal", start + head, end + head, new_start + head, new_end + head
    if tail:
        yield True, len(before) - tail, len(before), len(after) - tail, len(after)


def _common(before: Sequence[_Line], after: Sequence[_Line]) -> int:
    """How many lines at the start are the same."""
    pairs = zip(before, after, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _pairs(old: Sequence[_Line], new: Sequence[_Line]) -> int:
    """How many pairs of equal lines `SequenceMatcher` compares at first; it skips popular ones."""
    most = len(new) // 100 + 1 if len(new) >= 200 else len(new)
    counts = Counter(old)
    return sum(counts[line] * count for line, count in Counter(new).items() if count <= most)


def _grouped(blocks: Iterator[_Block]) -> Iterator[list[_Block]]:
    """Blocks that share a hunk; of an equal one, only what is near to a difference."""
    group: list[_Block] = []
    for block in blocks:
        is_equal, start, end, new_start, new_end = block
        if not is_equal:
            group.append(block)
            continue
        if any(not one[0] for one in group):
            if end - start <= 2 * CONTEXT_LINES:
                group.append(block)
                continue
            near = min(end, start + CONTEXT_LINES)
            yield [*group, (True, start, near, new_start, new_start + near - start)]
        length = min(CONTEXT_LINES, end - start)
        group = [(True, end - length, end, new_end - length, new_end)]
    if any(not one[0] for one in group):
        last = group[-1]
        if last[0]:  # at the end of the file
            kept = min(CONTEXT_LINES, last[2] - last[1])
            group[-1] = (True, last[1], last[1] + kept, last[3], last[3] + kept)
        yield group
