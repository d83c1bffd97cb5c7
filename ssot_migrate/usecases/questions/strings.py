"""`strings`: the dotted paths that string literals spell, and what is behind them."""

from __future__ import annotations

import difflib
from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.strings import NamedPath, Standing
from ssot_migrate.index.index import Progress, no_progress
from ssot_migrate.index.needles import Needle
from ssot_migrate.index.worker import MODULE, STRINGS
from ssot_migrate.lint.strings.kinds import Kinds, StringKind
from ssot_migrate.lint.strings.spelled import spelled
from ssot_migrate.lint.strings.standing import JUDGED, standing_of
from ssot_migrate.resolve.resolution import Kind
from ssot_migrate.usecases.project import Request, open_project

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ssot_migrate.lint.project import Project

_NEAR = 3


def list_strings(
    request: Request, kinds: tuple[str, ...] = (), progress: Progress = no_progress
) -> tuple[NamedPath, ...]:
    """Every string that reads as a dotted path, by file and line.

    Args:
        request: Which project; its paths limit the answer.
        kinds: What the strings are for; anything if empty.
        progress: Called while long work goes on.
    """
    with open_project(request, progress) as opened:
        wanted = frozenset(map(StringKind, kinds)) or frozenset(StringKind)
        paths = [path for path in opened.project.paths if opened.selection.selects(path)]
        return tuple(_strings(opened.project, paths, wanted))


def validate_strings(
    request: Request, kinds: tuple[str, ...] = (), progress: Progress = no_progress
) -> tuple[NamedPath, ...]:
    """The strings that begin in the tree and lead to nothing there, with what may be meant.

    Args:
        request: Which project; its paths limit the answer.
        kinds: What the strings are for; all that are judged if empty.
        progress: Called while long work goes on.
    """
    with open_project(request, progress) as opened:
        project = opened.project
        wanted = frozenset(map(StringKind, kinds)) or frozenset(JUDGED)
        paths = [path for path in project.paths if opened.selection.selects(path)]
        lost = [one for one in _strings(project, paths, wanted) if one.standing is Standing.NOTHING]
        homes = _homes(project) if lost else {}
        near: dict[str, tuple[str, ...]] = {}
        for one in lost:
            if one.spelled not in near:
                near[one.spelled] = tuple(_near(project, homes, one.spelled))
        return tuple(msgspec.structs.replace(one, near=near[one.spelled]) for one in lost)


def where_named(
    request: Request, name: str, progress: Progress = no_progress
) -> tuple[NamedPath, ...]:
    """The strings that name a module, something in it, or any path with that part.

    Args:
        request: Which project.
        name: `package.module`, `package.module:Name`, or one identifier.
        progress: Called while long work goes on.
    """
    with open_project(request, progress) as opened:
        project = opened.project
        dotted = name.replace(":", ".")
        target = project.resolver.dotted(dotted) if "." in dotted else None
        is_there = target is not None and target.kind in (Kind.MODULE, Kind.SYMBOL)
        symbol = str(target.symbol) if target is not None and is_there else ""
        spelling = project.index.search([Needle(dotted.rpartition(".")[2])])
        found = []
        for one in _strings(project, sorted(spelling), frozenset(StringKind)):
            how = _how(one, dotted, symbol)
            if how:
                found.append(msgspec.structs.replace(one, how=how))
        return tuple(found)


def _how(one: NamedPath, dotted: str, symbol: str) -> str:
    path = one.spelled.replace(":", ".")
    if "." not in dotted:
        return "itself" if dotted in path.split(".") else ""
    if path == dotted:
        return "itself"
    if path.startswith(f"{dotted}."):
        return "below"
    return "through" if symbol and one.symbol == symbol else ""


def _strings(
    project: Project, paths: Iterable[str], wanted: frozenset[StringKind]
) -> Iterator[NamedPath]:
    kinds = Kinds(project)
    paths = list(paths)
    project.index.load(dict.fromkeys(paths, (MODULE, STRINGS)))
    for path in paths:
        facts = project.index.strings(path)
        module = project.modules.name_of(path)
        for text in facts.strings if facts is not None else ():
            kind = kinds.of(path, text)
            if kind is None or kind not in wanted:
                continue
            name = spelled(path, module, text)
            standing, found = standing_of(project, text, kind, name.replace(":", "."))
            is_known = found is not None and standing is Standing.FOUND
            yield NamedPath(
                path=path,
                line=text.line,
                column=text.column,
                text=text.value,
                spelled=name,
                kind=kind.value,
                scope=text.scope,
                standing=standing,
                symbol=str(found.symbol) if found is not None and is_known else "",
            )


def _homes(project: Project) -> Mapping[str, list[str]]:
    """Where top-level definitions of each name are."""
    homes: defaultdict[str, list[str]] = defaultdict(list)
    for path in project.everything():
        facts = project.facts(path)
        module = project.modules.name_of(path)
        for one in facts.definitions if facts is not None else ():
            if "." not in one.name:
                homes[one.name].append(f"{module}:{one.name}")
    return homes


def _near(project: Project, homes: Mapping[str, list[str]], name: str) -> Iterator[str]:
    """What a path that leads to nothing may mean: the same name elsewhere, then similar ones."""
    dotted = name.replace(":", ".")
    owner, _, leaf = dotted.rpartition(".")
    while owner and not project.modules.exists(owner):
        owner, _, leaf = owner.rpartition(".")
    elsewhere = homes.get(dotted.rpartition(".")[2]) or homes.get(leaf) or []
    path = project.modules.path_of(owner)
    there = [] if path is None else list(project.resolver.provided(path))
    prefix = f"{owner}."
    names = (project.modules.name_of(one) for one in project.paths)
    modules = [one for one in names if one.startswith(prefix) and "." not in one[len(prefix) :]]
    beside = {one: f"{owner}:{one}" for one in there}
    beside |= {one[len(prefix) :]: one for one in modules}
    similar = [beside[one] for one in difflib.get_close_matches(leaf, beside, _NEAR, 0.75)]
    ranked = sorted(elsewhere, key=lambda one: (-_shared(one, dotted), one))
    yield from list(dict.fromkeys([*ranked[:_NEAR], *similar]))[:_NEAR]


def _shared(one: str, dotted: str) -> int:
    """How many segments two paths begin with in common."""
    pairs = zip(one.replace(":", ".").split("."), dotted.split("."), strict=False)
    count = 0
    for left, right in pairs:
        if left != right:
            break
        count += 1
    return count
