"""Checks that what a registry sends code to exists in the tree."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.resolve.resolution import Kind, Resolution

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.domain.errors import ConfigProblem
    from ssot_migrate.lint.project import Project


def missing_targets(project: Project) -> tuple[ConfigProblem, ...]:
    """Every canonical and every replacement in a first-party package that nothing binds."""
    if not project.registry.check_targets:
        return ()
    problems = []
    for key, text in _targets(project):
        asked = SymbolPath.parse(text)
        resolution = project.resolver.path(asked)
        if resolution.kind is Kind.MISSING:
            message = f"{text!r} does not exist in this tree{_nearest(project, asked, resolution)}"
            problems.append(project.settings.problem(key, message))
    return tuple(problems)


def _targets(project: Project) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for number, move in enumerate(project.registry.moves):
        yield ("moves", number, "to"), move.to
    for number, concept in enumerate(project.registry.concepts):
        yield ("concepts", number, "canonical"), concept.canonical
        for entry_number, entry in enumerate(concept.deprecated):
            if entry.to:
                yield ("concepts", number, "deprecated", entry_number, "to"), entry.to
    for number, call in enumerate(project.registry.calls):
        for import_number, text in enumerate(call.imports if call.enabled else ()):
            yield ("calls", number, "imports", import_number), text


def _nearest(project: Project, asked: SymbolPath, resolution: Resolution) -> str:
    end = resolution.end
    if not end.path:
        known = [project.modules.name_of(path) for path in project.paths]
        near = difflib.get_close_matches(end.symbol.module, known, 1, 0.7)
        return f": there is no module {end.symbol.module!r}" + (
            f"; did you mean {near[0]!r}?" if near else ""
        )
    near = difflib.get_close_matches(end.symbol.name, project.resolver.provided(end.path), 1, 0.6)
    if not near and asked.module != end.symbol.module:
        known = [project.modules.name_of(path) for path in project.paths]
        near = difflib.get_close_matches(asked.module, known, 1, 0.7)
    return f": {end.path} binds no {end.symbol.name!r}" + (
        f"; did you mean {near[0]!r}?" if near else ""
    )
