"""Findings as a compiler shows them: the place, its source, the way there and what helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.reporting.closing import closing_lines
from ssot_migrate.reporting.paint import draw
from ssot_migrate.reporting.sanitize import visible, visible_block
from ssot_migrate.reporting.text import heading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ssot_migrate.domain.finding import Finding
    from ssot_migrate.domain.report import ScanReport
    from ssot_migrate.reporting import Style
    from ssot_migrate.reporting.paint import Line

_MARKED_LINES = 4
_WIDTH = 160
_NARROWEST = 40
_CUT = "…"


class _Row(msgspec.Struct, frozen=True):
    """A source line as shown, and the cells to underline; none where `length` is 0."""

    source: str
    offset: int = 0
    length: int = 0


def render(report: ScanReport, style: Style) -> str:
    """Write the findings for a person, each with its source and evidence, and a summary."""
    return draw(_lines(report, style), color=style.color)


def _lines(report: ScanReport, style: Style) -> Iterator[Line]:
    for index, finding in enumerate(report.findings):
        if index:
            yield []
        yield from _finding(finding, report.excerpts.get(finding.path, {}), style)
    if report.findings and report.errors:
        yield []
    yield from closing_lines(report, style)


def _finding(finding: Finding, source: Mapping[int, str], style: Style) -> Iterator[Line]:
    last = max(finding.line, min(finding.end_line, finding.line + _MARKED_LINES - 1))
    is_cut = finding.end_line > last
    wanted = range(finding.line - 1, last + (1 if is_cut else 2))
    shown = [number for number in wanted if number in source]
    margin = " " * len(str(shown[-1] if shown else finding.line))
    yield heading(finding)
    yield [
        (f"{margin}--> ", "gutter"),
        (visible(finding.path), "path"),
        (f":{finding.line}:{finding.column}", "separator"),
    ]
    if shown:
        room = max((style.width or _WIDTH) - len(margin) - 3, _NARROWEST)
        yield [(f"{margin} |", "gutter")]
        for number in shown:
            text = source[number].rstrip("\r\n")
            is_marked = number == finding.line or (finding.line < number <= last and text.strip())
            marked = _range(finding, number, text) if is_marked else None
            gutter = f"{number:>{len(margin)}} |"
            yield from _row_lines(_row(text, marked, room), gutter, finding.severity.value)
        if is_cut:
            yield [(f"{margin} |", "gutter"), (f" {_CUT}", "")]
        yield [(f"{margin} |", "gutter")]
    for label, fact in _facts(finding):
        role = "help" if label == "help" else "strong"
        yield [(f"{margin} = ", "gutter"), (label, role), (f": {fact}", "")]


def _facts(finding: Finding) -> Iterator[tuple[str, str]]:
    if finding.concept is not None:
        yield "concept", visible(finding.concept)
    if finding.chain:
        yield "chain", " -> ".join(map(visible, finding.chain))
    for sentence in finding.evidence:
        yield "evidence", visible(sentence)
    if finding.canonical is not None:
        yield "help", f"use `{visible(finding.canonical)}`"


def _range(finding: Finding, number: int, source: str) -> tuple[int, int]:
    """Where to underline a line of the finding, as offsets into the source."""
    start, end = len(source) - len(source.lstrip()), len(source)
    if number == finding.line:
        start = min(max(finding.column - 1, 0), len(source))
        end = end if finding.end_line else start + 1
    if number == finding.end_line and finding.end_column:
        end = finding.end_column - 1
    return start, max(min(end, len(source)), start)


def _row(source: str, marked: tuple[int, int] | None, room: int) -> _Row:
    """Show a line, cut to the room around what is underlined."""
    start, end = marked or (0, 0)
    left = start - room // 4 if len(source) > room and start > room // 2 else 0
    right = left + room
    before, after = _CUT if left else "", _CUT if right < len(source) else ""
    shown = before + visible_block(source[left:right]) + after
    if marked is None:
        return _Row(shown)
    offset = len(before) + _cells(visible_block(source[left:start]))
    return _Row(shown, offset, max(_cells(visible_block(source[start : min(end, right)])), 1))


def _row_lines(row: _Row, gutter: str, role: str) -> Iterator[Line]:
    yield [(gutter, "gutter"), (f" {row.source}" if row.source else "", "")]
    if row.length:
        blank = " " * (len(gutter) - 1) + "|"
        yield [(f"{blank} ", "gutter"), (" " * row.offset + "^" * row.length, role)]


def _cells(text: str) -> int:
    """Terminal cells that a text takes."""
    if text.isascii():
        return len(text)
    # Few lines need it, and loading the tables costs more than showing the rest.
    from unicodedata import category, east_asian_width

    return sum(
        0 if category(char) in {"Mn", "Me"} else 2 if east_asian_width(char) in "WF" else 1
        for char in text
    )
