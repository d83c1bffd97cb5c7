"""Tells unproven calls that may well concern a concept from those that only share a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.lint.families.names import words

if TYPE_CHECKING:
    from ssot_migrate.config.model import Concept
    from ssot_migrate.lint.project import Project


class Plausible:
    """Answers for the calls of a project.

    Args:
        project: The tree.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._names: dict[str, frozenset[str]] = {}
        self._mentions: dict[tuple[str, str], bool] = {}

    def concerns(self, path: str, shown: str, concept: Concept) -> bool:
        """Whether a call on something that a file calls `shown` may concern a concept.

        That is so if the file spells one of the concept's classes, or if the receiver is named
        like one: all of its words are the class's, and two of them at least or the whole name.
        """
        key = (path, concept.name)
        if key not in self._mentions:
            spelled = self._project.index.spelled(path, self._classes(concept))
            self._mentions[key] = bool(spelled)
        return self._mentions[key] or self._is_named_like(shown, concept)

    def _is_named_like(self, shown: str, concept: Concept) -> bool:
        own = set(words(shown.rstrip("()").rpartition(".")[2])) - {"get", "the", "self"}
        for name in self._classes(concept):
            parts = words(name)
            if own and own <= set(parts) and (len(own) > 1 or len(parts) == 1):
                return True
        return False

    def _classes(self, concept: Concept) -> frozenset[str]:
        """The last names of the concept's canonical and of its deprecated symbols."""
        if concept.name not in self._names:
            canonical = SymbolPath.parse(concept.canonical).leaf
            deprecated = (SymbolPath.parse(entry.path) for entry in concept.deprecated)
            self._names[concept.name] = frozenset(
                {canonical, *(path.leaf for path in deprecated if self._is_name(path))}
            )
        return self._names[concept.name]

    def _is_name(self, path: SymbolPath) -> bool:
        return bool(path.name) or not self._project.modules.exists(path.module)
