from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssot_migrate.domain.progress import Point, Tally
from ssot_migrate.usecases.trends.trend import trend_of

DAY = 24 * 3600
START = 1_750_000_000  # 2025-06-15


def point(day: float, findings: int, files: int = 1, missing: int = 0) -> Point:
    tally = Tally(files=files, findings=findings, missing=missing)
    return Point("c", START + int(day * DAY), (), tally)


def test_a_straight_fall_ends_where_its_line_does() -> None:
    trend = trend_of([point(7 * week, 10 - 2 * week) for week in range(4)])
    assert trend is not None
    assert trend.per_week == pytest.approx(-2)
    assert (trend.since, trend.until) == (datetime.date(2025, 6, 15), datetime.date(2025, 7, 6))
    assert trend.ends == datetime.date(2025, 7, 20)


@pytest.mark.parametrize(
    "points",
    [
        [],
        [point(0, 3)],
        [point(0, 3), point(6.9, 1)],
        [point(0, 3), point(0, 2)],
        [point(0, 0, files=0), point(8, 3)],
        [point(0, 3, missing=1), point(8, 2)],
    ],
)
def test_too_little_to_say(points: list[Point]) -> None:
    assert trend_of(points) is None


@pytest.mark.parametrize("values", [(1, 5), (5, 5), (5, 0), (1_000_000, 999_999)])
def test_no_end_is_promised(values: tuple[int, int]) -> None:
    trend = trend_of([point(0, values[0]), point(7, values[1])])
    assert trend is not None
    assert trend.ends is None


@given(st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 10**6)), min_size=2))
def test_an_end_lies_ahead_and_only_of_a_fall(rows: list[tuple[int, int]]) -> None:
    trend = trend_of([point(day, findings) for day, findings in sorted(rows)])
    if trend is not None and trend.ends is not None:
        assert trend.per_week < 0
        assert trend.ends >= trend.until
