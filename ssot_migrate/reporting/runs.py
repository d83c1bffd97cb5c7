"""Runs of `apply`: the list of them, and what a rollback brought back."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from ssot_migrate.reporting.closing import place
from ssot_migrate.reporting.counted import counted
from ssot_migrate.reporting.sanitize import encodable, visible
from ssot_migrate.reporting.wire import versioned_json
from ssot_migrate.transaction.history import RunState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssot_migrate.transaction.history import RunRecord
    from ssot_migrate.transaction.store import RolledBack

FORMATS = ("text", "json")


def history(runs: Sequence[RunRecord], output_format: str) -> str:
    """Write the runs, in the order given."""
    if output_format == "json":
        return versioned_json({"runs": [_described(run) for run in runs]})
    if not runs:
        return "Nothing has been applied here.\n"
    state_width = max(len(run.state.value) for run in runs)
    lines = []
    for run in runs:
        state = f"{run.state.value:<{state_width}}"
        lines.append(f"{visible(run.id)}  {state}  {_about(run)}")
        lines += (f"  {line}" for line in _remedy(run))
    return _text(lines)


def rolled_back(answer: RolledBack, output_format: str, *, quiet: bool = False) -> str:
    """Write which files are what they were."""
    if output_format == "json":
        return versioned_json(
            {
                "run": encodable(answer.run.id),
                "state": answer.run.state.value,
                "paths": [encodable(path) for path in answer.paths],
                "kept": [encodable(path) for path in answer.kept],
                "folder": encodable(answer.folder),
            }
        )
    lines = [f"{place(path)}: brought back" for path in answer.paths]
    if quiet:
        return _text(lines)
    if lines:
        lines.append("")
    files = counted(len(answer.paths), "file")
    lines.append(f"Run {visible(answer.run.id)}: {answer.run.state.value}, {files} brought back.")
    if answer.kept:
        edited = counted(len(answer.kept), "file")
        lines.append(f"Edits made since, in {edited}, are kept in {visible(answer.folder)}.")
    return _text(lines)


def _about(run: RunRecord) -> str:
    """When a run was, how much it changed and by which command."""
    if run.state is RunState.DAMAGED:
        return visible(run.problem)
    when = visible(run.started[:19].replace("T", " "))
    files = counted(len(run.paths), "file")
    return f"{when} UTC  {files}  {visible(shlex.join(run.command))}"


def _remedy(run: RunRecord) -> Iterator[str]:
    if run.state is RunState.UNFINISHED:
        command = f"ssot-migrate rollback {visible(run.id)}"
        yield f"it was interrupted, or is at work; if it is not, put it in order: {command}"
    elif run.state is RunState.INTERRUPTED and run.paths_in_force:
        files = counted(len(run.paths_in_force), "file")
        yield f"it did not come to its end; what it wrote, {files}, stays"


def _described(run: RunRecord) -> dict[str, object]:
    return {
        "run": encodable(run.id),
        "state": run.state.value,
        "started": encodable(run.started) or None,
        "ended": encodable(run.ended) or None,
        "command": [encodable(word) for word in run.command],
        "version": encodable(run.version),
        "summary": {encodable(key): count for key, count in run.summary.items()},
        "waves": [
            {
                "number": wave.number,
                "label": encodable(wave.label),
                "paths": [encodable(path) for path in wave.paths],
                "in_force": wave.is_in_force,
            }
            for wave in run.waves
        ],
        "backup": None if run.backup is None else encodable(run.backup),
        "problem": visible(run.problem),
    }


def _text(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
