"""Proves that calls mean the same when what they call is replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import Fix
from ssot_migrate.domain.outcome import Cause, Left
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.lint.call_fit import (
    Fit,
    fit,
    legacy,
    registered_await,
    rejected_arguments,
    rewritten,
)
from ssot_migrate.lint.callables import Callables, callables_of
from ssot_migrate.lint.signatures import differences
from ssot_migrate.lint.things import are
from ssot_migrate.lint.values import Values
from ssot_migrate.resolve.resolution import Kind, Resolution

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ssot_migrate.config.model import MethodRename
    from ssot_migrate.index.call_facts import Call
    from ssot_migrate.index.facts import Reference, Signature
    from ssot_migrate.lint.deprecations import Match
    from ssot_migrate.lint.project import Project

CALL_MISMATCH = "SSOT209"
_CALLED = ("method", "static", "class")
_PROVIDERS = ("Depends", "Security")
_CONSTRUCTOR = "__init__"


class CallProof:
    """Asks of references what their calls would become. Build one for a project, and keep it.

    Args:
        project: The tree.
        values: Tells what values are; shared where there is one already.
    """

    def __init__(self, project: Project, values: Values | None = None) -> None:
        self._project = project
        self.values = values or Values(project)
        self._calls: dict[str, Mapping[tuple[int, int, int, int], Call]] = {}

    def rejection(
        self, path: str, reference: Reference, old: SymbolPath, new: SymbolPath
    ) -> str | None:
        """Say why a reference must not be moved from one definition to another.

        A call that only needs its `await` added or dropped, or its keywords renamed as the
        registry says, is accepted: `decide_calls` has what it needs.

        Args:
            path: The file of the reference.
            reference: The use of an imported name.
            old: What it names now; a shim stands for what it passes on.
            new: What it is to name.

        Returns:
            A sentence, or None if it is accepted, or if nothing is known of either definition.
        """
        return self.fit(path, reference, old, new).why or None

    def fit(self, path: str, reference: Reference, old: SymbolPath, new: SymbolPath) -> Fit:
        """How a reference fares when it is moved; see `rejection`."""
        was, now = self._definitions(path, reference, old, new)
        if Kind.SYMBOL not in (was.kind, now.kind) or was.symbol == now.symbol:
            return Fit()
        before, after = callables_of(self._project, was), callables_of(self._project, now)
        if before is None or after is None:
            return Fit(self._lost(now) if before is not None and after is None else "")
        call = self.call_at(path, reference) if reference.call else None
        if before.members or was.end.how == "class":
            return self._fit_of_class(path, was, before, after, call)
        if before.own is None or after.own is None:
            return Fit()
        rename = self._renames(was.symbol).get(was.symbol.leaf)
        if call is not None:
            found = self._fit_of_call(call, before, after, rename)
            return found if found.why else Fit(self._result_rejected(path, was, now), found.awaits)
        told = next(iter(differences(before.own, after.own)), "")
        if not told or (not reference.call and self._is_provider(path, reference)):
            return Fit()
        where = (
            "is not called here" if not reference.call else "is called in a way that is not read"
        )
        return Fit(f"{told}, and it {where}")

    def call_at(self, path: str, reference: Reference) -> Call | None:
        """The call of a reference."""
        if path not in self._calls:
            facts = self.values.facts(path)
            self._calls[path] = {
                (c.line, c.column, c.callee_end_line, c.callee_end_column): c
                for c in (facts.calls if facts is not None else ())
            }
        key = (reference.line, reference.column, reference.end_line, reference.end_column)
        return self._calls[path].get(key)

    def member_rejection(self, path: str, old: SymbolPath, new: SymbolPath) -> str:
        """Say which use of an instance, proven to be of `old`, the class `new` has no place for.

        Only uses in the file at `path` count; an empty string if there is none.
        """
        was, now = self._project.resolver.path(old), self._project.resolver.path(new)
        before, after = callables_of(self._project, was), callables_of(self._project, now)
        if before is None or after is None or self._is_open(now):
            return ""
        renames = self._renames(was.symbol)
        facts = self.values.facts(path)
        for call in facts.calls if facts is not None else ():
            if call.receiver < 0 or path == was.end.path:
                continue
            things = self.values.of(path, call.receiver)
            if any(t.kind == "instance" and t.symbol == was.symbol for t in things):
                why = member_rejected(call, before, after, renames.get(call.name))
                if why:
                    return f"line {call.line} calls `{call.name}` on it: {why}"
        return ""

    def constructor_rename(self, path: str, reference: Reference) -> MethodRename | None:
        """What the registry does to calls of the class that a reference names."""
        facts = self._project.facts(path)
        if facts is None:
            return None
        statement = facts.imports[reference.imported]
        found = self._project.resolver.reference(path, statement, reference.path)
        return self._renames(found.symbol).get(_CONSTRUCTOR) if found.end.how == "class" else None

    # Parts of the judgement

    def _definitions(
        self, path: str, reference: Reference, old: SymbolPath, new: SymbolPath
    ) -> tuple[Resolution, Resolution]:
        """Both definitions; of a chain that goes on behind the moved name, what it ends at."""
        resolver, facts = self._project.resolver, self._project.facts(path)
        was = resolver.path(old)
        if facts is not None:
            whole = resolver.reference(path, facts.imports[reference.imported], reference.path)
            rest = whole.symbol.dotted.removeprefix(f"{was.symbol.dotted}.")
            if whole.kind is Kind.SYMBOL and was.symbol.name and rest != whole.symbol.dotted:
                rename = self._renames(was.symbol).get(rest)
                leaf = rename.to if rename is not None else rest
                return whole, resolver.path(new.child(leaf))
        return was, resolver.path(new)

    def _fit_of_class(
        self,
        path: str,
        was: Resolution,
        before: Callables,
        after: Callables,
        call: Call | None,
    ) -> Fit:
        rename = self._renames(was.symbol).get(_CONSTRUCTOR)
        if call is not None and after.own is not None:
            found = self._fit_of_call(call, before, after, rename)
            if found.why:
                return found
        return Fit(self.member_rejection(path, before.symbol, after.symbol))

    def _lost(self, now: Resolution) -> str:
        """What a class lacks that is to be found in it."""
        holder, _, name = now.symbol.name.rpartition(".")
        if not holder:
            return ""
        home = self._project.resolver.path(SymbolPath(now.symbol.module, holder))
        return "" if self._is_open(home) else f"`{holder}` has no `{name}`"

    def _result_rejected(self, path: str, was: Resolution, now: Resolution) -> str:
        """Say which use of what a function returns the other function's result has no place for."""
        old, new = self._result_class(was), self._result_class(now)
        if old is None or new is None or old == new:
            return ""
        return self.member_rejection(path, old, new)

    def _result_class(self, found: Resolution) -> SymbolPath | None:
        """The one class of which a function returns an instance."""
        things = self.values.result(found.end.path, found.symbol.name, found.end.line)
        while are(things, "gives"):
            things = tuple(inner for thing in things for inner in thing.of)
        is_one = len(things) == 1 and things[0].kind == "instance"
        return things[0].symbol if is_one else None

    def _fit_of_call(
        self, call: Call, before: Callables, after: Callables, rename: MethodRename | None
    ) -> Fit:
        if after.own is None:
            return Fit()
        own = self._passing_on(before)
        if rename is None:
            return fit(call, own, after.own)
        changed = rewritten(call, rename)
        if isinstance(changed, str):
            return Fit(changed)
        return fit(changed, legacy(own, rename), after.own)

    def _passing_on(self, before: Callables) -> Signature | None:
        """A plain function that passes on a coroutine gives one to its callers too."""
        own = before.own
        if own is None or own.returns != "value":
            return own
        path = self._project.modules.path_of(before.symbol.module)
        if path is None or "." in before.symbol.name:
            return own
        result = self.values.result(path, before.symbol.name, before.line)
        if result and all(one.kind == "gives" and one.text == "await" for one in result):
            return type(own)(own.parameters, "awaitable")
        return own

    def _renames(self, symbol: SymbolPath) -> Mapping[str, MethodRename]:
        """What the registry does to calls of a deprecated class's methods, by legacy name."""
        match = self._project.deprecations.match(symbol)
        concept = self._project.concept(match.replacement.concept) if match else None
        return {rename.from_: rename for rename in (concept.methods if concept else ())}

    def _is_provider(self, path: str, reference: Reference) -> bool:
        """Whether a function is handed to FastAPI, which calls and awaits it as it needs."""
        facts = self.values.facts(path)
        at = (reference.line, reference.column)
        return any(
            call.name in _PROVIDERS
            and (call.line, call.column) <= at < (call.end_line, call.end_column)
            for call in (facts.calls if facts is not None else ())
        )

    def _is_open(self, found: Resolution) -> bool:
        """Whether a class may have members that cannot be read."""
        things = self.values.defined(found.end.path, found.symbol.name, found.end.line)
        return things[0].kind != "class" or self.values.descent.is_open(things[0])


def check_calls(project: Project, path: str, proof: CallProof | None = None) -> Iterator[Left]:
    """Yield the references of a file that lead to a deprecated name and must not be moved.

    Args:
        project: The tree.
        path: The file.
        proof: The project's proof, if there is one already.
    """
    asked = proof or CallProof(project)
    for reference, _statement, resolution in project.references(path):
        found = project.deprecations.first(resolution)
        if found is None:
            continue
        why = asked.rejection(path, reference, found[2].found, found[2].canonical)
        if why:
            yield Left(
                line=reference.line,
                column=reference.column,
                why=why,
                cause=mismatch(found[2], Fix.MANUAL),
            )


def mismatch(match: Match, fix: Fix) -> Cause:
    """The cause of what is done about a call that a replacement would not accept as it is."""
    return Cause(
        code=CALL_MISMATCH,
        fix=fix,
        concept=match.replacement.concept,
        symbol=str(match.found),
        canonical=str(match.canonical),
    )


def member_rejected(
    call: Call, before: Callables, after: Callables, rename: MethodRename | None
) -> str:
    """Say why a call on an instance of one class would be rejected by another; empty if not.

    Args:
        call: The call.
        before: The class that it is made on.
        after: The other class.
        rename: What the registry does to calls of this method.
    """
    name = rename.to if rename is not None else call.name
    old, new = before.members.get(call.name), after.members.get(name)
    if old is None:
        return ""
    if new is None:
        return f"`{after.symbol.name}` has no `{name}`"
    if new.kind not in _CALLED or new.signature is None:
        return f"`{after.symbol.name}.{name}` is read without a call" if old.signature else ""
    if rename is None:
        found = fit(call, old.signature, new.signature)
        return found.why or ("" if found.awaits == "keep" else "its `await` would have to change")
    changed = rewritten(call, rename)
    if isinstance(changed, str):
        return changed
    why = rejected_arguments(changed, legacy(old.signature, rename), new.signature)
    return why or registered_await(call, rename).why
