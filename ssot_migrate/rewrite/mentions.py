"""What becomes of the deprecated paths that running text names: documents, docstrings, settings."""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.config.replacements import Replacement
from ssot_migrate.domain.finding import Fix
from ssot_migrate.domain.outcome import Cause
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.lint.deprecations import Match
from ssot_migrate.lint.strings.paths import Paths
from ssot_migrate.lint.strings.verdicts import DEPRECATED, no_safer_than
from ssot_migrate.lint.text_paths import FilePath, TextPath, dotted_paths, file_paths
from ssot_migrate.resolve.resolution import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.lint.project import Project


_BOTH = "the text names the replacement beside it"


class Mention(msgspec.Struct, frozen=True):
    """A path in a text that the registry replaces.

    Args:
        start: Offset of its first character; `end` is exclusive.
        after: What is to stand there; empty where that is left to a person.
        why: Why it is left.
        match: What the registry has for it.
    """

    start: int
    end: int
    after: str
    why: str
    match: Match

    def cause(self, fix: Fix) -> Cause:
        """Why the text is to change, no more surely than the registry allows."""
        safety = self.match.replacement.safety
        return Cause(
            code=DEPRECATED,
            fix=no_safer_than(fix, safety) if self.after else Fix.MANUAL,
            concept=self.match.replacement.concept,
            symbol=str(self.match.found),
            canonical=str(self.match.canonical),
        )


class Mentions:
    """Finds them.

    Args:
        project: The project.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._paths = Paths(project)
        self._going = {one.path.dotted: one for one in _deleted(project)}
        self._files = dict(self._moved_files())
        entries = (*(entry.path for entry in project.deprecations), *map(SymbolPath, self._going))
        self._words = {tuple(part.encode() for part in e.dotted.split(".")) for e in entries}
        self._match = lru_cache(maxsize=None)(self._matched)

    def may_be_in(self, data: bytes) -> bool:
        """Whether a content spells all parts of a deprecated path."""
        return any(all(word in data for word in words) for words in self._words)

    def of(self, text: str, module: str = "", path: str = "") -> tuple[Mention, ...]:
        """The mentions in a text, in order.

        Args:
            text: The text.
            module: The module that it belongs to, if any; what is replaced may name itself.
            path: The file that holds it, where names of files in it count.
        """
        found: list[Mention] = []
        for one in dotted_paths(text):
            found += self._dotted(text, one, module)
        for file in file_paths(text) if path else ():
            found += self._filed(text, file, posixpath.dirname(path))
        return tuple(sorted(found, key=lambda one: one.start))

    # Dotted paths

    def _dotted(self, text: str, one: TextPath, module: str) -> Iterator[Mention]:
        if one.names:
            yield from self._imported(text, one, module)
            return
        match = self._match(one.value, module)
        if match is not None:
            new = match.canonical
            after = str(new) if ":" in one.value else new.dotted
            yield self._checked(text, one.start, one.end, after, match)

    def _imported(self, text: str, one: TextPath, module: str) -> Iterator[Mention]:
        """What becomes of `from module import name` in a text."""
        matches = [self._match(f"{one.value}.{name}", module) for name in one.names]
        match = next((found for found in matches if found is not None), None)
        if match is None:
            return
        owners = {found.canonical.dotted.rpartition(".")[0] if found else "" for found in matches}
        leaves = tuple(found.canonical.leaf if found else "" for found in matches)
        if len(owners) > 1:
            why = "not all of its names go to the same module"
            yield Mention(one.start, one.end, "", why, match)
        elif leaves != one.names:
            why = "its names change, and so would what follows"
            yield Mention(one.start, one.end, "", why, match)
        else:
            several = [found for found in matches if found is not None]
            yield self._checked(text, one.start, one.end, owners.pop(), *several)

    def _checked(
        self, text: str, start: int, end: int, after: str, match: Match, *others: Match
    ) -> Mention:
        """A mention that is to change, unless something stands against it."""
        nearby = _lines_around(text, start, end)
        why = ""
        for new in (match.canonical, *(other.canonical for other in others)):
            if self._project.resolver.path(new).kind is Kind.MISSING:
                why = f"there is no `{new}`"
            elif _names(new, nearby):
                why = _BOTH
        if match.replacement.safety == Fix.MANUAL.value:
            why = "the registry leaves it to a person"
        return Mention(start, end, "" if why else after, why, match)

    def _matched(self, value: str, module: str) -> Match | None:
        symbol = self._paths.symbol(value)
        match = self._paths.match(symbol, module)
        if match is not None or symbol.module == module:
            return match
        entry = self._going.get(symbol.module)
        if entry is None:
            return None
        if not symbol.name:
            return Match(entry, symbol, entry.module)
        # What the registry says of the module does not say where this name is found.
        entry = msgspec.structs.replace(entry, safety=Fix.MANUAL.value)
        return Match(entry, symbol, entry.target)

    # Files

    def _moved_files(self) -> Iterator[tuple[str, Match]]:
        """The files of replaced modules that go, or are gone."""
        going = {module for concept in self._project.concepts for module in concept.delete}
        for entry in (*self._project.deprecations, *self._going.values()):
            symbol = self._paths.symbol(entry.path.dotted)
            stays = self._project.modules.exists(symbol.module) and symbol.module not in going
            if stays or entry.path.name or symbol.name:
                continue
            match = self._paths.match(symbol, "") or Match(entry, symbol, entry.module)
            for path in self._files_of(symbol.module):
                yield path, match

    def _files_of(self, module: str) -> tuple[str, ...]:
        """The file of a module; of one that is gone, those that it may have had."""
        path = self._project.modules.path_of(module)
        if path is not None:
            return (path,)
        tail = module.replace(".", "/")
        prefixes = [f"{root}/" if root else "" for root in self._project.roots]
        return tuple(f"{prefix}{tail}.py" for prefix in prefixes)

    def _filed(self, text: str, file: FilePath, folder: str) -> Iterator[Mention]:
        for place, spelled in enumerate(file.relative_to(folder)):
            match = self._files.get(spelled)
            if match is not None:
                yield self._file_mention(text, file, spelled, folder if place else "", match)
                return

    def _file_mention(
        self, text: str, file: FilePath, spelled: str, folder: str, match: Match
    ) -> Mention:
        new = self._project.modules.path_of(match.canonical.module)
        why, after = "", ""
        if match.replacement.safety == Fix.MANUAL.value:
            why = "the registry leaves it to a person"
        elif new is None:
            why = f"`{match.canonical.module}` is no file of this tree"
        elif file.follows in (":", "#") and text[file.end + 1 : file.end + 2].strip():
            why = "what follows is a place in the old file"
        elif new in _lines_around(text, file.start, file.end):
            why = _BOTH
        elif folder:
            after = posixpath.relpath(new, folder)
        else:
            after = file.value.removesuffix(spelled) + new
        return Mention(file.start, file.end, after, why, match)


def _deleted(project: Project) -> Iterator[Replacement]:
    """The modules that concepts want to go and do not name as deprecated themselves."""
    named = {entry.path.dotted for entry in project.deprecations}
    for number, concept in enumerate(project.concepts):
        for module in concept.delete:
            if module not in named:
                safeties = [
                    one.safety for one in concept.deprecated if one.path.startswith(f"{module}:")
                ]
                order = [fix.value for fix in Fix]
                yield Replacement(
                    path=SymbolPath(module),
                    target=SymbolPath.parse(concept.canonical),
                    safety=max(safeties, key=order.index, default="safe"),
                    concept=concept.name,
                    remove_by=concept.remove_by,
                    reason=concept.reason,
                    origin=("concepts", number, "delete"),
                )


def _names(symbol: SymbolPath, text: str) -> bool:
    """Whether a text names a symbol by its path, or imports it from its module."""
    owner, _, leaf = symbol.dotted.rpartition(".")
    dotted = rf"(?<![\w.]){re.escape(symbol.dotted)}(?!\w)"
    imported = rf"(?<![\w.])from[ \t]+{re.escape(owner)}[ \t]+import[ \t][^\n]*(?<!\w){leaf}(?!\w)"
    return re.search(f"{dotted}|{imported}", text.replace(":", ".")) is not None


def _lines_around(text: str, start: int, end: int) -> str:
    """The lines of a range, with the one above and the one below."""
    first = text.rfind("\n", 0, max(text.rfind("\n", 0, start), 0)) + 1
    last = text.find("\n", end)
    last = text.find("\n", last + 1) if last >= 0 else last
    return text[first : last if last >= 0 else len(text)]
