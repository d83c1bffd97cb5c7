"""Who reads what the registry deprecates: the imports and references behind several rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.finding import Fix
from ssot_migrate.index.facts import Import, Reference
from ssot_migrate.lint.deprecations import Match
from ssot_migrate.resolve.resolution import Kind, Resolution

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.domain.symbol import SymbolPath
    from ssot_migrate.lint.project import Project


class ImportOfDeprecated(msgspec.Struct, frozen=True):
    """An import whose way leads over a deprecated path."""

    path: str
    statement: Import
    resolution: Resolution
    match: Match


class ReferenceToDeprecated(msgspec.Struct, frozen=True):
    """A chain of attributes whose way leads over a deprecated path."""

    path: str
    reference: Reference
    statement: Import
    resolution: Resolution
    match: Match


def imports_of_deprecated(project: Project) -> Iterator[ImportOfDeprecated]:
    """Imports that name a deprecated path themselves."""
    for path in project.naming(project.deprecations.paths, imported=True):
        facts = project.facts(path)
        for statement in facts.imports if facts is not None else ():
            # Only what is deprecated is followed to its end: that may take parsing other files.
            match = named_by(project, path, statement)
            if match is not None:
                resolution = project.resolver.imported(path, statement)
                yield ImportOfDeprecated(path, statement, resolution, match)


def named_by(project: Project, path: str, statement: Import) -> Match | None:
    """The deprecated path that an import names itself, from outside of what moves."""
    symbol = project.resolver.named(path, statement)
    match = project.deprecations.match(symbol) if symbol is not None else None
    is_told = match is not None and not is_inside(project.modules.name_of(path), match)
    return match if is_told else None


def imports_through_deprecated(project: Project) -> Iterator[ImportOfDeprecated]:
    """Imports that reach a deprecated path over another module."""
    deprecations = project.deprecations
    for path in project.readers(deprecations.paths):
        module = project.modules.name_of(path)
        for statement, resolution in project.imports(path):
            found = deprecations.first(resolution)
            if found is not None and found[0] > 0 and not is_inside(module, found[2]):
                yield ImportOfDeprecated(path, statement, resolution, found[2])


def references_to_deprecated(project: Project) -> Iterator[ReferenceToDeprecated]:
    """Uses that reach a deprecated path through an attribute."""
    deprecations = project.deprecations
    for path in project.readers(deprecations.paths, uses=True):
        module = project.modules.name_of(path)
        for reference, statement, resolution in project.references(path):
            found = deprecations.first(resolution) if reference.path else None
            if found is None or _is_told_at_import(project, path, statement):
                continue
            if not is_inside(module, found[2]):
                yield ReferenceToDeprecated(path, reference, statement, resolution, found[2])


def lack(project: Project, match: Match) -> str:
    """What the module that replaces another one does not have of it; empty if it is there."""
    target = match.canonical
    is_gone = (
        target.name
        and project.modules.exists(target.module)
        and project.resolver.path(target).kind is Kind.MISSING
    )
    return f"`{target.module}` has no `{target.name}`" if is_gone else ""


def fix_of(project: Project, match: Match) -> Fix:
    """How a use of a deprecated name can be changed."""
    return Fix.MANUAL if lack(project, match) else Fix(match.replacement.safety)


def verdict(project: Project, match: Match, resolution: Resolution) -> str:
    """What is wrong with a use of a deprecated name, and what to do about it."""
    end = resolution.end
    is_gone = resolution.kind is Kind.MISSING and end.path and end.symbol.name
    name = end.symbol.name.partition(".")[0]
    gone = f", and `{end.symbol.module}` has no `{name}`" if is_gone else ""
    return f"`{match.found}` is deprecated{gone}: {suggestion(project, match)}"


def suggestion(project: Project, match: Match) -> str:
    """What to do about a deprecated name, in half a sentence."""
    entry, lacking = match.replacement, lack(project, match)
    text = f"{lacking}, so decide what to use" if lacking else f"use `{match.canonical}`"
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


def is_inside(module: str, match: Match) -> bool:
    """Whether a module is, or lies in, the deprecated module: what moves refers to itself."""
    path: SymbolPath = match.replacement.path
    home = path.dotted if path.is_module else path.module
    return module == home or (path.is_module and module.startswith(f"{home}."))
