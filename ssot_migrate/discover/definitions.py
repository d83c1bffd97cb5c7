"""Proposes moves for classes and functions that announce their deprecation in a living module."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from ssot_migrate.discover.modules import shortened
from ssot_migrate.discover.proposal import Confidence, Proposal, Step, Undecided
from ssot_migrate.discover.words import replacement
from ssot_migrate.domain.finding import Category
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.lint.families.names import words
from ssot_migrate.resolve.resolution import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.config.model import Safety
    from ssot_migrate.discover.words import Named
    from ssot_migrate.index.facts import Definition, ModuleFacts
    from ssot_migrate.lint.project import Project
    from ssot_migrate.resolve.resolution import Resolution

_FOUND = (Kind.SYMBOL, Kind.MODULE, Kind.EXTERNAL)
_ITSELF = re.compile(r"\b(?:this|the) (?:class|function|method|module|decorator|package)\b", re.I)


class DefinitionMoves:
    """Judges the deprecated definitions and lazy names of one module after the other.

    Args:
        project: The tree.
    """

    def __init__(self, project: Project) -> None:
        self._project = project

    def judge(self, path: str) -> Iterator[Proposal | Undecided]:
        """What to make of the definitions of the file at `path`."""
        facts = self._project.facts(path)
        if facts is None:
            return
        module = self._project.modules.name_of(path)
        if facts.deprecation and _ITSELF.search(facts.deprecation):
            said = f"it says: {shortened(facts.deprecation)}"
            yield Undecided(module, path, 1, (said, "it does more than pass names on"))
        for definition in facts.definitions:
            if "." not in definition.name and (definition.deprecation or definition.notice):
                found = self._definition(path, module, definition)
                if found is not None:
                    yield found
        if facts.lazy_notice:
            yield from self._lazy(path, module, facts)

    # --- definitions ----------------------------------------------------------------------------

    def _definition(
        self, path: str, module: str, definition: Definition
    ) -> Proposal | Undecided | None:
        symbol = SymbolPath(module, definition.name)
        text = " ".join(filter(None, (definition.deprecation, definition.notice)))
        why = [f"it says: {shortened(definition.deprecation or definition.notice)}"]
        named = replacement(text, frozenset({symbol.name, symbol.dotted, module}))
        said = built = None
        if named is not None and named.alone:
            said = self._named(path, symbol, named.path)
        if definition.thin:
            built = self._built_on(path, symbol, definition)
        if said is not None and named is not None and self._is_same_sort(definition, said, named):
            why.append(f"its own words name `{said.symbol}`")
            sure = built is not None and built.symbol == said.symbol
            if sure:
                why.append("it does no more than warn and pass on to that")
            elif said.kind is Kind.EXTERNAL:
                why.append("that lies outside this tree, and is not looked into")
            confidence = Confidence.CERTAIN if sure else Confidence.LIKELY
            safety = self._safety(definition, sure=sure)
            return self._proposal(symbol, path, definition.line, said, confidence, safety, why)
        if (
            built is not None
            and named is None
            and set(words(built.symbol.leaf)) & set(words(symbol.name))
        ):
            why.append(f"it does no more than warn and pass on to `{built.symbol}`")
            safety = self._safety(definition, sure=True)
            return self._proposal(
                symbol, path, definition.line, built, Confidence.LIKELY, safety, why
            )
        if not _speaks_of_itself(text, symbol):
            return None
        if named is None:
            why.append("it names no replacement")
        elif not named.alone:
            why.append(f"it names several, `{named.path}` first")
        else:
            why.append(f"`{named.path}`, which it names, is nothing to replace it")
        return Undecided(str(symbol), path, definition.line, tuple(why))

    def _safety(self, definition: Definition, *, sure: bool) -> Safety:
        """A class that only warns may be replaced by its base; functions take other arguments."""
        if sure and definition.kind == "class":
            return "safe"
        return "unsafe" if sure else "manual"

    def _named(self, path: str, symbol: SymbolPath, named: str) -> Resolution | None:
        """What a name in a message is: known in its module, a path, or unique in the tree.

        A module that was named has the same name inside. Of a package that does not have the name
        itself, one of its modules may.
        """
        resolver = self._project.resolver
        head, _, rest = named.partition(".")
        found = resolver.bound(path, head)
        if head == symbol.name or found.kind not in _FOUND:
            if rest:
                found = resolver.dotted(named)
                if found.kind is Kind.MISSING:
                    found = self._below(named) or found
            else:
                places = self._by_name.get(named, [])
                if len(places) != 1:
                    return None
                found = resolver.path(places[0])
        elif rest:
            found = resolver.dotted(f"{found.symbol.dotted}.{rest}")
        if found.kind is Kind.MODULE:
            found = resolver.member(found.symbol.module, symbol.name)
        return found if self._is_usable(found, symbol) else None

    def _below(self, named: str) -> Resolution | None:
        """The only definition of that name in the modules of a package."""
        package, _, name = named.rpartition(".")
        places = [
            one for one in self._by_name.get(name, []) if one.module.startswith(f"{package}.")
        ]
        return self._project.resolver.path(places[0]) if len(places) == 1 else None

    def _is_usable(self, found: Resolution, symbol: SymbolPath) -> bool:
        leaf = found.symbol.leaf
        if leaf.startswith("_") and not symbol.name.startswith("_"):
            return False
        if found.kind is Kind.EXTERNAL:
            top = found.symbol.dotted.partition(".")[0]
            ours = symbol.module.partition(".")[0]
            return "." in found.symbol.dotted and (top in self._imported or top.startswith(ours))
        # Members are not looked up: a method replaces no class.
        return found.kind is Kind.SYMBOL and found.symbol != symbol and "." not in found.symbol.name

    def _is_same_sort(self, definition: Definition, said: Resolution, named: Named) -> bool:
        """Whether a class is named for a class; where a path is spelled out, it is believed."""
        if said.kind is Kind.EXTERNAL:
            return definition.kind != "class" or said.symbol.leaf[:1].isupper()
        if "." in named.path:
            return True
        is_class = said.end.how == "class"
        return said.end.how not in ("class", "def") or is_class == (definition.kind == "class")

    def _built_on(self, path: str, symbol: SymbolPath, definition: Definition) -> Resolution | None:
        """The one thing that a class extends, or that a function returns a call of."""
        if len(set(definition.bases)) != 1:
            return None
        head, _, rest = definition.bases[0].partition(".")
        found = self._project.resolver.bound(path, head)
        if rest and found.kind in (Kind.MODULE, Kind.EXTERNAL):
            found = self._project.resolver.dotted(f"{found.symbol.dotted}.{rest}")
        elif rest:
            return None
        return found if self._is_usable(found, symbol) else None

    @cached_property
    def _imported(self) -> frozenset[str]:
        """The packages that the tree imports."""
        return frozenset(
            statement.module.partition(".")[0]
            for path in self._project.everything()
            if (facts := self._project.facts(path)) is not None
            for statement in facts.imports
            if not statement.level
        )

    @cached_property
    def _by_name(self) -> dict[str, list[SymbolPath]]:
        """The public definitions of the production code."""
        found: dict[str, list[SymbolPath]] = {}
        for path in self._project.everything():
            facts = self._project.facts(path)
            if facts is None or self._project.category(path) is not Category.PRODUCTION:
                continue
            module = self._project.modules.name_of(path)
            for definition in facts.definitions:
                if "." not in definition.name and not definition.deprecation:
                    found.setdefault(definition.name, []).append(
                        SymbolPath(module, definition.name)
                    )
        return found

    # --- names that a `__getattr__` provides ----------------------------------------------------

    def _lazy(self, path: str, module: str, facts: ModuleFacts) -> Iterator[Proposal]:
        notice = facts.lazy_notice
        says = (
            f"the module's `__getattr__` keeps it as `{notice}`"
            if notice.isidentifier()
            else f"the module's `__getattr__` says: {shortened(notice)}"
        )
        for lazy in {lazy.name: lazy for lazy in facts.lazy_names}.values():
            symbol = SymbolPath(module, lazy.name)
            found = self._project.resolver.bound(path, lazy.name)
            if (
                lazy.name == "*"
                or found.kind not in (Kind.SYMBOL, Kind.EXTERNAL)
                or len(found.hops) < 2
                or found.hops[1].symbol.module == module
                or found.hops[1].symbol.is_module
                or (found.hops[1].symbol.leaf.startswith("_") and not lazy.name.startswith("_"))
            ):
                continue
            why = [says, f"it comes from `{found.hops[1].symbol}`"]
            yield self._proposal(
                symbol, path, lazy.line, found, Confidence.LIKELY, "safe", why,
                to=found.hops[1].symbol,
            )  # fmt: skip

    def _proposal(
        self,
        symbol: SymbolPath,
        path: str,
        line: int,
        found: Resolution,
        confidence: Confidence,
        safety: Safety,
        why: list[str],
        *,
        to: SymbolPath | None = None,
    ) -> Proposal:
        target = to or found.symbol
        if found.kind is Kind.EXTERNAL and target.is_module:
            module, _, name = target.module.rpartition(".")
            target = SymbolPath(module, name)
        return Proposal(
            kind="move",
            name=str(symbol),
            canonical=str(target),
            steps=(Step(str(symbol), str(target), safety),),
            confidence=confidence,
            why=tuple(why),
            path=path,
            line=line,
            others=(str(symbol),),
        )


def _speaks_of_itself(text: str, symbol: SymbolPath) -> bool:
    """Whether an announcement is about the definition, not about a parameter or a setting."""
    return (
        bool(_ITSELF.search(text)) or re.search(rf"\b{re.escape(symbol.name)}\b", text) is not None
    )
