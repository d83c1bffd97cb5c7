"""Where the points, lines and labels of findings over time stand in a picture."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, NamedTuple

from ssot_migrate.reporting.counted import counted
from ssot_migrate.reporting.progress import words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssot_migrate.domain.progress import Progress

_WIDTH, _HEIGHT = 720, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 12, 12, 28
_DAY = 86_400
_STEPS = (1, 2, 5)


class Rule(NamedTuple):
    """A horizontal line, and the number that it stands for."""

    y: float
    label: int


class Mark(NamedTuple):
    """A point of the line and what it says."""

    x: float
    y: float
    label: str


class Tick(NamedTuple):
    """A date below the picture."""

    x: float
    anchor: str
    label: str


class Chart(NamedTuple):
    """A picture; coordinates count from the upper left corner, lines are lists for SVG.

    Attributes:
        text: What it shows, for who does not see it.
        outlook: From the last point to where none would be left; empty without an end.
    """

    width: int
    height: int
    left: int
    text: str
    rules: tuple[Rule, ...]
    area: str
    line: str
    outlook: str
    dots: tuple[Mark, ...]
    ticks: tuple[Tick, ...]


def chart_of(progress: Progress) -> Chart:
    """Draw the findings of a history, and the way to its end if that is in sight."""
    points = sorted(progress.points, key=lambda point: point.time)
    first, last = points[0].time, points[-1].time
    end = _end(progress, first, last)
    scale = _Scale(first, max(last, end or 0), max(point.tally.findings for point in points))
    dots = tuple(
        Mark(
            scale.x(point.time),
            scale.y(point.tally.findings),
            f"{words.label(point)}, {point.date}: {counted(point.tally.findings, 'finding')}",
        )
        for point in points
    )
    places = [(dot.x, dot.y) for dot in dots]
    floor = scale.y(0)
    newest = points[-1].tally.findings
    return Chart(
        width=_WIDTH,
        height=_HEIGHT,
        left=_LEFT,
        text=(
            f"{counted(points[0].tally.findings, 'finding')} on {points[0].date}, "
            f"{newest} on {points[-1].date}; the table below has every revision."
        ),
        rules=tuple(Rule(scale.y(value), value) for value in scale.values()),
        area=_listed([(places[0][0], floor), *places, (places[-1][0], floor)]),
        line=_listed(places),
        outlook="" if end is None else _listed([places[-1], (scale.x(end), floor)]),
        dots=dots,
        ticks=tuple(_ticks(scale, first, last, end)),
    )


class _Scale:
    """Turns times and numbers into places."""

    def __init__(self, first: int, last: int, top: int) -> None:
        self._first, self._span = first, max(1, last - first)
        wide = 1
        while wide * 50 < top:
            wide *= 10
        steps = [step * size for size in (wide // 10 or 1, wide, wide * 10) for step in _STEPS]
        self._step = next(step for step in steps if step * 5 >= top)
        self._top = max(self._step, -(-top // self._step) * self._step)

    def x(self, time: int) -> float:
        return round(_LEFT + (_WIDTH - _LEFT - _RIGHT) * (time - self._first) / self._span, 1)

    def y(self, value: int) -> float:
        return round(_HEIGHT - _BOTTOM - (_HEIGHT - _BOTTOM - _TOP) * value / self._top, 1)

    def values(self) -> range:
        """The numbers that have a line."""
        return range(0, self._top + 1, self._step)


def _end(progress: Progress, first: int, last: int) -> int | None:
    """When none would be left, unless that is further off than twice what is known."""
    trend = progress.trend
    if trend is None or trend.ends is None:
        return None
    noon = datetime.time(12, tzinfo=datetime.timezone.utc)
    end = int(datetime.datetime.combine(trend.ends, noon).timestamp())
    return end if last < end <= last + 2 * max(_DAY, last - first) else None


def _ticks(scale: _Scale, first: int, last: int, end: int | None) -> Iterator[Tick]:
    yield Tick(scale.x(first), "start", _day(first))
    if last - first >= _DAY:
        yield Tick(scale.x(last), "end" if end is None else "middle", _day(last))
    if end is not None:
        yield Tick(scale.x(end), "end", _day(end))


def _day(time: int) -> str:
    return str(datetime.datetime.fromtimestamp(time, datetime.timezone.utc).date())


def _listed(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in places)
