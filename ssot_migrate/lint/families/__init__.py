"""Families: all the definitions of one concept, with the evidence that they are.

A family is a registry's concept with whatever else implements it, or definitions that repeat each
other and that no concept names yet. One definition belongs to a concept's family once, for the
strongest reason: its name, an affix on that name, its role, its structure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import msgspec

from ssot_migrate.domain.errors import ConfigError
from ssot_migrate.domain.finding import Finding, Severity, Span
from ssot_migrate.lint.families.definitions import Definitions, Site
from ssot_migrate.lint.families.family import AFFIXES, Family, FamilyMember, Limits, MemberKind
from ssot_migrate.lint.families.found import found_families
from ssot_migrate.lint.families.of_concepts import concept_families
from ssot_migrate.lint.rule import Option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.lint.project import Project
    from ssot_migrate.lint.rule import Rule

__all__ = [
    "AFFIXES",
    "UNREGISTERED",
    "Definitions",
    "Family",
    "FamilyMember",
    "Limits",
    "MemberKind",
    "Site",
    "definitions",
    "families",
    "members",
    "report",
]

_OPTIONS_OF = {
    ("SSOT101", "duplicate-definition"): ("api-overlap",),
    ("SSOT102", "variant-definition"): ("affixes",),
    ("SSOT103", "structural-duplicate"): ("similarity", "min-members", "min-statements"),
    ("SSOT104", "duplicate-factory"): ("min-creators", "creators-overlap"),
    ("SSOT105", "duplicate-emitter"): ("min-events", "events-overlap", "payload-overlap"),
}
UNREGISTERED = {
    "unregistered": Option(True, "also report families that no concept names, as information"),
}
_FAMILIES: WeakKeyDictionary[Project, tuple[Family, ...]] = WeakKeyDictionary()


def definitions(project: Project) -> Definitions:
    """Every definition of the production code, under the limits that the rules' options set.

    Raises:
        ConfigError: An option has the wrong type.
    """
    return Definitions(project, _configured(project))


def families(project: Project) -> tuple[Family, ...]:
    """Every family of the production code: the registry's in its order, then the others by name.

    Raises:
        ConfigError: An option has the wrong type.
    """
    known = _FAMILIES.get(project)
    if known is None:
        every = project.once(definitions)
        stated = concept_families(every)
        claimed = {member.symbol for family in stated for member in family.members}
        known = _FAMILIES[project] = (*stated, *found_families(every, claimed))
    return known


def _configured(project: Project) -> Limits:
    """The limits that the rules' options set."""
    chosen: dict[str, object] = {}
    problems = []
    for keys, names in _OPTIONS_OF.items():
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


def members(
    project: Project, rule: Rule, *kinds: MemberKind
) -> Iterator[tuple[Family, FamilyMember]]:
    """The members of those kinds that a rule tells, with their families."""
    with_found = bool(project.option(type(rule), "unregistered"))
    for family in families(project):
        if family.concept or with_found:
            for member in family.members:
                if member.kind in kinds:
                    yield family, member


def report(
    rule: Rule, project: Project, family: Family, member: FamilyMember, message: str
) -> Finding:
    """A finding about a member; one of no concept says how to make it one."""
    weight = member.weight
    if family.concept is None:
        weight = Severity.INFO
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
        severity=max(project.severity(type(rule)), weight, key=list(Severity).index),
    )
