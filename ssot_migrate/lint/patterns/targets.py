"""The symbols that patterns name, as the tree has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.resolve.resolution import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ssot_migrate.lint.project import Project
    from ssot_migrate.lint.things import Thing, Things
    from ssot_migrate.lint.values import Values


class Targets:
    """Compares things with the symbols that a registry names.

    Args:
        project: The tree.
        values: Tells what classes are derived from.
    """

    def __init__(self, project: Project, values: Values) -> None:
        self._project = project
        self._values = values
        self._known: dict[str, SymbolPath] = {}

    def symbol(self, text: str) -> SymbolPath:
        """Where a path of the registry leads in the end."""
        if text not in self._known:
            path = SymbolPath.parse(text)
            found = self._project.resolver.path(path)
            self._known[text] = found.symbol if found.kind is Kind.SYMBOL else path
        return self._known[text]

    def holder(self, thing: Thing, paths: Iterable[str]) -> Thing | None:
        """The class of a thing, or the nearest one above it, that is one of these."""
        symbols = {self.symbol(text) for text in paths}
        if thing.kind in ("class", "instance"):
            line = self._values.descent.line(thing)
            return next((one for one in line if one.symbol in symbols), None)
        is_outside = thing.kind in ("foreign", "outside")
        return thing if is_outside and thing.text in {s.dotted for s in symbols} else None

    def line(self, thing: Thing) -> Things:
        """A class and those of the tree above it, nearest first."""
        return self._values.descent.line(thing)

    def has_own(self, thing: Thing, method: str) -> bool:
        """Whether the body of a class defines a method."""
        facts = self._values.facts(thing.path)
        name = thing.symbol.child(method).name
        return facts is not None and any(one.name == name for one in facts.functions)

    def is_one_of(self, thing: Thing, paths: Iterable[str]) -> bool:
        """Whether a class, a function or something outside the tree is one of these itself."""
        symbols = {self.symbol(text) for text in paths}
        if thing.kind in ("class", "function"):
            return thing.symbol in symbols
        return thing.kind == "outside" and thing.text in {s.dotted for s in symbols}

    def is_base_of(self, thing: Thing, paths: Iterable[str]) -> bool:
        """Whether a value that is known as `thing` may be one of these, which are below it."""
        if thing.kind != "instance" or thing.is_exact:
            return False
        if self._values.descent.is_protocol(thing):
            return True
        for text in paths:
            symbol = self.symbol(text)
            home = self._project.modules.path_of(symbol.module)
            (found, *_) = self._values.defined(home, symbol.name) if home else (thing,)
            if thing.symbol in {one.symbol for one in self._values.descent.line(found)[1:]}:
                return True
        return False
