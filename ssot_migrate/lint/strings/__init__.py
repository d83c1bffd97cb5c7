"""Strings that name what the registry replaces: what they are for, and what becomes of them."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.finding import FileError, Fix
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.index.facts import DottedString, NamedAttribute
from ssot_migrate.index.needles import Needle
from ssot_migrate.index.worker import MODULE, USES
from ssot_migrate.lint.deprecations import Match
from ssot_migrate.lint.strings.kinds import Kinds, StringKind
from ssot_migrate.lint.strings.lookups import Lookups
from ssot_migrate.lint.strings.others import judge, respelled
from ssot_migrate.lint.strings.patches import Patches, name_of
from ssot_migrate.lint.strings.paths import Paths
from ssot_migrate.lint.strings.spelled import spelled
from ssot_migrate.lint.strings.targets import Target, Targets, What
from ssot_migrate.lint.strings.verdicts import Verdict, no_safer_than
from ssot_migrate.resolve.resolution import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssot_migrate.lint.project import Project

__all__ = ["StringKind", "StringUse", "Verdict", "string_uses"]

_IMPORTERS = ("import_module", "find_spec", "importorskip", "resolve_name", "import_string")
_MOCKING = ("object", "setattr", "delattr", "spy", "stub")


class StringUse(msgspec.Struct, frozen=True):
    """A string that names what the registry replaces.

    Args:
        path: The file.
        text: The literal; of a `NamedAttribute`, it names an attribute of what stands beside it.
        kind: What it is for.
        match: What the registry has for it.
        verdict: What is to become of it.
    """

    path: str
    text: DottedString | NamedAttribute
    kind: StringKind
    match: Match
    verdict: Verdict


_HEAD = re.compile(rb"(\w+)\.[\"'{%]")
_TAIL = re.compile(rb"[\"']\.+(\w+)")


class _Patch(msgspec.Struct, frozen=True):
    """A mock target that waits for the readers of its names to be known."""

    path: str
    text: DottedString
    parts: tuple[tuple[Target, Match | None], ...]


def string_uses(project: Project) -> Iterator[StringUse]:
    """The strings that name deprecated paths, file by file; mock targets last."""
    if not project.deprecations:
        return
    finder = _Finder(project)
    patches: list[_Patch] = []
    for path in finder.files():
        for found in finder.strings(path):
            if isinstance(found, _Patch):
                patches.append(found)
            else:
                yield found
    patching = {patch.path for patch in patches}
    lookups = Lookups(project, finder.kinds, _names(patches), patching)
    judges = Patches(project, finder.paths, lookups)
    for patch in patches:
        match = next(match for _, match in patch.parts if match is not None)
        verdict = _judged(judges, patch)
        yield StringUse(patch.path, patch.text, StringKind.MOCK, match, verdict)


class _Finder:
    """Finds the strings."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self.kinds = Kinds(project)
        self.paths = Paths(project)
        self._targets = Targets(project, self.kinds, self.paths)

    def files(self) -> tuple[str, ...]:
        """The files that may hold such strings, sorted; their facts are loaded."""
        naming = self._project.naming(self._project.deprecations.paths, uses=True)
        parts = {part.decode() for parts in self._parts for part in parts}
        spelling = self._project.index.search(
            Needle(part, importer) for part in parts for importer in _IMPORTERS
        )
        importing = [path for path in spelling if self._may_build(path)]
        self._project.index.load(dict.fromkeys(importing, (MODULE, USES)))
        return tuple(sorted({*naming, *importing}))

    def _may_build(self, path: str) -> bool:
        """Whether a file has a part of a deprecated path that it could complete at run time."""
        data = self._project.index.contents.read(path)
        if isinstance(data, FileError):
            return False
        leaves, parents = self._parts
        heads = {found[1] for found in _HEAD.finditer(data)}
        return not parents.isdisjoint(heads) or not leaves.isdisjoint(
            found[1] for found in _TAIL.finditer(data)
        )

    @cached_property
    def _parts(self) -> tuple[frozenset[bytes], frozenset[bytes]]:
        """The last identifiers of deprecated paths, and those in front of them."""
        paths = [entry.path.dotted.split(".") for entry in self._project.deprecations]
        return (
            frozenset(parts[-1].encode() for parts in paths),
            frozenset(parts[-2].encode() for parts in paths if len(parts) > 1),
        )

    def strings(self, path: str) -> Iterator[StringUse | _Patch]:
        """The strings of one file."""
        uses = self._project.index.uses(path)
        if uses is None:
            return
        module = self._project.modules.name_of(path)
        for text in uses.strings:
            kind = self.kinds.of(path, text)
            if kind is StringKind.MOCK and text.form != "prefix":
                parts = tuple(
                    (target, self._match_of(target, module))
                    for target in self._targets.of(path, text)
                )
                if any(match for _, match in parts):
                    yield _Patch(path, text, parts)
            elif kind is not None:
                match = self._match(path, module, text)
                if match is not None:
                    verdict = judge(self._project, text, kind, match)
                    yield StringUse(path, text, kind, match, verdict)
        yield from self._attributes(path, module, uses.attributes)

    def _match_of(self, target: Target, module: str) -> Match | None:
        """What is replaced of a mock target."""
        match = self.paths.match(target.name, module)
        if match is None or not target.is_aliased or not self.paths.replaces_module(match):
            return match
        # What another module calls by a name of its own is patched and read under that name.
        found = self._project.resolver.path(match.canonical)
        is_same = match.canonical.name == target.name.name and found.kind is not Kind.MISSING
        return None if is_same else match

    def _match(self, path: str, module: str, text: DottedString) -> Match | None:
        if text.form == "prefix":
            return self._under(text.value, module)
        value = spelled(path, module, text)
        return self.paths.match(self.paths.symbol(value), module) if value else None

    def _under(self, prefix: str, module: str) -> Match | None:
        """What is replaced there, if it is the prefix or anything below it."""
        below = (
            entry.path
            for entry in self._project.deprecations
            if entry.path.dotted.startswith(f"{prefix}.")
        )
        for symbol in (self.paths.symbol(prefix), *below):
            match = self.paths.match(symbol, module)
            if match is not None:
                return match
        return None

    def _attributes(
        self, path: str, module: str, attributes: Sequence[NamedAttribute]
    ) -> Iterator[StringUse]:
        """Names in strings beside the module that they are looked up in."""
        leaves, _ = self._parts
        # Most files name nothing that is replaced: their modules need not be resolved.
        attributes = [one for one in attributes if one.name.encode() in leaves]
        if not attributes:
            return
        owners = {
            (reference.line, reference.column): resolution
            for reference, _, resolution in self._project.references(path)
            if resolution.kind is Kind.MODULE
        }
        for one in attributes:
            owner = owners.get((one.owner_line, one.owner_column))
            if owner is None:
                continue
            symbol = SymbolPath(owner.symbol.module, one.name)
            match = self.paths.match(symbol, module)
            # With its module, a name goes where the module goes.
            if match is None or (
                self.paths.replaces_module(match) and match.canonical.name == one.name
            ):
                continue
            kind = StringKind.DATA
            if one.callee.rpartition(".")[2] in _MOCKING:
                kind = StringKind.MOCK
            why = f"the module beside it and `{one.name}` have to change together"
            yield StringUse(path, one, kind, match, Verdict(why=why))


def _names(patches: Sequence[_Patch]) -> Iterator[SymbolPath]:
    """The names that mock targets patch, and those that they may come to patch."""
    for patch in patches:
        for target, match in patch.parts:
            if match is not None and target.what is What.NAME:
                yield target.name
                yield name_of(match.canonical)


def _judged(patches: Patches, patch: _Patch) -> Verdict:
    target, match = patch.parts[0]
    if match is not None and patch.text.value.replace(":", ".") == target.spelled.dotted:
        verdict = patches.judge(patch.path, target, match)
        if ":" in patch.text.value and verdict.after:
            after = respelled(patch.text.value, match.canonical)
            return msgspec.structs.replace(verdict, after=after)
        return verdict
    return _together(patches, patch)


def _together(patches: Patches, patch: _Patch) -> Verdict:
    """The verdict on `patch.multiple`, which names the module once for all of its keywords."""
    verdicts = []
    for target, match in patch.parts:
        if match is None:
            return Verdict(why=f"`{target.spelled}` stays where it is")
        verdict = patches.judge(patch.path, target, match)
        if not verdict.after:
            return verdict
        if verdict.after.rpartition(".")[2] != target.spelled.name.rpartition(".")[2]:
            return Verdict(why=f"`{target.spelled}` becomes `{verdict.after}`, a keyword here")
        verdicts.append(verdict)
    owners = {verdict.after.rpartition(".")[0] for verdict in verdicts}
    if len(owners) > 1:
        return Verdict(why=f"its names go to {' and '.join(sorted(owners))}")
    fix = Fix.SAFE
    for verdict in verdicts:
        fix = no_safer_than(verdict.fix, fix.value)
    readers = tuple(reader for verdict in verdicts for reader in verdict.readers)
    why = "; ".join(dict.fromkeys(verdict.why for verdict in verdicts))
    return Verdict(after=owners.pop(), fix=fix, why=why, readers=readers)
