"""Decides which calls are renamed: by the proven class of their receiver, never by name."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from ssot_migrate.domain.finding import Fix
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.index.worker import CALLS, USES
from ssot_migrate.lint.call_fit import is_changed
from ssot_migrate.lint.call_proof import CallProof, mismatch
from ssot_migrate.lint.receivers import Receivers
from ssot_migrate.rewrite.call_changes import cause_of, changed_call, left_at
from ssot_migrate.rewrite.call_verdicts import CallVerdicts
from ssot_migrate.rewrite.decisions import RenameCall
from ssot_migrate.rewrite.doubts import Doubts
from ssot_migrate.rewrite.plausible import Plausible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ssot_migrate.config.model import Concept, MethodRename
    from ssot_migrate.domain.outcome import Cause, Left
    from ssot_migrate.index.call_facts import AttributeUse, Call, CallFacts
    from ssot_migrate.index.facts import Reference
    from ssot_migrate.lint.call_fit import Fit
    from ssot_migrate.lint.deprecations import Match
    from ssot_migrate.lint.project import Project
    from ssot_migrate.lint.things import Things

_CONSTRUCTOR = "__init__"
_USES = {
    "load": "`{name}` is not called here, so its arguments cannot be seen",
    "store": "`{name}` is replaced here by something else",
    "delete": "`{name}` is deleted here",
    "text": "`{name}` stands in a string",
    "double": "a test double has `{name}` here",
}


class _Moved(NamedTuple):
    """A reference that the registry sends elsewhere, and how it fares."""

    reference: Reference
    match: Match
    fit: Fit


def decide_calls(
    project: Project, proof: CallProof | None = None, moved: Sequence[str] | None = None
) -> dict[str, tuple[RenameCall | Left, ...]]:
    """Decide for every file of a project; see `CallDecider`.

    Args:
        project: The tree.
        proof: The project's proof, if there is one already.
        moved: The files in which references move; None where any may.
    """
    return dict(CallDecider(project, proof).everywhere(moved))


class CallDecider:
    """Decides about calls of renamed methods, and about calls of what moves elsewhere.

    A call of a renamed method is renamed if its receiver is proven to be of the concept's
    canonical class, of a deprecated one, or of a class below them that does not override it. What
    proves it may be an annotation: then the change is unsafe if a test double of the tree has the
    method, for such a double may be passed. An unproven call is left to a person if its file
    spells one of the concept's classes or its receiver is named like one, and ignored otherwise.

    A call of a deprecated function or class that moves with its import is changed along with it,
    where that is all it takes: an `await` more or less, keywords that the registry's entry for
    `__init__` renames. Such a decision has the code of a call mismatch and starts where the moved
    reference starts; without the move it must not be carried out.

    Args:
        project: The tree.
        proof: The project's proof, if there is one already.
    """

    def __init__(self, project: Project, proof: CallProof | None = None) -> None:
        self._project = project
        self._proof = proof or CallProof(project)
        self._receivers = Receivers(project, self._proof.values)
        self._plausible = Plausible(project)
        self._doubts = Doubts(project, self._receivers)
        self._verdicts = CallVerdicts(project, self._proof, self._receivers, self._doubts)

    def everywhere(
        self, moved: Sequence[str] | None = None
    ) -> Iterator[tuple[str, tuple[RenameCall | Left, ...]]]:
        """Yield the files with something to decide, in order of path.

        Args:
            moved: The files in which references move; None where any may.
        """
        found: defaultdict[str, list[RenameCall | Left]] = defaultdict(list)
        for concept in self._project.concepts:
            if concept.methods:
                for path, one in self._of_concept(concept):
                    found[path].append(one)
        if moved is None:
            moved = self._project.readers(self._project.deprecations.paths)
        self._project.index.load(dict.fromkeys(moved, (CALLS, USES)))
        for path in moved:
            found[path] += self._repairs(path)
        for path in sorted(found):
            several = sorted(_each_once(found[path]), key=_position)
            if several:
                yield path, tuple(several)

    # Renamed methods

    def _of_concept(self, concept: Concept) -> Iterator[tuple[str, RenameCall | Left]]:
        renames = {rename.from_: rename for rename in concept.methods}
        needles = set(renames) - {_CONSTRUCTOR}
        if _CONSTRUCTOR in renames:
            needles |= _class_names(concept)
        paths = self._project.mentioning(needles)
        self._project.index.load(dict.fromkeys(paths, (CALLS, USES)))
        self._doubts.collect(paths, concept, renames)
        for path in paths:
            facts = self._proof.values.facts(path)
            if facts is not None:
                for one in self._file(path, facts, concept, renames):
                    yield path, one
        for rename in renames.values():
            if rename.from_ == rename.to:
                continue
            for override in self._doubts.overrides(concept, rename.from_):
                why = f"`{override.holder.symbol.name}` overrides a method that is renamed"
                cause = self._cause(concept, rename)
                left = left_at(override.place, why, cause)
                yield override.place.path, msgspec.structs.replace(left, column=override.column)

    def _file(
        self, path: str, facts: CallFacts, concept: Concept, renames: dict[str, MethodRename]
    ) -> Iterator[RenameCall | Left]:
        for call in facts.calls:
            rename = renames.get(call.name)
            if rename is not None and call.receiver >= 0:
                if is_changed(call, rename):
                    yield from self._call(path, call, concept, rename)
            elif rename is None and _CONSTRUCTOR in renames:
                yield from self._construction(path, call, concept, renames[_CONSTRUCTOR])
        for use in facts.attributes:
            rename = renames.get(use.name)
            if rename is not None and rename.from_ != rename.to:
                yield from self._use(path, use, concept, rename)

    def _call(
        self, path: str, call: Call, concept: Concept, rename: MethodRename
    ) -> Iterator[RenameCall | Left]:
        proof = self._receivers.proof(path, call.receiver)
        cause = self._cause(concept, rename)
        if proof.why:
            if rename.from_ != _CONSTRUCTOR and self._plausible.concerns(path, call.shown, concept):
                yield left_at(call, _about(call.shown, proof.why), cause)
            return
        if not any(self._receivers.role(t, concept, rename.from_) for t in proof.things):
            why = self._may_be_ours(proof.things, concept, rename)
            if why and self._plausible.concerns(path, call.shown, concept):
                yield left_at(call, _about(call.shown, why), cause)
            return
        verdict = self._verdicts.of(path, call, proof.things, concept, rename)
        if isinstance(verdict, str):
            yield left_at(call, verdict, cause)
        elif verdict is not None:
            yield verdict

    def _may_be_ours(self, things: Things, concept: Concept, rename: MethodRename) -> str:
        """Why a value of another class may be of the concept's after all."""
        canonical = self._receivers.canonical(concept)
        ours = self._proof.values.defined(canonical.end.path, canonical.symbol.name)
        above = {one.symbol for one in self._proof.values.descent.line(ours[0])}
        for thing in things:
            if self._proof.values.functions.passes_on(thing, rename.from_):
                return f"it is a `{thing.symbol.name}`, which may pass the call on"
            if thing.kind != "instance" or thing.is_exact:
                continue
            if thing.symbol in above:
                return f"it is only known as `{thing.symbol.name}`, a base of the concept's class"
            if self._proof.values.descent.is_protocol(thing):
                return f"it is only known as `{thing.symbol.name}`, which is a protocol"
        return ""

    def _construction(
        self, path: str, call: Call, concept: Concept, rename: MethodRename
    ) -> Iterator[RenameCall | Left]:
        """A call of the canonical class itself whose keywords are renamed."""
        things = self._proof.values.of(path, call.callee)
        roles = [self._receivers.role(t, concept) for t in things if t.kind == "class"]
        if len(roles) < len(things) or not all(r is not None and r.entry is None for r in roles):
            return
        verdict = self._verdicts.construction(call, concept, rename)
        if isinstance(verdict, str):
            yield left_at(call, verdict, self._cause(concept, rename))
        elif verdict is not None:
            yield verdict

    def _use(
        self, path: str, use: AttributeUse, concept: Concept, rename: MethodRename
    ) -> Iterator[Left]:
        """An attribute that is named and not called."""
        things = self._proof.values.of(path, use.receiver)
        is_ours = any(self._receivers.role(thing, concept) for thing in things)
        is_double = use.kind in ("store", "double") and any(t.kind == "mock" for t in things)
        if is_ours or (is_double and self._plausible.concerns(path, use.shown, concept)):
            why = _USES[use.kind].format(name=use.name)
            yield left_at(use, why, self._cause(concept, rename))

    def _cause(self, concept: Concept, rename: MethodRename) -> Cause:
        canonical = self._receivers.canonical(concept).symbol
        return cause_of(concept, canonical, rename, Fix(rename.safety))

    # Calls of what moves

    def _repairs(self, path: str) -> Iterator[RenameCall]:
        """The calls that change with the imports they start at."""
        moved: defaultdict[int, list[_Moved]] = defaultdict(list)
        for reference, _statement, resolution in self._project.references(path):
            found = self._project.deprecations.first(resolution)
            if found is not None:
                match = found[2]
                fit = self._proof.fit(path, reference, match.found, match.canonical)
                moved[reference.imported].append(_Moved(reference, match, fit))
        for group in moved.values():
            if not any(one.fit.why for one in group):
                for one in group:
                    yield from self._repair(path, one)

    def _repair(self, path: str, moved: _Moved) -> Iterator[RenameCall]:
        call = self._proof.call_at(path, moved.reference) if moved.reference.call else None
        if call is None:
            return
        rename = self._proof.constructor_rename(path, moved.reference)
        order = self._verdicts.keeps_order(call, moved.match.canonical, rename)
        found = changed_call(
            call,
            mismatch(moved.match, Fix(moved.match.replacement.safety)),
            name=call.name,
            rename=rename,
            keeps_order=order,
            awaits=moved.fit.awaits,
        )
        if found is not None:
            yield found


def _each_once(several: Iterable[RenameCall | Left]) -> list[RenameCall | Left]:
    """Several concepts may say the same of a place; a call is changed once."""
    found: list[RenameCall | Left] = []
    changed = set()
    for one in several:
        place = one.span if isinstance(one, RenameCall) else None
        if one not in found and place not in changed:
            found.append(one)
            if place is not None:
                changed.add(place)
    return found


def _position(one: RenameCall | Left) -> tuple[int, int, str]:
    if isinstance(one, RenameCall):
        return one.span.line, one.span.column, ""
    return one.line, one.column, one.why


def _about(shown: str, why: str) -> str:
    """A sentence about a receiver, with its name."""
    return f"`{shown}` {why[3:]}" if why.startswith("it ") else why


def _class_names(concept: Concept) -> set[str]:
    """The last names of a concept's classes."""
    paths = [concept.canonical, *(entry.path for entry in concept.deprecated)]
    return {SymbolPath.parse(path).leaf for path in paths}
