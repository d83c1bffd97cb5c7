"""Decides which modules of the registry's `delete` can go: those that nothing needs any more."""

from __future__ import annotations

import os
from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.finding import FileError
from ssot_migrate.domain.outcome import FileOutcome, Outcome
from ssot_migrate.index.worker import digest_of
from ssot_migrate.lint.dependents import Dependent, dependents
from ssot_migrate.resolve.modules import is_package_file
from ssot_migrate.workspace.source import plain_reason, read

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from ssot_migrate.lint.project import Project

_MOST_PLACES = 20
_CACHES = ("__pycache__",)


class Deletion(msgspec.Struct, frozen=True, kw_only=True):
    """A module, or a package with all that is in it, that the registry wants to go.

    Args:
        module: Its dotted name.
        concept: The concept whose `delete` names it.
        paths: Its files, its own first.
        needed_by: The places that still need it; empty where it can go.
    """

    module: str
    concept: str
    paths: tuple[str, ...]
    needed_by: tuple[Dependent, ...] = ()

    @property
    def why_not(self) -> str:
        """Why it cannot go yet, with the places; empty where it can."""
        if not self.needed_by:
            return ""
        told = "; ".join(map(str, self.needed_by[:_MOST_PLACES]))
        more = len(self.needed_by) - _MOST_PLACES
        rest = f"; and {more} more" if more > 0 else ""
        count = len(self.needed_by)
        places = "1 place needs" if count == 1 else f"{count} places need"
        return f"{places} `{self.module}`: {told}{rest}"


class Deletions(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be deleted, what cannot be, and what is left behind.

    Args:
        outcomes: A change without new content for each file that goes; a refusal, with the
            reason, for each module that stays. In order of path.
        refusals: The modules that stay.
        notes: What else the user should know, a sentence each.
    """

    outcomes: tuple[FileOutcome, ...] = ()
    refusals: tuple[Deletion, ...] = ()
    notes: tuple[str, ...] = ()


def plan_deletions(project: Project, concepts: Collection[str] = ()) -> Deletions:
    """Decide for every module that the registry's concepts want deleted.

    A module stays as long as anything outside of what goes with it imports it, refers to it or
    names it in a string that may be read as a path; what is needed only by modules that go as
    well goes with them. A string that only names a logger keeps nothing.

    Args:
        project: The project as it is when everything else of the migration is done
            (`Project.as_if`).
        concepts: Names of concepts; empty for all of them.
    """
    asked = planned(project, concepts)
    going = [one for one in asked if not one.needed_by]
    outcomes: list[FileOutcome] = []
    for one in asked:
        if one.needed_by:
            outcomes.append(_refused(one.paths[0], one.why_not))
        else:
            outcomes += (_deleted(project, path) for path in one.paths)
    gone = {path for one in going for path in one.paths}
    return Deletions(
        outcomes=tuple(sorted(outcomes, key=lambda one: one.path)),
        refusals=tuple(one for one in asked if one.needed_by),
        notes=tuple(_left_behind(project, gone)),
    )


def planned(project: Project, concepts: Collection[str] = ()) -> tuple[Deletion, ...]:
    """The modules to delete that are still there, each with what keeps it; sorted by name."""
    entries: dict[str, str] = {}
    for concept in project.concepts:
        if not concepts or concept.name in concepts:
            entries.update(dict.fromkeys(concept.delete, concept.name))
    return needed(project, entries)


def needed(project: Project, entries: Mapping[str, str]) -> tuple[Deletion, ...]:
    """What keeps some modules, by name with their concepts, as far as they are there; sorted."""
    there = {module: paths for module in entries if (paths := files_of(project, module))}
    needing: defaultdict[str, list[Dependent]] = defaultdict(list)
    for one in dependents(project, there) if there else ():
        needing[one.module].append(one)
    staying = _staying(there, needing)
    return tuple(
        Deletion(
            module=module,
            concept=entries[module],
            paths=paths,
            needed_by=tuple(staying.get(module, ())),
        )
        for module, paths in sorted(there.items())
    )


def files_of(project: Project, module: str) -> tuple[str, ...]:
    """The files of a module, its stub among them; of a package, all that it holds."""
    own = project.modules.path_of(module)
    if own is None and not project.modules.is_namespace(module):
        return ()
    is_package = own is None or is_package_file(own)
    names = ((path, project.modules.name_of(path)) for path in project.paths)
    found = [
        path
        for path, name in names
        if name == module or (is_package and name.startswith(f"{module}."))
    ]
    return tuple(sorted(found, key=lambda path: (path != own, path)))


def _staying(
    there: Mapping[str, tuple[str, ...]], needing: Mapping[str, list[Dependent]]
) -> dict[str, list[Dependent]]:
    """The modules that must stay, with what keeps them: what stays keeps what it needs."""
    going = set(there)
    staying: dict[str, list[Dependent]] = {}
    while True:
        gone = {path for module in going for path in there[module]}
        kept = {
            module: [
                one
                for one in needing.get(module, ())
                if one.path not in gone and one.path not in there[module]
            ]
            for module in going
        }
        staying.update((module, places) for module, places in kept.items() if places)
        if going.isdisjoint(staying):
            return staying
        going -= staying.keys()


def _deleted(project: Project, path: str) -> FileOutcome:
    data = read(project.index.root, path)
    if isinstance(data, FileError):
        return _refused(path, data.message)
    known = project.index.digest(path)
    if known and digest_of(data) != known:
        return _refused(path, "has changed since it was read")
    return FileOutcome(path=path, outcome=Outcome.CHANGED, before=data)


def _refused(path: str, why: str) -> FileOutcome:
    return FileOutcome(path=path, outcome=Outcome.REFUSED, why=why)


def _left_behind(project: Project, gone: set[str]) -> Iterator[str]:
    """Folders that hold no code any more, and what else is in them."""
    folders = sorted({os.path.dirname(path) for path in gone} - {""})
    for folder in folders:
        try:
            names = sorted(os.listdir(project.index.root / folder))
        except OSError as problem:
            yield f"{folder} cannot be looked into: {plain_reason(problem)}"
            continue
        rest = [name for name in names if f"{folder}/{name}" not in gone and name not in _CACHES]
        if rest == ["__init__.py"] and _binds_nothing(project, f"{folder}/__init__.py"):
            yield f"{folder} would hold only an empty __init__.py: delete it if nothing imports it"
        elif rest and not any(name.endswith((".py", ".pyi")) for name in rest):
            inner = any(path.startswith(f"{folder}/") for path in set(project.paths) - gone)
            if not inner:
                yield f"{folder} would hold no code any more, only {', '.join(rest)}"


def _binds_nothing(project: Project, path: str) -> bool:
    facts = project.facts(path)
    return facts is not None and not (facts.bindings or facts.imports or facts.logic)
