"""What becomes of strings that are no mock targets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import Fix
from ssot_migrate.lint.strings.kinds import StringKind
from ssot_migrate.lint.strings.verdicts import Verdict, listed, no_safer_than
from ssot_migrate.resolve.resolution import Kind

if TYPE_CHECKING:
    from ssot_migrate.domain.symbol import SymbolPath
    from ssot_migrate.index.facts import DottedString
    from ssot_migrate.lint.deprecations import Match
    from ssot_migrate.lint.project import Project

_KEPT = {
    StringKind.WIRE: "other processes or stored data may know this name",
    StringKind.DATA: "what reads it is not known, so it may be mere data",
}


def judge(project: Project, text: DottedString, kind: StringKind, match: Match) -> Verdict:
    """Say what becomes of a string that names what the registry replaces."""
    if kind in _KEPT:
        return Verdict(why=_KEPT[kind])
    if match.replacement.safety == Fix.MANUAL.value:
        return Verdict(why="the registry leaves it to a person")
    if text.form == "prefix":
        return Verdict(why=f"what follows `{text.value}.` is computed")
    if text.form == "relative":
        return Verdict(why=f"it is relative to {text.beside or 'a package that is computed'}")
    new = match.canonical
    if project.resolver.path(new).kind is Kind.MISSING:
        return Verdict(why=f"there is no `{new}`")
    if kind is StringKind.IMPORT:
        fix, why = _imported(project, text, match)
        if not fix:
            return Verdict(why=why)
    else:
        fix, why = Fix.UNSAFE, f"what reads it will look for `{new}`"
    after = respelled(text.value, match.canonical)
    return Verdict(after=after, fix=no_safer_than(fix, match.replacement.safety), why=why)


def respelled(value: str, new: SymbolPath) -> str:
    """A string's value with another path, in the way that it spells its own."""
    if "=" in value:
        return re.sub(r"[\w.]+:[\w.]+", str(new), value, count=1)
    if "\\" in value:
        return re.sub(r"\w+(?:\\\.\w+)+", new.dotted.replace(".", r"\\."), value, count=1)
    return str(new) if ":" in value else new.dotted


def _imported(project: Project, text: DottedString, match: Match) -> tuple[Fix | None, str]:
    """How sure it is that an import by name finds the same elsewhere, and why."""
    if text.callee.rpartition(".")[2] == "__import__":
        return None, "`__import__` returns the topmost package, so its uses would change"
    old, new = match.found, match.canonical
    if old.name:
        return Fix.SAFE, f"`{new}` is found in its place"
    lost = _lost(project, old, new)
    if lost:
        return Fix.UNSAFE, f"`{new}` has no {listed([f'`{name}`' for name in lost])}"
    return Fix.SAFE, f"`{new}` has all names of `{old}`"


def _lost(project: Project, old: SymbolPath, new: SymbolPath) -> list[str]:
    """The public names that a module has and its replacement has not."""
    before, after = (project.modules.path_of(one.module) for one in (old, new))
    if before is None or after is None:
        return []
    names = set(project.resolver.provided(before)) - set(project.resolver.provided(after))
    facts = project.facts(before)
    own = {binding.name for binding in facts.bindings if binding.kind != "import"} if facts else ()
    is_shim = project.shims.is_shim(before)
    return sorted(name for name in names if is_shim or name in own)
