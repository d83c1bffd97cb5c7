"""SSOT211: a name that is read of a module of this tree, and that nothing binds there."""

from __future__ import annotations

import re
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.finding import Category, FileError, Finding, Severity, Span
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.index.facts import Context, Import, Reference, UnboundName
from ssot_migrate.lint.additions import Additions
from ssot_migrate.lint.project import Project, chain_of, span_of
from ssot_migrate.lint.rule import Example, Reads, Rule
from ssot_migrate.resolve.resolution import Hop, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_TYPE_CHECKING = int(Context.TYPE_CHECKING)
_ASKING = ("hasattr", "getattr")
_SPACE = re.compile(rb"\s+")
_TREE = {
    "app/__init__.py": "",
    "app/util.py": "def stays(): ...\n",
}


class UnresolvedReference(Rule):
    """An attribute of a module of this tree, or a name from a star import, that nothing binds.

    A symbol that is removed breaks those who import it, which SSOT205 tells, and those who read it
    through its module: `util.gone()` behind `import app.util`, `gone()` behind
    `from app.util import *`. They fail when they run, so no import shows it.

    Flagged is only what is certain. Not flagged: modules that may bind names in ways that cannot
    be read (`globals()`, a `__getattr__`, `sys.modules`, a star import from outside the tree), that
    were generated, are compiled or cannot be parsed; names that any file of the tree sets on the
    module, or may set by `setattr`, `vars` or `__dict__`; modules that the reading file asks for a
    name with `hasattr` or `getattr`; what stands in a `try` that catches its absence, in a `with`
    that asserts or suppresses it, or below `if TYPE_CHECKING`; a local name that may be something
    else than the import; stubs. What the registry replaces is told by SSOT203.
    """

    code = "SSOT211"
    severity = Severity.WARNING
    reads = Reads.TREE
    valid = (
        Example(
            "attributes that may be there, or are not expected to be",
            {
                **_TREE,
                "app/lazy.py": "def __getattr__(name): ...\n",
                "app/late.py": "def fill():\n    globals()['late'] = 1\n",
                "app/setup.py": "from app import util\nutil.added = 1\nutil.__doc__\n",
                "app/use.py": """
                from app import late, lazy, util

                lazy.anything, late.late, util.added, util.__file__
                if hasattr(util, "newer"):
                    util.newer()
                try:
                    util.older()
                except AttributeError:
                    pass

                def local(util):
                    util.whatever
                """,
            },
        ),
        Example(
            "names that a star import may bind",
            {
                **_TREE,
                "app/use.py": "from app.util import *\nstays(), print()\n",
                "app/more.py": "from outside import *\nfrom app.util import *\nanything()\n",
            },
        ),
        Example(
            "a name that has moved, and of which the registry says where",
            {
                **_TREE,
                "app/new.py": "def gone(): ...\n",
                "app/use.py": "import app.util\napp.util.gone()\n",
            },
            '[[moves]]\nfrom = "app.util:gone"\nto = "app.new:gone"\n',
        ),
    )
    invalid = (
        Example(
            "a function that is gone, read through its module and through a star",
            {
                **_TREE,
                "app/use.py": """
                import app.util
                from app import util as helpers

                def run():
                    app.util.gone()
                    helpers.gone().twice
                """,
                "app/star.py": "from app.util import *\n\ndef run():\n    return gone(stays())\n",
            },
            flagged=("app/star.py:4", "app/use.py:5", "app/use.py:6"),
        ),
    )

    def check(self, project: Project) -> Iterator[Finding]:
        """Look at the attributes of imported modules, and at the names behind star imports."""
        found = [one for path in project.everything() for one in _lacks(project, path)]
        additions = Additions(project, {(one.hop.path, one.hop.symbol.leaf) for one in found})
        for one in found:
            if not additions.may_bind(one.hop.path, one.hop.symbol.leaf):
                yield self._finding(project, one)

    def _finding(self, project: Project, one: _Lack) -> Finding:
        symbol = one.hop.symbol
        return project.finding(
            self,
            one.path,
            one.span,
            f"`{symbol.module}` ({one.hop.path}) binds no `{symbol.name}`{one.remark}",
            symbol=symbol,
            chain=chain_of(one.path, one.span.line, [one.hop]),
            scope=one.scope,
        )


class _Lack(msgspec.Struct, frozen=True):
    """A read of what a module does not bind.

    Args:
        path: The reading file.
        span: Where it reads.
        scope: The function or class around that.
        hop: The name in the module, and the module's file.
        remark: How it is read, where that is not plain.
    """

    path: str
    span: Span
    scope: str
    hop: Hop
    remark: str = ""


def _lacks(project: Project, path: str) -> Iterator[_Lack]:
    """The reads in a file of what no module binds, as far as their modules show."""
    if path.endswith(".pyi"):
        return  # nobody runs it
    modules, stars = _imported_modules(project, path)
    if stars or _spells_a_lack(project, path, modules):
        project.load_uses([path])
        yield from _attributes(project, path)
        yield from _names(project, path, stars)


def _imported_modules(project: Project, path: str) -> tuple[list[Import], list[Import]]:
    """The imports of a file that bind modules of the tree, and those that open one with a star."""
    modules: list[Import] = []
    stars: list[Import] = []
    for statement, resolution in project.imports(path):
        is_ours = resolution.kind is Kind.MODULE and resolution.end.path
        if is_ours and not statement.context & _TYPE_CHECKING:
            (stars if statement.name == "*" else modules).append(statement)
    return modules, stars


def _spells_a_lack(project: Project, path: str, modules: Sequence[Import]) -> bool:
    """Whether the text of a file reads an attribute that is not there: most files end here."""
    if not modules:
        return False
    data = project.index.contents.read(path)
    return not isinstance(data, FileError) and any(
        _missing(project, path, statement, chain) is not None
        for statement in modules
        for chain in {found.group(1) for found in _chains(statement.bound).finditer(data)}
    )


@cache
def _chains(name: str) -> re.Pattern[bytes]:
    """What stands behind a name and a dot."""
    return re.compile(rb"%b\s*\.\s*(\w+(?:\s*\.\s*\w+)*)" % re.escape(name).encode())


def _missing(project: Project, path: str, statement: Import, chain: str | bytes) -> Hop | None:
    """What a chain of attributes behind an imported module asks for that is not there."""
    attributes = chain if isinstance(chain, str) else _SPACE.sub(b"", chain).decode()
    found = project.resolver.reference(path, statement, attributes)
    if found.kind is not Kind.MISSING:
        return None
    symbol = found.symbol
    return _gone(project, found.end.path, SymbolPath(symbol.module, symbol.name.partition(".")[0]))


def _gone(project: Project, path: str, symbol: SymbolPath) -> Hop | None:
    """The name in the module at a path, if that is known to bind it nowhere."""
    facts = project.facts(path) if path else None
    if facts is None or facts.generated or project.category(path) is Category.GENERATED:
        return None
    is_special = symbol.name.startswith("__") and symbol.name.endswith("__")
    # What an import of the module itself does not find is told there.
    is_bound = project.resolver.bindings(path, facts, symbol.name)
    is_told = project.deprecations.match(symbol) is not None
    return None if is_special or is_bound or is_told else Hop(symbol, path)


def _attributes(project: Project, path: str) -> Iterator[_Lack]:
    uses = project.index.uses(path)
    # Who asks whether one name is there knows that the module has several versions.
    asked = {
        one.owner.partition(".")[0]
        for one in (uses.attributes if uses is not None else ())
        if one.callee in _ASKING
    }
    for _place, several in groupby(project.references(path), key=lambda use: span_of(use[0])):
        references = [*several]
        hops = [_read(project, path, statement, use) for use, statement, _ in references]
        use, statement, _ = references[0]
        # Where a name may come from several imports, one that has it is enough.
        if hops[0] is not None and None not in hops and statement.bound not in asked:
            yield _Lack(path, span_of(use), use.scope, hops[0])


def _read(project: Project, path: str, statement: Import, use: Reference) -> Hop | None:
    """What a reference asks for that is not there, where that is certain."""
    if not use.path or use.doubtful or use.quoted or statement.context & _TYPE_CHECKING:
        return None
    if project.resolver.imported(path, statement).kind is not Kind.MODULE:
        return None
    return _missing(project, path, statement, use.path)


def _names(project: Project, path: str, stars: Sequence[Import]) -> Iterator[_Lack]:
    uses = project.index.uses(path)
    for one in uses.unbound if uses is not None and stars else ():
        hop = _unbound(project, path, stars, one)
        if hop is not None:
            span = Span(one.line, one.column, one.line, one.end_column)
            yield _Lack(path, span, one.scope, hop, ", and this name comes by a star import")


def _unbound(project: Project, path: str, stars: Sequence[Import], one: UnboundName) -> Hop | None:
    """What a name asks for of the last star import, where all of them are readable."""
    if project.resolver.bound(path, one.name).kind is not Kind.MISSING:
        return None
    end = project.resolver.imported(path, stars[-1]).end
    return _gone(project, end.path, SymbolPath(end.symbol.module, one.name))
