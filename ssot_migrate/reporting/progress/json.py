"""The same numbers for scripts; names are exact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.reporting.progress.words import METHOD
from ssot_migrate.reporting.sanitize import encodable, visible
from ssot_migrate.reporting.wire import versioned_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssot_migrate.domain.progress import Point, Progress, Trend


def render(report: Progress) -> str:
    """Write the report as one JSON object."""
    return versioned_json(
        {
            "registry": encodable(report.registry) or None,
            "registry_of": "today",
            "rules": dict(report.rules),
            "points": list(map(_point, report.points)),
            "trend": None if report.trend is None else _trend(report.trend),
            "work": {
                "revisions": report.work.revisions,
                "remembered": report.work.remembered,
                "contents": report.work.contents,
                "parsed": report.work.parsed,
            },
            "notes": list(map(visible, report.notes)),
        }
    )


def _point(point: Point) -> dict[str, object]:
    tally = point.tally
    return {
        "commit": point.commit,
        "time": point.time,
        "date": str(point.date),
        "tags": list(map(encodable, point.tags)),
        "files": tally.files,
        "findings": tally.findings,
        "suppressed": tally.suppressed,
        "by_rule": _exact(tally.by_rule),
        "by_concept": _exact(tally.by_concept),
        "by_owner": _exact(tally.by_owner),
        "missing": tally.missing,
        "no_roots": list(map(encodable, tally.no_roots)),
        "comparable": tally.is_comparable,
    }


def _trend(trend: Trend) -> dict[str, object]:
    return {
        "per_week": round(trend.per_week, 3),
        "method": METHOD,
        "points": trend.points,
        "since": str(trend.since),
        "until": str(trend.until),
        "ends": None if trend.ends is None else str(trend.ends),
    }


def _exact(counts: Mapping[str, int]) -> dict[str, int]:
    return {encodable(name): count for name, count in counts.items()}
