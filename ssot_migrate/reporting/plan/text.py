"""The plan for a terminal: what stands behind each figure is in the other formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import Fix
from ssot_migrate.reporting.counted import counted
from ssot_migrate.reporting.plan.words import (
    by_hand,
    facts_of,
    fate,
    following,
    risks,
    rows,
    state,
    title,
)
from ssot_migrate.reporting.sanitize import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssot_migrate.domain.plan import Merge, MigrationPlan, Place, PlannedWave, Subject

_MOST_PLACES = 10
_MOST_MOVED = 20


def as_text(plan: MigrationPlan) -> str:
    """Write the plan, concept by concept, then wave by wave."""
    lines: list[str] = []
    for subject in plan.subjects:
        lines += [*_subject(subject), ""]
    for wave in plan.waves:
        lines += [*_wave(wave)]
    lines += ["", *(f"{one.path}: refused: {one.message}" for one in plan.refused)]
    lines += [f"{one.path}: error: {one.message}" for one in plan.errors]
    lines += [f"note: {note}" for note in plan.notes]
    lines += ["", *_closing(plan)]
    text = "\n".join(map(visible, lines)).strip("\n")
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return f"{text}\n"


def _subject(subject: Subject) -> Iterator[str]:
    about = ", ".join(filter(None, (subject.risk and f"{subject.risk} risk", subject.owner)))
    yield f"{title(subject)}  ({about})" if about else title(subject)
    if subject.kept is not None:
        place = f"  {subject.kept.path}:{subject.kept.line}" if subject.kept.path else ""
        yield f"  KEEP     {subject.kept.symbol}{place}  {facts_of(subject.kept)}"
        yield from (f"           {why}" for why in subject.kept.why)
    for merge in subject.merges:
        yield from _merge(merge)
    for moved in subject.moved[:_MOST_MOVED]:
        yield f"  MIGRATE  {moved.path} -> {moved.to}"
        yield f"           {state(moved)}; {counted(moved.places, 'place')}"
    if (more := len(subject.moved) - _MOST_MOVED) > 0:
        yield f"           and {counted(more, 'more path')}"
    for going in subject.going:
        yield f"  DELETE   {going.module}  {fate(going)}"
    yield from _places(subject.places)


def _merge(merge: Merge) -> Iterator[str]:
    unique = [one.name for one in merge.unique if not one.is_private]
    clashes = [one.name for one in merge.clashes if not one.is_private]
    yield f"  MERGE    {merge.symbol}  {merge.path}:{merge.line}  {facts_of(merge)}"
    yield f"           only there: {', '.join(unique) or 'nothing'}"
    if clashes:
        yield f"           differs: {', '.join(clashes)}"


def _places(places: Sequence[Place]) -> Iterator[str]:
    if not places:
        return
    yield ""
    yield "             files  places  safe  unsafe  manual  in waves"
    for row in rows(places):
        yield (
            f"  {row.group:<10} {row.files:>5}  {row.places:>6}  {row.safe:>4}  {row.unsafe:>6}"
            f"  {row.manual:>6}  {row.in_waves:>8}"
        )
    told = ", ".join(f"{count} {name}" for name, count in risks(places).items())
    if told:
        yield f"  of these: {told}"
    left = by_hand(places)
    if left:
        yield ""
    for place in left[:_MOST_PLACES]:
        yield f"  {place.path}:{place.line}:{place.column}: {place.symbol}: {place.why}"
    if (more := len(left) - _MOST_PLACES) > 0:
        yield f"  and {counted(more, 'more place')}: the Markdown and the JSON have all of them"


def _wave(wave: PlannedWave) -> Iterator[str]:
    owners = f"; {' '.join(wave.owners)}" if wave.owners else ""
    edits = f"{wave.edits(Fix.SAFE)} safe and {wave.edits(Fix.UNSAFE)} unsafe edits"
    yield f"wave {wave.number}: {counted(len(wave.files), 'file')}, {edits}{owners}"
    yield f"  to take it back: {wave.rollback}"
    for file in wave.files:
        what = "  deleted" if not file.after else "" if file.before else "  new"
        yield f"  {file.path}{what}"


def _closing(plan: MigrationPlan) -> Iterator[str]:
    if not plan.subjects:
        yield "The registry replaces nothing."
        return
    files = sum(len(wave.files) for wave in plan.waves)
    yield (
        f"{counted(len(plan.places), 'place')}: the waves change {counted(files, 'file')}, "
        f"{len(by_hand(plan.places))} are left to people."
    )
    if plan.waves:
        yield from (f"  {command}" for command in following(plan))
