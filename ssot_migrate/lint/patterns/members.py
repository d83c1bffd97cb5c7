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

        Not asked of what the call is made on: that is what the entry replaces. A class that is to
        be replaced has what its successor has, once it is.

        Args:
            view: The file.
            candidate: The call.
            template: What it is to become.
            names: What metavariables stand for that are found in scope.
        """
        moving: dict[str, None] = {}
        for node in ast.walk(template.node):
            name = metavariable(node.value) if isinstance(node, ast.Attribute) else ""
            is_other = name in candidate.entry.where and name != candidate.pattern.callee
            if not isinstance(node, ast.Attribute) or not is_other:
                continue
            for value in _values(candidate, names, name):
                for thing in view.things(value, candidate.scope):
                    if thing.kind != "instance" or not self._lacks(thing, node.attr):
                        continue
                    match = self._project.deprecations.match(thing.symbol)
                    if match is None or match.replacement.safety == "manual":
                        return Read(f"`{thing.symbol.name}` has no `{node.attr}`")
                    moving[str(thing.symbol)] = None
        return Read("", tuple(moving))

    def _lacks(self, thing: Thing, member: str) -> bool:
        why = what_is_missing(self._values.attribute((thing,), member))
        return why == f"`{thing.symbol.name}` assigns no `{member}`"


def _values(candidate: Candidate, names: Mapping[str, str], name: str) -> Iterator[ast.expr]:
    if name in names:
        yield ast.Name(names[name], ast.Load())
    for node in candidate.bindings.get(name, ()):
        yield node.value if isinstance(node, ast.keyword) else node
