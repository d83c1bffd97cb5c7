"""Families that no concept names: definitions that repeat each other, found in the whole tree."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

from ssot_migrate.lint.families import roles
from ssot_migrate.lint.families.evidence import compared, count, listed
from ssot_migrate.lint.families.family import Family, FamilyMember, MemberKind
from ssot_migrate.lint.families.names import words
from ssot_migrate.lint.families.similarity import (
    call_surface,
    overlap,
    payload_overlap,
    similar_pairs,
    similarity,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from ssot_migrate.domain.symbol import SymbolPath
    from ssot_migrate.lint.families.definitions import Definitions, Site

    Alike: TypeAlias = Callable[[Site, Site], tuple[str, ...] | None]

_FIELDS_OVERLAP = 0.75
"""How much must be shared where most of it is attributes: `name` and `status` are everywhere."""
_CONVENTION = 40
"""A class or method that is defined so often is a framework's convention (`Meta`, `to_xml`)."""


def found_families(definitions: Definitions, claimed: Collection[SymbolPath]) -> tuple[Family, ...]:
    """Find families among the definitions that no concept claims; sorted by name."""
    return tuple(
        sorted(
            _Search(definitions, claimed).run(), key=lambda family: (family.name, family.canonical)
        )
    )


class _Search:
    """A search in the making: what one kind of likeness claims, the next leaves alone."""

    def __init__(self, definitions: Definitions, claimed: Collection[SymbolPath]) -> None:
        self._definitions = definitions
        self._limits = definitions.limits
        self._claimed = set(claimed)
        self._sites = [
            site
            for site in definitions.sites
            if site.kind != "alias"
            and not site.is_fallback
            and site.symbol not in self._claimed
            and _can_be_imported(site)
            and not definitions.is_shim(site)
        ]
        self._classes = [
            site
            for site in self._sites
            if site.kind == "class"
            and not site.name.startswith("_")
            and not definitions.is_interface(site)
        ]
        self._comparable = {site.symbol for site in self._classes}

    def run(self) -> Iterator[Family]:
        """Look for every kind of family, the strongest reason first."""
        yield from self._by_name()
        limits = self._limits
        yield from self._by_role("emitter", roles.events, limits.min_events, limits.events_overlap)
        yield from self._by_role(
            "factory",
            lambda names: roles.creators(names, ""),
            max(limits.min_creators, limits.min_members),
            limits.creators_overlap,
        )
        yield from self._accessors()
        yield from self._copies()
        yield from self._look_alikes()

    def _free(self, sites: Iterable[Site]) -> list[Site]:
        return [site for site in sites if site.symbol not in self._claimed]

    def _by_name(self) -> Iterator[Family]:
        groups: dict[tuple[str, str], list[Site]] = {}
        for site in self._sites:
            stem = "".join(self._definitions.stem(site.name))
            outline = "" if site.is_class else f"def {site.shape.outline}"
            groups.setdefault((stem, outline), []).append(site)
        several = {key: sites for key, sites in groups.items() if _modules(sites) > 1}
        for key in sorted(several):
            yield from self._clusters(several[key], self._repeats, None)

    def _repeats(self, left: Site, right: Site) -> tuple[str, ...] | None:
        """Whether two definitions of one name or stem are duplicates."""
        definitions = self._definitions
        if definitions.have_equal_bodies(left, right):
            return ()
        if not {left.symbol, right.symbol} <= self._comparable or definitions.are_kin(left, right):
            return None
        if left.name != right.name and (left.is_record or right.is_record):
            return None
        if len(definitions.by_name[left.name]) > _CONVENTION:
            return None
        common = overlap(definitions.api(left), definitions.api(right))
        shares_fields = 2 * common.callables < len(common.shared)
        wanted = max(self._limits.api_overlap, _FIELDS_OVERLAP if shares_fields else 0)
        is_alike = len(common.shared) >= self._limits.min_members and common.fraction >= wanted
        return () if is_alike else None

    def _by_role(
        self,
        kind: MemberKind,
        of_role: Callable[[Iterable[str]], frozenset[str]],
        min_shared: int,
        min_fraction: float,
    ) -> Iterator[Family]:
        own = {
            site.symbol: methods
            for site in self._free(self._classes)
            if len(methods := of_role(m.name for m in site.shape.members)) >= min_shared
        }

        def alike(left: Site, right: Site) -> tuple[str, ...] | None:
            shared = own[left.symbol] & own[right.symbol]
            larger = max(len(own[left.symbol]), len(own[right.symbol]))
            if (
                len(shared) < min_shared
                or len(shared) < min_fraction * larger
                or self._definitions.are_kin(left, right)
                or (kind == "factory" and self._are_layers(left, right))
                or (
                    kind == "emitter"
                    and payload_overlap(left.shape, right.shape, shared)
                    < self._limits.payload_overlap
                )
            ):
                return None
            return (f"both have {listed(sorted(shared))}",)

        yield from self._clusters([self._definitions.by_symbol[s] for s in own], alike, kind)

    def _are_layers(self, left: Site, right: Site) -> bool:
        """Whether one is made of the other: a service before its backend, a client before both."""
        used_by = self._definitions.used_by
        return right.symbol in used_by(left) or left.symbol in used_by(right)

    def _accessors(self) -> Iterator[Family]:
        for provided, sites in sorted(self._definitions.by_accessor.items()):
            if not provided.endswith(tuple(roles.FACTORY_NOUNS)):
                continue
            by_name: dict[str, list[Site]] = {}
            for site in self._free(sites):
                if not (site.deprecation or site.is_fallback):
                    by_name.setdefault(site.name, []).append(site)
            for name in sorted(by_name):
                yield from self._clusters(
                    by_name[name], lambda *_: ("two accessors share this name",), "factory"
                )

    def _copies(self) -> Iterator[Family]:
        by_body: dict[str, list[Site]] = {}
        for site in self._free(self._sites):
            twins = self._definitions.by_outline.get(site.shape.outline, ())
            if not site.is_record and _modules(twins) > 1:
                by_body.setdefault(self._definitions.body(site), []).append(site)
        by_body.pop("", None)
        for body in sorted(by_body):
            yield from self._clusters(by_body[body], lambda *_: (), "structural")

    def _look_alikes(self) -> Iterator[Family]:
        surfaces = self._own_surfaces(self._free(self._classes))
        sites = [*surfaces]
        pairs = {
            (sites[a].symbol, sites[b].symbol)
            for a, b in similar_pairs(
                [*surfaces.values()], self._limits.similarity, self._limits.min_members
            )
        }

        def alike(left: Site, right: Site) -> tuple[str, ...] | None:
            ends = (left.symbol, right.symbol)
            if ends not in pairs and ends[::-1] not in pairs:
                return None
            if left.name == right.name or self._definitions.share_a_contract(left, right):
                return None
            a, b = call_surface(left.shape), call_surface(right.shape)
            return (f"similarity {similarity(a, b):.2f} (names and parameters)",)

        involved = {symbol for pair in pairs for symbol in pair}
        yield from self._clusters(
            [site for site in sites if site.symbol in involved], alike, "structural"
        )

    def _own_surfaces(self, sites: Iterable[Site]) -> dict[Site, frozenset[tuple[str, ...]]]:
        """The methods that say what a class is: no base and no convention asks for them.

        Left out are classes that share too few of them with others; of most classes, bases need
        not be looked for.
        """
        by_member = self._definitions.by_member
        surfaces = {
            site: frozenset(
                method
                for method in call_surface(site.shape)
                if len(by_member[method[0]]) <= _CONVENTION
            )
            for site in sites
        }
        frequency = Counter(method for surface in surfaces.values() for method in surface)
        found = {}
        for site, surface in surfaces.items():
            if sum(frequency[method] > 1 for method in surface) >= self._limits.min_members:
                inherited = self._definitions.inherited(site)
                found[site] = frozenset(one for one in surface if one[0] not in inherited)
        return found

    def _clusters(
        self, sites: Iterable[Site], alike: Alike, kind: MemberKind | None
    ) -> Iterator[Family]:
        """Elect one site, gather what is like it in other modules, and go on with the rest."""
        rest = [*sites]
        if _modules(rest) > 1:
            rest.sort(key=self._merit)
        while len(rest) > 1:
            elected, others = rest[0], rest[1:]
            found = {
                site.symbol: why
                for site in others
                if site.path != elected.path and (why := alike(elected, site)) is not None
            }
            rest = [site for site in others if site.symbol not in found]
            if found:
                gathered = [site for site in others if site.symbol in found]
                self._claimed.update(found, (elected.symbol,))
                yield self._family(elected, gathered, found, kind)

    def _merit(self, site: Site) -> tuple[int, int, int, SymbolPath]:
        return (
            -self._definitions.readers(site),
            -len(self._definitions.api(site)),
            len(site.symbol.module),
            site.symbol,
        )

    def _family(
        self,
        elected: Site,
        others: list[Site],
        why: dict[SymbolPath, tuple[str, ...]],
        kind: MemberKind | None,
    ) -> Family:
        readers = self._definitions.readers(elected)
        said = (
            f"`{elected.symbol}` is taken for the canonical: imported by {count(readers, 'file')}"
        )
        members = [
            FamilyMember(
                site.symbol,
                site.path,
                site.line,
                site.column,
                kind or ("duplicate" if site.name == elected.name else "variant"),
                (*why[site.symbol], *compared(self._definitions, site, elected)),
            )
            for site in sorted(others, key=lambda site: (site.path, site.line))
        ]
        keep = FamilyMember(
            elected.symbol, elected.path, elected.line, elected.column, "canonical", (said,)
        )
        name = " ".join(words(elected.name))
        return Family(name, (keep, *members), elected.symbol, evidence=(said,))


def _can_be_imported(site: Site) -> bool:
    """Whether an import statement can name the module; numbered migrations cannot share code."""
    return site.symbol.module.rpartition(".")[2].isidentifier()


def _modules(sites: Iterable[Site]) -> int:
    return len({site.path for site in sites})
