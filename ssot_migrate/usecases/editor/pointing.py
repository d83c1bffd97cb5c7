"""What a name in an editor leads to: its canonical, and the way there as evidence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ssot_migrate.domain.editor import Home
from ssot_migrate.domain.errors import UsageError
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.index.unbound import unbound_names
from ssot_migrate.lint.project import chain_of
from ssot_migrate.resolve.resolution import Kind
from ssot_migrate.usecases.questions.which import home_of, statement_for

if TYPE_CHECKING:
    from ssot_migrate.index.facts import Import, Reference
    from ssot_migrate.lint.project import Project
    from ssot_migrate.resolve.resolution import Resolution

_WORD = re.compile(r"[^\W\d]\w*")


def pointed_at(project: Project, path: str, line: int, column: int) -> Home | None:
    """Say where the name at a place leads, and what to import for it.

    Args:
        project: The project.
        path: The file.
        line: 1-based.
        column: 1-based, in characters.

    Returns:
        None where there is no name, or nothing is known of it.
    """
    word = _word(project, path, line, column)
    if word is None:
        return None
    start, name = word
    place = Home(line=line, column=start, end_column=start + len(name), name=name)
    found = _read(project, path, line, column, name)
    if found is None:
        is_unbound = name in unbound_names("\n".join(project.index.contents.rows(path)))
        return _named(project, place) if is_unbound else None
    if found.kind is Kind.EXTERNAL:
        return None
    end = found.end
    match = project.deprecations.first(found)
    concept = project.concept(match[2].replacement.concept) if match else None
    concept = concept or next(
        (one for one in project.concepts if SymbolPath.parse(one.canonical) == end.symbol), None
    )
    if found.kind is Kind.MISSING and match is None:
        return _named(project, place)
    canonical = match[2].canonical if match else end.symbol
    return Home(
        line=line,
        column=start,
        end_column=start + len(name),
        name=name,
        symbol=str(found.hops[0].symbol),
        canonical=str(canonical),
        statement=statement_for(str(canonical)) if match or concept else None,
        concept=concept.name if concept else None,
        owner=concept.owner if concept else "",
        reason=concept.reason if concept else "",
        chain=chain_of(path, line, found.hops),
        is_deprecated=match is not None,
        is_gone=found.kind is Kind.MISSING,
    )


def _named(project: Project, place: Home) -> Home | None:
    """What is to be imported for a name that is bound nowhere; None where nobody decided."""
    try:
        answer = home_of(project, place.name)
    except UsageError:
        return None
    if answer.canonical is None:
        return None
    return Home(
        line=place.line,
        column=place.column,
        end_column=place.end_column,
        name=place.name,
        canonical=answer.canonical,
        statement=answer.statement,
        concept=answer.concept,
        owner=answer.owner,
        reason=answer.reason,
    )


def _word(project: Project, path: str, line: int, column: int) -> tuple[int, str] | None:
    rows = project.index.contents.rows(path)
    if not 1 <= line <= len(rows):
        return None
    for word in _WORD.finditer(rows[line - 1]):
        if word.start() < column <= word.end() + 1:
            return word.start() + 1, word.group()
    return None


def _read(project: Project, path: str, line: int, column: int, name: str) -> Resolution | None:
    """What an import, or the narrowest use, at a place fetches."""
    project.load_uses([path])
    uses = [
        (one.end_column - one.column, found)
        for one, _statement, found in project.references(path)
        if _holds(one, line, column)
    ]
    if uses:
        return min(uses, key=lambda use: use[0])[1]
    for one, found in project.imports(path):
        names = (one.name, one.bound, one.module.rpartition(".")[2])
        if _holds(one, line, column) and name in names:
            return found
    return None


def _holds(one: Import | Reference, line: int, column: int) -> bool:
    return (one.line, one.column) <= (line, column) <= (one.end_line, one.end_column)
