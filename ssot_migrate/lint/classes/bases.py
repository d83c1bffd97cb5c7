"""Finds the classes that the bases in a class statement name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.lint.classes.ancestry import Ancestor, ClassRef
from ssot_migrate.lint.classes.outside import GENERIC, is_builtin, outside
from ssot_migrate.resolve.binding_order import in_order
from ssot_migrate.resolve.resolution import Hop, Kind, Resolution

if TYPE_CHECKING:
    from collections.abc import Callable

    from ssot_migrate.index.facts import ModuleFacts
    from ssot_migrate.index.interface_facts import BaseFact, ClassInterface
    from ssot_migrate.lint.project import Project


class Bases:
    """Resolves bases as Python does when it runs the class statement.

    Args:
        project: The tree.
        find: Gives the class of a qualified name in a file, nearest to a line; None if there is
            none, in the class around it or in those above that.
    """

    def __init__(self, project: Project, find: Callable[[str, str, int], ClassRef | None]) -> None:
        self._project = project
        self._find = find

    def of(self, path: str, fact: ClassInterface) -> tuple[Ancestor, ...]:
        """The bases of a class, in order."""
        return tuple(
            Ancestor(base.text, self._base(path, fact, base), base.is_subscripted)
            for base in fact.bases
        )

    def _base(self, path: str, fact: ClassInterface, base: BaseFact) -> ClassRef:
        if base.is_implied:
            return GENERIC
        facts = self._project.facts(path)
        if not base.name or facts is None:
            return ClassRef(base.text, is_computed=True)
        head, _, rest = base.name.partition(".")
        return self._in_scopes(path, fact, facts, head, rest) or self._of(
            self._global(path, fact, facts, head, rest), base
        )

    def _in_scopes(
        self, path: str, fact: ClassInterface, facts: ModuleFacts, head: str, rest: str
    ) -> ClassRef | None:
        """What the classes and functions around the class call so."""
        for scope in fact.scopes:
            name = f"{scope}.{head}"
            near = self._find(path, name, fact.line)
            if near is not None and near.line < fact.line and near.name.endswith(f":{name}"):
                return self._find(path, f"{name}.{rest}", near.line) if rest else near
            for statement in facts.imports:
                if statement.scope == scope and statement.bound == head:
                    found = self._project.resolver.reference(path, statement, rest)
                    return self._class_at(found)
        return None

    def _global(
        self, path: str, fact: ClassInterface, facts: ModuleFacts, head: str, rest: str
    ) -> Resolution:
        """What the module calls so when the class statement runs."""
        resolver = self._project.resolver
        found = resolver.bound(path, head)
        first = found.hops[0]
        if not fact.is_local and first.path == path and first.line >= fact.line:
            above = [b for b in facts.bindings if b.name == head and b.line < fact.line]
            for binding in in_order(above):
                if binding.kind == "import":
                    return resolver.reference(path, facts.imports[binding.ref], rest)
                symbol = SymbolPath(self._project.modules.name_of(path), head)
                hop = Hop(symbol, path, binding.line, binding.kind)
                found = Resolution(Kind.SYMBOL, (hop,))
                break
        return self._behind(found, rest) if rest else found

    def _behind(self, found: Resolution, rest: str) -> Resolution:
        symbol, resolver = found.symbol, self._project.resolver
        if found.kind is Kind.MODULE:
            return resolver.path(SymbolPath(symbol.module, rest))
        if found.kind is Kind.EXTERNAL:
            return Resolution(found.kind, (Hop(SymbolPath(f"{symbol.dotted}.{rest}")),))
        end = found.end
        return Resolution(found.kind, (Hop(symbol.child(rest), end.path, end.line, end.how),))

    def _of(self, found: Resolution, base: BaseFact) -> ClassRef:
        if found.kind is Kind.MISSING and "." not in base.name and is_builtin(base.name):
            return outside(f"builtins.{base.name}")
        return self._class_at(found) or ClassRef(base.text, is_computed=True)

    def _class_at(self, found: Resolution) -> ClassRef | None:
        """The class at the end of a way; None if there is none."""
        if found.kind is Kind.EXTERNAL:
            return outside(found.symbol.dotted)
        if found.kind is not Kind.SYMBOL or not found.end.path:
            return None
        return self._find(found.end.path, found.symbol.name, found.end.line)
