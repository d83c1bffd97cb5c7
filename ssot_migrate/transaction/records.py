"""What the journal of a run says: values that are checked when they are read, for anybody may edit.

A run is a list of transactions. One that was planned and neither committed nor abandoned was
interrupted.
"""

from __future__ import annotations

from enum import Enum
from typing import Annotated, TypeAlias

import msgspec

from ssot_migrate.transaction.attributes import Attributes
from ssot_migrate.transaction.places import what_is_wrong_with

FORMAT = 1
ID_PATTERN = r"^\d{8}-\d{6}-[0-9a-f]{4}\Z"

Digest: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}\Z")]
RunId: TypeAlias = Annotated[str, msgspec.Meta(pattern=ID_PATTERN)]


class Kind(str, Enum):
    """What a transaction is for."""

    APPLY = "apply"
    UNDO = "undo"
    ROLLBACK = "rollback"


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a transaction.

    Args:
        path: The path that was asked for.
        real: The file, links followed.
        before: Digest of its content before; None where it does not exist.
        after: Digest of its content afterwards; None where it is not to exist.
        old: Its attributes before.
        new: What attributes it is to have; None for those of a new file.
    """

    path: str
    real: str
    before: Digest | None
    after: Digest | None
    old: Attributes | None = None
    new: Attributes | None = None


class Begun(msgspec.Struct, frozen=True, kw_only=True, tag="begun"):
    """The first line: what the run is.

    Args:
        format: Version of the journal's format.
        id: The run's id, and the name of its folder.
        command: The command line.
        version: Version of the tool.
        started: When, in UTC.
        backup: Folder to which the originals are copied as well.
    """

    format: int
    id: RunId
    command: tuple[str, ...]
    version: str
    started: str
    backup: str | None = None


class Planned(msgspec.Struct, frozen=True, kw_only=True, tag="planned"):
    """A transaction begins; from here on the tree changes.

    Args:
        number: From 1 within the run.
        kind: What it is for.
        label: The caller's name for it.
        undoes: The transactions that it takes back.
        steps: Its files, in order.
        makes: Folders that it creates, the outer ones first.
        empties: Folders that it removes if nothing is left in them, the inner ones first.
    """

    number: int
    kind: Kind
    label: str = ""
    undoes: tuple[int, ...] = ()
    steps: tuple[Step, ...] = ()
    makes: tuple[str, ...] = ()
    empties: tuple[str, ...] = ()


class Committed(msgspec.Struct, frozen=True, kw_only=True, tag="committed"):
    """All files of a transaction are as it wanted them."""

    number: int


class Abandoned(msgspec.Struct, frozen=True, kw_only=True, tag="abandoned"):
    """All files of a transaction are what they were before it."""

    number: int


class Finished(msgspec.Struct, frozen=True, kw_only=True, tag="finished"):
    """The run is over.

    Args:
        ended: When, in UTC.
        completed: Whether it came to its own end.
        summary: What the caller counted.
    """

    ended: str
    completed: bool
    summary: dict[str, int] = {}


Record: TypeAlias = Begun | Planned | Committed | Abandoned | Finished


def what_is_wrong_with_record(record: Record) -> str | None:
    """Why a record, as read, must not be followed; None if nothing is wrong with it."""
    if isinstance(record, Begun) and record.format != FORMAT:
        return f"was written in format {record.format}, by ssot-migrate {record.version}"
    if not isinstance(record, Planned):
        return None
    paths = [path for step in record.steps for path in (step.path, step.real)]
    for path in (*paths, *record.makes, *record.empties):
        wrong = what_is_wrong_with(path)
        if wrong is not None:
            return f"names {path!r}, which {wrong}"
    for step in record.steps:
        if (step.before is None) != (step.old is None) or step.before == step.after:
            return f"makes no sense of {step.path!r}"
    return None
