"""How fast findings come or go, and when none would be left at that rate."""

from __future__ import annotations

import datetime
from statistics import linear_regression
from typing import TYPE_CHECKING

from ssot_migrate.domain.progress import Trend

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ssot_migrate.domain.progress import Point

_WEEK = 7 * 24 * 3600
_LONGEST_WEEKS = 100 * 52


def trend_of(points: Iterable[Point]) -> Trend | None:
    """The slope of the straight line that fits best, by least squares over all comparable points.

    Returns:
        None where they span less than a week.
    """
    known = [point for point in points if point.tally.is_comparable]
    if len(known) < 2 or known[-1].time - known[0].time < _WEEK:
        return None
    weeks = [(point.time - known[0].time) / _WEEK for point in known]
    per_week = linear_regression(weeks, [point.tally.findings for point in known]).slope
    last = known[-1]
    ends = None
    if per_week < 0 < last.tally.findings:
        left = last.tally.findings / -per_week
        if left <= _LONGEST_WEEKS:
            ends = last.date + datetime.timedelta(weeks=left)
    return Trend(
        per_week=per_week, points=len(known), since=known[0].date, until=last.date, ends=ends
    )
