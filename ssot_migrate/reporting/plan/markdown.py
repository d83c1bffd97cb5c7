"""The plan as a document: decisions, what to merge, who is concerned, waves, the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import Fix
from ssot_migrate.reporting.counted import counted
from ssot_migrate.reporting.marked import code, plain, prose, table
from ssot_migrate.reporting.plan.words import (
    by_hand,
    facts_of,
    fate,
    following,
    risks,
    rows,
    state,
    summary,
    title,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssot_migrate.domain.plan import (
        Merge,
        MigrationPlan,
        Place,
        PlanMember,
        PlannedWave,
        Subject,
    )

_MOST_KEEPING = 10


def as_markdown(plan: MigrationPlan) -> str:
    """Write a chapter for each concept and one for the waves."""
    lines = ["# Consolidation plan", "", *_summary(plan)]
    for number, subject in enumerate(plan.subjects, 1):
        lines += _chapter(number, subject)
    lines += _waves(plan)
    return "\n".join(lines).strip("\n") + "\n"


def _summary(plan: MigrationPlan) -> Iterator[str]:
    figures = summary(plan)
    edits = figures.pop("edits")
    figures = {key: value for key, value in figures.items() if isinstance(value, int)}
    if isinstance(edits, dict):
        figures |= {f"{fix} edits": count for fix, count in edits.items()}
    yield from table(
        ("Figure", "Number:"),
        ((plain(key.replace("_", " ").capitalize()), str(n)) for key, n in figures.items()),
    )
    for note in plan.notes:
        yield from (f"Note: {prose(note)}", "")


def _chapter(number: int, subject: Subject) -> Iterator[str]:
    yield f"## {number}. {plain(title(subject).capitalize())}"
    yield ""
    about = [f"Owner: {plain(subject.owner)}"] if subject.owner else []
    about += [f"Risk: {subject.risk}"] if subject.risk else []
    yield from ("; ".join(about), "") if about else ()
    kept = subject.kept
    if kept is not None:
        place = f" ({code(f'{kept.path}:{kept.line}')})" if kept.path else ""
        yield from ("### Keep", "", f"{code(kept.symbol)}{place}: {facts_of(kept)}.", "")
        yield from (f"- {prose(why)}" for why in kept.why)
        yield ""
    if subject.merges:
        yield from ("### Merge", "")
        for merge in subject.merges:
            yield from _merge(merge)
    yield from ("### Migrate", "")
    yield from table(
        ("From", "To", "What it is", "Places:"),
        ((code(m.path), code(m.to), plain(state(m)), str(m.places)) for m in subject.moved),
    )
    yield from _consumers(subject.places)
    yield from _deletions(subject)
    yield from _left(subject.places)


def _merge(merge: Merge) -> Iterator[str]:
    yield (
        f"{code(merge.symbol)} ({code(f'{merge.path}:{merge.line}')}): {facts_of(merge)}. "
        f"Into {code(merge.into)}."
    )
    yield ""
    public = [one for one in merge.unique if not one.is_private]
    clashes = [one for one in merge.clashes if not one.is_private]
    yield from (f"- [ ] only there: {_member(one)}" for one in public)
    yield from (f"- [ ] differs: {_member(one)}" for one in clashes)
    private = len(merge.unique) - len(public)
    if private:
        yield f"- and {counted(private, 'private member')} only there"
    if merge.unclear:
        yield f"- {counted(merge.unclear, 'use')} of these may be of it, for all that can be told"
    if not merge.is_needed:
        yield "- nothing to merge"
    yield ""


def _member(one: PlanMember) -> str:
    why = f": {prose(one.why)}" if one.why else ""
    return f"{code(one.name)}, line {one.line}{why}"


def _consumers(places: Sequence[Place]) -> Iterator[str]:
    if not places:
        return
    yield from ("### Consumers", "")
    yield from table(
        ("Category", "Files:", "Places:", "Safe:", "Unsafe:", "Manual:", "In waves:"),
        (
            (r.group, *map(str, (r.files, r.places, r.safe, r.unsafe, r.manual, r.in_waves)))
            for r in rows(places)
        ),
    )
    yield from table(
        ("Risk", "Places:"), ((plain(name), str(n)) for name, n in risks(places).items())
    )


def _deletions(subject: Subject) -> Iterator[str]:
    if not subject.going:
        return
    yield from ("### Delete", "")
    for one in subject.going:
        yield f"- {code(one.module)}: {prose(fate(one))}"
        yield from (f"    - {plain(place)}" for place in one.needed_by[:_MOST_KEEPING])
        if (more := len(one.needed_by) - _MOST_KEEPING) > 0:
            yield f"    - and {counted(more, 'more place')}"
    yield ""


def _left(places: Sequence[Place]) -> Iterator[str]:
    left = by_hand(places)
    if not left:
        return
    yield from ("### Left to people", "")
    yield from table(
        ("Place", "Kind", "Category", "Fix", "Names", "Why", "Risk"),
        (
            (
                code(f"{one.path}:{one.line}:{one.column}"),
                one.kind.value,
                one.category,
                one.fix.value,
                code(one.symbol),
                prose(one.why),
                plain(", ".join(risk.value for risk in one.risks)),
            )
            for one in left
        ),
    )


def _waves(plan: MigrationPlan) -> Iterator[str]:
    yield from ("## Waves", "")
    if not plan.waves:
        yield from ("Nothing is changed by the tool.", "")
    for wave in plan.waves:
        yield from _wave(wave)
    if plan.refused or plan.errors:
        yield from ("## Files that stay as they are", "")
        stays = (*plan.refused, *plan.errors)
        yield from table(("File", "Why"), ((code(o.path), prose(o.message)) for o in stays))
    if plan.waves:
        yield from ("## How to carry it out", "", "```console")
        yield from (f"$ {command}" for command in following(plan))
        yield from ("$ ssot-migrate verify", "```", "")


def _wave(wave: PlannedWave) -> Iterator[str]:
    owners = f" Owners: {plain(' '.join(wave.owners))}." if wave.owners else ""
    yield f"### Wave {wave.number}"
    yield ""
    yield f"{counted(len(wave.files), 'file')}.{owners} To take it back: {code(wave.rollback)}"
    yield ""
    yield from table(
        ("File", "Change", "Safe:", "Unsafe:", "Owners"),
        (
            (
                code(file.path),
                "delete" if not file.after else "edit" if file.before else "create",
                str(sum(edit.fix is Fix.SAFE for edit in file.edits)),
                str(sum(edit.fix is Fix.UNSAFE for edit in file.edits)),
                plain(" ".join(file.owners)),
            )
            for file in wave.files
        ),
    )
