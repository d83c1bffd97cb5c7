"""Findings that a change is to blame for: those of the changed files, and what it breaks elsewhere.

A finding in a file that did not change counts if the same rules, under the same registry, do not
make it in the tree that the change started from.
"""

from __future__ import annotations

import difflib
import os
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.errors import UsageError
from ssot_migrate.usecases.gate.linting import lint
from ssot_migrate.workspace import git
from ssot_migrate.workspace.revision import Revision
from ssot_migrate.workspace.versions import Version, before

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from ssot_migrate.domain.finding import Finding
    from ssot_migrate.lint.rule import Rule
    from ssot_migrate.usecases.project import Opened
    from ssot_migrate.workspace.source import Contents


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """Which change is meant.

    Args:
        since: It starts from this git revision; None with `staged`, for the last commit.
        staged: It ends with what is staged, not with what is on the disk.
        by_line: In changed files, only changed lines count, and what was not found before.
    """

    since: str | None = None
    staged: bool = False
    by_line: bool = False

    @property
    def name(self) -> str:
        """What the change starts from, as the user would name it."""
        return self.since or "HEAD"


class Change:
    """The change of a project since a revision.

    Args:
        opened: The project as it is, or as it is staged.
        changes: Which change.

    Raises:
        UsageError: Git is missing, or knows no such revision.
    """

    def __init__(self, opened: Opened, changes: Changes) -> None:
        self._opened = opened
        self._changes = changes
        self._revision, self.paths = _compared(opened.root, changes)
        self.notes = tuple(_unstaged(opened)) if changes.staged else ()

    def touches(self, path: str) -> bool:
        """Whether a file differs."""
        return path in self.paths

    def blamed(self, rules: Sequence[type[Rule]], findings: Iterable[Finding]) -> list[Finding]:
        """Those of the findings that the change is to blame for; notes what else there is."""
        found = list(findings)
        if all(self.touches(one.path) for one in found) and not self._changes.by_line:
            return found
        old = self._before()
        project = self._opened.project.of(old.files, old.given)
        settled = lint(rules, project, often=True)
        known = {one.fingerprint for one in settled.findings}
        known.update(one.finding.fingerprint for one in settled.suppressed)
        lines = _ChangedLines(project.index.contents, self._opened.project.index.contents, old)
        blamed = [
            one
            for one in found
            if one.fingerprint not in known
            or (self.touches(one.path) and (not self._changes.by_line or lines.hold(one)))
        ]
        self.notes += tuple(self._notes(found, blamed, old))
        return blamed

    def _before(self) -> Version:
        project = self._opened.project
        now = Version(tuple(project.files), project.index.contents.given)
        return before(now, project.registry, self._revision, self.paths)

    def _notes(
        self, found: Sequence[Finding], blamed: Sequence[Finding], old: Version
    ) -> Iterable[str]:
        elsewhere = sum(not self.touches(one.path) for one in blamed)
        if elsewhere:
            where = "is in a file" if elsewhere == 1 else "are in files"
            count = "1 finding" if elsewhere == 1 else f"{elsewhere} findings"
            yield f"{count} {where} that did not change, and not there at {self._changes.name}"
        if passed := len(found) - len(blamed):
            count = "1 finding was" if passed == 1 else f"{passed} findings were"
            yield f"{count} there at {self._changes.name} already"
        if old.missing:
            yield (
                f"git has no content of {old.missing[0]} and {len(old.missing) - 1} more files at "
                f"{self._changes.name}, so what they caused counts as new"
            )


def _compared(root: Path, changes: Changes) -> tuple[Revision | None, frozenset[str]]:
    """What a change starts from, and the files that differ; no revision before the first commit."""
    if changes.staged:
        differing = git.staged(root)
        if differing is None:
            raise UsageError("--staged: the root is in no git repository")
        return Revision.find(root, "HEAD"), differing
    revision, changed = Revision.find(root, changes.name), git.changed_since(root, changes.name)
    if revision is None or changed is None:
        raise UsageError(
            f"--since {changes.since}: git knows no such revision here; a shallow clone may lack it"
        )
    return revision, changed


def _unstaged(opened: Opened) -> Iterable[str]:
    """Say which of the files that decide have changes that are not staged, and count all the same.

    They are read from the disk like any configuration.
    """
    touched = git.differing(opened.root, index=git.index_file(opened.root)) or frozenset()
    settings = opened.project.settings
    files = [document.path for document in settings.documents]
    files.append(opened.root / settings.registry.baseline)
    for file in files:
        name = os.path.relpath(os.path.realpath(file), os.path.realpath(opened.root))
        if name in touched:
            yield f"{name} is read as it is on the disk, with changes that are not staged"


class _ChangedLines:
    """Which lines of files are new or differ."""

    def __init__(self, old: Contents, new: Contents, version: Version) -> None:
        self._old = old
        self._new = new
        self._was_there = {file.path for file in version.files}
        self._known: dict[str, frozenset[int]] = {}

    def hold(self, finding: Finding) -> bool:
        """Whether a finding stands on one."""
        if finding.path not in self._known:
            self._known[finding.path] = self._of(finding.path)
        lines = range(finding.line, max(finding.line, finding.end_line) + 1)
        return not self._known[finding.path].isdisjoint(lines)

    def _of(self, path: str) -> frozenset[int]:
        old = self._old.rows(path) if path in self._was_there else []
        return frozenset(_new_lines(old, self._new.rows(path)))


def _new_lines(old: Sequence[str], new: Sequence[str]) -> Iterable[int]:
    """The 1-based numbers of the lines in `new` that are not in their place in `old`."""
    # What both start and end with costs nothing.
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    middle = new[start : len(new) - end]
    matcher = difflib.SequenceMatcher(None, old[start : len(old) - end], middle)
    for tag, _, _, first, last in matcher.get_opcodes():
        if tag != "equal":
            yield from range(start + first + 1, start + last + 1)
