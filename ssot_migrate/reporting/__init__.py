"""Output formats: each module turns a finished report into text and computes nothing."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.errors import PlugInError, UsageError
from ssot_migrate.domain.report import OWN_FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ssot_migrate.domain.report import ScanReport

FORMATS: Mapping[str, str] = {name: f"ssot_migrate.reporting.{name}" for name in OWN_FORMATS}
_REMEDY = "report it to its authors, or take another format"


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
    """Write a report in one of `FORMATS`, importing that format alone, or in that of a plug-in.

    Raises:
        PlugInError: The plug-in fails.
    """
    if format_name not in FORMATS:
        return _plugged(report, format_name, style)
    write: Callable[[ScanReport, Style], str] = import_module(FORMATS[format_name]).render
    return write(report, style)


def _plugged(report: ScanReport, format_name: str, style: Style) -> str:
    from ssot_migrate import catalogue  # none of the tool's own formats needs it

    found = catalogue.plugged_renderer(format_name)
    if found is None:
        raise UsageError(f"there is no format {format_name!r}")
    provider, write = found
    try:
        text: object = write(report, style)
    except Exception as problem:  # of somebody else's code
        what = f"it fails: {type(problem).__name__}: {problem}"
        raise PlugInError(f"{provider}, format {format_name}", what, _REMEDY) from problem
    if not isinstance(text, str):
        what = f"it gives a {type(text).__name__} and no text"
        raise PlugInError(f"{provider}, format {format_name}", what, _REMEDY)
    return text
