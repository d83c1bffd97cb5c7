"""What becomes of each concept: which implementation stays, what it takes over, what goes."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import Fix
from ssot_migrate.domain.plan import Going, Kept, Merge, Moved, Place, PlanMember, Risk, UseKind
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.lint.classes.members import is_private
from ssot_migrate.lint.classes.offers import offer
from ssot_migrate.lint.classes.sites import Sites
from ssot_migrate.lint.classes.table import Classes
from ssot_migrate.lint.consumers import consumers_of
from ssot_migrate.resolve.resolution import Kind
from ssot_migrate.usecases.migration.delete import needed
from ssot_migrate.usecases.questions.compare import members_and_sites

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from ssot_migrate.config.model import Concept
    from ssot_migrate.config.replacements import Replacement
    from ssot_migrate.domain.comparison import CallSite, MemberReport
    from ssot_migrate.lint.classes.offers import Offer
    from ssot_migrate.lint.project import Project

_BREAKING = ("breaks", "adapt")


class Subjects:
    """Asks a project about its concepts. Build one, and keep it.

    Args:
        project: The project as it is.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._classes = Classes(project)
        self._sites = Sites(project)
        self._entries: defaultdict[str | None, list[Replacement]] = defaultdict(list)
        for entry in project.deprecations:
            self._entries[entry.concept].append(entry)

    def kept(self, concept: Concept) -> Kept:
        """The canonical, with what speaks for it."""
        symbol = SymbolPath.parse(concept.canonical)
        found = self._project.resolver.path(symbol)
        one = offer(self._project, self._classes, found)
        importing = consumers_of(self._project, symbol).importing_files
        why = [concept.reason] if concept.reason else []
        if one is None:
            return Kept(symbol=str(symbol), importing_files=importing, why=tuple(why))
        return Kept(
            symbol=str(symbol),
            path=found.end.path,
            line=found.end.line,
            lines=self._lines(one),
            members=_public(one),
            importing_files=importing,
            why=tuple(why),
        )

    def moved(self, concept: str | None, places: Sequence[Place]) -> Iterator[Moved]:
        """The deprecated paths of a concept, or of none."""
        counts = self._counts(places)
        for entry in self._entries[concept]:
            yield Moved(
                path=str(entry.path),
                to=str(entry.target),
                safety=entry.safety,
                state=self._state(entry),
                remove_by=entry.remove_by.isoformat() if entry.remove_by else "",
                places=counts.get(entry.path.dotted, 0),
            )

    def merges(
        self, concept: str | None, renamed: Collection[str] = ()
    ) -> tuple[tuple[Merge, ...], tuple[Place, ...]]:
        """What duplicates have that their replacements lack, and the calls that would break.

        Args:
            concept: The concept, or None.
            renamed: Methods that the registry gives another name: these are there.
        """
        merges: dict[tuple[SymbolPath, SymbolPath], Merge] = {}
        calls: list[Place] = []
        for entry in self._entries[concept]:
            for old, new in self._pairs(entry):
                pair = (old.found.symbol, new.found.symbol)
                if pair not in merges:
                    merges[pair], broken = self._merge(old, new, renamed)
                    calls += broken
        return tuple(merges.values()), tuple(calls)

    def going(
        self, concept: Concept, after: Project, wave_of: Mapping[str, int]
    ) -> Iterator[Going]:
        """The modules that the registry wants deleted, and replaced ones that could be as well."""
        replaced = {
            entry.path.module
            for entry in self._entries[concept.name]
            if not entry.path.name and self._project.modules.path_of(entry.path.module)
        }
        asked = frozenset(concept.delete)
        for one in needed(after, dict.fromkeys(sorted({*asked, *replaced}), concept.name)):
            yield Going(
                module=one.module,
                paths=one.paths,
                is_asked=one.module in asked,
                needed_by=tuple(map(str, one.needed_by)),
                wave=wave_of.get(one.paths[0], 0) if one.module in asked else 0,
            )

    # Paths

    def _state(self, entry: Replacement) -> str:
        old = self._project.resolver.path(entry.path)
        new = self._project.resolver.path(entry.target)
        if old.kind is Kind.MISSING or not old.hops[0].path:
            return "gone"
        if new.kind not in (Kind.SYMBOL, Kind.MODULE):
            return "outside"
        if old.symbol == new.symbol:
            return "name"
        if old.kind is Kind.MODULE:
            return "shim" if self._project.shims.is_shim(old.end.path) else "module"
        return "definition"

    def _counts(self, places: Sequence[Place]) -> dict[str, int]:
        counts: defaultdict[str, int] = defaultdict(int)
        for symbol in (place.symbol for place in places if place.symbol):
            match = self._project.deprecations.match(SymbolPath.parse(symbol))
            if match is not None:
                counts[match.replacement.path.dotted] += 1
        return dict(counts)

    # Merging

    def _pairs(self, entry: Replacement) -> Iterator[tuple[Offer, Offer]]:
        """The definitions of an entry and its replacement that differ; of modules name by name."""
        old = self._offer(entry.path)
        if old is None:
            return
        is_own = old.found.symbol.dotted == entry.path.dotted
        if old.kind == "module" and is_own and self._project.shims.is_shim(old.found.end.path):
            return
        new = self._offer(entry.module if old.kind == "module" and is_own else entry.target)
        if new is None or not _differ(old, new):
            return
        if old.kind == new.kind == "module":
            for name in sorted(old.members.keys() & new.members.keys()):
                one, other = (self._offer(side.found.symbol.child(name)) for side in (old, new))
                if one is not None and other is not None and _differ(one, other):
                    yield one, other
        yield old, new

    def _offer(self, symbol: SymbolPath) -> Offer | None:
        return offer(self._project, self._classes, self._project.resolver.path(symbol))

    def _merge(
        self, old: Offer, new: Offer, renamed: Collection[str]
    ) -> tuple[Merge, tuple[Place, ...]]:
        members, sites = members_and_sites(self._sites, old, new)
        home = old.found.end.path
        own = [
            one
            for one in members
            if one.a is not None and one.a.path == home and one.name not in renamed
        ]
        merge = Merge(
            symbol=str(old.found.symbol),
            into=str(new.found.symbol),
            path=old.found.end.path,
            line=old.found.end.line,
            lines=self._lines(old),
            members=_public(old),
            importing_files=consumers_of(self._project, old.found.symbol).importing_files,
            unique=tuple(_told(one) for one in own if one.b is None),
            clashes=tuple(_told(one) for one in own if one.is_clash),
            unclear=sum(site.verdict == "unclear" for site in sites),
        )
        breaking = (s for s in sites if s.verdict in _BREAKING and s.path != home)
        return merge, tuple(_called(site, old, new) for site in breaking)

    def _lines(self, one: Offer) -> int:
        if one.end_line:
            return one.end_line - one.found.end.line + 1
        data = self._project.index.contents.read(one.found.end.path)
        return len(data.splitlines()) if isinstance(data, bytes) else 0


def evidence(kept: Kept, merges: Iterable[Merge]) -> Iterator[str]:
    """How the canonical compares with each definition that it replaces, in figures."""
    for one in merges:
        unique = sum(not member.is_private for member in one.unique)
        yield (
            f"`{kept.symbol}` against `{one.symbol}`: {kept.lines} to {one.lines} lines, "
            f"{kept.members} to {one.members} public members, {kept.importing_files} to "
            f"{one.importing_files} importing files; {unique} of those members only there"
        )


def _differ(old: Offer, new: Offer) -> bool:
    return old.found.symbol != new.found.symbol


def _public(one: Offer) -> int:
    own = (name for name, each in one.members.items() if each.path == one.found.end.path)
    return sum(not is_private(name) for name in own)


def _told(one: MemberReport) -> PlanMember:
    side = one.a
    assert side is not None
    return PlanMember(
        name=one.name,
        shown=side.shown,
        line=side.line,
        why="" if one.b is None else one.why or one.reverse_why,
        is_private=one.is_private,
    )


def _called(site: CallSite, old: Offer, new: Offer) -> Place:
    return Place(
        path=site.path,
        line=site.line,
        column=1,
        kind=UseKind.CALL,
        category=site.category,
        symbol=str(old.found.symbol),
        to=str(new.found.symbol),
        fix=Fix.MANUAL,
        why=f"`{site.name}`: {site.why}",
        risks=(Risk.SIGNATURE,),
    )
