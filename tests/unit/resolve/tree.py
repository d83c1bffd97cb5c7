"""Trees in memory, and resolutions in few words."""

from __future__ import annotations

import ast
import textwrap
from typing import TYPE_CHECKING

from ssot_migrate.index.extract import module_facts
from ssot_migrate.resolve.modules import ModuleMap
from ssot_migrate.resolve.resolution import Kind, Resolution
from ssot_migrate.resolve.shims import Shims
from ssot_migrate.resolve.symbols import Resolver

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ssot_migrate.index.facts import ModuleFacts


class Tree:
    """The files of a tree, by path, with indented sources; None stands for an unparsable file."""

    def __init__(
        self,
        files: Mapping[str, str | None],
        roots: Sequence[str] = ("",),
        links: Iterable[tuple[str, str]] = (),
        compiled: Iterable[str] = (),
    ) -> None:
        self._facts: dict[str, ModuleFacts | None] = {}
        for path, source in files.items():
            text = None if source is None else textwrap.dedent(source).removeprefix("\n")
            self._facts[path] = (
                None if text is None else module_facts(ast.parse(text), text.encode())
            )
        self.modules = ModuleMap(files, roots, links, compiled)
        self.resolver = Resolver(self.modules, self._facts.get)
        self.shims = Shims(self.resolver, self._facts.get)

    def facts(self, path: str) -> ModuleFacts:
        """The facts of a parsable file."""
        found = self._facts[path]
        assert found is not None
        return found

    def find(self, name: str) -> str:
        """What `module:name` or a dotted path leads to: `kind symbol`."""
        return shown(self._resolve(name))

    def chain(self, name: str) -> str:
        """The way there: `how path:line -> …`."""
        return way(self._resolve(name))

    def _resolve(self, name: str) -> Resolution:
        module, colon, rest = name.partition(":")
        return self.resolver.member(module, rest) if colon else self.resolver.dotted(name)

    def imports(self, path: str) -> list[str]:
        """What each import of a file fetches."""
        return [
            shown(self.resolver.imported(path, statement)) for statement in self.facts(path).imports
        ]

    def shim(self, path: str) -> str:
        """`kind: name -> target, …` of a shim; empty for another module."""
        if not self.shims.is_shim(path):
            return ""
        shim = self.shims.describe(path)
        passed = ", ".join(f"{name} -> {target}" for name, target in shim.targets.items())
        return f"{shim.kind}: {passed}".rstrip()


def shown(resolution: Resolution) -> str:
    """`symbol m:T`, or only `m:T` for the usual kind."""
    kind = "" if resolution.kind is Kind.SYMBOL else f"{resolution.kind.value} "
    return f"{kind}{resolution.symbol}"


def way(resolution: Resolution) -> str:
    """The hops of a resolution."""
    return " -> ".join(f"{hop.how} {hop}".strip() for hop in resolution.hops)
