"""Finds dotted paths in running text: documents, docstrings, configuration files.

Only whole paths count: `old.model` does not name `old.mod`, nor does a URL or the name of a file.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.finding import Fix
from ssot_migrate.domain.outcome import Cause
from ssot_migrate.lint.deprecations import Match
from ssot_migrate.lint.strings.paths import Paths
from ssot_migrate.lint.strings.verdicts import DEPRECATED, no_safer_than
from ssot_migrate.resolve.resolution import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.lint.project import Project

_NAME = r"[^\W\d]\w*"
_DOTTED = rf"{_NAME}(?:\.{_NAME})*"
_MENTION = re.compile(rf"(?<![\w./@\\-]){_NAME}(?:\.{_NAME})+(?::{_DOTTED})?")
_ONE = rf"{_NAME}(?:[ \t]+as[ \t]+{_NAME})?"
_IMPORT = re.compile(
    rf"(?<![\w./@\\-])from[ \t]+(?P<module>{_DOTTED})[ \t]+import[ \t]+"
    rf"(?P<names>{_ONE}(?:[ \t]*,[ \t]*{_ONE})*)(?=[ \t]*(?:$|[#`'\"\r\n]))",
    re.MULTILINE,
)
_PART_OF_MORE = re.compile(r"[/\\@]|-\w")
_FILE_SUFFIXES = {"py", "pyi", "md", "rst", "txt", "toml", "cfg", "ini", "yaml", "yml", "json"}


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
        self._words = [
            tuple(part.encode() for part in entry.path.dotted.split("."))
            for entry in project.deprecations
        ]
        self._match = lru_cache(maxsize=None)(self._matched)

    def may_be_in(self, data: bytes) -> bool:
        """Whether a content spells all parts of a deprecated path."""
        return any(all(word in data for word in words) for words in self._words)

    def of(self, text: str, module: str = "") -> Iterator[Mention]:
        """The mentions in a text, in order.

        Args:
            text: The text.
            module: The module that it belongs to, if any; what is replaced may name itself.
        """
        imports: dict[int, re.Match[str]] = {m.start("module"): m for m in _IMPORT.finditer(text)}
        for found in _MENTION.finditer(text):
            if found.start() in imports or _PART_OF_MORE.match(text, found.end()):
                continue
            value = found.group()
            if value.rpartition(".")[2] in _FILE_SUFFIXES:
                continue
            match = self._match(value, module)
            if match is not None:
                new = match.canonical
                after = str(new) if ":" in value else new.dotted
                yield self._checked(text, found.start(), found.end(), after, match)
        for found in imports.values():
            yield from self._imported(text, found, module)

    def _imported(self, text: str, found: re.Match[str], module: str) -> Iterator[Mention]:
        """What becomes of `from module import name` in a text."""
        names = [part.split()[0] for part in found["names"].split(",")]
        matches = [self._match(f"{found['module']}.{name}", module) for name in names]
        match = next((one for one in matches if one is not None), None)
        if match is None:
            return
        owners = {one.canonical.dotted.rpartition(".")[0] if one else "" for one in matches}
        leaves = [one.canonical.leaf if one else "" for one in matches]
        start, end = found.span("module")
        if len(owners) > 1:
            why = "not all of its names go to the same module"
            yield Mention(start, end, "", why, match)
        elif leaves != names:
            yield Mention(start, end, "", "its names change, and so would what follows", match)
        else:
            found_matches = [one for one in matches if one is not None]
            yield self._checked(text, start, end, owners.pop(), *found_matches)

    def _checked(
        self, text: str, start: int, end: int, after: str, match: Match, *others: Match
    ) -> Mention:
        """A mention that is to change, unless something stands against it."""
        first = text.rfind("\n", 0, start) + 1
        last = text.find("\n", end)
        line = text[first : last if last >= 0 else len(text)].replace(":", ".")
        why = ""
        for new in (match.canonical, *(other.canonical for other in others)):
            if self._project.resolver.path(new).kind is Kind.MISSING:
                why = f"there is no `{new}`"
            elif re.search(rf"(?<![\w.]){re.escape(new.dotted)}(?!\w)", line):
                why = "the line names the replacement as well"
        if match.replacement.safety == Fix.MANUAL.value:
            why = "the registry leaves it to a person"
        return Mention(start, end, "" if why else after, why, match)

    def _matched(self, value: str, module: str) -> Match | None:
        symbol = self._paths.symbol(value)
        return self._paths.match(symbol, module)
