"""Which changes of a migration are meant, and which of those may be made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate import catalogue
from ssot_migrate.domain.errors import UsageError
from ssot_migrate.domain.finding import Fix, Span
from ssot_migrate.domain.outcome import Cause, Left, Skipped
from ssot_migrate.rewrite.decisions import (
    AddImport,
    MoveImport,
    MoveReference,
    RenameCall,
    ReplaceCode,
    ReplaceString,
)
from ssot_migrate.rewrite.kept import Kept
from ssot_migrate.rewrite.moves import Moves, places_of
from ssot_migrate.workspace import git

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssot_migrate.domain.scope import Scope
    from ssot_migrate.lint.project import Project
    from ssot_migrate.rewrite.decisions import Decision
    from ssot_migrate.usecases.project import Opened

_NEEDS_UNSAFE = "the registry calls the change unsafe: `--unsafe` makes it"


class Wanted:
    """Which changes are meant.

    Raises:
        UsageError: There is no such concept, rule or revision.
    """

    def __init__(self, opened: Opened, scope: Scope) -> None:
        self._project = opened.project
        known = {concept.name for concept in opened.project.concepts}
        for name in scope.concepts:
            if name not in known:
                listed = ", ".join(sorted(known)) or "none"
                raise UsageError(f"the registry has no concept {name!r}; it has: {listed}")
        self._concepts = frozenset(scope.concepts)
        self._codes = {rule.code for rule in catalogue.selected_rules(scope.select, ())}
        self._is_limited = bool(scope.select)
        self._scope = scope
        self._selection = opened.selection
        self._changed = _changed(opened, scope)
        self.kept = Kept(opened.project.suppressions if scope.suppressions else None)

    def selects(self, path: str) -> bool:
        """Whether a file was asked for."""
        is_changed = self._changed is None or path in self._changed
        return is_changed and self._selection.selects(path)

    def names(self, cause: Cause) -> bool:
        """Whether a change for this cause was asked for."""
        if self._concepts and cause.concept not in self._concepts:
            return False
        if self._scope.symbols and cause.symbol not in self._scope.symbols:
            return False
        return not self._is_limited or cause.code in self._codes

    def makes(self, cause: Cause) -> bool:
        """Whether a change for this cause was asked for, and may be made."""
        is_permitted = cause.fix is Fix.SAFE or (cause.fix is Fix.UNSAFE and self._scope.unsafe)
        return is_permitted and self.names(cause)

    def sifted(self, moves: Moves) -> Moves:
        """The moves of one file that are made; what is held back is left."""
        chosen, left = self.divided(moves.path, (*moves.decisions, *moves.left))
        kept = tuple(one for one in chosen if isinstance(one, (MoveImport, MoveReference)))
        return Moves(moves.path, kept, left)

    def divided(
        self, path: str, several: Sequence[Decision | Left]
    ) -> tuple[tuple[Decision, ...], tuple[Left, ...]]:
        """What is to be carried out in a file, and what is left of it to a person."""
        chosen: list[Decision] = []
        left: list[Left] = []
        for one in several if self.selects(path) else ():
            if not self.names(one.cause):
                continue
            if isinstance(one, Left):
                left.append(self._skipped(path, one) or one)
            elif skipped := self._skipped(path, one):
                left.append(skipped)
            elif self.makes(one.cause):
                chosen.append(one)
            else:
                left += _held_back(self._project, path, one)
        return tuple(_with_their_code(chosen, several)), tuple(left)

    def _skipped(self, path: str, one: Decision | Left) -> Skipped | None:
        """A place that a comment keeps; the decider of moves has asked for those of its own."""
        if isinstance(one, Left):
            return self.kept.at(path, Span(one.line, one.column), one.cause)
        if isinstance(one, (ReplaceString, RenameCall, ReplaceCode)):
            return self.kept.at(path, one.span, one.cause)
        return None


def _with_their_code(
    chosen: Sequence[Decision], several: Sequence[Decision | Left]
) -> Iterator[Decision]:
    """The changes without imports of names that only code needs which stays as it is."""
    needed = {name for one in chosen if isinstance(one, ReplaceCode) for name in one.names}
    named = {name for one in several if isinstance(one, ReplaceCode) for name in one.names}
    for one in chosen:
        if not isinstance(one, AddImport) or one.target not in named - needed:
            yield one


def _held_back(project: Project, path: str, decision: Decision) -> Iterator[Left]:
    """The places of a change that needs the user's word."""
    note = decision.cause.note
    why = f"{note}: `--unsafe` makes the change all the same" if note else _NEEDS_UNSAFE
    for line, column in places_of(project, path, decision):
        yield Left(line=line, column=column, why=why, cause=decision.cause)


def _changed(opened: Opened, scope: Scope) -> frozenset[str] | None:
    """The files that are asked for as they changed, untracked ones included; None for any."""
    if scope.staged:
        changed = git.staged(opened.root)
        if changed is None:
            raise UsageError("--staged: the root is in no git repository")
    elif scope.since is not None:
        changed = git.changed_since(opened.root, scope.since)
        if changed is None:
            raise UsageError(f"--since {scope.since}: git knows no such revision here")
    else:
        return None
    return changed
