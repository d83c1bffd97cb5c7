"""What a registry replaces by what: its moves and its concepts' deprecated paths as one mapping."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.config.locate import Key
from ssot_migrate.config.model import Safety
from ssot_migrate.domain.symbol import SymbolPath

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ssot_migrate.config.model import Registry

_SAFETIES: tuple[Safety, ...] = ("safe", "unsafe", "manual")


class Replacement(msgspec.Struct, frozen=True, kw_only=True):
    """Where a deprecated path leads in the end.

    Args:
        path: The deprecated path. Without a colon it may be a module or the name at that path.
        target: What to use instead of the path, at the end of any chain.
        safety: The least safe of the chain's entries.
        concept: The concept whose entry it is; None for a move.
        origin: Key of the entry in the merged registry; `Settings.place` turns it into a line.
    """

    path: SymbolPath
    target: SymbolPath
    safety: Safety
    concept: str | None
    remove_by: datetime.date | None
    reason: str
    origin: Key

    @property
    def module(self) -> SymbolPath:
        """Where the names of the path are found, if the path is a module's."""
        return SymbolPath(self.target.module)


def replacements(registry: Registry) -> Mapping[SymbolPath, Replacement]:
    """Map each deprecated path of a checked registry to the end of its chain.

    A module whose replacement is `module:Name` gets an entry for its own `Name` too, and one for
    each of its names that a later entry of the chain sends elsewhere.
    """
    entries = Entries(declared(registry))
    found: dict[SymbolPath, Replacement] = {}
    for path in entries.paths():
        steps = entries.walk(path)
        first = steps[0][0]
        found[path] = msgspec.structs.replace(
            first,
            path=path,
            target=steps[-1][1],
            safety=max((entry.safety for entry, _ in steps), key=_SAFETIES.index),
        )
    return found


def declared(registry: Registry) -> Iterator[Replacement]:
    """Yield every entry as written, those with an invalid path left out."""
    for index, move in enumerate(registry.moves):
        path, target = _parsed(move.from_), _parsed(move.to)
        if path and target:
            yield Replacement(
                path=path,
                target=target,
                safety=move.safety,
                concept=None,
                remove_by=move.remove_by,
                reason=move.reason,
                origin=("moves", index),
            )
    for index, concept in enumerate(registry.concepts):
        for number, entry in enumerate(concept.deprecated):
            path, target = _parsed(entry.path), _parsed(entry.to or concept.canonical)
            if path and target:
                yield Replacement(
                    path=path,
                    target=target,
                    safety=entry.safety,
                    concept=concept.name,
                    remove_by=entry.remove_by or concept.remove_by,
                    reason=entry.reason or concept.reason,
                    origin=("concepts", index, "deprecated", number),
                )


class Entries:
    """Entries to follow from path to path.

    `a.b:C` and `a.b.C` are one path here: which part is the module is for the resolver to find.
    """

    def __init__(self, entries: Iterator[Replacement]) -> None:
        self._by_path: dict[str, Replacement] = {}
        self._implied: dict[str, Replacement] = {}
        self._implied_paths: list[SymbolPath] = []
        for entry in entries:
            if is_self_move(entry):
                continue
            if entry.path.is_module and not entry.target.is_module:
                implied = entry.path.child(entry.target.leaf)
                self._implied[implied.dotted] = entry
                self._implied_paths.append(implied)
            earlier = self._by_path.get(entry.path.dotted)
            self._by_path[entry.path.dotted] = _joined(earlier, entry) if earlier else entry

    def __iter__(self) -> Iterator[Replacement]:
        return iter(self._by_path.values())

    def step(self, path: SymbolPath) -> tuple[Replacement, SymbolPath] | None:
        """Find the entry that replaces a path, and what the path becomes.

        A name goes with its class and its module; a submodule does not go with its package, since
        a package is often replaced by one of its own modules.
        """
        entry = self._by_path.get(path.dotted) or self._implied.get(path.dotted)
        if entry:
            return entry, entry.target
        head, _, tail = path.name.rpartition(".")
        while head:
            if entry := self._by_path.get(f"{path.module}.{head}"):
                return entry, entry.target.child(tail)
            head, _, part = head.rpartition(".")
            tail = f"{part}.{tail}"
        if path.name and (entry := self._by_path.get(path.module)):
            return entry, SymbolPath(entry.target.module, path.name)
        return None

    def walk(self, path: SymbolPath) -> list[tuple[Replacement, SymbolPath]]:
        """Follow a path to its end; a cycle ends with the entry that was taken before."""
        steps: list[tuple[Replacement, SymbolPath]] = []
        taken: set[Key] = set()
        while step := self.step(path):
            steps.append(step)
            entry, path = step
            if entry.origin in taken:
                break
            taken.add(entry.origin)
        return steps

    def paths(self) -> Iterator[SymbolPath]:
        """Yield each deprecated path once: those written, then those that modules imply."""
        written = [entry.path for entry in self]
        found = dict.fromkeys([*written, *self._implied_paths])
        names: dict[str, list[str]] = {}
        for path in found:
            if path.name:
                names.setdefault(path.module, []).append(path.name)
        for path in written:
            if path.is_module:
                for _, target in self.walk(path):
                    for name in names.get(target.module, ()):
                        found.setdefault(path.child(name))
        yield from found


def is_self_move(entry: Replacement) -> bool:
    """Whether an entry replaces a path by itself, or a module by a name inside it."""
    if entry.path.is_module and entry.path.module == entry.target.module:
        return True
    return entry.path.dotted == entry.target.dotted


def _joined(earlier: Replacement, later: Replacement) -> Replacement:
    """Join two entries for one path: a module that two concepts share only names a module."""
    both = {earlier.target, later.target}
    if later.path.is_module and len(both) == 2 and earlier.target.module == later.target.module:
        return msgspec.structs.replace(later, target=SymbolPath(later.target.module))
    return later


def _parsed(text: str) -> SymbolPath | None:
    try:
        return SymbolPath.parse(text)
    except ValueError:
        return None
