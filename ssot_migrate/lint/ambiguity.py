"""Tells names of modules that may stand for one thing or another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.index.facts import Context

if TYPE_CHECKING:
    from ssot_migrate.lint.project import Project
    from ssot_migrate.resolve.resolution import Hop

_UNUSUAL = int(Context.HANDLER | Context.TYPE_CHECKING)
_SOMETIMES = int(Context.CONDITIONAL)


def is_bound_otherwise(project: Project, hop: Hop) -> bool:
    """Whether a name on the way to a definition may be bound to something else at run time.

    The resolver takes the most usual of several bindings. What stands in an `except` for an import
    that failed, or is for type checkers only, is no other; what an `if` decides is.

    Args:
        project: The tree.
        hop: The name, and the file that binds it.
    """
    facts = project.facts(hop.path) if hop.path and hop.symbol.name else None
    if facts is None:
        return False
    meanings = set()
    for binding in project.resolver.bindings(hop.path, facts, hop.symbol.name.partition(".")[0]):
        if binding.context & _UNUSUAL:
            continue
        if binding.kind == "import":
            found = project.resolver.imported(hop.path, facts.imports[binding.ref])
            meanings.add(str(found.symbol))
        elif binding.kind in ("class", "def") or binding.context & _SOMETIMES:
            meanings.add(f"line {binding.line}" if binding.kind in ("class", "def") else "a value")
    return len(meanings) > 1
