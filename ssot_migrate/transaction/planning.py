"""Turns changes into the steps of a transaction, and says all that stands against them at once."""

from __future__ import annotations

import os
import posixpath
from typing import TYPE_CHECKING

import msgspec
from msgspec import structs

from ssot_migrate.transaction.attributes import Attributes
from ssot_migrate.transaction.change import Change, digest_of
from ssot_migrate.transaction.errors import EditedError, Problem, TransactionError
from ssot_migrate.transaction.places import folded, ignores_case, look, may_write, real_path
from ssot_migrate.transaction.records import Kind, Planned, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ssot_migrate.transaction.places import Seen


class Draft(msgspec.Struct, frozen=True):
    """A plan before it is begun.

    Args:
        plan: The plan.
        contents: The new contents by digest.
        notes: What the user should know, a sentence each.
    """

    plan: Planned
    contents: dict[str, bytes] = {}
    notes: tuple[str, ...] = ()


def plan_changes(
    root: str, store: str, number: int, label: str, changes: Iterable[Change], *, force: bool
) -> Draft:
    """Plan changes, after a look at every file.

    Args:
        root: The root, itself without links.
        store: The folder of the runs.
        number: The transaction's number in its run.
        label: The caller's name for it.
        changes: What is to become of the files; what would change nothing is left out.
        force: Whether to change files that nobody may write.

    Raises:
        TransactionError: A file is not what it was when the change was planned, or cannot be
            changed; nothing was changed.
    """
    steps: list[Step] = []
    contents: dict[str, bytes] = {}
    notes: list[str] = []
    problems: list[Problem] = []
    for change in sorted(changes, key=lambda change: change.path):
        after = None if change.after is None else digest_of(change.after)
        if after == change.before:
            continue
        try:
            step, seen = _step(root, change, after, force=force)
        except TransactionError as error:
            problems += error.problems
            continue
        if seen is not None and seen.names > 1:
            others = "another name" if seen.names == 2 else f"{seen.names - 1} other names"
            notes.append(f"{change.path} had {others} (hard links), which keep the old content")
        if after is not None and change.after is not None:
            contents[after] = change.after
        steps.append(step)
    steps = _once_each(steps, problems, folded if ignores_case(store) else str)
    makes = _missing_folders(root, steps)
    problems += _unwritable(root, steps, makes)
    if problems:
        raise TransactionError(tuple(sorted(set(problems))), "nothing was changed")
    planned = Planned(
        number=number, kind=Kind.APPLY, label=label, steps=tuple(steps), makes=tuple(makes)
    )
    return Draft(planned, contents, tuple(notes))


def plan_return(
    root: str, run: str, number: int, kind: Kind, done: Sequence[Planned], *, force: bool
) -> tuple[Planned, tuple[str, ...]]:
    """Plan to take back transactions that were committed.

    Args:
        root: The root, itself without links.
        run: The run's id, for messages.
        number: The new transaction's number.
        kind: What it is for.
        done: The transactions, in order.
        force: Whether to take back what somebody edited since.

    Returns:
        The plan, and the paths that were edited since and are still there.

    Raises:
        EditedError: There are such files, and no force.
        TransactionError: Something that is no file is in the place of one.
    """
    steps: list[Step] = []
    problems: list[Problem] = []
    edited: dict[str, bool] = {}
    for step in _composed(done):
        try:
            seen = look(root, step.real, step.path)
        except TransactionError as error:
            problems += error.problems
            continue
        now = None if seen is None else seen.digest
        if now == step.before:
            continue
        if now != step.after:
            edited[step.path] = seen is not None
        steps.append(_reversed(step, seen))
    if problems:
        raise TransactionError(tuple(sorted(problems)), "nothing was changed")
    if edited and not force:
        reasons = [Problem(path, "was edited after the run changed it") for path in sorted(edited)]
        remedy = f"nothing was changed; `ssot-migrate rollback --force {run}` keeps the edits aside"
        raise EditedError(tuple(reasons), remedy)
    planned = Planned(
        number=number,
        kind=kind,
        undoes=tuple(plan.number for plan in done),
        steps=tuple(steps),
        makes=tuple(_missing_folders(root, steps)),
        empties=tuple(sorted({folder for plan in done for folder in plan.makes}, reverse=True)),
    )
    return planned, tuple(sorted(path for path, is_there in edited.items() if is_there))


def _step(root: str, change: Change, after: str | None, *, force: bool) -> tuple[Step, Seen | None]:
    real = real_path(root, change.path)
    seen = look(root, real, change.path)
    wrong = None
    if change.before is None:
        if seen is not None:
            wrong = "exists already"
    elif seen is None:
        wrong = "does not exist any more"
    elif seen.digest != change.before:
        wrong = "has changed since it was read"
    elif after is None and real != change.path:
        wrong = "is reached through a link; delete the link, or name the file behind it"
    elif not seen.attributes.mode & 0o222 and not force:
        wrong = "is read-only (`chmod u+w` it, or `--force`)"
    if wrong is not None:
        raise TransactionError((Problem(change.path, wrong),))
    old = None if seen is None else seen.attributes
    new = old
    if after is None:
        new = None
    elif change.mode is not None:
        new = structs.replace(old or Attributes(0), mode=change.mode & 0o777)
    step = Step(path=change.path, real=real, before=change.before, after=after, old=old, new=new)
    return step, seen


def _composed(done: Sequence[Planned]) -> list[Step]:
    """What transactions did to each file in all."""
    steps: dict[str, Step] = {}
    for step in (step for plan in done for step in plan.steps):
        first = steps.get(step.real, step)
        steps[step.real] = structs.replace(first, after=step.after, new=step.new)
    return [step for step in steps.values() if step.before != step.after]


def _reversed(step: Step, seen: Seen | None) -> Step:
    return Step(
        path=step.path,
        real=step.real,
        before=None if seen is None else seen.digest,
        after=step.before,
        old=None if seen is None else seen.attributes,
        new=step.old,
    )


def _once_each(
    steps: Iterable[Step], problems: list[Problem], key: Callable[[str], str]
) -> list[Step]:
    """The steps without those that reach a file a second time, through a link."""
    chosen: dict[str, Step] = {}
    for step in steps:
        other = chosen.setdefault(key(step.real), step)
        if other is step:
            continue
        if other.real != step.real:
            reason = f"differs from {other.path} in case only, which this file system ignores"
            problems.append(Problem(step.path, reason))
        elif (other.before, other.after, other.new) != (step.before, step.after, step.new):
            problems.append(Problem(step.path, f"is the same file as {other.path}"))
    return list(chosen.values())


def _missing_folders(root: str, steps: Iterable[Step]) -> list[str]:
    """The folders that new files need, the outer ones first."""
    missing = set()
    for step in steps:
        folder = posixpath.dirname(step.real)
        while step.after is not None and folder and not os.path.lexists(os.path.join(root, folder)):
            missing.add(folder)
            folder = posixpath.dirname(folder)
    return sorted(missing)


def _unwritable(root: str, steps: Iterable[Step], missing: Iterable[str]) -> list[Problem]:
    """What is known beforehand about folders in which no file can be replaced."""
    problems = []
    new = set(missing)
    for step in steps:
        folder = posixpath.dirname(step.real)
        while folder in new:
            folder = posixpath.dirname(folder)
        place = os.path.join(root, folder)
        if not os.path.isdir(place):
            problems.append(Problem(step.path, f"{folder} is no folder"))
        elif not may_write(place):
            reason = f"no file can be replaced in its folder, {folder or '.'}: {_why_not(place)}"
            problems.append(Problem(step.path, reason))
    return problems


def _why_not(folder: str) -> str:
    # Not on every system.
    flags = os.statvfs(folder).f_flag if hasattr(os, "statvfs") else 0
    is_frozen = flags & getattr(os, "ST_RDONLY", 0)
    return "the file system is read-only" if is_frozen else "permission denied"
