"""Which names dotted strings stand for, and what the registry has for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.resolve.resolution import Kind

if TYPE_CHECKING:
    from ssot_migrate.lint.deprecations import Match
    from ssot_migrate.lint.project import Project


class Paths:
    """Divides dotted paths into module and name, and looks them up in the registry.

    Args:
        project: The project.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._gone = {
            home
            for entry in project.deprecations
            if not project.modules.exists(home := self._home(entry.path))
        }

    def symbol(self, text: str) -> SymbolPath:
        """The module, and the name in it, of a path with dots or with a colon.

        The module is the longest one that the tree has, or had before the registry replaced it.
        """
        module, colon, name = text.partition(":")
        if colon:
            return SymbolPath(module, name)
        head, rest = text, ""
        while not (self._project.modules.exists(head) or head in self._gone):
            head, dot, part = head.rpartition(".")
            rest = f"{part}.{rest}" if rest else part
            if not dot:
                return SymbolPath(text)
        return SymbolPath(head, rest)

    def match(self, symbol: SymbolPath, reader: str) -> Match | None:
        """What replaces a name, unless the module `reader` is part of what is replaced."""
        match = self._project.deprecations.match(symbol)
        if match is None:
            return None
        target, entry = match.canonical, match.replacement.path
        if target.dotted == symbol.dotted or _lies_under(
            symbol.dotted, target.module, entry.dotted
        ):
            return None
        if entry.name and symbol.is_module:
            return None  # a module that is called like a name of its package
        home = self._home(entry)
        if reader == home or (home == entry.dotted and reader.startswith(f"{home}.")):
            return None
        if symbol.name and not target.name:
            module, _, name = target.module.rpartition(".")
            match = msgspec.structs.replace(match, canonical=SymbolPath(module, name))
        return match

    def replaces_module(self, match: Match) -> bool:
        """Whether the whole module of the matched name is replaced, not a name in it."""
        entry = match.replacement.path
        home = self._home(entry)
        return home == entry.dotted and f"{match.found.module}.".startswith(f"{home}.")

    def _home(self, path: SymbolPath) -> str:
        """The module that a registry's path names, or that holds the name it names."""
        if path.name or self._project.modules.exists(path.module):
            return path.module
        parent, _, leaf = path.module.rpartition(".")
        if leaf[:1].isupper() or self._project.resolver.path(path).kind in _FOUND:
            return parent
        return path.module


_FOUND = (Kind.SYMBOL, Kind.UNKNOWN)


def _lies_under(found: str, new: str, old: str) -> bool:
    """Whether a name is where a path that moved below itself has gone: `foo` to `foo.core`."""
    return new.startswith(f"{old}.") and (found == new or found.startswith(f"{new}."))
