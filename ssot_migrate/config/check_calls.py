"""Finds what contradicts itself in the call patterns of a registry."""

from __future__ import annotations

import ast
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from ssot_migrate.config.call_patterns import (
    Pattern,
    PatternError,
    anchor,
    identifies,
    is_rest,
    metavariable,
    read_pattern,
)
from ssot_migrate.domain.symbol import SymbolPath

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssot_migrate.config.locate import Key
    from ssot_migrate.config.model import CallPattern, Metavariable
    from ssot_migrate.config.settings import Settings
    from ssot_migrate.domain.errors import ConfigProblem

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_HEADS = {("assignment", "with"), ("with", "assignment"), ("expression", "expression")}


def check_calls(settings: Settings) -> Iterator[ConfigProblem]:
    """Yield every contradiction of the registry's call patterns."""
    first: dict[str, Key] = {}
    for index, entry in enumerate(settings.registry.calls):
        base: Key = ("calls", index)
        if entry.name in first:
            place = settings.place((*first[entry.name], "name"))
            message = f"{entry.name!r} is also the pattern at {place}"
            yield settings.problem((*base, "name"), message)
        first.setdefault(entry.name, base)
        if not _NAME.fullmatch(entry.name):
            message = f"{entry.name!r} is not in kebab-case, such as 'shared-session'"
            yield settings.problem((*base, "name"), message)
        if entry.enabled:
            known = [concept.name for concept in settings.registry.concepts]
            for key, message in (*_mistakes(entry), *_concept_mistakes(entry, known)):
                yield settings.problem((*base, *key), message)


def _mistakes(entry: CallPattern) -> Iterator[tuple[Key, str]]:
    if not entry.match:
        yield (), "the key 'match' is missing"
        return
    try:
        match = read_pattern(entry.match)
    except PatternError as error:
        yield ("match",), str(error)
        return
    yield from _match_mistakes(match, entry)
    yield from _where_mistakes(match, entry)
    yield from _path_mistakes(entry)
    yield from _other_mistakes(match, entry)
    if not entry.replace:
        if entry.plan and entry.safety == "manual":
            return
        if entry.safety != "manual":
            yield (), "without 'replace' nothing can be edited: write safety = \"manual\""
        return
    try:
        replace = read_pattern(entry.replace)
    except PatternError as error:
        yield ("replace",), str(error)
        return
    yield from _replace_mistakes(match, replace, entry)


def _match_mistakes(match: Pattern, entry: CallPattern) -> Iterator[tuple[Key, str]]:
    key: Key = ("match",)
    call = match.call
    if call is None:
        yield key, f"{entry.match!r} is no call"
        return
    if isinstance(call.func, ast.Name) and not match.callee:
        name = call.func.id
        yield (
            key,
            f"a name says nothing of what it is bound to: write '${name}(...)'"
            f" and where.'${name}' = {{ is = [\"package.module:{name}\"] }}",
        )
    elif not match.method and not match.callee:
        yield key, "what is called must be a metavariable, or a method of something"
    calls = [one for one in ast.walk(match.node) if isinstance(one, ast.Call)]
    rests = [one for each in calls for one in each.args if is_rest(one)]
    last = [each.args[-1] for each in calls if each.args]
    if len(rests) < sum(is_rest(one) for one in ast.walk(match.node)):
        yield key, "`$$$` stands for further arguments of a call"
    elif any(one not in last for one in rests):
        yield key, "`$$$` must be the last positional, and stand there once"
    if any(one.arg is None for one in call.keywords):
        yield key, "`**` cannot be matched: write `$$$`"
    if match.callee and not anchor(match, entry):
        yield (
            key,
            f"nothing says what {match.callee!r} is:"
            f" write where.'{match.callee}' = {{ type = [...] }}, or `is`, `subclass-of`,"
            " or `concept`",
        )
    elif not match.callee and match.method:
        yield key, f"`.{match.method}` must be called on a metavariable"


def _where_mistakes(match: Pattern, entry: CallPattern) -> Iterator[tuple[Key, str]]:
    for name, wanted in entry.where.items():
        key: Key = ("where", name)
        if name not in match.metavariables and not _is_found(wanted):
            known = ", ".join(match.metavariables) or "none"
            yield key, f"'match' has no {name!r}; it has: {known}"
        elif name in match.metavariables and _is_in_scope(wanted):
            yield (*key, "in-scope"), f"'match' has {name!r}: `in-scope` finds what is not there"
        if not _says_something(wanted):
            yield (
                key,
                "says nothing: write `type`, `is`, `subclass-of`, `literal`, `in-scope`,"
                " or `concept`",
            )


def _says_something(wanted: Metavariable) -> bool:
    return identifies(wanted) or bool(
        wanted.literal
        or wanted.in_scope
        or wanted.concept
        or wanted.named
        or wanted.text
        or wanted.kind
    )


def _is_in_scope(wanted: Metavariable) -> bool:
    return bool(wanted.in_scope) or (wanted.concept is not None and wanted.as_ == "in-scope")


def _is_found(wanted: Metavariable) -> bool:
    """Whether it stands for what is not in `match`."""
    return _is_in_scope(wanted) or bool(wanted.handed_to)


def _concept_mistakes(entry: CallPattern, known: Sequence[str]) -> Iterator[tuple[Key, str]]:
    asked: list[tuple[Key, str]] = [
        (("where", name, "concept"), wanted.concept)
        for name, wanted in entry.where.items()
        if wanted.concept is not None
    ]
    asked += [
        (("function", "is-not-concepts", number), name)
        for number, name in enumerate(entry.function.is_not_concepts)
    ]
    for key, name in asked:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"; did you mean {near[0]!r}?" if near else "; add it to [[concepts]]"
            yield key, f"there is no concept {name!r}{hint}"
    for name, wanted in entry.where.items():
        if wanted.handed_to and not wanted.concept:
            for number, text in enumerate(wanted.handed_to):
                if ":" not in text or "." not in text.rpartition(":")[2]:
                    yield (
                        ("where", name, "handed-to", number),
                        f"{text!r} is no method: write 'package.module:Class.method'",
                    )


def _path_mistakes(entry: CallPattern) -> Iterator[tuple[Key, str]]:
    paths: list[tuple[Key, tuple[str, ...]]] = [
        (("imports",), entry.imports),
        (("function", "class-derives-from"), entry.function.class_derives_from),
        (("function", "is-not"), entry.function.is_not),
    ]
    for name, wanted in entry.where.items():
        paths += [
            (("where", name, "type"), wanted.type),
            (("where", name, "is"), wanted.is_),
            (("where", name, "made-by"), wanted.made_by),
            (("where", name, "subclass-of"), wanted.subclass_of),
            (("where", name, "in-scope"), wanted.in_scope),
        ]
    for key, several in paths:
        for number, text in enumerate(several):
            try:
                path = SymbolPath.parse(text)
            except ValueError as error:
                yield (*key, number), str(error)
            else:
                if key == ("imports",) and (not path.name or "." in path.name):
                    yield (*key, number), f"{text!r} is no 'package.module:name'"


def _other_mistakes(match: Pattern, entry: CallPattern) -> Iterator[tuple[Key, str]]:
    for number, name in enumerate(entry.parameters):
        if not name.isidentifier():
            yield ("parameters", number), f"{name!r} is no name of a parameter"
    if entry.plan and entry.replace:
        yield ("plan",), "a plan is for a person, where nothing replaces a call: drop 'replace'"
    if entry.body.never_calls and match.kind == "expression":
        yield (
            ("body", "never-calls"),
            "a call has no suite: 'match' or 'replace' must be the head of a `with`",
        )


def _replace_mistakes(
    match: Pattern, replace: Pattern, entry: CallPattern
) -> Iterator[tuple[Key, str]]:
    key: Key = ("replace",)
    if (match.kind, replace.kind) not in _HEADS:
        yield (
            key,
            "an expression replaces an expression, a `with` an assignment,"
            " and an assignment a `with`",
        )
    if match.kind != "expression" and match.target != replace.target:
        yield key, f"it must bind {match.target!r}, as 'match' does"
    found = {name for name, wanted in entry.where.items() if _is_in_scope(wanted)}
    for name in replace.metavariables:
        if name not in match.metavariables and name not in found:
            yield key, f"{name!r} is not in 'match', and no where.{name!r} finds it in scope"
    for name in sorted(match.rests - {"$"}):
        if name in replace.metavariables and name not in replace.rests:
            yield key, f"{name!r} stands for several arguments: write `$${name}`"
    for name in sorted(replace.rests - match.rests):
        yield key, f"{name!r} is one expression: write `{name}`"
    for one in ast.walk(replace.node):
        if isinstance(one, ast.Name) and not metavariable(one) and not _is_bound(one.id, entry):
            yield (
                key,
                f'nothing binds `{one.id}`: write imports = ["package.module:{one.id}"]',
            )
    if repeats(match, replace):
        yield key, "'match' would match it again"


def _is_bound(name: str, entry: CallPattern) -> bool:
    import builtins

    bound = {path.rpartition(":")[2] for path in entry.imports}
    return name in bound or name in ("self", "cls") or hasattr(builtins, name)


def repeats(match: Pattern, replace: Pattern) -> bool:
    """Whether a replacement surely has a call that its own pattern matches."""
    call = match.call
    for one in ast.walk(replace.node):
        if (
            isinstance(one, ast.Call)
            and call is not None
            and ast.dump(one.func) == ast.dump(call.func)
            and ast.dump(one) != ast.dump(call)
            and _accepts(call, one)
        ):
            return True
    return call is not None and match.kind == replace.kind and match.code == replace.code


def _accepts(wanted: ast.AST, given: ast.AST) -> bool:
    """Whether one part of a pattern would match another one."""
    if metavariable(wanted):
        return True
    if type(wanted) is not type(given):
        return False
    if not isinstance(wanted, ast.Call) or not isinstance(given, ast.Call):
        return ast.dump(wanted) == ast.dump(given)
    positionals = [one for one in wanted.args if not is_rest(one)]
    keywords = {one.arg: one.value for one in given.keywords}
    has_rest = len(positionals) < len(wanted.args)
    counts = len(given.args) - len(positionals), len(keywords) - len(wanted.keywords)
    if min(counts) < 0 or (not has_rest and max(counts) > 0):
        return False
    pairs = [
        *zip(positionals, given.args, strict=False),
        *((one.value, keywords.get(one.arg)) for one in wanted.keywords),
    ]
    return _accepts(wanted.func, given.func) and all(
        other is not None and _accepts(one, other) for one, other in pairs
    )
