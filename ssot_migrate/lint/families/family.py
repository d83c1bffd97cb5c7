"""The values of families: members, their kinds, and where likeness begins."""

from __future__ import annotations

from typing import Literal

import msgspec

from ssot_migrate.domain.finding import Severity
from ssot_migrate.domain.symbol import SymbolPath

MemberKind = Literal[
    "canonical", "duplicate", "alias", "collision", "fallback", "variant", "factory", "emitter",
    "structural",
]  # fmt: skip

AFFIXES = (
    "Optimized", "Unified", "Enhanced", "Improved", "New", "Old", "Legacy", "Simple", "Simplified",
    "Fast", "Cached", "Consolidated", "Modern", "Advanced", "RequestScoped", "Isolated", "Impl",
    "Ex", "V1", "V2", "V3", "V4", "2", "3",
)  # fmt: skip


class Limits(msgspec.Struct, frozen=True, rename="kebab"):
    """Where likeness begins. Every field is an option of a rule."""

    affixes: tuple[str, ...] = AFFIXES
    api_overlap: float = 0.5
    similarity: float = 0.8
    min_members: int = 3
    min_statements: int = 5
    min_creators: int = 2
    creators_overlap: float = 0.5
    min_events: int = 3
    events_overlap: float = 0.6
    payload_overlap: float = 0.5


class FamilyMember(msgspec.Struct, frozen=True):
    """One definition of a family.

    Args:
        kind: `canonical`, or why it belongs to the family.
        evidence: Facts behind that, a sentence each.
        weight: The most that a finding about it may weigh.
    """

    symbol: SymbolPath
    path: str
    line: int
    column: int
    kind: MemberKind
    evidence: tuple[str, ...] = ()
    weight: Severity = Severity.ERROR


class Family(msgspec.Struct, frozen=True):
    """The definitions of one concept.

    Args:
        name: What to call it.
        members: The canonical first where it lies in the tree, then by place.
        canonical: The one to keep: the registry's, or the elected one.
        concept: The registry's concept; None for a family that was found.
        evidence: Why it is one family, and for an elected canonical why that one.
    """

    name: str
    members: tuple[FamilyMember, ...]
    canonical: SymbolPath
    concept: str | None = None
    evidence: tuple[str, ...] = ()
