"""Proves of which class the receiver of a call is, and what the registry has for that class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.config.replacements import Replacement
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.lint.things import Evidence, Thing, Things, what_is_missing
from ssot_migrate.lint.values import Values
from ssot_migrate.resolve.resolution import Kind

if TYPE_CHECKING:
    from ssot_migrate.config.model import Concept
    from ssot_migrate.lint.project import Project
    from ssot_migrate.resolve.resolution import Resolution


class Proof(msgspec.Struct, frozen=True):
    """What a receiver is.

    Args:
        things: One of these it is; empty where that cannot be told.
        why: What is missing, as a sentence; empty where nothing is.
    """

    things: Things = ()
    why: str = ""

    @property
    def chain(self) -> tuple[str, ...]:
        """The places that prove it, as `path:line`."""
        return tuple(dict.fromkeys(str(one) for thing in self.things for one in thing.evidence))


class Role(msgspec.Struct, frozen=True):
    """What a class is to a concept.

    Args:
        holder: The class itself, or the one above it, that the registry names.
        entry: What the registry says of it; None of the canonical.
        overriding: The class nearest to the receiver's, below the holder, that defines the method
            in question itself.
    """

    holder: Thing
    entry: Replacement | None = None
    overriding: Thing | None = None


class Receivers:
    """Answers what the receivers of a project are.

    Args:
        project: The tree.
        values: Tells what values are; shared where there is one already.
    """

    def __init__(self, project: Project, values: Values | None = None) -> None:
        self._project = project
        self.values = values or Values(project)
        self._canonicals: dict[str, Resolution] = {}

    def proof(self, path: str, number: int) -> Proof:
        """Prove what the value with an origin in a file is.

        Args:
            path: The file.
            number: The origin, as its `CallFacts` count them.
        """
        things = self.values.of(path, number)
        why = what_is_missing(things)
        return Proof(why=why) if why else Proof(things)

    def canonical(self, concept: Concept) -> Resolution:
        """The definition that a concept has for everybody."""
        if concept.name not in self._canonicals:
            path = SymbolPath.parse(concept.canonical)
            self._canonicals[concept.name] = self._project.resolver.path(path)
        return self._canonicals[concept.name]

    def role(self, thing: Thing, concept: Concept, method: str = "") -> Role | None:
        """What a class, or the class of an instance, is to a concept; None if it is nothing.

        Args:
            thing: The class or the instance; of a test double, what it stands for counts.
            concept: The concept.
            method: The method that is asked for.
        """
        if thing.kind == "mock" and thing.of:
            return self.role(thing.of[0], concept, method)
        if thing.kind not in ("class", "instance"):
            return None
        overriding: Thing | None = None
        for one in self.values.descent.line(thing):
            found = self._entry(one.symbol, concept)
            if found is not None:
                return Role(one, found[0], overriding)
            if overriding is None and method and self.own_method(one, method) is not None:
                overriding = one
        return None

    def _entry(self, symbol: SymbolPath, concept: Concept) -> tuple[Replacement | None] | None:
        """What the registry says of a class that belongs to a concept."""
        canonical = self.canonical(concept)
        if canonical.kind is Kind.SYMBOL and symbol == canonical.symbol:
            return (None,)
        match = self._project.deprecations.match(symbol)
        if match is None:
            return None
        target = self._project.resolver.path(match.canonical)
        return (match.replacement,) if target.symbol == canonical.symbol else None

    def own_method(self, thing: Thing, method: str) -> Evidence | None:
        """Where the body of a class defines a method."""
        facts = self.values.facts(thing.path)
        name = thing.symbol.child(method).name
        for one in facts.functions if facts is not None else ():
            if one.name == name:
                return Evidence("method", thing.path, one.line)
        return None
