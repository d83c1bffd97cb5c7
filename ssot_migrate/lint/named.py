"""Tells what names of modules stand for."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.lint.ambiguity import is_bound_otherwise
from ssot_migrate.lint.things import Thing, Things, outside, unknown
from ssot_migrate.resolve.resolution import Kind

if TYPE_CHECKING:
    from ssot_migrate.lint.values import Values
    from ssot_migrate.resolve.resolution import Resolution


class Named:
    """Follows names for `Values`.

    Args:
        values: Tells what the values are that names are assigned.
    """

    def __init__(self, values: Values) -> None:
        self._values = values
        self._project = values.project

    def own(self, path: str, name: str) -> Things:
        """What a name of the module at `path`, or a builtin, is."""
        return self._resolved(self._project.resolver.bound(path, name), name)

    def imported(self, path: str, number: int) -> Things:
        """What an import of a file fetches."""
        facts = self._project.facts(path)
        if facts is None:
            return unknown(f"{path} cannot be parsed")
        return self._resolved(self._project.resolver.reference(path, facts.imports[number], ""))

    def member(self, module: str, name: str) -> Things:
        """What a name of a module is."""
        return self._resolved(self._project.resolver.member(module, name))

    def defined(self, path: str, name: str, line: int = 0) -> Things:
        """What a file defines under a qualified name; see `Values.defined`."""
        facts = self._values.facts(path)
        if facts is None:
            return unknown(f"{path} cannot be parsed")
        home = self._project.modules.name_of(path)
        found = [
            Thing(kind, SymbolPath(home, one.name), path, one.line)
            for kind, several in (("class", facts.classes), ("function", facts.functions))
            for one in several
            if one.name == name
        ]
        here = [thing for thing in found if thing.line == line] or found
        if here:
            is_one = len(here) == 1 or all(thing.kind == "function" for thing in here)
            return (here[-1],) if is_one else unknown(f"`{name}` is defined more than once")
        return self._assigned(path, name) or unknown(f"it cannot be told what `{name}` is")

    def _resolved(self, found: Resolution, name: str = "") -> Things:
        end = found.end
        if found.kind is Kind.MODULE:
            return (Thing("module", found.symbol, end.path, text=found.symbol.module),)
        if found.kind is Kind.EXTERNAL:
            return (outside(found.symbol.dotted),)
        if found.kind is Kind.MISSING and len(found.hops) == 1 and hasattr(builtins, name):
            return (outside(f"builtins.{name}"),)
        if found.kind is not Kind.SYMBOL:
            return unknown(f"`{found.symbol}` cannot be found")
        for hop in found.hops:
            if is_bound_otherwise(self._project, hop):
                return unknown(f"`{hop.symbol}` is bound in more than one way")
        outer, *attributes = found.symbol.name.split(".")
        # A class that is assigned to its own name may have been replaced.
        assigned = () if end.how in ("class", "def") else self._assigned(end.path, outer)
        things = assigned or self.defined(end.path, outer, end.line)
        for attribute in attributes:
            things = self._values.attribute(things, attribute)
        return things

    def _assigned(self, path: str, name: str) -> Things:
        """What a file assigns to a name of its own; an empty tuple if that is nothing."""
        facts = self._values.facts(path)
        for value, number in facts.values if facts is not None else ():
            if value == name:
                return self._values.of(path, number)
        return ()
