"""How alike two definitions are: members in common, and a measure over names and parameters."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from ssot_migrate.index.facts import Member, Shape, Signature

Api: TypeAlias = "Mapping[str, Member]"

_ROUNDING = 1e-9
_NO_STATEMENTS = "()?"


class Overlap(msgspec.Struct, frozen=True):
    """What two public interfaces have in common, and what only one of them has; sorted.

    Args:
        same_signature: How many of the shared members are called alike: same parameters, same
            defaults, both or neither awaited.
        callables: How many of the shared members have a signature on both sides.
    """

    shared: tuple[str, ...]
    only_left: tuple[str, ...]
    only_right: tuple[str, ...]
    same_signature: int
    callables: int

    @property
    def fraction(self) -> float:
        """The shared part of the larger interface; 0 where there is none."""
        larger = len(self.shared) + max(len(self.only_left), len(self.only_right))
        return len(self.shared) / larger if larger else 0.0

    @property
    def is_disjoint(self) -> bool:
        """Whether there is something to share and none of it is shared."""
        return not self.shared and bool(self.only_left or self.only_right)


def public(members: Sequence[Member]) -> dict[str, Member]:
    """The members that readers may use, by name."""
    return {member.name: member for member in members if not member.name.startswith("_")}


def overlap(left: Api, right: Api) -> Overlap:
    """Compare two interfaces."""
    shared = sorted(left.keys() & right.keys())
    pairs = [(left[name].signature, right[name].signature) for name in shared]
    both = [(a, b) for a, b in pairs if a is not None and b is not None]
    return Overlap(
        tuple(shared),
        tuple(sorted(left.keys() - right.keys())),
        tuple(sorted(right.keys() - left.keys())),
        sum(a == b for a, b in both),
        len(both),
    )


def call_surface(shape: Shape) -> frozenset[tuple[str, ...]]:
    """A class's public methods and properties, each with the names of its parameters."""
    return frozenset(
        (member.name, *parameter_names(member.signature))
        for member in shape.members
        if member.signature is not None and not member.name.startswith("_")
    )


def parameter_names(signature: Signature) -> Iterator[str]:
    """The parameters as a caller tells them apart: by name and kind."""
    for parameter in signature.parameters:
        yield parameter.kind + parameter.name


def similarity(left: AbstractSet[Hashable], right: AbstractSet[Hashable]) -> float:
    """The shared part of all members of both (Jaccard); 1 where both are empty."""
    union = len(left | right)
    return len(left & right) / union if union else 1.0


def similar_pairs(
    surfaces: Sequence[frozenset[tuple[str, ...]]], threshold: float, min_shared: int
) -> Iterator[tuple[int, int]]:
    """Positions of every two surfaces that share enough and are similar enough.

    Two sets that reach the threshold share one of the rarest members of each, so that only
    those are indexed; what every class has (`get_status()`) never produces a candidate.
    """
    frequency = Counter(member for surface in surfaces for member in surface)
    by_member: dict[tuple[str, ...], list[int]] = {}
    for position, surface in enumerate(surfaces):
        if len(surface) < min_shared:
            continue
        rarest = sorted(surface, key=lambda member: (frequency[member], member))
        prefix = rarest[: len(surface) - _least_shared(len(surface), threshold) + 1]
        candidates = {other for member in prefix for other in by_member.get(member, ())}
        for other in sorted(candidates):
            if (
                len(surface & surfaces[other]) >= min_shared
                and similarity(surface, surfaces[other]) >= threshold
            ):
                yield other, position
        for member in prefix:
            by_member.setdefault(member, []).append(position)


def _least_shared(size: int, threshold: float) -> int:
    """How many members a set of `size` shares at least with any set similar to it."""
    return max(1, math.ceil(size * threshold - _ROUNDING))


def statements(outline: str) -> int:
    """The number of statements in an outline; those of no known kind do not count."""
    return len(outline) - sum(map(outline.count, _NO_STATEMENTS))


def payload_overlap(left: Shape, right: Shape, methods: Iterable[str]) -> float:
    """How far the named methods of two classes take the same parameters, by name; 0 to 1.

    The mean of the Jaccard index of the parameter names; 1 for methods without parameters.
    """
    ours, theirs = _parameters(left), _parameters(right)
    shares = []
    for name in methods:
        either = ours.get(name, set()) | theirs.get(name, set())
        both = ours.get(name, set()) & theirs.get(name, set())
        shares.append(len(both) / len(either) if either else 1.0)
    return sum(shares) / len(shares) if shares else 0.0


def _parameters(shape: Shape) -> dict[str, set[str]]:
    return {
        member.name: {parameter.name for parameter in member.signature.parameters}
        for member in shape.members
        if member.signature is not None
    }
