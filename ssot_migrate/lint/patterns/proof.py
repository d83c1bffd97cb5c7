"""Proves that a call is one that a pattern of the registry means, and that it may be replaced."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from ssot_migrate.config.call_patterns import anchor, identifies
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.index.origins import leaf, shown
from ssot_migrate.lint.patterns.in_scope import in_scope
from ssot_migrate.lint.patterns.results import none_tested
from ssot_migrate.lint.receivers import Proof
from ssot_migrate.lint.things import Thing, Things, are, what_is_missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssot_migrate.config.call_patterns import Pattern
    from ssot_migrate.config.model import CallPattern, Metavariable
    from ssot_migrate.index.scopes import Scope
    from ssot_migrate.lint.patterns.matching import Bindings
    from ssot_migrate.lint.patterns.targets import Targets
    from ssot_migrate.lint.patterns.view import View
    from ssot_migrate.lint.values import Values

_LITERALS = {"str": "string", "int": "whole number", "none": "None", "any": "constant"}


class Candidate(NamedTuple):
    """A call whose syntax a pattern matches.

    Args:
        entry: The registry's entry.
        pattern: Its `match`.
        call: The call; `scope` is its scope.
        bindings: What the metavariables stand for.
    """

    entry: CallPattern
    pattern: Pattern
    call: ast.Call
    scope: Scope
    bindings: Bindings


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What is proven of a call.

    Args:
        why: What stands against replacing it, as a sentence; empty if nothing does.
        is_certain: Whether it is surely a call that the pattern means.
        symbol: What is called; what the entry names, where that cannot be told.
        shown: How the code calls that, or what it is called on.
        chain: The places that prove it, as `path:line`.
        names: What metavariables that are found in scope stand for.
    """

    why: str = ""
    is_certain: bool = True
    symbol: str = ""
    shown: str = ""
    chain: tuple[str, ...] = ()
    names: dict[str, str] = {}


class _Other(Exception):  # noqa: N818 - a verdict, not an error
    """The call is none that the pattern means."""


class _Against(Exception):  # noqa: N818 - a verdict, not an error
    """Something stands against replacing the call: at worst, it is none that the pattern means."""

    def __init__(self, why: str, *, is_certain: bool = False) -> None:
        super().__init__(why)
        self.is_certain = is_certain


class PatternProof:
    """Judges candidates.

    Args:
        targets: Compares things with the registry's symbols.
    """

    def __init__(self, targets: Targets) -> None:
        self._targets = targets

    def judge(self, view: View, candidate: Candidate) -> Verdict | None:
        """What is proven of a candidate; None if it is another call."""
        if self._is_inside(view, candidate.entry.function.is_not, candidate.scope):
            return None
        known_by = anchor(candidate.pattern, candidate.entry)
        symbol = self._named(candidate.entry.where[known_by])
        verdict = Verdict(symbol=_called(symbol, candidate), shown=_label(candidate, known_by))
        if not _reads_right(candidate):
            return None
        names: dict[str, str] = {}
        whys = list(self._doubts(view, candidate, names))
        verdict = msgspec.structs.replace(verdict, names=names)
        try:
            for name, things, wanted in self._identities(view, candidate):
                found = self._identified(name, things, wanted, candidate)
                if name == known_by:
                    verdict = msgspec.structs.replace(
                        verdict,
                        symbol=_called(found or symbol, candidate),
                        chain=Proof(things).chain,
                    )
        except _Other:
            return None
        except _Against as against:
            return msgspec.structs.replace(verdict, why=str(against), is_certain=against.is_certain)
        return msgspec.structs.replace(verdict, why=whys[0] if whys else "")

    def classes_below(self, values: Values, path: str, texts: Sequence[str]) -> Iterator[Thing]:
        """The classes that a file defines below some others."""
        facts = values.facts(path)
        for fact in facts.classes if facts is not None else ():
            for thing in values.defined(path, fact.name, fact.line):
                if thing.kind == "class" and self._targets.holder(thing, texts) is not None:
                    yield thing

    def may_mean(self, things: Things, wanted: Metavariable) -> bool:
        """Whether a value that can be told is what a metavariable stands for, or may be."""
        paths = (*wanted.type, *wanted.subclass_of)
        return any(
            self._is_meant(one, wanted) or self._targets.is_base_of(one, paths) for one in things
        )

    def _named(self, wanted: Metavariable) -> SymbolPath:
        """What an entry names first."""
        return self._targets.symbol(
            (*wanted.type, *wanted.is_, *wanted.subclass_of, *wanted.made_by)[0]
        )

    # Is it this call?

    def _identities(
        self, view: View, candidate: Candidate
    ) -> Iterator[tuple[str, Things, Metavariable]]:
        for name, wanted in candidate.entry.where.items():
            for node in candidate.bindings.get(name, ()):
                value = node.value if isinstance(node, ast.keyword) else node
                if wanted.made_by and self._is_made(view, value, candidate.scope, wanted.made_by):
                    continue
                if wanted.type or wanted.is_ or wanted.subclass_of or wanted.made_by:
                    yield name, view.things(value, candidate.scope), wanted

    def _is_made(self, view: View, node: ast.expr, scope: Scope, makers: Sequence[str]) -> bool:
        """Whether a value is surely what calling one of some functions has returned."""
        number = view.scene.origin(node, scope)
        view.values.look_into(view.path, view.scene.facts)
        origins = view.scene.facts.origins
        values = dict(view.scene.facts.values)
        if origins[number].kind == "own" and origins[number].name in values:
            number = values[origins[number].name]
        if origins[number].kind != "call":
            return False
        things = view.values.of(view.path, origins[number].of[0])
        return all(self._targets.is_one_of(one, makers) for one in things)

    def _identified(
        self, name: str, things: Things, wanted: Metavariable, candidate: Candidate
    ) -> SymbolPath | None:
        """The symbol of what a metavariable stands for.

        Raises:
            _Other: It stands for something else.
            _Against: It may.
        """
        label = _label(candidate, name)
        why = what_is_missing(things)
        if why:
            raise _Against(_about(label, why))
        if not self.may_mean(things, wanted):
            raise _Other
        verdicts = [self._is_meant(one, wanted) for one in things]
        if not any(verdicts):
            raise _Against(f"`{label}` is only known as `{things[0].symbol.name}`")
        if not all(verdicts):
            raise _Against(f"`{label}` may be something else", is_certain=True)
        if are(things, "mock"):
            raise _Against(f"`{label}` is a test double", is_certain=True)
        holder = self._targets.holder(things[0], (*wanted.type, *wanted.subclass_of))
        if holder is not None and candidate.pattern.method and name == candidate.pattern.callee:
            self._check_override(things[0], holder, candidate.pattern.method)
        if wanted.named and not _is_named(things[0].symbol.leaf, wanted.named):
            raise _Other
        if wanted.subclass_of and things[0].kind == "class":
            return things[0].symbol
        return _symbol(holder or things[0])

    def _is_meant(self, thing: Thing, wanted: Metavariable) -> bool:
        if thing.kind == "mock":
            return any(self._is_meant(one, wanted) for one in thing.of)
        is_instance = thing.kind in ("instance", "foreign")
        if wanted.type:
            return is_instance and self._targets.holder(thing, wanted.type) is not None
        if wanted.subclass_of:
            is_class = thing.kind == "class"
            return is_class and self._targets.holder(thing, wanted.subclass_of) is not None
        return self._targets.is_one_of(thing, wanted.is_)

    def _check_override(self, thing: Thing, holder: Thing, method: str) -> None:
        for one in self._targets.line(thing):
            if one.symbol == holder.symbol:
                return
            if self._targets.has_own(one, method):
                raise _Against(f"`{one.symbol.name}` overrides `{method}`", is_certain=True)

    def _is_inside(self, view: View, paths: Sequence[str], scope: Scope) -> bool:
        module = view.values.project.modules.name_of(view.path)
        place = f"{module}.{scope.name}." if scope.name else f"{module}."
        return any(place.startswith(f"{SymbolPath.parse(one).dotted}.") for one in paths)

    # May it be replaced?

    def _doubts(self, view: View, candidate: Candidate, names: dict[str, str]) -> Iterator[str]:
        """What stands against it; fills in the names that are in scope."""
        entry, call, scope = candidate.entry, candidate.call, candidate.scope
        for name, wanted in entry.where.items():
            yield from self._argument_doubts(view, candidate, name)
            if wanted.in_scope:
                found = in_scope(view, call, scope, self._targets, wanted.in_scope)
                if found.why:
                    yield found.why
                needed = self._targets.symbol(wanted.in_scope[-1]).leaf
                names[name] = found.name or f"<{needed}>"
        yield from self._function_doubts(view, candidate)
        if entry.result.none_tested is False:
            parent = next(view.scene.around(call))
            value = parent if isinstance(parent, ast.Await) else call
            if why := none_tested(view, value, scope):
                yield why

    def _argument_doubts(self, view: View, candidate: Candidate, name: str) -> Iterator[str]:
        """What an argument is not, and must be."""
        wanted = candidate.entry.where[name]
        for node in candidate.bindings.get(name, ()):
            value = node.value if isinstance(node, ast.keyword) else node
            if wanted.literal and not _is_literal(value, wanted.literal):
                yield f"`{_label(candidate, name)}` is no {_LITERALS[wanted.literal]}"
            if wanted.kind and not are(view.things(value, candidate.scope), wanted.kind):
                yield f"`{_label(candidate, name)}` cannot be told to be a class"
            is_free = not wanted.named or identifies(wanted)
            if not is_free and not _is_named(_own_name(value), wanted.named):
                label = view.scene.source(value)
                yield f"`{label}` is none of the names that {name!r} may have"

    def _function_doubts(self, view: View, candidate: Candidate) -> Iterator[str]:
        wanted = candidate.entry.function
        routines = [routine for _, routine in view.scene.routines(candidate.scope)]
        if wanted.async_ is not None:
            is_async = bool(routines) and isinstance(routines[0].node, ast.AsyncFunctionDef)
            if is_async is not wanted.async_:
                yield f"the function around it is {'a' if is_async else 'no'} coroutine"
        if wanted.class_derives_from:
            holders = [one.holder_name for one in routines if one.holder_name]
            things = view.values.defined(view.path, holders[0]) if holders else ()
            if not any(self._targets.holder(one, wanted.class_derives_from) for one in things):
                shown_ = " or ".join(
                    f"`{self._targets.symbol(one).leaf}`" for one in wanted.class_derives_from
                )
                yield f"it is in no class below {shown_}"


def _reads_right(candidate: Candidate) -> bool:
    """Whether the strings of a call read as they must."""
    for name, wanted in candidate.entry.where.items():
        if wanted.text:
            nodes = candidate.bindings.get(name, ())
            if not any(_reads_like(node, wanted.text) for node in nodes):
                return False
    return True


def _reads_like(node: ast.AST, texts: Sequence[str]) -> bool:
    """Whether a string reads like a pattern; what an f-string fills in reads like anything."""
    value = node.value if isinstance(node, ast.keyword) else node
    parts = value.values if isinstance(value, ast.JoinedStr) else [value]
    read = ""
    for part in parts:
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            read += part.value
        elif isinstance(part, ast.FormattedValue):
            read += "{}"
        else:
            return False
    return _is_named(read, texts)


def _is_named(name: str, patterns: Sequence[str]) -> bool:
    """Whether a text is one of some, in which `*` stands for any characters."""
    return any(
        re.fullmatch(".*".join(map(re.escape, one.split("*"))), name, re.DOTALL) for one in patterns
    )


def _own_name(node: ast.AST) -> str:
    """The last name of a name or a chain of attributes; empty for anything else."""
    return leaf(node) if isinstance(node, (ast.Name, ast.Attribute)) else ""


def _called(symbol: SymbolPath, candidate: Candidate) -> str:
    pattern, entry = candidate.pattern, candidate.entry
    name = anchor(pattern, entry)
    method = pattern.method if name == pattern.callee and not entry.where[name].made_by else ""
    return str(symbol.child(method) if method else symbol)


def _label(candidate: Candidate, name: str) -> str:
    (node, *_) = candidate.bindings[name]
    return shown(node.value if isinstance(node, ast.keyword) else node)


def _about(label: str, why: str) -> str:
    return why if label in why else f"`{label}`: {why}"


def _symbol(thing: Thing) -> SymbolPath | None:
    if thing.kind == "mock":
        return _symbol(thing.of[0]) if thing.of else None
    if thing.symbol.module:
        return thing.symbol
    module, _, name = thing.text.rpartition(".")
    return SymbolPath(module, name) if module else None


def _is_literal(node: ast.AST, kind: str) -> bool:
    if isinstance(node, ast.keyword):
        node = node.value
    if not isinstance(node, ast.Constant):
        return False
    value = node.value
    if kind == "none":
        return value is None
    if kind == "any":
        return True
    return type(value) is {"str": str, "int": int}[kind]
