"""Says whether what a replacement reads of a value is there."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from ssot_migrate.config.call_patterns import metavariable
from ssot_migrate.lint.things import what_is_missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ssot_migrate.config.call_patterns import Pattern
    from ssot_migrate.lint.patterns.proof import Candidate
    from ssot_migrate.lint.patterns.view import View
    from ssot_migrate.lint.project import Project
    from ssot_migrate.lint.things import Thing
    from ssot_migrate.lint.values import Values


_WHY = {
    True: "`{}` is replaced by hand, and until then its `{}` is the legacy one",
    False: "`{}` has no `{}`",
}


class Read(NamedTuple):
    """What is known of the members that a replacement reads.

    Args:
        why: What is not there; empty if nothing is missing.
        moving: The classes that have it only when their successors take their place.
    """

    why: str = ""
    moving: tuple[str, ...] = ()


class Members:
    """Answers for one project.

    Args:
        project: The tree.
        values: Tells what values are.
    """

    def __init__(self, project: Project, values: Values) -> None:
        self._project = project
        self._values = values

    def read(
        self, view: View, candidate: Candidate, template: Pattern, names: Mapping[str, str]
    ) -> Read:
        """What a replacement reads of values, and whether it is there.

        A class that is to be replaced has what its successor has, once it is. Of what the call is
        made on that alone is asked: where the entry names it by its concept, the replacement is
        code for the canonical, and must not be made while the legacy class is there.

        Args:
            view: The file.
            candidate: The call.
            template: What it is to become.
            names: What metavariables stand for that are found in scope.
        """
        moving: dict[str, None] = {}
        for node in ast.walk(template.node):
            name = metavariable(node.value) if isinstance(node, ast.Attribute) else ""
            wanted = candidate.entry.where.get(name)
            if not isinstance(node, ast.Attribute) or wanted is None:
                continue
            is_callee = name == candidate.pattern.callee
            if is_callee and wanted.concept is None:
                continue
            for value in _values(candidate, names, name):
                for thing in view.things(value, candidate.scope):
                    legacy = self._legacy(thing) if is_callee else self._lacking(thing, node.attr)
                    if legacy is None:
                        continue
                    match = self._project.deprecations.match(legacy.symbol)
                    if match is None or match.replacement.safety == "manual":
                        return Read(_WHY[is_callee].format(legacy.symbol.name, node.attr))
                    moving[str(legacy.symbol)] = None
        return Read("", tuple(moving))

    def _legacy(self, thing: Thing) -> Thing | None:
        """The class of an instance, or the nearest one above it, that the registry replaces."""
        if thing.kind != "instance":
            return None
        line = self._values.descent.line(thing)
        return next((one for one in line if self._project.deprecations.match(one.symbol)), None)

    def _lacking(self, thing: Thing, member: str) -> Thing | None:
        """The thing, if it is an instance without such a member."""
        why = what_is_missing(self._values.attribute((thing,), member))
        is_without = why == f"`{thing.symbol.name}` assigns no `{member}`"
        return thing if thing.kind == "instance" and is_without else None


def _values(candidate: Candidate, names: Mapping[str, str], name: str) -> Iterator[ast.expr]:
    if name in names:
        yield ast.Name(names[name], ast.Load())
    for node in candidate.bindings.get(name, ()):
        yield node.value if isinstance(node, ast.keyword) else node
