"""Proposes moves for modules that only pass names on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.discover.proposal import Confidence, Proposal, Step, Undecided
from ssot_migrate.discover.words import announces, replacement
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.lint.families.evidence import count, listed
from ssot_migrate.resolve.modules import is_hidden, is_package_file
from ssot_migrate.resolve.resolution import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssot_migrate.discover.readers import Readers
    from ssot_migrate.discover.words import Named
    from ssot_migrate.index.facts import ModuleFacts
    from ssot_migrate.lint.project import Project
    from ssot_migrate.resolve.shims import Shim

_SHOWN = 160


class ModuleMoves:
    """Judges one shim after the other.

    Args:
        project: The tree.
        readers: Who imports what.
    """

    def __init__(self, project: Project, readers: Readers) -> None:
        self._project = project
        self._readers = readers

    def judge(self, path: str) -> Proposal | Undecided | None:
        """What to make of the shim at `path`; None where nothing speaks for a move."""
        facts = self._project.facts(path)
        if facts is None:
            return None
        shim = self._project.shims.describe(path)
        text = self._announcement(facts, shim)
        targets = {
            name: target
            for name, target in shim.targets.items()
            if "deprecat" not in target.leaf.lower()
            and not _is_dunder(name)
            and (name.startswith("_") or not target.leaf.startswith("_"))
        }
        if text == facts.lazy_notice != "" and facts.exports is None:
            # What such a module imports serves its `__getattr__`.
            lazy = {one.name for one in facts.lazy_names}
            targets = {name: target for name, target in targets.items() if name in lazy}
        named = replacement(text, _own(shim.module)) if text else None
        if not targets:
            return self._without_names(shim, text, named) if text else None
        homes, agrees = self._homes(targets, named)
        if text and not agrees and self._is_deprecated(homes):
            return self._undecided(shim, text, "what it passes on is deprecated itself")
        if not text and not self._is_plausible(shim, facts, homes):
            return None
        return self._proposal(shim, homes, text, named if agrees else None, facts)

    # --- what speaks for it ---------------------------------------------------------------------

    def _announcement(self, facts: ModuleFacts, shim: Shim) -> str:
        """Where the module says that it is deprecated: a warning, then its docstring."""
        if facts.deprecation:
            return facts.deprecation
        if facts.lazy_notice:
            return facts.lazy_notice
        if announces(facts.notice):
            return facts.notice
        defined = [d for d in facts.definitions if d.deprecation and d.name in shim.targets]
        return defined[0].deprecation if len(defined) == len(shim.targets) == 1 else ""

    def _homes(
        self, targets: Mapping[str, SymbolPath], named: Named | None
    ) -> tuple[dict[str, SymbolPath], bool]:
        """Where each name is to be imported from, and whether the module's own words agree.

        Of several modules that have the same things, the one that the words name is meant.
        """
        if named is None:
            return dict(targets), False
        said = self._project.resolver.dotted(named.path)
        module = said.symbol if said.kind is Kind.MODULE else SymbolPath("")
        homes, met = {}, 0
        for name, target in targets.items():
            home = self._inside(module, name, target)
            met += home is not None or named.path in (target.dotted, target.module)
            homes[name] = home or target
        is_whole = len({home.module for home in homes.values()}) == 1
        return homes, met == len(targets) or (met > 0 and is_whole)

    def _inside(self, module: SymbolPath, name: str, target: SymbolPath) -> SymbolPath | None:
        """The same thing in the module that was named, under its own name or the given one."""
        if not module.module:
            return None
        wanted = self._project.resolver.path(target).symbol
        for leaf in dict.fromkeys((name, target.leaf)):
            found = self._project.resolver.member(module.module, leaf)
            if found.kind is Kind.SYMBOL and found.symbol == wanted:
                return SymbolPath(module.module, leaf)
        return None

    def _is_deprecated(self, homes: Mapping[str, SymbolPath]) -> bool:
        for module in {home.module for home in homes.values()}:
            path = self._project.modules.path_of(module)
            facts = self._project.facts(path) if path else None
            if facts is not None and (facts.deprecation or announces(facts.notice)):
                return True
        return False

    def _is_plausible(
        self, shim: Shim, facts: ModuleFacts, homes: Mapping[str, SymbolPath]
    ) -> bool:
        """Whether a module that announces nothing may still be an old path, not a public face."""
        modules = {home.module for home in homes.values()}
        return (
            shim.kind in ("static", "fallback", "getattr")
            and len(modules) == 1
            and not any(is_hidden(module, shim.module) for module in modules)
            and all(home.leaf == name for name, home in homes.items())
            and not is_package_file(shim.path)
            and all(self._project.modules.path_of(module) for module in modules)
            and facts.exports_open is False
        )

    # --- what comes of it -----------------------------------------------------------------------

    def _proposal(
        self,
        shim: Shim,
        homes: Mapping[str, SymbolPath],
        text: str,
        named: Named | None,
        facts: ModuleFacts,
    ) -> Proposal | Undecided:
        steps = self._steps(shim, homes)
        modules = sorted({home.module for home in homes.values()})
        external = [module for module in modules if not self._project.modules.exists(module)]
        why = [*self._said(text, facts), self._leads(shim, homes, modules)]
        if named is not None:
            confidence = Confidence.CERTAIN
            why.append(f"its own words name `{named.path}`, and its names are there")
        elif text and text == facts.lazy_notice:
            confidence = Confidence.CERTAIN
        elif text:
            confidence = Confidence.LIKELY
            other = replacement(text, _own(shim.module))
            if other is not None and other.alone:
                why.append(f"its own words name `{other.path}`, where its names do not come from")
                confidence = Confidence.POSSIBLE
        else:
            confidence, reasons = self._by_readers(shim, modules)
            why += reasons
        if external:
            why.append(f"outside this tree, and so not looked into: {listed(external)}")
        through = self._readers.through(shim.path)
        files, tests = self._readers.split(through)
        why.append(f"imports go through it in {count(files, 'file')} and {count(tests, 'test')}")
        return Proposal(
            kind="move",
            name=shim.module,
            canonical=steps[0].to,
            steps=steps,
            confidence=confidence,
            why=tuple(why),
            path=shim.path,
            line=1,
            others=(shim.module,) if len(steps) == 1 and ":" not in steps[0].path else (),
        )

    def _said(self, text: str, facts: ModuleFacts) -> list[str]:
        if not text:
            return ["it only passes names on, and says nothing of itself"]
        if text == facts.lazy_notice and text.isidentifier():
            return [f"its `__getattr__` keeps them as `{text}`"]
        return [f"it says: {shortened(text)}"]

    def _leads(self, shim: Shim, homes: Mapping[str, SymbolPath], modules: list[str]) -> str:
        what = {
            "getattr": "by `__getattr__`",
            "fallback": "where an import works",
            "assignment": "by assignment",
        }.get(shim.kind, "by import")
        shown = ", ".join(f"`{module}`" for module in modules[:3])
        more = f" and {len(modules) - 3} more" if len(modules) > 3 else ""
        return f"{count(len(homes), 'name')} from {shown}{more}, {what}"

    def _steps(self, shim: Shim, homes: Mapping[str, SymbolPath]) -> tuple[Step, ...]:
        """The module as a whole where its names stay together; renamed and scattered ones apart."""
        modules = {home.module for home in homes.values()}
        renamed = [
            Step(f"{shim.module}:{name}", str(home))
            for name, home in sorted(homes.items())
            if name != "*" and (len(modules) > 1 or home.leaf != name or not home.name)
        ]
        if len(modules) > 1 or self._has_submodules(shim):
            return tuple(renamed) or tuple(
                Step(f"{shim.module}:{name}", str(home))
                for name, home in sorted(homes.items())
                if name != "*"
            )
        return (Step(shim.module, modules.pop()), *renamed)

    def _has_submodules(self, shim: Shim) -> bool:
        prefix = f"{shim.module}."
        return is_package_file(shim.path) and any(
            self._project.modules.name_of(path).startswith(prefix) for path in self._project.paths
        )

    def _by_readers(self, shim: Shim, modules: list[str]) -> tuple[Confidence, list[str]]:
        """An old path is left by its readers; a public face is what they use."""
        target = self._project.modules.path_of(modules[0])
        through = self._readers.directly(shim.path)
        direct = self._readers.directly(target) - {shim.path} if target else frozenset()
        said = [f"{count(len(direct), 'file')} import `{modules[0]}` itself"]
        is_left = len(direct) > 2 * len(through)
        return (Confidence.LIKELY if is_left else Confidence.POSSIBLE), said

    def _without_names(
        self, shim: Shim, text: str, named: Named | None
    ) -> Proposal | Undecided | None:
        """A module whose names are gone, of which only the announcement is left."""
        if named is None or not named.alone:
            return self._undecided(shim, text, "it names no single replacement")
        found = self._project.resolver.dotted(named.path)
        if found.kind not in (Kind.MODULE, Kind.EXTERNAL, Kind.MISSING) or self._has_submodules(
            shim
        ):
            return self._undecided(shim, text, f"`{named.path}` is no module to replace it")
        return Proposal(
            kind="move",
            name=shim.module,
            canonical=named.path,
            steps=(Step(shim.module, named.path, "manual"),),
            confidence=Confidence.POSSIBLE,
            why=(f"it says: {shortened(text)}", "it has no names left to compare"),
            path=shim.path,
            line=1,
        )

    def _undecided(self, shim: Shim, text: str, why: str) -> Undecided:
        return Undecided(shim.module, shim.path, 1, (f"it says: {shortened(text)}", why))


def shortened(text: str) -> str:
    """A message on one line, cut where it is long."""
    line = " ".join(text.split())
    return f'"{line}"' if len(line) <= _SHOWN else f'"{line[:_SHOWN]}..."'


def _own(module: str) -> frozenset[str]:
    return frozenset({module, module.rpartition(".")[2]})


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")
