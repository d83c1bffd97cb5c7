"""Who reads what the registry deprecates: the imports and references behind several rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.index.facts import Import, Reference
from ssot_migrate.lint.deprecations import Match
from ssot_migrate.resolve.symbols import Kind, Resolution

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.domain.symbol import SymbolPath
    from ssot_migrate.lint.project import Project


class ImportOfDeprecated(msgspec.Struct, frozen=True):
    """An import whose way leads over a deprecated path.

    Args:
        position: Which hop is the deprecated one; 0 where the import names it itself.
    """

    path: str
    statement: Import
    resolution: Resolution
    position: int
    match: Match


class ReferenceToDeprecated(msgspec.Struct, frozen=True):
    """A chain of attributes whose way leads over a deprecated path; `position` as above."""

    path: str
    reference: Reference
    statement: Import
    resolution: Resolution
    position: int
    match: Match


def imports_of_deprecated(
    project: Project, *, through: bool = False
) -> Iterator[ImportOfDeprecated]:
    """Imports that name a deprecated path, and with `through` those that reach one."""
    deprecations = project.deprecations
    if not deprecations:
        return
    if through:
        paths = project.readers(entry.path for entry in deprecations)
    else:
        paths = project.mentioning(deprecations.needles)
    for path in paths:
        module = project.modules.name_of(path)
        for statement, resolution in project.imports(path):
            found = deprecations.first(resolution)
            if found is None:
                continue
            position, _hop, match = found
            if not _is_inside(module, match):
                yield ImportOfDeprecated(path, statement, resolution, position, match)


def references_to_deprecated(project: Project) -> Iterator[ReferenceToDeprecated]:
    """Uses that reach a deprecated path through an attribute."""
    deprecations = project.deprecations
    if not deprecations:
        return
    for path in project.readers((entry.path for entry in deprecations), uses=True):
        module = project.modules.name_of(path)
        for reference, statement, resolution in project.references(path):
            found = deprecations.first(resolution) if reference.path else None
            if found is None or _is_told_at_import(project, path, statement):
                continue
            position, _hop, match = found
            if not _is_inside(module, match):
                yield ReferenceToDeprecated(path, reference, statement, resolution, position, match)


def suggestion(match: Match) -> str:
    """What to do about a deprecated name, in half a sentence."""
    entry = match.replacement
    text = f"use `{match.canonical}`"
    if entry.concept:
        text += f" ({entry.concept})"
    if entry.remove_by:
        text += f"; it goes by {entry.remove_by.isoformat()}"
    return text


def _is_told_at_import(project: Project, path: str, statement: Import) -> bool:
    """Whether the import is flagged and its local name can stay: only modules are read through."""
    if not statement.name:
        return False
    imported = project.resolver.imported(path, statement)
    return imported.kind is not Kind.MODULE and project.deprecations.first(imported) is not None


def _is_inside(module: str, match: Match) -> bool:
    """Whether a module is, or lies in, the deprecated module: what moves refers to itself."""
    path: SymbolPath = match.replacement.path
    home = path.dotted if path.is_module else path.module
    return module == home or (path.is_module and module.startswith(f"{home}."))
