"""Finds the places that use a definition, and says how they would fare with another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ssot_migrate.domain.comparison import CallSite
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.index.worker import CALLS, MODULE, USES
from ssot_migrate.lint.call_fit import Fit, fit
from ssot_migrate.lint.call_proof import CallProof
from ssot_migrate.lint.classes.members import is_private
from ssot_migrate.lint.classes.verdicts import is_called, verdict
from ssot_migrate.lint.things import what_is_missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.index.call_facts import AttributeUse, Call, CallFacts
    from ssot_migrate.index.facts import Reference
    from ssot_migrate.lint.classes.offers import Offer
    from ssot_migrate.lint.project import Project
    from ssot_migrate.lint.things import Thing, Things
    from ssot_migrate.resolve.resolution import Resolution

_UNCALLED = {"load": "it is not called here", "text": "it is named in a string"}


class _Use(NamedTuple):
    """What is used at a line, and what becomes of it."""

    line: int
    name: str
    verdict: str
    why: str = ""


class Sites:
    """Asks how users fare. Build one for a project, and keep it.

    Args:
        project: The tree.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._proof = CallProof(project)

    def of(self, old: Offer, new: Offer, changed: frozenset[str]) -> tuple[CallSite, ...]:
        """The places that use `old`, each with its verdict, sorted.

        Calls of the definition itself are all there. Of its members only those that are
        `changed` are looked for, as no other use can break.

        Args:
            old: What is used now.
            new: What would be used instead.
            changed: Members that `new` lacks, or that differ in it.
        """
        symbol = old.found.symbol
        targets = [symbol]
        if old.kind == "function" and "." in symbol.name:
            targets = [SymbolPath(symbol.module, symbol.name.rpartition(".")[0])]
        readers = self._project.readers(targets, uses=True)
        self._project.index.load(dict.fromkeys(readers, (CALLS, USES)))
        found: set[CallSite] = set()
        for path in readers:
            uses = self._of_module if old.kind == "module" else self._of_definition
            found.update(self._at(path, use) for use in uses(path, old, new, changed))
        if old.kind == "class" and changed:
            for path in self._spelling(symbol, changed):
                is_reader = path in readers
                members = self._of_members(path, old, new, changed, is_reader=is_reader)
                found.update(self._at(path, use) for use in members)
        return tuple(sorted(found))

    def _spelling(self, symbol: SymbolPath, names: frozenset[str]) -> tuple[str, ...]:
        """The files that may use members; private ones where the class's module is read."""
        public = {name for name in names if not is_private(name)}
        private = names - public
        found = set(self._project.mentioning(public))
        if private:
            near = self._project.readers([SymbolPath(symbol.module)])
            found.update(path for path in near if self._project.index.spelled(path, private))
        self._project.index.load(dict.fromkeys(found, (MODULE, CALLS)))
        return tuple(sorted(found))

    def _at(self, path: str, use: _Use) -> CallSite:
        return CallSite(
            path=path,
            line=use.line,
            name=use.name,
            verdict=use.verdict,
            why=use.why,
            category=self._project.category(path).value,
        )

    # The definition itself

    def _of_definition(
        self, path: str, old: Offer, new: Offer, changed: frozenset[str]
    ) -> Iterator[_Use]:
        symbol = old.found.symbol
        for reference, _statement, resolution in self._project.references(path):
            if self._is_own(path, reference.line, old):
                continue
            if resolution.symbol == symbol:
                yield from self._of_reference(path, reference, old, new)
            elif old.kind == "class":
                name = _name_behind(symbol, resolution.symbol)
                if name in changed and name in old.members:
                    call = self._proof.call_at(path, reference) if reference.call else None
                    yield self._of_member(call, reference.line, name, old, new)

    def _of_reference(
        self, path: str, reference: Reference, old: Offer, new: Offer
    ) -> Iterator[_Use]:
        name = old.found.symbol.leaf
        if old.kind == new.kind == "function" and "." not in old.found.symbol.name:
            found = self._proof.fit(path, reference, old.found.symbol, new.found.symbol)
            if reference.call or found.why:
                yield _use(reference.line, name, found)
            return
        call = self._proof.call_at(path, reference) if reference.call else None
        if call is None:
            return
        if new.kind == "module":
            yield _Use(reference.line, name, "breaks", "a module cannot be called")
        elif new.signature is None:
            why = f"how `{new.found.symbol.leaf}` is called cannot be read"
            yield _Use(reference.line, name, "unclear", why)
        else:
            yield _use(reference.line, name, fit(call, old.signature, new.signature))

    def _is_own(self, path: str, line: int, old: Offer) -> bool:
        """Whether a place lies in the definition, which goes with it."""
        if path != old.found.end.path:
            return False
        return old.found.end.line <= line <= old.end_line

    # Members

    def _of_members(
        self, path: str, old: Offer, new: Offer, changed: frozenset[str], *, is_reader: bool
    ) -> Iterator[_Use]:
        facts = self._proof.values.facts(path)
        if facts is None:
            return
        for call in facts.calls:
            if call.name in changed and call.receiver >= 0:
                yield from self._on_receiver(path, call, call, old, new, is_reader=is_reader)
        for one in facts.attributes:
            if one.name in changed and one.kind != "double":
                yield from self._on_receiver(path, one, None, old, new, is_reader=is_reader)

    def _on_receiver(
        self,
        path: str,
        use: Call | AttributeUse,
        call: Call | None,
        old: Offer,
        new: Offer,
        *,
        is_reader: bool,
    ) -> Iterator[_Use]:
        if self._is_own(path, use.line, old) or use.name not in old.members:
            return
        things = self._proof.values.of(path, use.receiver)
        missing = what_is_missing(things)
        if missing and is_reader:
            why = f"it cannot be told what `{use.shown}` is: {missing}"
            yield _Use(use.line, use.name, "unclear", why)
        elif not missing and any(self._is_of(thing, use.name, old) for thing in _meant(things)):
            found = self._of_member(call, use.line, use.name, old, new)
            if call is None and found.verdict == "breaks" and use.name in new.members:
                kind = getattr(use, "kind", "")
                is_method = is_called(old.members[use.name].member)
                if is_method and kind in _UNCALLED:
                    found = found._replace(why=f"{found.why}, and {_UNCALLED[kind]}")
            yield found

    def _is_of(self, thing: Thing, name: str, old: Offer) -> bool:
        """Whether an instance, or a class, takes a member from the definition."""
        for one in self._proof.values.descent.line(thing):
            if one.symbol == old.found.symbol:
                return True
            fact = self._proof.values.facts(one.path)
            if fact is not None and _defines(fact, one.symbol.name, name):
                return False
        return False

    def _of_member(self, call: Call | None, line: int, name: str, old: Offer, new: Offer) -> _Use:
        was, now = old.members[name].member, new.members.get(name)
        if now is None:
            lacks = f"`{new.found.symbol.leaf}` has no `{name}`"
            if new.is_open:
                return _Use(line, name, "unclear", f"{lacks} in this tree, but may inherit it")
            return _Use(line, name, "breaks", lacks)
        signature, other = was.signature, now.member.signature
        if call is not None and signature and other and is_called(was) and is_called(now.member):
            return _use(line, name, fit(call, signature, other))
        found = verdict(was, now.member)
        return _Use(line, name, "breaks" if found.word == "incompatible" else "fits", found.why)

    # Modules

    def _of_module(
        self, path: str, old: Offer, new: Offer, changed: frozenset[str]
    ) -> Iterator[_Use]:
        module = old.found.symbol.module
        if path == old.found.end.path:
            return
        for statement, resolution in self._project.imports(path):
            name = _taken_from(module, resolution)
            if name in changed and name not in new.members:
                lacks = f"`{new.found.symbol.module}` has no `{name}`"
                yield _Use(statement.line, name, "breaks", lacks)
        for reference, statement, resolution in self._project.references(path):
            name = _taken_from(module, resolution)
            if name not in changed or name not in old.members:
                continue
            if name not in new.members and statement.name == name:
                continue
            call = self._proof.call_at(path, reference) if reference.call else None
            is_whole = resolution.symbol.leaf == name
            if call is not None and is_whole:
                yield self._of_member(call, reference.line, name, old, new)
            elif name not in new.members:
                yield self._of_member(None, reference.line, name, old, new)


def _meant(things: Things) -> Iterator[Thing]:
    """The classes and instances; of a test double, what it stands for."""
    for thing in things:
        if thing.kind == "mock":
            yield from _meant(thing.of)
        elif thing.kind in ("class", "instance"):
            yield thing


def _defines(facts: CallFacts, holder: str, name: str) -> bool:
    whole = f"{holder}.{name}"
    return any(one.name == whole for one in facts.functions) or any(
        one.name == holder and name in dict(one.attributes) for one in facts.classes
    )


def _name_behind(symbol: SymbolPath, other: SymbolPath) -> str:
    """The attribute of a definition that another path names; empty if it is none."""
    rest = other.name.removeprefix(f"{symbol.name}.")
    is_inside = symbol.module == other.module and rest != other.name
    return rest.partition(".")[0] if is_inside else ""


def _taken_from(module: str, resolution: Resolution) -> str:
    """The name that a way takes out of a module; empty if it takes none."""
    for hop in resolution.hops:
        if hop.symbol.module == module and hop.symbol.name:
            return hop.symbol.name.partition(".")[0]
    return ""


def _use(line: int, name: str, found: Fit) -> _Use:
    if found.why:
        return _Use(line, name, "breaks", found.why)
    if found.awaits != "keep":
        verb = "be awaited" if found.awaits == "add" else "not be awaited"
        return _Use(line, name, "adapt", f"it must {verb}")
    return _Use(line, name, "fits")
