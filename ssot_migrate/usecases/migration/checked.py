"""Applies lots of changes, each followed by a check, and finds what makes a check fail.

How files are written and what the check is are for the caller to say, so the logic here is pure.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import msgspec

from ssot_migrate.domain.errors import SsotMigrateError
from ssot_migrate.domain.outcome import Wave

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ssot_migrate.workspace.command import Ran

APPLIED = "applied"
UNDONE = "undone"
SKIPPED = "skipped"

# Enough to find four files that break the check one by one, and to try what is left of the wave.
_FEWEST_CHECKS = 8
_CULPRITS_FOUND = 4


class HasPath(Protocol):
    """A change of one file."""

    @property
    def path(self) -> str:
        """The file."""


Item = TypeVar("Item", bound=HasPath)
Handle = TypeVar("Handle")


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


class Driver(Generic[Item, Handle]):
    """Applies, checks and undoes one wave after the other.

    Args:
        waves: How many there are.
        commit: Applies some changes under a label.
        undo: Takes back what a commit applied.
        check: Says whether the tree is sound; None to apply without asking.
        on_event: Called with each step.
    """

    def __init__(
        self,
        waves: int,
        commit: Callable[[Sequence[Item], str], Handle],
        undo: Callable[[Handle], object],
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

    def require_green(self) -> None:
        """Check before anything is applied.

        Raises:
            RedBaselineError: The check fails.
        """
        if self._check is not None:
            self._tell(Step.CHECKING)
            ran = self._check()
            if not ran.passed:
                raise RedBaselineError(ran)

    def wave(
        self, number: int, batch: Sequence[Item], most_checks: int | None
    ) -> tuple[Wave, bool]:
        """Apply one wave; says also whether the check can be relied on."""
        self._number = number
        self._checks_left = _allowance(len(batch)) if most_checks is None else most_checks
        self._tell(Step.APPLYING, batch)
        failure = self._keep(batch, label_of(number))
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

    def _without_culprits(self, batch: Sequence[Item], failure: Ran) -> Wave:
        """Leave out of a failing wave what makes it fail."""
        rest = list(batch)
        culprits: list[Item] = []
        said = str(failure)
        try:
            while rest:
                found = self._culprits(rest)
                self._tell(Step.FOUND, found)
                if len(found) > 1:
                    said = f"fail only together: {', '.join(paths_of(found))}\n{said}"
                culprits += found
                rest = [change for change in rest if change.path not in paths_of(found)]
                if not rest:
                    break
                self._tell(Step.TRYING, rest)
                again = self._keep(rest, f"{label_of(self._number)}, the rest")
                if again is None:
                    self._tell(Step.DONE, rest)
                    return self._wave(APPLIED, rest, said, culprits)
        except _OutOfChecks:
            said = f"the search was given up after too many checks: {said}"
        return self._wave(UNDONE, batch, said, culprits)

    def _culprits(self, changes: Sequence[Item]) -> list[Item]:
        """The least files of a failing lot that fail without the others, by bisection.

        The shortest failing head of the lot ends with a file at fault. If that one passes alone,
        its accomplices are looked for before it in the same way.
        """
        found: list[Item] = []
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

    def _passes(self, changes: Sequence[Item]) -> bool:
        self._tell(Step.TRYING, changes)
        return self._tried(changes, f"{label_of(self._number)}, a part", keep=False).passed

    def _keep(self, changes: Sequence[Item], label: str) -> Ran | None:
        """Apply for good if the check passes; else what it said."""
        if self._check is None:
            self._commit(changes, label)
            return None
        ran = self._tried(changes, label, keep=True)
        return None if ran.passed else ran

    def _tried(self, changes: Sequence[Item], label: str, *, keep: bool) -> Ran:
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
        changes: Sequence[Item],
        check: str = "",
        culprits: Sequence[Item] = (),
    ) -> Wave:
        return Wave(
            number=self._number,
            paths=paths_of(changes),
            state=state,
            check=check,
            culprits=tuple(sorted(paths_of(culprits))),
        )

    def _tell(self, step: Step, changes: Sequence[Item] = (), said: str = "") -> None:
        self._on_event(Event(step, self._number, self._waves, paths_of(changes), said))


def label_of(wave: int) -> str:
    """What the journal of a run calls a wave; a part of it has more behind a comma."""
    return f"wave {wave}"


def _allowance(files: int) -> int:
    return _FEWEST_CHECKS + _CULPRITS_FOUND * (files.bit_length() + 2)


def paths_of(changes: Iterable[HasPath]) -> tuple[str, ...]:
    """The files of some changes, in their order."""
    return tuple(change.path for change in changes)
