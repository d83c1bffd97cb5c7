"""Where findings over time stand in a picture."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from ssot_migrate.domain.progress import Point, Progress, Tally, Trend, Work
from ssot_migrate.reporting.page.chart import Chart, chart_of
from ssot_migrate.reporting.progress import json
from ssot_migrate.usecases.trends.progress_file import read_progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

DAY = 86_400
START = 1_750_000_000
moments = st.integers(START, START + 4_000 * DAY)
histories = st.lists(st.tuples(moments, st.integers(0, 1_000_000)), min_size=1, max_size=40)


def progress(counts: Sequence[tuple[int, int]], ends: datetime.date | None = None) -> Progress:
    points = [Point("c" * 40, time, (), Tally(files=1, findings=n)) for time, n in counts]
    days = (points[0].date, points[-1].date)
    trend = Trend(per_week=-1.5, points=len(points), since=days[0], until=days[1], ends=ends)
    return Progress(
        points=tuple(points), registry="", rules={}, trend=trend, work=Work(len(points))
    )


def places(text: str) -> list[tuple[float, float]]:
    pairs = (part.split(",") for part in text.split())
    return [(float(x), float(y)) for x, y in pairs]


def in_picture(chart: Chart, x: float, y: float) -> bool:
    return chart.left <= x <= chart.width and 0 <= y <= chart.height


@given(histories, st.none() | st.dates(datetime.date(2025, 1, 1), datetime.date(2060, 1, 1)))
def test_everything_stands_in_the_picture(
    counts: list[tuple[int, int]], ends: datetime.date | None
) -> None:
    chart = chart_of(progress(counts, ends))
    drawn = [*places(chart.line), *places(chart.area), *places(chart.outlook)]
    assert all(in_picture(chart, x, y) for x, y in drawn)
    assert [x for x, _ in places(chart.line)] == sorted(x for x, _ in places(chart.line))


@given(histories)
def test_more_findings_stand_higher_and_the_lines_are_few(counts: list[tuple[int, int]]) -> None:
    chart = chart_of(progress(counts))
    height = {value: y for (_, value), y in zip(sorted(counts, key=lambda c: c[0]),
              (y for _, y in places(chart.line)), strict=True)}  # fmt: skip
    ranked = [height[value] for value in sorted(height)]
    assert ranked == sorted(ranked, reverse=True)
    assert 2 <= len(chart.rules) <= 6
    assert chart.rules[-1].label >= max(value for _, value in counts)


def test_the_end_is_drawn_if_it_is_in_sight() -> None:
    counts = [(START, 20), (START + 10 * DAY, 10)]
    near, far = datetime.date(2025, 7, 5), datetime.date(2026, 7, 5)
    assert chart_of(progress(counts, near)).outlook
    assert not chart_of(progress(counts, far)).outlook
    assert not chart_of(progress(counts)).outlook


def test_a_history_survives_its_file(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    file = tmp_path_factory.mktemp("history") / "progress.json"
    told = progress([(START, 3), (START + 30 * DAY, 1)], datetime.date(2026, 1, 1))
    file.write_text(json.render(told), encoding="utf-8")
    assert read_progress(file) == told
