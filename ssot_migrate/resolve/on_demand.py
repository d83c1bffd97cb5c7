"""What a module-level `__getattr__` gives for a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.resolve.modules import inside, is_package_file
from ssot_migrate.resolve.resolution import Hop, Kind, Resolution

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.index.facts import LazyName, ModuleFacts
    from ssot_migrate.resolve.modules import ModuleMap
    from ssot_migrate.resolve.symbols import Resolver


def on_demand(resolver: Resolver, path: str, facts: ModuleFacts, name: str) -> Resolution | None:
    """Where the tables of a module's `__getattr__`, or the stub beside it, lead for a name."""
    modules = resolver.modules
    module = modules.name_of(path)
    outside = None
    # Of several modules that a `__getattr__` names, the private namesake holds what is here.
    private = f"_{module.rpartition('.')[2]}"
    for lazy in sorted(facts.lazy_names, key=lambda one: one.target.split(".")[-1] != private):
        is_rest = lazy.name == "*" and not name.startswith("__")
        if is_rest and facts.exports is not None and not facts.exports_open:
            is_rest = name in facts.exports
        if lazy.name != name and not is_rest:
            continue
        here = Hop(SymbolPath(module, name), path, lazy.line, "lazy")
        for target in _candidates(modules, path, module, lazy.target):
            found = _read_from(resolver, target, lazy, name)
            if found.kind in (Kind.MODULE, Kind.SYMBOL) and found.end.path != path:
                return found.after(here)
            # A word that only might be a module's name is none outside the tree.
            is_certain = not is_rest or lazy.holder or len(found.hops) > 1
            if found.kind is Kind.EXTERNAL and is_certain and "." in found.symbol.dotted:
                outside = outside or found.after(here)
    if outside is None and (facts.has_getattr or facts.open):
        stub = resolver.bound(f"{path}i", name) if modules.has_file(f"{path}i") else None
        if stub is not None and len(stub.hops) > 1 and stub.kind is not Kind.MISSING:
            return stub
    return outside


def _read_from(resolver: Resolver, target: str, lazy: LazyName, name: str) -> Resolution:
    """What a table's path names: a thing, or the module that holds it."""
    if lazy.name == "*":
        return resolver.dotted(f"{target}.{name}")
    found = resolver.dotted(target)
    if not lazy.holder:
        return found
    if found.kind is Kind.MODULE:
        held = resolver.dotted(f"{target}.{name}")
        return found if held.kind is Kind.MISSING else held
    leaf = target.rpartition(".")[2]
    if found.kind is Kind.EXTERNAL and not leaf[:1].isupper():
        return resolver.dotted(f"{target}.{name}")
    return found


def _candidates(modules: ModuleMap, path: str, module: str, target: str) -> Iterator[str]:
    """The absolute paths that a table's path may stand for, the likeliest first.

    It may be absolute, relative with dots, or bare from the package.

    Args:
        modules: The tree's modules.
        path: The file of the table.
        module: Its module.
        target: The path as it is written.
    """
    if target.startswith("."):
        bare = target.lstrip(".")
        absolute = modules.absolute(path, len(target) - len(bare), bare)
        if absolute:
            yield absolute
        return
    package = module if is_package_file(path) else module.rpartition(".")[0]
    if modules.is_first_party(target):
        yield target
    if package and modules.exists(inside(package, target.partition(".")[0])):
        yield inside(package, target)
    if not modules.is_first_party(target) and "." in target:
        yield target
