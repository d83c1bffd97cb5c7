"""Which local names of a module others read, so that a rewrite must keep them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.rewrite.decisions import MoveImport, MoveReference
from ssot_migrate.rewrite.moves import spelled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ssot_migrate.lint.project import Project
    from ssot_migrate.rewrite.moves import Moves


def names_read_elsewhere(project: Project, moves: Sequence[Moves]) -> Mapping[str, frozenset[str]]:
    """The names at risk that another file imports, reads through the module, or spells in a string.

    Args:
        project: The project.
        moves: What is to change.
    """
    at_risk = {
        SymbolPath(project.modules.name_of(one.path), name): one.path
        for one in moves
        for name in _names_at_risk(project, one)
    }
    if not at_risk:
        return {}
    wanted = {symbol.dotted: symbol for symbol in at_risk}
    modules = {symbol.module for symbol in at_risk}
    read: set[SymbolPath] = set()
    for path in project.naming(at_risk, uses=True):
        for dotted in _spelled_in(project, path):
            if dotted in wanted and at_risk[wanted[dotted]] != path:
                read.add(wanted[dotted])
            elif dotted.removesuffix(".*") in modules and dotted.endswith(".*"):
                read |= {one for one in at_risk if one.module == dotted.removesuffix(".*")}
    found: dict[str, set[str]] = {}
    for symbol in read:
        found.setdefault(at_risk[symbol], set()).add(symbol.name)
    return {path: frozenset(names) for path, names in found.items()}


def _names_at_risk(project: Project, moves: Moves) -> Iterator[str]:
    """Names that the module binds and that a rewrite would like to bind otherwise."""
    facts = project.facts(moves.path)
    for decision in moves.decisions:
        if facts is None:
            continue
        if isinstance(decision, MoveImport):
            statement = facts.imports[decision.index]
            is_renamed = decision.target.leaf != statement.bound and not statement.aliased
            if not statement.scope and statement.name not in ("", "*") and is_renamed:
                yield statement.bound
        elif isinstance(decision, MoveReference):
            statement = facts.imports[decision.imported]
            if not statement.scope and (statement.name or statement.aliased):
                yield statement.bound


def _spelled_in(project: Project, path: str) -> Iterator[str]:
    """Every dotted path under which a file may read another module's name, with its prefixes."""
    facts, uses = project.facts(path), project.index.uses(path)
    if facts is None or uses is None:
        return
    for statement in facts.imports:
        start = spelled(project, path, statement)
        yield f"{start}.*" if statement.name == "*" else start
    for reference in uses.references:
        if reference.path:
            statement = facts.imports[reference.imported]
            yield from _prefixes(spelled(project, path, statement, reference.path))
    for string in uses.strings:
        yield from _prefixes(string.value.replace(":", "."))


def _prefixes(dotted: str) -> Iterator[str]:
    while dotted:
        yield dotted
        dotted = dotted.rpartition(".")[0]
