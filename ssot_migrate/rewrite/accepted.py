"""Holds back moves after which a call would not fit: the canonical takes other arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.finding import Fix
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.resolve.resolution import Kind
from ssot_migrate.rewrite.decisions import MoveImport, MoveReference
from ssot_migrate.rewrite.moves import Moves, spelled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ssot_migrate.index.facts import Reference
    from ssot_migrate.lint.call_proof import CallProof
    from ssot_migrate.lint.project import Project


def with_fitting_calls(
    project: Project, proof: CallProof, moves: Iterable[Moves]
) -> Iterator[Moves]:
    """Call each move unsafe whose calls the new definition does not take, and say why.

    Args:
        project: The project.
        proof: Judges calls.
        moves: What was decided, file by file.
    """
    differing = _Differing(project)
    for one in moves:
        decisions = tuple(
            _judged(project, proof, differing, one.path, decision) for decision in one.decisions
        )
        yield Moves(one.path, decisions, one.left)


class _Differing:
    """Whether two paths lead to definitions that both are in the tree and differ."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[tuple[SymbolPath, SymbolPath], bool] = {}

    def __call__(self, old: SymbolPath, new: SymbolPath) -> bool:
        key = (old, new)
        if key not in self._known:
            was, now = self._project.resolver.path(old), self._project.resolver.path(new)
            self._known[key] = (
                was.kind is Kind.SYMBOL and now.kind is Kind.SYMBOL and was.symbol != now.symbol
            )
        return self._known[key]


def _judged(
    project: Project,
    proof: CallProof,
    differing: _Differing,
    path: str,
    decision: MoveImport | MoveReference,
) -> MoveImport | MoveReference:
    if decision.cause.fix is not Fix.SAFE or not _may_differ(project, differing, decision):
        return decision
    for use, old, new in _redirected(project, path, decision):
        if differing(old, new) and (why := proof.rejection(path, use, old, new)):
            note = why if why.startswith("line ") else f"line {use.line}: {why}"
            cause = msgspec.structs.replace(decision.cause, fix=Fix.UNSAFE, note=note)
            return msgspec.structs.replace(decision, cause=cause)
    return decision


def _may_differ(
    project: Project, differing: _Differing, decision: MoveImport | MoveReference
) -> bool:
    """Whether uses need a look at all: a name that is the same thing in both places fits."""
    if not decision.target.name:
        return project.modules.exists(decision.target.module)
    old = SymbolPath.parse(decision.cause.symbol or "")
    return differing(old, decision.target)


def _redirected(
    project: Project, path: str, decision: MoveImport | MoveReference
) -> Iterator[tuple[Reference, SymbolPath, SymbolPath]]:
    """The uses that a decision redirects: what each names now, and what it will name."""
    project.load_uses([path])
    facts, uses = project.facts(path), project.index.uses(path)
    if facts is None or uses is None:
        return
    is_import = isinstance(decision, MoveImport)
    number = decision.index if isinstance(decision, MoveImport) else decision.imported
    start = spelled(project, path, facts.imports[number])
    old = SymbolPath.parse(decision.cause.symbol or "")
    for use in uses.references:
        if use.imported != number:
            continue
        if not is_import:
            if isinstance(decision, MoveReference) and decision.moves(use):
                yield use, old, decision.target
            continue
        if decision.target.name:
            yield use, old, decision.target
            continue
        rest = f"{start}.{use.path}".removeprefix(f"{old.dotted}.").partition(".")[0]
        if use.path and rest != start:
            yield use, SymbolPath(old.dotted, rest), SymbolPath(decision.target.module, rest)
