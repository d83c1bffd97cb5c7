"""`scan --watch`."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, NoReturn

import click

from ssot_migrate.cli.console import complain, complain_of
from ssot_migrate.domain.errors import SsotMigrateError
from ssot_migrate.reporting.sanitize import visible
from ssot_migrate.usecases.gate.watching import changes, state_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ssot_migrate.usecases.project import Request

_NAMED = 3


def watch(request: Request, baseline: str | None, scan: Callable[[], object]) -> NoReturn:
    """Scan, and again whenever files change; Ctrl-C ends it.

    What is wrong with the registry is told, and the next scan waits until somebody mends it.

    Args:
        request: Which project.
        baseline: The list of known findings on the command line, or None.
        scan: Scans and reports.
    """
    state = state_of(request, baseline)
    _round(scan, "everything")
    for changed in changes(request, state, baseline):
        _round(scan, _named(changed))
    raise AssertionError("files change for ever")


def _round(scan: Callable[[], object], what: str) -> None:
    if sys.stdout is not None and sys.stdout.isatty():
        click.clear()
    complain(f"{time.strftime('%H:%M:%S')} scanning {what}")
    try:
        scan()
    except SsotMigrateError as error:
        complain_of(error)
    complain(f"{time.strftime('%H:%M:%S')} waiting for changes; Ctrl-C ends")


def _named(changed: Sequence[str]) -> str:
    """The files that changed, or some of them."""
    if not changed:
        return "with another configuration"
    more = len(changed) - _NAMED
    names = ", ".join(map(visible, changed[:_NAMED]))
    return f"after a change of {names}" + (f" and {more} more" if more > 0 else "")
