"""What a plan comes to, in figures and in words."""

from __future__ import annotations

import shlex
from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.finding import Fix
from ssot_migrate.domain.plan import Risk
from ssot_migrate.reporting.counted import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ssot_migrate.domain.plan import Going, Kept, Merge, MigrationPlan, Moved, Place, Subject

MOVES = "what belongs to no concept"
_GROUPS = ("production", "test", "script", "string", "document", "backup", "generated")
_STATES = {
    "gone": "nothing is there any more",
    "outside": "its replacement is outside of this tree",
    "name": "a name for the same thing",
    "shim": "a shim",
    "definition": "a definition of its own",
    "module": "a module of its own",
}


class Row(msgspec.Struct, frozen=True):
    """The places of one category."""

    group: str
    files: int
    places: int
    safe: int
    unsafe: int
    manual: int
    in_waves: int


def rows(places: Iterable[Place]) -> Iterator[Row]:
    """The places by category, in the order in which people think of them."""
    several = [*places]
    for group in _GROUPS:
        own = [place for place in several if place.group == group]
        if own:
            fixes = Counter(place.fix for place in own)
            yield Row(
                group,
                len({place.path for place in own}),
                len(own),
                fixes[Fix.SAFE],
                fixes[Fix.UNSAFE],
                fixes[Fix.MANUAL],
                sum(place.wave > 0 for place in own),
            )


def risks(places: Iterable[Place]) -> dict[str, int]:
    """How many places have each risk; none that no place has."""
    counts = Counter(risk for place in places for risk in place.risks)
    return {risk.value: counts[risk] for risk in Risk if counts[risk]}


def by_hand(places: Iterable[Place]) -> list[Place]:
    """What no wave changes."""
    return [place for place in places if not place.wave]


def summary(plan: MigrationPlan) -> dict[str, object]:
    """The figures of the whole plan."""
    places = plan.places
    fixes = Counter(edit.fix for wave in plan.waves for file in wave.files for edit in file.edits)
    return {
        "files": plan.looked_at,
        "concepts": sum(bool(subject.name) for subject in plan.subjects),
        "deprecated": sum(len(subject.moved) for subject in plan.subjects),
        "merges": sum(merge.is_needed for subject in plan.subjects for merge in subject.merges),
        "places": len(places),
        "by_group": {row.group: row.places for row in rows(places)},
        "by_risk": risks(places),
        "waves": len(plan.waves),
        "files_in_waves": sum(len(wave.files) for wave in plan.waves),
        "edits": {fix.value: fixes[fix] for fix in (Fix.SAFE, Fix.UNSAFE)},
        "by_hand": len(by_hand(places)),
        "refused": len(plan.refused),
    }


def title(subject: Subject) -> str:
    """What a subject is called."""
    return subject.name or MOVES


def facts_of(one: Kept | Merge) -> str:
    """How large a definition is, and who imports it."""
    if not one.path:
        return "outside of this tree"
    return (
        f"{counted(one.lines, 'line')}, {counted(one.members, 'public member')}, "
        f"imported by {counted(one.importing_files, 'file')}"
    )


def state(one: Moved) -> str:
    """What a deprecated path is, and until when."""
    until = f"; to be gone by {one.remove_by}" if one.remove_by else ""
    return f"{_STATES[one.state]}; {one.safety}{until}"


def fate(one: Going) -> str:
    """When a module goes, or what keeps it."""
    if one.needed_by:
        return f"stays: {counted(len(one.needed_by), 'place')} would still need it"
    if one.wave:
        return f"goes with wave {one.wave}"
    if one.is_asked:
        return "can go: `--delete` adds it to the last wave"
    return "nothing would need it: add it to the concept's `delete`"


def following(plan: MigrationPlan) -> tuple[str, ...]:
    """The commands that carry a plan out."""
    words = ["ssot-migrate", "plan"]
    scope = plan.scope
    for name in scope.concepts:
        words += ["--concept", name]
    for option, several in (("--select", scope.select), ("--strings", sorted(scope.strings))):
        words += [option, ",".join(several)] if several else []
    words += [f"--{name}" for name in ("unsafe", "docs", "delete") if getattr(scope, name)]
    return (
        f"{shlex.join(words)} --output-format json -o plan.json",
        "ssot-migrate apply --plan plan.json --dry-run",
        "ssot-migrate apply --plan plan.json --verify 'COMMAND THAT TESTS'",
    )
