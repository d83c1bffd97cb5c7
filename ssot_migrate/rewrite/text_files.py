"""Decides what becomes of deprecated paths in files that are not Python, and carries it out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import msgspec

from ssot_migrate.domain.finding import FileError, Fix
from ssot_migrate.domain.outcome import Cause, Edit, FileOutcome, Left, Outcome
from ssot_migrate.index.worker import digest_of
from ssot_migrate.lint.text_files import TextKind, kind_of, position, text_files, text_of
from ssot_migrate.resolve.resolution import Kind
from ssot_migrate.rewrite.document import TextEdit
from ssot_migrate.rewrite.mentions import Mention, Mentions
from ssot_migrate.workspace.source import read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ssot_migrate.lint.project import Project

DOCS: Final = "docs"
_HISTORY = re.compile(r"(?i)(change|history|news|release|migrat|upgrad|deprecat)")
_SECTION = re.compile(r"^[ \t]*\[\[?([^\]\r\n]+)\]\]?[ \t]*(?:#.*)?\r?$", re.MULTILINE)
_ENTRY_POINTS = re.compile(
    r"project\.(?:scripts|gui-scripts|entry-points\b.*)|options\.entry_points|entry_points"
    r"|tool\.poetry\.(?:scripts|plugins\b.*)"
)
_FILTER = re.compile(r"\b(?:ignore|error|default|always|once|module):[^\n]*$")
_OWN = re.compile(r"tool\.ssot-migrate\b.*")
_CERTAIN = (Kind.SYMBOL, Kind.MODULE)


class TextFile(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of one file.

    Args:
        path: POSIX path relative to the root.
        digest: Identity of the content that was read.
        edits: In order of position; offsets count characters of the content as UTF-8, in which
            bytes that are none stand for themselves.
        left: What is left to a person.
    """

    path: str
    digest: bytes
    edits: tuple[TextEdit, ...] = ()
    left: tuple[Left, ...] = ()


def decide_text_files(
    project: Project, kinds: frozenset[str], *, docs: bool = False
) -> Iterator[TextFile]:
    """Decide for every configuration file, and for all text files if asked, in order of path.

    Args:
        project: The project.
        kinds: The kinds of strings to edit in configuration files; others are left.
        docs: Whether to look at documents and scripts too, and to edit them all.
    """
    if not project.deprecations:
        return
    mentions = Mentions(project)
    for path in text_files(project, tuple(TextKind) if docs else (TextKind.CONFIGURATION,)):
        data = read(project.index.root, path)
        if not isinstance(data, FileError) and mentions.may_be_in(data):
            file = _decided(project, path, data, mentions, None if docs else kinds)
            if file.edits or file.left:
                yield file


def _anything(_cause: Cause) -> bool:
    return True


def rewrite_text(
    root: Path, file: TextFile, permits: Callable[[Cause], bool] = _anything
) -> FileOutcome:
    """Carry out what was decided for a file, in memory.

    Args:
        root: The project's root.
        file: What was decided.
        permits: Whether a change may be made; the others are left.
    """
    data = read(root, file.path)
    if isinstance(data, FileError):
        return FileOutcome(path=file.path, outcome=Outcome.REFUSED, why=data.message)
    if digest_of(data) != file.digest:
        why = "has changed since it was read"
        return FileOutcome(path=file.path, outcome=Outcome.REFUSED, why=why)
    text = text_of(data)
    pieces: list[str] = []
    shown: list[Edit] = []
    left = [*file.left]
    written = 0
    for edit in file.edits:
        line, column = position(text, edit.start)
        if not permits(edit.cause):
            why = f"`--unsafe` makes it `{edit.text}`"
            left.append(Left(line=line, column=column, why=why, cause=edit.cause))
            continue
        pieces += (text[written : edit.start], edit.text)
        written = edit.end
        end_line, end_column = position(text, edit.end)
        shown.append(
            Edit(
                line=line,
                column=column,
                end_line=end_line,
                end_column=end_column,
                before=text[edit.start : edit.end],
                after=edit.text,
                cause=edit.cause,
            )
        )
    after = "".join((*pieces, text[written:])).encode("utf-8", "surrogateescape")
    return FileOutcome(
        path=file.path,
        outcome=Outcome.CHANGED if shown else Outcome.UNCHANGED,
        edits=tuple(shown),
        left=tuple(sorted(left, key=lambda one: (one.line, one.column))),
        before=data,
        after=after if shown else None,
    )


def _decided(
    project: Project,
    path: str,
    data: bytes,
    mentions: Mentions,
    wanted: frozenset[str] | None,
) -> TextFile:
    """What becomes of one file; all kinds of strings are wanted if `wanted` is None."""
    text = text_of(data)
    is_configuration = kind_of(path) is TextKind.CONFIGURATION
    is_history = not is_configuration and _HISTORY.search(path.rpartition("/")[2])
    sections = [(found.start(), found[1].strip()) for found in _SECTION.finditer(text)]
    edits: list[TextEdit] = []
    left: list[Left] = []
    for mention in mentions.of(text, path=path):
        section = next((name for start, name in sections[::-1] if start < mention.start), "")
        if is_configuration and _OWN.fullmatch(section):
            continue
        why = mention.why or ("the document tells of what was" if is_history else "")
        fix = Fix.MANUAL if why else _fix(project, mention, is_read=is_configuration)
        cause = mention.cause(fix)
        if not why and wanted is not None:
            kind = _kind(path, section, text, mention)
            why = "" if kind in wanted else held_back(kind, mention.after)
        if why:
            line, column = position(text, mention.start)
            left.append(Left(line=line, column=column, why=why, cause=cause))
        else:
            edits.append(TextEdit(mention.start, mention.end, mention.after, cause))
    return TextFile(path=path, digest=digest_of(data), edits=tuple(edits), left=tuple(left))


def _fix(project: Project, mention: Mention, *, is_read: bool) -> Fix:
    """How sure a change is: what a program reads must find something at the new path."""
    found = project.resolver.path(mention.match.canonical).kind
    return Fix.UNSAFE if is_read and found not in _CERTAIN else Fix.SAFE


def held_back(kind: str, after: str) -> str:
    """Why a string stays whose kind was not asked for."""
    return f"`--strings {kind}` makes it `{after}`"


def _kind(path: str, section: str, text: str, mention: Mention) -> str:
    is_packaging = path.rpartition("/")[2] in ("pyproject.toml", "setup.cfg", "entry_points.txt")
    if is_packaging and _ENTRY_POINTS.fullmatch(section.replace('"', "")):
        return "entry-point"
    line = text[text.rfind("\n", 0, mention.start) + 1 : mention.start]
    is_filter = _FILTER.search(line)
    return "logging" if is_filter else "setting"
