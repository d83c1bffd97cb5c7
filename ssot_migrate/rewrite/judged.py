"""What patterns make of a call: changes, or why it is left to a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.config.model import CallPattern
from ssot_migrate.domain.finding import Fix, Span
from ssot_migrate.domain.outcome import Cause, Left
from ssot_migrate.rewrite.decisions import AddImport, ReplaceCode, Shift

if TYPE_CHECKING:
    from collections.abc import Iterable


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """What is to become of one call.

    Args:
        entry: The registry's entry that speaks of it.
        span: Where it stands.
        scope: Qualified name of the function or class around it.
        decisions: The changes; empty if it is left to a person.
        left: Why it is, then.
        code: What it is to become, as text; empty where that cannot be said.
        chain: The places that prove what is called.
        is_without: Whether it lacks a value that must be in scope.
    """

    entry: CallPattern
    span: Span
    scope: str
    decisions: tuple[ReplaceCode | AddImport, ...] = ()
    left: Left | None = None
    code: str = ""
    chain: tuple[str, ...] = ()
    is_without: bool = False

    @property
    def shift(self) -> Shift | None:
        """The lines that go into a suite with it."""
        shifts = (one.shift for one in self.decisions if isinstance(one, ReplaceCode))
        return next((one for one in shifts if one is not None and one.is_deeper), None)


def left_instead(judged: Judged, why: str, cause: Cause) -> Judged:
    """A call that is left to a person, with the code to write."""
    told = f"{why}; the code to write: {judged.code}" if judged.code else why
    manual = msgspec.structs.replace(cause, fix=Fix.MANUAL)
    left = Left(line=judged.span.line, column=judged.span.column, why=told, cause=manual)
    return msgspec.structs.replace(judged, decisions=(), left=left)


def without_overlaps(several: Iterable[Judged]) -> tuple[Judged, ...]:
    """The same, but for suites that would reach out of the one that they start in."""
    found: list[Judged] = []
    for one in several:
        shift = one.shift
        host = next(
            (
                other
                for other in found
                if shift is not None
                and other.shift is not None
                and other.shift.first <= shift.first <= other.shift.last < shift.last
            ),
            None,
        )
        if host is not None:
            why = f"its suite would overlap with that of line {host.span.line}"
            one = left_instead(one, why, one.decisions[0].cause)
        found.append(one)
    return tuple(found)
