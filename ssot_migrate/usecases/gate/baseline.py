"""`baseline`: makes, updates, prunes and checks the list of known findings."""

from __future__ import annotations

import os
from enum import Enum
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.baseline import BaselineReport, Entry
from ssot_migrate.domain.errors import UsageError
from ssot_migrate.index.index import Progress, no_progress
from ssot_migrate.lint.ratchet import entry_of, numbered
from ssot_migrate.usecases.gate.baseline_file import BaselineFile, load, place_of
from ssot_migrate.usecases.gate.known import Known, held_against
from ssot_migrate.usecases.gate.linting import lint
from ssot_migrate.usecases.gate.scan import Gate, chosen_rules, errors_of
from ssot_migrate.usecases.project import Opened, Request, open_project

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Action(str, Enum):
    """What to do with a baseline."""

    CREATE = "create"
    """Write a new one with everything that is found."""
    UPDATE = "update"
    """Drop what is stale, renew the paths, and accept what is new if a reason is given."""
    PRUNE = "prune"
    """Drop what is stale."""
    CHECK = "check"
    """Write nothing."""


def maintain(
    request: Request,
    gate: Gate,
    action: Action,
    *,
    accept: str | None = None,
    force: bool = False,
    progress: Progress = no_progress,
) -> BaselineReport:
    """Hold a project against its baseline, and write that as asked.

    What the paths and rules of the request leave out stays in the baseline as it is.

    Args:
        request: Which project.
        gate: Which rules, and which baseline.
        action: What to do.
        accept: Why findings that are not known yet are let pass; None to let none pass.
        force: Whether `create` may replace a baseline.
        progress: Called while long work goes on.

    Raises:
        ConfigError: The configuration is wrong.
        UsageError: The baseline cannot be read or written, is missing, or is there already; or a
            reason is missing.
    """
    if accept is not None and not accept.strip():
        raise UsageError("a reason is missing: say why the findings are let pass for now")
    with open_project(request, progress) as opened:
        place = place_of(opened.root, opened.project.registry.baseline, gate.baseline)
        if action is Action.CREATE:
            _require_absent(place, force=force)
            file = place
        else:
            file = _existing(place)
        rules = chosen_rules(opened, gate)
        known = held_against(file, opened, rules, lint(rules, opened.project).findings)
        report = _carried_out(opened, known, action, (accept or "").strip())
        return msgspec.structs.replace(
            report, errors=errors_of(opened, rules, gate), notes=opened.notes
        )


def _require_absent(place: BaselineFile, *, force: bool) -> None:
    if os.path.lexists(place.path) and not force:
        remedy = "`ssot-migrate baseline update` renews it, --force replaces it"
        raise UsageError(f"{place.name}: is there already; {remedy}")


def _existing(place: BaselineFile) -> BaselineFile:
    found = load(place)
    if found is None:
        remedy = "`ssot-migrate baseline create` makes it"
        raise UsageError(f"{place.name}: there is no such baseline; {remedy}")
    return found


def _carried_out(opened: Opened, known: Known, action: Action, reason: str) -> BaselineReport:
    file, held = known.file, known.held
    new = tuple(one for one in held.new if opened.selection.selects(one.path))
    entries = [entry for _, entry in held.known]
    added: tuple[Entry, ...] = ()
    if action is Action.CREATE or (action is Action.UPDATE and reason):
        added, new = tuple(entry_of(one, reason) for one in new), ()
    if action in (Action.CREATE, Action.UPDATE):
        entries = [entry_of(finding, entry.reason) for finding, entry in held.known]
    is_writing = action is not Action.CHECK
    if is_writing:
        kept = (*entries, *known.unseen, *added)
        if action is Action.CREATE or not _are_same(kept, file.lines):
            file.written(kept)
    return BaselineReport(
        file=file.name,
        known=len(held.known),
        unseen=len(known.unseen),
        added=numbered(added),
        dropped=known.stale if is_writing else (),
        stale=() if is_writing else known.stale,
        new=new,
    )


def _are_same(entries: Sequence[Entry], written: Iterable[Entry]) -> bool:
    return numbered(entries) == tuple(sorted(written))
