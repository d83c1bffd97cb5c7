"""Finds who calls a function of the tree, as far as bindings and proven receivers show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.index.worker import CALLS
from ssot_migrate.lint.values import Values

if TYPE_CHECKING:
    from ssot_migrate.lint.project import Project


def callers_of(project: Project, path: str, name: str) -> tuple[str, ...]:
    """The places of the calls of a function, as `path:line`, in order.

    Args:
        project: The tree.
        path: The file that defines it.
        name: Its qualified name there.
    """
    values = project.once(Values)
    symbol = SymbolPath(project.modules.name_of(path), name)
    files = project.mentioning({symbol.leaf})
    project.index.load(dict.fromkeys(files, (CALLS,)))
    found = []
    for file in files:
        facts = values.facts(file)
        for call in facts.calls if facts is not None else ():
            if call.name == symbol.leaf or call.receiver < 0:
                things = values.of(file, call.callee)
                if any(one.kind == "function" and one.symbol == symbol for one in things):
                    found.append(f"{file}:{call.line}")
    return tuple(found)
