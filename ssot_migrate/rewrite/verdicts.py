"""What the registry and the tree say about replacing a name, whatever the code around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.finding import Fix
from ssot_migrate.domain.outcome import Cause, Left
from ssot_migrate.lint.readers import lack
from ssot_migrate.resolve.resolution import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssot_migrate.domain.symbol import SymbolPath
    from ssot_migrate.index.facts import Import, Reference
    from ssot_migrate.lint.deprecations import Match
    from ssot_migrate.lint.project import Project


class Verdicts:
    """Verdicts for one file.

    Args:
        project: The project.
        path: The file.
    """

    def __init__(self, project: Project, path: str) -> None:
        self._project = project
        self._module = project.modules.name_of(path)

    def match(self, symbol: SymbolPath) -> Match | None:
        """The entry that replaces a name, unless this file is part of what it replaces."""
        match = self._project.deprecations.match(symbol)
        if match is None or match.canonical.dotted == symbol.dotted:
            return None
        entry = match.replacement.path
        if entry.name and f"{symbol.module}.".startswith(f"{entry.dotted}."):
            return None  # a module that has the same path as a name of its package
        if _lies_under(symbol.dotted, match.canonical.module, entry.dotted):
            return None
        home = entry.dotted if entry.is_module else entry.module
        is_inside = self._module == home or (
            entry.is_module and self._module.startswith(f"{home}.")
        )
        return None if is_inside else match

    def cause(self, code: str, match: Match, target: SymbolPath) -> Cause:
        """Why a name is to be replaced, and how sure that is."""
        cause = _cause(code, match, target)
        note = self._doubt(match)
        if not note:
            return cause
        return msgspec.structs.replace(cause, fix=Fix.UNSAFE, note=note)

    def _doubt(self, match: Match) -> str:
        """Why a name of a module that moves as a whole may not be meant by the entry.

        The new module may happen to import something else under the same name.
        """
        entry, target = match.replacement.path, match.canonical
        if not entry.is_module or not target.name or match.replacement.target.name:
            return ""
        old = self._project.resolver.path(match.found)
        new = self._project.resolver.path(target)
        if old.kind is not Kind.SYMBOL or new.kind is not Kind.SYMBOL or old.symbol == new.symbol:
            return ""
        if f"{new.symbol.module}.".startswith(f"{target.module}."):
            return ""
        return f"`{target.module}` only imports `{target.name}`, from `{new.symbol.module}`"

    def obstacle(self, match: Match) -> str:
        """Why nothing is moved there, whatever the file looks like."""
        target = match.canonical
        if match.replacement.safety == Fix.MANUAL.value:
            return "the registry leaves it to a person"
        if target.module == self._module:
            return "the canonical is in this module, which would import itself"
        if self._project.resolver.path(target).kind is not Kind.MISSING:
            return ""
        if lacking := lack(self._project, match):
            return lacking
        return f"there is no `{target}`" if self._project.registry.check_targets else ""

    def other_names(self, old: str, new: str) -> str:
        """Why a star import of another module may bind other names."""
        modules, resolver = self._project.modules, self._project.resolver
        old_file, new_file = modules.path_of(old), modules.path_of(new)
        if old_file is None or new_file is None:
            return "which names a star import binds cannot be seen from here"
        lost = sorted(set(resolver.provided(old_file)) - set(resolver.provided(new_file)))
        return f"`{new}` does not provide {_listed(lost)}" if lost else ""


def _cause(code: str, match: Match, target: SymbolPath) -> Cause:
    return Cause(
        code=code,
        fix=Fix(match.replacement.safety),
        concept=match.replacement.concept,
        symbol=str(match.found),
        canonical=str(target),
    )


def left_at(place: Import | Reference, why: str, cause: Cause) -> Left:
    """A statement or a use that is left to a person."""
    cause = msgspec.structs.replace(cause, fix=Fix.MANUAL)
    return Left(line=place.line, column=place.column, why=why, cause=cause)


def _lies_under(found: str, new: str, old: str) -> bool:
    """Whether a name is where a path that moved below itself has gone: `foo` to `foo.core`."""
    return new.startswith(f"{old}.") and (found == new or found.startswith(f"{new}."))


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown
