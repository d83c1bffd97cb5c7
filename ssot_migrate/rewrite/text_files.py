"""Decides what becomes of deprecated paths in files that are not Python: settings, documents."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

import msgspec

from ssot_migrate.domain.finding import Category, FileError, Fix
from ssot_migrate.domain.outcome import Cause, Edit, FileOutcome, Left, Outcome
from ssot_migrate.index.worker import digest_of
from ssot_migrate.rewrite.document import TextEdit
from ssot_migrate.rewrite.mentions import Mention, Mentions
from ssot_migrate.workspace import git
from ssot_migrate.workspace.categories import Classifier
from ssot_migrate.workspace.globs import Globs
from ssot_migrate.workspace.source import read
from ssot_migrate.workspace.walk import SKIPPED_FOLDERS, VIRTUAL_ENVIRONMENT_MARK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from ssot_migrate.lint.project import Project

DOCS: Final = "docs"
_CONFIGURATION = (".toml", ".cfg", ".ini", ".yaml", ".yml")
_DOCUMENTS = (".md", ".rst")
_HISTORY = re.compile(r"(?i)(change|history|news|release|migrat|upgrad|deprecat)")
_SECTION = re.compile(r"^[ \t]*\[\[?([^\]\r\n]+)\]\]?[ \t]*(?:#.*)?\r?$", re.MULTILINE)
_ENTRY_POINTS = re.compile(
    r"project\.(?:scripts|gui-scripts|entry-points\b.*)|options\.entry_points|entry_points"
    r"|tool\.poetry\.(?:scripts|plugins\b.*)"
)
_FILTER = re.compile(r"\b(?:ignore|error|default|always|once|module):[^\n]*$")
_OWN = re.compile(r"tool\.ssot-migrate\b.*")
_LINE_END = re.compile(r"\r\n|\r|\n")


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
    """Decide for every configuration file, and for documents if asked, in order of path.

    Args:
        project: The project.
        kinds: The kinds of strings to edit; others are left.
        docs: Whether to look at documents, and to edit them.
    """
    if not project.deprecations:
        return
    mentions = Mentions(project)
    own = {document.path.resolve() for document in project.settings.documents if not document.base}
    suffixes = (*_CONFIGURATION, *_DOCUMENTS) if docs else _CONFIGURATION
    wanted = kinds | {DOCS} if docs else kinds
    for path in _listed(project, suffixes):
        data = read(project.index.root, path)
        if isinstance(data, FileError) or not mentions.may_be_in(data):
            continue
        if (project.index.root / path).resolve() not in own:
            file = _decided(path, data, mentions, wanted)
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
    text = _text(data)
    pieces: list[str] = []
    shown: list[Edit] = []
    left = [*file.left]
    position = 0
    for edit in file.edits:
        line, column = _position(text, edit.start)
        if not permits(edit.cause):
            why = f"`--unsafe` makes it `{edit.text}`"
            left.append(Left(line=line, column=column, why=why, cause=edit.cause))
            continue
        pieces += (text[position : edit.start], edit.text)
        position = edit.end
        end_line, end_column = _position(text, edit.end)
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
    after = "".join((*pieces, text[position:])).encode("utf-8", "surrogateescape")
    return FileOutcome(
        path=file.path,
        outcome=Outcome.CHANGED if shown else Outcome.UNCHANGED,
        edits=tuple(shown),
        left=tuple(sorted(left, key=lambda one: (one.line, one.column))),
        before=data,
        after=after if shown else None,
    )


def _decided(path: str, data: bytes, mentions: Mentions, wanted: frozenset[str]) -> TextFile:
    text = _text(data)
    is_document = path.endswith(_DOCUMENTS)
    is_history = is_document and _HISTORY.search(path.rpartition("/")[2])
    sections = [(found.start(), found[1].strip()) for found in _SECTION.finditer(text)]
    edits: list[TextEdit] = []
    left: list[Left] = []
    for mention in sorted(mentions.of(text), key=lambda one: one.start):
        section = next((name for start, name in sections[::-1] if start < mention.start), "")
        if not is_document and _OWN.fullmatch(section):
            continue
        kind = DOCS if is_document else _kind(path, section, text, mention)
        fix = Fix.MANUAL if is_history else Fix.SAFE if is_document else Fix.UNSAFE
        cause = mention.cause(fix)
        why = mention.why or ("the document tells of what was" if is_history else "")
        if not why and kind not in wanted:
            why = held_back(kind, mention.after)
        if why:
            line, column = _position(text, mention.start)
            left.append(Left(line=line, column=column, why=why, cause=cause))
        else:
            edits.append(TextEdit(mention.start, mention.end, mention.after, cause))
    return TextFile(path=path, digest=digest_of(data), edits=tuple(edits), left=tuple(left))


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


def _listed(project: Project, suffixes: tuple[str, ...]) -> list[str]:
    """The files with these suffixes that belong to the project, sorted; no links."""
    root = os.fspath(project.index.root)
    listed = git.run(root, "ls-files", "-c", "-o", "--exclude-standard", "-z", "--")
    paths = _walked(root) if listed is None else map(os.fsdecode, listed.split(b"\0"))
    excluded = Globs(project.registry.exclude)
    classifier = Classifier(project.registry)
    return sorted(
        {
            path
            for path in paths
            if path.endswith(suffixes)
            and not excluded.matches(path)
            and classifier.category(path) not in (Category.BACKUP, Category.GENERATED)
            and not os.path.islink(os.path.join(root, path))
        }
    )


def _walked(root: str) -> Iterable[str]:
    for folder, folders, files in os.walk(root):
        is_foreign = folder != root and {".git", VIRTUAL_ENVIRONMENT_MARK} & {*folders, *files}
        folders[:] = [] if is_foreign else [one for one in folders if one not in SKIPPED_FOLDERS]
        for file in () if is_foreign else files:
            yield os.path.relpath(os.path.join(folder, file), root).replace(os.sep, "/")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _position(text: str, offset: int) -> tuple[int, int]:
    ends = [match.end() for match in _LINE_END.finditer(text, 0, offset)]
    return len(ends) + 1, offset - (ends[-1] if ends else 0) + 1
