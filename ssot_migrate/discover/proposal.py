"""What may be proposed: moves, concepts, and what is left undecided."""

from __future__ import annotations

from enum import Enum

import msgspec

from ssot_migrate.config.model import Safety


class Confidence(str, Enum):
    """How sure a proposal is."""

    CERTAIN = "certain"
    """The code says where its names went, and leads there itself."""
    LIKELY = "likely"
    """Strong signs, and none against."""
    POSSIBLE = "possible"
    """A person has to look: the registry holds it as a comment."""

    @property
    def rank(self) -> int:
        """0 for the surest."""
        return list(Confidence).index(self)


class Step(msgspec.Struct, frozen=True, order=True):
    """One deprecated path and its replacement, as a registry spells them."""

    path: str
    to: str
    safety: Safety = "safe"


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """What a registry might say.

    Args:
        kind: `move`, or `concept` for the members of a family of duplicates.
        name: What it is about: the deprecated path, or the concept's name.
        canonical: What is to stay.
        steps: The deprecated paths, the main one first.
        confidence: How sure it is.
        why: The evidence, a sentence each.
        path: The file that it was found in.
        line: 1-based line.
        forbid: Names that must not come back.
        others: Paths that may be the canonical instead, for who reverses it.
    """

    kind: str
    name: str
    canonical: str
    steps: tuple[Step, ...]
    confidence: Confidence
    why: tuple[str, ...]
    path: str
    line: int
    forbid: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[int, bool, str]:
        """The surest first, moves before concepts."""
        return (self.confidence.rank, self.kind != "move", self.name)

    def reversed(self, canonical: str) -> Proposal:
        """The same with another canonical, because a person says so.

        Raises:
            ValueError: That is not one of `others`.
        """
        if canonical not in self.others:
            raise ValueError(f"{canonical!r} is no choice")
        if self.kind == "move":
            steps: tuple[Step, ...] = (Step(self.canonical, canonical),)
        else:
            left = [one for one in (self.canonical, *self.others) if one != canonical]
            steps = tuple(Step(one, canonical, "manual") for one in left)
        return msgspec.structs.replace(
            self,
            name=self.canonical if self.kind == "move" else self.name,
            canonical=canonical,
            steps=steps,
            others=tuple(step.path for step in steps),
            forbid=(),
            why=(*self.why, "reversed by hand"),
        )


class Undecided(msgspec.Struct, frozen=True, order=True):
    """Something that calls for a decision, and does not say which.

    Args:
        name: The path, or what a family of duplicates is called.
        path: The file.
        line: 1-based line.
        why: What is known, a sentence each.
    """

    name: str
    path: str
    line: int
    why: tuple[str, ...]
