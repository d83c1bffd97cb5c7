"""The view of a project that rules and queries work on: facts and resolutions on demand."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from ssot_migrate.domain.finding import Category, Finding, Fix, Severity, Span
from ssot_migrate.index.needles import Needle
from ssot_migrate.index.worker import HASHES, MODULE, SHAPES, USES
from ssot_migrate.lint.deprecations import Deprecations
from ssot_migrate.lint.reach import files_naming, find_readers
from ssot_migrate.lint.suppressions import Suppressions
from ssot_migrate.resolve.modules import ModuleMap
from ssot_migrate.resolve.shims import Shims
from ssot_migrate.resolve.symbols import Resolver
from ssot_migrate.workspace.source import lines_matching

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from ssot_migrate.config.model import Concept
    from ssot_migrate.config.settings import Settings
    from ssot_migrate.domain.symbol import SymbolPath
    from ssot_migrate.index.facts import Facts, Import, ModuleFacts, Reference
    from ssot_migrate.index.index import Index
    from ssot_migrate.lint.rule import Option, Rule
    from ssot_migrate.resolve.resolution import Hop, Resolution
    from ssot_migrate.workspace.discovery import SourceFile


T = TypeVar("T")


class Project:
    """A tree, its registry, and what can be asked about them.

    Args:
        settings: The checked configuration.
        files: What discovery found.
        index: Facts on demand.
        roots: Import roots, relative to the project's root.
        links: Links to files, with the path under which the file itself is listed.
        rules: Gives the rules there are.
        compiled: Files that are compiled modules, or that one is made of.
    """

    def __init__(
        self,
        settings: Settings,
        files: Sequence[SourceFile],
        index: Index,
        roots: Sequence[str],
        links: Sequence[tuple[str, str]] = (),
        rules: Callable[[], Sequence[type[Rule]]] = tuple,
        compiled: Sequence[str] = (),
    ) -> None:
        self.settings = settings
        self.registry = settings.registry
        self.index = index
        self.roots = tuple(roots)
        self._files = files
        self.links = tuple(links)
        self._rules = rules
        self.compiled = tuple(compiled)
        self._categories = {file.path: file.category for file in files}
        self._everything: tuple[str, ...] | None = None
        self._imports: dict[str, tuple[tuple[Import, Resolution], ...]] = {}
        self._readers: dict[frozenset[SymbolPath], frozenset[str]] = {}
        self._made: dict[Callable[[Project], Any], Any] = {}

    def as_if(self, facts: Mapping[tuple[str, str], Facts]) -> Project:
        """The project as it would be if some files had other facts, by path and kind."""
        view = self._seen_through(self.index.as_if(facts), self._files)
        view.modules = self.modules
        return view

    def of(self, files: Sequence[SourceFile], given: Mapping[str, bytes]) -> Project:
        """Another version of the project, under the same registry.

        Args:
            files: The version's files.
            given: Contents by path that stand for those on the disk.
        """
        view = self._seen_through(self.index.of(files, given), files)
        if view._categories == self._categories:
            view.modules = self.modules
        return view

    def under(self, settings: Settings) -> Project:
        """The project under another registry, whose import roots are the same."""
        view = self._seen_through(self.index, self._files, settings=settings)
        view.modules = self.modules
        view.resolver = self.resolver
        return view

    def with_roots(self, roots: Sequence[str]) -> Project:
        """The project with other import roots."""
        return self._seen_through(self.index, self._files, roots=roots)

    def _seen_through(
        self,
        index: Index,
        files: Sequence[SourceFile],
        settings: Settings | None = None,
        roots: Sequence[str] = (),
    ) -> Project:
        return Project(
            settings or self.settings,
            files,
            index,
            roots or self.roots,
            self.links,
            self._rules,
            self.compiled,
        )

    @cached_property
    def deprecations(self) -> Deprecations:
        """The registry's deprecated paths."""
        return Deprecations(self.registry)

    @cached_property
    def modules(self) -> ModuleMap:
        """The tree's modules."""
        return ModuleMap(self._categories, self.roots, self.links, self.compiled)

    @cached_property
    def resolver(self) -> Resolver:
        """Follows names to their definitions."""
        return Resolver(self.modules, self.index.module)

    @cached_property
    def shims(self) -> Shims:
        """Recognises modules that only pass names on."""
        return Shims(self.resolver, self.index.module)

    @cached_property
    def suppressions(self) -> Suppressions:
        """The comments that suppress findings."""
        return Suppressions(self.index, self.registry.suppressions, self.rules)

    @cached_property
    def rules(self) -> Sequence[type[Rule]]:
        """The rules there are."""
        return self._rules()

    @property
    def whole(self) -> Project:
        """The project with all its files, where this one is looked at for the sake of one."""
        return self

    @property
    def files(self) -> Sequence[SourceFile]:
        """What is known of every file without reading it."""
        return self._files

    @property
    def paths(self) -> tuple[str, ...]:
        """Every file, sorted."""
        return self.index.paths

    @property
    def concepts(self) -> Sequence[Concept]:
        """The registry's concepts."""
        return self.registry.concepts

    def concept(self, name: str | None) -> Concept | None:
        """The concept of that name."""
        return next((c for c in self.registry.concepts if c.name == name), None)

    def category(self, path: str) -> Category:
        """What a file is for; a marker inside can say that it was generated."""
        category = self._categories.get(path, Category.PRODUCTION)
        if category is Category.PRODUCTION:
            facts = self.index.module(path)
            if facts is not None and facts.generated:
                return Category.GENERATED
        return category

    def facts(self, path: str) -> ModuleFacts | None:
        """Imports, bindings and definitions of a file; None where it cannot be parsed."""
        return self.index.module(path)

    def everything(self) -> tuple[str, ...]:
        """Every file that can be parsed, with its facts loaded; sorted."""
        if self._everything is None:
            self.preload(self.paths)
            self._everything = tuple(p for p in self.paths if self.index.module(p) is not None)
        return self._everything

    def preload(self, paths: Iterable[str], *, shapes: bool = False) -> None:
        """Load the facts of many files at once, with the production code's shapes if asked."""
        with_shapes = (MODULE, SHAPES)
        self.index.load(
            {
                path: with_shapes
                if shapes and self._categories.get(path) is Category.PRODUCTION
                else (MODULE,)
                for path in paths
            }
        )

    def production(self) -> Iterator[str]:
        """Every parsable production file, with its shapes loaded; sorted."""
        paths = [p for p in self.everything() if self.category(p) is Category.PRODUCTION]
        self.index.load(dict.fromkeys(paths, (SHAPES,)))
        yield from paths

    def load_hashes(self, paths: Iterable[str]) -> None:
        """Load the structural hashes of some files at once."""
        self.index.load(dict.fromkeys(paths, (HASHES,)), what="Comparing")

    def load_uses(self, paths: Iterable[str]) -> None:
        """Load the references and strings of some files at once."""
        self.index.load(dict.fromkeys(paths, (USES,)))

    def naming(
        self, targets: Iterable[SymbolPath], *, imported: bool = False, uses: bool = False
    ) -> tuple[str, ...]:
        """The parsable files that may name a target by its own path; facts loaded, sorted.

        Args:
            targets: Modules or names.
            imported: Only imports matter.
            uses: Load references and strings too.
        """
        found = sorted(files_naming(self, targets, imported=imported))
        self.index.load(dict.fromkeys(found, (MODULE, USES) if uses else (MODULE,)))
        return tuple(path for path in found if self.index.module(path) is not None)

    def mentioning(self, names: Iterable[str]) -> tuple[str, ...]:
        """The parsable files that spell any of the identifiers; facts loaded, sorted."""
        found = sorted(self.index.search(map(Needle, names)))
        self.preload(found)
        return tuple(path for path in found if self.index.module(path) is not None)

    def imports(self, path: str) -> Iterator[tuple[Import, Resolution]]:
        """The imports of a file and what they fetch."""
        resolved = self._imports.get(path)
        if resolved is None:
            facts = self.index.module(path)
            resolved = self._imports[path] = tuple(
                (statement, self.resolver.imported(path, statement))
                for statement in (facts.imports if facts is not None else ())
            )
        return iter(resolved)

    def references(self, path: str) -> Iterator[tuple[Reference, Import, Resolution]]:
        """The uses of imported names in a file and what they refer to."""
        facts, uses = self.index.module(path), self.index.uses(path)
        if facts is None or uses is None:
            return
        for reference in uses.references:
            statement = facts.imports[reference.imported]
            yield reference, statement, self.resolver.reference(path, statement, reference.path)

    def readers(self, targets: Iterable[SymbolPath], *, uses: bool = False) -> tuple[str, ...]:
        """The files that can read the targets, through any re-export; facts loaded, sorted.

        Args:
            targets: Modules or names.
            uses: Load references and strings too.
        """
        wanted = frozenset(targets)
        if wanted not in self._readers:
            self._readers[wanted] = frozenset(find_readers(self, sorted(wanted)))
        found = self._readers[wanted]
        if uses:
            self.index.load(dict.fromkeys(found, (MODULE, USES)))
        return tuple(sorted(found))

    def text_mentions(self, path: str, names: Iterable[str]) -> tuple[int, ...]:
        """The 1-based lines on which a file's text spells any of the identifiers as a word."""
        words = "|".join(map(re.escape, sorted(names)))
        contents = self.index.contents
        return lines_matching(contents, path, rf"(?<!\w)(?:{words})(?!\w)") if words else ()

    def option(self, rule: type[Rule], name: str) -> object:
        """A rule's option as configured, or its default."""
        declared: Mapping[str, Option] = rule.options
        for key in (rule.code, rule.name()):
            configured = self.registry.rules.get(key)
            if configured is not None and name in configured.options:
                return configured.options[name]
        return declared[name].default

    def severity(self, rule: type[Rule]) -> Severity:
        """A rule's severity as configured, or its default."""
        for key in (rule.code, rule.name()):
            configured = self.registry.rules.get(key)
            if configured is not None and configured.severity is not None:
                return configured.severity
        return rule.severity

    def once(self, make: Callable[[Project], T]) -> T:
        """What a function makes of the project, made at the first time of asking."""
        if make not in self._made:
            self._made[make] = make(self)
        made: T = self._made[make]
        return made

    def finding(
        self,
        rule: Rule,
        path: str,
        span: Span,
        message: str,
        *,
        concept: str | None = None,
        symbol: SymbolPath | None = None,
        canonical: SymbolPath | None = None,
        chain: Sequence[str] = (),
        fix: Fix = Fix.MANUAL,
        evidence: Sequence[str] = (),
        scope: str = "",
        severity: Severity | None = None,
    ) -> Finding:
        """Build a finding of `rule` in the file at `path`."""
        kind = type(rule)
        return Finding(
            code=rule.code,
            name=kind.name(),
            severity=severity or self.severity(kind),
            path=path,
            line=span.line,
            column=span.column,
            end_line=span.end_line,
            end_column=span.end_column,
            message=message,
            concept=concept,
            symbol=str(symbol) if symbol else None,
            canonical=str(canonical) if canonical else None,
            chain=tuple(chain),
            category=self.category(path),
            fix=fix,
            evidence=tuple(evidence),
            scope=scope,
        )


def span_of(fact: Import | Reference) -> Span:
    """The position of a statement or a use."""
    return Span(fact.line, fact.column, fact.end_line, fact.end_column)


def chain_of(path: str, line: int, hops: Iterable[Hop]) -> tuple[str, ...]:
    """A way as evidence: the reader's position, then each hop."""
    return (f"{path}:{line}", *map(str, hops))
