"""`plan`: what a migration would do, as a document for people and for `apply --plan`."""

from __future__ import annotations

import os
from collections import defaultdict
from itertools import chain
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate._version import __version__
from ssot_migrate.domain.finding import FileError
from ssot_migrate.domain.plan import (
    MigrationPlan,
    Place,
    PlannedEdit,
    PlannedFile,
    PlannedWave,
    Subject,
    TreeState,
)
from ssot_migrate.domain.wire import VERSION
from ssot_migrate.index.index import no_progress
from ssot_migrate.transaction.change import digest_of
from ssot_migrate.usecases.migration.planning import plan_opened
from ssot_migrate.usecases.migration.wanted import Wanted
from ssot_migrate.usecases.migration.waves import waves_of
from ssot_migrate.usecases.plans.places import concept_of, documented, places_of
from ssot_migrate.usecases.plans.subjects import Subjects, evidence
from ssot_migrate.usecases.project import open_project
from ssot_migrate.workspace.owners import Owners
from ssot_migrate.workspace.source import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from ssot_migrate.config.model import Concept
    from ssot_migrate.config.settings import Settings
    from ssot_migrate.domain.outcome import FileOutcome
    from ssot_migrate.domain.scope import Scope
    from ssot_migrate.index.index import Progress
    from ssot_migrate.usecases.migration.planning import Plan
    from ssot_migrate.usecases.project import Opened, Request


def consolidate(
    request: Request, scope: Scope, batch: int, progress: Progress = no_progress
) -> MigrationPlan:
    """Plan a migration concept by concept; nothing but the cache is written.

    Args:
        request: Which project.
        scope: Which changes the waves make; everything else is told.
        batch: How many files a wave may have; 0 for no limit.
        progress: Called while long work goes on.

    Raises:
        ConfigError: The configuration is wrong.
        UsageError: A concept or a selector cannot be used.
    """
    with open_project(request, progress) as opened:
        planned = plan_opened(opened, scope, request.jobs, progress)
        waves = arranged(opened, waves_of(planned.after, planned.report.files, batch))
        subjects = _subjects(opened, scope, planned, waves)
        report = planned.report
        return MigrationPlan(
            version=VERSION,
            root=report.root,
            scope=scope,
            subjects=subjects,
            waves=waves,
            refused=tuple(FileError(one.path, one.why) for one in report.refused),
            state=_state(opened, subjects, waves),
            looked_at=report.looked_at,
            errors=report.errors,
            notes=report.notes,
        )


def arranged(opened: Opened, batches: Iterable[Sequence[FileOutcome]]) -> tuple[PlannedWave, ...]:
    """Waves as a plan has them."""
    owners = Owners.here(opened.root)
    return tuple(
        PlannedWave(
            number=number,
            files=tuple(_file(one, owners) for one in batch),
            rollback=f"ssot-migrate rollback --wave {number}",
        )
        for number, batch in enumerate(batches, 1)
    )


def _file(one: FileOutcome, owners: Owners | None) -> PlannedFile:
    return PlannedFile(
        path=one.path,
        before="" if one.is_new else digest_of(one.before),
        after="" if one.after is None else digest_of(one.after),
        owners=owners.of(one.path) if owners is not None else (),
        edits=tuple(
            PlannedEdit(
                line=edit.line,
                column=edit.column,
                end_line=edit.end_line,
                end_column=edit.end_column,
                before=edit.before,
                after=edit.after,
                code=edit.cause.code,
                fix=edit.cause.fix,
            )
            for edit in one.edits
        ),
    )


def registry_digests(root: Path, settings: Settings) -> dict[str, str]:
    """The digests of the configuration files, by the names under which plans know them."""
    return {
        os.path.relpath(one.path, root) if one.path.is_relative_to(root) else one.path.name: (
            digest_of(one.path.read_bytes())
        )
        for one in settings.documents
    }


def _subjects(
    opened: Opened, scope: Scope, planned: Plan, waves: Sequence[PlannedWave]
) -> tuple[Subject, ...]:
    project = opened.project
    wave_of = {file.path: wave.number for wave in waves for file in wave.files}
    places: defaultdict[str | None, dict[Place, None]] = defaultdict(dict)
    for one in chain(
        places_of(project, planned.report.files, wave_of),
        documented(project, scope, Wanted(opened, scope), wave_of),
    ):
        places[one.concept or concept_of(project, one.place)][one.place] = None
    asked = Subjects(project)
    subjects = [
        _concept(asked, concept, planned, wave_of, places[concept.name])
        for concept in project.concepts
        if not scope.concepts or concept.name in scope.concepts
    ]
    if not scope.concepts:
        merges, calls = asked.merges(None)
        own = _with_calls(places[None], calls)
        moved = tuple(asked.moved(None, own))
        subjects.append(
            Subject(name="", kept=None, merges=merges, moved=moved, going=(), places=own)
        )
    return tuple(one for one in subjects if one.moved or one.going or one.places)


def _with_calls(places: Iterable[Place], calls: Iterable[Place]) -> tuple[Place, ...]:
    """Places with the calls that would break, as far as nothing is told of their lines."""
    told = {(one.path, one.line) for one in places}
    return tuple(sorted({*places, *(one for one in calls if (one.path, one.line) not in told)}))


def _concept(
    asked: Subjects,
    concept: Concept,
    planned: Plan,
    wave_of: Mapping[str, int],
    places: Mapping[Place, None],
) -> Subject:
    merges, calls = asked.merges(concept.name, {one.from_ for one in concept.methods})
    own = _with_calls(places, calls)
    kept = asked.kept(concept)
    return Subject(
        name=concept.name,
        kept=msgspec.structs.replace(kept, why=(*kept.why, *evidence(kept, merges))),
        merges=merges,
        moved=tuple(asked.moved(concept.name, own)),
        going=tuple(asked.going(concept, planned.after, wave_of)),
        places=own,
        owner=concept.owner,
        risk=concept.risk,
    )


def _state(opened: Opened, subjects: Sequence[Subject], waves: Sequence[PlannedWave]) -> TreeState:
    """What the plan was made from: a file that it speaks of must still be what it was."""
    files = {file.path: file.before for wave in waves for file in wave.files}
    others: set[str] = set()
    for one in subjects:
        others.update(place.path for place in one.places)
        others.update(merge.path for merge in one.merges)
        others.update(path for going in one.going for path in going.paths)
        others.update([one.kept.path] if one.kept is not None else ())
    for path in sorted(others - files.keys() - {""}):
        files[path] = digest_at(opened.root, path)
    settings = opened.project.settings
    return TreeState(
        tool=__version__,
        registry=registry_digests(opened.root, settings),
        files=dict(sorted(files.items())),
    )


def digest_at(root: Path, path: str) -> str:
    """The digest of a file's content; empty where it cannot be read."""
    data = read(root, path)
    return "" if isinstance(data, FileError) else digest_of(data)
