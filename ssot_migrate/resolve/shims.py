"""Tells modules that only pass names on from modules that define something."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.index.facts import Binding, Context, Definition, ModuleFacts
from ssot_migrate.resolve.modules import is_package_file
from ssot_migrate.resolve.resolution import Hop, Kind, Resolution

if TYPE_CHECKING:
    from ssot_migrate.resolve.symbols import Resolver

_NESTED = int(Context.FUNCTION | Context.CLASS)
_HANDLER = int(Context.HANDLER)
_TRY = int(Context.TRY)
_TYPE_CHECKING = int(Context.TYPE_CHECKING)
_MODULE_HOOKS = {"__getattr__", "__dir__"}
# `new_name`, `NewName` or `new.mod`; what looks like English is none.
_CODE_WORD = re.compile(r"[^\W\d]\w*(?:[._A-Z][\w.]*\w)")


class Shim(msgspec.Struct, frozen=True):
    """A module that only passes names on.

    Args:
        module: Its dotted name.
        path: Its file.
        kind: `static`, `assignment`, `fallback`, `getattr` or `deprecation`.
        targets: Public name to what it stands for, past other shims.
        message: What its deprecation warning or docstring says.
    """

    module: str
    path: str
    kind: str
    targets: Mapping[str, SymbolPath]
    message: str = ""


class Shims:
    """Recognises shims on demand.

    Args:
        resolver: Resolves what the modules bind.
        facts: Gives a file's facts by path.
    """

    def __init__(self, resolver: Resolver, facts: Callable[[str], ModuleFacts | None]) -> None:
        self._resolver = resolver
        self._facts = facts
        self._known: dict[str, bool] = {}

    def is_shim(self, path: str) -> bool:
        """Whether the file at `path` only passes names on that come from elsewhere.

        A package's `__init__.py` that gathers names from inside the package is its public face
        and no shim; nor is a `conftest.py`, whose names pytest reads, nor a stub, which speaks for
        another file.
        """
        if path not in self._known:
            facts = self._facts(path)
            self._known[path] = False  # a shim that passes itself on ends here
            name = path.rpartition("/")[2]
            if facts is not None and name != "conftest.py" and not name.endswith(".pyi"):
                self._known[path] = self._only_forwards(path, facts)
        return self._known[path]

    def describe(self, path: str) -> Shim:
        """Say what the shim at `path` is and where its names lead."""
        facts = self._facts(path)
        if facts is None:
            raise ValueError(f"{path} cannot be read")
        targets = {
            name: self._target(path, resolution)
            for name, resolution in self._passed_on(path, facts)
        }
        module = self._resolver.modules.name_of(path)
        message = facts.deprecation or next(
            (d.deprecation for d in facts.definitions if d.deprecation), ""
        )
        return Shim(module, path, _kind(facts), dict(sorted(targets.items())), message)

    def _only_forwards(self, path: str, facts: ModuleFacts) -> bool:
        if facts.logic or any(_is_own(b, facts) for b in facts.bindings):
            return False
        module = self._resolver.modules.name_of(path)
        passed_on = [resolution for _name, resolution in self._passed_on(path, facts)]
        ends = [one.hops[1 if len(one.hops) > 1 else 0].symbol.module for one in passed_on]
        if not ends:
            # What is left of a module whose names are gone: a warning that says where they went.
            return bool(facts.deprecation)
        if not is_package_file(path):
            return not any(
                one.kind is Kind.SYMBOL and one.symbol.module == module for one in passed_on
            )
        return any(not (end == module or end.startswith(f"{module}.")) for end in ends) and all(
            not end.startswith(f"{module}.") for end in ends
        )

    def _passed_on(self, path: str, facts: ModuleFacts) -> Iterator[tuple[str, Resolution]]:
        """The public names, without what a module takes for itself.

        That is what its `__getattr__` works with, and what is of the standard library.
        """
        is_listed = facts.exports is not None and not facts.exports_open
        for name, resolution in self._forwarded(path, facts):
            home = resolution.symbol.module.partition(".")[0]
            is_tool = name in facts.tools or home in sys.stdlib_module_names
            if _is_public(name, facts) and (is_listed or not is_tool):
                yield name, resolution

    def _forwarded(self, path: str, facts: ModuleFacts) -> Iterator[tuple[str, Resolution]]:
        module = self._resolver.modules.name_of(path)
        seen: set[str] = set()
        for binding in facts.bindings:
            name = binding.name
            if binding.context & (_NESTED | _HANDLER | _TYPE_CHECKING) or name in seen:
                continue
            if binding.kind in ("import", "alias"):
                if name == "*":
                    yield from self._starred(path, facts, binding, seen)
                    continue
                statement = facts.imports[binding.ref] if binding.ref >= 0 else None
                if statement is not None and not (statement.name or statement.aliased):
                    continue
                if statement is not None and statement.module == "__future__":
                    continue
                resolution = self._resolver.bound(path, name)
                if len(resolution.hops) > 1:
                    seen.add(name)
                    yield name, resolution
            elif binding.kind in ("class", "def"):
                wrapped = self._wrapped(path, facts, facts.definitions[binding.ref])
                if wrapped is not None:
                    seen.add(name)
                    here = Hop(SymbolPath(module, name), path, binding.line, binding.kind)
                    yield name, wrapped.after(here)
        for lazy in facts.lazy_names:
            names = (facts.exports or ()) if lazy.name == "*" else (lazy.name,)
            for name in names:
                if name not in seen:
                    resolution = self._resolver.bound(path, name)
                    if len(resolution.hops) > 1:
                        seen.add(name)
                        yield name, resolution

    def _starred(
        self, path: str, facts: ModuleFacts, binding: Binding, seen: set[str]
    ) -> Iterator[tuple[str, Resolution]]:
        statement = facts.imports[binding.ref]
        found = self._resolver.imported(path, statement)
        module = self._resolver.modules.name_of(path)
        if found.kind is not Kind.MODULE or not found.end.path:
            here = Hop(SymbolPath(module, "*"), path, statement.line, "star")
            yield "*", found.after(here)
            return
        for name in self._resolver.provided(found.end.path):
            if name not in seen:
                seen.add(name)
                yield name, self._resolver.bound(path, name)

    def _wrapped(self, path: str, facts: ModuleFacts, wrapper: Definition) -> Resolution | None:
        """What a class or function that warns and passes on stands for.

        That is its base, what it returns a call of, or what its warning names.
        """
        if not wrapper.thin:
            return None
        imported = {statement.bound for statement in facts.imports}
        said = [word.rstrip(".") for word in _CODE_WORD.findall(wrapper.deprecation)]
        for name in (*wrapper.bases, *said):
            head, _, rest = name.partition(".")
            if head in imported and name != wrapper.name:
                found = self._resolver.bound(path, head)
                if found.kind is Kind.MODULE and rest:
                    return self._resolver.dotted(f"{found.symbol.module}.{rest}")
                return found
        for name in said:
            found = self._resolver.dotted(name)
            if "." in name and found.kind is Kind.SYMBOL and found.end.path != path:
                return found
        return None

    def _target(self, path: str, resolution: Resolution) -> SymbolPath:
        for hop in resolution.hops[1:]:
            # A wrapper around a name that the same file imports stands for what it imports.
            if hop.path == path or (hop.path and self.is_shim(hop.path)):
                continue
            # Hops on the way to a module say where that is, not what the name is.
            if self._resolver.path(hop.symbol).symbol == resolution.symbol:
                return hop.symbol
        return resolution.symbol


def _says_that_it_forwards(facts: ModuleFacts) -> bool:
    """Whether private helpers of a module can only serve what it passes on."""
    return facts.exports is not None or facts.has_getattr or bool(facts.deprecation)


def _is_own(binding: Binding, facts: ModuleFacts) -> bool:
    """Whether a binding is a definition that does more than warn and pass on."""
    if binding.kind not in ("class", "def") or binding.context & (_HANDLER | _TYPE_CHECKING):
        return False
    if binding.name in _MODULE_HOOKS:
        return False
    if binding.name.startswith("_") and _says_that_it_forwards(facts):
        return False
    return not facts.definitions[binding.ref].thin


def _is_public(name: str, facts: ModuleFacts) -> bool:
    if facts.exports is not None and not facts.exports_open:
        return name in facts.exports or name == "*"
    return not name.startswith("_")


def _kind(facts: ModuleFacts) -> str:
    if facts.deprecation or any(d.deprecation for d in facts.definitions):
        return "deprecation"
    if facts.lazy_names or facts.has_getattr:
        return "getattr"
    if any(b.context & (_TRY | _HANDLER) for b in facts.bindings if b.kind == "import"):
        return "fallback"
    if any(b.kind == "alias" and b.name != "__all__" for b in facts.bindings):
        return "assignment"
    return "static"
