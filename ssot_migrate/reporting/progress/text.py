"""The chart for a terminal, and what it is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.reporting.paint import draw
from ssot_migrate.reporting.progress import chart, words
from ssot_migrate.reporting.sanitize import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.domain.progress import Progress
    from ssot_migrate.reporting.paint import Line
    from ssot_migrate.reporting.progress.manner import Manner
    from ssot_migrate.reporting.progress.words import Group

_HEIGHT = 8
_NARROWEST, _WIDEST = 40, 120
_SPARK = 16
_NAME = 36


def render(report: Progress, manner: Manner) -> str:
    """Draw the chart, the rate and the tables."""
    return draw(_lines(report, manner), color=manner.color)


def _lines(report: Progress, manner: Manner) -> Iterator[Line]:
    yield [(words.headline(report), "strong")]
    yield [("", "")]
    yield from _chart(report, manner)
    yield [("", "")]
    for sentence in words.outlook(report):
        falls = report.trend is not None and report.trend.per_week < 0
        yield [(sentence, "good" if falls else "")]
    for group in words.groups(report):
        yield [("", "")]
        yield from _table(report, group, manner)


def _chart(report: Progress, manner: Manner) -> Iterator[Line]:
    values = [point.tally.findings for point in report.points]
    times = [point.time for point in report.points]
    top = str(max(values))
    width = min(_WIDEST, max(_NARROWEST, manner.width)) - len(top) - 3
    drawn = chart.columns(times, values, width)
    edge, corner, floor = ("|", "+", "-") if manner.is_plain else ("│", "└", "─")
    for number, row in enumerate(chart.area(drawn, _HEIGHT, is_plain=manner.is_plain)):
        margin = top if number == 0 else ""
        yield [(f"{margin:>{len(top)}} {edge}", "gutter"), (row.rstrip(), "warning")]
    yield [(f"{0:>{len(top)}} {corner}{floor * len(drawn)}", "gutter")]
    first, last = str(min(p.date for p in report.points)), str(max(p.date for p in report.points))
    room = len(drawn) - len(first)
    dates = first if room < len(last) + 1 or first == last else f"{first}{last:>{room}}"
    yield [(" " * (len(top) + 2) + dates, "gutter")]


def _table(report: Progress, group: Group, manner: Manner) -> Iterator[Line]:
    times = [point.time for point in report.points]
    names = [_name(report, group, series.name) for series in group.series]
    wide = max(map(len, (*names, group.title)))
    yield [(f"{group.title:<{wide}}  {'first':>7}  {'last':>7}  {'change':>7}", "strong")]
    for name, series in zip(names, group.series, strict=True):
        first, last = series.values[0], series.values[-1]
        drawn = chart.spark(
            chart.columns(times, series.values, _SPARK), is_plain=manner.is_plain
        ).rstrip()
        change = f"{last - first:+}" if last != first else "="
        role = "good" if last < first else "error" if last > first else ""
        yield [
            (f"{name:<{wide}}  {first:>7}  {last:>7}  ", ""),
            (f"{change:>7}", role),
            (f"  {drawn}" if drawn else "", "warning"),
        ]


def _name(report: Progress, group: Group, name: str) -> str:
    full = words.rule_label(report, name) if group.title == "by rule" else name
    shown = visible(full)
    return shown if len(shown) <= _NAME else f"{shown[: _NAME - 3]}..."
