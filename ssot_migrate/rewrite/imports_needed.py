"""Which imports a file lacks for the names of a replacement, and what speaks against them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.index.facts import Context

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssot_migrate.index.scopes import Scope
    from ssot_migrate.lint.patterns.targets import Targets
    from ssot_migrate.lint.patterns.view import View
    from ssot_migrate.lint.project import Project

_NOT_AT_RUN_TIME = Context.TYPE_CHECKING | Context.TRY | Context.HANDLER | Context.CONDITIONAL


class Taken(Exception):  # noqa: N818 - a verdict, not an error
    """A name means something else in the file; says what."""


class ImportsNeeded:
    """Answers for the files of a project.

    Args:
        project: The tree.
        targets: Knows where the registry's paths lead.
    """

    def __init__(self, project: Project, targets: Targets) -> None:
        self._project = project
        self._targets = targets

    def of(self, view: View, scope: Scope, texts: Sequence[str]) -> Iterator[SymbolPath]:
        """Yield what is still to be imported for code in a scope.

        Raises:
            Taken: A name is bound to something else.
        """
        walk = view.scene.walk
        for text in texts:
            target = SymbolPath.parse(text)
            name = target.name
            if walk.owner_of(name, scope) is not walk.module:
                raise Taken(f"`{name}` is a local name here")
            bindings = walk.bound.get(walk.module, {}).get(name, ())
            if not bindings:
                yield target
            elif not self._is_bound_to(view, name, text):
                raise Taken(f"`{name}` means something else in this file")

    def _is_bound_to(self, view: View, name: str, text: str) -> bool:
        """Whether a name of the module surely leads to a symbol."""
        symbol = self._targets.symbol(text)
        module = self._project.modules.name_of(view.path)
        bindings = view.scene.walk.bound[view.scene.walk.module][name]
        if symbol == SymbolPath(module, name):
            return True
        imports = [view.scene.module.imports[one.ref] for one in bindings if one.ref >= 0]
        if len(imports) < len(bindings) or any(one.context & _NOT_AT_RUN_TIME for one in imports):
            return False
        return all(
            self._project.resolver.imported(view.path, one).symbol == symbol
            or self._project.resolver.imported(view.path, one).symbol == SymbolPath.parse(text)
            for one in imports
        )


def names_in(code: ast.AST) -> set[str]:
    """The plain names that some code reads."""
    return {one.id for one in ast.walk(code) if isinstance(one, ast.Name)}
