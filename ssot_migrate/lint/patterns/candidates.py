"""Finds the files and the calls that a pattern may mean, without looking at more than it must."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ssot_migrate.config.call_patterns import anchor
from ssot_migrate.domain.finding import FileError
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.index.needles import Needle
from ssot_migrate.index.worker import CALLS
from ssot_migrate.lint.families.names import words
from ssot_migrate.lint.things import what_is_missing
from ssot_migrate.workspace.globs import Globs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssot_migrate.config.call_patterns import Pattern
    from ssot_migrate.config.model import CallPattern, Metavariable
    from ssot_migrate.index.call_facts import CallFacts
    from ssot_migrate.lint.patterns.proof import PatternProof
    from ssot_migrate.lint.project import Project
    from ssot_migrate.lint.values import Values

_OF_CONTAINERS = {name for kind in (dict, list, set, str) for name in dir(kind)}
_SAYING_NOTHING = {"get", "the", "self", "my", "new"}
_LAST_NAME = re.compile(rb"([A-Za-z_]\w*)\s*\Z")
_LAST_CALLED = re.compile(rb"([A-Za-z_]\w*)\s*(?:[(\[][^()\[\]]*[)\]]\s*)*[)\]]*\s*\Z")
_ROOM = 120
"""How many bytes in front of a dot are looked at for a name."""
_WORD = re.compile(r"\w+", re.ASCII)


class Candidates:
    """Answers for one project.

    Args:
        project: The tree.
        values: Tells what values are.
        proof: Judges what is called.
    """

    def __init__(self, project: Project, values: Values, proof: PatternProof) -> None:
        self._project = project
        self._values = values
        self._proof = proof
        self._spelled: dict[tuple[str, ...], bool] = {}

    def paths(self, entry: CallPattern, pattern: Pattern) -> tuple[str, ...]:
        """The files that may hold a call that an entry means, with the facts of their calls."""
        wanted = entry.where[anchor(pattern, entry)]
        if pattern.method in _OF_CONTAINERS:
            found = self._calling_what_may_be_meant(wanted, pattern.method)
        elif pattern.method:
            found = set(self._project.mentioning({pattern.method}))
        elif wanted.is_:
            found = self._readers(wanted.is_)
        else:
            found = self._naming_classes_below(wanted.subclass_of)
        for texts in filter(None, (one.text for one in entry.where.values())):
            found = {path for path in found if self._has_words_of_one(path, texts)}
        if entry.paths:
            meant = Globs(entry.paths)
            found = {path for path in found if meant.matches(path)}
        left_out = Globs(entry.exclude)
        chosen = tuple(sorted(path for path in found if not left_out.matches(path)))
        self._project.index.load(dict.fromkeys(chosen, (CALLS,)))
        return chosen

    def has_any(self, path: str, entry: CallPattern, pattern: Pattern) -> bool:
        """Whether a file has a call that an entry may mean, as far as its facts show."""
        facts = self._values.facts(path)
        if facts is None:
            return False
        name = anchor(pattern, entry)
        wanted = entry.where[name]
        called = _called(facts, pattern, wanted)
        if name != pattern.callee or wanted.made_by:
            return bool(called)
        return any(
            self._may_be_meant(path, number, told, wanted, pattern.method)
            for number, told in called
        )

    def is_plausible(self, path: str, told: str, wanted: Metavariable, method: str = "") -> bool:
        """Whether something unproven, which a file calls `told`, may well be what is meant.

        A function is if it has the name. Something of a class is if it is named like the class, or
        if the file spells that. Which class a name stands for is not guessed. Methods that
        containers have say nothing: there the name must be of the words of the class's.
        """
        if wanted.subclass_of and not wanted.type:
            return False
        own = told.rstrip("()").rpartition(".")[2]
        if wanted.is_ and not wanted.type:
            return own in _leaves(wanted)
        parts = set(words(own)) - _SAYING_NOTHING
        for leaf in _leaves(wanted):
            whole = set(words(leaf))
            if parts and parts <= whole and (len(parts) > 1 or len(whole) == 1):
                return True
        if method in _OF_CONTAINERS:
            return any(parts and parts <= set(words(leaf)) for leaf in _leaves(wanted))
        key = (path, *sorted(_leaves(wanted)))
        if key not in self._spelled:
            self._spelled[key] = bool(self._project.index.spelled(path, key[1:]))
        return self._spelled[key]

    def _may_be_meant(
        self, path: str, number: int, told: str, wanted: Metavariable, method: str
    ) -> bool:
        things = self._values.of(path, number)
        if what_is_missing(things):
            return self.is_plausible(path, told, wanted, method)
        return self._proof.may_mean(things, wanted)

    def _readers(self, texts: Sequence[str]) -> set[str]:
        symbols = [SymbolPath.parse(text) for text in texts]
        homes = {self._project.modules.path_of(one.module) for one in symbols}
        return {*self._project.readers(symbols), *(path for path in homes if path)}

    def _has_words_of_one(self, path: str, texts: Sequence[str]) -> bool:
        """Whether a file has all words of a text, as it must where a string reads like that."""
        data = self._project.index.contents.read(path)
        if isinstance(data, FileError):
            return False
        return any(all(word.encode() in data for word in _WORD.findall(text)) for text in texts)

    def _calling_what_may_be_meant(self, wanted: Metavariable, method: str) -> set[str]:
        """The files that call a method of containers on what is named like a class, or spell it.

        Nearly every file has a `.get(...)`. Those that have none on a plausible name, and neither
        spell a class nor the module of one, do not reach such a class but by a third file.
        """
        reaching = self._naming_classes_below((*wanted.type, *wanted.subclass_of))
        modules = {SymbolPath.parse(text).module.rpartition(".")[2] for text in wanted.type}
        reaching |= set(self._project.index.search(map(Needle, sorted(modules))))
        found = {
            path
            for path in self._project.index.search([Needle(method)])
            if path in reaching or self._calls_on_plausible(path, wanted, method)
        }
        self._project.preload(sorted(found))
        return {path for path in found if self._project.facts(path) is not None}

    def _calls_on_plausible(self, path: str, wanted: Metavariable, method: str) -> bool:
        data = self._project.index.contents.read(path)
        if isinstance(data, FileError):
            return False
        names = _called_on(data, method)
        return any(self.is_plausible(path, name, wanted, method) for name in names)

    def _naming_classes_below(self, texts: Sequence[str]) -> set[str]:
        """The files that spell a class below some others, whatever its name."""
        names: set[str] = set()
        fresh = {SymbolPath.parse(text).leaf for text in texts}
        found: set[str] = set()
        while fresh:
            names |= fresh
            paths = set(self._project.mentioning(fresh)) - found
            self._project.index.load(dict.fromkeys(sorted(paths), (CALLS,)))
            found |= paths
            fresh = {
                one.symbol.leaf
                for path in sorted(paths)
                for one in self._proof.classes_below(self._values, path, texts)
            } - names
        return found


def _called_on(data: bytes, method: str) -> set[str]:
    """The last names in front of the dot, wherever a text looks like a call of a method."""
    found = set()
    for call in re.finditer(rb"\.\s*%b\s*\(" % re.escape(method).encode(), data):
        start, end = max(0, call.start() - _ROOM), call.start()
        is_called = data[start:end].rstrip()[-1:] in (b")", b"]")
        name = (_LAST_CALLED if is_called else _LAST_NAME).search(data, start, end)
        if name is not None:
            found.add(name[1].decode())
    return found


def _leaves(wanted: Metavariable) -> set[str]:
    """The last names of what a metavariable stands for."""
    texts = (*wanted.type, *wanted.is_, *wanted.subclass_of, *wanted.made_by)
    return {SymbolPath.parse(text).leaf for text in texts}


def _called(facts: CallFacts, pattern: Pattern, wanted: Metavariable) -> list[tuple[int, str]]:
    """The origins of what the calls in question are made on, and how the file calls it."""
    calls = [
        one
        for one in facts.calls
        if has_name(pattern, wanted, one.name, is_attribute=one.receiver >= 0)
    ]
    if pattern.method:
        return [(one.receiver, one.shown) for one in calls]
    return [(one.callee, one.name) for one in calls]


def has_name(pattern: Pattern, wanted: Metavariable, name: str, *, is_attribute: bool) -> bool:
    """Whether a call of something with this last name may be what a pattern means.

    A function or a class may have any name where it is imported, but its own as an attribute of
    its module; that of a class below one is known to be a class's.
    """
    if pattern.method:
        return is_attribute and name == pattern.method
    if not is_attribute:
        return bool(name)
    return name[:1].isupper() if wanted.subclass_of else name in _leaves(wanted)
