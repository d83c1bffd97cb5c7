"""Decides which imports and references of deprecated paths move, and where to."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

import msgspec

from ssot_migrate.domain.outcome import Left, Skipped
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.index.facts import Context
from ssot_migrate.lint.project import span_of
from ssot_migrate.resolve.resolution import Kind
from ssot_migrate.rewrite.decisions import AddImport, MoveImport, MoveReference
from ssot_migrate.rewrite.kept import Kept
from ssot_migrate.rewrite.verdicts import Verdicts, left_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssot_migrate.index.facts import Import, ModuleFacts, Reference
    from ssot_migrate.lint.deprecations import Match
    from ssot_migrate.lint.project import Project
    from ssot_migrate.rewrite.decisions import Decision

IMPORT: Final = "SSOT201"
REFERENCE: Final = "SSOT203"


class Moves(msgspec.Struct, frozen=True):
    """What moves in one file, and what is left to a person."""

    path: str
    decisions: tuple[MoveImport | MoveReference, ...]
    left: tuple[Left, ...]


class MoveDecider:
    """Decides for the files of a project.

    Args:
        project: The project.
        kept: What stays as it is; nothing if None.
    """

    def __init__(self, project: Project, kept: Kept | None = None) -> None:
        self._project = project
        self._kept = kept or Kept()
        paths = project.deprecations.paths
        self._opening = {head for path in paths for head in _heads(path.dotted)}

    def everywhere(self) -> Iterator[Moves]:
        """Decide for every file that spells a deprecated path; in order of path."""
        for path in self._project.naming(self._project.deprecations.paths):
            moves = self.file(path)
            if moves.decisions or moves.left:
                yield moves

    def file(self, path: str) -> Moves:
        """Decide for one file."""
        facts = self._project.facts(path)
        if facts is None:
            return Moves(path, (), ())
        return Moves(path, *_File(self._project, path, facts, self._opening, self._kept).decide())


def spelled(project: Project, path: str, statement: Import, attributes: str = "") -> str:
    """The absolute dotted path that attributes behind an import's bound name spell.

    Empty where a relative import leads out of the tree.
    """
    named = project.resolver.named(path, statement)
    if named is None:
        return ""
    start = named.dotted
    if not statement.name and not statement.aliased:
        # `import a.b` binds `a`; a neighbour's name has its folder in front.
        start = start[: len(start) - len(statement.module)] + statement.module.partition(".")[0]
    return f"{start}.{attributes}" if attributes else start


def places_of(project: Project, path: str, decision: Decision) -> Iterator[tuple[int, int]]:
    """The lines and columns that a decision is about."""
    if isinstance(decision, AddImport):
        return
    if not isinstance(decision, (MoveImport, MoveReference)):
        yield decision.span.line, decision.span.column
        return
    facts = project.facts(path)
    if isinstance(decision, MoveImport):
        statement = facts.imports[decision.index] if facts is not None else None
        if statement is not None:
            yield statement.line, statement.column
        return
    uses = project.index.uses(path)
    for one in uses.references if uses is not None else ():
        if one.imported == decision.imported and decision.moves(one):
            yield one.line, one.column


class _File:
    """One file: decides import by import."""

    def __init__(
        self, project: Project, path: str, facts: ModuleFacts, opening: set[str], kept: Kept
    ) -> None:
        self._project = project
        self._path = path
        self._facts = facts
        self._opening = opening
        self._kept = kept
        self._verdicts = Verdicts(project, path)
        self._decisions: list[MoveImport | MoveReference] = []
        self._left: list[Left] = []
        self._staying: set[int] = set()

    def decide(self) -> tuple[tuple[MoveImport | MoveReference, ...], tuple[Left, ...]]:
        for index, statement in enumerate(self._facts.imports):
            named = self._project.resolver.named(self._path, statement)
            if named is not None:
                self._statement(index, statement, named)
        return tuple(self._decisions), tuple(self._left)

    def _statement(self, index: int, statement: Import, named: SymbolPath) -> None:
        match = self._verdicts.match(named)
        if match is not None and statement.name and not self._is_meant(statement, match):
            return
        if statement.name == "*":
            self._star(index, statement, named, match)
            return
        moved = self._import(index, statement, match) if match is not None else None
        if self._may_be_read_through(statement, named) or (moved and not moved.target.name):
            chains = self._chains(index, statement, moved)
            if moved is not None and any(isinstance(one, Left) for one in chains):
                # The module cannot move as a whole; what can be moved of it is.
                self._left += _held_by(statement, moved, chains)
                moved, chains = None, self._chains(index, statement, None)
            self._decisions += (one for one in chains if isinstance(one, MoveReference))
            self._left += (one for one in chains if isinstance(one, Left))
        if moved is not None:
            self._decisions.append(moved)

    # Imports

    def _import(self, index: int, statement: Import, match: Match) -> MoveImport | None:
        target = match.canonical
        if statement.name and not target.name and not self._project.modules.exists(target.module):
            # `from package import name` and a path without a colon: the name at that path.
            target = _as_name(target)
        why = self._verdicts.obstacle(match) or self._fallback(statement, target)
        cause = self._verdicts.cause(IMPORT, match, target)
        if skipped := self._kept.at(self._path, span_of(statement), cause):
            self._left.append(skipped)
            self._staying.add(index)
            return None
        if why:
            self._left.append(left_at(statement, why, cause))
            return None
        return MoveImport(index=index, target=target, cause=cause)

    def _star(self, index: int, statement: Import, named: SymbolPath, match: Match | None) -> None:
        if match is None:
            self._star_beside_moved(statement, named)
            return
        target = match.canonical
        cause = self._verdicts.cause(IMPORT, match, target)
        why = self._verdicts.obstacle(match) or self._verdicts.other_names(
            named.module, target.module
        )
        if skipped := self._kept.at(self._path, span_of(statement), cause):
            self._left.append(skipped)
        elif why:
            self._left.append(left_at(statement, why, cause))
        else:
            self._decisions.append(MoveImport(index=index, target=target, cause=cause))

    def _star_beside_moved(self, statement: Import, named: SymbolPath) -> None:
        """A star import of a module of which single names move."""
        if named.dotted not in self._opening:
            return
        bound = {binding.name for binding in self._facts.bindings}
        for entry in self._project.deprecations:
            head, _, leaf = entry.path.dotted.rpartition(".")
            if head != named.dotted or leaf in bound:
                continue
            if self._project.index.spelled(self._path, [leaf]):
                match = self._verdicts.match(named.child(leaf))
                if match is not None:
                    why = f"a star import may bind `{leaf}`, which moves"
                    cause = self._verdicts.cause(IMPORT, match, match.canonical)
                    self._left.append(left_at(statement, why, cause))

    def _fallback(self, statement: Import, target: SymbolPath) -> str:
        """Why an import in a `try` that also fetches the canonical stays."""
        for context, other in (
            (Context.HANDLER, Context.TRY),
            (Context.TRY, Context.HANDLER),
        ):
            if not statement.context & context or statement.context & other:
                continue
            for one in self._facts.imports:
                named = self._project.resolver.named(self._path, one)
                if (
                    one.bound == statement.bound
                    and one.context & other
                    and named is not None
                    and named.dotted == target.dotted
                ):
                    return f"line {one.line} imports the canonical, for which this stands in"
        return ""

    def _is_meant(self, statement: Import, match: Match) -> bool:
        """Whether `from package import name` fetches what the entry means.

        A package may bind the name of its own submodule to something else.
        """
        entry = match.replacement.path
        modules = self._project.modules
        if not entry.is_module or match.found.dotted != entry.dotted:
            return True
        if not modules.exists(entry.module):
            return True
        return self._project.resolver.imported(self._path, statement).kind is Kind.MODULE

    # References

    def _may_be_read_through(self, statement: Import, named: SymbolPath) -> bool:
        if not statement.name and not statement.aliased:
            return named.dotted.partition(".")[0] in self._opening
        return named.dotted in self._opening

    @cached_property
    def _references(self) -> dict[int, dict[str, list[Reference]]]:
        """The uses of each import by the attributes read."""
        self._project.load_uses([self._path])
        found: dict[int, dict[str, list[Reference]]] = {}
        uses = self._project.index.uses(self._path)
        for reference in uses.references if uses is not None else ():
            chains = found.setdefault(reference.imported, {})
            chains.setdefault(reference.path, []).append(reference)
        return found

    def _chains(
        self, index: int, statement: Import, moved: MoveImport | None
    ) -> list[MoveReference | Left]:
        """What becomes of the chains that start at an import, where it is more than the import."""
        found: list[MoveReference | Left] = []
        here = {(statement.line, statement.column)} if index in self._staying else set()
        for path, references in self._references.get(index, {}).items():
            if not path:
                continue
            symbol = self._symbol(spelled(self._project, self._path, statement, path))
            match = self._verdicts.match(symbol)
            if match is None:
                continue
            target = match.canonical
            if not target.name and _is_a_name(target, references):
                target = _as_name(target)
            cause = self._verdicts.cause(REFERENCE, match, target)
            skipped = [
                one for use in references if (one := self._kept.at(self._path, span_of(use), cause))
            ]
            kept = {(one.line, one.column) for one in skipped}
            found += skipped
            rest = [use for use in references if (use.line, use.column) not in kept]
            if why := self._verdicts.obstacle(match):
                found += (left_at(reference, why, cause) for reference in rest)
            elif rest and not self._follows(statement, symbol, target, moved):
                start = spelled(self._project, self._path, statement)
                home = match.replacement.path
                is_module = not home.name or f"{home.module}.".startswith(f"{start}.")
                found.append(
                    MoveReference(
                        imported=index,
                        path=path,
                        target=target,
                        is_through_module=is_module,
                        kept=frozenset(kept | here),
                        cause=cause,
                    )
                )
        return found

    def _symbol(self, dotted: str) -> SymbolPath:
        """A dotted path, divided behind the longest module that the tree has."""
        module, rest = dotted, ""
        while not self._project.modules.exists(module) and "." in module:
            module, _, part = module.rpartition(".")
            rest = f"{part}.{rest}" if rest else part
        return SymbolPath(module, rest)

    def _follows(
        self,
        statement: Import,
        symbol: SymbolPath,
        target: SymbolPath,
        moved: MoveImport | None,
    ) -> bool:
        """Whether a chain goes where its import goes."""
        if moved is None:
            return False
        start = spelled(self._project, self._path, statement)
        if not statement.name and not statement.aliased:
            start += statement.module[len(statement.module.partition(".")[0]) :]
        is_behind = f"{symbol.dotted}.".startswith(f"{start}.")
        return is_behind and moved.target.dotted + symbol.dotted[len(start) :] == target.dotted


def _held_by(
    statement: Import, moved: MoveImport, chains: Sequence[MoveReference | Left]
) -> Iterator[Left]:
    """An import that would move, but for a use that a comment keeps."""
    for one in chains:
        if isinstance(one, Skipped):
            why = f"line {one.line} reads it and {one.why}"
            yield left_at(statement, why, moved.cause)
            return


def _is_a_name(path: SymbolPath, references: Sequence[Reference]) -> bool:
    """Whether a path without a colon ends in a name rather than a module, by its look and use."""
    is_called = any(reference.call for reference in references)
    return is_called or path.leaf[:1].isupper() or path.module.startswith("builtins.")


def _as_name(path: SymbolPath) -> SymbolPath:
    module, _, name = path.module.rpartition(".")
    return SymbolPath(module, name) if module else path


def _heads(dotted: str) -> Iterator[str]:
    head = dotted.rpartition(".")[0]
    while head:
        yield head
        head = head.rpartition(".")[0]
