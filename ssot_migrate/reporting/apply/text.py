"""A line a file that changed, and what is left, refused and to be done next."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import Fix
from ssot_migrate.reporting.apply.closing import SAFETY_ROLES, closing_lines, deed, reason
from ssot_migrate.reporting.closing import place
from ssot_migrate.reporting.counted import counted
from ssot_migrate.reporting.paint import draw
from ssot_migrate.reporting.sanitize import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.domain.outcome import ApplyReport, Cause, FileOutcome
    from ssot_migrate.reporting.apply import Manner
    from ssot_migrate.reporting.paint import Line


def render(report: ApplyReport, manner: Manner) -> str:
    """Write what became of the files for a person."""
    return draw(_lines(report, manner), color=manner.color)


def _lines(report: ApplyReport, manner: Manner) -> Iterator[Line]:
    for outcome in report.changed:
        by_fix = Counter(edit.cause.fix for edit in outcome.edits)
        line: Line = [(place(outcome.path), "path"), (": ", "separator")]
        if not outcome.edits or deed(outcome) != "changed":
            line.append((f"to be {deed(outcome)}" if manner.is_dry else deed(outcome), "strong"))
        else:
            line.append((counted(len(outcome.edits), "edit"), ""))
            for fix in (Fix.UNSAFE, Fix.MANUAL):
                if by_fix[fix]:
                    line.append((f", {by_fix[fix]} {fix.value}", SAFETY_ROLES[fix]))
        yield line
        if manner.verbose:
            yield from _edits(outcome)
    yield from closing_lines(report, manner)


def _edits(outcome: FileOutcome) -> Iterator[Line]:
    for edit in outcome.edits:
        yield [
            (f"  {place(outcome.path)}", "path"),
            (f":{edit.line}:{edit.column}: ", "separator"),
            (edit.cause.fix.value, SAFETY_ROLES[edit.cause.fix]),
            (f" {reason(edit.cause)}{_renaming(edit.cause)}", ""),
        ]


def _renaming(cause: Cause) -> str:
    if cause.symbol is None or cause.canonical is None:
        return ""
    return visible(f": {cause.symbol} -> {cause.canonical}")
