"""What was wrong with a project at an earlier commit already."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING

from ssot_migrate.domain.errors import UsageError
from ssot_migrate.index.extract import module_facts
from ssot_migrate.index.facts import Unparsable
from ssot_migrate.index.parse import may_exhaust_parser, parse, stack_room
from ssot_migrate.resolve.modules import ModuleMap
from ssot_migrate.resolve.resolution import Kind
from ssot_migrate.resolve.symbols import Resolver
from ssot_migrate.usecases.migration.compiling import fault
from ssot_migrate.workspace.git import changed_since
from ssot_migrate.workspace.globs import Globs
from ssot_migrate.workspace.revision import Revision
from ssot_migrate.workspace.walk import SUFFIXES, compiled_among

if TYPE_CHECKING:
    from ssot_migrate.index.facts import ModuleFacts
    from ssot_migrate.lint.project import Project

_FRAMES = 5_000


class Past:
    """A project as it was at a commit, as far as its imports go.

    Files that did not change since are asked of the project, the others are read from git.

    Args:
        project: The project as it is.
        revision: The commit, in any way that git takes it.

    Raises:
        UsageError: Git is missing, or knows no such commit here.
    """

    def __init__(self, project: Project, revision: str) -> None:
        root = project.index.root
        found, changed = Revision.find(root, revision), changed_since(root, revision)
        if found is None or changed is None:
            raise UsageError(f"--since {revision}: git knows no such revision here")
        self._project = project
        self._revision = found
        self._changed = changed
        excluded = Globs(project.registry.exclude)
        self._paths = frozenset(
            path for path in found.paths if path.endswith(SUFFIXES) and not excluded.matches(path)
        )
        modules = ModuleMap(self._paths, project.roots, compiled=compiled_among(found.paths))
        self._resolver = Resolver(modules, self._facts)
        self._known: dict[str, ModuleFacts | None] = {}

    def unresolved(self, path: str) -> Counter[str]:
        """What the imports of a file named in vain, as `module:Name`, and how often."""
        facts = self._facts(path)
        found: Counter[str] = Counter()
        for statement in facts.imports if facts is not None else ():
            resolution = self._resolver.imported(path, statement)
            if resolution.kind is Kind.MISSING:
                found[str(resolution.end.symbol)] += 1
        return found

    def was_broken(self, path: str) -> bool:
        """Whether a file was there and did not compile."""
        if path not in self._changed:
            return path in self._paths
        data = self._data.get(path)
        return data is not None and not may_exhaust_parser(data) and fault(data) is not None

    def _facts(self, path: str) -> ModuleFacts | None:
        if path not in self._known:
            self._known[path] = self._read(path)
        return self._known[path]

    def _read(self, path: str) -> ModuleFacts | None:
        if path not in self._paths:
            return None
        if path not in self._changed:
            return self._project.facts(path)
        data = self._data.get(path)
        # What takes a process of its own is not worth it: it counts as unknown.
        if data is None or may_exhaust_parser(data):
            return None
        tree = parse(data)
        if isinstance(tree, Unparsable):
            return None
        with stack_room(_FRAMES):
            try:
                return module_facts(tree, data)
            except RecursionError:
                return None

    @cached_property
    def _data(self) -> dict[str, bytes]:
        """The contents of the files that changed since."""
        return self._revision.read(sorted(self._paths & self._changed))
