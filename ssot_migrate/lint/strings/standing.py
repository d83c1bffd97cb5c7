"""Whether what dotted strings name is there."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

from ssot_migrate.domain.strings import Standing
from ssot_migrate.lint.strings.kinds import StringKind
from ssot_migrate.resolve.resolution import Kind

if TYPE_CHECKING:
    from ssot_migrate.index.facts import DottedString
    from ssot_migrate.lint.project import Project
    from ssot_migrate.resolve.resolution import Resolution

JUDGED = (StringKind.MOCK, StringKind.IMPORT, StringKind.ENTRY_POINT, StringKind.SETTING)
"""What is for nothing but to be looked up; names of loggers and tasks, and data, are free."""

_STANDINGS = {
    Kind.MODULE: Standing.FOUND,
    Kind.SYMBOL: Standing.FOUND,
    Kind.EXTERNAL: Standing.EXTERNAL,
    Kind.MISSING: Standing.NOTHING,
    Kind.UNKNOWN: Standing.UNKNOWN,
}
_ASKING = {"find_spec", "find_loader", "importorskip", "setitem", "delitem"}
"""Calls that ask whether a module is there, or put one there."""
_FORGIVING = {"create", "raising"}


def standing_of(
    project: Project, text: DottedString, kind: StringKind, dotted: str
) -> tuple[Standing, Resolution | None]:
    """What there is behind a string, and where it leads.

    Args:
        project: The project.
        text: The string.
        kind: What it is for.
        dotted: The path that it spells, with dots alone; empty where that is not known.
    """
    if not dotted:
        return Standing.UNKNOWN, None
    found = project.resolver.dotted(dotted)
    standing = _STANDINGS[found.kind]
    if standing is Standing.NOTHING and not _must_exist(project, text, kind, dotted):
        standing = Standing.UNKNOWN
    return standing, found


def _must_exist(project: Project, text: DottedString, kind: StringKind, dotted: str) -> bool:
    if kind not in JUDGED or text.callee.rpartition(".")[2] in _ASKING:
        return False
    if kind is not StringKind.MOCK:
        return True
    owner, _, name = dotted.rpartition(".")
    # `patch` gives a module a name of `builtins` for the time of the test.
    is_lent = hasattr(builtins, name) and project.modules.exists(owner)
    return not is_lent and text.form != "key" and _FORGIVING.isdisjoint(text.keywords)
