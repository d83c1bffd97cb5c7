"""What becomes of mock targets when the code under test reads from elsewhere.

A patch takes effect where a name is looked up while it lasts. So a target moves if every look-up
of the old name becomes one of the new name; it is told as inert if there was none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.finding import Fix
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.index.facts import Context
from ssot_migrate.lint.strings.lookups import Copy, Lookup, Lookups
from ssot_migrate.lint.strings.targets import Target, What
from ssot_migrate.lint.strings.verdicts import (
    DEPRECATED,
    INERT,
    Verdict,
    listed,
    no_safer_than,
)
from ssot_migrate.resolve.resolution import Kind, Resolution

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssot_migrate.lint.deprecations import Match
    from ssot_migrate.lint.project import Project
    from ssot_migrate.lint.strings.paths import Paths

_FUNCTION = int(Context.FUNCTION)
_STATIC = (Kind.SYMBOL, Kind.EXTERNAL)


class _Readers(msgspec.Struct, frozen=True):
    """Who looks a name up, by what the migration does to them."""

    moving: tuple[Lookup, ...]
    staying: tuple[Lookup, ...]
    vague: tuple[Lookup, ...]


class Patches:
    """Judges mock targets.

    Args:
        project: The project.
        paths: Divides dotted paths.
        lookups: Knows the readers of the modules in question.
    """

    def __init__(self, project: Project, paths: Paths, lookups: Lookups) -> None:
        self._project = project
        self._paths = paths
        self._lookups = lookups

    def judge(self, path: str, target: Target, match: Match) -> Verdict:
        """Say what becomes of a target in the file at `path` that the registry replaces."""
        safety = match.replacement.safety
        if safety == Fix.MANUAL.value:
            return Verdict(why="the registry leaves it to a person")
        if target.what is What.MODULE:
            new = match.canonical.module
            return Verdict(why=f"it stands in for a module that is to be imported as `{new}`")
        if target.is_aliased:
            return Verdict(why=f"it reaches `{target.name.module}` through another module's name")
        if target.what is What.NAME:
            verdict = self._name(path, target.name, match)
        else:
            verdict = self._object(target, match)
        if not verdict.after:
            return verdict
        return msgspec.structs.replace(verdict, fix=no_safer_than(verdict.fix, safety))

    # Attributes of classes and contents of dicts: patched wherever they are reached from

    def _object(self, target: Target, match: Match) -> Verdict:
        old, new, attribute = target.name, match.canonical, ""
        if target.what is What.ATTRIBUTE:
            old, new = _parent(old), _parent(new)
            attribute = match.canonical.name.rpartition(".")[2]
        before, after = self._project.resolver.path(old), self._project.resolver.path(new)
        if after.kind is Kind.MISSING:
            return Verdict(why=f"there is no `{new}`", code=INERT)
        to = match.canonical.dotted
        if before.kind is after.kind in _STATIC and before.symbol == after.symbol:
            return Verdict(after=to, fix=Fix.SAFE, why=f"both names stand for `{after.symbol}`")
        has = self._has(after, attribute) if attribute else None
        if has is False:
            return Verdict(why=f"`{after.symbol}` has no `{attribute}`", code=INERT)
        is_gone = before.kind is Kind.MISSING
        if is_gone and (has or not attribute):
            return Verdict(after=to, fix=Fix.SAFE, why=f"`{old}` is gone, and `{new}` replaces it")
        why = f"`{old}` is gone" if is_gone else f"`{after.symbol}` is another definition"
        return Verdict(after=to, fix=Fix.UNSAFE, why=why)

    def _has(self, owner: Resolution, attribute: str) -> bool | None:
        """Whether a class has an attribute; None where that cannot be seen."""
        if owner.kind is not Kind.SYMBOL or "." in owner.symbol.name or not owner.end.path:
            return None
        shapes = self._project.index.shapes(owner.end.path)
        for shape in shapes.shapes if shapes is not None else ():
            if shape.name == owner.symbol.name and shape.kind == "class":
                if any(member.name == attribute for member in shape.members):
                    return True
                is_plain = not (shape.bases or shape.decorators or attribute.startswith("__"))
                return False if is_plain else None
        return None

    # Names of modules: patched where they are looked up

    def _name(self, path: str, old: SymbolPath, match: Match) -> Verdict:
        new = name_of(match.canonical)
        if not new.name:
            return Verdict(why=f"`{match.canonical}` is no name that can be patched")
        is_gone = not self._project.modules.exists(old.module)
        if self._project.resolver.path(new).kind is Kind.MISSING:
            code = INERT if is_gone else DEPRECATED
            return Verdict(why=f"`{new.module}` has no `{new.name}`", code=code)
        if "." in new.name:
            why = f"`{new}` is an attribute, which all see who read it"
            return Verdict(after=new.dotted, fix=Fix.UNSAFE, why=why)
        readers = self._readers(path, old, match)
        after = [
            one
            for one in self._lookups.of(new, path)
            if (one.path, one.line) not in {(r.path, r.line) for r in readers.moving}
        ]
        is_whole = self._paths.replaces_module(match)
        if readers.staying and not is_whole:
            return _kept(old, readers)
        lost = [one for one in readers.vague if one.how != "string"]
        if readers.moving and lost:
            why = f"{listed(readers.moving)} will move, but how {listed(lost)} reads it is not sure"
            return Verdict(why=why)
        if not readers.moving and (readers.vague or not (after and (is_gone or readers.staying))):
            return self._unread(path, old, new, readers, after)
        return _repointed(old, new, readers, after, is_gone=is_gone)

    def _readers(self, path: str, old: SymbolPath, match: Match) -> _Readers:
        moving, staying, vague = [], [], []
        is_whole = self._paths.replaces_module(match)
        for one in self._lookups.of(old, path):
            inside = self._paths.match(old, self._project.modules.name_of(one.path)) is None
            if one.how == "own" or inside:
                staying.append(one)
            elif one.how in ("string", "dynamic", "lazy") or (
                not is_whole and (one.through or one.how in ("getattr", "whole"))
            ):
                vague.append(one)
            else:
                moving.append(one)
        return _Readers(tuple(moving), tuple(staying), tuple(vague))

    def _unread(
        self,
        path: str,
        old: SymbolPath,
        new: SymbolPath,
        readers: _Readers,
        after: Sequence[Lookup],
    ) -> Verdict:
        """Nobody is known to look the name up where it is patched."""
        if readers.vague:
            told = listed(readers.vague)
            return Verdict(why=f"how `{old}` is read in {told} cannot be followed")
        if readers.staying:
            own = listed(readers.staying)
            return Verdict(why=f"{own} reads it, but nothing does in `{new.module}`")
        copies = self._lookups.copies(old, path)
        late = imported_late(self._project, path, copies)
        if late:
            why = f"{late[0].path}:{late[0].line} copies `{old}` when it is first imported"
            return Verdict(why=f"{why}, which may be under this patch")
        elsewhere = new if after else None
        return Verdict(why=why_inert(old, copies, self._lookups, elsewhere), code=INERT)


def name_of(symbol: SymbolPath) -> SymbolPath:
    """A name; of a module, what its package binds."""
    if symbol.name:
        return symbol
    package, _, name = symbol.module.rpartition(".")
    return SymbolPath(package, name) if package else symbol


def imported_late(project: Project, path: str, copies: Sequence[Copy]) -> tuple[Copy, ...]:
    """The copies in modules that functions of the file at `path` import, maybe as the first."""
    holders: dict[str, Copy] = {copy.path: copy for copy in copies}
    facts = project.facts(path)
    found = []
    for statement in facts.imports if facts is not None and holders else ():
        if statement.context & _FUNCTION:
            named = project.resolver.named(path, statement)
            for module in (named.module, named.dotted) if named is not None else ():
                copy = holders.get(project.modules.path_of(module) or "")
                if copy is not None:
                    found.append(copy)
    return tuple(found)


def why_inert(
    old: SymbolPath, copies: Sequence[Copy], lookups: Lookups, elsewhere: SymbolPath | None
) -> str:
    """Why a patch of a name changes nothing, and what to patch instead."""
    why = f"nothing looks `{old.name}` up in `{old.module}` when it runs"
    read = [copy for copy in copies if lookups.reads(copy)]
    if read:
        places = listed([f"{copy.path}:{copy.line}" for copy in read])
        names = listed([f"`{copy.name.dotted}`" for copy in read], " or ")
        return f"{why}: {places} copied it; patch {names}"
    if elsewhere is not None:
        return f"{why}; `{elsewhere.module}` reads its own: patch `{elsewhere.dotted}`"
    return why


def _kept(old: SymbolPath, readers: _Readers) -> Verdict:
    own = listed(readers.staying)
    if not (readers.moving or readers.vague):
        return Verdict(why=f"it is right as long as {own} reads `{old.name}` there")
    others = listed([*readers.moving, *readers.vague])
    return Verdict(why=f"{own} goes on to read `{old}`, but {others} moves")


def _repointed(
    old: SymbolPath,
    new: SymbolPath,
    readers: _Readers,
    after: Sequence[Lookup],
    *,
    is_gone: bool,
) -> Verdict:
    doubts = []
    if readers.staying:
        doubts.append(f"`{new.module}` reads it in place of {listed(readers.staying)}")
    if readers.vague:
        doubts.append(f"{listed(readers.vague)} may read it as well")
    if after and not is_gone:
        doubts.append(f"{listed(after)} will see it too")
    moving = listed(readers.moving)
    why = f"{moving} will look it up in `{new.module}`" if moving else f"`{old.module}` is gone"
    return Verdict(
        after=new.dotted,
        fix=Fix.UNSAFE if doubts else Fix.SAFE,
        why="; ".join((why, *doubts)),
        readers=readers.moving,
    )


def _parent(symbol: SymbolPath) -> SymbolPath:
    return SymbolPath(symbol.module, symbol.name.rpartition(".")[0])
