"""SSOT203: a use of a deprecated name through an attribute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import Finding, Severity, Span
from ssot_migrate.lint.project import Project, chain_of
from ssot_migrate.lint.readers import fix_of, references_to_deprecated, verdict
from ssot_migrate.lint.rule import Example, Reads, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOVE = '[[moves]]\nfrom = "app.old:Thing"\nto = "app.new:Thing"\n'
_TREE = {
    "app/__init__.py": "",
    "app/old.py": "class Thing: ...\nclass Other: ...\n",
    "app/new.py": "class Thing: ...\n",
}


class DeprecatedReference(Rule):
    """Code reaches a deprecated name through an attribute chain, `old.mod.Thing`.

    Such a use is invisible to a search for imports: the import may name only a parent package,
    and that stays legal. Names are resolved by scope: a parameter or a local variable that
    happens to be called like the package is not one.

    Not flagged: names brought in by `from old import Thing` (SSOT201 flags the import; the local
    name can stay), and uses inside the deprecated module itself.
    """

    code = "SSOT203"
    severity = Severity.ERROR
    reads = Reads.MENTIONS
    by_file = True
    valid = (
        Example(
            "another name of the same module",
            {**_TREE, "app/use.py": "import app.old\nx = app.old.Other\n"},
            _MOVE,
        ),
        Example(
            "a parameter that is called like the package",
            {**_TREE, "app/use.py": "import app.old\ndef f(app):\n    return app.old.Thing\n"},
            _MOVE,
        ),
    )
    invalid = (
        Example(
            "chains behind an import and an alias",
            {
                **_TREE,
                "app/use.py": """
                import app.old
                from app import old as legacy

                x = app.old.Thing()
                def make() -> "legacy.Thing":
                    return legacy.Thing()
                """,
            },
            _MOVE,
            ("app/use.py:4", "app/use.py:5", "app/use.py:6"),
        ),
    )

    def check(self, project: Project) -> Iterator[Finding]:
        """Look at the uses in every file that spells a deprecated name or a re-export of one."""
        for use in references_to_deprecated(project):
            reference, match = use.reference, use.match
            yield project.finding(
                self,
                use.path,
                Span(reference.line, reference.column, reference.end_line, reference.end_column),
                verdict(project, match, use.resolution),
                concept=match.replacement.concept,
                symbol=match.found,
                canonical=match.canonical,
                chain=chain_of(use.path, reference.line, use.resolution.hops),
                fix=fix_of(project, match),
                scope=reference.scope,
            )
