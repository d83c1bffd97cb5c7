"""Star imports: what they bind, and whether that can be told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.index.facts import Context
from ssot_migrate.resolve.binding_order import stars_in_order
from ssot_migrate.resolve.resolution import Hop, Kind, Resolution

if TYPE_CHECKING:
    from collections.abc import Callable

    from ssot_migrate.index.facts import Import, ModuleFacts
    from ssot_migrate.resolve.modules import ModuleMap

_TYPE_CHECKING = int(Context.TYPE_CHECKING)


class Stars:
    """Follows star imports.

    Args:
        modules: The tree's modules.
        facts: Gives a file's facts by path.
        look_up: Says what a file's module binds to a name: path, module, name.
    """

    def __init__(
        self,
        modules: ModuleMap,
        facts: Callable[[str], ModuleFacts | None],
        look_up: Callable[[str, str, str], Resolution],
    ) -> None:
        self._modules = modules
        self._facts = facts
        self._look_up = look_up
        self._known: dict[str, list[Import]] = {}

    def of(self, path: str, facts: ModuleFacts) -> list[Import]:
        """The star imports of a file, the one whose names count most first."""
        if path not in self._known:
            self._known[path] = stars_in_order(facts)
        return self._known[path]

    def provided(self, path: str) -> set[str]:
        """The names that a star import of the file at `path` binds."""
        return self._provided(path, set())

    def _provided(self, path: str, seen: set[str]) -> set[str]:
        facts = self._facts(path)
        if facts is None or path in seen:
            return set()
        if facts.exports is not None and not facts.exports_open:
            return set(facts.exports)
        seen.add(path)
        names = {
            binding.name
            for binding in facts.bindings
            if binding.kind != "delete" and not binding.context & _TYPE_CHECKING
        } - {"*"}
        for star in self.of(path, facts):
            source = self._source(path, star)
            if source is not None:
                names |= self._provided(source, seen)
        return {name for name in names if not name.startswith("_")}.union(facts.exports or ())

    def _source(self, path: str, star: Import) -> str | None:
        """The file that a star import opens."""
        module = self._modules.absolute(path, star.level, star.module)
        return None if module is None else self._modules.path_of(module)

    def take(self, path: str, module: str, star: Import, name: str) -> Resolution | None:
        """What a star import binds to `name`; None where it does not bind it."""
        source = self._modules.absolute(path, star.level, star.module)
        source_path = self._source(path, star)
        if source is None or source_path is None or source_path == path:
            return None
        facts = self._facts(source_path)
        if facts is None:
            return None
        if facts.exports is None or facts.exports_open:
            if name.startswith("_") and name not in (facts.exports or ()):
                return None
        elif name not in facts.exports:
            return None
        found = self._look_up(source_path, source, name)
        if found.kind in (Kind.MISSING, Kind.UNKNOWN):
            return None
        return found.after(Hop(SymbolPath(module, name), path, star.line, "star"))

    def may_bind(self, path: str, facts: ModuleFacts, name: str) -> bool:
        """Whether the star imports of a file may bind a name in a way that cannot be told."""
        return self._may_bind(path, facts, name, set())

    def _may_bind(self, path: str, facts: ModuleFacts, name: str, seen: set[str]) -> bool:
        seen.add(path)
        for star in self.of(path, facts):
            source = self._source(path, star)
            if source in seen:
                continue
            source_facts = self._facts(source) if source is not None else None
            # A stub without a source is about a compiled module, and need not tell everything.
            if source is None or source_facts is None or source.endswith(".pyi"):
                return True
            if source_facts.open or source_facts.has_getattr or source_facts.exports_open:
                return True
            if source_facts.exports is None:
                if self._may_bind(source, source_facts, name, seen):
                    return True
            elif name in source_facts.exports:
                found = self._look_up(source, self._modules.name_of(source), name)
                if found.kind is Kind.UNKNOWN:
                    return True
        return False
