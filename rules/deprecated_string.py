"""SSOT204: a string that names a deprecated path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import Finding, Fix, Severity, Span
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.lint.project import Project, chain_of
from ssot_migrate.lint.readers import suggestion
from ssot_migrate.lint.rule import Example, Reads, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.index.facts import DottedString

_MOVE = '[[moves]]\nfrom = "app.old:Thing"\nto = "app.new:Thing"\n'
_TREE = {
    "app/__init__.py": "",
    "app/old.py": "class Thing: ...\n",
    "app/new.py": "class Thing: ...\n",
}
_PATCHERS = ("patch", "patch.dict", "patch.multiple", "setattr", "delattr", "setitem")
_IMPORTERS = ("import_module", "find_spec", "__import__", "import_string", "resolve_name")


class DeprecatedString(Rule):
    """A string literal spells a deprecated path: a mock target, a dynamic import, a setting.

    Such a string breaks at run time, and often only in the test or the process that reads it.
    A mock target names the place where the code under test looks a name up: after that code has
    moved, patching the old path patches nothing.

    The whole literal must be the path or lie under it; a path inside prose is not flagged, and
    neither are docstrings or strings inside the deprecated module itself.
    """

    code = "SSOT204"
    severity = Severity.WARNING
    reads = Reads.MENTIONS
    by_file = True
    valid = (
        Example(
            "prose, a longer name and a file name",
            {
                **_TREE,
                "app/use.py": """
                a = "see app.old.Thing"
                b = "app.old.ThingFactory"
                c = "app/old.py"
                """,
            },
            _MOVE,
        ),
    )
    invalid = (
        Example(
            "a mock target, a dynamic import and a setting",
            {
                **_TREE,
                "tests/test_use.py": """
                from unittest.mock import patch

                @patch("app.old.Thing")
                def test_use(thing): ...
                """,
                "app/settings.py": 'FACTORY = "app.old:Thing"\n',
            },
            _MOVE,
            ("app/settings.py:1", "tests/test_use.py:3"),
        ),
    )

    def check(self, project: Project) -> Iterator[Finding]:
        """Look at the dotted strings of every file that spells a deprecated name."""
        deprecations = project.deprecations
        if not deprecations:
            return
        for path in project.naming(deprecations.paths, uses=True):
            uses = project.index.uses(path)
            module = project.modules.name_of(path)
            for text in uses.strings if uses is not None else ():
                resolution = project.resolver.dotted(text.value.replace(":", "."))
                found = deprecations.first(resolution)
                direct = deprecations.match(SymbolPath(text.value.replace(":", ".")))
                if found is None and direct is None:
                    continue
                match = found[2] if found is not None else direct
                assert match is not None
                if module == (match.replacement.path.module):
                    continue
                yield project.finding(
                    self,
                    path,
                    Span(text.line, text.column, text.end_line, text.end_column),
                    f"{_kind(text)} names deprecated `{match.found}`: {suggestion(project, match)}",
                    concept=match.replacement.concept,
                    symbol=match.found,
                    canonical=match.canonical,
                    chain=chain_of(path, text.line, resolution.hops),
                    fix=Fix.UNSAFE if _kind(text) != "a string" else Fix.MANUAL,
                    scope=text.scope,
                )


def _kind(text: DottedString) -> str:
    leaf = text.callee.rpartition(".")[2]
    if leaf in _IMPORTERS:
        return "a dynamic import"
    if leaf in _PATCHERS or text.callee.endswith(_PATCHERS):
        return "a mock target"
    if leaf == "getLogger":
        return "a logger name"
    return "a string"
