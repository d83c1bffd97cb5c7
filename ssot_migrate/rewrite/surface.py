"""What a module offers, and what stands for each of its names once it has moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.resolve.modules import inside, is_package_file
from ssot_migrate.resolve.resolution import Kind
from ssot_migrate.rewrite.shim_source import Passed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.index.facts import ModuleFacts
    from ssot_migrate.lint.project import Project

_OWN = ("class", "def", "value", "alias", "global")
_KEPT = ("class", "def")


class Surface(msgspec.Struct, frozen=True, kw_only=True):
    """The names of a module, sorted.

    Args:
        passed: Those with a replacement.
        lost: Those without one that are part of what the module is for: exported, read by
            somebody, or a class or function of its own.
        dropped: The others without one.
        is_readable: Whether the module can be parsed.
        is_open: Whether it may have names that cannot be read in it.
    """

    passed: tuple[Passed, ...] = ()
    lost: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    is_readable: bool = True
    is_open: bool = False


def surface(project: Project, module: str) -> Surface:
    """Say what a module, which the registry replaces, offers to others.

    That is what it exports, or without `__all__` what it defines under public names; of a
    package, what it gathers from inside too; and whatever anybody in the tree takes from it. A
    module that is gone offers what its replacement does.
    """
    path = project.modules.path_of(module)
    facts = project.facts(path) if path is not None else None
    if path is not None and facts is None:
        return Surface(is_readable=False)
    read = set(_names_read(project, module))
    if path is not None:
        # What is taken in vain today is no part of the module.
        read = {one for one in read if project.resolver.bound(path, one).kind is not Kind.MISSING}
    own = set(_own_names(project, path, facts)) if facts is not None and path is not None else set()
    names = own | read | (set(_names_of_replacement(project, module)) if path is None else set())
    passed: list[Passed] = []
    without: set[str] = set()
    for name in sorted(names):
        if name.startswith("__") or project.modules.exists(inside(module, name)):
            continue
        target = _target(project, module, path, name)
        if target is None:
            without.add(name)
        else:
            passed.append(Passed(name, target))
    lost = without & (read | set(_defined(facts))) if facts is not None else set[str]()
    return Surface(
        passed=tuple(passed),
        lost=tuple(sorted(lost)),
        dropped=tuple(sorted(without - lost)),
        is_open=facts is not None and path is not None and _is_open(project, path, facts),
    )


def _names_read(project: Project, module: str) -> Iterator[str]:
    """The names that files of the tree take from the module itself."""
    own = project.modules.path_of(module)
    for path in project.naming([SymbolPath(module)], uses=True):
        if path == own:
            continue
        for statement, _ in project.imports(path):
            named = project.resolver.named(path, statement)
            if named is not None and named.module == module and named.name:
                yield named.name
        for _, _, resolution in project.references(path):
            head, _, rest = resolution.hops[0].symbol.dotted.partition(f"{module}.")
            if rest and not head:
                yield rest.partition(".")[0]


def _own_names(project: Project, path: str, facts: ModuleFacts) -> Iterator[str]:
    if facts.exports is not None and not facts.exports_open:
        yield from facts.exports
        return
    yield from facts.exports or ()
    bound = {binding.name for binding in facts.bindings}
    listed = {binding.name for binding in facts.bindings if binding.kind in _OWN}
    listed.update(lazy.name for lazy in facts.lazy_names if lazy.name != "*")
    if any(statement.name == "*" for statement in facts.imports):
        listed.update(name for name in project.resolver.provided(path) if name not in bound)
    if project.shims.is_shim(path):
        listed.update(name for name in project.shims.describe(path).targets if name != "*")
    elif is_package_file(path):
        listed.update(_gathered(project, path, facts))
    yield from (name for name in listed if not name.startswith("_"))


def _gathered(project: Project, path: str, facts: ModuleFacts) -> Iterator[str]:
    """What a package imports from inside itself, to offer it."""
    package = project.modules.name_of(path)
    for binding in facts.bindings:
        if binding.kind == "import" and binding.name != "*":
            home = project.resolver.bound(path, binding.name).symbol.module
            if home.startswith(f"{package}."):
                yield binding.name


def _names_of_replacement(project: Project, module: str) -> Iterator[str]:
    for entry in project.deprecations:
        if entry.path.module == module and entry.path.name:
            yield entry.path.name.partition(".")[0]
    match = project.deprecations.match(SymbolPath(module))
    path = project.modules.path_of(match.canonical.module) if match is not None else None
    facts = project.facts(path) if path is not None else None
    if match is not None and match.replacement.target.is_module and path and facts:
        yield from _own_names(project, path, facts)


def _target(project: Project, module: str, path: str | None, name: str) -> SymbolPath | None:
    """What stands for a name of the module from now on."""
    match = project.deprecations.match(SymbolPath(module, name))
    target = match.canonical if match is not None else None
    is_meant = match is not None and match.replacement.path.dotted == f"{module}.{name}"
    origin = None if path is None or is_meant else _origin(project, path, name)
    if origin is not None:
        # What the module only took from elsewhere is still there.
        other = project.deprecations.match(origin)
        target = other.canonical if other is not None else origin
    if target is None or not target.name or "." in target.name or target.module == module:
        return None
    found = project.resolver.path(target)
    is_there = found.kind in (Kind.SYMBOL, Kind.EXTERNAL, Kind.UNKNOWN)
    is_round = path is not None and any(hop.path == path for hop in found.hops)
    return target if is_there and not is_round else None


def _origin(project: Project, path: str, name: str) -> SymbolPath | None:
    hops = project.resolver.bound(path, name).hops
    origin = hops[1].symbol if len(hops) > 1 else None
    return origin if origin is not None and origin.name and hops[1].path != path else None


def _defined(facts: ModuleFacts) -> Iterator[str]:
    if facts.exports is not None:
        yield from facts.exports
    yield from (binding.name for binding in facts.bindings if binding.kind in _KEPT)


def _is_open(project: Project, path: str, facts: ModuleFacts) -> bool:
    if facts.exports is not None and not facts.exports_open:
        return False
    if facts.open or facts.exports_open or (facts.has_getattr and not facts.lazy_names):
        return True
    stars = (one for one in facts.imports if one.name == "*")
    return any(not project.resolver.imported(path, one).end.path for one in stars)
