"""SSOT202: an import that reaches its symbol through a shim."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import Finding, Fix, Severity
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.lint.project import Project, chain_of, span_of
from ssot_migrate.lint.readers import fix_of, imports_through_deprecated, suggestion
from ssot_migrate.lint.rule import Example, Reads, Rule
from ssot_migrate.resolve.resolution import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.config.model import Concept
_TREE = {
    "app/__init__.py": "",
    "app/core.py": "def connect(): ...\n",
    "app/shim.py": "from app.core import connect\n",
    "app/outer.py": "from app.shim import connect\n",
}
_REGISTRY = """
[[concepts]]
name = "database"
canonical = "app.core:connect"
"""


class ShimImport(Rule):
    """An import reaches a concept through a module that only passes it on.

    A shim is paid for by every reader: one more file to open, one more name for the same
    thing, and a module that cannot be deleted. The chain shows the way from the import to the
    definition.

    Flagged are imports whose way to a canonical, or to a deprecated path, leads through a shim
    or another module that is not its home. Not flagged: a package's `__init__` that gathers
    names from inside the package, and direct imports of a deprecated path (SSOT201).
    """

    code = "SSOT202"
    severity = Severity.WARNING
    reads = Reads.MENTIONS
    by_file = True
    valid = (
        Example(
            "the definition itself",
            {**_TREE, "app/use.py": "from app.core import connect\n"},
            _REGISTRY,
            ("app/outer.py:1",),
        ),
        Example(
            "the public face of a package",
            {
                "app/__init__.py": "",
                "app/db/__init__.py": "from app.db._impl import connect\n",
                "app/db/_impl.py": "def connect(): ...\n",
                "app/use.py": "from app.db import connect\n",
            },
            '[[concepts]]\nname = "database"\ncanonical = "app.db._impl:connect"\n',
        ),
    )
    invalid = (
        Example(
            "a shim, and a shim of the shim",
            {
                **_TREE,
                "app/use.py": """
                from app.shim import connect
                from app.outer import connect
                """,
            },
            _REGISTRY,
            ("app/outer.py:1", "app/use.py:1", "app/use.py:2"),
        ),
    )

    def check(self, project: Project) -> Iterator[Finding]:
        """Follow every import that can reach a concept."""
        flagged: set[tuple[str, int, str]] = set()
        for reader in imports_through_deprecated(project):
            statement, match = reader.statement, reader.match
            flagged.add((reader.path, statement.line, statement.bound))
            reached = reader.resolution.hops[0].symbol
            yield project.finding(
                self,
                reader.path,
                span_of(statement),
                f"`{reached}` leads over deprecated `{match.found}`: {suggestion(project, match)}",
                concept=match.replacement.concept,
                symbol=reached,
                canonical=match.canonical,
                chain=chain_of(reader.path, statement.line, reader.resolution.hops),
                fix=fix_of(project, match),
                scope=statement.scope,
            )
        yield from self._through_shims(project, flagged)

    def _through_shims(
        self, project: Project, flagged: set[tuple[str, int, str]]
    ) -> Iterator[Finding]:
        canonicals: dict[SymbolPath, Concept] = {}
        for concept in project.concepts:
            resolution = project.resolver.path(SymbolPath.parse(concept.canonical))
            if resolution.kind is Kind.SYMBOL:
                canonicals[resolution.symbol] = concept
        if not canonicals:
            return
        for path in project.readers(canonicals):
            for statement, resolution in project.imports(path):
                found = canonicals.get(resolution.symbol)
                hops = resolution.hops
                if found is None or (path, statement.line, statement.bound) in flagged:
                    continue
                if any(project.deprecations.match(hop.symbol) for hop in hops):
                    continue
                shims = [hop for hop in hops[:-1] if hop.path and project.shims.is_shim(hop.path)]
                if shims:
                    yield project.finding(
                        self,
                        path,
                        span_of(statement),
                        f"`{hops[0].symbol}` only passes on `{hops[-1].symbol}`: "
                        f"import it from there ({found.name})",
                        concept=found.name,
                        symbol=hops[0].symbol,
                        canonical=hops[-1].symbol,
                        chain=chain_of(path, statement.line, hops),
                        fix=Fix.SAFE,
                        scope=statement.scope,
                    )
