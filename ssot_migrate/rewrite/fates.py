"""What becomes of each name that a file imports, and of its uses.

An import keeps its local name unless every use of it can be renamed and nobody else reads it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.finding import Fix
from ssot_migrate.domain.outcome import Cause, Left
from ssot_migrate.rewrite.decisions import MoveImport, MoveReference
from ssot_migrate.rewrite.document import Document, TextEdit
from ssot_migrate.rewrite.names import Names

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ssot_migrate.domain.symbol import SymbolPath
    from ssot_migrate.index.facts import Import, Reference

_CHAIN = re.compile(r"\w+(?:\s*\.\s*\w+)*")
_PART = re.compile(r"\w+")
_BUILTINS = "builtins"


class Wanted(msgspec.Struct, frozen=True):
    """An import that a file needs: `import module` if there is no name.

    Args:
        bound: The local name behind `as`, or None.
    """

    module: str
    name: str = ""
    bound: str | None = None

    @property
    def local(self) -> str:
        """The name that it binds."""
        return self.bound or self.name or self.module.partition(".")[0]


class Fate(msgspec.Struct, frozen=True):
    """What becomes of one imported name.

    Args:
        stays: Whether it is still imported as it was.
        wanted: What is imported instead, or besides.
        cause: Why, if anything changes.
    """

    stays: bool = True
    wanted: tuple[Wanted, ...] = ()
    cause: Cause | None = None


class _Unsure(Exception):  # noqa: N818 - a verdict, not an error
    """Why a name is left as it is."""


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
        self._kept_names = kept_names
        self._is_interface = is_interface
        self._moves: dict[int, MoveImport] = {}
        self._chains: defaultdict[int, dict[str, MoveReference]] = defaultdict(dict)
        for decision in decisions:
            if isinstance(decision, MoveImport):
                self._moves[decision.index] = decision
            else:
                self._chains[decision.imported][decision.path] = decision
        self._taken: dict[tuple[int, str], Wanted] = {}
        self.edits: list[TextEdit] = []
        self.left: list[Left] = []

    @cached_property
    def _names(self) -> Names:
        return Names(self._document)

    @cached_property
    def _references(self) -> dict[int, list[Reference]]:
        found: defaultdict[int, list[Reference]] = defaultdict(list)
        for reference in self._document.uses.references:
            found[reference.imported].append(reference)
        return found

    @cached_property
    def _shared(self) -> set[tuple[int, int]]:
        """Places whose name may come from several imports."""
        seen: set[tuple[int, int]] = set()
        shared: set[tuple[int, int]] = set()
        for reference in self._document.uses.references:
            place = (reference.line, reference.column)
            (shared if place in seen else seen).add(place)
        return shared

    def of(self, index: int) -> Fate:
        """The fate of one import; its edits are added to `edits`."""
        statement = self._imports[index]
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
        except _Unsure as why:
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
        followers = [
            one for one in self._references.get(index, ()) if one.path not in self._chains[index]
        ]
        if not target.name:
            parent, _, leaf = target.module.rpartition(".")
            module, first, rest = parent, leaf, ""
        else:
            module, (first, _, rest) = target.module, target.name.partition(".")
        if module == _BUILTINS and target.name:
            self._require_rename(index, statement, target.name)
            if not self._names.is_builtin_here(first):
                raise _Unsure(f"`{first}` is bound to something else in this file")
            self._rename(followers, statement.bound, target.name, move.cause)
            return Fate(False, (), move.cause)
        if rest:
            self._require_rename(index, statement, first)
            self._require_free(index, Wanted(module, first))
            self._rename(followers, statement.bound, target.name, move.cause)
            return Fate(False, (Wanted(module, first),), move.cause)
        wanted = Wanted(module, first) if module else Wanted(first)
        bound: str | None = None
        if statement.aliased or first != statement.bound:
            bound = statement.bound
        if bound and not statement.aliased and self._can_rename(index, statement, wanted):
            self._rename(followers, statement.bound, first, move.cause)
            bound = None
        self._take(statement, wanted)
        return Fate(False, (msgspec.structs.replace(wanted, bound=bound),), move.cause)

    # import module

    def _module(self, index: int, statement: Import, move: MoveImport) -> Fate:
        new = move.target.module
        if statement.aliased:
            return Fate(False, (Wanted(new, bound=statement.bound),), move.cause)
        inner = statement.module.partition(".")[2]
        followers: list[Reference] = []
        others: list[Reference] = []
        for one in self._references.get(index, ()):
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
            if not parent or not self._can_take(index, wanted[0]):
                raise _Unsure(f"`{root}` is bound to something else in this file")
            new = leaf
        self._replace(followers, parts, new, move.cause)
        if others and root != statement.bound:
            wanted.insert(0, Wanted(statement.module.rpartition(".")[0]))
        return Fate(False, tuple(wanted), move.cause)

    # Names read through a module that stays

    def _through(self, index: int, statement: Import, chains: dict[str, MoveReference]) -> Fate:
        references = self._references.get(index, ())
        is_whole = all(one.path in chains for one in references) and self._is_private(statement)
        cause = next(iter(chains.values())).cause
        modules = {chain.target.module for chain in chains.values()}
        stands_for_module = statement.aliased or statement.name
        if is_whole and stands_for_module and len(modules) == 1:
            fate = self._retargeted(index, statement, chains, modules.pop(), cause)
            if fate is not None:
                return fate
        fate = Fate(not is_whole, (), cause)
        for chain in chains.values():
            fate = self._chain(index, statement, chain, fate)
        return fate

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
        if any(old != new for old, new in depths):
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
            uses = [one for one in self._references[index] if one.path == path]
            text = f"{statement.bound}.{chain.target.name}"
            self._replace(uses, path.count(".") + 2, text, cause)
        return Fate(False, (msgspec.structs.replace(wanted, bound=bound),), cause)

    def _chain(self, index: int, statement: Import, chain: MoveReference, fate: Fate) -> Fate:
        """Redirect one chain; returns the fate with what it needs."""
        uses = [one for one in self._references.get(index, ()) if one.path == chain.path]
        parts = chain.path.count(".") + 2
        try:
            wanted, text = self._spelling(index, statement, chain.target)
            self._replace(uses, parts, text, chain.cause)
        except _Unsure as why:
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
            raise _Unsure(f"`{first}` is bound to something else in this file")
        whole = Wanted(target.module)
        single = Wanted(target.module, first) if first else None
        parent, _, leaf = target.module.rpartition(".")
        if single is None and parent:
            single = Wanted(parent, leaf)
        by_name = single is not None and self._can_take(index, single)
        if by_name and single is not None and (statement.name or not self._names.is_root_for(root)):
            self._take(statement, single)
            return single, target.name or leaf
        if self._names.is_root_for(root):
            return whole, target.dotted
        raise _Unsure(f"`{root}` is bound to something else in this file")

    # Local names

    def _can_rename(self, index: int, statement: Import, wanted: Wanted) -> bool:
        try:
            self._require_rename(index, statement, wanted.local)
            self._require_free(index, wanted)
        except _Unsure:
            return False
        return True

    def _require_rename(self, index: int, statement: Import, new: str) -> None:
        """Raise unless every use of an import's local name is known and nobody else reads it."""
        old = statement.bound
        if not self._is_private(statement):
            raise _Unsure(f"`{old}` is read from other modules")
        if not self._names.is_only_binding(statement):
            raise _Unsure(f"`{old}` is bound more than once")
        if self._names.is_dynamic:
            raise _Unsure(f"the file may look `{old}` up by name at run time")
        for one in self._references.get(index, ()):
            if (one.line, one.column) in self._shared:
                raise _Unsure(f"`{old}` may come from another import in line {one.line}")
            if self._prefix(one, 1) is None:
                raise _Unsure(f"`{old}` cannot be renamed in line {one.line}")

    def _is_private(self, statement: Import) -> bool:
        """Whether nothing outside the file reads the local name."""
        if statement.scope:
            return True
        facts = self._document.facts
        name = statement.bound
        is_exported = name in (facts.exports or ()) or facts.exports_open
        is_explicit = statement.aliased and statement.name == name
        return not (self._is_interface or is_exported or is_explicit or name in self._kept_names)

    def _require_free(self, index: int, wanted: Wanted) -> None:
        if not self._can_take(index, wanted):
            raise _Unsure(f"`{wanted.local}` is bound to something else in this file")

    def _can_take(self, index: int, wanted: Wanted) -> bool:
        """Whether a name can be bound here: unused, or bound by imports of the same thing."""
        name = wanted.local
        taken = self._taken.get((self._names.scope_key(self._imports[index]), name))
        if taken is not None:
            return taken == wanted
        if any(other == name for _scope, other in self._taken):
            return False
        if self._names.is_unused(name):
            return True
        return self._names.is_imported_as(name, self._imports_of(wanted, index))

    def _imports_of(self, wanted: Wanted, index: int) -> list[int]:
        """The file's imports of what is wanted, under its own name, in the same scope."""
        here = self._names.scope_key(self._imports[index])
        return [
            number
            for number, one in enumerate(self._imports)
            if one.name == wanted.name
            and one.module == wanted.module
            and not one.level
            and one.bound == wanted.local
            and self._names.scope_key(one) == here
            and not one.context
        ]

    def _take(self, statement: Import, wanted: Wanted) -> None:
        if wanted.bound is None and wanted.name:
            self._taken[self._names.scope_key(statement), wanted.local] = wanted

    # Text

    def _rename(self, uses: Sequence[Reference], old: str, new: str, cause: Cause) -> None:
        if old != new:
            self._replace(uses, 1, new, cause)

    def _replace(self, uses: Sequence[Reference], parts: int, text: str, cause: Cause) -> None:
        """Replace the leading parts of chains; all or none of them."""
        edits = []
        for one in uses:
            found = self._prefix(one, parts)
            if found is None:
                raise _Unsure(f"the use in line {one.line} cannot be taken apart")
            edits.append(TextEdit(*found, text, cause))
        self.edits += edits

    def _prefix(self, reference: Reference, parts: int) -> tuple[int, int] | None:
        """The offsets of the leading parts of a chain as written."""
        start = self._document.offset(reference.line, reference.column)
        end = self._document.offset(reference.end_line, reference.end_column)
        text = self._document.text[start:end]
        bound = self._imports[reference.imported].bound
        whole = f"{bound}.{reference.path}" if reference.path else bound
        if not _CHAIN.fullmatch(text) or _PART.findall(text) != whole.split("."):
            return None
        ends = [match.end() for match in _PART.finditer(text)]
        return start, start + ends[parts - 1]
