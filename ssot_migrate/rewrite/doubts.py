"""What in a tree speaks against a rename: overriding methods, and test doubles that spell it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.finding import Category
from ssot_migrate.lint.things import Evidence, Thing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ssot_migrate.config.model import Concept
    from ssot_migrate.index.call_facts import FunctionFact
    from ssot_migrate.lint.project import Project
    from ssot_migrate.lint.receivers import Receivers

_STAND_INS = ("store", "double")


class Override(msgspec.Struct, frozen=True):
    """A method of a class below a concept's that defines a renamed method anew.

    Args:
        holder: The class.
        column: Column of its `def`; `place` says the rest.
    """

    holder: Thing
    place: Evidence
    column: int


class Doubts:
    """Collects them from files.

    Args:
        project: The tree.
        receivers: Tells which classes belong to a concept.
    """

    def __init__(self, project: Project, receivers: Receivers) -> None:
        self._project = project
        self._receivers = receivers
        self._overrides: defaultdict[tuple[str, str], list[Override]] = defaultdict(list)
        self._stand_ins: defaultdict[tuple[str, str], list[Evidence]] = defaultdict(list)

    def collect(self, paths: Iterable[str], concept: Concept, methods: Iterable[str]) -> None:
        """Look for what speaks against renames of a concept's methods."""
        wanted = frozenset(methods)
        for path in paths:
            facts = self._receivers.values.facts(path)
            for function in facts.functions if facts is not None else ():
                holder, _, name = function.name.rpartition(".")
                if name in wanted and holder:
                    self._method(path, function, holder, name, concept)
            for use in facts.attributes if facts is not None else ():
                if use.name in wanted and use.kind in _STAND_INS:
                    things = self._receivers.values.of(path, use.receiver)
                    if any(thing.kind in ("mock", "unknown") for thing in things):
                        here = Evidence("double", path, use.line)
                        self._stand_ins[concept.name, use.name].append(here)

    def overrides(self, concept: Concept, method: str) -> tuple[Override, ...]:
        """The classes below the concept's that define the method anew."""
        return tuple(self._overrides[concept.name, method])

    def stand_in(self, concept: Concept, method: str) -> Evidence | None:
        """A test double that has the method under its old name."""
        return next(iter(self._stand_ins[concept.name, method]), None)

    def patched_in(self, concept: Concept, method: str, path: str) -> Evidence | None:
        """A test double with the old name, in a file that patches something in the file at `path`.

        There, not even a constructor shows what its receiver is.
        """
        prefix = f"{self._project.modules.name_of(path)}."
        for double in self._stand_ins[concept.name, method]:
            uses = self._project.index.uses(double.path)
            if uses is not None and any(one.value.startswith(prefix) for one in uses.strings):
                return double
        return None

    def _method(
        self, path: str, function: FunctionFact, holder: str, name: str, concept: Concept
    ) -> None:
        (thing,) = self._receivers.values.defined(path, holder)
        if thing.kind != "class":
            return
        here = Evidence("method", path, function.line)
        role = self._receivers.role(thing, concept)
        if role is None:
            if self._project.category(path) is Category.TEST:
                self._stand_ins[concept.name, name].append(here)
        elif role.holder.symbol != thing.symbol:
            self._overrides[concept.name, name].append(Override(thing, here, function.column))
