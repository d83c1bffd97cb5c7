"""The nearest name to one that does not exist."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ssot_migrate.domain.symbol import SymbolPath
    from ssot_migrate.lint.project import Project


def nearest_name(project: Project, symbol: SymbolPath) -> str:
    """A half-sentence that proposes the nearest module or name, or nothing."""
    module_path = project.modules.path_of(symbol.module)
    if module_path is not None and symbol.name:
        known = [f"{symbol.module}:{name}" for name in project.resolver.provided(module_path)]
        wanted = str(symbol)
    else:
        known = [project.modules.name_of(path) for path in project.paths]
        wanted = symbol.module
        leaf = wanted.rpartition(".")[2]
        same_leaf = [name for name in known if name.rpartition(".")[2] == leaf]
        known = same_leaf or known
    near = difflib.get_close_matches(wanted, known, 1, 0.5)
    return f"; did you mean {near[0]!r}?" if near else ""


def nearest_class(project: Project, name: str) -> str:
    """A half-sentence that proposes the nearest names of classes, or nothing."""
    known = {
        one.name.rpartition(".")[2]
        for path in project.everything()
        if (facts := project.facts(path)) is not None
        for one in facts.definitions
        if one.kind == "class"
    }
    near = difflib.get_close_matches(name, sorted(known), 3, 0.6)
    return f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
