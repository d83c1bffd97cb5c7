from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssot_migrate.domain.outcome import FileOutcome, Outcome, Wave
from ssot_migrate.usecases.migration.checked import (
    APPLIED,
    SKIPPED,
    UNDONE,
    Event,
    RedBaselineError,
    Step,
)
from ssot_migrate.usecases.migration.waves import run_waves, settled
from ssot_migrate.workspace.command import Ran

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

PASSED, FAILED = Ran(True, "exit code 0 after 0.1 s"), Ran(False, "exit code 1 after 0.1 s", "boom")


class File(NamedTuple):
    path: str


class Tree:
    """Files that are applied and undone, and a check that some lots of them break."""

    def __init__(self, *breaking: Iterable[str]) -> None:
        self.breaking = [frozenset(lot) for lot in breaking]
        self.applied: dict[int, tuple[str, ...]] = {}
        self.checks = 0
        self.events: list[Event] = []
        self._number = 0

    @property
    def files(self) -> list[str]:
        return [path for lot in self.applied.values() for path in lot]

    def commit(self, files: Sequence[File], label: str) -> int:
        assert label.startswith("wave ")
        assert not set(self.files) & {file.path for file in files}
        self._number += 1
        self.applied[self._number] = tuple(file.path for file in files)
        return self._number

    def undo(self, handle: int) -> None:
        del self.applied[handle]

    def check(self) -> Ran:
        self.checks += 1
        there = set(self.files)
        return FAILED if any(lot <= there for lot in self.breaking) else PASSED

    def run(
        self,
        *batches: str,
        keep_going: bool = False,
        most_checks: int | None = None,
        check: Callable[[], Ran] | None = None,
    ) -> tuple[Wave, ...]:
        return run_waves(
            [[File(path) for path in batch.split()] for batch in batches],
            self.commit,
            self.undo,
            check or self.check,
            keep_going=keep_going,
            most_checks=most_checks,
            on_event=self.events.append,
        )


def test_all_waves_are_applied_with_a_check_before_and_after_each() -> None:
    tree = Tree()
    waves = tree.run("a b", "c")
    assert waves == (
        Wave(number=1, paths=("a", "b"), state=APPLIED),
        Wave(number=2, paths=("c",), state=APPLIED),
    )
    assert tree.files == ["a", "b", "c"]
    assert tree.checks == 3


def test_nothing_is_applied_where_the_check_fails_already() -> None:
    tree = Tree([])
    with pytest.raises(RedBaselineError, match="before anything is changed") as caught:
        tree.run("a")
    assert "boom" in str(caught.value)
    assert not tree.files
    assert tree.checks == 1


def test_nothing_is_checked_where_there_is_nothing_to_apply() -> None:
    tree = Tree([])
    assert tree.run() == ()
    assert not tree.checks


def test_waves_without_a_check() -> None:
    tree = Tree(["a"])
    waves = run_waves([[File("a")], [File("b")]], tree.commit, tree.undo, None)
    assert [wave.state for wave in waves] == [APPLIED, APPLIED]
    assert tree.files == ["a", "b"]


@pytest.mark.parametrize("position", range(16))
def test_one_culprit_costs_the_logarithm_of_the_wave(position: int) -> None:
    names = [f"f{number:02}" for number in range(16)]
    tree = Tree([names[position]])
    (wave,) = tree.run(" ".join(names))
    assert wave.state == APPLIED
    assert wave.culprits == (names[position],)
    assert wave.check.endswith("boom")
    assert tree.files == [name for name in names if name != names[position]] == [*wave.paths]
    # Before, with all, without any, four to bisect, the culprit alone, the rest.
    assert tree.checks <= 3 + 4 + 2


def test_stops_after_a_wave_with_a_culprit() -> None:
    tree = Tree(["b"])
    waves = tree.run("a b", "c", "d")
    assert [wave.state for wave in waves] == [APPLIED, SKIPPED, SKIPPED]
    assert waves[2].paths == ("d",)
    assert tree.files == ["a"]


def test_goes_on_if_told_to() -> None:
    tree = Tree(["b"], ["c"])
    waves = tree.run("a b", "c", "d", keep_going=True)
    assert [wave.state for wave in waves] == [APPLIED, UNDONE, APPLIED]
    assert [wave.culprits for wave in waves] == [("b",), ("c",), ()]
    assert tree.files == ["a", "d"]


def test_files_that_only_fail_together_are_reported_as_a_set() -> None:
    tree = Tree(["b", "e"])
    (wave,) = tree.run("a b c d e f")
    assert wave.culprits == ("b", "e")
    assert wave.check.startswith("fail only together: b, e\n")
    assert tree.files == ["a", "c", "d", "f"]


def test_a_file_that_fails_with_an_earlier_wave_is_to_blame_itself() -> None:
    tree = Tree(["a", "d"])
    waves = tree.run("a b", "c d")
    assert waves[1].culprits == ("d",)
    assert tree.files == ["a", "b", "c"]


def test_a_wave_that_uses_up_its_checks_stays_undone() -> None:
    tree = Tree("a", "b", "c", "d", "e", "f")
    waves = tree.run("a b c d e f", "g", keep_going=True, most_checks=6)
    assert waves[0].state == UNDONE
    assert waves[0].culprits
    assert "given up" in waves[0].check
    assert tree.files == ["g"]
    assert tree.checks == 1 + 6 + 1


def test_no_file_is_blamed_by_a_check_that_fails_without_it() -> None:
    tree = Tree()
    verdicts = iter([PASSED, FAILED, FAILED])
    waves = tree.run("a b", "c", keep_going=True, check=lambda: next(verdicts))
    assert [wave.state for wave in waves] == [UNDONE, SKIPPED]
    assert not waves[0].culprits
    assert "without the wave" in waves[0].check
    assert not tree.files


@pytest.mark.parametrize("stop_at", range(2, 8))
def test_what_was_not_checked_does_not_stay_when_somebody_stops_the_run(stop_at: int) -> None:
    tree = Tree(["d"])

    def check() -> Ran:
        if tree.checks + 1 == stop_at:
            raise KeyboardInterrupt
        return tree.check()

    with pytest.raises(KeyboardInterrupt):
        tree.run("a b", "c d e f", check=check)
    assert tree.files in ([], ["a", "b"])


def test_tells_what_happens() -> None:
    tree = Tree(["b"])
    tree.run("a b")
    steps = [(event.step, event.paths) for event in tree.events]
    assert steps == [
        (Step.CHECKING, ()),
        (Step.APPLYING, ("a", "b")),
        (Step.FAILED, ("a", "b")),
        (Step.TRYING, ("a",)),
        (Step.TRYING, ("b",)),
        (Step.FOUND, ("b",)),
        (Step.TRYING, ("a",)),
        (Step.DONE, ("a",)),
    ]
    assert tree.events[2].said == str(FAILED)
    assert {event.waves for event in tree.events} == {1}


@given(st.integers(1, 40), st.sets(st.integers(0, 39)), st.integers(1, 40))
def test_all_but_the_culprits_are_applied(size: int, culprits: set[int], batch: int) -> None:
    names = [f"f{number:02}" for number in range(size)]
    bad = {names[number] for number in culprits if number < size}
    tree = Tree(*([name] for name in bad))
    batches = [" ".join(names[start : start + batch]) for start in range(0, size, batch)]
    waves = tree.run(*batches, keep_going=True, most_checks=1000)
    assert tree.files == [name for name in names if name not in bad]
    assert {path for wave in waves for path in wave.culprits} == bad
    each = math.ceil(math.log2(max(batch, 2))) + 2
    assert tree.checks <= 1 + 2 * len(batches) + each * len(bad)


_LOTS = st.lists(st.sets(st.integers(0, 23), min_size=1, max_size=3), max_size=5)


@given(st.integers(1, 24), _LOTS)
def test_lots_are_broken_up_and_nobody_is_blamed_for_nothing(
    size: int, lots: list[set[int]]
) -> None:
    names = [f"f{number:02}" for number in range(size)]
    breaking = [{names[one] for one in lot} for lot in lots if max(lot) < size]
    tree = Tree(*breaking)
    (wave,) = tree.run(" ".join(names), keep_going=True, most_checks=1000)
    assert not any(lot <= set(tree.files) for lot in breaking)
    assert sorted([*tree.files, *wave.culprits]) == names
    assert all(any(path in lot for lot in breaking) for path in wave.culprits)
    each = math.ceil(math.log2(max(size, 2))) + 2
    assert tree.checks <= 3 + (each + 1) * len(wave.culprits)


@given(st.integers(1, 200), st.sets(st.integers(0, 199), min_size=1))
def test_the_number_of_checks_is_bounded(size: int, culprits: set[int]) -> None:
    names = [f"f{number:03}" for number in range(size)]
    tree = Tree(*([f"f{number:03}"] for number in culprits))
    (wave,) = tree.run(" ".join(names))
    assert tree.checks <= 1 + 8 + 4 * (size.bit_length() + 2)
    assert tree.files == ([*wave.paths] if wave.state == APPLIED else [])


@pytest.mark.parametrize(("breaking", "state"), [((), APPLIED), (("b",), SKIPPED)])
def test_nothing_is_deleted_unless_all_before_it_stayed(
    breaking: tuple[str, ...], state: str
) -> None:
    tree = Tree(*([path] for path in breaking))
    old = FileOutcome(path="old", outcome=Outcome.CHANGED, before=b"1")
    batches = [[_outcome("a"), _outcome("b")], [_outcome("c")], [old]]

    def commit(outcomes: Sequence[FileOutcome], label: str) -> int:
        return tree.commit([File(one.path) for one in outcomes], label)

    waves = run_waves(batches, commit, tree.undo, tree.check, keep_going=True)
    assert [wave.state for wave in waves] == [APPLIED, APPLIED, state]


def _outcome(path: str, **fields: object) -> FileOutcome:
    return FileOutcome(path=path, outcome=Outcome.CHANGED, before=b"1", after=b"2", **fields)  # type: ignore[arg-type]  # any field


def test_what_did_not_stay_is_refused_with_the_reason() -> None:
    waves = [
        Wave(number=1, paths=("a",), state=APPLIED, culprits=("b",)),
        Wave(number=2, paths=("c", "d", "e"), state=UNDONE, culprits=("d", "e")),
        Wave(number=3, paths=("f",), state=SKIPPED),
    ]
    found = settled([_outcome(path) for path in "abcdefg"], waves)
    assert [one.path for one in found if one.outcome is Outcome.CHANGED] == ["a", "g"]
    why = {one.path: one.why for one in found if one.why}
    assert why == {
        "b": "the check fails with its change",
        "c": "was not written: the check failed with wave 2",
        "d": "the check fails with its change, alone or beside another of its wave",
        "e": "the check fails with its change, alone or beside another of its wave",
        "f": "was not written: an earlier wave failed its check",
    }
    assert all(one.after is None for one in found if one.why)
