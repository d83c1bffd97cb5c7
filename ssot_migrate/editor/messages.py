"""What the language server and a project's process say to each other.

A message is its length in four bytes, then MessagePack.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from ssot_migrate.domain.editor import Action, Home
from ssot_migrate.domain.finding import Finding

LENGTH_BYTES = 4


class Edited(msgspec.Struct, frozen=True, tag=True):
    """A file holds something else in the editor.

    Args:
        file: Its absolute path.
        version: The editor's number of this content; None if the file was closed.
        text: The content; None if the file was closed.
    """

    file: str
    version: int | None
    text: str | None


class OnDisk(msgspec.Struct, frozen=True, tag=True):
    """These files, by absolute path, were saved, created or deleted."""

    files: tuple[str, ...]


class AskActions(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """What may be done about some lines of a file?

    Args:
        number: Of the question.
        file: Absolute path.
        first: 1-based line; `last` is the last one.
        line: Where the cursor is, from 1; `column` counts characters, from 1.
        wants_fixes: Whether the lines are meant.
        wants_all: Whether all safe changes of the file are.
    """

    number: int
    file: str
    first: int
    last: int
    line: int
    column: int
    wants_fixes: bool = True
    wants_all: bool = False


class AskHome(msgspec.Struct, frozen=True, tag=True):
    """Where does the name at a place lead? Lines and columns from 1, in characters."""

    number: int
    file: str
    line: int
    column: int


Question: TypeAlias = Edited | OnDisk | AskActions | AskHome


class Published(msgspec.Struct, frozen=True, tag=True):
    """All that is to be shown of a file.

    Args:
        file: Absolute path.
        version: The content that the findings are about; None for what is on the disk.
        findings: The findings.
    """

    file: str
    version: int | None
    findings: tuple[Finding, ...]


class Answered(msgspec.Struct, frozen=True, tag=True):
    """The answer to a question; `version` is the content that it is about."""

    number: int
    version: int | None = None
    actions: tuple[Action, ...] = ()
    home: Home | None = None


class Working(msgspec.Struct, frozen=True, tag=True):
    """Long work goes on: what, how many files are done, and how many there are."""

    what: str
    done: int
    total: int


class Idle(msgspec.Struct, frozen=True, tag=True):
    """Everything that was known to be done is done."""


class Said(msgspec.Struct, frozen=True, tag=True):
    """Something that a person should know; `is_error` if nothing works until it is mended."""

    text: str
    is_error: bool = False


Report: TypeAlias = Published | Answered | Working | Idle | Said

_encoder = msgspec.msgpack.Encoder()
_questions = msgspec.msgpack.Decoder(Question)
_reports = msgspec.msgpack.Decoder(Report)


def packed(message: Question | Report) -> bytes:
    """A message as it goes through a pipe."""
    data = _encoder.encode(message)
    return len(data).to_bytes(LENGTH_BYTES, "big") + data


def report_from(data: bytes) -> Report:
    """A message of a project's process.

    Raises:
        msgspec.DecodeError: It is none.
    """
    report: Report = _reports.decode(data)
    return report


class Questions:
    """Takes questions out of what comes through a pipe, in any pieces."""

    def __init__(self) -> None:
        self._waiting = b""

    def take(self, data: bytes) -> list[Question]:
        """The questions that are complete now."""
        self._waiting += data
        found: list[Question] = []
        while len(self._waiting) >= LENGTH_BYTES:
            end = LENGTH_BYTES + int.from_bytes(self._waiting[:LENGTH_BYTES], "big")
            if len(self._waiting) < end:
                break
            found.append(_questions.decode(self._waiting[LENGTH_BYTES:end]))
            self._waiting = self._waiting[end:]
        return found
