"""SSOT201: an import of a deprecated path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import Finding, Severity
from ssot_migrate.lint.project import Project, chain_of, span_of
from ssot_migrate.lint.readers import fix_of, imports_of_deprecated, verdict
from ssot_migrate.lint.rule import Example, Reads, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

_REGISTRY = """
[[concepts]]
name = "database"
canonical = "app.core.db:connect"
deprecated = [{ path = "app.legacy.db" }]
"""
_TREE = {
    "app/__init__.py": "",
    "app/core/__init__.py": "",
    "app/core/db.py": "def connect(): ...\n",
    "app/legacy/__init__.py": "",
    "app/legacy/db.py": "from app.core.db import connect\n",
}


class DeprecatedImport(Rule):
    """An import names a path that the registry deprecates.

    Every import of a deprecated path keeps a second home for its concept alive. The finding
    says what to import instead. A `safe` one keeps its meaning when
    only the path is rewritten.

    All forms count: `import m`, `from m import x`, aliases, relative imports, imports inside
    functions, `try` and `TYPE_CHECKING`. Not flagged: imports within the deprecated module or
    package itself, and imports that only reach the path through another module (SSOT202).
    """

    code = "SSOT201"
    severity = Severity.ERROR
    reads = Reads.MENTIONS
    by_file = True
    valid = (
        Example(
            "the canonical import",
            {**_TREE, "app/use.py": "from app.core.db import connect\n"},
            _REGISTRY,
        ),
        Example(
            "another module that ends in the same name",
            {**_TREE, "other/legacy/db.py": "", "app/use.py": "from other.legacy import db\n"},
            _REGISTRY,
        ),
    )
    invalid = (
        Example(
            "imports of a module in every form",
            {
                **_TREE,
                "app/use.py": """
                from app.legacy.db import connect
                import app.legacy.db
                import app.legacy.db as old
                from app.legacy import db
                from .legacy.db import connect as c

                def late():
                    from app.legacy.db import connect
                """,
            },
            _REGISTRY,
            (
                "app/use.py:1",
                "app/use.py:2",
                "app/use.py:3",
                "app/use.py:4",
                "app/use.py:5",
                "app/use.py:8",
            ),
        ),
        Example(
            "one name of several moves",
            {"old.py": "A = B = 1\n", "new.py": "A = 1\n", "use.py": "from old import A, B\n"},
            '[[moves]]\nfrom = "old:A"\nto = "new:A"\n',
            ("use.py:1",),
        ),
    )

    def check(self, project: Project) -> Iterator[Finding]:
        """Look at the imports of every file that spells a deprecated name."""
        for reader in imports_of_deprecated(project):
            match = reader.match
            yield project.finding(
                self,
                reader.path,
                span_of(reader.statement),
                verdict(project, match, reader.resolution),
                concept=match.replacement.concept,
                symbol=match.found,
                canonical=match.canonical,
                chain=chain_of(reader.path, reader.statement.line, reader.resolution.hops),
                fix=fix_of(project, match),
                scope=reader.statement.scope,
            )
