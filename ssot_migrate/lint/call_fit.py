"""Tells whether one call means to a new signature what it meant to the old one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from ssot_migrate.index.call_facts import Call, CallContext
from ssot_migrate.index.facts import Parameter, Signature
from ssot_migrate.lint.signatures import migrated, parameter_differences, return_differences

if TYPE_CHECKING:
    from ssot_migrate.config.model import MethodRename

_VARIADIC = ("*args", "**kwargs")
_AWAITED = int(CallContext.AWAITED)
_ASYNC = int(CallContext.ASYNC)
_UNUSUAL = int(CallContext.DEFERRED | CallContext.FORMATTED)
Awaits = Literal["keep", "add", "drop"]


class Fit(msgspec.Struct, frozen=True):
    """How a call fares.

    Args:
        why: What keeps it from meaning the same, as a sentence; empty if nothing does.
        awaits: What must become of `await`.
    """

    why: str = ""
    awaits: Awaits = "keep"


def fit(call: Call, old: Signature | None, new: Signature) -> Fit:
    """Compare a call, as it is written, with what it reaches now and what it would reach.

    Args:
        call: The call.
        old: The signature that it was written for; None where it is not known.
        new: The signature of what would be called instead.
    """
    why = rejected_arguments(call, old, new)
    return Fit(why) if why else fit_of_await(call, old, new)


def fit_of_await(call: Call, old: Signature | None, new: Signature) -> Fit:
    """Tell what must become of the `await` of a call."""
    is_awaited = bool(call.context & _AWAITED)
    was = old.returns if old is not None else "awaitable" if is_awaited else new.returns
    if was == new.returns or (was == "value" and new.returns == "awaitable" and is_awaited):
        return Fit()
    if was == "value" and new.returns == "awaitable":
        return Fit(await_refused(call), "add")
    if was == "awaitable" and new.returns == "value":
        if is_awaited and not call.context & _UNUSUAL:
            return Fit(awaits="drop")
        return Fit("it must not be awaited, and this call hands it on to be awaited elsewhere")
    return Fit(next(iter(return_differences(Signature((), was), new)), ""))


def registered_await(call: Call, rename: MethodRename) -> Fit:
    """Tell what becomes of the `await` of a call that the registry renames."""
    is_awaited = bool(call.context & _AWAITED)
    if rename.awaits == "add" and not is_awaited:
        return Fit(await_refused(call), "add")
    if rename.awaits == "drop":
        if not is_awaited and rename.from_ != rename.to:
            return Fit("it must not be awaited, and this call hands it on to be awaited elsewhere")
        if is_awaited and call.context & _UNUSUAL:
            return Fit("it must not be awaited, and it stands in an f-string or the like")
        return Fit(awaits="drop" if is_awaited else "keep")
    return Fit()


def await_refused(call: Call) -> str:
    """Why no `await` can be put in front of a call; empty if one can."""
    if not call.context & _ASYNC:
        return "it must be awaited, and the function around it is no coroutine"
    if call.context & int(CallContext.FORMATTED):
        return "it must be awaited, and it stands in an f-string"
    if call.context & _UNUSUAL:
        return "it must be awaited, and it stands in a comprehension or a lambda"
    return ""


def rejected_arguments(call: Call, old: Signature | None, new: Signature) -> str:
    """Say why a signature rejects a call's arguments, or reads them differently.

    Returns:
        A sentence; empty if it accepts them, each as the parameter that it was meant for.
    """
    if call.star or call.double_star:
        if old is None:
            return "what it passes with `*` or `**` cannot be seen"
        told = next(iter(parameter_differences(old, new)), "")
        return f"{told}, and what it passes with `*` or `**` cannot be seen" if told else ""
    given = _given(call, old, new)
    if isinstance(given, str):
        return given
    return next(iter(parameter_differences(given, new)), "")


def is_changed(call: Call, rename: MethodRename) -> bool:
    """Whether a rename has anything to do to a call of the method."""
    keywords = any(rename.keywords.get(name, name) != name for name in call.keywords)
    positionals = bool(rename.positional) and (bool(call.positional) or call.star)
    is_awaited = bool(call.context & _AWAITED)
    awaits = rename.awaits == ("drop" if is_awaited else "add")
    hidden = call.double_star and any(old != new for old, new in rename.keywords.items())
    return rename.from_ != rename.to or keywords or positionals or awaits or hidden


def rewritten(call: Call, rename: MethodRename) -> Call | str:
    """The call as a rename leaves it, or why it cannot be rewritten."""
    keywords = tuple(rename.keywords.get(name, name) for name in call.keywords)
    if call.double_star and any(old != new for old, new in rename.keywords.items()):
        return "keywords change their names, and what it passes with `**` cannot be seen"
    changed = msgspec.structs.replace(call, keywords=keywords)
    if not rename.positional or not (call.positional or call.star):
        return changed
    if call.star:
        return "positionals become keywords, and what it passes with `*` cannot be seen"
    if call.positional > len(rename.positional):
        return f"the registry names {len(rename.positional)} positionals, not {call.positional}"
    names = rename.positional[: call.positional]
    return msgspec.structs.replace(changed, positional=0, keywords=(*names, *keywords))


def keeps_order(call: Call, rename: MethodRename, new: Signature | None) -> bool:
    """Whether the positionals of a call may stay positionals."""
    if new is None:
        return not (rename.positional and call.positional)
    places = [p.name for p in new.parameters if p.kind in ("/", "")]
    given = rename.positional[: call.positional]
    return list(given) == places[: len(given)]


def legacy(signature: Signature | None, rename: MethodRename) -> Signature | None:
    """A legacy signature in the terms of the new one."""
    return None if signature is None else migrated(signature, rename)


def _given(call: Call, old: Signature | None, new: Signature) -> Signature | str:
    """A call as a signature: what it gives, in the way it gives it, and the defaults it takes."""
    places = [p for p in new.parameters if p.kind in ("/", "")]
    names = {p.name: p for p in new.parameters if p.kind not in _VARIADIC}
    meant = [p for p in old.parameters if p.kind in ("/", "")] if old is not None else []
    found: list[Parameter] = []
    for number in range(call.positional):
        now = places[number] if number < len(places) else None
        was = meant[number] if number < len(meant) else now
        if was is None:
            if not any(p.kind == "*args" for p in new.parameters):
                return f"it takes {len(places)} positional arguments, not {call.positional}"
            continue
        # Only where another name waits at its place does it matter how the old one was called.
        is_same = now is None or now.name == was.name or was.kind == "/"
        found.append(Parameter(was.name, "/" if is_same else ""))
    filled = {place.name for place in places[: call.positional]}
    for keyword in call.keywords:
        if keyword in filled:
            return f"'{keyword}' is given twice"
        found.append(Parameter(keyword, "kw"))
    given = {p.name for p in found}
    for parameter in old.parameters if old is not None else ():
        now = names.get(parameter.name)
        if parameter.default and parameter.name not in given | filled and now and now.kind != "/":
            found.append(Parameter(parameter.name, "kw", parameter.default))
    return Signature(tuple(found), "value")
