"""SSOT401: a file that the registry rules out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import Finding, Severity, Span
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.lint.rule import Example, Reads, Rule
from ssot_migrate.workspace.globs import Globs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ssot_migrate.lint.project import Project

_REGISTRY = """
[[concepts]]
name = "tool execution"
canonical = "app.tools:Dispatcher"
forbid = { modules = ["app/services/tool_execution.py", "legacy.py", "app/old/**"] }
"""
_TREE = {
    "app/__init__.py": "",
    "app/tools.py": "class Dispatcher: ...\n",
}


class ForbiddenModule(Rule):
    """A file exists that a concept's `forbid.modules` rules out.

    A module that was deleted in a migration tends to come back: from a branch that was cut
    before, or because its name is the first that comes to mind. The registry remembers.

    A pattern counts from the root, as in a `.gitignore` file's folder: `legacy.py` means the one
    beside the registry, `**/legacy.py` means every one. Not flagged: files of the same name in
    other folders.
    """

    code = "SSOT401"
    severity = Severity.ERROR
    reads = Reads.NOTHING
    valid = (
        Example(
            "the same file name in another folder",
            {**_TREE, "app/agents/tool_execution.py": "", "app/legacy.py": ""},
            _REGISTRY,
        ),
        Example(
            "a longer path that ends in the forbidden one",
            {**_TREE, "copy/app/services/tool_execution.py": "", "copy/app/old/a.py": ""},
            _REGISTRY,
        ),
        Example(
            "a module whose name goes on",
            {**_TREE, "app/services/tool_execution_test.py": "", "app/older/a.py": ""},
            _REGISTRY,
        ),
        Example(
            "a file that a later pattern takes back",
            {**_TREE, "app/old/keep.py": ""},
            _REGISTRY.replace('"app/old/**"', '"app/old/**", "!app/old/keep.py"'),
        ),
    )
    invalid = (
        Example(
            "a file by its path",
            {**_TREE, "app/services/tool_execution.py": "", "legacy.py": "x = 1\n"},
            _REGISTRY,
            ("app/services/tool_execution.py:1", "legacy.py:1"),
        ),
        Example(
            "whatever lies below a folder, also where it cannot be parsed",
            {**_TREE, "app/old/a.py": "", "app/old/deep/b.py": "class A: ...\n"},
            _REGISTRY,
            ("app/old/a.py:1", "app/old/deep/b.py:1"),
        ),
    )

    def check(self, project: Project) -> Iterator[Finding]:
        """Match the names of all files."""
        for concept in project.concepts:
            forbidden = Globs(map(_from_the_root, concept.forbid.modules))
            for path in _matched(forbidden, project.paths):
                message = f"{path} is ruled out ({concept.name}): use `{concept.canonical}`"
                if concept.reason:
                    message += f", {concept.reason}"
                yield project.finding(
                    self,
                    path,
                    Span(1),
                    message,
                    concept=concept.name,
                    symbol=SymbolPath(project.modules.name_of(path)),
                    canonical=SymbolPath.parse(concept.canonical),
                )


def _matched(globs: Globs, paths: Iterable[str]) -> Iterator[str]:
    return (path for path in paths if not globs.is_empty and globs.matches(path))


def _from_the_root(pattern: str) -> str:
    """A gitignore pattern without a slash would match in every folder."""
    bare = pattern.removeprefix("!")
    mark = pattern[: len(pattern) - len(bare)]
    return pattern if bare.startswith("/") else f"{mark}/{bare}"
