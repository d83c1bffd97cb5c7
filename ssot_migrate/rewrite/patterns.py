"""Decides about the calls that patterns of the registry mean."""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from ssot_migrate.config.call_patterns import Pattern, anchor, read_pattern
from ssot_migrate.domain.finding import Fix
from ssot_migrate.domain.outcome import Cause, Left
from ssot_migrate.index.origins import leaf
from ssot_migrate.lint.patterns.candidates import Candidates, has_name
from ssot_migrate.lint.patterns.concepts import with_paths
from ssot_migrate.lint.patterns.matching import Hidden, matched
from ssot_migrate.lint.patterns.members import Members, Read
from ssot_migrate.lint.patterns.proof import Candidate, PatternProof, Verdict
from ssot_migrate.lint.patterns.registrations import Registration, Registrations
from ssot_migrate.lint.patterns.targets import Targets
from ssot_migrate.lint.patterns.view import View, view_of
from ssot_migrate.lint.values import Values
from ssot_migrate.rewrite.imports_needed import ImportsNeeded
from ssot_migrate.rewrite.judged import Judged, left_instead, without_overlaps
from ssot_migrate.rewrite.plans import planned
from ssot_migrate.rewrite.replacements import Impossible, Replacements

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ssot_migrate.config.model import CallPattern
    from ssot_migrate.index.scopes import Scope
    from ssot_migrate.lint.project import Project
    from ssot_migrate.rewrite.decisions import AddImport, ReplaceCode


def decide_patterns(
    project: Project, codes: Mapping[str, str], values: Values | None = None
) -> dict[str, tuple[ReplaceCode | AddImport | Left, ...]]:
    """Decide for every file of a project; see `PatternDecider`.

    Args:
        project: The tree.
        codes: The codes of the rules that report calls, by name.
        values: Tells what values are, if there is one already.
    """
    found: dict[str, tuple[ReplaceCode | AddImport | Left, ...]] = {}
    for path, several in PatternDecider(project, codes, values).everywhere():
        flat: dict[ReplaceCode | AddImport | Left, None] = {}
        for one in several:
            flat.update(dict.fromkeys(one.decisions if one.left is None else (one.left,)))
        found[path] = tuple(flat)
    return found


def judged_calls(project: Project) -> dict[str, tuple[tuple[str, Judged], ...]]:
    """What is to become of every call that an entry means, by the name of its rule, with its file.

    Ask for it by `project.once(judged_calls)`: all rules share it.
    """
    found: defaultdict[str, list[tuple[str, Judged]]] = defaultdict(list)
    codes = {rule.name(): rule.code for rule in project.rules}
    for path, several in PatternDecider(project, codes).everywhere():
        for one in several:
            found[one.entry.rule].append((path, one))
    return {name: tuple(several) for name, several in found.items()}


class _Entry(NamedTuple):
    """An entry, ready to be compared with calls.

    Args:
        written: What the registry says, with paths instead of concepts.
        pattern: Its `match`.
        template: Its `replace`, if it has one.
        why: What speaks against carrying it out in this project.
        registered: The classes that are handed to its methods.
        is_of_registered: Whether it is about calls of those classes.
    """

    written: CallPattern
    pattern: Pattern
    template: Pattern | None
    why: str
    registered: tuple[Registration, ...] = ()
    is_of_registered: bool = False


class PatternDecider:
    """Decides which calls patterns mean, and what is to become of each.

    A call is replaced if everything that its entry asks for is proven. It is left to a person if
    it surely is, or plausibly may be, a call that the entry means, and something is missing. Of
    several entries that mean one call, the first that can be carried out counts, else the first.

    Args:
        project: The tree.
        codes: The codes of the rules whose entries are to be looked at, by name.
        values: Tells what values are, if there is one already.
    """

    def __init__(
        self, project: Project, codes: Mapping[str, str], values: Values | None = None
    ) -> None:
        self._values = values or Values(project)
        targets = Targets(project, self._values)
        self._proof = PatternProof(targets)
        self._targets = targets
        self._candidates = Candidates(project, self._values, self._proof)
        self._imports = ImportsNeeded(project, targets)
        self._members = Members(project, self._values)
        self._codes = codes
        self._registry = project.registry
        self._views: dict[str, View | None] = {}
        self._registrations = Registrations(project, self._candidates, self._proof, self._kept_view)

    def everywhere(self) -> Iterator[tuple[str, tuple[Judged, ...]]]:
        """Yield the files with something to decide, in order of path."""
        asked: defaultdict[str, list[_Entry]] = defaultdict(list)
        for one in self._entries():
            for path in self._candidates.paths(one.written, one.pattern):
                asked[path].append(one)
        for path in sorted(asked):
            several = [
                one
                for one in asked[path]
                if self._candidates.has_any(path, one.written, one.pattern)
            ]
            view = self._view(path) if several else None
            found = without_overlaps(self._file(view, several)) if view is not None else ()
            if found:
                yield path, found

    def _entries(self) -> Iterator[_Entry]:
        for raw in self._registry.calls:
            if not raw.enabled or raw.rule not in self._codes:
                continue
            meant = with_paths(raw, self._registry.concepts, self._targets)
            if meant is None:
                continue
            written, pattern = meant.entry, read_pattern(raw.match)
            template = read_pattern(raw.replace) if raw.replace else None
            entry = _Entry(written, pattern, template, meant.why)
            handed = [name for name, wanted in written.where.items() if wanted.handed_to]
            if not handed:
                yield entry
                continue
            wanted = written.where[handed[0]]
            registered = self._registrations.at(wanted.handed_to)
            entry = entry._replace(registered=registered)
            if handed[0] in pattern.metavariables:
                classes = tuple(dict.fromkeys(str(one.symbol) for one in registered))
                if not classes:
                    continue
                where = {**written.where, handed[0]: msgspec.structs.replace(wanted, is_=classes)}
                written = msgspec.structs.replace(written, where=where)
                entry = entry._replace(written=written, is_of_registered=True)
            yield entry

    def _kept_view(self, path: str) -> View | None:
        """The view of a file, kept until the file is decided: a second one would number anew."""
        if path not in self._views:
            self._views[path] = view_of(self._values, path)
        return self._views[path]

    def _view(self, path: str) -> View | None:
        return self._views.pop(path) if path in self._views else view_of(self._values, path)

    def _file(self, view: View, entries: Sequence[_Entry]) -> Iterator[Judged]:
        for call, scope, context in sorted(
            view.scene.walk.calls, key=lambda one: (one[0].lineno, one[0].col_offset)
        ):
            found: list[Judged] = []
            for entry in entries:
                wanted = entry.written.where[anchor(entry.pattern, entry.written)]
                is_attribute = isinstance(call.func, ast.Attribute)
                if has_name(entry.pattern, wanted, leaf(call.func), is_attribute=is_attribute):
                    judged = self._call(view, entry, call, scope, context)
                    found += [judged] if judged is not None else []
            if found:
                yield next((one for one in found if one.decisions), found[0])

    def _call(
        self, view: View, entry: _Entry, call: ast.Call, scope: Scope, context: int
    ) -> Judged | None:
        written, pattern, template = entry.written, entry.pattern, entry.template
        if entry.is_of_registered and _is_registered_there(entry, view.path, call):
            return None
        why = ""
        try:
            bindings = matched(pattern, call, written.parameters)
        except Hidden as hidden:
            why, bindings = str(hidden), _callee_of(pattern, call)
        if bindings is None:
            return None
        candidate = Candidate(written, pattern, call, scope, bindings)
        verdict = self._proof.judge(view, candidate)
        if verdict is None or not self._is_told(view, candidate, verdict):
            return None
        replacements = Replacements(view, self._imports)
        code = replacements.suggestion(candidate, template, verdict.names)
        if written.plan:
            code = planned(view, candidate, verdict.names, entry.registered, verdict.symbol)
        why = why or verdict.why or entry.why
        read = Read()
        if not why and template is not None:
            read = self._members.read(view, candidate, template, verdict.names)
            why = read.why
        cause = self._cause(candidate, verdict)
        if not why and cause.fix is Fix.MANUAL:
            return self._left(view, candidate, verdict, "", code)
        if not why:
            try:
                replacement = replacements.of(candidate, template, verdict.names, context)
            except Impossible as impossible:
                why = str(impossible)
            else:
                if replacement is None:
                    return None
                return Judged(
                    entry=written,
                    span=view.scene.span(call),
                    scope=scope.name,
                    decisions=replacement.decisions(cause, read.moving),
                    code=code,
                    chain=verdict.chain,
                )
        return self._left(view, candidate, verdict, why, code)

    def _left(
        self, view: View, candidate: Candidate, verdict: Verdict, why: str, code: str
    ) -> Judged:
        told = why or "the registry leaves it to a person"
        judged = Judged(
            entry=candidate.entry,
            span=view.scene.span(candidate.call),
            scope=candidate.scope.name,
            code=code,
            chain=verdict.chain,
            is_without=any(name.startswith("<") for name in verdict.names.values()),
        )
        return left_instead(judged, told, self._cause(candidate, verdict))

    def _is_told(self, view: View, candidate: Candidate, verdict: Verdict) -> bool:
        """Whether a call is worth a person's while."""
        if verdict.is_certain or any(one.text for one in candidate.entry.where.values()):
            return True
        wanted = candidate.entry.where[anchor(candidate.pattern, candidate.entry)]
        method = candidate.pattern.method
        return self._candidates.is_plausible(view.path, verdict.shown, wanted, method)

    def _cause(self, candidate: Candidate, verdict: Verdict) -> Cause:
        return Cause(
            code=self._codes[candidate.entry.rule],
            fix=Fix(candidate.entry.safety),
            symbol=verdict.symbol,
        )


def _is_registered_there(entry: _Entry, path: str, call: ast.Call) -> bool:
    """Whether an instance is made to be registered, which is another entry's business."""
    place = path, call.lineno, call.col_offset
    return any(one[2:] == place for one in entry.registered)


def _callee_of(pattern: Pattern, call: ast.Call) -> Mapping[str, tuple[ast.expr, ...]]:
    """What is called, where the arguments cannot be seen."""
    func = call.func
    value = func.value if pattern.method and isinstance(func, ast.Attribute) else func
    return {pattern.callee: (value,)}
