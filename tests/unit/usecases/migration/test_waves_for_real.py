"""Waves with real files, a real journal and real processes."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING

import pytest

from ssot_migrate.domain.outcome import FileOutcome, Outcome
from ssot_migrate.transaction.store import RunStore
from ssot_migrate.usecases.migration.checked import APPLIED, SKIPPED, RedBaselineError
from ssot_migrate.usecases.migration.waves import run_waves, settled
from ssot_migrate.usecases.writing import change_of
from ssot_migrate.workspace.command import run_command

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ssot_migrate.domain.outcome import Wave

NAMES = [f"m{number}" for number in range(8)]
# As long as what it replaces, and written within the same second.
BEFORE, GOOD, BAD = b"X = 1 + 1\n", b"X = 2 + 0\n", b"X = 1 / 0\n"
CHECK = f"{shlex.quote(sys.executable)} -c 'import {', '.join(NAMES)}'"


@pytest.fixture(autouse=True)
def _python_writes_bytecode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)


def _outcomes(root: Path, *bad: str) -> list[FileOutcome]:
    for name in NAMES:
        (root / f"{name}.py").write_bytes(BEFORE)
    return [
        FileOutcome(
            path=f"{name}.py",
            outcome=Outcome.CHANGED,
            before=BEFORE,
            after=BAD if name in bad else GOOD,
        )
        for name in NAMES
    ]


def _run(
    root: Path,
    outcomes: Sequence[FileOutcome],
    size: int,
    check: str = CHECK,
    *,
    keep_going: bool = False,
) -> tuple[Wave, ...]:
    batches = [outcomes[start : start + size] for start in range(0, len(outcomes), size)]
    with RunStore(root).begin(command=("test",)) as run:

        def commit(lot: Sequence[FileOutcome], label: str) -> int:
            return run.commit(map(change_of, lot), label=label).number

        waves = run_waves(
            batches, commit, run.undo, lambda: run_command(root, check), keep_going=keep_going
        )
        run.finish({})
    return waves


def _contents(root: Path) -> dict[str, bytes]:
    return {path.stem: path.read_bytes() for path in root.glob("*.py")}


@pytest.mark.parametrize("culprit", ["m0", "m5", "m7"])
def test_the_file_that_breaks_the_check_is_left_out(tmp_path: Path, culprit: str) -> None:
    outcomes = _outcomes(tmp_path, culprit)
    (wave,) = _run(tmp_path, outcomes, 8)
    assert wave.culprits == (f"{culprit}.py",)
    assert wave.state == APPLIED
    assert "ZeroDivisionError" in wave.check
    assert _contents(tmp_path) == {name: BEFORE if name == culprit else GOOD for name in NAMES}
    told = {one.path: one.outcome for one in settled(outcomes, [wave])}
    assert told[f"{culprit}.py"] is Outcome.REFUSED
    assert list(told.values()).count(Outcome.CHANGED) == 7


def test_a_rollback_brings_back_what_stayed(tmp_path: Path) -> None:
    _run(tmp_path, _outcomes(tmp_path, "m2", "m6"), 4, keep_going=True)
    kept = {name: BEFORE if name in ("m2", "m6") else GOOD for name in NAMES}
    assert _contents(tmp_path) == kept
    RunStore(tmp_path).rollback()
    assert _contents(tmp_path) == dict.fromkeys(NAMES, BEFORE)


def test_stops_where_it_is_told_to(tmp_path: Path) -> None:
    waves = _run(tmp_path, _outcomes(tmp_path, "m2"), 3)
    assert [wave.state for wave in waves] == [APPLIED, SKIPPED, SKIPPED]
    assert {name for name, data in _contents(tmp_path).items() if data == GOOD} == {"m0", "m1"}


def test_nothing_is_touched_where_the_check_fails_already(tmp_path: Path) -> None:
    with pytest.raises(RedBaselineError, match="exit code 3"):
        _run(tmp_path, _outcomes(tmp_path), 3, "exit 3")
    assert _contents(tmp_path) == dict.fromkeys(NAMES, BEFORE)


def test_files_come_and_go_with_their_waves(tmp_path: Path) -> None:
    (tmp_path / "old.py").write_bytes(BEFORE)
    outcomes = [
        FileOutcome(path="new.py", outcome=Outcome.CHANGED, after=GOOD, is_new=True),
        FileOutcome(path="bad.py", outcome=Outcome.CHANGED, after=BAD, is_new=True),
        FileOutcome(path="old.py", outcome=Outcome.CHANGED, before=BEFORE),
    ]
    waves = _run(tmp_path, outcomes, 2, "test ! -e bad.py", keep_going=True)
    assert [wave.state for wave in waves] == [APPLIED, SKIPPED]
    assert _contents(tmp_path) == {"new": GOOD, "old": BEFORE}
    assert [wave.state for wave in _run(tmp_path, outcomes[2:], 2, "true")] == [APPLIED]
    assert _contents(tmp_path) == {"new": GOOD}
