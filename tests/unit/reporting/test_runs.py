"""Runs and rollbacks, told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from ssot_migrate.reporting.runs import history, rolled_back
from ssot_migrate.reporting.sanitize import encodable
from ssot_migrate.transaction.history import RunRecord, RunState, WaveRecord
from ssot_migrate.transaction.store import RolledBack

from .hostile import HOSTILE
from .readers import hazards, read_json

if TYPE_CHECKING:
    from pytest_snapshot.plugin import Snapshot  # type: ignore[import-untyped]  # has no types

DONE = RunRecord(
    id="20261121-114213-0a1b",
    state=RunState.DONE,
    started="2026-11-21T11:42:13+00:00",
    ended="2026-11-21T11:42:15+00:00",
    command=("ssot-migrate", "apply", "two words"),
    version="0.1.0",
    summary={"files": 2},
    waves=(
        WaveRecord(1, "wave 1", ("app/use.py",), is_in_force=True),
        WaveRecord(2, "wave 2", ("app/other.py",), is_in_force=True),
    ),
)
RUNS = (
    DONE,
    msgspec.structs.replace(DONE, id="20261121-104213-0a1b", state=RunState.INTERRUPTED),
    msgspec.structs.replace(DONE, id="20261121-094213-0a1b", state=RunState.UNFINISHED),
    msgspec.structs.replace(
        DONE,
        id="20261121-084213-0a1b",
        state=RunState.ROLLED_BACK,
        waves=(WaveRecord(1, "", ("app/use.py",), is_in_force=False),),
    ),
    RunRecord(
        id="20261121-074213-0a1b", state=RunState.DAMAGED, problem="has no folder of contents"
    ),
)
RETURNED = RolledBack(
    run=msgspec.structs.replace(DONE, state=RunState.ROLLED_BACK),
    paths=("app/other.py", "app/use.py"),
    kept=("app/use.py",),
    folder=".ssot_migrate/runs/20261121-114213-0a1b/images",
)


def test_history(snapshot: Snapshot) -> None:
    snapshot.assert_match(history(RUNS, "text"), "history.txt")


def test_history_for_scripts(snapshot: Snapshot) -> None:
    snapshot.assert_match(history(RUNS, "json"), "history.json")


def test_no_runs() -> None:
    assert history((), "text") == "Nothing has been applied here.\n"
    assert read_json(history((), "json")) == {"version": 1, "runs": []}


def test_an_unfinished_run_says_what_to_do() -> None:
    told = history(RUNS[2:3], "text")
    assert told.endswith("ssot-migrate rollback 20261121-094213-0a1b\n")


def test_rolled_back(snapshot: Snapshot) -> None:
    snapshot.assert_match(rolled_back(RETURNED, "text"), "rollback.txt")
    unedited = msgspec.structs.replace(RETURNED, kept=())
    assert "kept" not in rolled_back(unedited, "text")
    assert rolled_back(RETURNED, "text", quiet=True).splitlines() == [
        "app/other.py: brought back",
        "app/use.py: brought back",
    ]


def test_rolled_back_for_scripts() -> None:
    assert read_json(rolled_back(RETURNED, "json")) == {
        "version": 1,
        "run": "20261121-114213-0a1b",
        "state": "rolled back",
        "paths": ["app/other.py", "app/use.py"],
        "kept": ["app/use.py"],
        "folder": ".ssot_migrate/runs/20261121-114213-0a1b/images",
    }


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_nothing_is_obeyed(text: str) -> None:
    run = msgspec.structs.replace(
        DONE,
        id=text,
        started=text,
        command=(text, "x"),
        version=text,
        backup=text,
        problem=text,
        waves=(WaveRecord(1, text, (text,), is_in_force=True),),
    )
    for state in RunState:
        runs = (msgspec.structs.replace(run, state=state), DONE)
        told = history(runs, "text")
        assert not hazards(told)
        assert told.splitlines() == told.split("\n")[:-1]
        (first, _) = read_json(history(runs, "json"))["runs"]
        assert first["command"] == [encodable(text), "x"]
        assert first["waves"][0]["paths"] == [encodable(text)]
    answer = RolledBack(run=run, paths=(text, "x"), kept=(text,), folder=text)
    told = rolled_back(answer, "text")
    assert not hazards(told)
    assert told.splitlines() == told.split("\n")[:-1]
    assert not any(line.lstrip().startswith("::") for line in told.splitlines())
    assert read_json(rolled_back(answer, "json"))["paths"] == [encodable(text), "x"]
