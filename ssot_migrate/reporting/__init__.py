"""Output formats: each module turns a finished report into text and computes nothing."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ssot_migrate.domain.report import ScanReport

FORMATS: Mapping[str, str] = {
    "text": "ssot_migrate.reporting.text",
    "full": "ssot_migrate.reporting.full",
    "concise": "ssot_migrate.reporting.concise",
    "json": "ssot_migrate.reporting.json",
    "sarif": "ssot_migrate.reporting.sarif",
    "github": "ssot_migrate.reporting.github",
    "gitlab": "ssot_migrate.reporting.gitlab",
    "junit": "ssot_migrate.reporting.junit",
    "markdown": "ssot_migrate.reporting.markdown",
}


class Style(msgspec.Struct, frozen=True):
    """How a report is wanted; formats for machines ignore what concerns eyes.

    Args:
        color: Whether to write ANSI colours.
        width: Columns of the terminal; None where there is none.
        statistics: Whether to add a table of findings by code.
        quiet: Whether to leave out the summary and the notes.
        silenced: Whether to add what does not count, where a format can mark it as such.
    """

    color: bool = False
    width: int | None = None
    statistics: bool = False
    quiet: bool = False
    silenced: bool = True


def render(report: ScanReport, format_name: str, style: Style) -> str:
    """Write a report in one of `FORMATS`, importing that format alone."""
    write: Callable[[ScanReport, Style], str] = import_module(FORMATS[format_name]).render
    return write(report, style)
