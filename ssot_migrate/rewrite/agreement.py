"""What must hold of rewritten files in the whole project before any of them is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.resolve.graph import When, edges_of
from ssot_migrate.resolve.modules import is_package_file
from ssot_migrate.resolve.resolution import Kind
from ssot_migrate.rewrite.engine import facts_of
from ssot_migrate.rewrite.moves import MoveDecider

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from ssot_migrate.domain.outcome import Cause
    from ssot_migrate.index.facts import Facts, Import
    from ssot_migrate.lint.project import Project
    from ssot_migrate.rewrite.engine import Rewritten


class Agreement:
    """Files as they were rewritten, seen together.

    Args:
        project: The project as it is.
        rewritten: The files that were looked at.
    """

    def __init__(self, project: Project, rewritten: Sequence[Rewritten]) -> None:
        self._project = project
        self._facts: dict[str, dict[tuple[str, str], Facts]] = {
            one.outcome.path: facts_of(one) for one in rewritten if one.module is not None
        }

    def after(self, without: Collection[str] = ()) -> Project:
        """The project as it will be.

        Args:
            without: Files that stay as they are.
        """
        chosen = [facts for path, facts in self._facts.items() if path not in without]
        return self._project.as_if({key: one for facts in chosen for key, one in facts.items()})

    def refusals(self, is_meant: Callable[[str, Cause], bool]) -> Mapping[str, str]:
        """Why files cannot be written as they were rewritten, by path.

        Args:
            is_meant: Whether a change in a file, for that cause, would have been made.
        """
        after = self.after()
        decider = MoveDecider(after)
        found: dict[str, str] = {}
        for path in self._facts:
            why = _unsettled(decider, path, is_meant) or _unresolved(self._project, after, path)
            if why:
                found[path] = why
        rest = [path for path in self._facts if path not in found]
        return _Cycles(self._project, after).closed_by(rest) | found


def _unsettled(decider: MoveDecider, path: str, is_meant: Callable[[str, Cause], bool]) -> str:
    """Whether a second pass would change the file again."""
    again = [one for one in decider.file(path).decisions if is_meant(path, one.cause)]
    return f"a second pass would change `{again[0].cause.symbol}` again" if again else ""


def _unresolved(before: Project, after: Project, path: str) -> str:
    """A new import that fetches nothing."""
    for statement in _new_imports(before, after, path):
        found = after.resolver.imported(path, statement)
        is_checked = after.registry.check_targets or _is_plain_module(after, found.symbol.module)
        if found.kind is Kind.MISSING and is_checked:
            return f"line {statement.line} would import `{found.symbol}`, which does not exist"
    return ""


def _is_plain_module(project: Project, module: str) -> bool:
    """Whether a module of the tree has no submodules, so that a missing name is no module."""
    file = project.modules.path_of(module)
    return file is not None and not is_package_file(file)


def _new_imports(before: Project, after: Project, path: str) -> Iterator[Import]:
    old, new = before.facts(path), after.facts(path)
    if old is None or new is None:
        return
    known = {(one.level, one.module, one.name) for one in old.imports}
    for statement in new.imports:
        if (statement.level, statement.module, statement.name) not in known:
            yield statement


class _Cycles:
    """Finds import cycles that only the new version has."""

    def __init__(self, before: Project, after: Project) -> None:
        self._before = before
        self._after = after
        self._reached: dict[tuple[int, str], frozenset[str]] = {}

    def closed_by(self, paths: Sequence[str]) -> dict[str, str]:
        """Why files would close a cycle, by path."""
        found: dict[str, str] = {}
        for path in paths:
            own = self._after.modules.name_of(path)
            old = self._imported(self._before, path)
            for module in sorted(self._imported(self._after, path) - old):
                if own not in self._reach(self._after, module):
                    continue
                if any(own in self._reach(self._before, one) for one in old):
                    continue  # the module was part of a cycle before
                found[path] = f"its import of `{module}` would close an import cycle"
        return found

    def _reach(self, project: Project, module: str) -> frozenset[str]:
        """The modules that an import of `module` runs."""
        key = (id(project), module)
        if key not in self._reached:
            seen: set[str] = set()
            level = {module}
            while level:
                seen |= level
                files = sorted(filter(None, map(project.modules.path_of, level)))
                project.preload(files)
                level = {one for path in files for one in self._imported(project, path)} - seen
            self._reached[key] = frozenset(seen)
        return self._reached[key]

    @staticmethod
    def _imported(project: Project, path: str) -> set[str]:
        facts = project.facts(path)
        if facts is None:
            return set()
        edges = edges_of(path, facts, project.resolver)
        return {edge.imported for edge in edges if edge.when in (When.RUNTIME, When.FALLBACK)}
