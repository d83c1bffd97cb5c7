"""Follows a plan: reads it, and holds it against the tree before anything is written.

What a plan says is never trusted: the migration is planned again, with all its proofs, and has to
come out as the plan has it, to the byte.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate._version import __version__
from ssot_migrate.domain.errors import SsotMigrateError, UsageError
from ssot_migrate.domain.finding import FileError
from ssot_migrate.domain.plan import MigrationPlan, PlannedEdit, PlannedFile
from ssot_migrate.domain.spelling import encodable
from ssot_migrate.domain.wire import VERSION
from ssot_migrate.usecases.migration.waves import is_deletion
from ssot_migrate.usecases.plans.plan import arranged, digest_at, registry_digests
from ssot_migrate.workspace.source import read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ssot_migrate.domain.outcome import ApplyReport, FileOutcome
    from ssot_migrate.usecases.project import Opened

_MOST_TOLD = 20


class StalePlanError(SsotMigrateError):
    """The tree is not what it was when a plan was made."""

    def __init__(self, differences: Sequence[str], tool: str) -> None:
        super().__init__(differences, tool)
        self.differences = tuple(differences)
        self.tool = tool

    def __str__(self) -> str:
        told = list(self.differences[:_MOST_TOLD])
        if more := len(self.differences) - _MOST_TOLD:
            told += [f"and {more} more"] if more > 0 else []
        if self.tool != __version__:
            told.append(f"the plan was made by ssot-migrate {self.tool}, this is {__version__}")
        lines = "\n".join(f"  {one}" for one in told)
        return (
            "the plan does not fit the tree any more, so nothing was written:\n"
            f"{lines}\nMake it again with `ssot-migrate plan`, and review what is new."
        )


def read_plan(file: str) -> MigrationPlan:
    """Read a plan that `plan --output-format json` wrote.

    Raises:
        UsageError: It cannot be read, or is no plan; with the remedy.
    """
    place = Path(file)
    data = read(place.parent, place.name)
    if isinstance(data, FileError):
        raise UsageError(f"{file}: {data.message}")
    remedy = "`ssot-migrate plan --output-format json -o FILE` writes one"
    try:
        version = msgspec.json.decode(data, type=_Versioned).version
        if version != VERSION:
            raise UsageError(f"{file}: is a plan of version {version}, and not {VERSION}: {remedy}")
        return msgspec.json.decode(data, type=MigrationPlan)
    except (ValueError, RecursionError) as problem:
        raise UsageError(f"{file}: is no plan ({problem}): {remedy}") from problem


def require_fresh(opened: Opened, plan: MigrationPlan) -> None:
    """Raise if anything that a plan speaks of has changed.

    Raises:
        StalePlanError: With what has changed.
    """
    differences = [*_registry(opened, plan), *_files(opened, plan)]
    if differences:
        raise StalePlanError(differences, plan.state.tool)


def followed(opened: Opened, plan: MigrationPlan, report: ApplyReport) -> list[list[FileOutcome]]:
    """What is to be written, in the waves of a plan.

    Args:
        opened: The project.
        plan: The plan.
        report: The same migration, planned now.

    Raises:
        StalePlanError: It does not come out as the plan has it.
        UsageError: The plan's waves cannot be followed.
    """
    outcomes = {encodable(one.path): one for one in report.changed}
    _require_order(plan, outcomes)
    now = {one.path: one for wave in arranged(opened, [report.changed]) for one in wave.files}
    then = {file.path: file for wave in plan.waves for file in wave.files}
    differences = [*_differences(then, {encodable(path): one for path, one in now.items()})]
    if differences:
        raise StalePlanError(differences, plan.state.tool)
    return [[outcomes[file.path] for file in wave.files] for wave in plan.waves]


def _registry(opened: Opened, plan: MigrationPlan) -> Iterator[str]:
    then, now = plan.state.registry, registry_digests(opened.root, opened.project.settings)
    for name in sorted({*then, *now}):
        if then.get(name) != now.get(name):
            yield f"the registry: {name} {_verb(then.get(name, ''), now.get(name, ''))}"


def _files(opened: Opened, plan: MigrationPlan) -> Iterator[str]:
    real = {encodable(path): path for path in opened.project.paths}
    made = {file.path: file.after for wave in plan.waves for file in wave.files}
    for path, then in plan.state.files.items():
        now = digest_at(opened.root, real.get(path, path))
        if then != now:
            is_made = made.get(path) == now
            yield f"{path} {'is what the plan makes of it' if is_made else _verb(then, now)}"


def _verb(then: str, now: str) -> str:
    return "has changed" if then and now else "is gone" if then else "is new"


def _differences(then: Mapping[str, PlannedFile], now: Mapping[str, PlannedFile]) -> Iterator[str]:
    for path in sorted({*then, *now}):
        was, is_ = then.get(path), now.get(path)
        if was is None:
            yield f"{path} would change too, and the plan does not have it"
        elif is_ is None:
            yield f"{path} would not change any more"
        elif (was.before, was.after) != (is_.before, is_.after) or was.edits != _edits(is_):
            yield f"{path} would change in another way"


def _edits(file: PlannedFile) -> tuple[PlannedEdit, ...]:
    """The edits as a plan spells them."""
    return tuple(
        msgspec.structs.replace(edit, before=encodable(edit.before), after=encodable(edit.after))
        for edit in file.edits
    )


def _require_order(plan: MigrationPlan, outcomes: Mapping[str, FileOutcome]) -> None:
    """Raise unless each file has one wave, and what is deleted goes last."""
    seen: set[str] = set()
    for position, wave in enumerate(plan.waves, 1):
        if wave.number != position:
            raise UsageError(f"the plan's wave {position} has the number {wave.number}")
        for file in wave.files:
            if file.path in seen:
                raise UsageError(f"the plan has {file.path} in two waves: leave it in one")
            seen.add(file.path)
            one = outcomes.get(file.path)
            if one is not None and is_deletion(one) and position < len(plan.waves):
                raise UsageError(f"{file.path} is deleted: the plan must have it in its last wave")


class _Versioned(msgspec.Struct, frozen=True):
    version: int
