"""The order in which Python looks for a member: C3 linearization."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

_Class = TypeVar("_Class", bound="Hashable")


class InconsistentError(Exception):
    """No order agrees with the bases.

    Attributes:
        heads: The classes that would have to come both before and after each other.
    """

    def __init__(self, heads: tuple[object, ...]) -> None:
        super().__init__(heads)
        self.heads = heads


def merged(lines: Sequence[Sequence[_Class]]) -> tuple[_Class, ...]:
    """Merge the orders of the bases, and the order of the bases themselves as the last one.

    Raises:
        InconsistentError: Two of the orders contradict each other.
    """
    rests = [list(reversed(line)) for line in lines if line]
    waiting = Counter(one for rest in rests for one in rest[:-1])
    found: list[_Class] = []
    while rests:
        head = next((rest[-1] for rest in rests if not waiting[rest[-1]]), None)
        if head is None:
            raise InconsistentError(tuple(dict.fromkeys(rest[-1] for rest in rests)))
        found.append(head)
        for rest in rests:
            if rest[-1] == head:
                rest.pop()
                if rest:
                    waiting[rest[-1]] -= 1
        rests = [rest for rest in rests if rest]
    return tuple(found)
