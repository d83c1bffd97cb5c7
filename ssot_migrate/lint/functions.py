"""Tells what the functions and members of the tree give to those who use them."""

from __future__ import annotations

from posixpath import dirname
from typing import TYPE_CHECKING

from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.lint.things import (
    CIRCLE,
    Evidence,
    Thing,
    Things,
    are,
    gives,
    joined,
    unknown,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.index.call_facts import FunctionFact
    from ssot_migrate.lint.values import Values

_PROPERTIES = {"property", "cached_property"}
_CONTEXTS = {"contextmanager": "enter", "asynccontextmanager": "aenter"}
_HARMLESS = {
    *_PROPERTIES,
    *_CONTEXTS,
    "abstractmethod",
    "cache",
    "classmethod",
    "deprecated",
    "final",
    "fixture",
    "lru_cache",
    "override",
    "staticmethod",
}
"""Decorators that give what the function gives."""
_SECONDARY = {"overload", "setter", "deleter"}


class Functions:
    """Reads functions for `Values`.

    Args:
        values: Tells what the values are that functions return.
    """

    def __init__(self, values: Values) -> None:
        self._values = values

    def result(self, thing: Thing) -> Things:
        """What a call of a function gives: before it is awaited, entered or iterated."""
        found = []
        for fact in self._facts(thing):
            given = self._given(thing, fact)
            leaves = _leaves(fact)
            how = next((_CONTEXTS[leaf] for leaf in leaves if leaf in _CONTEXTS), "")
            if not how:
                how = {"async def": "await", "def": ""}.get(fact.kind, "iter")
            found.append(gives(how, given) if how else given)
        return joined(*found) if found else unknown(f"`{thing.symbol.name}` cannot be read")

    def given(self, thing: Thing) -> Things:
        """What a framework takes out of a function that provides something."""
        found = [self._given(thing, fact) for fact in self._facts(thing)]
        return joined(*found) if found else unknown(f"`{thing.symbol.name}` cannot be read")

    def member(self, thing: Thing, name: str) -> Things:
        """What an attribute of a class or an instance is."""
        assigned: list[Things] = []
        for holder in self._values.descent.line(thing):
            fact = self._values.descent.fact(holder)
            if fact is None:
                continue
            own = Thing("function", holder.symbol.child(name), holder.path, of=(thing,))
            facts = tuple(self._facts(own))
            if facts and not assigned:
                if any(leaf in _PROPERTIES for one in facts for leaf in _leaves(one)):
                    return self.given(own) if thing.kind == "instance" else unknown("a property")
                return (own,)
            for attribute, number in fact.attributes:
                if attribute == name:
                    here = Evidence("assignment", holder.path, fact.line)
                    values = self._values.of(holder.path, number)
                    assigned.append(tuple(value.shown_by(here) for value in values))
        if assigned:
            found = joined(*assigned)
            # What a descriptor gives is for its `__get__` to say.
            if any(self._has_own(one, "__get__") for one in found):
                return unknown(f"`{thing.symbol.name}.{name}` is a descriptor")
            return found
        inner = self._values.defined(thing.path, thing.symbol.child(name).name)
        if inner[0].kind == "class":
            return inner
        if self._values.descent.is_open(thing):
            return unknown(f"`{name}` may come from a base of `{thing.symbol.name}`")
        return unknown(f"`{thing.symbol.name}` assigns no `{name}`")

    def made(self, thing: Thing) -> Things:
        """What a class with a `__new__` of its own makes; an empty tuple if it is as usual."""
        found = self.member(thing, "__new__")
        if not are(found, "function"):
            return ()
        given = joined(*map(self.given, found))
        if {one.symbol for one in given} == {thing.symbol}:
            return ()
        return given if are(given, "instance") else _unclear(thing)

    def passes_on(self, thing: Thing, name: str) -> bool:
        """Whether a class answers for attributes that it does not define, this one among them."""
        return self._has_own(thing, "__getattr__") and not self._has_own(thing, name)

    def _has_own(self, thing: Thing, name: str) -> bool:
        """Whether a class, or one of the tree above it, defines a method."""
        return thing.kind == "instance" and any(
            True
            for holder in self._values.descent.line(thing)
            for _fact in self._facts(Thing("function", holder.symbol.child(name), holder.path))
        )

    def fixture(self, path: str, name: str, inside: str) -> Things:
        """What pytest provides as `name` to a test in a file, or in a class of it."""
        for home, holder in self._homes(path, inside):
            facts = self._values.facts(home)
            for fact in facts.functions if facts is not None else ():
                around = fact.name.rpartition(".")[0]
                if fact.fixture == name and around == holder:
                    symbol = SymbolPath(self._values.project.modules.name_of(home), fact.name)
                    here = Evidence("fixture", home, fact.line)
                    bound: Things = ()
                    if holder:
                        bound = self._values.defined(home, holder)
                    thing = Thing("function", symbol, home, fact.line, of=bound)
                    return tuple(one.shown_by(here) for one in self._given(thing, fact))
        return unknown(f"`{name}` is a parameter without annotation, and no fixture in sight")

    def _homes(self, path: str, inside: str) -> Iterator[tuple[str, str]]:
        """The files, and classes in them, in which pytest looks for a fixture."""
        if inside:
            for one in self._values.descent.line(self._values.defined(path, inside)[0]):
                yield one.path, one.symbol.name
        yield path, ""
        folder = dirname(path)
        while True:
            conftest = f"{folder}/conftest.py" if folder else "conftest.py"
            if self._values.project.modules.has_file(conftest):
                yield conftest, ""
            if not folder:
                break
            folder = dirname(folder)

    def _facts(self, thing: Thing) -> Iterator[FunctionFact]:
        facts = self._values.facts(thing.path)
        for fact in facts.functions if facts is not None else ():
            if fact.name == thing.symbol.name and not _SECONDARY & set(_leaves(fact)):
                yield fact

    def _given(self, thing: Thing, fact: FunctionFact) -> Things:
        """What a function returns or yields, whatever is done with that then."""
        values = self._values
        strange = next((d for d in fact.decorators if not _is_harmless(d)), None)
        if strange is not None:
            return unknown(f"`{fact.name}` is decorated with `{strange}`")
        inferred = self._inferred(thing, fact)
        found = inferred
        if fact.annotation >= 0:
            annotated = self._own_type(thing, fact, fact.annotation)
            if "generator" in fact.kind:
                is_iterator = all(t.kind == "gives" and t.text == "iter" for t in annotated)
                annotated = joined(*(t.of for t in annotated)) if is_iterator else inferred
            found = values.agreed(annotated, inferred)
        here = Evidence("accessor", thing.path, fact.line)
        return tuple(one.shown_by(here) for one in found)

    def _inferred(self, thing: Thing, fact: FunctionFact) -> Things:
        if not fact.returned:
            return unknown(f"`{fact.name}` does not say what it returns")
        found = joined(*(self._own_type(thing, fact, number) for number in fact.returned))
        if found == CIRCLE:
            return CIRCLE
        if found[0].kind == "unknown":
            return unknown(f"`{fact.name}` does not say what it returns: {found[0].text}")
        return found

    def _own_type(self, thing: Thing, fact: FunctionFact, number: int) -> Things:
        """What an origin is; a method's own instance is what the method was called on."""
        facts = self._values.facts(thing.path)
        origin = facts.origins[number] if facts is not None else None
        if origin is not None and origin.kind == "self" and are(thing.of, "instance", "class"):
            bound = (
                one if one.kind == "instance" else one.instance("self", thing.path, fact.line)
                for one in thing.of
            )
            return tuple(bound) or self._values.of(thing.path, number)
        return self._values.of(thing.path, number)


def _unclear(thing: Thing) -> Things:
    return unknown(f"it cannot be told what `{thing.symbol.name}.__new__` makes")


def _leaves(fact: FunctionFact) -> tuple[str, ...]:
    return tuple(name.rpartition(".")[2] for name in fact.decorators)


def _is_harmless(decorator: str) -> bool:
    return decorator.rpartition(".")[2] in _HARMLESS or decorator.startswith("pytest.mark.")
