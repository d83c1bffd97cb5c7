"""SSOT501: a canonical module that imports its own deprecated path."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.finding import Finding, Severity, Span
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.index.facts import Import
from ssot_migrate.lint.project import Project, chain_of, span_of
from ssot_migrate.lint.rule import Example, Reads, Rule
from ssot_migrate.resolve.graph import ImportEdge, When, edges_of, when_of
from ssot_migrate.resolve.resolution import Kind, Resolution

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_REGISTRY = """
[[concepts]]
name = "engine"
canonical = "app.engine:Engine"
deprecated = [{ path = "app.old" }]
"""
_SHIM = "from app.engine import Engine\n"
_TREE = {"app/__init__.py": "", "app/old.py": _SHIM, "app/engine.py": "class Engine: ...\n"}


class CanonicalCycle(Rule):
    """A canonical module imports its own deprecated path or shim, directly or over other modules.

    The two cannot be loaded without each other: which of them fails depends on who is imported
    first, and the deprecated path cannot be deleted. The chain shows the imports in order.

    A direct import counts at module level and inside functions, where it is lazy and bites when
    the function runs. Over other modules only imports count that happen as soon as the modules
    are loaded, the `__init__` of their packages included. Not flagged: imports for type checkers,
    and packages that gather the canonical module among their own.
    """

    code = "SSOT501"
    severity = Severity.ERROR
    reads = Reads.TREE
    valid = (
        Example(
            "an import for type checkers",
            {
                **_TREE,
                "app/engine.py": """
                from typing import TYPE_CHECKING
                if TYPE_CHECKING:
                    from app.old import Engine as OldEngine
                class Engine: ...
                """,
            },
            _REGISTRY,
        ),
        Example(
            "a longer way with a lazy import in it",
            {
                **_TREE,
                "app/engine.py": "import app.parts\nclass Engine: ...\n",
                "app/parts.py": "def late():\n    from app.old import Engine\n",
            },
            _REGISTRY,
        ),
        Example(
            "another name of a module that holds a deprecated one",
            {
                **_TREE,
                "app/engine.py": "from app.old import LIMIT\nclass Engine: ...\n",
                "app/old.py": "LIMIT = 1\nclass OldEngine: ...\n",
            },
            _REGISTRY.replace("app.old", "app.old:OldEngine"),
        ),
        Example(
            "the public face of the canonical's package",
            {
                "app/__init__.py": "from app.engine import Engine\n",
                "app/engine.py": "import app\nclass Engine: ...\n",
            },
            '[[concepts]]\nname = "engine"\ncanonical = "app.engine:Engine"\n',
        ),
    )
    invalid = (
        Example(
            "a direct import, and a lazy one of a shim that nobody registered",
            {
                **_TREE,
                "app/engine.py": """
                from app import old
                class Engine:
                    def copy(self):
                        from app.facade import Engine
                        return Engine()
                """,
                "app/facade.py": _SHIM,
            },
            _REGISTRY,
            ("app/engine.py:1", "app/engine.py:4"),
        ),
        Example(
            "a chain of modules, once for each end",
            {
                **_TREE,
                "app/engine.py": "import os\nfrom app.parts import wheel\nclass Engine: ...\n",
                "app/parts/__init__.py": "",
                "app/parts/wheel.py": "from app.parts.tools import turn\n",
                "app/parts/tools.py": "from app.old import Engine\ndef turn(): ...\n",
            },
            _REGISTRY,
            ("app/engine.py:2",),
        ),
        Example(
            "the package around an imported module, and a move",
            {
                **_TREE,
                "app/engine.py": "import app.parts.wheel\ndef start(): ...\n",
                "app/old.py": "from app.engine import start\n",
                "app/parts/__init__.py": "from app.old import start\n",
                "app/parts/wheel.py": "",
            },
            '[[moves]]\nfrom = "app.old:start"\nto = "app.engine:start"\n',
            ("app/engine.py:1",),
        ),
    )

    def check(self, project: Project) -> Iterator[Finding]:
        """Follow the imports of every canonical module and every target of a move."""
        walk = _Walk(project)
        for home, owner in _homes(project).items():
            seen: set[tuple[str, int]] = set()
            at_once: set[str] = set()
            for exit_, end in walk.exits(home, home):
                place = (end.path, exit_.statement.line)
                if place not in seen:
                    seen.add(place)
                    yield self._finding(project, home, exit_, end, owner)
                if exit_.when is When.RUNTIME:
                    at_once.add(end.path)
            for edges, exit_, end in walk.chains(home):
                if end.path not in at_once:
                    yield self._finding(project, home, exit_, end, owner, edges)

    def _finding(
        self,
        project: Project,
        home: str,
        exit_: _Exit,
        end: _End,
        owner: tuple[str | None, SymbolPath],
        edges: tuple[ImportEdge, ...] = (),
    ) -> Finding:
        concept, canonical = (end.concept, end.canonical) if end.canonical else owner
        module = project.modules.name_of(end.path)
        what = "shim" if project.shims.is_shim(end.path) else "deprecated path"
        whose = f" of {concept}" if concept else ""
        message = f"the canonical module{whose} imports its own {what} `{module}`"
        if edges:
            message += f" over {', '.join(f'`{edge.imported}`' for edge in edges)}"
        elif exit_.when is When.LAZY:
            message += ", lazily: it is imported when the function runs"
        steps = [f"{edge.path}:{edge.line}" for edge in edges]
        return project.finding(
            self,
            home,
            _span(project, home, edges[0].line) if edges else span_of(exit_.statement),
            message,
            concept=concept,
            symbol=SymbolPath(module),
            canonical=canonical,
            chain=(*steps, *chain_of(exit_.path, exit_.statement.line, exit_.resolution.hops)),
            scope="" if edges else exit_.statement.scope,
        )


class _End(msgspec.Struct, frozen=True):
    """A deprecated path or a shim, and where it leads back to.

    Args:
        path: Its file.
        home: The file that it leads to.
        concept: The concept that deprecates it, if one does.
        canonical: What the registry has instead, if it knows the path.
    """

    path: str
    home: str
    concept: str | None = None
    canonical: SymbolPath | None = None


class _Exit(msgspec.Struct, frozen=True):
    """An import that leads over deprecated paths or shims at run time."""

    path: str
    statement: Import
    resolution: Resolution
    when: When
    ends: tuple[_End, ...]


class _Walk:
    """Follows imports; what it finds out about a file serves every start."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._exits: dict[str, tuple[_Exit, ...]] = {}
        self._edges: dict[str, tuple[ImportEdge, ...]] = {}

    def exits(self, path: str, home: str) -> Iterator[tuple[_Exit, _End]]:
        """The imports of a file that lead over a deprecated path or shim to `home`."""
        if path not in self._exits:
            self._exits[path] = tuple(self._find_exits(path))
        for exit_ in self._exits[path]:
            for end in exit_.ends:
                if end.home == home != end.path:
                    yield exit_, end
                    break

    def chains(self, home: str) -> Iterator[tuple[tuple[ImportEdge, ...], _Exit, _End]]:
        """The shortest way over other modules to each deprecated path or shim of `home`."""
        ways: dict[str, tuple[ImportEdge, ...]] = {home: ()}
        ends: set[str] = set()
        waiting = deque([home])
        while waiting:
            path = waiting.popleft()
            for exit_, end in self.exits(path, home) if path != home else ():
                if exit_.when is When.RUNTIME and end.path not in ends:
                    ends.add(end.path)
                    yield ways[path], exit_, end
            for edge in self._edges_of(path):
                reached = self._project.modules.path_of(edge.imported)
                if reached is not None and reached not in ways and reached not in ends:
                    ways[reached] = (*ways[path], edge)
                    waiting.append(reached)

    def _find_exits(self, path: str) -> Iterator[_Exit]:
        for statement, resolution in self._project.imports(path):
            when = when_of(statement)
            if when is not When.TYPE_CHECKING:
                ends = tuple(self._ends(path, resolution))
                if ends:
                    yield _Exit(path, statement, resolution, when, ends)

    def _ends(self, path: str, resolution: Resolution) -> Iterator[_End]:
        project = self._project
        found = project.deprecations.first(resolution)
        if found is not None and found[1].path:
            match = found[2]
            home = _file_of(project, match.canonical)
            if home is not None:
                yield _End(found[1].path, home, match.replacement.concept, match.canonical)
        for hop in resolution.hops:
            if not hop.path or hop.path == path or not project.shims.is_shim(hop.path):
                continue
            if resolution.kind is Kind.SYMBOL:
                yield _End(hop.path, resolution.end.path)
            elif resolution.kind is Kind.MODULE and hop == resolution.end:
                for target in project.shims.describe(hop.path).targets.values():
                    home = _file_of(project, target)
                    if home is not None:
                        yield _End(hop.path, home)

    def _edges_of(self, path: str) -> tuple[ImportEdge, ...]:
        if path not in self._edges:
            facts = self._project.facts(path)
            self._edges[path] = (
                tuple(
                    with_packages
                    for edge in edges_of(path, facts, self._project.resolver)
                    if edge.when is When.RUNTIME
                    for with_packages in _with_packages(edge)
                )
                if facts is not None
                else ()
            )
        return self._edges[path]


def _with_packages(edge: ImportEdge) -> Iterator[ImportEdge]:
    """An import, and those of the packages around the module that it loads first."""
    package, dot, rest = edge.imported.partition(".")
    while dot:
        if not f"{edge.importer}.".startswith(f"{package}."):
            yield msgspec.structs.replace(edge, imported=package)
        part, dot, rest = rest.partition(".")
        package = f"{package}.{part}"
    yield edge


def _homes(project: Project) -> Mapping[str, tuple[str | None, SymbolPath]]:
    """The files of canonicals and of the targets of moves, with the first concept of each."""
    homes: dict[str, tuple[str | None, SymbolPath]] = {}
    wanted: list[tuple[str | None, str]] = [(c.name, c.canonical) for c in project.concepts]
    wanted += [(None, move.to) for move in project.registry.moves]
    for concept, text in wanted:
        canonical = SymbolPath.parse(text)
        home = _file_of(project, canonical)
        if home is not None:
            homes.setdefault(home, (concept, canonical))
    return homes


def _file_of(project: Project, symbol: SymbolPath) -> str | None:
    """The file that defines a name, or the module's own."""
    found = project.resolver.path(symbol)
    return found.end.path if found.kind in (Kind.SYMBOL, Kind.MODULE) and found.end.path else None


def _span(project: Project, path: str, line: int) -> Span:
    facts = project.facts(path)
    statements = facts.imports if facts is not None else ()
    return next((span_of(one) for one in statements if one.line == line), Span(line))
