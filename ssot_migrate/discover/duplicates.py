"""Proposes concepts for families of duplicates, and elects what is to stay."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.discover.proposal import Confidence, Proposal, Step, Undecided
from ssot_migrate.lint.families import Site
from ssot_migrate.lint.families.evidence import count, listed
from ssot_migrate.lint.families.found import found_families
from ssot_migrate.lint.families.names import words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ssot_migrate.config.model import Safety
    from ssot_migrate.discover.readers import Readers
    from ssot_migrate.domain.symbol import SymbolPath
    from ssot_migrate.lint.families import Definitions, Family

_ROLES = frozenset({"factory", "builder", "provider", "emitter", "notifier", "registry"})
_OUTLIVED = frozenset({"old", "legacy", "deprecated", "backup"})


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What speaks for one definition of a family.

    Args:
        files: Files that import it, tests left out.
        tests: Tests that import it.
        covers: Share of the others' public members that it has; 1 where they have none.
        lines: Its length.
        since: Time of its file's first commit; 0 where none is known.
        outlived: Why it is not to stay; empty where nothing is against it.
    """

    site: Site
    files: int
    tests: int
    covers: float
    lines: int
    since: int
    outlived: str = ""

    @property
    def symbol(self) -> SymbolPath:
        """Its path."""
        return self.site.symbol

    @property
    def merit(self) -> tuple[bool, int, float, int]:
        """What decides: more is better."""
        return (not self.outlived, self.files, self.covers, self.tests)


class Duplicates:
    """Finds families of duplicates, and says which of them to keep.

    Args:
        definitions: What the production code defines.
        readers: Who imports what.
    """

    def __init__(self, definitions: Definitions, readers: Readers) -> None:
        self._definitions = definitions
        self._readers = readers
        self.families = tuple(
            family
            for family in found_families(definitions, ())
            if not all(member.symbol.leaf.startswith("_") for member in family.members)
        )

    @property
    def paths(self) -> frozenset[str]:
        """The files whose age matters."""
        return frozenset(member.path for family in self.families for member in family.members)

    def judge(self, ages: Mapping[str, int]) -> Iterator[Proposal | Undecided]:
        """What to make of each family.

        Args:
            ages: The times of the files' first commits.
        """
        path_of = self._definitions.project.modules.path_of
        for family in self.families:
            sites = [self._definitions.by_symbol[member.symbol] for member in family.members]
            # What lies behind a package of the same name cannot be imported.
            sites = [site for site in sites if path_of(site.symbol.module) == site.path]
            if len(sites) > 1:
                yield self._family(family, sites, ages)
        yield from self._namesakes(ages)

    def _namesakes(self, ages: Mapping[str, int]) -> Iterator[Undecided]:
        """Factories, emitters and registries of one name, with too little in common to judge."""
        claimed = {member.symbol for family in self.families for member in family.members}
        path_of = self._definitions.project.modules.path_of
        for name, defined in sorted(self._definitions.by_name.items()):
            sites = [
                site
                for site in defined
                if site.kind == "class"
                and words(name)[-1:]
                and words(name)[-1] in _ROLES
                and path_of(site.symbol.module) == site.path
                and not site.is_fallback
                and not self._definitions.is_interface(site)
            ]
            if len(sites) < 2 or any(site.symbol in claimed for site in sites):
                continue
            if any(self._definitions.are_kin(sites[0], other) for other in sites[1:]):
                continue
            told = [_told(self._standing(site, sites, ages)) for site in sites]
            first = min(sites, key=lambda site: site.symbol)
            why = (*told, "they share a name and a role, and too little else to choose by")
            yield Undecided(" ".join(words(name)), first.path, first.line, why)

    def _family(
        self, family: Family, sites: list[Site], ages: Mapping[str, int]
    ) -> Proposal | Undecided:
        # With the same age for all, as in a copy of a repository, the age says nothing.
        known = {site.path: ages.get(site.path, 0) for site in sites}
        if len(set(known.values())) == 1:
            known = dict.fromkeys(known, 0)
        standings = sorted(
            (self._standing(site, sites, known) for site in sites),
            key=lambda one: (*(-part for part in one.merit), one.symbol),
        )
        best, *others = standings
        against = _against(best, others)
        why = [_told(one) for one in standings]
        why += [f"`{one.symbol}` {one.outlived}" for one in standings if one.outlived]
        reasons = [m.evidence[0] for m in family.members[1:] if m.evidence]
        why += [f"why they are one family: {reasons[0]}"] if reasons else []
        if _is_open(best, others):
            why.append("nothing decides between them")
            site = best.site
            return Undecided(family.name, site.path, site.line, tuple(why))
        why += against
        have_one_name = len({self._definitions.stem(site.name) for site in sites}) == 1
        is_clear = (
            not against
            and have_one_name
            and all(best.merit[:2] > other.merit[:2] for other in others)
        )
        return Proposal(
            kind="concept",
            name=family.name,
            canonical=str(best.symbol),
            steps=tuple(
                Step(str(other.symbol), str(best.symbol), self._safety(best, other))
                for other in others
            ),
            confidence=Confidence.LIKELY if is_clear else Confidence.POSSIBLE,
            why=tuple(why),
            path=best.site.path,
            line=best.site.line,
            forbid=self._look_alikes(best, others),
            others=tuple(str(other.symbol) for other in others),
        )

    def _standing(self, site: Site, sites: list[Site], ages: Mapping[str, int]) -> Standing:
        files, tests = self._readers.split(self._readers.of(site.symbol))
        own = self._definitions.api(site)
        wanted = {
            name for other in sites if other is not site for name in self._definitions.api(other)
        }
        return Standing(
            site=site,
            files=files,
            tests=tests,
            covers=len(wanted & own.keys()) / len(wanted) if wanted else 1.0,
            lines=site.lines,
            since=ages.get(site.path, 0),
            outlived=_outlived(site, sites),
        )

    def _safety(self, best: Standing, other: Standing) -> Safety:
        """The same body is the same thing but for its identity; anything else is for a person."""
        is_copy = self._definitions.have_equal_bodies(best.site, other.site)
        return "unsafe" if is_copy else "manual"

    def _look_alikes(self, best: Standing, others: list[Standing]) -> tuple[str, ...]:
        """Names that are the canonical's but for an affix, and nothing else's in the tree."""
        stem = self._definitions.stem(best.site.name)
        return tuple(
            sorted(
                {
                    other.site.name
                    for other in others
                    if other.site.name != best.site.name
                    and self._definitions.stem(other.site.name) == stem
                    and len(self._definitions.by_name[other.site.name]) == 1
                }
            )
        )


def _outlived(site: Site, sites: list[Site]) -> str:
    if site.deprecation:
        return "announces its own deprecation"
    mine = _OUTLIVED.intersection(words(site.name), words(site.symbol.module))
    if mine and any(
        not _OUTLIVED.intersection(words(s.name), words(s.symbol.module)) for s in sites
    ):
        return f"calls itself {listed(sorted(mine))}"
    return ""


def _is_open(best: Standing, others: list[Standing]) -> bool:
    """Whether the first is first only by its name."""
    return any(other.merit == best.merit for other in others) or not (best.files or best.tests)


def _against(best: Standing, others: list[Standing]) -> list[str]:
    """What speaks for one of the others."""
    said = []
    for other in others:
        if other.outlived:
            continue
        if other.covers > best.covers:
            said.append(
                f"against it: `{other.symbol}` has {other.covers:.0%} of the others' members, "
                f"the one to keep {best.covers:.0%}"
            )
        if other.tests > best.tests:
            said.append(f"against it: more tests import `{other.symbol}`")
        if 2 * best.lines < other.lines:
            said.append(f"against it: `{other.symbol}` is more than twice as long")
    return said


def _told(one: Standing) -> str:
    age = f", since {time.strftime('%Y-%m-%d', time.gmtime(one.since))}" if one.since else ""
    return (
        f"`{one.symbol}`: imported by {count(one.files, 'file')} and {count(one.tests, 'test')}, "
        f"has {one.covers:.0%} of the others' public members, {count(one.lines, 'line')}{age}"
    )
