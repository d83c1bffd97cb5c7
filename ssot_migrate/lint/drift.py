"""Findings in a text that was edited after they were made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ssot_migrate.domain.finding import Finding


def drifted(
    findings: Iterable[Finding], before: Sequence[str], after: Sequence[str]
) -> Iterator[Finding]:
    """The findings where their lines are now; those whose lines were edited are left out.

    Args:
        findings: Made in the first text.
        before: Its lines.
        after: The lines of the other one.
    """
    least = min(len(before), len(after))
    start = 0
    while start < least and before[start] == after[start]:
        start += 1
    end = 0
    while end < least - start and before[-1 - end] == after[-1 - end]:
        end += 1
    moved_by = len(after) - len(before)
    for one in findings:
        last = max(one.line, one.end_line)
        if last <= start or not before:
            yield one
        elif one.line > len(before) - end:
            yield msgspec.structs.replace(
                one,
                line=one.line + moved_by,
                end_line=one.end_line and one.end_line + moved_by,
            )
