"""What came of a campaign: one table over all checkouts, and what stands against each."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate import reporting
from ssot_migrate.domain.campaign import State
from ssot_migrate.domain.plan import MigrationPlan
from ssot_migrate.domain.report import ScanReport
from ssot_migrate.reporting import apply as apply_reporting
from ssot_migrate.reporting import plan as plan_reporting
from ssot_migrate.reporting.closing import place
from ssot_migrate.reporting.counted import counted
from ssot_migrate.reporting.marked import code, plain, prose
from ssot_migrate.reporting.marked import table as marked_table
from ssot_migrate.reporting.sanitize import encodable, visible
from ssot_migrate.reporting.wire import versioned_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssot_migrate.domain.campaign import CampaignReport, Checkout

FORMATS = ("text", "json", "markdown")

_NOTHING = "-"
_SHOWN_LINES = 5


def render(report: CampaignReport, output_format: str) -> str:
    """Write a report in one of `FORMATS`."""
    if output_format == "json":
        return versioned_json(_described(report))
    lines = _marked(report) if output_format == "markdown" else _lines(report)
    return "".join(f"{line}\n" for line in lines)


def _lines(report: CampaignReport) -> Iterator[str]:
    head, rows = _table(report)
    shown = [head, *([visible(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    is_text = [title in ("checkout", "state", "run") for title in head]
    for row in shown:
        cells = zip(row, widths, is_text, strict=True)
        line = "  ".join(f"{cell:<{n}}" if left else f"{cell:>{n}}" for cell, n, left in cells)
        yield line.rstrip()
    yield ""
    errors = [
        f"{place(one.name)}: error: {visible(x)}" for one in report.checkouts for x in _told(one)
    ]
    undoing = [
        f"{place(one.name)}: to undo: {visible(shlex.join(one.undo))}"
        for one in report.checkouts
        if one.undo
    ]
    yield from (*errors, *undoing, *([""] if errors or undoing else ()))
    yield _sum(report)


def _marked(report: CampaignReport) -> Iterator[str]:
    yield from (f"## ssot-migrate campaign {report.action.value}", "")
    head, rows = _table(report)
    titles = [head[0], head[1], *(f"{title}:" for title in head[2:])]
    yield from marked_table(titles, ([code(row[0]), *map(plain, row[1:])] for row in rows))
    failed = [(code(one.name), prose(line)) for one in report.checkouts for line in _told(one)]
    yield from marked_table(("checkout", "what stands against it"), failed)
    undo = [(code(one.name), code(shlex.join(one.undo))) for one in report.checkouts if one.undo]
    yield from marked_table(("checkout", "to undo"), undo)
    yield prose(_sum(report))


def _table(report: CampaignReport) -> tuple[list[str], list[list[str]]]:
    """The head and the rows; a checkout where nothing could be done has no figures."""
    figures = list(dict.fromkeys(key for one in report.checkouts for key in one.counts))
    has_runs = any(one.run for one in report.checkouts)
    rows = [
        [
            one.name,
            one.state.value,
            *(str(one.counts.get(key, _NOTHING)) for key in figures),
            *([one.run or _NOTHING] if has_runs else ()),
        ]
        for one in report.checkouts
    ]
    return ["checkout", "state", *figures, *(["run"] if has_runs else ())], rows


def _told(one: Checkout) -> Sequence[str]:
    """What stands against a checkout, as far as a person reads on."""
    more = len(one.why) - _SHOWN_LINES
    return (*one.why[:_SHOWN_LINES], f"and {more} more") if more > 0 else one.why


def _sum(report: CampaignReport) -> str:
    states = ", ".join(f"{report.count(state)} {state.value}" for state in State)
    dry = " Nothing was written." if report.is_dry else ""
    return f"{counted(len(report.checkouts), 'checkout')}: {states}.{dry}"


def _described(report: CampaignReport) -> dict[str, object]:
    return {
        "action": report.action.value,
        "registry": encodable(report.registry),
        "dry_run": report.is_dry,
        "summary": {state.value: report.count(state) for state in State},
        "checkouts": [
            {
                "name": encodable(one.name),
                "root": encodable(one.root),
                "state": one.state.value,
                "why": [visible(line) for line in one.why],
                "counts": one.counts,
                "run": encodable(one.run) or None,
                "undo": [encodable(word) for word in one.undo],
                "report": _own(one, is_dry=report.is_dry),
            }
            for one in report.checkouts
        ],
    }


def _own(one: Checkout, *, is_dry: bool) -> msgspec.Raw | None:
    """The JSON of the command itself."""
    if one.report is None:
        return None
    if isinstance(one.report, ScanReport):
        text: str | bytes = reporting.render(one.report, "json", reporting.Style())
    elif isinstance(one.report, MigrationPlan):
        text = plan_reporting.render(one.report, "json")
    else:
        manner = apply_reporting.Manner(is_dry=is_dry)
        text = apply_reporting.render(one.report, "json", manner)
    return msgspec.Raw(text)
