"""Builds decisions about calls, and the reasons for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from ssot_migrate.domain.finding import Fix, Span
from ssot_migrate.domain.outcome import Cause, Left
from ssot_migrate.rewrite.decisions import RenameCall

if TYPE_CHECKING:
    from ssot_migrate.config.model import Concept, MethodRename
    from ssot_migrate.domain.symbol import SymbolPath
    from ssot_migrate.index.call_facts import AttributeUse, Call
    from ssot_migrate.lint.call_fit import Awaits
    from ssot_migrate.lint.things import Evidence

RENAMED_METHOD: Final = "SSOT307"
_FIXES = (Fix.SAFE, Fix.UNSAFE, Fix.MANUAL)


def least_safe(*fixes: Fix) -> Fix:
    """The one of several that asks for most care."""
    return max(fixes, key=_FIXES.index)


def cause_of(
    concept: Concept, canonical: SymbolPath, rename: MethodRename, fix: Fix, note: str = ""
) -> Cause:
    """Why a call of a renamed method changes."""
    return Cause(
        code=RENAMED_METHOD,
        fix=fix,
        concept=concept.name,
        symbol=str(canonical.child(rename.from_)),
        canonical=str(canonical.child(rename.to)),
        note=note,
    )


def changed_call(
    call: Call,
    cause: Cause,
    *,
    name: str,
    rename: MethodRename | None = None,
    keeps_order: bool = True,
    awaits: Awaits = "keep",
) -> RenameCall | None:
    """The decision to change a call; None where nothing of it would change.

    Args:
        call: The call.
        cause: Why.
        name: The new last name.
        rename: What the registry does to its arguments.
        keeps_order: Whether positionals stay positionals.
        awaits: What becomes of its `await`.
    """
    keywords = {
        name: rename.keywords[name]
        for name in (call.keywords if rename is not None else ())
        if rename is not None and rename.keywords.get(name, name) != name
    }
    positional = () if keeps_order or rename is None else rename.positional[: call.positional]
    if name == call.name and not keywords and not positional and awaits == "keep":
        return None
    return RenameCall(
        span=Span(call.line, call.column, call.end_line, call.end_column),
        name=name,
        keywords=keywords,
        positional=positional,
        awaits=awaits,
        cause=cause,
    )


def left_at(place: Call | AttributeUse | Evidence, why: str, cause: Cause) -> Left:
    """A place that is left to a person."""
    manual = msgspec.structs.replace(cause, fix=Fix.MANUAL)
    column = getattr(place, "column", 1)
    return Left(line=place.line, column=column, why=why, cause=manual)
