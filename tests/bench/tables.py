"""Renders results as Markdown, so that the output can be kept in docs/performance.md as it is."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .growth import Growth
    from .measure import Result

_SHOWN = 25
_WORDS = {"work", "run", "scan", "size", "step", "sender", "choice", "default"}


def main_table(results: Sequence[Result]) -> str:
    """Wall (median, least, most), CPU and memory of every row."""
    head = ("work", "run", "wall s", "min", "max", "CPU s", "peak MB", "found")
    return table(head, map(_main_row, results))


def growth_table(rows: Sequence[Growth]) -> str:
    """Time for each file of growing trees."""
    head = ("scan", "size", "files", "wall s", "CPU s", "µs a file", "deviation", "peak MB")
    return table(head, map(_growth_row, rows))


def commands(results: Sequence[Result], names: Mapping[str, str]) -> str:
    """The commands that were timed, with long paths given short names."""
    lines = []
    for result in results:
        if result.case.command[:1] not in ((), ("",)):
            line = shlex.join(result.case.command[:_SHOWN])
            if more := len(result.case.command[_SHOWN:]):
                line += f" … ({more} more)"
            for path, name in names.items():
                line = line.replace(path, name)
            lines.append(f"{result.case.key}: {line}")
    return "\n".join(lines)


def _main_row(result: Result) -> tuple[str, ...]:
    case, samples = result.case, result.samples
    title = f"**ssot-migrate, {case.title}**" if case.ours else case.title
    if case.share < 1 and samples:
        title += f" ({case.share:.1%} of the bytes; all of them: about {result.whole:,.0f} s)"
    if not samples:
        return (case.group, f"{title}: {result.trouble}", "", "", "", "", "", "")
    walls = [sample.wall for sample in samples]
    found = samples[-1].found
    return (
        case.group,
        title,
        _seconds(result.wall),
        _seconds(min(walls)),
        _seconds(max(walls)),
        _seconds(result.cpu),
        f"{result.memory:.0f}",
        "" if found is None else str(found),
    )


def _growth_row(row: Growth) -> tuple[str, ...]:
    if row.per_file is None:
        title = f"{row.title}: {row.result.trouble}"
        return (title, row.size, f"{row.files:,}", "", "", "", "", "")
    return (
        row.title,
        row.size,
        f"{row.files:,}",
        _seconds(row.result.wall),
        _seconds(row.result.cpu),
        f"{row.per_file:.0f}",
        "" if row.deviation is None else f"{row.deviation:+.0f} %",
        f"{row.result.memory:.0f}",
    )


def _seconds(value: float) -> str:
    return f"{value:.3f}" if value < 10 else f"{value:.1f}"


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Rows below a head; numbers are at the right of their column."""
    lines = [head, *(tuple(cell.replace("|", "\\|") for cell in row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    numeric = {position for position, name in enumerate(head) if name not in _WORDS}
    rule = tuple(
        "-" * (width - 1) + ":" if position in numeric else "-" * width
        for position, width in enumerate(widths)
    )
    return "\n".join(
        "| "
        + " | ".join(
            cell.rjust(width) if position in numeric else cell.ljust(width)
            for position, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        + " |"
        for line in (lines[0], rule, *lines[1:])
    )
