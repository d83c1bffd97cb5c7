"""Families: all the definitions of one concept, with the evidence that they are.

A family is a registry's concept with whatever else implements it, or definitions that repeat each
other and that no concept names yet. One definition belongs to a concept's family once, for the
strongest reason: its name, an affix on that name, its role, its structure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal
from weakref import WeakKeyDictionary

import msgspec

from ssot_migrate.domain.errors import ConfigError
from ssot_migrate.domain.finding import Finding, Severity, Span
from ssot_migrate.domain.symbol import SymbolPath

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.lint.project import Project
    from ssot_migrate.lint.rule import Rule

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
    """Where likeness begins. Every field is an option of the rule that `OPTIONS_OF` names."""

    affixes: tuple[str, ...] = AFFIXES
    api_overlap: float = 0.5
    similarity: float = 0.8
    min_members: int = 3
    min_statements: int = 5
    min_creators: int = 2
    creators_overlap: float = 0.5
    min_events: int = 3
    events_overlap: float = 0.6


OPTIONS_OF = {
    ("SSOT101", "duplicate-definition"): ("api-overlap",),
    ("SSOT102", "variant-definition"): ("affixes",),
    ("SSOT103", "structural-duplicate"): ("similarity", "min-members", "min-statements"),
    ("SSOT104", "duplicate-factory"): ("min-creators", "creators-overlap"),
    ("SSOT105", "duplicate-emitter"): ("min-events", "events-overlap"),
}


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


_FAMILIES: WeakKeyDictionary[Project, tuple[Family, ...]] = WeakKeyDictionary()


def families(project: Project) -> tuple[Family, ...]:
    """Every family of the production code: the registry's in its order, then the others by name.

    Raises:
        ConfigError: An option has the wrong type.
    """
    known = _FAMILIES.get(project)
    if known is None:
        from ssot_migrate.lint.concept_families import concept_family
        from ssot_migrate.lint.definitions import Definitions
        from ssot_migrate.lint.found_families import found_families

        limits = configured(project)
        definitions = Definitions(project, limits)
        stated = [
            family
            for concept in project.concepts
            if (family := concept_family(definitions, concept)) is not None
        ]
        claimed = {member.symbol for family in stated for member in family.members}
        known = _FAMILIES[project] = (*stated, *found_families(definitions, claimed))
    return known


def configured(project: Project) -> Limits:
    """The limits that the rules' options set."""
    chosen: dict[str, object] = {}
    problems = []
    for keys, names in OPTIONS_OF.items():
        for key in keys:
            table = project.registry.rules.get(key)
            for name in names:
                if table is None or name not in table.options:
                    continue
                value = table.options[name]
                try:
                    msgspec.convert({name: value}, Limits)
                except msgspec.ValidationError as error:
                    place = ("rules", key, "options", name)
                    problems.append(project.settings.problem(place, str(error)))
                else:
                    chosen.setdefault(name, value)
    if problems:
        raise ConfigError(tuple(problems))
    return msgspec.convert(chosen, Limits)


def members(project: Project, *kinds: MemberKind) -> Iterator[tuple[Family, FamilyMember]]:
    """The members of those kinds, with their families."""
    for family in families(project):
        for member in family.members:
            if member.kind in kinds:
                yield family, member


def report(
    rule: Rule, project: Project, family: Family, member: FamilyMember, message: str
) -> Finding:
    """A finding about a member; one of no concept says how to make it one."""
    severity = project.severity(type(rule))
    weight = member.weight if family.concept else Severity.INFO
    if family.concept is None:
        message += (
            f'; to take it under control: [[concepts]] name = "{family.name}", '
            f'canonical = "{family.canonical}"'
        )
    return project.finding(
        rule,
        member.path,
        Span(member.line, member.column),
        message,
        concept=family.concept,
        symbol=member.symbol,
        canonical=family.canonical,
        evidence=(*member.evidence, *family.evidence),
        severity=max(severity, weight, key=list(Severity).index),
    )
