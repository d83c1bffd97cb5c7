"""Finds the files that can read a name, without parsing the others.

Whoever reads a name spells it as its provider binds it, and spells the provider's own last name
too, unless it lies in the provider's folder, from where a relative import needs no name. So a
byte search for both finds every reader of a provider; those that pass the name on are providers
in turn, until no new one turns up.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ssot_migrate.index.needles import Needle
from ssot_migrate.resolve.modules import is_package_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ssot_migrate.domain.symbol import SymbolPath
    from ssot_migrate.lint.project import Project

_STAR = "import *"


def within(symbol: SymbolPath, wanted: set[str]) -> bool:
    """Whether a name is one of the dotted paths, or lies under one."""
    head = symbol.dotted
    while head:
        if head in wanted:
            return True
        head = head.rpartition(".")[0]
    return False


def files_naming(
    project: Project, targets: Iterable[SymbolPath], *, imported: bool = False
) -> set[str]:
    """The files that may name a target by its own path; a superset, found without parsing.

    Args:
        project: The project.
        targets: Modules or names.
        imported: Look for imports alone.
    """
    paths = [target.dotted.rpartition(".") for target in targets]
    needles = {Needle(leaf, parent.rpartition(".")[2], imported) for parent, _, leaf in paths}
    found = project.index.search(needles)
    leaves: defaultdict[str, set[str]] = defaultdict(set)
    for parent, _, leaf in paths:
        for folder in project.modules.folders_of(parent):
            leaves[folder].add(leaf)
    nearby_in: dict[str, set[str]] = {}
    for path in project.paths:
        home = path.rpartition("/")[0]
        nearby = nearby_in.get(home)
        if nearby is None:
            around = _folders_around(path)
            nearby = {leaf for folder in around for leaf in leaves.get(folder, ())}
            nearby_in[home] = nearby
        if nearby and path not in found and project.index.spelled(path, nearby):
            found.add(path)
    return found


def find_readers(project: Project, targets: Sequence[SymbolPath]) -> set[str]:
    """The parsable files that can read any of the targets."""
    wanted = {target.dotted for target in targets}
    found: set[str] = set()
    offers: set[tuple[str, str]] = set()
    new = set(project.naming(targets))
    while new:
        found |= new
        fresh = {
            (path, name) for path in sorted(new) for name in _names_passed_on(project, path, wanted)
        } - offers
        offers |= fresh
        new = _readers_of(project, fresh, found)
    return found


def _readers_of(project: Project, offers: set[tuple[str, str]], known: set[str]) -> set[str]:
    """New files that spell a name that a module offers, and the module's last name."""
    providers: defaultdict[str, set[str]] = defaultdict(set)
    packages: defaultdict[str, set[str]] = defaultdict(set)
    for path, name in offers:
        leaf = project.modules.name_of(path).rpartition(".")[2]
        providers[leaf].add(name)
        if is_package_file(path):
            packages[path.rpartition("/")[0]].add(name)
    if not providers:
        return set()
    names = {name for _path, name in offers} | {_STAR}
    candidates = [path for path in project.index.search(map(Needle, names)) if path not in known]
    readers = set()
    for path in candidates:
        leaves = project.index.spelled(path, providers)
        offered = {name for leaf in leaves for name in providers[leaf]}
        for folder in _folders_around(path):
            offered |= packages.get(folder, set())
        if offered and project.index.spelled(path, {*offered, _STAR}):
            readers.add(path)
    project.preload(readers)
    return {path for path in readers if project.facts(path) is not None}


def _folders_around(path: str) -> Iterator[str]:
    folder = path.rpartition("/")[0]
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]


def _names_passed_on(project: Project, path: str, wanted: set[str]) -> set[str]:
    """The names under which a file's module offers what is wanted."""
    facts = project.facts(path)
    if facts is None:
        return set()
    module = project.modules.name_of(path)
    names = {
        binding.name
        for binding in facts.bindings
        if binding.kind in ("import", "alias") and binding.name != "*"
    }
    names.update(lazy.name for lazy in facts.lazy_names if lazy.name != "*")
    # What a star or a `__getattr__` passes on is not spelled here.
    if any(statement.name == "*" for statement in facts.imports):
        names.update(project.resolver.provided(path))
    if facts.has_getattr:
        names.update(facts.exports or (), (dotted.rpartition(".")[2] for dotted in wanted))
    return {
        name
        for name in names
        if any(within(hop.symbol, wanted) for hop in project.resolver.member(module, name).hops[1:])
    }
