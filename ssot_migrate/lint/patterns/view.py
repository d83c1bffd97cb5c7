"""A file as the proofs of call patterns see it: syntax, and what values are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import FileError
from ssot_migrate.index.scenes import Scene, scene_of
from ssot_migrate.index.worker import digest_of

if TYPE_CHECKING:
    import ast

    from ssot_migrate.index.scopes import Scope
    from ssot_migrate.lint.things import Things
    from ssot_migrate.lint.values import Values


class View:
    """One file of a tree.

    Args:
        values: Tells what values of the tree are.
        path: The file.
        scene: Its syntax.
    """

    def __init__(self, values: Values, path: str, scene: Scene) -> None:
        self.values = values
        self.path = path
        self.scene = scene

    def things(self, node: ast.expr, scope: Scope) -> Things:
        """What an expression of the file is."""
        number = self.scene.origin(node, scope)
        self.values.look_into(self.path, self.scene.facts)
        return self.values.of(self.path, number)


def view_of(values: Values, path: str) -> View | None:
    """The view of a file; None if it has changed, or cannot be parsed here."""
    index = values.project.index
    data = index.contents.read(path)
    if isinstance(data, FileError) or digest_of(data) != index.digest(path):
        return None
    scene, facts = scene_of(data), values.facts(path)
    if scene is None or facts is None:
        return None
    known = len(facts.origins)
    return View(values, path, scene) if scene.facts.origins[:known] == facts.origins else None
