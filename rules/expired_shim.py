"""SSOT207: a deprecated path whose time is up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.config.replacements import declared
from ssot_migrate.domain.finding import Finding, Severity, Span
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.index.needles import Needle
from ssot_migrate.lint.clock import today
from ssot_migrate.lint.reach import within
from ssot_migrate.lint.rule import Example, Reads, Rule
from ssot_migrate.resolve.resolution import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ssot_migrate.config.replacements import Replacement
    from ssot_migrate.index.facts import Import
    from ssot_migrate.lint.project import Project
    from ssot_migrate.resolve.resolution import Resolution

_MOST_FILES = 5
_SHIM = "from app.core import connect\n"
_TREE = {
    "app/__init__.py": "",
    "app/core.py": "def connect(): ...\n",
    "app/old.py": _SHIM,
}


def _registry(entry: str) -> str:
    return f"""
    [[concepts]]
    name = "database"
    canonical = "app.core:connect"
    {entry}
    """


_OPEN_ENDED = _registry('deprecated = [{ path = "app.old" }]')
_PAST = _registry('deprecated = [{ path = "app.old", remove-by = 2000-12-31 }]')


class ExpiredShim(Rule):
    """A deprecated path is past its remove-by date, or a deprecated module has no consumer left.

    A shim that nobody takes away becomes an interface. When its day has come it is an error; when
    its last reader has gone, it can be deleted at once.

    Consumers are counted by binding: imports, attribute chains and dotted strings, in tests too,
    directly or over other modules. A file that cannot be parsed counts as one if it spells the
    module's name; what lies inside a deprecated package does not count. The modules of a
    concept's `delete` are looked at as well. Today is the date in UTC, or that of
    SOURCE_DATE_EPOCH where it is set.

    Not flagged: paths that are gone, and deprecated names that nobody reads before their day.
    """

    code = "SSOT207"
    severity = Severity.WARNING
    reads = Reads.MENTIONS
    valid = (
        Example(
            "a shim with a test as its last consumer",
            {**_TREE, "tests/test_db.py": "from app.old import connect\n"},
            _OPEN_ENDED,
        ),
        Example(
            "a shim that is read through its package, or in a string",
            {
                **_TREE,
                "app/__init__.py": "from .old import connect\n",
                "app/older.py": _SHIM,
                "tests/test_db.py": 'TARGET = "app.older.connect"\n',
            },
            _registry('deprecated = [{ path = "app.old" }, { path = "app.older" }]'),
        ),
        Example(
            "a day that is still to come, and a path that is gone",
            {**_TREE, "app/use.py": "import app.old\n"},
            _registry(
                'deprecated = [{ path = "app.old", remove-by = 9999-12-31 }, '
                '{ path = "app.core:disconnect", remove-by = 2000-12-31 }]'
            ),
        ),
        Example(
            "a file that cannot be parsed and spells the name",
            {**_TREE, "app/broken.py": "from app import old as\n"},
            _OPEN_ENDED,
        ),
        Example(
            "a deprecated name that nobody reads, in a module that stays",
            {**_TREE, "app/old.py": f"{_SHIM}LIMIT = 1\n"},
            _registry('deprecated = [{ path = "app.old:connect" }]'),
        ),
    )
    invalid = (
        Example(
            "a module and a name past their day",
            {
                **_TREE,
                "app/core.py": "def connect(): ...\n\ndef open_database(): ...\n",
                "app/use.py": "from app.old import connect\n",
            },
            _registry(
                'remove-by = 2000-12-31\n    deprecated = [{ path = "app.old" }, '
                '{ path = "app.core:open_database" }]'
            ),
            ("app/core.py:3", "app/old.py:1"),
        ),
        Example(
            "a module that nobody reads, and one that only mentions itself",
            {
                **_TREE,
                "app/older/__init__.py": "from app.older.parts import connect\n",
                "app/older/parts.py": _SHIM,
                "app/use.py": '"""Used to read app.old and app.older."""\n',
            },
            _registry('deprecated = [{ path = "app.old" }]\n    delete = ["app.older"]'),
            ("app/old.py:1", "app/older/__init__.py:1"),
        ),
    )

    def check(self, project: Project) -> Iterator[Finding]:
        """Look at every registered path that still exists."""
        modules: dict[str, tuple[SymbolPath, Replacement | None]] = {}
        for entry in _entries(project):
            path = _module_file(project, entry.path)
            if path is not None:
                modules[path] = (SymbolPath(entry.path.dotted), entry)
            elif _is_over(entry):
                yield from self._expired_name(project, entry)
        for concept in project.concepts:
            for text in concept.delete:
                path = _module_file(project, SymbolPath.parse(text))
                if path is not None:
                    modules.setdefault(path, (SymbolPath(text), None))
        for path, (module, replacement) in sorted(modules.items()):
            yield from self._module(project, path, module, replacement)

    def _expired_name(self, project: Project, entry: Replacement) -> Iterator[Finding]:
        resolution = project.resolver.path(entry.path)
        hop = next((h for h in resolution.hops if h.symbol.dotted == entry.path.dotted), None)
        if resolution.kind is not Kind.MISSING and hop is not None and hop.line:
            yield project.finding(
                self,
                hop.path,
                Span(hop.line),
                _past(entry),
                concept=entry.concept,
                symbol=entry.path,
                canonical=entry.target,
                severity=_error(project),
            )

    def _module(
        self, project: Project, path: str, module: SymbolPath, entry: Replacement | None
    ) -> Iterator[Finding]:
        consumers = _consumers(project, module)
        is_over = entry is not None and _is_over(entry)
        if consumers and not is_over:
            return
        if entry is not None and is_over:
            message = _past(entry)
            if not consumers:
                message += "; nothing imports it any more: delete it"
        else:
            message = f"nothing imports deprecated `{module}` any more: delete it"
        yield project.finding(
            self,
            path,
            Span(1),
            message,
            concept=entry.concept if entry else _deleting(project, module),
            symbol=module,
            canonical=entry.target if entry else None,
            evidence=_told(consumers),
            severity=_error(project) if is_over else None,
        )


def _entries(project: Project) -> list[Replacement]:
    """The registry's entries, once a path; the earliest day counts."""
    by_path: dict[str, Replacement] = {}
    for entry in declared(project.registry):
        known = by_path.get(entry.path.dotted)
        if known is None or _day(entry) < _day(known):
            by_path[entry.path.dotted] = entry
    return list(by_path.values())


def _day(entry: Replacement) -> str:
    return entry.remove_by.isoformat() if entry.remove_by else "never"


def _is_over(entry: Replacement) -> bool:
    return entry.remove_by is not None and entry.remove_by < today()


def _past(entry: Replacement) -> str:
    return (
        f"`{entry.path}` should have gone by {_day(entry)}: "
        f"move its readers to `{entry.target}` and delete it"
    )


def _error(project: Project) -> Severity | None:
    """An expired path is an error unless the configuration says otherwise."""
    configured = project.severity(ExpiredShim)
    return Severity.ERROR if configured is ExpiredShim.severity else configured


def _module_file(project: Project, path: SymbolPath) -> str | None:
    """The file of a path that names a module of the tree."""
    return project.modules.path_of(path.module) if path.is_module else None


def _consumers(project: Project, module: SymbolPath) -> list[str]:
    """The files outside a module that import it, or else those that read it in any other way.

    Whoever reads it through another module has that one as a direct consumer.
    """
    wanted = {module.dotted}

    def is_outside(path: str) -> bool:
        return not within(SymbolPath(project.modules.name_of(path)), wanted)

    named = list(filter(is_outside, project.naming([module])))
    importing = [path for path in named if _leads_to(wanted, project.imports(path))]
    if importing:
        return importing
    named = list(filter(is_outside, project.naming([module], uses=True)))
    reading = [path for path in named if _uses(project, path, wanted)]
    spelling = sorted(filter(is_outside, project.index.search([Needle(module.leaf)])))
    project.preload(spelling)
    return sorted({*reading, *(path for path in spelling if path in project.index.unparsable)})


def _leads_to(wanted: set[str], found: Iterable[tuple[Import, Resolution]]) -> bool:
    return any(within(hop.symbol, wanted) for _, resolution in found for hop in resolution.hops)


def _uses(project: Project, path: str, wanted: set[str]) -> bool:
    references = ((imported, found) for _, imported, found in project.references(path))
    if _leads_to(wanted, references):
        return True
    uses = project.index.uses(path)
    named = (text.value.replace(":", ".") for text in (uses.strings if uses else ()))
    return any(within(SymbolPath(text), wanted) for text in named)


def _told(consumers: Sequence[str]) -> list[str]:
    told = [f"{path} still reads it" for path in consumers[:_MOST_FILES]]
    if len(consumers) > _MOST_FILES:
        told.append(f"and so do {len(consumers) - _MOST_FILES} more files")
    return told


def _deleting(project: Project, module: SymbolPath) -> str | None:
    return next((c.name for c in project.concepts if module.dotted in c.delete), None)
