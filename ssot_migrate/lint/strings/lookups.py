"""Where code looks a module's names up, and when: what a patch of such a name can reach.

`from a import b` in a function, and `a.b` in a function behind `import a`, look `b` up in `a`
whenever they run; so does a function of `a` that reads its own `b`. They see a patch of `a.b`.
`from a import b` at module level looks it up once and keeps a copy, which the patch misses.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.finding import Category
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.index.facts import Context
from ssot_migrate.index.needles import Needle
from ssot_migrate.index.worker import STRINGS
from ssot_migrate.lint.strings.kinds import Kinds, StringKind
from ssot_migrate.resolve.resolution import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Set

    from ssot_migrate.index.facts import (
        Import,
        NamedAttribute,
        Reference,
        StringFacts,
        UseFacts,
    )
    from ssot_migrate.lint.project import Project
    from ssot_migrate.resolve.resolution import Resolution

_FUNCTION = int(Context.FUNCTION)
_LOCAL = int(Context.FUNCTION | Context.CLASS)
_NEVER = int(Context.TYPE_CHECKING)
_READS = ("getattr", "hasattr")
_NO_READERS = (StringKind.MOCK, StringKind.LOGGING)


class Lookup(msgspec.Struct, frozen=True, order=True):
    """A place that looks a name up in a module when it runs.

    Args:
        how: `own` by a function of the module itself; `import`, `chain` or `getattr`; `lazy`
            through another module's `__getattr__`; `dynamic` where it or its module is imported
            by name, `string` where another dotted string may serve that; `whole` where the
            module is handed on as an object.
        through: Of a chain that starts at a name imported from a package at module level, that
            name; a migration may import something else in its place.
    """

    path: str
    line: int
    how: str
    through: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


class Copy(msgspec.Struct, frozen=True, order=True):
    """A module that binds a name of another one as it is imported, and reads that.

    Args:
        name: The copy, as `module:name`.
    """

    path: str
    line: int
    name: SymbolPath


class Lookups:
    """Finds the look-ups of some names of modules.

    Args:
        project: The project.
        kinds: Tells what strings are for.
        names: The names, none of them an attribute; nothing is known of others.
        patching: The files that patch them.
        thorough: Whether to follow modules, and tables of lazy names, under the names that other
            modules give them.
    """

    def __init__(
        self,
        project: Project,
        kinds: Kinds,
        names: Iterable[SymbolPath],
        patching: Iterable[str],
        *,
        thorough: bool = True,
    ) -> None:
        self._project = project
        self._kinds = kinds
        self._names = sorted(set(names))
        self._modules = {name.module for name in self._names}
        self._patching = frozenset(patching)
        self._thorough = thorough

    def of(self, name: SymbolPath, seen_from: str) -> tuple[Lookup, ...]:
        """The look-ups of a name; those of a module that a test cannot concern left out.

        Args:
            name: The name.
            seen_from: The file of the patch. Other files of tests do not run under it.
        """
        found = {*self._found[0][name.dotted], *self._found[0][f"{name.module}.*"]}
        return tuple(
            sorted(
                one
                for one in found
                if self._concerns(one.path, {seen_from})
                and (one.how != "string" or self._may_import(one.path, seen_from))
            )
        )

    def copies(self, name: SymbolPath, seen_from: str) -> tuple[Copy, ...]:
        """The modules that keep a copy of a name."""
        found = self._found[1][name.dotted]
        return tuple(sorted(one for one in found if self._concerns(one.path, {seen_from})))

    def reads(self, copy: Copy) -> bool:
        """Whether functions of a module read its copy."""
        uses = self._project.index.uses(copy.path)
        if uses is None or copy.name.name in uses.late_reads:
            return uses is not None
        return any(
            reference.deferred and statement.bound == copy.name.name
            for reference, statement, _ in self._project.references(copy.path)
            if not statement.context & _LOCAL
        )

    def _concerns(self, path: str, patching: Set[str]) -> bool:
        """Whether what a file reads may run under a patch in one of the others."""
        category = self._project.category(path)
        if category is not Category.TEST or path in patching:
            return category is not Category.BACKUP
        file = path.rpartition("/")[2]
        return not (file.startswith("test_") or file.endswith("_test.py"))

    def _may_import(self, path: str, seen_from: str) -> bool:
        """Whether strings of a file may be imported under a patch: lists in scripts are data."""
        return path == seen_from or self._project.category(path) is Category.PRODUCTION

    @cached_property
    def _found(self) -> tuple[dict[str, set[Lookup]], dict[str, set[Copy]]]:
        found: defaultdict[str, set[Lookup]] = defaultdict(set)
        copies: defaultdict[str, set[Copy]] = defaultdict(set)
        for file in self._files():
            for name, lookup in file.lookups():
                found[name].add(lookup)
            for name, copy in file.copies():
                copies[name].add(copy)
        return found, copies

    def _files(self) -> Iterator[_File]:
        """The files that may read a name, or hand on its module."""
        if not self._names:
            return
        project = self._project
        own = {path for one in self._modules if (path := project.modules.path_of(one)) is not None}
        importing = project.naming(map(SymbolPath, sorted(self._modules)), imported=True)
        quoted = {Needle(f"{quote}{module}") for module in self._modules for quote in "\"'"}
        naming = project.index.search(quoted)
        readers = project.naming(self._names)
        if self._thorough:
            readers = project.readers([*self._names, *map(SymbolPath, self._modules)])
        found = {*readers, *own, *importing, *naming}
        paths = [path for path in sorted(found) if self._concerns(path, self._patching)]
        # Whoever holds no module can look nothing up but by an import, which needs no parsing.
        holding = {path for path in paths if path in own or self._holds(path)}
        project.load_uses(holding)
        project.index.load(dict.fromkeys(naming.intersection(paths), (STRINGS,)))
        for path in paths:
            uses = project.index.uses(path) if path in holding else None
            strings = project.index.strings(path) if path in naming else None
            yield _File(project, self._kinds, path, uses, strings)

    def _holds(self, path: str) -> bool:
        """Whether a file binds a module, or a package around it, in which a name is looked up."""
        for statement, resolution in self._project.imports(path):
            if resolution.kind is Kind.MODULE:
                module = resolution.symbol.module
                if not statement.name and not statement.aliased:
                    module = module.partition(".")[0]
            else:
                named = self._project.resolver.named(path, statement)
                module = named.dotted if named is not None else ""
            if any(f"{one}.".startswith(f"{module}.") for one in self._modules):
                return True
        return False


class _File:
    """The look-ups in one file."""

    def __init__(
        self,
        project: Project,
        kinds: Kinds,
        path: str,
        uses: UseFacts | None,
        strings: StringFacts | None,
    ) -> None:
        self._project = project
        self._kinds = kinds
        self._path = path
        self._uses = uses
        self._strings = strings
        self._module = project.modules.name_of(path)

    def lookups(self) -> Iterator[tuple[str, Lookup]]:
        """Dotted names and what looks them up; `module.*` for all names of a module."""
        for statement, _resolution in self._project.imports(self._path):
            if statement.context & _FUNCTION and not statement.context & _NEVER and statement.name:
                named = self._project.resolver.named(self._path, statement)
                if named is not None:
                    yield from self._looked_up(named, statement.line, "import")
        yield from self._by_string()
        if self._uses is None:
            return
        for name in self._uses.late_reads:
            yield f"{self._module}.{name}", Lookup(self._path, self._line_of(name), "own")
        for reference, statement, resolution in self._project.references(self._path):
            if reference.quoted or statement.context & _NEVER:
                continue
            if reference.deferred:
                yield from self._referred(reference, statement)
            if resolution.kind is Kind.MODULE:
                through = self._through(statement)
                yield from self._whole(reference, resolution.symbol.module, through)

    def copies(self) -> Iterator[tuple[str, Copy]]:
        """Dotted names and the copies that this module keeps of them."""
        for statement, _resolution in self._project.imports(self._path):
            if statement.context & (_LOCAL | _NEVER) or not statement.name:
                continue
            named = self._project.resolver.named(self._path, statement)
            if named is None:
                continue
            pairs = [(statement.name, statement.bound)]
            if statement.name == "*":
                file = self._project.modules.path_of(named.module)
                pairs = [(n, n) for n in self._project.resolver.provided(file)] if file else []
            for name, local in pairs:
                copy = Copy(self._path, statement.line, SymbolPath(self._module, local))
                yield f"{named.module}.{name}", copy

    def _line_of(self, name: str) -> int:
        facts = self._project.facts(self._path)
        bound = (b.line for b in facts.bindings if b.name == name) if facts else iter(())
        return next(bound, 1)

    def _looked_up(
        self, name: SymbolPath, line: int, how: str, through: str = ""
    ) -> Iterator[tuple[str, Lookup]]:
        """A look-up, and those that a module's `__getattr__` makes of it."""
        yield name.dotted, Lookup(self._path, line, how, through)
        for hop, target in _steps(self._project.resolver.member(name.module, name.name)):
            if hop != "lazy":
                break
            yield target.dotted, Lookup(self._path, line, "lazy")

    @staticmethod
    def _through(statement: Import) -> str:
        is_name_of_module = statement.name and not statement.context & _LOCAL
        return statement.bound if is_name_of_module else ""

    def _referred(self, reference: Reference, statement: Import) -> Iterator[tuple[str, Lookup]]:
        if not statement.context & _LOCAL:
            own = f"{self._module}.{statement.bound}"
            yield own, Lookup(self._path, reference.line, "own")
        through = self._through(statement)
        parts = reference.path.split(".") if reference.path else []
        for depth, part in enumerate(parts):
            owner = self._project.resolver.reference(self._path, statement, ".".join(parts[:depth]))
            if owner.kind is not Kind.MODULE:
                if owner.kind is Kind.MISSING:
                    # A module that is gone: what is read of it is told by the path alone.
                    name = SymbolPath(owner.symbol.dotted, part)
                    yield name.dotted, Lookup(self._path, reference.line, "chain", through)
                    continue
                return
            name = SymbolPath(owner.symbol.module, part)
            yield from self._looked_up(name, reference.line, "chain", through)

    def _whole(
        self, reference: Reference, module: str, through: str
    ) -> Iterator[tuple[str, Lookup]]:
        """A module that is used as an object: for one attribute, or for nobody knows what."""
        named = self._named_beside.get((reference.line, reference.column))
        if named is None:
            yield f"{module}.*", Lookup(self._path, reference.line, "whole", through)
        elif named.callee.rpartition(".")[2] in _READS:
            name = SymbolPath(module, named.name)
            yield from self._looked_up(name, reference.line, "getattr", through)

    @cached_property
    def _named_beside(self) -> dict[tuple[int, int], NamedAttribute]:
        attributes = self._uses.attributes if self._uses is not None else ()
        return {(one.owner_line, one.owner_column): one for one in attributes}

    def _by_string(self) -> Iterator[tuple[str, Lookup]]:
        for text in self._strings.strings if self._strings is not None else ():
            kind = self._kinds.of(self._path, text)
            if kind in (None, *_NO_READERS):
                continue
            how = "dynamic" if kind is StringKind.IMPORT else "string"
            lookup = Lookup(self._path, text.line, how)
            dotted = text.value.replace(":", ".").strip(".")
            if text.form == "entry":
                dotted = dotted.partition("=")[2].partition("[")[0].strip()
            resolution = self._project.resolver.dotted(dotted)
            yield dotted, lookup
            if resolution.kind is Kind.MODULE:
                yield f"{resolution.symbol.module}.*", lookup
            elif self._project.modules.exists(dotted.rpartition(".")[0]):
                head, _, leaf = dotted.rpartition(".")
                yield from self._looked_up(SymbolPath(head, leaf), text.line, how)


def _steps(resolution: Resolution) -> Iterator[tuple[str, SymbolPath]]:
    """Each hop's kind, with the name that it leads to."""
    for hop, following in zip(resolution.hops, resolution.hops[1:], strict=False):
        yield hop.how, following.symbol
