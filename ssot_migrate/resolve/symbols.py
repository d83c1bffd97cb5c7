"""Follows a name from where it is read to where it is defined, through every re-export."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.index.facts import Binding, Context, Import, ModuleFacts
from ssot_migrate.resolve.modules import ModuleMap, is_package_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_SOMETIMES = int(Context.CONDITIONAL | Context.TRY | Context.HANDLER | Context.TYPE_CHECKING)
_HANDLER = int(Context.HANDLER)
_TYPE_CHECKING = int(Context.TYPE_CHECKING)
_NESTED = int(Context.FUNCTION | Context.CLASS)


class Kind(str, Enum):
    """What a name turned out to be."""

    MODULE = "module"
    SYMBOL = "symbol"
    EXTERNAL = "external"
    """Outside the tree."""
    MISSING = "missing"
    """Inside the tree, and nothing binds it."""
    UNKNOWN = "unknown"
    """Inside the tree, behind something that cannot be read."""


class Hop(msgspec.Struct, frozen=True):
    """One name on the way to a definition, and the statement that binds it.

    Args:
        symbol: The name as it is known there.
        path: The file that binds it; empty where none does.
        line: The binding's line; 0 where there is none.
        how: `import`, `alias`, `lazy`, `star`, `class`, `def`, `value` or `module`.
    """

    symbol: SymbolPath
    path: str = ""
    line: int = 0
    how: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.path else str(self.symbol)


class Resolution(msgspec.Struct, frozen=True):
    """Where a name leads: what it is, and the hops from the first binding to the definition."""

    kind: Kind
    hops: tuple[Hop, ...]

    @property
    def symbol(self) -> SymbolPath:
        """The definition's own name."""
        return self.hops[-1].symbol

    @property
    def end(self) -> Hop:
        """The definition, or where the way ends."""
        return self.hops[-1]

    def after(self, hop: Hop) -> Resolution:
        """The same way with one hop in front."""
        return Resolution(self.kind, (hop, *self.hops))


class Resolver:
    """Resolves names of a tree on demand.

    Args:
        modules: The tree's modules.
        facts: Gives a file's facts by path; None where it cannot be read or parsed.
    """

    def __init__(self, modules: ModuleMap, facts: Callable[[str], ModuleFacts | None]) -> None:
        self.modules = modules
        self._facts = facts
        self._looked_up: dict[tuple[str, str], Resolution] = {}
        self._in_progress: set[tuple[str, str]] = set()
        self._by_name: dict[str, dict[str, list[Binding]]] = {}

    def named(self, path: str, statement: Import) -> SymbolPath | None:
        """The module or name that an import statement spells, without following it."""
        module = self.modules.absolute(path, statement.level, statement.module)
        if module is None:
            return None
        file = self.modules.path_of(module)
        home = self.modules.name_of(file) if file is not None else module
        return SymbolPath(home, "" if statement.name == "*" else statement.name)

    def imported(self, path: str, statement: Import) -> Resolution:
        """What an import statement in the file at `path` fetches.

        For `import a.b` that is the module `a.b`, though the statement binds `a`; for a star the
        module it opens.
        """
        module = self.modules.absolute(path, statement.level, statement.module)
        if module is None:
            shown = "." * statement.level + statement.module
            return Resolution(Kind.MISSING, (Hop(SymbolPath(shown, statement.name)),))
        if not statement.name or statement.name == "*":
            return self.module(module)
        return self.member(module, statement.name)

    def reference(self, path: str, statement: Import, attributes: str) -> Resolution:
        """What a chain of attributes behind an imported name refers to."""
        if not statement.name and not statement.aliased:
            start = self.modules.absolute(path, 0, statement.module) or statement.module
            extra = start[: len(start) - len(statement.module)]
            first = self.module(extra + statement.module.partition(".")[0])
        else:
            first = self.imported(path, statement)
        return self._attributes(first, attributes.split(".") if attributes else [])

    def dotted(self, dotted: str) -> Resolution:
        """What an absolute dotted path names: the longest module, then its attributes."""
        parts = dotted.split(".")
        return self._attributes(self.module(parts[0]), parts[1:])

    def path(self, symbol: SymbolPath) -> Resolution:
        """What a registry's path names."""
        return self.dotted(symbol.dotted)

    def module(self, module: str) -> Resolution:
        """The module of that name, or what became of it."""
        path = self.modules.path_of(module)
        if path is not None:
            # Under several roots a module has several names; the innermost root's is its own.
            symbol = SymbolPath(self.modules.name_of(path))
            return Resolution(Kind.MODULE, (Hop(symbol, path, 1, "module"),))
        symbol = SymbolPath(module)
        if self.modules.is_namespace(module):
            return Resolution(Kind.MODULE, (Hop(symbol, how="module"),))
        kind = Kind.MISSING if self.modules.is_first_party(module) else Kind.EXTERNAL
        return Resolution(kind, (Hop(symbol),))

    def member(self, module: str, name: str) -> Resolution:
        """What `name` is inside `module`."""
        path = self.modules.path_of(module)
        if path is not None:
            return self._look_up(path, self.modules.name_of(path), name)
        if self.modules.exists(f"{module}.{name}"):
            return self.module(f"{module}.{name}")
        kind = Kind.MISSING if self.modules.is_first_party(module) else Kind.EXTERNAL
        return Resolution(kind, (Hop(SymbolPath(module, name)),))

    def provided(self, path: str) -> tuple[str, ...]:
        """The names that a star import of the file at `path` would bind, sorted."""
        facts = self._facts(path)
        if facts is None:
            return ()
        if facts.exports is not None:
            return tuple(sorted(set(facts.exports)))
        names = {b.name for b in facts.bindings if b.kind != "delete"} - {"*"}
        for statement in _stars(facts):
            module = self.modules.absolute(path, statement.level, statement.module)
            source = self.modules.path_of(module) if module else None
            if source is not None and source != path:
                names.update(self.provided(source))
        return tuple(sorted(name for name in names if not name.startswith("_")))

    def _attributes(self, found: Resolution, attributes: Sequence[str]) -> Resolution:
        for position, attribute in enumerate(attributes):
            symbol = found.symbol
            if found.kind is Kind.MODULE:
                inner = self.member(symbol.module, attribute)
                # The way to the module is evidence as well, where it was not direct.
                found = Resolution(inner.kind, (*found.hops[:-1], *inner.hops))
                continue
            rest = ".".join(attributes[position:])
            if found.kind is Kind.EXTERNAL and symbol.is_module:
                end = Hop(SymbolPath(f"{symbol.module}.{rest}"))
                return Resolution(found.kind, (*found.hops[:-1], end))
            end = Hop(symbol.child(rest), found.end.path, found.end.line, found.end.how)
            return Resolution(found.kind, (*found.hops[:-1], end))
        return found

    def _look_up(self, path: str, module: str, name: str) -> Resolution:
        key = (path, name)
        known = self._looked_up.get(key)
        if known is not None:
            return known
        if key in self._in_progress:
            return Resolution(Kind.UNKNOWN, (Hop(SymbolPath(module, name), path),))
        self._in_progress.add(key)
        try:
            found = self._find(path, module, name)
        finally:
            self._in_progress.discard(key)
        if not self._in_progress:
            # A result found inside a circle of imports may be incomplete for others.
            self._looked_up[key] = found
        elif found.kind is not Kind.UNKNOWN:
            self._looked_up[key] = found
        return found

    def _find(self, path: str, module: str, name: str) -> Resolution:
        facts = self._facts(path)
        symbol = SymbolPath(module, name)
        if facts is None:
            return Resolution(Kind.UNKNOWN, (Hop(symbol, path),))
        for binding in self.bindings(path, facts, name):
            found = self._bound(path, module, facts, binding)
            if found is not None:
                return found
        if is_package_file(path) and self.modules.exists(f"{module}.{name}"):
            return self.module(f"{module}.{name}")
        for statement in reversed(_stars(facts)):
            found = self._through_star(path, module, statement, name)
            if found is not None:
                return found
        for lazy in facts.lazy_names:
            found = self._through_getattr(path, module, facts, lazy.name, lazy.target, name)
            if found is not None:
                return found.after(Hop(symbol, path, lazy.line, "lazy"))
        unreadable = facts.has_getattr or facts.open or self._has_unreadable_star(path, facts)
        return Resolution(Kind.UNKNOWN if unreadable else Kind.MISSING, (Hop(symbol, path),))

    def bindings(self, path: str, facts: ModuleFacts, name: str) -> list[Binding]:
        """The bindings that `name` can have when the module is complete, most usual first.

        Later bindings hide earlier ones unless they are conditional; the body of a `try` counts
        before its handlers, run time before type checking.
        """
        by_name = self._by_name.get(path)
        if by_name is None:
            by_name = {}
            for binding in facts.bindings:
                by_name.setdefault(binding.name, []).append(binding)
            self._by_name[path] = by_name
        reaching: list[Binding] = []
        for binding in reversed(by_name.get(name, [])):
            if binding.kind == "global" and len(by_name[name]) > 1:
                continue
            reaching.append(binding)
            if not binding.context & _SOMETIMES:
                break
        reaching.reverse()
        return sorted(
            reaching,
            key=lambda b: (b.context & _TYPE_CHECKING, b.context & _HANDLER, b.kind == "delete"),
        )

    def _bound(
        self, path: str, module: str, facts: ModuleFacts, binding: Binding
    ) -> Resolution | None:
        symbol = SymbolPath(module, binding.name)
        here = Hop(symbol, path, binding.line, binding.kind)
        if binding.kind == "delete":
            return None
        if binding.kind == "import":
            statement = facts.imports[binding.ref]
            if not statement.name and not statement.aliased:
                package = statement.module.partition(".")[0]
                return self.module(self.modules.absolute(path, 0, package) or package).after(here)
            return self.imported(path, statement).after(here)
        if binding.kind == "alias":
            head, _, rest = binding.value.partition(".")
            if head != binding.name:
                first = self._look_up(path, module, head)
                if first.kind not in (Kind.MISSING, Kind.UNKNOWN):
                    found = self._attributes(first, rest.split(".") if rest else [])
                    hops = found.hops
                    # `B = A` beside `from m import A`: the import is part of the same hop.
                    if len(hops) > 1 and hops[0].path == path:
                        hops = hops[1:]
                    return Resolution(found.kind, (here, *hops))
        return Resolution(Kind.SYMBOL, (here,))

    def _through_star(
        self, path: str, module: str, statement: Import, name: str
    ) -> Resolution | None:
        source = self.modules.absolute(path, statement.level, statement.module)
        source_path = self.modules.path_of(source) if source else None
        if source is None or source_path is None or source_path == path:
            return None
        source_facts = self._facts(source_path)
        if source_facts is None:
            return None
        if source_facts.exports is None or source_facts.exports_open:
            if name.startswith("_") and name not in (source_facts.exports or ()):
                return None
        elif name not in source_facts.exports:
            return None
        found = self._look_up(source_path, self.modules.name_of(source_path), name)
        if found.kind in (Kind.MISSING, Kind.UNKNOWN):
            return None
        return found.after(Hop(SymbolPath(module, name), path, statement.line, "star"))

    def _has_unreadable_star(self, path: str, facts: ModuleFacts) -> bool:
        for statement in _stars(facts):
            source = self.modules.absolute(path, statement.level, statement.module)
            source_path = self.modules.path_of(source) if source else None
            if source_path is None:
                return True
            source_facts = self._facts(source_path)
            if source_facts is None or source_facts.open or source_facts.has_getattr:
                return True
            if source_facts.exports_open:
                return True
        return False

    def _through_getattr(
        self,
        path: str,
        module: str,
        facts: ModuleFacts,
        provided: str,
        target: str,
        name: str,
    ) -> Resolution | None:
        if provided != name and provided != "*":
            return None
        if provided == "*" and facts.exports is not None and name not in facts.exports:
            return None
        for dotted in self._candidates(path, module, target):
            full = f"{dotted}.{name}" if provided == "*" else dotted
            found = self.dotted(full)
            if found.kind in (Kind.MODULE, Kind.SYMBOL) and found.end.path != path:
                return found
            if found.kind is Kind.EXTERNAL and provided != "*" and "." in full:
                return found
        return None

    def _candidates(self, path: str, module: str, target: str) -> Iterator[str]:
        """A table's path may be absolute, relative with dots, or bare from the package."""
        package = module if is_package_file(path) else module.rpartition(".")[0]
        if target.startswith("."):
            bare = target.lstrip(".")
            level = len(target) - len(bare)
            absolute = self.modules.absolute(path, level, bare)
            if absolute:
                yield absolute
            return
        if self.modules.is_first_party(target) or "." in target:
            yield target
        if package:
            yield f"{package}.{target}"
            yield f"{module}.{target}"


def _stars(facts: ModuleFacts) -> list[Import]:
    return [i for i in facts.imports if i.name == "*" and not i.context & _NESTED]
