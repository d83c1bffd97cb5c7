"""SSOT205: a first-party import that resolves to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import Finding, Severity
from ssot_migrate.index.facts import Context, Import
from ssot_migrate.lint.project import Project, chain_of, span_of
from ssot_migrate.lint.readers import named_by
from ssot_migrate.lint.rule import Example, Option, Reads, Rule
from ssot_migrate.resolve.resolution import Kind, Resolution

if TYPE_CHECKING:
    from collections.abc import Iterator

_GUARDED = int(Context.TRY | Context.HANDLER)
_EXPECTED = int(Context.EXPECTED)


class UnresolvedImport(Rule):
    """An import names a module or a name of this tree that does not exist.

    Half-done migrations leave such imports behind: the module was deleted, its readers were
    not. Those inside functions fail only when they run, those inside `try` never do: they hide
    which branch is alive.

    Not flagged: names that a module may bind in ways that cannot be read (`globals()`, a
    `__getattr__` without a table, a star import from outside the tree), names of files that
    cannot be parsed, packages that only share their name with a folder of the tree, and what is
    missing in a namespace package that holds packages only: other distributions add to it.
    Compiled modules are known by their files (`.so`, `.pyd`, and `.pyx` or `.c` of that name) or
    their stubs, and may bind anything; so may what sets its own `__path__`. A `with` that
    asserts the failure is no place to report it, and what the registry replaces is told by
    SSOT201.
    """

    code = "SSOT205"
    severity = Severity.WARNING
    reads = Reads.TREE
    by_file = True
    options = {
        "guarded": Option(True, "flag imports inside `try ... except ImportError` as well"),
    }
    valid = (
        Example(
            "names bound in every readable way",
            {
                "app/__init__.py": "from app.impl import *\n",
                "app/impl.py": """
                try:
                    import json
                except ImportError:
                    json = None
                A, (B, *C) = 1, (2, 3)
                for D in (): pass
                with open("x") as E: pass
                def set_f():
                    global F
                    F = 1
                """,
                "app/lazy.py": "def __getattr__(name): ...\n",
                "app/face.py": "from app.impl import *\n__all__ = ['A', 'B']\n",
                "use.py": """
                from app.face import __all__
                from app import A, B, C, D, E, impl
                from app.impl import F, json
                from app.lazy import anything
                """,
            },
        ),
        Example(
            "a folder that only shares its name with an installed package",
            {
                "docker/build.py": "",
                "use.py": "import docker\nfrom docker.errors import NotFound\n",
            },
        ),
        Example(
            "compiled modules, one with a stub, and a module that makes its own submodules",
            {
                "app/__init__.py": "",
                "app/_fast.pyx": "def total(rows): return sum(rows)\n",
                "app/_native.cpython-312-x86_64-linux-gnu.so": "",
                "app/_stubbed.pyi": "def total(rows: list[int]) -> int: ...\n",
                "app/six.py": "__path__ = []\nmoves = object()\n",
                "app/use.py": """
                from app import _fast
                from app._fast import total
                from app._native.sub import thing
                from app._stubbed import UNTOLD
                from app.six.moves.urllib import parse
                """,
            },
        ),
        Example(
            "a name that has moved, and of which the registry says where",
            {
                "app/__init__.py": "",
                "app/old.py": "",
                "app/new.py": "class Thing: ...\n",
                "app/use.py": "from app.old import Thing\n",
            },
            '[[moves]]\nfrom = "app.old:Thing"\nto = "app.new:Thing"\n',
        ),
        Example(
            "a failure that a test asserts",
            {
                "app/__init__.py": "",
                "test_app.py": """
                import pytest

                def test_that_it_is_gone():
                    with pytest.raises((ImportError, AttributeError)):
                        from app import gone
                """,
            },
        ),
        Example(
            "a namespace package of which other distributions have parts",
            {
                "company/storage/__init__.py": "",
                "company/storage/use.py": "import company.storage\nfrom company.core import auth\n",
            },
        ),
    )
    invalid = (
        Example(
            "a module and a name that are gone",
            {
                "app/__init__.py": "",
                "app/core.py": "A = 1\n",
                "app/names.py": "from app.lost import one, two, three\n",
                "app/use.py": """
                from app.core import A, B
                import app.gone
                from .gone import C
                from ....far import D
                """,
            },
            flagged=("app/names.py:1", *(f"app/use.py:{line}" for line in range(1, 5))),
        ),
    )

    def check(self, project: Project) -> Iterator[Finding]:
        """Resolve every import of the tree."""
        guarded_too = bool(project.option(UnresolvedImport, "guarded"))
        for path in project.everything():
            told: set[tuple[int, int, str]] = set()
            for statement, resolution in project.imports(path):
                if (
                    resolution.kind is not Kind.MISSING
                    or statement.context & _EXPECTED
                    or (statement.context & _GUARDED and not guarded_too)
                ):
                    continue
                first = resolution.hops[0].symbol.module.partition(".")[0]
                if _may_be_installed(project, resolution) or named_by(project, path, statement):
                    continue
                # A folder without `__init__.py` that nobody imports from is no package of ours.
                is_namespace = project.modules.is_namespace(first)
                if not is_namespace or first in project.whole.once(_imported_from):
                    finding = self._finding(project, path, statement, resolution)
                    # A module that is gone is told once, however many names were its.
                    what = (finding.line, finding.column, finding.message)
                    if what not in told:
                        told.add(what)
                        yield finding

    def _finding(
        self, project: Project, path: str, statement: Import, resolution: Resolution
    ) -> Finding:
        end = resolution.end
        if end.path:
            message = f"`{end.symbol.module}` ({end.path}) binds no `{end.symbol.name}`"
        elif end.symbol.module.startswith("."):
            message = f"`{end.symbol.module}` leads above the topmost package"
        else:
            message = f"there is no module `{_missing_module(project, resolution)}` in this tree"
        if statement.context & _GUARDED:
            message += "; the `try` around it always takes its other branch"
        return project.finding(
            self,
            path,
            span_of(statement),
            message,
            symbol=end.symbol,
            chain=chain_of(path, statement.line, resolution.hops),
            scope=statement.scope,
        )


def _imported_from(project: Project) -> frozenset[str]:
    """The first names of what imports find in the tree."""
    return frozenset(
        resolution.hops[0].symbol.module.partition(".")[0]
        for path in project.everything()
        for _, resolution in project.imports(path)
        if resolution.kind in (Kind.SYMBOL, Kind.UNKNOWN)
        or (resolution.kind is Kind.MODULE and "." in resolution.symbol.module)
    )


def _may_be_installed(project: Project, resolution: Resolution) -> bool:
    """Whether another distribution may have the module, in a namespace that it shares."""
    above = _missing_module(project, resolution)
    while above and not project.modules.exists(above):
        above = above.rpartition(".")[0]
    return not resolution.end.path and project.modules.is_shared(above)


def _missing_module(project: Project, resolution: Resolution) -> str:
    symbol = resolution.end.symbol
    if symbol.name and project.modules.exists(symbol.module):
        return f"{symbol.module}.{symbol.name}"
    return symbol.module
