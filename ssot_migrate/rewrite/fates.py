"""What becomes of each name that a file imports, and of its uses.

An import keeps its local name unless every use of it can be renamed and nobody else reads it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.finding import Fix
from ssot_migrate.domain.outcome import Cause, Left
from ssot_migrate.rewrite.decisions import MoveImport, MoveReference
from ssot_migrate.rewrite.local_names import LocalNames
from ssot_migrate.rewrite.use_edits import Unsure, UseEdits
from ssot_migrate.rewrite.wanted import Fate, Wanted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ssot_migrate.domain.symbol import SymbolPath
    from ssot_migrate.index.facts import Import, Reference
    from ssot_migrate.rewrite.document import Document, TextEdit

_BUILTINS = "builtins"


class Fates:
    """Decides the fates of a document's imports, and edits the uses on the way.

    Args:
        document: The file.
        decisions: What moves.
        kept_names: Names of the module that others read.
        is_interface: Whether the file's names are imported by design (`__init__`, stubs).
    """

    def __init__(
        self,
        document: Document,
        decisions: Iterable[MoveImport | MoveReference],
        kept_names: frozenset[str],
        *,
        is_interface: bool,
    ) -> None:
        self._document = document
        self._imports = document.facts.imports
        self._uses = UseEdits(document)
        self._moves: dict[int, MoveImport] = {}
        self._chains: defaultdict[int, dict[str, MoveReference]] = defaultdict(dict)
        for decision in decisions:
            if isinstance(decision, MoveImport):
                self._moves[decision.index] = decision
            else:
                self._chains[decision.imported][decision.path] = decision
        becomes = {
            index: (0, move.target.module, move.target.name)
            for index, move in self._moves.items()
            if self._imports[index].name
        }
        self._local = LocalNames(
            document, self._uses, kept_names, becomes, is_interface=is_interface
        )
        self._names = self._local.names
        self.left: list[Left] = []

    @property
    def edits(self) -> Sequence[TextEdit]:
        """The edits of uses so far."""
        return self._uses.edits

    def can_be_told_once(self, name: str) -> bool:
        """Whether a second import of the same thing under this name changes nothing."""
        return self._names.is_bound_by_imports(name)

    def of(self, index: int) -> Fate:
        """The fate of one import; its edits are added to `edits`."""
        statement = self._imports[index]
        edited = len(self._uses.edits)
        move, chains = self._moves.get(index), self._chains.get(index, {})
        try:
            if move is None and not chains:
                return Fate()
            if statement.name == "*" and move is not None:
                return Fate(False, (Wanted(move.target.dotted, "*"),), move.cause)
            if move is None:
                return self._through(index, statement, chains)
            if statement.name:
                fate = self._named(index, statement, move)
            else:
                fate = self._module(index, statement, move)
            for chain in chains.values():
                fate = self._chain(index, statement, chain, fate)
        except Unsure as why:
            del self._uses.edits[edited:]
            cause = move.cause if move else next(iter(chains.values())).cause
            cause = msgspec.structs.replace(cause, fix=Fix.MANUAL)
            self.left.append(
                Left(line=statement.line, column=statement.column, why=str(why), cause=cause)
            )
            return Fate()
        return fate

    # from module import name

    def _named(self, index: int, statement: Import, move: MoveImport) -> Fate:
        target = move.target
        followers = [one for one in self._uses.of(index) if one.path not in self._chains[index]]
        if not target.name:
            parent, _, leaf = target.module.rpartition(".")
            module, first, rest = parent, leaf, ""
        else:
            module, (first, _, rest) = target.module, target.name.partition(".")
        if module == _BUILTINS and target.name:
            self._local.require_rename(index, statement)
            if not self._names.is_builtin_here(first):
                raise Unsure(f"`{first}` is bound to something else in this file")
            self._rename(followers, statement.bound, target.name, move.cause)
            return Fate(False, (), move.cause)
        if rest:
            self._local.require_rename(index, statement)
            self._local.require_free(index, Wanted(module, first))
            self._rename(followers, statement.bound, target.name, move.cause)
            return Fate(False, (Wanted(module, first),), move.cause)
        wanted = Wanted(module, first) if module else Wanted(first)
        bound: str | None = None
        is_redundant = statement.name == statement.bound
        if first != statement.bound or (statement.aliased and is_redundant):
            bound = statement.bound
        if bound and not statement.aliased and self._local.can_rename(index, statement, wanted):
            self._rename(followers, statement.bound, first, move.cause)
            bound = None
        self._local.take(statement, wanted)
        return Fate(False, (msgspec.structs.replace(wanted, bound=bound),), move.cause)

    # import module

    def _module(self, index: int, statement: Import, move: MoveImport) -> Fate:
        new = move.target.module
        if statement.aliased:
            return Fate(False, (Wanted(new, bound=statement.bound),), move.cause)
        self._local.require_fixed(statement)
        inner = statement.module.partition(".")[2]
        followers: list[Reference] = []
        others: list[Reference] = []
        for one in self._uses.of(index):
            if one.path in self._chains[index]:
                continue
            behind = f"{one.path}.".startswith(f"{inner}.") if inner else True
            (followers if behind else others).append(one)
        parts = statement.module.count(".") + 1
        root = new.partition(".")[0]
        wanted = [Wanted(new)]
        if followers and not self._names.is_root_for(root):
            parent, _, leaf = new.rpartition(".")
            wanted = [Wanted(parent, leaf)]
            if not parent or not self._local.can_take(index, wanted[0]):
                raise Unsure(f"`{root}` is bound to something else in this file")
            new = leaf
        self._uses.replace(followers, parts, new, move.cause)
        if others and root != statement.bound:
            wanted.insert(0, Wanted(statement.module.rpartition(".")[0]))
        return Fate(False, tuple(wanted), move.cause)

    # Names read through a module that stays

    def _through(self, index: int, statement: Import, chains: dict[str, MoveReference]) -> Fate:
        references = self._uses.of(index)
        for use in references:
            self._require_agreement(use)
        is_whole = (
            all(one.path in chains for one in references)
            and not any(chain.kept for chain in chains.values())
            and self._local.is_private(statement)
        )
        cause = next(iter(chains.values())).cause
        modules = {chain.target.module for chain in chains.values()}
        stands_for_module = (statement.aliased or statement.name) and all(
            chain.is_through_module for chain in chains.values()
        )
        self._local.require_fixed(statement)
        if is_whole and stands_for_module and len(modules) == 1:
            fate = self._retargeted(index, statement, chains, modules.pop(), cause)
            if fate is not None:
                return fate
        fate = Fate(not is_whole, (), cause)
        for chain in chains.values():
            fate = self._chain(index, statement, chain, fate)
        return fate

    def _require_agreement(self, use: Reference) -> None:
        """Raise unless all the imports that a use may come from send it to one place."""
        targets = {
            chain.target if (chain := self._chains.get(one, {}).get(use.path)) else None
            for one in self._uses.sources(use)
        }
        if len(targets) > 1:
            raise Unsure(f"the name in line {use.line} may come from another import")

    def _retargeted(
        self,
        index: int,
        statement: Import,
        chains: dict[str, MoveReference],
        module: str,
        cause: Cause,
    ) -> Fate | None:
        """The same local name for another module, where all that is read of it is there."""
        depths = {
            (path.count("."), chain.target.name.count(".") if chain.target.name else -1)
            for path, chain in chains.items()
        }
        if module == _BUILTINS or any(old != new for old, new in depths):
            return None
        parent, _, leaf = module.rpartition(".")
        bound: str | None = statement.bound
        if statement.name and parent:
            wanted = Wanted(parent, leaf)
            if not statement.aliased and leaf == statement.bound:
                bound = None
        else:
            wanted = Wanted(module)
        for path, chain in chains.items():
            uses = [one for one in self._uses.of(index) if one.path == path]
            text = f"{statement.bound}.{chain.target.name}"
            self._uses.replace(uses, path.count(".") + 2, text, cause)
        return Fate(False, (msgspec.structs.replace(wanted, bound=bound),), cause)

    def _chain(self, index: int, statement: Import, chain: MoveReference, fate: Fate) -> Fate:
        """Redirect one chain; returns the fate with what it needs."""
        uses = [one for one in self._uses.of(index) if chain.moves(one)]
        parts = chain.path.count(".") + 2
        try:
            wanted, text = self._spelling(index, statement, chain.target)
            self._uses.replace(uses, parts, text, chain.cause)
        except Unsure as why:
            cause = msgspec.structs.replace(chain.cause, fix=Fix.MANUAL)
            self.left += (
                Left(line=one.line, column=one.column, why=str(why), cause=cause) for one in uses
            )
            return msgspec.structs.replace(fate, stays=True)
        if wanted is None or wanted in fate.wanted:
            return fate
        return msgspec.structs.replace(fate, wanted=(*fate.wanted, wanted))

    def _spelling(
        self, index: int, statement: Import, target: SymbolPath
    ) -> tuple[Wanted | None, str]:
        """How a chain is written from now on, and the import that it needs."""
        root = target.module.partition(".")[0]
        first = target.name.partition(".")[0]
        if target.module == _BUILTINS and first:
            if self._names.is_builtin_here(first):
                return None, target.name
            raise Unsure(f"`{first}` is bound to something else in this file")
        whole = Wanted(target.module)
        single = Wanted(target.module, first) if first else None
        parent, _, leaf = target.module.rpartition(".")
        if single is None and parent:
            single = Wanted(parent, leaf)
        by_name = single is not None and self._local.can_take(index, single)
        # `from package import name` is right for a module and for a name.
        is_open = not target.name
        if (
            by_name
            and single is not None
            and (statement.name or is_open or not self._names.is_root_for(root))
        ):
            self._local.take(statement, single)
            return single, target.name or leaf
        if self._names.is_root_for(root):
            return whole, target.dotted
        raise Unsure(f"`{root}` is bound to something else in this file")

    def _rename(self, uses: Sequence[Reference], old: str, new: str, cause: Cause) -> None:
        if old != new:
            self._uses.replace(uses, 1, new, cause)
