"""Applies a migration wave by wave, and finds the files that break the user's check.

How files are written and what the check is are for the caller to say, so the logic here is pure.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import msgspec

from ssot_migrate.domain.errors import SsotMigrateError
from ssot_migrate.domain.outcome import FileOutcome, Outcome, Wave
from ssot_migrate.rewrite.ordering import in_batches, in_order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ssot_migrate.lint.project import Project
    from ssot_migrate.workspace.command import Ran

APPLIED = "applied"
UNDONE = "undone"
SKIPPED = "skipped"

# Enough to find four files that break the check one by one, and to try what is left of the wave.
_FEWEST_CHECKS = 8
_CULPRITS_FOUND = 4


class _HasPath(Protocol):
    @property
    def path(self) -> str: ...


_Change = TypeVar("_Change", bound=_HasPath)
_Handle = TypeVar("_Handle")


class Step(str, Enum):
    """What happens while waves are applied."""

    CHECKING = "checking"
    """The check runs before anything is applied."""
    APPLYING = "applying"
    """A wave is applied, then checked."""
    FAILED = "failed"
    """The check failed, and the wave was undone."""
    TRYING = "trying"
    """A part of the wave is applied, to find what breaks the check."""
    FOUND = "found"
    """The files at fault are known."""
    DONE = "done"
    """The wave, or what is left of it, stays."""


class Event(msgspec.Struct, frozen=True):
    """Something that happened on the way.

    Args:
        step: What.
        wave: Number of the wave; 0 before the first.
        waves: How many there are.
        paths: The files it is about.
        said: What the check said, where it failed.
    """

    step: Step
    wave: int
    waves: int
    paths: tuple[str, ...] = ()
    said: str = ""


class RedBaselineError(SsotMigrateError):
    """The check fails before anything was applied, so it cannot tell what a wave breaks."""

    def __init__(self, ran: Ran) -> None:
        super().__init__(ran)
        self.ran = ran

    def __str__(self) -> str:
        return f"the check fails before anything is changed, so nothing was: {self.ran}"


class _OutOfChecks(Exception):  # noqa: N818 - no error: the search is given up
    """The wave has had all the checks that it may have."""


def waves_of(
    project: Project, outcomes: Iterable[FileOutcome], size: int
) -> list[list[FileOutcome]]:
    """Arrange changed files in waves.

    New files come first, since others are to read them. Then come the others, what is imported
    before what imports it. What is deleted makes the last wave, importers first, whatever its
    size: modules that go together may import each other.

    Args:
        project: The project with the import graph to follow.
        outcomes: What is to be written; whatever does not change is left out.
        size: How many files a wave may have; 0 for no limit.
    """
    written = [one for one in outcomes if one.outcome is Outcome.CHANGED]
    # A file that goes need not be rewritten first.
    changed = {one.path: one for one in sorted(written, key=is_deletion)}
    new = sorted(path for path, one in changed.items() if one.is_new)
    deleted = [path for path, one in changed.items() if is_deletion(one)]
    rewritten = changed.keys() - {*new, *deleted}
    groups = [*((path,) for path in new), *in_order(project, rewritten)]
    batches = [[changed[path] for path in batch] for batch in in_batches(groups, size)]
    if deleted:
        last = [changed[path] for group in reversed(in_order(project, deleted)) for path in group]
        batches.append(last)
    return batches


def is_deletion(outcome: FileOutcome) -> bool:
    """Whether a file is to be deleted."""
    is_changed = outcome.outcome is Outcome.CHANGED
    return is_changed and outcome.after is None and not outcome.is_new


def run_waves(
    batches: Sequence[Sequence[_Change]],
    commit: Callable[[Sequence[_Change], str], _Handle],
    undo: Callable[[_Handle], object],
    check: Callable[[], Ran] | None,
    *,
    keep_going: bool = False,
    most_checks: int | None = None,
    on_event: Callable[[Event], object] = lambda _event: None,
) -> tuple[Wave, ...]:
    """Apply batch after batch, each followed by the check.

    A wave that fails its check is undone. The files at fault are searched for, and the wave is
    applied again without them. Nothing stays that the check has not passed with, whatever
    interrupts the run.

    One file at fault among n is found with about log2(n) checks, files that only fail together
    with about log2(n) for each. A wave that uses up its checks stays undone.

    What is deleted was planned for a tree in which everything else is done. So a wave with a
    deletion is skipped if anything before it did not stay.

    Args:
        batches: The changes, in order.
        commit: Applies some changes under a label.
        undo: Takes back what a commit applied.
        check: Says whether the tree is sound; None to apply without asking.
        keep_going: Whether to go on after a wave that had to be undone or to leave files out.
        most_checks: How often a wave may be checked; by default it grows with the logarithm of
            the wave's size.
        on_event: Called with each step.

    Returns:
        A wave for each batch. Those that were not begun are `skipped`.

    Raises:
        RedBaselineError: The check fails before the first wave.
    """
    driver = _Driver(len(batches), commit, undo, check, on_event)
    if batches:
        driver.require_green()
    waves: list[Wave] = []
    goes_on = is_whole = True
    for number, batch in enumerate(batches, 1):
        if not goes_on or (_deletes(batch) and not is_whole):
            waves.append(Wave(number=number, paths=_paths(batch), state=SKIPPED))
            continue
        wave, is_reliable = driver.wave(number, batch, most_checks)
        waves.append(wave)
        is_whole = is_whole and wave.state == APPLIED and not wave.culprits
        goes_on = is_reliable and (keep_going or is_whole)
    return tuple(waves)


def settled(outcomes: Iterable[FileOutcome], waves: Iterable[Wave]) -> tuple[FileOutcome, ...]:
    """The outcomes of a run's files, now that it is known what stayed of its waves.

    Whatever did not stay is refused, with the reason.
    """
    why: dict[str, str] = {}
    for wave in waves:
        if wave.state == SKIPPED:
            reason = "was not written: an earlier wave failed its check"
            why.update(dict.fromkeys(wave.paths, reason))
        elif wave.state == UNDONE:
            reason = f"was not written: the check failed with wave {wave.number}"
            why.update(dict.fromkeys(wave.paths, reason))
        reason = "the check fails with its change"
        if len(wave.culprits) > 1:
            reason += ", alone or beside another of its wave"
        why.update(dict.fromkeys(wave.culprits, reason))
    return tuple(_refused(one, why[one.path]) if one.path in why else one for one in outcomes)


def _refused(outcome: FileOutcome, why: str) -> FileOutcome:
    return msgspec.structs.replace(outcome, outcome=Outcome.REFUSED, why=why, after=None)


class _Driver(Generic[_Change, _Handle]):
    """Applies, checks and undoes; knows nothing of the order of waves."""

    def __init__(
        self,
        waves: int,
        commit: Callable[[Sequence[_Change], str], _Handle],
        undo: Callable[[_Handle], object],
        check: Callable[[], Ran] | None,
        on_event: Callable[[Event], object],
    ) -> None:
        self._waves = waves
        self._commit = commit
        self._undo = undo
        self._check = check
        self._on_event = on_event
        self._number = 0
        self._checks_left = 0
        self._last: Ran | None = None

    def require_green(self) -> None:
        if self._check is not None:
            self._tell(Step.CHECKING)
            ran = self._check()
            if not ran.passed:
                raise RedBaselineError(ran)

    def wave(
        self, number: int, batch: Sequence[_Change], most_checks: int | None
    ) -> tuple[Wave, bool]:
        """Apply one wave; says also whether the check can be relied on."""
        self._number = number
        self._checks_left = _allowance(len(batch)) if most_checks is None else most_checks
        self._tell(Step.APPLYING, batch)
        failure = self._keep(batch, f"wave {number}")
        if failure is None:
            self._tell(Step.DONE, batch)
            return self._wave(APPLIED, batch), True
        self._tell(Step.FAILED, batch, str(failure))
        # The check passed with these files; if it does not now, no file is to blame.
        again = self._checked()
        if not again.passed:
            said = f"the check fails without the wave as well, so it proves nothing: {again}"
            return self._wave(UNDONE, batch, said), False
        return self._without_culprits(batch, failure), True

    def _without_culprits(self, batch: Sequence[_Change], failure: Ran) -> Wave:
        """Leave out of a failing wave what makes it fail."""
        rest = list(batch)
        culprits: list[_Change] = []
        said = str(failure)
        try:
            while rest:
                found = self._culprits(rest)
                self._tell(Step.FOUND, found)
                if len(found) > 1:
                    said = f"fail only together: {', '.join(_paths(found))}\n{said}"
                culprits += found
                rest = [change for change in rest if change.path not in _paths(found)]
                if not rest:
                    break
                self._tell(Step.TRYING, rest)
                again = self._keep(rest, f"wave {self._number}, the rest")
                if again is None:
                    self._tell(Step.DONE, rest)
                    return self._wave(APPLIED, rest, said, culprits)
        except _OutOfChecks:
            said = f"the search was given up after too many checks: {said}"
        return self._wave(UNDONE, batch, said, culprits)

    def _culprits(self, changes: Sequence[_Change]) -> list[_Change]:
        """The least files of a failing lot that fail without the others, by bisection.

        The shortest failing head of the lot ends with a file at fault. If that one passes alone,
        its accomplices are looked for before it in the same way.
        """
        found: list[_Change] = []
        head = list(changes)
        while True:
            passing, failing = 0, len(head)
            while failing - passing > 1:
                middle = (passing + failing) // 2
                if self._passes([*head[:middle], *found]):
                    passing = middle
                else:
                    failing = middle
            found = [head[passing], *found]
            head = head[:passing]
            if not head or not self._passes(found):
                return found

    def _passes(self, changes: Sequence[_Change]) -> bool:
        self._tell(Step.TRYING, changes)
        return self._tried(changes, f"wave {self._number}, a part", keep=False).passed

    def _keep(self, changes: Sequence[_Change], label: str) -> Ran | None:
        """Apply for good if the check passes; else what it said."""
        if self._check is None:
            self._commit(changes, label)
            return None
        ran = self._tried(changes, label, keep=True)
        return None if ran.passed else ran

    def _tried(self, changes: Sequence[_Change], label: str, *, keep: bool) -> Ran:
        if self._checks_left <= 0:
            raise _OutOfChecks
        handle = self._commit(changes, label)
        try:
            ran = self._checked()
        except BaseException:
            # Somebody stops the run: what was not checked must not stay.
            self._undo(handle)
            raise
        if not (keep and ran.passed):
            self._undo(handle)
        return ran

    def _checked(self) -> Ran:
        assert self._check is not None
        self._checks_left -= 1
        return self._check()

    def _wave(
        self,
        state: str,
        changes: Sequence[_Change],
        check: str = "",
        culprits: Sequence[_Change] = (),
    ) -> Wave:
        return Wave(
            number=self._number,
            paths=_paths(changes),
            state=state,
            check=check,
            culprits=tuple(sorted(_paths(culprits))),
        )

    def _tell(self, step: Step, changes: Sequence[_Change] = (), said: str = "") -> None:
        self._on_event(Event(step, self._number, self._waves, _paths(changes), said))


def _allowance(files: int) -> int:
    return _FEWEST_CHECKS + _CULPRITS_FOUND * (files.bit_length() + 2)


def _deletes(changes: Iterable[_HasPath]) -> bool:
    return any(isinstance(one, FileOutcome) and is_deletion(one) for one in changes)


def _paths(changes: Iterable[_HasPath]) -> tuple[str, ...]:
    return tuple(change.path for change in changes)
