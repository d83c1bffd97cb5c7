"""Everything that is proposed for a tree, the surest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.discover.definitions import DefinitionMoves
from ssot_migrate.discover.duplicates import Duplicates
from ssot_migrate.discover.modules import ModuleMoves
from ssot_migrate.discover.proposal import Proposal, Undecided
from ssot_migrate.discover.readers import Readers
from ssot_migrate.domain.finding import Category
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.lint.families import definitions
from ssot_migrate.workspace.history import first_commits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ssot_migrate.lint.project import Project


class Found(msgspec.Struct, frozen=True):
    """What was found: proposals, the surest first, and what calls for a decision."""

    proposals: tuple[Proposal, ...]
    undecided: tuple[Undecided, ...]


def search(project: Project) -> Found:
    """Look for moves and concepts that the registry does not have."""
    readers = Readers(project)
    duplicates = Duplicates(definitions(project), readers)
    ages = first_commits(project.index.root, duplicates.paths)
    judged = [*_moves(project, readers), *duplicates.judge(ages)]
    proposals = _consistent(
        sorted((one for one in judged if isinstance(one, Proposal)), key=lambda one: one.order),
        project,
    )
    undecided = {one for one in judged if isinstance(one, Undecided)}
    return Found(tuple(proposals), tuple(sorted(undecided)))


def _moves(project: Project, readers: Readers) -> Iterator[Proposal | Undecided]:
    modules, living = ModuleMoves(project, readers), DefinitionMoves(project)
    for path in project.everything():
        is_shadowed = project.modules.path_of(project.modules.name_of(path)) != path
        if is_shadowed or project.category(path) is not Category.PRODUCTION:
            continue
        if project.shims.is_shim(path):
            found = modules.judge(path)
            if found is not None:
                yield found
        else:
            yield from living.judge(path)


def _consistent(proposals: Iterable[Proposal], project: Project) -> Iterator[Proposal]:
    """Leave out what the registry has, what cannot be spelled, and a path's second replacement."""
    taken: set[str] = set()
    names: set[str] = {concept.name for concept in project.concepts}
    for proposal in proposals:
        steps = tuple(
            step
            for step in proposal.steps
            if _is_spelled(step.path)
            and _is_spelled(step.to)
            and _dotted(step.path) not in taken
            and _dotted(step.path) != _dotted(step.to)
            and project.deprecations.match(SymbolPath.parse(step.path)) is None
        )
        if not steps:
            continue
        taken.update(_dotted(step.path) for step in steps)
        name = proposal.name
        if proposal.kind == "concept":
            # Two families may be called alike: the module tells them apart.
            if name in names:
                name = f"{name} ({proposal.canonical.partition(':')[0]})"
            names.add(name)
        yield msgspec.structs.replace(proposal, name=name, steps=steps)


def _dotted(path: str) -> str:
    return path.replace(":", ".")


def _is_spelled(path: str) -> bool:
    try:
        SymbolPath.parse(path)
    except ValueError:
        return False
    return True
