"""What a migration did, or would do, in one output format a module."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ssot_migrate.domain.outcome import ApplyReport

FORMATS: Mapping[str, str] = {
    "text": "ssot_migrate.reporting.apply.text",
    "diff": "ssot_migrate.reporting.apply.diff",
    "json": "ssot_migrate.reporting.apply.json",
    "patch": "ssot_migrate.reporting.apply.patch",
}


class Manner(msgspec.Struct, frozen=True, kw_only=True):
    """How to tell of a migration; formats for machines heed `is_dry` and `prefix` alone.

    Args:
        is_dry: Whether nothing was written.
        color: Whether to write ANSI colours.
        statistics: Whether to add a table of rules.
        quiet: Whether to leave out the summary and the notes.
        places: Whether to list what is left to a person.
        verbose: Whether to list each edit.
        following: The command that does what was only shown; empty for none.
        reviewing: The command that shows the unsafe changes that were held back; empty for none.
        undoing: The command that takes back what was done; empty for none.
        prefix: What a patch puts before each path: the way to the root from where git counts.
    """

    is_dry: bool = False
    color: bool = False
    statistics: bool = False
    quiet: bool = False
    places: bool = True
    verbose: bool = False
    following: str = ""
    reviewing: str = ""
    undoing: str = ""
    prefix: str = ""


def render(report: ApplyReport, format_name: str, manner: Manner) -> str | bytes:
    """Write a report in one of `FORMATS`, importing that format alone; a patch is bytes."""
    write: Callable[[ApplyReport, Manner], str | bytes] = import_module(FORMATS[format_name]).render
    return write(report, manner)
