"""A migration as it is planned: what is kept, merged, moved and deleted, by whom, in what order.

The values are the JSON that `plan` writes and `apply --plan` reads: a new field needs a default.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

import msgspec

from ssot_migrate.domain.finding import FileError, Fix
from ssot_migrate.domain.scope import Scope


class UseKind(str, Enum):
    """How a place names what is replaced."""

    IMPORT = "import"
    REFERENCE = "reference"
    CALL = "call"
    STRING = "string"
    DOCUMENT = "document"


class Risk(str, Enum):
    """What makes a place worth a second look."""

    LAZY = "lazy"
    """It runs when its function is called, not when the module is imported."""
    CONDITIONAL = "conditional"
    """It stands in an `if` or a `try`, or only type checkers see it."""
    DYNAMIC = "dynamic"
    """A string says what is imported."""
    PATCHED = "patched"
    """A string says where a test puts its double."""
    PUBLIC = "public API"
    """A package passes the name on."""
    SIGNATURE = "signature change"
    """The canonical is called in another way."""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """The one implementation that stays.

    Args:
        symbol: As the registry has it.
        path: Its file; empty where it is outside of the tree.
        line: Where it starts.
        lines: How many lines it has.
        members: How many public members it has.
        importing_files: How many files import it now.
        why: What speaks for it, a sentence each; the registry's reason first.
    """

    symbol: str
    path: str = ""
    line: int = 0
    lines: int = 0
    members: int = 0
    importing_files: int = 0
    why: tuple[str, ...] = ()


class PlanMember(msgspec.Struct, frozen=True, kw_only=True):
    """A member that a duplicate has and the canonical lacks, or means differently.

    Args:
        name: Its name.
        shown: Its signature or annotation as it is written.
        line: Where it stands.
        why: What is different; empty where the canonical lacks it.
        is_private: Whether the name is not for readers.
    """

    name: str
    shown: str
    line: int
    why: str = ""
    is_private: bool = False


class Merge(msgspec.Struct, frozen=True, kw_only=True):
    """What a duplicate has that its replacement lacks: to be merged before its users move.

    Args:
        symbol: The duplicate's definition.
        into: What replaces it.
        path: The duplicate's file.
        line: Where it starts.
        lines: How many lines it has.
        members: How many public members it has.
        importing_files: How many files import it.
        unique: The members that only it has.
        clashes: Those that both have and mean differently.
        unclear: How many uses of such members may be of it, for all that can be told.
    """

    symbol: str
    into: str
    path: str
    line: int
    lines: int
    members: int
    importing_files: int
    unique: tuple[PlanMember, ...] = ()
    clashes: tuple[PlanMember, ...] = ()
    unclear: int = 0

    @property
    def is_needed(self) -> bool:
        """Whether somebody has something to do."""
        return any(not one.is_private for one in (*self.unique, *self.clashes))


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """A deprecated path.

    Args:
        path: As the registry has it.
        to: What replaces it.
        safety: The registry's word: `safe`, `unsafe` or `manual`.
        state: `name` (it leads to its replacement), `shim` (a module that only passes names on),
            `definition` or `module` (it is one of its own), `outside` (the replacement is not in
            the tree) or `gone`.
        remove_by: The day after which it is to be gone; empty for none.
        places: How many places name it.
    """

    path: str
    to: str
    safety: str
    state: str
    remove_by: str = ""
    places: int = 0


class Going(msgspec.Struct, frozen=True, kw_only=True):
    """A module that is to be deleted, or could be.

    Args:
        module: Its dotted name.
        paths: Its files.
        is_asked: Whether the registry has it under `delete`.
        needed_by: The places that still need it once the waves are written; empty if it can go.
        wave: The wave that deletes it; 0 for none.
    """

    module: str
    paths: tuple[str, ...]
    is_asked: bool
    needed_by: tuple[str, ...] = ()
    wave: int = 0


class Place(msgspec.Struct, frozen=True, order=True, kw_only=True):
    """A place that names what is replaced.

    Args:
        path: The file.
        line: 1-based; `column` is 1-based and counts characters.
        kind: How it names it.
        category: What the file is for: `production`, `test`, `script`, `backup`, `generated`;
            `document` of files that are not Python.
        symbol: What it names.
        to: What it is to name; empty where nothing is known.
        fix: How sure a change is.
        wave: The wave that makes it; 0 where it is left to a person.
        why: Why it is left, or what makes it less sure.
        risks: What makes it worth a second look.
    """

    path: str
    line: int
    column: int
    kind: UseKind
    category: str
    symbol: str
    to: str
    fix: Fix
    wave: int = 0
    why: str = ""
    risks: tuple[Risk, ...] = ()

    @property
    def group(self) -> str:
        """The category that people count it under: strings and documents are their own."""
        is_own = self.kind in (UseKind.STRING, UseKind.DOCUMENT)
        return self.kind.value if is_own else self.category


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """A concept, or the moves that belong to none.

    Args:
        name: The concept's name; empty for the moves.
        kept: The canonical; None for the moves.
        merges: What to merge first, where anything is to be compared.
        moved: The deprecated paths.
        going: Modules to delete.
        places: Everything that is to change, in order of path and position.
        owner: Whom to ask.
        risk: What a mistake would cost.
    """

    name: str
    kept: Kept | None
    merges: tuple[Merge, ...]
    moved: tuple[Moved, ...]
    going: tuple[Going, ...]
    places: tuple[Place, ...]
    owner: str = ""
    risk: str = ""


class PlannedEdit(msgspec.Struct, frozen=True, kw_only=True):
    """A change of one place; positions as in `Edit`."""

    line: int
    column: int
    end_line: int
    end_column: int
    before: str
    after: str
    code: str
    fix: Fix


class PlannedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a wave.

    Args:
        path: The file.
        before: Digest of its content now; empty where there is no such file.
        after: Digest of its content afterwards; empty where it is deleted.
        owners: Who owns it, as `CODEOWNERS` says.
        edits: What changes in it.
    """

    path: str
    before: str
    after: str
    owners: tuple[str, ...] = ()
    edits: tuple[PlannedEdit, ...] = ()


class PlannedWave(msgspec.Struct, frozen=True, kw_only=True):
    """Files that change together.

    Args:
        number: From 1.
        files: In the order in which they are written.
        rollback: The command that takes it back, and what came after it.
    """

    number: int
    files: tuple[PlannedFile, ...]
    rollback: str

    @property
    def owners(self) -> tuple[str, ...]:
        """The owners of its files, sorted."""
        return tuple(sorted({owner for file in self.files for owner in file.owners}))

    def edits(self, fix: Fix) -> int:
        """How many edits are that sure."""
        return sum(edit.fix is fix for file in self.files for edit in file.edits)


class TreeState(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan was made from.

    Args:
        tool: The version of the tool.
        registry: Digests of the configuration files by name, packs among them.
        files: Digests of the files that the plan is about, by path; empty of those that are gone.
    """

    tool: str
    registry: Mapping[str, str]
    files: Mapping[str, str]


class MigrationPlan(msgspec.Struct, frozen=True, kw_only=True):
    """The plan.

    Args:
        version: Of the format.
        root: The project's root as the user would name it.
        scope: Which changes it makes.
        subjects: By concept, in the registry's order; the moves last.
        waves: What `apply --plan` writes, in order.
        refused: Files that stay as they are because a proof failed, with the reason.
        state: What it was made from.
        looked_at: How many files the project has.
        errors: Files that could not be read.
        notes: What else the user should know, a sentence each.
    """

    version: int
    root: str
    scope: Scope
    subjects: tuple[Subject, ...]
    waves: tuple[PlannedWave, ...]
    refused: tuple[FileError, ...]
    state: TreeState
    looked_at: int = 0
    errors: tuple[FileError, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def places(self) -> tuple[Place, ...]:
        """Every place of every subject."""
        return tuple(place for subject in self.subjects for place in subject.places)
