"""What the journals tell about runs."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.transaction.records import (
    Abandoned,
    Begun,
    Committed,
    Finished,
    Kind,
    Planned,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ssot_migrate.transaction.records import Record


class RunState(str, Enum):
    """What became of a run."""

    DONE = "done"
    INTERRUPTED = "interrupted"
    UNFINISHED = "unfinished"
    ROLLED_BACK = "rolled back"
    DAMAGED = "damaged"


class WaveRecord(msgspec.Struct, frozen=True):
    """A wave of a run.

    Args:
        number: Its number in the run, by which it is undone.
        label: The caller's name for it.
        paths: The files that it changed, created or deleted.
        is_in_force: Whether its changes are still in the tree.
        notes: What the user should know of it, a sentence each; only of a wave just committed.
    """

    number: int
    label: str
    paths: tuple[str, ...]
    is_in_force: bool
    notes: tuple[str, ...] = ()


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A run as its journal tells it.

    Args:
        id: Its id.
        state: `done` came to its end, `interrupted` did not but is in order, `unfinished` has to
            be put in order by `rollback` or `recover`, `rolled back` is undone, and of a `damaged`
            one nothing is certain.
        started: When, in UTC, `2026-11-21T11:42:13+00:00`.
        ended: When, or empty.
        command: The command line.
        version: Version of the tool.
        summary: What the caller counted.
        waves: Those that were committed, in order.
        backup: The folder with copies of the originals, if there is one.
        problem: Of a damaged run, what is wrong with it.
    """

    id: str
    state: RunState
    started: str = ""
    ended: str = ""
    command: tuple[str, ...] = ()
    version: str = ""
    summary: dict[str, int] = {}
    waves: tuple[WaveRecord, ...] = ()
    backup: str | None = None
    problem: str = ""

    @property
    def paths(self) -> tuple[str, ...]:
        """The files that its waves changed, whether or not they are in force."""
        return tuple(sorted({path for wave in self.waves for path in wave.paths}))

    @property
    def paths_in_force(self) -> tuple[str, ...]:
        """The files that a rollback would bring back."""
        waves = (wave for wave in self.waves if wave.is_in_force)
        return tuple(sorted({path for wave in waves for path in wave.paths}))


def record_of(begun: Begun, records: Sequence[Record]) -> RunRecord:
    """Tell what became of a run."""
    finished = [record for record in records if isinstance(record, Finished)]
    in_force = {plan.number for plan in plans_in_force(records)}
    committed = _committed(records)
    rolled_back = any(plan.kind is Kind.ROLLBACK for plan in committed)
    was_planned = any(isinstance(record, Planned) for record in records)
    if interrupted_plan(records) is not None or (was_planned and not finished):
        state = RunState.UNFINISHED
    elif rolled_back:
        state = RunState.ROLLED_BACK
    else:
        is_done = bool(finished) and finished[0].completed
        state = RunState.DONE if is_done else RunState.INTERRUPTED
    return RunRecord(
        id=begun.id,
        state=state,
        started=begun.started,
        ended=finished[0].ended if finished else "",
        command=begun.command,
        version=begun.version,
        summary=finished[0].summary if finished else {},
        waves=tuple(
            wave_of(plan, is_in_force=plan.number in in_force)
            for plan in committed
            if plan.kind is Kind.APPLY
        ),
        backup=begun.backup,
    )


def wave_of(plan: Planned, *, is_in_force: bool, notes: tuple[str, ...] = ()) -> WaveRecord:
    """Tell what a wave did."""
    paths = tuple(step.path for step in plan.steps)
    return WaveRecord(plan.number, plan.label, paths, is_in_force, notes)


def interrupted_plan(records: Iterable[Record]) -> Planned | None:
    """The transaction that was neither committed nor abandoned, if there is one."""
    opened: Planned | None = None
    for record in records:
        if isinstance(record, Planned):
            opened = record
        elif isinstance(record, Committed | Abandoned):
            opened = None
    return opened


def plans_in_force(records: Iterable[Record]) -> tuple[Planned, ...]:
    """The waves whose changes are in the tree, in order."""
    committed = _committed(records)
    undone = {number for plan in committed for number in plan.undoes}
    return tuple(
        plan for plan in committed if plan.kind is Kind.APPLY and plan.number not in undone
    )


def next_number(records: Iterable[Record]) -> int:
    """The number of the next transaction."""
    return 1 + sum(isinstance(record, Planned) for record in records)


def _committed(records: Iterable[Record]) -> list[Planned]:
    plans = {record.number: record for record in records if isinstance(record, Planned)}
    done = dict.fromkeys(record.number for record in records if isinstance(record, Committed))
    gone = {record.number for record in records if isinstance(record, Abandoned)}
    return [plans[number] for number in done if number in plans and number not in gone]
