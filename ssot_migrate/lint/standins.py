"""Finds deprecated paths, wrappers and aliases that stand in for another definition."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.finding import Category
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.lint.callables import Callables, call_differences, callables_of
from ssot_migrate.lint.signatures import migrated
from ssot_migrate.resolve.resolution import Hop, Kind, Resolution

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ssot_migrate.config.model import MethodRename
    from ssot_migrate.index.facts import Definition
    from ssot_migrate.lint.project import Project

_EVENT_LOOPS = ("asyncio", "anyio", "trio")
_WORD = re.compile(r"[^\W\d]\w*")


class StandIn(msgspec.Struct, frozen=True):
    """A path whose callers get, or are sent to, another definition than the one they knew.

    Args:
        symbol: The deprecated path or alias.
        old: What its callers have in mind.
        new: What they get, or are sent to.
        canonical: What the registry has for them.
        claim: What is so if the two are called differently, in half a sentence.
        chain: The way from the path to its definition.
    """

    symbol: SymbolPath
    old: Callables
    new: Callables
    canonical: SymbolPath
    concept: str | None
    claim: str
    chain: tuple[Hop, ...]

    @property
    def place(self) -> Hop:
        """Where it is bound; a package's `__init__` may stand on the way to the module."""
        bound = (hop for hop in self.chain if hop.symbol.dotted == self.symbol.dotted)
        return next(bound, self.chain[0])

    @property
    def is_class(self) -> bool:
        """Whether calls of it are calls of a constructor."""
        return bool(self.old.members) or self.chain[-1].how == "class"

    @property
    def line(self) -> int:
        """The line of its binding, or of its own definition."""
        return self.old.line if self.old.symbol.dotted == self.symbol.dotted else self.place.line


class StandIns:
    """Finds them in a project, and compares."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def registered(self) -> Iterator[StandIn]:
        """The names that the registry replaces, and the public names of modules that it does."""
        for symbol in self._deprecated_names():
            match = self._project.deprecations.match(symbol)
            if match is not None:
                found = self._project.resolver.path(symbol)
                concept = match.replacement.concept
                yield from self._compared(symbol, found, match.canonical, concept)

    def wrappers(self) -> Iterator[StandIn]:
        """Definitions that warn, and build on a canonical."""
        project = self._project
        for path in self._files:
            facts = project.facts(path)
            for definition in facts.definitions if facts is not None else ():
                if not definition.deprecation or "." in definition.name:
                    continue
                symbol = SymbolPath(project.modules.name_of(path), definition.name)
                canonical = self._built_on(path, symbol, definition)
                if canonical is not None:
                    found = project.resolver.path(symbol)
                    yield from self._compared(symbol, found, canonical, self._canonicals[canonical])

    def aliases(self) -> Iterator[StandIn]:
        """Second names of canonicals, and their own names given to something else."""
        names = {canonical.leaf: canonical for canonical in self._canonicals}
        for path in self._files:
            module = self._project.modules.name_of(path)
            for name in self._second_names(path):
                symbol = SymbolPath(module, name)
                found = self._project.resolver.member(module, name)
                if found.symbol in self._canonicals:
                    concept = self._canonicals[found.symbol]
                    yield from self._alias(symbol, found, found.symbol, concept)
                elif name in names:
                    concept = self._canonicals[names[name]]
                    yield from self._compared(symbol, found, names[name], concept)

    def differences(self, one: StandIn) -> Iterator[str]:
        """What tells the two definitions apart for their callers."""
        concept = self._project.concept(one.concept)
        renames: Mapping[str, MethodRename] = {
            rename.from_: rename for rename in (concept.methods if concept else ())
        }
        old = one.old
        called = renames.get("__init__" if one.is_class else old.symbol.leaf)
        if called is not None and old.own is not None:
            old = msgspec.structs.replace(old, own=migrated(old.own, called))
        yield from call_differences(old, one.new, renames, lambda name: self._passes_on(one, name))

    @cached_property
    def _canonicals(self) -> Mapping[SymbolPath, str | None]:
        """The definitions that concepts and moves send to, with their concepts."""
        wanted: list[tuple[str | None, str]] = [
            (concept.name, concept.canonical) for concept in self._project.concepts
        ]
        wanted += [(None, move.to) for move in self._project.registry.moves]
        found: dict[SymbolPath, str | None] = {}
        for concept, text in wanted:
            resolution = self._project.resolver.path(SymbolPath.parse(text))
            if resolution.kind is Kind.SYMBOL:
                found.setdefault(resolution.symbol, concept)
        return found

    @cached_property
    def _files(self) -> tuple[str, ...]:
        """The production files that spell a canonical's name."""
        spelling = self._project.mentioning({canonical.leaf for canonical in self._canonicals})
        return tuple(filter(self._is_production, spelling))

    def _deprecated_names(self) -> Iterator[SymbolPath]:
        project = self._project
        for path in project.paths:
            module = SymbolPath(project.modules.name_of(path))
            facts = project.facts(path) if project.deprecations.match(module) else None
            if facts is not None:
                names = {one.name for one in facts.bindings} | {
                    one.name for one in facts.lazy_names
                }
                public = (
                    {name for name in names if not name.startswith("_")}
                    if facts.exports is None
                    else names.intersection(facts.exports)
                )
                yield from map(module.child, sorted(public - {"*"}))
        for entry in project.deprecations:
            if project.modules.path_of(entry.path.dotted) is None:
                yield entry.path

    def _compared(
        self, symbol: SymbolPath, found: Resolution, canonical: SymbolPath, concept: str | None
    ) -> Iterator[StandIn]:
        target = self._project.resolver.path(canonical)
        if target.symbol == found.symbol:
            yield from self._alias(symbol, found, canonical, concept)
            return
        old = callables_of(self._project, found)
        new = callables_of(self._project, target)
        if old is not None and new is not None:
            stands_for = "" if old.symbol.dotted == symbol.dotted else f", which is `{old.symbol}`,"
            claim = f"`{symbol}`{stands_for} is called differently from `{canonical}`"
            yield StandIn(symbol, old, new, canonical, concept, claim, found.hops)

    def _alias(
        self, symbol: SymbolPath, found: Resolution, canonical: SymbolPath, concept: str | None
    ) -> Iterator[StandIn]:
        """A name that stands for the canonical itself: who else is called so?"""
        new = callables_of(self._project, found)
        if new is None or symbol.leaf == found.symbol.leaf:
            return
        stand_ins = [
            StandIn(
                symbol,
                old,
                new,
                canonical,
                concept,
                f"`{symbol}` is `{canonical}`, which is called differently from `{old.symbol}`",
                found.hops,
            )
            for old in self._called_so(symbol, found)
        ]
        if stand_ins and all(any(self.differences(one)) for one in stand_ins):
            yield stand_ins[0]

    def _called_so(self, symbol: SymbolPath, found: Resolution) -> Iterator[Callables]:
        project = self._project
        for path in project.mentioning([symbol.leaf]):
            facts = project.facts(path)
            other = SymbolPath(project.modules.name_of(path), symbol.leaf)
            if facts is None or other.module in (symbol.module, found.symbol.module):
                continue
            is_defined = any(
                binding.name == symbol.leaf and binding.kind in ("class", "def")
                for binding in facts.bindings
            )
            if is_defined and self._is_production(path):
                callables = callables_of(project, project.resolver.path(other))
                if callables is not None and callables.symbol.dotted == other.dotted:
                    yield callables

    def _second_names(self, path: str) -> Iterator[str]:
        """The names that a module gives to what has another name, as far as readers see them."""
        facts = self._project.facts(path)
        for binding in facts.bindings if facts is not None else ():
            if binding.kind == "alias":
                if binding.value.rpartition(".")[2] != binding.name:
                    yield binding.name
            elif binding.kind == "import" and facts is not None:
                statement = facts.imports[binding.ref]
                is_renamed = statement.name not in ("", "*", statement.bound)
                if is_renamed and self._project.shims.is_shim(path):
                    yield binding.name

    def _built_on(self, path: str, symbol: SymbolPath, definition: Definition) -> SymbolPath | None:
        """The canonical that a definition extends or uses, and that its warning names."""
        project = self._project
        said = set(_WORD.findall(definition.deprecation))
        for base in definition.bases:
            found = project.resolver.dotted(f"{symbol.module}.{base}").symbol
            if found in self._canonicals and found.leaf in said:
                return found
        for reference, _statement, resolution in project.references(path):
            if reference.scope.partition(".")[0] == definition.name:
                for hop in reversed(resolution.hops):
                    is_canonical = hop.symbol in self._canonicals and hop.symbol != symbol
                    if is_canonical and hop.symbol.leaf in said:
                        return hop.symbol
        return None

    def _passes_on(self, one: StandIn, name: str) -> bool:
        """Whether a plain function may return what the new definition's returns.

        A coroutine or a context manager goes through a plain function unchanged, unless the
        function runs an event loop for it.
        """
        end, project = one.old.symbol, self._project
        path = project.modules.path_of(end.module)
        signature = one.old.members[name].signature if name else one.old.own
        if path is None or signature is None or signature.returns != "value":
            return False
        scope = f"{end.name}.{name}" if name else end.name
        is_wrapper = False
        for reference, statement, resolution in project.references(path):
            if reference.scope == scope and statement.module.partition(".")[0] in _EVENT_LOOPS:
                return False
            uses_new = any(hop.symbol == one.new.symbol for hop in resolution.hops)
            is_wrapper |= uses_new and f"{reference.scope}.".startswith(f"{end.name}.")
        return is_wrapper

    def _is_production(self, path: str) -> bool:
        return self._project.category(path) is Category.PRODUCTION
