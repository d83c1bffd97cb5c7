"""Tells what a class of the tree is derived from."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ssot_migrate.domain.symbol import SymbolPath
    from ssot_migrate.index.call_facts import ClassFact
    from ssot_migrate.lint.things import Thing, Things
    from ssot_migrate.lint.values import Values

_EMPTY = {"abc.ABC", "builtins.object", "typing.Generic", "typing.Protocol"}
_PROTOCOLS = {"typing.Protocol", "typing_extensions.Protocol"}


class Descent:
    """Follows bases, across files.

    Args:
        values: Tells what the bases are.
    """

    def __init__(self, values: Values) -> None:
        self._values = values
        self._known: dict[tuple[SymbolPath, int], Things] = {}

    def fact(self, thing: Thing) -> ClassFact | None:
        """What is known of the class that a class or an instance is of."""
        facts = self._values.facts(thing.path)
        for one in facts.classes if facts is not None else ():
            if one.line == thing.line and one.name == thing.symbol.name:
                return one
        return None

    def bases(self, thing: Thing) -> Things:
        """The bases of a class, in order; unknown and outside ones included."""
        fact = self.fact(thing)
        return tuple(
            base
            for number in (fact.bases if fact is not None else ())
            for base in self._values.of(thing.path, number)
        )

    def line(self, thing: Thing) -> Things:
        """A class and those of the tree above it, nearest first."""
        key = (thing.symbol, thing.line)
        if key not in self._known:
            found: dict[SymbolPath, Thing] = {}
            pending = [thing]
            while pending:
                one = pending.pop(0)
                if one.kind in ("class", "instance") and one.symbol not in found:
                    found[one.symbol] = one
                    pending[:0] = self.bases(one)
            self._known[key] = tuple(found.values())
        return self._known[key]

    def is_open(self, thing: Thing) -> bool:
        """Whether a class has a base that cannot be read."""
        return any(
            base.kind != "class" and base.text not in _EMPTY
            for one in self.line(thing)
            for base in self.bases(one)
        )

    def is_protocol(self, thing: Thing) -> bool:
        """Whether a class only describes what others look like."""
        return any(base.text in _PROTOCOLS for base in self.bases(thing))
