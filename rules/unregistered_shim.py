"""SSOT210: a module that only passes names on, and that the registry does not know."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import Category, Finding, Severity, Span
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.lint.project import Project, span_of
from ssot_migrate.lint.rule import Example, Reads, Rule
from ssot_migrate.resolve.modules import is_hidden

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ssot_migrate.resolve.shims import Shim

_MOST_TARGETS = 3
_TREE = {
    "app/__init__.py": "",
    "app/core.py": "class Engine: ...\ndef connect(): ...\n",
    "app/old.py": '"""Moved."""\n\nfrom app.core import Engine, connect\n',
    "app/use.py": "from app.old import Engine\nENGINE = Engine()\n",
}


class UnregisteredShim(Rule):
    """A module only passes names on to their real home, and no concept or move says so.

    Shims outlive the migration that needed them: nobody knows who still imports through them,
    and every one of them is a second path to the same thing. Once registered, its readers are
    found, rewritten and kept away, and the module can go.

    The number of files counts imports by binding, also those that reach through another shim.

    Not flagged: a package's `__init__` that gathers the package's own modules, the public face of
    private modules (`api` for `_impl`) unless a warning, its docstring or a `__getattr__` says
    more, modules that only pass on what lies outside the tree, modules with functions or classes
    of their own, private ones included, files hidden behind a package of the same name, tests,
    scripts, backups and generated files.
    """

    code = "SSOT210"
    severity = Severity.INFO
    reads = Reads.TREE
    valid = (
        Example(
            "a module that also defines something",
            {**_TREE, "app/old.py": "from app.core import connect\ndef reconnect(): ...\n"},
        ),
        Example(
            "a package that gathers its own modules",
            {
                **_TREE,
                "app/old.py": "",
                "app/__init__.py": "from app.core import Engine, connect\n",
            },
        ),
        Example(
            "a registered shim, and one of which the registry names a name",
            {**_TREE, "app/older.py": "from app.core import Engine as Motor, connect\n"},
            """
            [[concepts]]
            name = "engine"
            canonical = "app.core:Engine"
            deprecated = [{ path = "app.old" }]
            [[moves]]
            from = "app.older:Motor"
            to = "app.core:Engine"
            """,
        ),
        Example(
            "a module of private functions, and one hidden behind a package of its name",
            {
                **_TREE,
                "app/old.py": "from app.core import connect\ndef _reconnect():\n    connect()\n",
                "app/use.py": "from app.core import Engine\n",
                "app/use/__init__.py": "",
            },
        ),
        Example(
            "the public face of private modules, and a module that works for its `__getattr__`",
            {
                "app/__init__.py": "",
                "app/_engine.py": "class Engine: ...\n",
                "app/_lookup.py": "def finder(package): return lambda name: package + name\n",
                "app/api.py": "from app._engine import Engine\n",
                "app/lazy.py": """
                from app._lookup import finder

                _find = finder("elsewhere")

                def __getattr__(name):
                    return _find(name)
                """,
                "app/use.py": "from app.api import Engine\n",
            },
        ),
        Example(
            "one place for an optional dependency, and a test's own names",
            {
                **_TREE,
                "app/old.py": """
                try:
                    import orjson as json
                except ImportError:
                    import json
                """,
                "tests/names.py": "from app.core import Engine, connect\n",
            },
        ),
    )
    invalid = (
        Example(
            "a module of imports, read by another",
            _TREE,
            flagged=("app/old.py:3",),
        ),
        Example(
            "aliases, a table of names, and a shim of a shim",
            {
                **_TREE,
                "app/alias.py": """
                from app.core import Engine

                Motor = Engine
                """,
                "app/table.py": """
                import importlib

                _MOVED = {"connect": "app.core"}

                def __getattr__(name):
                    if name in _MOVED:
                        return getattr(importlib.import_module(_MOVED[name]), name)
                    raise AttributeError(name)
                """,
                "app/oldest.py": "from app.old import *\n",
            },
            flagged=("app/alias.py:1", "app/old.py:3", "app/oldest.py:1", "app/table.py:3"),
        ),
    )

    def check(self, project: Project) -> Iterator[Finding]:
        """Describe every shim of the production code that the registry does not name."""
        named = _named_modules(project)
        shims = {}
        for path in project.everything():
            if _only_passes_on(project, path) and not _is_named(project, path, named):
                shim = project.shims.describe(path)
                if _targets(project, shim) and not _is_public_face(project, shim):
                    shims[path] = shim
        readers = _readers(project, shims) if shims else {}
        for path, shim in shims.items():
            yield self._finding(project, shim, readers.get(path, set()))

    def _finding(self, project: Project, shim: Shim, readers: set[str]) -> Finding:
        targets = _targets(project, shim)
        shown = ", ".join(f"`{target}`" for target in targets[:_MOST_TARGETS])
        if len(targets) > _MOST_TARGETS:
            shown += f" and {len(targets) - _MOST_TARGETS} more"
        through = {0: "no file imports", 1: "1 file imports"}.get(
            len(readers), f"{len(readers)} files import"
        )
        message = (
            f"`{shim.module}` only passes on names of {shown}; {through} through it; register it "
            f'with `deprecated = [{{ path = "{shim.module}" }}]` in a concept, or with a '
            f"`[[moves]]` entry"
        )
        return project.finding(
            self,
            shim.path,
            _first_statement(project, shim),
            message,
            symbol=SymbolPath(shim.module),
            canonical=SymbolPath(targets[0]) if len(targets) == 1 else None,
            evidence=[
                *(f"{name} is {target}" for name, target in shim.targets.items()),
                *(f"{reader} imports through it" for reader in sorted(readers)),
            ],
        )


def _only_passes_on(project: Project, path: str) -> bool:
    is_shadowed = project.modules.path_of(project.modules.name_of(path)) != path
    return (
        not is_shadowed
        and project.category(path) is Category.PRODUCTION
        and project.shims.is_shim(path)
    )


def _is_named(project: Project, path: str, named: set[str]) -> bool:
    module = project.modules.name_of(path)
    return module in named or project.deprecations.match(SymbolPath(module)) is not None


def _named_modules(project: Project) -> set[str]:
    """The modules in which the registry names something, or that it names themselves."""
    texts = {
        *(concept.canonical for concept in project.concepts),
        *(module for concept in project.concepts for module in concept.delete),
        *(move.to for move in project.registry.moves),
        *(str(path) for path in project.deprecations.paths),
    }
    named = set()
    for text in texts:
        path = SymbolPath.parse(text)
        named.add(path.module)
        named.add(path.dotted)
        # Without a colon it may be a name at that path.
        named.add(path.module.rpartition(".")[0] if path.is_module else path.module)
    return named


def _is_public_face(project: Project, shim: Shim) -> bool:
    """Whether it is the place from which private modules are to be imported."""
    facts = project.facts(shim.path)
    return (
        facts is not None
        and not (shim.message or facts.notice or facts.has_getattr)
        and all(is_hidden(target, shim.module) for target in _targets(project, shim))
    )


def _targets(project: Project, shim: Shim) -> list[str]:
    """The modules of this tree that a shim's names come from, sorted."""
    modules = {target.module for target in shim.targets.values()} - {shim.module}
    return sorted(module for module in modules if project.modules.path_of(module))


def _readers(project: Project, shims: Mapping[str, Shim]) -> Mapping[str, set[str]]:
    """The files that import through each shim, by binding."""
    readers: defaultdict[str, set[str]] = defaultdict(set)
    for path in project.everything():
        for _statement, resolution in project.imports(path):
            for hop in resolution.hops:
                if hop.path in shims and hop.path != path:
                    readers[hop.path].add(path)
    return readers


def _first_statement(project: Project, shim: Shim) -> Span:
    """The first statement that passes something on."""
    facts = project.facts(shim.path)
    if facts is None:
        return Span(1)
    imports = [
        statement
        for statement in facts.imports
        if not statement.scope and (statement.name == "*" or statement.bound in shim.targets)
    ]
    if imports:
        return span_of(imports[0])
    lines = [binding.line for binding in facts.bindings if binding.name in shim.targets]
    lines += [lazy.line for lazy in facts.lazy_names if lazy.name in shim.targets]
    return Span(min(lines, default=1))
