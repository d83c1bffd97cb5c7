"""Finds the classes that production code hands to methods, or instances of them."""

from __future__ import annotations

import ast
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from ssot_migrate.config.call_patterns import read_pattern
from ssot_migrate.config.model import CallPattern, Metavariable
from ssot_migrate.domain.finding import Category
from ssot_migrate.index.origins import leaf
from ssot_migrate.lint.patterns.candidates import has_name
from ssot_migrate.lint.patterns.matching import Hidden, matched
from ssot_migrate.lint.patterns.proof import Candidate
from ssot_migrate.lint.things import are

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ssot_migrate.config.call_patterns import Pattern
    from ssot_migrate.domain.symbol import SymbolPath
    from ssot_migrate.lint.patterns.candidates import Candidates
    from ssot_migrate.lint.patterns.proof import PatternProof
    from ssot_migrate.lint.patterns.view import View
    from ssot_migrate.lint.project import Project


class Registration(NamedTuple):
    """A class that is handed to a method.

    Args:
        name: The first argument, as the code has it.
        symbol: The class.
        path: The file of the call.
        line: The line of the class's mention there; `column` is that of the parser.
    """

    name: str
    symbol: SymbolPath
    path: str
    line: int
    column: int


class Registrations:
    """Answers for one project.

    Args:
        project: The tree.
        candidates: Finds the files in question.
        proof: Judges what methods are called on.
        view: Gives the view of a file.
    """

    def __init__(
        self,
        project: Project,
        candidates: Candidates,
        proof: PatternProof,
        view: Callable[[str], View | None],
    ) -> None:
        self._project = project
        self._candidates = candidates
        self._proof = proof
        self._view = view
        self._known: dict[tuple[str, ...], tuple[Registration, ...]] = {}

    def at(self, methods: Sequence[str]) -> tuple[Registration, ...]:
        """What is handed to some methods, `package.module:Class.method`, in order of place."""
        key = tuple(methods)
        if key not in self._known:
            owners: dict[str, list[str]] = {}
            for text in methods:
                owner, _, name = text.rpartition(".")
                owners.setdefault(name, []).append(owner)
            found = [one for name, classes in owners.items() for one in self._of(name, classes)]
            self._known[key] = tuple(sorted(found, key=lambda one: one[2:]))
        return self._known[key]

    def _of(self, method: str, classes: Sequence[str]) -> Iterator[Registration]:
        entry = CallPattern(
            name=method,
            match=f"$owner.{method}($name, $value, $$$)",
            where={"$owner": Metavariable(type=tuple(classes))},
        )
        pattern = read_pattern(entry.match)
        for path in self._candidates.paths(entry, pattern):
            is_production = self._project.category(path) is Category.PRODUCTION
            if is_production and self._candidates.has_any(path, entry, pattern):
                view = self._view(path)
                if view is not None:
                    for candidate in _candidates(view, entry, pattern):
                        yield from self._registered(view, candidate)

    def _registered(self, view: View, candidate: Candidate) -> Iterator[Registration]:
        verdict = self._proof.judge(view, candidate)
        if verdict is None or verdict.why:
            return
        (value,), (name,) = candidate.bindings["$value"], candidate.bindings["$name"]
        node = value.func if isinstance(value, ast.Call) else value
        things = view.things(node, candidate.scope) if isinstance(node, ast.expr) else ()
        if len(things) == 1 and are(things, "class"):
            place = view.path, value.lineno, value.col_offset
            yield Registration(view.scene.source(name), things[0].symbol, *place)


def _candidates(view: View, entry: CallPattern, pattern: Pattern) -> Iterator[Candidate]:
    for call, scope, _context in view.scene.walk.calls:
        is_attribute = isinstance(call.func, ast.Attribute)
        wanted = entry.where[pattern.callee]
        if has_name(pattern, wanted, leaf(call.func), is_attribute=is_attribute):
            with suppress(Hidden):
                bindings = matched(pattern, call, ())
                if bindings is not None:
                    yield Candidate(entry, pattern, call, scope, bindings)
