"""The family of a registry's concept: whatever else defines what its canonical defines."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import Severity
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.lint.families import roles
from ssot_migrate.lint.families.evidence import compared, count, listed
from ssot_migrate.lint.families.family import Family, FamilyMember, MemberKind
from ssot_migrate.lint.families.similarity import call_surface, overlap, payload_overlap, similarity
from ssot_migrate.resolve.resolution import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ssot_migrate.config.model import Concept
    from ssot_migrate.lint.families.definitions import Definitions, Site


def concept_families(definitions: Definitions) -> list[Family]:
    """The families of the registry's concepts whose canonical is a class or a function."""
    chains = {
        concept.name: chain
        for concept in definitions.project.concepts
        if (chain := _canonical_chain(definitions, concept))
    }
    canonicals = frozenset(symbol for chain in chains.values() for symbol in chain)
    return [
        _ConceptFamily(definitions, concept, chains[concept.name], canonicals).build()
        for concept in definitions.project.concepts
        if concept.name in chains
    ]


def _canonical_chain(definitions: Definitions, concept: Concept) -> tuple[SymbolPath, ...]:
    """The names of the canonical, from the registry's to the definition's own."""
    declared = SymbolPath.parse(concept.canonical)
    resolution = definitions.project.resolver.path(declared)
    if resolution.kind is Kind.MODULE or "." in declared.name:
        return ()
    if resolution.kind is Kind.SYMBOL:
        return tuple(hop.symbol for hop in resolution.hops if not hop.symbol.is_module)
    if declared.is_module and not declared.leaf[:1].isupper():
        return ()
    return (declared,)


class _ConceptFamily:
    """One concept's family in the making.

    Args:
        chain: The canonical's names, from the one that the registry gives to the definition's.
        canonicals: The names of every concept's canonical.
    """

    def __init__(
        self,
        definitions: Definitions,
        concept: Concept,
        chain: tuple[SymbolPath, ...],
        canonicals: frozenset[SymbolPath],
    ) -> None:
        self._definitions = definitions
        self._limits = definitions.limits
        self._concept = concept
        self._chain = {symbol.dotted for symbol in chain}
        self._canonicals = canonicals
        self._symbol = chain[-1]
        self._names = dict.fromkeys((chain[0].leaf, chain[-1].leaf))
        self._stem = definitions.stem(chain[0].leaf)
        self._canonical = definitions.by_symbol.get(chain[-1])
        self._model = self._canonical or self._fullest()
        self._found: dict[SymbolPath, FamilyMember] = {}

    def build(self) -> Family:
        """Look for every kind of member, the strongest reason first."""
        self._same_name()
        self._variants()
        self._accessors()
        role = roles.role(self._concept, self._symbol.leaf)
        if role == "factory":
            self._factories()
        elif role == "emitter":
            self._emitters()
        self._structural()
        found = sorted(self._found.values(), key=lambda m: (m.path, m.line, m.symbol))
        if self._canonical is not None:
            site = self._canonical
            lines = (count(site.lines, "line"),)
            found.insert(
                0, FamilyMember(site.symbol, site.path, site.line, site.column, "canonical", lines)
            )
        return Family(self._concept.name, tuple(found), self._symbol, self._concept.name)

    def _fullest(self) -> Site | None:
        """What to compare with when the canonical lies outside the tree."""
        candidates = [
            site
            for name in self._names
            for site in self._definitions.by_name.get(name, ())
            if site.kind != "alias" and not site.is_fallback
        ]
        return max(
            candidates,
            key=lambda site: (
                self._definitions.readers(site),
                len(self._definitions.api(site)),
                site.symbol,
            ),
            default=None,
        )

    def _add(
        self,
        site: Site,
        kind: MemberKind,
        evidence: Iterable[str] = (),
        weight: Severity = Severity.ERROR,
    ) -> None:
        said = [*evidence]
        if self._model is not None and site.symbol != self._model.symbol and site.kind != "alias":
            called = "the canonical" if self._canonical else f"`{self._model.symbol}`"
            said += compared(self._definitions, site, self._model, called)
        elif self._canonical is None and site.kind != "alias":
            said.append(f"{count(site.lines, 'line')}; no canonical in this tree to compare with")
        self._found[site.symbol] = FamilyMember(
            site.symbol, site.path, site.line, site.column, kind, tuple(said), weight
        )

    def _is_elsewhere(self, site: Site) -> bool:
        """Whether a definition is no canonical, no other concept's, and new to the family."""
        if (
            site.symbol.dotted in self._chain
            or site.symbol in self._canonicals
            or site.symbol in self._found
            or self._definitions.is_shim(site)
        ):
            return False
        match = self._definitions.project.deprecations.match(site.symbol)
        if match is None or match.replacement.concept in (None, self._concept.name):
            return True
        # A concept that deprecates a whole module has not spoken of each name in it.
        return match.replacement.path.dotted != site.symbol.dotted

    def _is_meant(self, site: Site) -> bool:
        """Whether a definition only declares, implements or hands on the canonical."""
        canonical = self._canonical
        definitions = self._definitions
        if canonical is None:
            return definitions.is_protocol(site)
        if definitions.extends(site, canonical):
            return bool(site.deprecation) or definitions.is_interface(canonical)
        return definitions.is_protocol(site) or (
            definitions.is_interface(site) and definitions.extends(canonical, site)
        )

    def _same_name(self) -> None:
        for name in self._names:
            for site in self._definitions.by_name.get(name, ()):
                if not self._is_elsewhere(site):
                    continue
                if site.kind == "alias":
                    self._alias(site)
                elif site.is_fallback:
                    self._add(site, "fallback", weight=Severity.INFO)
                elif not self._is_meant(site):
                    self._definition(site)

    def _alias(self, site: Site) -> None:
        target = self._definitions.target(site)
        if target.dotted in self._chain:
            return
        shown = target if target != site.symbol else site.value
        if site.is_fallback:
            self._add(site, "fallback", (f"it is `{shown}`",), Severity.INFO)
        else:
            self._add(site, "alias", (f"it stands for `{shown}`",))

    def _definition(self, site: Site) -> None:
        canonical = self._canonical
        if canonical is None or site.kind != "class" or canonical.kind != "class":
            self._add(site, "duplicate")
        elif self._definitions.extends(site, canonical):
            self._add(site, "duplicate", weight=Severity.WARNING)
        elif overlap(self._definitions.api(site), self._definitions.api(canonical)).is_disjoint:
            self._add(site, "collision", weight=Severity.WARNING)
        else:
            self._add(site, "duplicate")

    def _variants(self) -> None:
        is_class = self._symbol.leaf.lstrip("_")[:1].isupper()
        for site in self._definitions.by_stem.get("".join(self._stem), ()):
            if (
                site.is_class is not is_class
                or site.kind == "alias"
                or not self._is_elsewhere(site)
                or self._is_meant(site)
            ):
                continue
            if site.is_fallback:
                self._add(site, "variant", ("it stands in where an import fails",), Severity.INFO)
            elif self._canonical and self._definitions.extends(site, self._canonical):
                self._add(site, "variant", weight=Severity.WARNING)
            else:
                self._add(site, "variant")

    def _accessors(self) -> None:
        """Functions that provide the concept's thing, where another module is its home."""
        key = "".join(self._stem)
        by_verb: dict[str, list[Site]] = {}
        for site in self._definitions.by_accessor.get(key, ()):
            verb, _ = roles.access(self._definitions.stem(site.name))
            if not (site.deprecation or site.is_fallback):
                by_verb.setdefault(verb, []).append(site)
        for _verb, sites in sorted(by_verb.items()):
            home = self._home(sites)
            for site in sites:
                if site.path != home.path and self._is_elsewhere(site):
                    self._accessor(site, f"`{home.symbol}` already provides it", home)
        created = roles.product(self._stem)
        if created in ("", key):
            return
        for site in self._definitions.by_accessor.get(created, ()):
            if (
                roles.makes(self._definitions.stem(site.name), created)
                and (self._canonical is None or site.path != self._canonical.path)
                and not site.deprecation
                and self._is_elsewhere(site)
            ):
                self._accessor(site, f"it creates what `{self._symbol}` is there to create", None)

    def _accessor(self, site: Site, why: str, home: Site | None) -> None:
        said = (
            (why,) if home is None else (why, *compared(self._definitions, site, home, "that one"))
        )
        self._found[site.symbol] = FamilyMember(
            site.symbol, site.path, site.line, site.column, "factory", said, Severity.WARNING
        )

    def _home(self, sites: list[Site]) -> Site:
        """The accessor to keep: the one beside the canonical, else the most read one."""
        return min(
            sites,
            key=lambda site: (
                site.symbol.module != self._symbol.module,
                -self._definitions.readers(site),
                site.symbol,
            ),
        )

    def _candidates(self) -> Iterator[Site]:
        """Classes that share a method with the canonical and are neither its kin nor its tools."""
        model = self._model
        if model is None or model.kind != "class":
            return
        used = self._definitions.used_by(model)
        shared = Counter(
            site.symbol
            for name in self._definitions.api(model)
            for site in self._definitions.by_member.get(name, ())
        )
        for symbol in sorted(shared):
            site = self._definitions.by_symbol[symbol]
            if (
                site.symbol != model.symbol
                and self._is_elsewhere(site)
                and symbol not in used
                and not site.is_fallback
                and not self._definitions.is_interface(site)
                and not self._definitions.are_kin(site, model)
            ):
                yield site

    def _factories(self) -> None:
        created = roles.product(self._stem)
        self._by_role(
            "factory",
            "create",
            lambda names: roles.creators(names, created),
            self._limits.min_creators,
            self._limits.creators_overlap,
        )

    def _emitters(self) -> None:
        self._by_role(
            "emitter", "emit", roles.events, self._limits.min_events, self._limits.events_overlap
        )

    def _by_role(
        self,
        kind: MemberKind,
        verb: str,
        of_role: Callable[[Iterable[str]], frozenset[str]],
        min_shared: int,
        min_fraction: float,
    ) -> None:
        if self._model is None:
            return
        expected = of_role(self._definitions.api(self._model))
        for site in self._candidates():
            shared = expected & of_role(self._definitions.api(site))
            if kind == "emitter" and not self._carry_the_same(site, shared):
                continue
            if len(shared) >= min_shared and len(shared) >= min_fraction * len(expected):
                why = (
                    f"{len(shared)} of the {len(expected)} methods by which "
                    f"`{self._model.name}` {verb}s: {listed(sorted(shared))}"
                )
                self._add(site, kind, (why,), Severity.WARNING)

    def _carry_the_same(self, site: Site, events: Iterable[str]) -> bool:
        assert self._model is not None
        agreement = payload_overlap(site.shape, self._model.shape, events)
        return agreement >= self._limits.payload_overlap

    def _structural(self) -> None:
        model = self._model
        if model is None:
            return
        for site in self._definitions.by_outline.get(model.shape.outline, ()):
            if (
                self._is_elsewhere(site)
                and site.symbol != model.symbol
                and self._definitions.have_equal_bodies(site, model)
            ):
                self._add(site, "structural")
        surface = call_surface(model.shape)
        for site in self._candidates():
            other = call_surface(site.shape)
            if len(surface & other) >= self._limits.min_members:
                measure = similarity(surface, other)
                if measure >= self._limits.similarity:
                    self._add(
                        site, "structural", (f"similarity {measure:.2f} (names and parameters)",)
                    )
