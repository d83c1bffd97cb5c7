"""Judges single calls whose receiver is proven: renamed, left to a person, or neither."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from ssot_migrate.domain.finding import Fix
from ssot_migrate.index.facts import Member, Signature
from ssot_migrate.lint.call_fit import (
    Awaits,
    fit_of_await,
    is_changed,
    keeps_order,
    legacy,
    registered_await,
    rejected_arguments,
    rewritten,
)
from ssot_migrate.lint.callables import Callables, callables_of
from ssot_migrate.lint.things import described
from ssot_migrate.rewrite.call_changes import cause_of, changed_call, least_safe

if TYPE_CHECKING:
    from ssot_migrate.config.model import Concept, MethodRename
    from ssot_migrate.domain.outcome import Cause
    from ssot_migrate.domain.symbol import SymbolPath
    from ssot_migrate.index.call_facts import Call
    from ssot_migrate.index.facts import Reference
    from ssot_migrate.lint.call_proof import CallProof
    from ssot_migrate.lint.project import Project
    from ssot_migrate.lint.receivers import Receivers, Role
    from ssot_migrate.lint.things import Thing, Things
    from ssot_migrate.resolve.resolution import Resolution
    from ssot_migrate.rewrite.decisions import RenameCall
    from ssot_migrate.rewrite.doubts import Doubts

_CALLED = ("method", "static", "class")


class _Sure(NamedTuple):
    """How sure a change is, what makes it less sure than the registry says, what moves with it."""

    fix: Fix
    note: str = ""
    along: tuple[tuple[int, int], ...] | None = None


class _Left(Exception):  # noqa: N818 - a verdict, not an error
    """Why a call is left to a person."""


class CallVerdicts:
    """Judges the calls of a project.

    Args:
        project: The tree.
        proof: Tells how references fare that move.
        receivers: Tells what classes are to concepts.
        doubts: Tells what speaks against a rename.
    """

    def __init__(
        self, project: Project, proof: CallProof, receivers: Receivers, doubts: Doubts
    ) -> None:
        self._project = project
        self._proof = proof
        self._receivers = receivers
        self._doubts = doubts
        self._callables: dict[SymbolPath, Callables | None] = {}

    def of(
        self, path: str, call: Call, things: Things, concept: Concept, rename: MethodRename
    ) -> RenameCall | str | None:
        """Judge a call of a renamed method.

        Args:
            path: Its file.
            call: The call.
            things: What its receiver may be.
            concept: The concept that has some of them.
            rename: The registry's entry.

        Returns:
            The decision; or why it is left to a person; or None if nothing of it would change.
        """
        try:
            self._check_rename(concept, rename)
            sure = [self._thing(path, call, thing, concept, rename) for thing in things]
            awaits = self._awaits(call, rename)
        except _Left as why:
            return str(why)
        except _Inside:
            return None
        fix = least_safe(*(one.fix for one in sure))
        note = next((one.note for one in sure if one.note), "")
        moved = [one.along for one in sure if one.along is not None]
        along = tuple(place for several in moved for place in several) if moved else None
        return self._decision(call, concept, rename, _Sure(fix, note, along), awaits)

    def construction(
        self, call: Call, concept: Concept, rename: MethodRename
    ) -> RenameCall | str | None:
        """Judge a call of a canonical class whose constructor gave its parameters new names.

        Their legacy order is that of deprecated classes.
        """
        new, cause = self._of_canonical(concept), self._cause(concept, rename, _Sure(Fix.SAFE))
        renamed = msgspec.structs.replace(rename, positional=())
        if not is_changed(call, renamed):
            return None
        changed = rewritten(call, renamed)
        if isinstance(changed, str):
            return changed
        if new is not None and new.own is not None:
            why = rejected_arguments(changed, None, new.own)
            if why:
                return why
        if rename.safety == "manual":
            return _BY_HAND
        return changed_call(call, cause, name=call.name, rename=renamed)

    def keeps_order(self, call: Call, canonical: SymbolPath, rename: MethodRename | None) -> bool:
        """Whether the positionals of a constructor call may stay positionals."""
        if rename is None:
            return True
        new = self._at(canonical)
        return keeps_order(call, rename, new.own if new is not None else None)

    # The conditions, in the order in which they are told

    def _check_rename(self, concept: Concept, rename: MethodRename) -> None:
        if rename.safety == "manual":
            raise _Left(_BY_HAND)
        chained = {one.from_ for one in concept.methods if one is not rename}
        if rename.to in chained:
            raise _Left(f"`{rename.to}`, its new name, is renamed itself")

    def _thing(
        self, path: str, call: Call, thing: Thing, concept: Concept, rename: MethodRename
    ) -> _Sure:
        """Check one of the things that a receiver may be; returns how sure the change is."""
        role = self._receivers.role(thing, concept, rename.from_)
        if role is None:
            raise _Left(f"`{call.shown}` may also be {described(thing)}")
        if thing.kind == "mock":
            raise _Left(f"`{call.shown}` is a test double of `{role.holder.symbol.name}`")
        self._check_place(path, call, thing, role, rename)
        self._check_overrides(call, thing, role, concept, rename)
        new = self._of_canonical(concept)
        if new is not None:
            self._check_target(call, thing, role, new, rename)
        sure = _Sure(Fix.SAFE)
        if role.entry is not None:
            sure = self._of_deprecated(path, call, role, concept, rename)
        stand_in = self._doubts.stand_in(concept, rename.from_)
        if thing.is_promise and stand_in is not None:
            note = f"an annotation says so, and a test double has it too, at {stand_in}"
            return _Sure(least_safe(sure.fix, Fix.UNSAFE), sure.note or note, sure.along)
        if patching := self._doubts.patched_in(concept, rename.from_, path):
            note = f"a test puts a double with the old name in its place, at {patching}"
            return _Sure(least_safe(sure.fix, Fix.UNSAFE), sure.note or note, sure.along)
        return sure

    def _check_place(
        self, path: str, call: Call, thing: Thing, role: Role, rename: MethodRename
    ) -> None:
        is_own = any(one.how == "self" for one in thing.evidence)
        if not is_own or rename.from_ == rename.to:
            return
        if role.entry is not None and role.holder.symbol == thing.symbol:
            raise _Inside
        if call.scope.rpartition(".")[2] == rename.to:
            raise _Left(f"`{rename.to}` calls it, and would call itself")

    def _check_overrides(
        self, call: Call, thing: Thing, role: Role, concept: Concept, rename: MethodRename
    ) -> None:
        if rename.from_ == "__init__":
            return
        if role.overriding is not None:
            raise _Left(f"`{role.overriding.symbol.name}` overrides `{rename.from_}`")
        if thing.is_exact:
            return
        for override in self._doubts.overrides(concept, rename.from_):
            line = self._proof.values.descent.line(override.holder)
            if thing.symbol in {one.symbol for one in line}:
                name = override.holder.symbol.name
                raise _Left(f"`{call.shown}` may be a `{name}`, which overrides `{rename.from_}`")

    def _check_target(
        self, call: Call, thing: Thing, role: Role, new: Callables, rename: MethodRename
    ) -> None:
        """The canonical class has the method, and understands the call."""
        target = new.members.get(rename.to)
        if target is None:
            if self._is_open(new):
                return
            raise _Left(f"`{new.symbol.name}` has no `{rename.to}`")
        if target.kind not in _CALLED or target.signature is None:
            raise _Left(f"`{new.symbol.name}.{rename.to}` is read without a call")
        if thing.kind == "class" and target.kind == "method" and rename.from_ != "__init__":
            raise _Left("it is called on the class, with the instance among its arguments")
        old = self._at(role.holder.symbol)
        self._check_call(call, old.members.get(rename.from_) if old else None, target, rename)

    def _check_call(
        self, call: Call, old: Member | None, target: Member, rename: MethodRename
    ) -> None:
        changed = rewritten(call, rename)
        if isinstance(changed, str):
            raise _Left(changed)
        was = legacy(old.signature, rename) if old is not None else None
        now = target.signature or Signature()
        if rename.from_ == rename.to and old == target:
            was = None  # the registry speaks of an older version of the same method
        why = rejected_arguments(changed, was, now)
        if why:
            raise _Left(why)
        if rename.awaits == "keep" and was is not None:
            found = fit_of_await(call, was, now)
            if found.awaits != "keep" and not found.why:
                raise _Left(_AWAIT_NOT_REGISTERED[found.awaits])
            if found.why:
                raise _Left(found.why)

    def _of_deprecated(
        self, path: str, call: Call, role: Role, concept: Concept, rename: MethodRename
    ) -> _Sure:
        """The method of a deprecated class goes with the class, unless that has the new one too."""
        symbol, entry = role.holder.symbol, role.entry
        old, new = self._at(symbol), self._receivers.canonical(concept).symbol
        target = old.members.get(rename.to) if old is not None else None
        if target is not None and target.signature is not None and rename.from_ != rename.to:
            try:
                self._check_call(
                    call, old.members.get(rename.from_) if old else None, target, rename
                )
            except _Left:
                pass
            else:
                return _Sure(Fix.SAFE)
        if entry is None or entry.safety == "manual":
            raise _Left(f"the registry leaves it to a person what becomes of `{symbol.name}`")
        references = self._references(path, symbol)
        deprecations = self._project.deprecations
        # Through a shim, the class is replaced where the shim fetches it.
        along = tuple(
            (reference.line, reference.column)
            for reference, found in references
            if (first := deprecations.first(found)) is not None and first[0] == 0
        )
        for reference, _found in references:
            if why := self._proof.rejection(path, reference, symbol, new):
                # Its import moves all the same with `--unsafe`, and the method is gone then.
                return _Sure(Fix.UNSAFE, f"`{symbol.leaf}` does not fit here: {why}", along)
        if references:
            return _Sure(Fix(entry.safety), along=along)
        return _Sure(Fix.UNSAFE, f"`{symbol}` is replaced in another file", along)

    def _references(self, path: str, symbol: SymbolPath) -> list[tuple[Reference, Resolution]]:
        """The places in a file that name a class."""
        return [
            (reference, resolution)
            for reference, _statement, resolution in self._project.references(path)
            if resolution.symbol == symbol
        ]

    def _awaits(self, call: Call, rename: MethodRename) -> Awaits:
        found = registered_await(call, rename)
        if found.why:
            raise _Left(found.why)
        return found.awaits

    def _decision(
        self, call: Call, concept: Concept, rename: MethodRename, sure: _Sure, awaits: Awaits
    ) -> RenameCall | None:
        new = self._of_canonical(concept)
        target = new.members.get(rename.to) if new is not None else None
        found = changed_call(
            call,
            self._cause(concept, rename, sure),
            name=rename.to,
            rename=rename,
            keeps_order=keeps_order(call, rename, target.signature if target else None),
            awaits=awaits,
        )
        return found and msgspec.structs.replace(found, along=sure.along)

    def _cause(self, concept: Concept, rename: MethodRename, sure: _Sure) -> Cause:
        canonical = self._receivers.canonical(concept).symbol
        fix = least_safe(sure.fix, Fix(rename.safety))
        return cause_of(concept, canonical, rename, fix, sure.note)

    def _of_canonical(self, concept: Concept) -> Callables | None:
        return self._at(self._receivers.canonical(concept).symbol)

    def _at(self, symbol: SymbolPath) -> Callables | None:
        if symbol not in self._callables:
            found = self._project.resolver.path(symbol)
            self._callables[symbol] = callables_of(self._project, found)
        return self._callables[symbol]

    def _is_open(self, new: Callables) -> bool:
        path = self._project.modules.path_of(new.symbol.module) or ""
        (thing, *_) = self._proof.values.defined(path, new.symbol.name, new.line)
        return thing.kind == "class" and self._proof.values.descent.is_open(thing)


class _Inside(Exception):  # noqa: N818 - a verdict, not an error
    """The call is part of a class that goes away."""


_BY_HAND = "the registry leaves it to a person"
_AWAIT_NOT_REGISTERED = {
    "add": "it must be awaited, of which the registry's entry says nothing",
    "drop": "it must not be awaited, of which the registry's entry says nothing",
}
