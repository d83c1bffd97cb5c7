"""What became, or would become, of the files of a migration."""

from __future__ import annotations

from enum import Enum

import msgspec

from ssot_migrate.domain.finding import FileError, Fix


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """Why code is to change: the rule it breaks, and what the registry has for it.

    Args:
        code: Code of the rule whose finding the change resolves, `SSOT201`.
        fix: How sure the change is.
        concept: The registry's concept, where one is concerned.
        symbol: What the code names now, as `module:Name`.
        canonical: What it is to name, as `module:Name`.
        note: What makes the change less sure than its entry says, as half a sentence.
    """

    code: str
    fix: Fix
    concept: str | None = None
    symbol: str | None = None
    canonical: str | None = None
    note: str = ""


class Edit(msgspec.Struct, frozen=True, kw_only=True):
    """A change of one place in a file.

    Args:
        line: 1-based line before the change; `column` is 1-based and counts characters; the end
            is exclusive.
        before: The text that goes.
        after: The text that comes.
        cause: Why.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    before: str
    after: str
    cause: Cause


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """A place that is left to a person.

    Args:
        line: 1-based; `column` is 1-based and counts characters.
        why: What keeps the tool from changing it, as a sentence without its full stop.
        cause: What is to change there.
    """

    line: int
    column: int
    why: str
    cause: Cause


class Skipped(Left, frozen=True, kw_only=True):
    """A place that stays as it is because a comment in the code asks for that."""


class Outcome(str, Enum):
    """What became of a file."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class FileOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one file, and why.

    Args:
        path: POSIX path relative to the root; undecodable bytes as surrogate escapes.
        outcome: Changed, unchanged (with places left to a person), or refused as a whole.
        why: Of a refused file, what stands against its change.
        edits: What changed, in order of position; of a refused file, what would have.
        left: What is left to a person.
        skipped: What comments in the file keep.
        before: The content that was read; `digest` is its identity.
        after: The content to write; None where the file is to be deleted or stays.
        is_new: Whether there is no such file before the change.
    """

    path: str
    outcome: Outcome
    why: str = ""
    edits: tuple[Edit, ...] = ()
    left: tuple[Left, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    before: bytes = b""
    after: bytes | None = None
    is_new: bool = False


class Wave(msgspec.Struct, frozen=True, kw_only=True):
    """A batch of a run: applied, checked, and perhaps undone.

    Args:
        number: From 1.
        paths: Files that it changed, created or deleted.
        state: `applied`, `undone` (its check failed) or `skipped`.
        check: What the check said in the end, where there was one.
        culprits: Files found to make the check fail.
    """

    number: int
    paths: tuple[str, ...]
    state: str
    check: str = ""
    culprits: tuple[str, ...] = ()


class ApplyReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a migration did, or would do.

    Args:
        root: The project's root as the user would name it.
        files: Every file with an edit, a place that is left, or a refusal; in order of path.
        run: Id of the run; empty where nothing was written.
        looked_at: How many files the project has.
        waves: The run's waves, if it was applied in several.
        errors: Files and folders that could not be read.
        notes: What else the user should know, a sentence each.
    """

    root: str
    files: tuple[FileOutcome, ...]
    run: str = ""
    looked_at: int = 0
    waves: tuple[Wave, ...] = ()
    errors: tuple[FileError, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def changed(self) -> tuple[FileOutcome, ...]:
        """The files that changed, or would change."""
        return tuple(one for one in self.files if one.outcome is Outcome.CHANGED)

    @property
    def refused(self) -> tuple[FileOutcome, ...]:
        """The files that stayed as they were because a proof failed."""
        return tuple(one for one in self.files if one.outcome is Outcome.REFUSED)

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do, for the tool or for a person."""
        return not any(
            one.outcome is not Outcome.UNCHANGED or one.left or one.why for one in self.files
        )

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """What comments in the code keep."""
        return tuple(place for one in self.files for place in one.skipped)
