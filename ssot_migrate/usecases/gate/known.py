"""What of a project's findings is known: the baseline, as `scan` and its own commands use it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.baseline import Entry
from ssot_migrate.domain.command_rules import STALE_ENTRY
from ssot_migrate.domain.errors import UsageError
from ssot_migrate.domain.finding import Finding
from ssot_migrate.lint.engine import fingerprint
from ssot_migrate.lint.ratchet import Held, hold
from ssot_migrate.usecases.gate.baseline_file import BaselineFile, load, place_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ssot_migrate.lint.project import Project
    from ssot_migrate.lint.rule import Rule
    from ssot_migrate.usecases.project import Opened


class Known(msgspec.Struct, frozen=True):
    """Findings held against a baseline.

    Args:
        file: The baseline.
        held: What is known, what is new.
        stale: Entries that were asked about and for which nothing was found.
    """

    file: BaselineFile
    held: Held
    stale: tuple[Entry, ...]

    @property
    def unseen(self) -> tuple[Entry, ...]:
        """Entries that were not asked about."""
        stale = frozenset(self.stale)
        return tuple(entry for entry in self.held.absent if entry not in stale)


def baseline_of(opened: Opened, given: str | None) -> BaselineFile | None:
    """The baseline of a project; None where there is none.

    Args:
        opened: The project.
        given: The file on the command line; None for the registry's.

    Raises:
        UsageError: It cannot be read, or is not there although it was named.
    """
    place = place_of(opened.root, opened.project.registry.baseline, given)
    found = load(place)
    if found is None and given is not None:
        remedy = f"`ssot-migrate baseline create --baseline {given}` makes it"
        raise UsageError(f"{given}: there is no such baseline; {remedy}")
    return found


def held_against(
    file: BaselineFile,
    opened: Opened,
    rules: Sequence[type[Rule]],
    findings: Iterable[Finding],
) -> Known:
    """Hold the findings of a project against a baseline.

    An entry is asked about only if its rule ran, its file was selected, and no file is unknown in
    which its finding could be.

    Args:
        file: The baseline.
        opened: The project.
        rules: The rules that ran.
        findings: All that they found in the whole project, whatever is selected.
    """
    paths = frozenset(opened.project.paths)
    held = hold(findings, file.lines.keys(), paths, _moved(opened.project, file.lines))
    codes = {rule.code for rule in rules}
    index, selects = opened.project.index, opened.selection.selects
    unread = {error.path for error in opened.errors} | index.errors.keys() | index.unparsable.keys()
    seen = paths - unread

    def is_asked(entry: Entry) -> bool:
        is_seen = entry.path in seen or not unread
        return is_seen and entry.code in codes and selects(entry.path)

    return Known(file, held, tuple(filter(is_asked, held.absent)))


def _moved(project: Project, entries: Iterable[Entry]) -> Mapping[str, str]:
    """Where modules went that the registry moves and that are still there: old path to new one."""
    paths = {entry.path for entry in entries if project.modules.has_file(entry.path)}
    names = {path: project.modules.name_of(path) for path in paths}
    targets = {path: project.deprecations.homes(module) for path, module in names.items()}
    found = {
        path: {file for one in modules if (file := project.modules.path_of(one)) is not None}
        for path, modules in targets.items()
    }
    return {path: files.pop() for path, files in found.items() if len(files) == 1}


def as_findings(known: Known) -> tuple[Finding, ...]:
    """The stale entries of a baseline that is not to be written, where they stand."""
    return tuple(
        Finding(
            code=STALE_ENTRY.code,
            name=STALE_ENTRY.name,
            severity=STALE_ENTRY.severity,
            path=known.file.name,
            line=known.file.lines[entry],
            message=(
                f"{entry.code} is not found any more in {entry.path}"
                f"{f' ({entry.scope})' if entry.scope else ''}: "
                "`ssot-migrate baseline prune` drops the entry"
            ),
            scope=entry.scope,
            snippet=entry.snippet,
            fingerprint=fingerprint(
                STALE_ENTRY.code,
                *(entry.code, entry.path, entry.scope, entry.snippet, str(entry.number)),
            ),
        )
        for entry in known.stale
    )


def without_stale(known: Known) -> tuple[str, ...]:
    """Drop the stale entries from the file, and say so."""
    if not known.stale:
        return ()
    stale = frozenset(known.stale)
    count, them = ("1 entry", "it") if len(stale) == 1 else (f"{len(stale)} entries", "them")
    try:
        known.file.written(entry for entry in known.file.lines if entry not in stale)
    except UsageError as problem:
        return (f"{count} of the baseline should go: {problem}",)
    return (f"{count} of {known.file.name} dropped: nothing is found for {them} any more",)
