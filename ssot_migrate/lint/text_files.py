"""The files of a project that are not Python and may name its modules."""

from __future__ import annotations

import os
import re
from enum import Enum
from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import Category
from ssot_migrate.workspace import git
from ssot_migrate.workspace.categories import Classifier
from ssot_migrate.workspace.globs import Globs
from ssot_migrate.workspace.walk import SKIPPED_FOLDERS, VIRTUAL_ENVIRONMENT_MARK

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from ssot_migrate.lint.project import Project

_LINE_END = re.compile(r"\r\n|\r|\n")


class TextKind(str, Enum):
    """What a text file is."""

    DOCUMENT = "document"
    CONFIGURATION = "configuration"
    SCRIPT = "script"
    """Shell scripts, Makefiles, Dockerfiles."""


_SUFFIXES = {
    TextKind.DOCUMENT: (".md", ".rst"),
    TextKind.CONFIGURATION: (".toml", ".cfg", ".ini", ".yaml", ".yml"),
    TextKind.SCRIPT: (".sh", ".bash", ".zsh", ".mk", ".dockerfile"),
}
_SCRIPT_NAME = re.compile(r"(?:GNUm|[Mm])akefile|(?:Dockerfile|Containerfile)(?:\..+)?")


def kind_of(path: str) -> TextKind | None:
    """What the file at `path` is by its name; None if it is none of these."""
    for kind, suffixes in _SUFFIXES.items():
        if path.endswith(suffixes):
            return kind
    return TextKind.SCRIPT if _SCRIPT_NAME.fullmatch(path.rpartition("/")[2]) else None


def text_files(project: Project, kinds: Collection[TextKind] = tuple(TextKind)) -> tuple[str, ...]:
    """The files of some kinds that belong to the project, sorted.

    Links, backup copies, generated files and those of the registry itself are left out.
    """
    root = os.fspath(project.index.root)
    listed = git.run(root, "ls-files", "-c", "-o", "--exclude-standard", "-z", "--")
    paths = _walked(root) if listed is None else map(os.fsdecode, listed.split(b"\0"))
    excluded = Globs(project.registry.exclude)
    classifier = Classifier(project.registry)
    own = {document.path.resolve() for document in project.settings.documents if not document.base}
    return tuple(
        sorted(
            {
                path
                for path in paths
                if kind_of(path) in kinds
                and not excluded.matches(path)
                and classifier.category(path) not in (Category.BACKUP, Category.GENERATED)
                and not os.path.islink(os.path.join(root, path))
                and (project.index.root / path).resolve() not in own
            }
        )
    )


def text_of(data: bytes) -> str:
    """A content as text, in which bytes that are no UTF-8 stand for themselves."""
    return data.decode("utf-8", "surrogateescape")


def position(text: str, offset: int) -> tuple[int, int]:
    """The 1-based line and column of an offset."""
    ends = [match.end() for match in _LINE_END.finditer(text, 0, offset)]
    return len(ends) + 1, offset - (ends[-1] if ends else 0) + 1


def _walked(root: str) -> Iterable[str]:
    for folder, folders, files in os.walk(root):
        is_foreign = folder != root and {".git", VIRTUAL_ENVIRONMENT_MARK} & {*folders, *files}
        folders[:] = [] if is_foreign else [one for one in folders if one not in SKIPPED_FOLDERS]
        for file in () if is_foreign else files:
            yield os.path.relpath(os.path.join(folder, file), root).replace(os.sep, "/")
