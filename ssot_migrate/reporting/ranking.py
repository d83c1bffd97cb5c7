"""Chooses findings where a format has no room for all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssot_migrate.domain.finding import Finding


def most_severe(findings: Sequence[Finding], room: int) -> list[Finding]:
    """As many of the findings as there is room for, in their order."""
    if len(findings) <= room:
        return list(findings)
    ranks = list(Severity)
    by_severity = sorted(range(len(findings)), key=lambda i: ranks.index(findings[i].severity))
    return [findings[index] for index in sorted(by_severity[:room])]
