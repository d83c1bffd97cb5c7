"""What the registry decided, home by home: who still reads an old path, and who has come."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.config.model import Concept
from ssot_migrate.config.replacements import Replacement, declared
from ssot_migrate.domain.overview import Home, OldPath, Reader, State
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.lint.clock import today
from ssot_migrate.lint.reach import within
from ssot_migrate.lint.readers import is_inside
from ssot_migrate.lint.strings.kinds import Kinds, StringKind
from ssot_migrate.resolve.resolution import Kind

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ssot_migrate.lint.deprecations import Match
    from ssot_migrate.lint.project import Project
    from ssot_migrate.resolve.resolution import Resolution

_SAFETIES = ("safe", "unsafe", "manual")


class Decided(msgspec.Struct, frozen=True):
    """A home as the registry has it: a concept, or nothing but a target that moves share."""

    name: str
    canonical: SymbolPath
    concept: Concept | None
    entries: tuple[Replacement, ...]


def decided(project: Project) -> tuple[Decided, ...]:
    """The registry's concepts in its order, then its moves by target."""
    of_concept: defaultdict[str, list[Replacement]] = defaultdict(list)
    of_target: defaultdict[SymbolPath, list[Replacement]] = defaultdict(list)
    ends = {(entry.origin, entry.path): entry for entry in project.deprecations}
    for entry in declared(project.registry):
        end = ends.get((entry.origin, entry.path), entry)  # a chain leads further
        if entry.concept is not None:
            of_concept[entry.concept].append(end)
        else:
            of_target[end.target].append(end)
    concepts = [
        Decided(one.name, SymbolPath.parse(one.canonical), one, tuple(of_concept[one.name]))
        for one in project.concepts
    ]
    moves = [
        Decided(str(target), target, None, tuple(of_target[target])) for target in sorted(of_target)
    ]
    return (*concepts, *moves)


def readers_of(
    project: Project, homes: Sequence[Decided], owners: Callable[[str], tuple[str, ...]]
) -> tuple[Reader, ...]:
    """Every file that reads a home, by home, path and what it reads; those to be changed first."""
    reading = _Reading(project, homes)
    targets = {*project.deprecations.paths, *reading.canonicals.values()}
    for path in project.readers(targets, uses=True) if targets else ():
        reading.file(path)
    return tuple(sorted(reading.readers(owners), key=_order))


def homes_of(
    project: Project,
    homes: Sequence[Decided],
    readers: Sequence[Reader],
    findings: Mapping[str, int],
) -> tuple[Home, ...]:
    """The homes with the numbers of their readers.

    Args:
        project: The project.
        homes: What the registry decided.
        readers: Who reads them.
        findings: Number of findings by concept.
    """
    by_home: defaultdict[int, list[Reader]] = defaultdict(list)
    for reader in readers:
        by_home[reader.home].append(reader)
    return tuple(
        _home(project, number, one, by_home[number], findings)
        for number, one in enumerate(homes, 1)
    )


class _Seen(msgspec.Struct):
    """What a file does with one path of a home."""

    lines: set[int]
    how: set[str]
    use: str
    safety: str


class _Reading:
    def __init__(self, project: Project, homes: Sequence[Decided]) -> None:
        self._project = project
        self._kinds = Kinds(project)
        self._seen: dict[tuple[int, str, str], _Seen] = {}
        # Of an entry for a module others follow, for names in it: they have the same origin.
        self._written = {
            entry.origin: (number, entry)
            for number, home in enumerate(homes, 1)
            for entry in home.entries
        }
        self.canonicals = {
            number: _definition(project, home.canonical) for number, home in enumerate(homes, 1)
        }
        self._by_canonical: dict[str, int] = {}
        for number, symbol in self.canonicals.items():
            self._by_canonical.setdefault(symbol.dotted, number)

    def file(self, path: str) -> None:
        """Read one file; what a string names counts if it has to be changed."""
        fetched = set()
        for statement, resolution in self._project.imports(path):
            if self._see(path, statement.line, "import", resolution):
                fetched.add((statement.line, statement.bound))
        for reference, statement, resolution in self._project.references(path):
            if reference.path and (statement.line, statement.bound) not in fetched:
                self._see(path, reference.line, "reference", resolution)
        uses = self._project.index.uses(path)
        for text in uses.strings if uses is not None else ():
            kind = self._kinds.of(path, text)
            if kind not in (None, StringKind.LOGGING):
                symbol = SymbolPath(text.value.replace(":", "."))
                resolution = self._project.resolver.dotted(symbol.dotted)
                match = self._project.deprecations.match(symbol) or self._first(resolution)
                if match is not None:
                    self._see_old(path, text.line, f"string ({kind.value})", match)

    def _see(self, path: str, line: int, how: str, resolution: Resolution) -> bool:
        match = self._first(resolution)
        return (
            self._see_old(path, line, how, match)
            if match is not None
            else self._see_canonical(path, line, how, resolution)
        )

    def _first(self, resolution: Resolution) -> Match | None:
        """The deprecated path that is named, or that the way ends at: a shim between is no end."""
        found = self._project.deprecations.first(resolution)
        if found is None or found[0] == 0:
            return None if found is None else found[2]
        return self._project.deprecations.match(resolution.symbol)

    def _see_old(self, path: str, line: int, how: str, match: Match) -> bool:
        if is_inside(self._project.modules.name_of(path), match):
            return False
        number, entry = self._written[match.replacement.origin]
        key = (number, path, str(entry.path))
        self._note(key, line, how, str(match.canonical), match.replacement.safety)
        return True

    def _see_canonical(self, path: str, line: int, how: str, resolution: Resolution) -> bool:
        head = resolution.symbol.dotted
        while head and head not in self._by_canonical:
            head = head.rpartition(".")[0]
        number = self._by_canonical.get(head)
        if number is None or path == resolution.end.path or self._is_old(path):
            return False
        self._note((number, path, str(self.canonicals[number])), line, how, "", "")
        return True

    def _is_old(self, path: str) -> bool:
        """Whether a file is a deprecated module itself."""
        return within(
            SymbolPath(self._project.modules.name_of(path)),
            {old.dotted for old in self._project.deprecations.paths if old.is_module},
        )

    def _note(self, key: tuple[int, str, str], line: int, how: str, use: str, safety: str) -> None:
        seen = self._seen.setdefault(key, _Seen(set(), set(), use, safety))
        seen.lines.add(line)
        seen.how.add(how)

    def readers(self, owners: Callable[[str], tuple[str, ...]]) -> Iterator[Reader]:
        """What was seen."""
        for (home, path, reads), seen in self._seen.items():
            yield Reader(
                path=path,
                lines=tuple(sorted(seen.lines)),
                category=self._project.category(path),
                owners=owners(path),
                home=home,
                reads=reads,
                use=seen.use,
                how=tuple(sorted(seen.how)),
                safety=seen.safety,
            )


def _definition(project: Project, canonical: SymbolPath) -> SymbolPath:
    """What a canonical is where it is defined; a name outside of the tree is its own."""
    resolution = project.resolver.path(canonical)
    return canonical if resolution.kind in (Kind.EXTERNAL, Kind.MISSING) else resolution.symbol


def _order(reader: Reader) -> tuple[bool, int, str, str]:
    return (not reader.use, reader.home, reader.path, reader.reads)


def _home(
    project: Project,
    number: int,
    one: Decided,
    readers: Sequence[Reader],
    findings: Mapping[str, int],
) -> Home:
    concept = one.concept
    left = {reader.path for reader in readers if reader.use}
    migrated = {reader.path for reader in readers} - left
    by_path = Counter(reader.reads for reader in readers if reader.use)
    old = tuple(_old(project, entry, by_path[str(entry.path)]) for entry in one.entries)
    days = [path.remove_by for path in old if path.remove_by is not None]
    pressing = [p.remove_by for p in old if p.remove_by is not None and p.readers]
    end = project.resolver.path(one.canonical).end
    return Home(
        number=number,
        name=one.name,
        is_concept=concept is not None,
        canonical=str(one.canonical),
        place=f"{end.path}:{end.line or 1}" if end.path else "",
        owner=concept.owner if concept else "",
        risk=concept.risk if concept else "",
        reason=concept.reason if concept else "",
        since=concept.since if concept else None,
        remove_by=min(pressing or days, default=None),
        old=old,
        state=_state(old, len(migrated), len(left), pressing),
        migrated=len(migrated),
        left=len(left),
        left_by_category=dict(sorted(Counter(project.category(p).value for p in left).items())),
        findings=findings.get(one.name, 0) if concept else 0,
    )


def _old(project: Project, entry: Replacement, readers: int) -> OldPath:
    resolution = project.resolver.path(entry.path)
    first = resolution.hops[0]
    is_there = resolution.kind is not Kind.MISSING and bool(first.path)
    return OldPath(
        path=str(entry.path),
        safety=entry.safety,
        remove_by=entry.remove_by,
        reason=entry.reason,
        place=f"{first.path}:{first.line or 1}" if is_there else "",
        is_shim=is_there and project.shims.is_shim(first.path),
        readers=readers,
    )


def _state(
    old: Sequence[OldPath], migrated: int, left: int, pressing: Sequence[datetime.date]
) -> State:
    if not old:
        return State.SINGLE
    if left and any(day < today() for day in pressing):
        return State.OVERDUE
    if left:
        return State.UNDER_WAY if migrated else State.NOT_BEGUN
    return State.UNREAD if any(path.place for path in old) else State.DONE
