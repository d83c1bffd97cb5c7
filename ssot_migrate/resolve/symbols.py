"""Follows a name from where it is read to where it is defined, through every re-export."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING

from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.index.facts import Context
from ssot_migrate.index.parse import stack_room
from ssot_migrate.resolve.binding_order import hides, in_order
from ssot_migrate.resolve.modules import ModuleMap, inside, is_package_file
from ssot_migrate.resolve.on_demand import on_demand
from ssot_migrate.resolve.resolution import Hop, Kind, Resolution
from ssot_migrate.resolve.stars import Stars

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ssot_migrate.index.facts import Binding, Import, ModuleFacts


_NO_CUT = 1 << 30
_TYPE_CHECKING = int(Context.TYPE_CHECKING)
_DEFINING = ("class", "def", "value")
_NOT_FOUND = (Kind.MISSING, Kind.UNKNOWN)
# https://docs.python.org/3/reference/datamodel.html#modules
_OF_EVERY_MODULE = frozenset(vars(types.ModuleType("any"))) | {"__dict__", "__file__"}
# A chain of a thousand re-exports.
_FRAMES = 5_000


class Resolver:
    """Resolves names of a tree on demand.

    Imports may run in circles. A name that is asked for while it is being looked up gives
    nothing; what was found under such a cut is kept only for the question at hand, so that no
    answer depends on the questions before it.

    Args:
        modules: The tree's modules.
        facts: Gives a file's facts by path; None where it cannot be read or parsed.
    """

    def __init__(self, modules: ModuleMap, facts: Callable[[str], ModuleFacts | None]) -> None:
        self.modules = modules
        self._facts = facts
        self._stars = Stars(modules, facts, self._look_up)
        self._looked_up: dict[tuple[str, str], Resolution] = {}
        # Within one question: depth of the names on the way, and what they hid from others.
        self._in_progress: dict[tuple[str, str], int] = {}
        self._tentative: dict[tuple[str, str], Resolution] = {}
        self._shallowest_cut = _NO_CUT
        self._lost_in_circles: set[tuple[str, str]] = set()
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
        """What a registry's path names.

        In `package.factory:factory` the module is meant, even if the package binds its name.
        """
        if not self.modules.exists(symbol.module):
            return self.dotted(symbol.dotted)
        return self._attributes(
            self.module(symbol.module), symbol.name.split(".") if symbol.name else []
        )

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
        return Resolution(self._without_file(module), (Hop(symbol),))

    def member(self, module: str, name: str) -> Resolution:
        """What `name` is inside `module`."""
        path = self.modules.path_of(module)
        if path is not None:
            return self._look_up(path, self.modules.name_of(path), name)
        if self.modules.exists(inside(module, name)):
            return self.module(inside(module, name))
        kind = self._without_file(inside(module, name))
        return Resolution(kind, (Hop(SymbolPath(module, name)),))

    def _without_file(self, module: str) -> Kind:
        """What a module, or a name of one, is that no Python file of the tree stands for."""
        if not self.modules.is_first_party(module) or self.modules.is_compiled(module):
            return Kind.EXTERNAL
        path, above = None, module
        while path is None and (above := above.rpartition(".")[0]):
            path = self.modules.path_of(above)
        facts = None if path is None else self._facts(path)
        is_open = path is not None and facts is not None and self._sets_its_path(path, facts)
        return Kind.UNKNOWN if is_open else Kind.MISSING

    def _sets_its_path(self, path: str, facts: ModuleFacts) -> bool:
        """Whether a module says itself where what lies below it is found."""
        return "__path__" in self._bindings_by_name(path, facts)

    def bound(self, path: str, name: str) -> Resolution:
        """What `name` is inside the file at `path`, even if another one goes by its name."""
        return self._look_up(path, self.modules.name_of(path), name)

    def provided(self, path: str) -> tuple[str, ...]:
        """The names that a star import of the file at `path` would bind, sorted."""
        return tuple(sorted(self._stars.provided(path)))

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
        if known is not None and not (self._in_progress and self._depends(key, known)):
            return known
        if key in self._in_progress:
            self._shallowest_cut = min(self._shallowest_cut, self._in_progress[key])
            return self._not_bound_yet(path, module, name)
        if key in self._tentative:
            self._shallowest_cut = 0
            return self._tentative[key]
        if not self._in_progress:
            with stack_room(_FRAMES):
                try:
                    return self._look_up_new(key, module)
                except RecursionError:
                    return Resolution(Kind.UNKNOWN, (Hop(SymbolPath(module, name), path),))
                finally:
                    self._in_progress.clear()
                    self._tentative.clear()
                    self._shallowest_cut = _NO_CUT
        return self._look_up_new(key, module)

    def _look_up_new(self, key: tuple[str, str], module: str) -> Resolution:
        depth = self._in_progress[key] = len(self._in_progress)
        outer_cut, self._shallowest_cut = self._shallowest_cut, _NO_CUT
        found = self._find(key[0], module, key[1])
        del self._in_progress[key]
        was_cut, is_found = self._shallowest_cut != _NO_CUT, found.kind not in _NOT_FOUND
        if self._shallowest_cut >= depth and (is_found or not was_cut or not depth):
            self._looked_up[key] = found
            if was_cut and not is_found:
                self._lost_in_circles.add(key)
            self._shallowest_cut = outer_cut
        else:
            self._tentative[key] = found
            self._shallowest_cut = min(outer_cut, self._shallowest_cut)
        return found

    def _depends(self, key: tuple[str, str], known: Resolution) -> bool:
        """Whether an earlier answer could differ on the way that is being followed."""
        asked = self._in_progress
        return key in self._lost_in_circles or any(
            (hop.path, hop.symbol.name) in asked for hop in known.hops
        )

    def _not_bound_yet(self, path: str, module: str, name: str) -> Resolution:
        """What a circle of imports finds: what was defined above the import that began it.

        In a package, `from . import name` finds the submodule.
        """
        defined = self._defined(path, module, name)
        if defined is not None:
            return defined
        if is_package_file(path) and self._has_submodule(module, name):
            return self.module(inside(module, name))
        return Resolution(Kind.MISSING, (Hop(SymbolPath(module, name), path),))

    def _defined(self, path: str, module: str, name: str) -> Resolution | None:
        """The last definition of a name in a file, whatever is bound to it later."""
        facts = self._facts(path)
        bindings = [] if facts is None else self._bindings_by_name(path, facts).get(name, [])
        for binding in reversed(bindings):
            if binding.kind in _DEFINING:
                here = Hop(SymbolPath(module, name), path, binding.line, binding.kind)
                return Resolution(Kind.SYMBOL, (here,))
        return None

    def _find(self, path: str, module: str, name: str) -> Resolution:
        facts = self._facts(path)
        symbol = SymbolPath(module, name)
        if facts is None:
            return Resolution(Kind.UNKNOWN, (Hop(symbol, path),))
        stars = self._stars.of(path, facts)
        explicit = self.bindings(path, facts, name)
        for star in [star for star in stars if explicit and hides(star, explicit)]:
            found = self._stars.take(path, module, star, name)
            if found is not None:
                return found
        found = self._first_that_works(path, module, facts, explicit)
        if found is not None and found.kind is Kind.MISSING:
            return self._defined(path, module, name) or found
        if found is not None:
            read = self._at_run_time(path, facts, name, explicit)
            # Where both agree, the import spells out what is a module and what a name.
            return found if read is None or read.symbol.dotted == found.symbol.dotted else read
        if is_package_file(path) and self._has_submodule(module, name):
            return self.module(inside(module, name))
        for star in stars:
            found = self._stars.take(path, module, star, name)
            if found is not None:
                return found
        found = on_demand(self, path, facts, name)
        if found is not None:
            return found
        if (
            name in _OF_EVERY_MODULE
            or (name == "__path__" and is_package_file(path))
            or (name == "__all__" and (facts.exports is not None or facts.exports_open))
        ):
            return Resolution(Kind.SYMBOL, (Hop(symbol, path, 1, "value"),))
        # A stub without a source is about a compiled module, and need not tell everything of it.
        is_open = (
            path.endswith(".pyi")
            or facts.has_getattr
            or facts.open
            or self._sets_its_path(path, facts)
            or self._stars.may_bind(path, facts, name)
        )
        return Resolution(Kind.UNKNOWN if is_open else Kind.MISSING, (Hop(symbol, path),))

    def _at_run_time(
        self, path: str, facts: ModuleFacts, name: str, bindings: Sequence[Binding]
    ) -> Resolution | None:
        """What `__getattr__` gives under a name that only type checkers see bound."""
        if not (facts.lazy_names and all(one.context & _TYPE_CHECKING for one in bindings)):
            return None
        read = on_demand(self, path, facts, name)
        is_namesake = read is not None and read.symbol.dotted.rpartition(".")[2] == name
        return read if is_namesake else None

    def _has_submodule(self, module: str, name: str) -> bool:
        inner = inside(module, name)
        return self.modules.exists(inner) or self.modules.is_compiled(inner)

    def _first_that_works(
        self, path: str, module: str, facts: ModuleFacts, bindings: Sequence[Binding]
    ) -> Resolution | None:
        """The first binding that does not fail; an import that fails leads to the next one."""
        failed = None
        for binding in bindings:
            found = self._bound(path, module, facts, binding)
            if found is not None and found.kind is not Kind.MISSING:
                return found
            failed = failed or found
        return failed

    def bindings(self, path: str, facts: ModuleFacts, name: str) -> list[Binding]:
        """The bindings that `name` can have when the module is complete, most usual first."""
        return in_order(self._bindings_by_name(path, facts).get(name, []))

    def _bindings_by_name(self, path: str, facts: ModuleFacts) -> dict[str, list[Binding]]:
        by_name = self._by_name.get(path)
        if by_name is None:
            by_name = self._by_name[path] = {}
            for binding in facts.bindings:
                by_name.setdefault(binding.name, []).append(binding)
        return by_name

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
                first = self._at(path, module, facts, head, binding.line)
                if first.kind not in (Kind.MISSING, Kind.UNKNOWN):
                    found = self._attributes(first, rest.split(".") if rest else [])
                    hops = found.hops
                    # `B = A` beside `from m import A`: the import is part of the same hop.
                    if len(hops) > 1 and hops[0].path == path:
                        hops = hops[1:]
                    return Resolution(found.kind, (here, *hops))
        return Resolution(Kind.SYMBOL, (here,))

    def _at(self, path: str, module: str, facts: ModuleFacts, name: str, line: int) -> Resolution:
        """What a name is at a line, if it is bound again further below."""
        bindings = self._bindings_by_name(path, facts).get(name, [])
        above = [binding for binding in bindings if binding.line <= line]
        if 0 < len(above) < len(bindings) and (path, name) not in self._in_progress:
            found = self._first_that_works(path, module, facts, in_order(above))
            if found is not None:
                return found
        return self._look_up(path, module, name)
