"""What production modules define: classes, functions and aliases, and how they are related."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.index.facts import Binding, Context, Import, Member, ModuleFacts, Shape
from ssot_migrate.lint.families.names import Affixes
from ssot_migrate.lint.families.roles import access
from ssot_migrate.lint.families.similarity import public, statements
from ssot_migrate.resolve.resolution import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ssot_migrate.lint.families.family import Limits
    from ssot_migrate.lint.project import Project

_DEFINING = ("class", "def", "alias")
_TYPE_CHECKING = int(Context.TYPE_CHECKING)
_HANDLER = int(Context.HANDLER)
_ABSTRACT = {"ABC", "ABCMeta", "Protocol"}
_NEUTRAL = {
    *_ABSTRACT, "object", "Generic", "Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "str", "int",
    "float", "dict", "list", "tuple", "NamedTuple", "TypedDict", "BaseModel", "Struct",
    "Exception",
}  # fmt: skip
"""Bases that say what sort of class it is, and nothing of what it does."""


class Site(msgspec.Struct, frozen=True, gc=False):
    """One definition.

    Args:
        kind: `class`, `def`, `async def` or `alias`.
        shape: How it looks; an alias looks like nothing.
        context: `Context` flags of its binding.
        deprecation: Text of the deprecation warning that it raises.
        value: The dotted name that an alias was given.
    """

    symbol: SymbolPath
    path: str
    line: int
    column: int
    kind: str
    shape: Shape
    context: int = 0
    deprecation: str = ""
    value: str = ""

    @property
    def name(self) -> str:
        """Its name in its module."""
        return self.symbol.name

    @property
    def is_class(self) -> bool:
        """Whether it is a class, or an alias that is named like one."""
        return self.kind == "class" or (
            self.kind == "alias" and self.name.lstrip("_")[:1].isupper()
        )

    @property
    def is_fallback(self) -> bool:
        """Whether it only stands in where an import fails."""
        return bool(self.context & _HANDLER)

    @property
    def lines(self) -> int:
        """Number of lines, without decorators."""
        return self.shape.end_line - self.shape.line + 1

    @property
    def is_record(self) -> bool:
        """Whether it is a class without public methods: an enum, a dataclass, an exception."""
        return self.kind == "class" and not any(
            member.signature is not None and not member.name.startswith("_")
            for member in self.shape.members
        )


class Definitions:
    """Every definition that a production module binds when it is complete.

    Left out are stubs, which declare what another file defines, and whatever only type checkers
    see. Of several definitions of one name in a module the usual one counts.
    """

    def __init__(self, project: Project, limits: Limits) -> None:
        self._affixes = Affixes(limits.affixes)
        self.project = project
        self.limits = limits
        self._ancestors: dict[SymbolPath, frozenset[str]] = {}
        self._apis: dict[SymbolPath, Mapping[str, Member]] = {}
        self._readers: dict[str, Counter[SymbolPath]] = {}
        self.sites = tuple(self._collect())
        self.by_symbol = {site.symbol: site for site in self.sites}
        self.by_name: defaultdict[str, list[Site]] = defaultdict(list)
        self.by_stem: defaultdict[str, list[Site]] = defaultdict(list)
        self.by_accessor: defaultdict[str, list[Site]] = defaultdict(list)
        self.by_member: defaultdict[str, list[Site]] = defaultdict(list)
        self.by_outline: defaultdict[str, list[Site]] = defaultdict(list)
        for site in self.sites:
            self._enter(site)
        self._load_bodies()

    def _enter(self, site: Site) -> None:
        self.by_name[site.name].append(site)
        stem = self.stem(site.name)
        self.by_stem["".join(stem)].append(site)
        if site.kind == "alias":
            return
        if not site.is_class:
            _verb, provided = access(stem)
            if provided:
                self.by_accessor[provided].append(site)
        for member in site.shape.members:
            if member.signature is not None and not member.name.startswith("_"):
                self.by_member[member.name].append(site)
        if statements(site.shape.outline) >= self.limits.min_statements:
            self.by_outline[site.shape.outline].append(site)

    def stem(self, name: str) -> tuple[str, ...]:
        """The words of a name, without the affixes that tell versions apart."""
        return self._affixes.stem(name)

    def _load_bodies(self) -> None:
        """Load the hashes of what may be a structural copy; records only beside their namesakes."""
        wanted: set[str] = set()
        for sites in self.by_outline.values():
            if len({site.path for site in sites}) > 1:
                named = Counter("".join(self.stem(site.name)) for site in sites)
                wanted.update(
                    site.path
                    for site in sites
                    if not site.is_record or named["".join(self.stem(site.name))] > 1
                )
        self.project.load_hashes(sorted(wanted))

    def _collect(self) -> Iterator[Site]:
        for path in self.project.production():
            facts = self.project.facts(path)
            shapes = self.project.index.shapes(path)
            if facts is None or shapes is None or path.endswith(".pyi"):
                continue
            module = self.project.modules.name_of(path)
            by_place = {(shape.name, shape.line): shape for shape in shapes.shapes}
            names = Counter(binding.name for binding in facts.bindings)
            for binding in facts.bindings:
                if binding.kind in _DEFINING and (
                    names[binding.name] == 1 or self._is_usual(path, facts, binding)
                ):
                    site = _site(module, path, facts, binding, by_place)
                    if site is not None:
                        yield site

    def _is_usual(self, path: str, facts: ModuleFacts, binding: Binding) -> bool:
        reaching = self.project.resolver.bindings(path, facts, binding.name)
        return next((b for b in reaching if b.kind in _DEFINING), None) is binding

    def target(self, alias: Site) -> SymbolPath:
        """What an alias stands for, past every re-export."""
        return self.project.resolver.member(alias.symbol.module, alias.name).symbol

    def api(self, site: Site) -> Mapping[str, Member]:
        """The public members, with those of first-party bases."""
        known = self._apis.get(site.symbol)
        if known is None:
            self._apis[site.symbol] = {}  # a class among its own ancestors ends here
            known = {**self.inherited(site), **public(site.shape.members)}
            self._apis[site.symbol] = known
        return known

    def inherited(self, site: Site) -> Mapping[str, Member]:
        """The public members of first-party bases, whether or not the class overrides them."""
        found: dict[str, Member] = {}
        for base in reversed(self._bases(site)):
            parent = self.by_symbol.get(base)
            if parent is not None:
                found.update(self.api(parent))
        return found

    def _bases(self, site: Site) -> list[SymbolPath]:
        """The base classes; those that nothing in the module binds are builtins."""
        found = []
        for base in site.shape.bases:
            head, _, rest = base.partition(".")
            resolution = self.project.resolver.member(site.symbol.module, head)
            if resolution.kind is Kind.MISSING:
                found.append(SymbolPath("builtins", base))
            elif not rest:
                found.append(resolution.symbol)
            elif resolution.kind is Kind.MODULE:
                found.append(self.project.resolver.dotted(f"{resolution.symbol}.{rest}").symbol)
            else:
                found.append(resolution.symbol.child(rest))
        return found

    def ancestors(self, site: Site) -> frozenset[str]:
        """The dotted names of all bases that can be known."""
        known = self._ancestors.get(site.symbol)
        if known is None:
            self._ancestors[site.symbol] = frozenset()
            found: set[str] = set()
            for base in self._bases(site):
                found.add(base.dotted)
                parent = self.by_symbol.get(base)
                if parent is not None:
                    found |= self.ancestors(parent)
            known = self._ancestors[site.symbol] = frozenset(found)
        return known

    def extends(self, site: Site, other: Site) -> bool:
        """Whether `other` is among the bases of `site`."""
        return other.symbol.dotted in self.ancestors(site)

    def are_kin(self, left: Site, right: Site) -> bool:
        """Whether one extends the other, or both one base that says what they do."""
        common = {left.symbol.dotted, *self.ancestors(left)} & {
            right.symbol.dotted,
            *self.ancestors(right),
        }
        return any(base.rpartition(".")[2] not in _NEUTRAL for base in common)

    def share_a_contract(self, left: Site, right: Site) -> bool:
        """Whether one extends the other, or bases of one name say what both do.

        These need not be one base: copies of it say the same.
        """
        names = [
            {base.rpartition(".")[2] for base in self.ancestors(site)} - _NEUTRAL
            for site in (left, right)
        ]
        return self.are_kin(left, right) or not names[0].isdisjoint(names[1])

    def used_by(self, site: Site) -> set[SymbolPath]:
        """What the site's module imports: a layer below it, not a copy of it."""
        return {resolution.symbol for _, resolution in self.project.imports(site.path)}

    def is_interface(self, site: Site) -> bool:
        """Whether it is a protocol or an abstract base itself."""
        return any(base.rpartition(".")[2] in _ABSTRACT for base in site.shape.bases)

    def is_protocol(self, site: Site) -> bool:
        """Whether it is a protocol itself: it declares and implements nothing."""
        return any(base.rpartition(".")[2] == "Protocol" for base in site.shape.bases)

    def is_shim(self, site: Site) -> bool:
        """Whether it only warns and passes on: its readers are told, not its place."""
        return bool(site.deprecation) and self.project.shims.is_shim(site.path)

    def body(self, site: Site) -> str:
        """The structural hash of a definition; empty for a small one."""
        if statements(site.shape.outline) < self.limits.min_statements:
            return ""
        facts = self.project.index.hashes(site.path)
        found = [digest for name, digest in facts.hashes if name == site.name] if facts else []
        return found[0] if len(found) == 1 else ""

    def have_equal_bodies(self, left: Site, right: Site) -> bool:
        """Whether nothing but names of their own tells two definitions apart."""
        if left.shape.outline != right.shape.outline:
            return False
        body = self.body(left)
        return bool(body) and body == self.body(right)

    def readers(self, site: Site) -> int:
        """The number of files that import the definition under its own name."""
        readers = self._readers.get(site.name)
        if readers is None:
            resolver = self.project.resolver
            fetched = {
                (resolver.imported(path, statement).symbol, path)
                for path, statement in self._imports_by_name.get(site.name, ())
            }
            readers = self._readers[site.name] = Counter(symbol for symbol, _ in fetched)
        return readers[site.symbol]

    @cached_property
    def _imports_by_name(self) -> dict[str, list[tuple[str, Import]]]:
        found: dict[str, list[tuple[str, Import]]] = {}
        for path in self.project.everything():
            facts = self.project.facts(path)
            for statement in facts.imports if facts else ():
                if statement.name in self.by_name:
                    found.setdefault(statement.name, []).append((path, statement))
        return found


def _site(
    module: str,
    path: str,
    facts: ModuleFacts,
    binding: Binding,
    by_place: Mapping[tuple[str, int], Shape],
) -> Site | None:
    symbol = SymbolPath(module, binding.name)
    name, line, context = binding.name, binding.line, binding.context
    if context & _TYPE_CHECKING:
        return None
    if binding.kind == "alias":
        if binding.value.rpartition(".")[2] == name:
            return None
        shape = Shape(name, "alias", line, line)
        return Site(symbol, path, line, 1, "alias", shape, context, value=binding.value)
    found = facts.definitions[binding.ref]
    shape = by_place.get((name, found.line)) or Shape(name, found.kind, found.line, found.end_line)
    return Site(
        symbol, path, found.line, found.column, found.kind, shape, context, found.deprecation
    )
