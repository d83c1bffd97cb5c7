"""`ssot-migrate report`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from ssot_migrate.cli import exits
from ssot_migrate.cli.console import complain, progress_bar, save
from ssot_migrate.cli.options import (
    baseline_option,
    project_options,
    request_from,
    rule_options,
    split_list,
)
from ssot_migrate.domain.errors import UsageError
from ssot_migrate.reporting import page as reporting
from ssot_migrate.usecases.gate.scan import Gate
from ssot_migrate.usecases.reports.report import Wish, overview


@click.command("report")
@click.option(
    "--output-format",
    type=click.Choice(reporting.FORMATS),
    default="html",
    show_default=True,
    help="How to report.",
)
@click.option("-o", "--output-file", metavar="FILE", help="Write the report here, not to stdout.")
@click.option("--title", default="Migration report", show_default=True, help="What it is called.")
@click.option(
    "--progress",
    "history",
    metavar="FILE",
    help="Add the history that `progress --output-format json` wrote.",
)
@rule_options
@baseline_option
@click.option("--no-baseline", is_flag=True, help="Count known findings too.")
@project_options
def command(**options: Any) -> int:
    """Show the state of the whole migration as one page, or as a document.

    Concepts and how far they are, who reads what, duplicates side by side, findings. The page holds
    all that it needs. Exits with 2 if files could not be looked into, otherwise with 0.
    """
    file, history = options["output_file"], options["history"]
    if options["output_format"] == "html" and file is None and _is_seen():
        raise UsageError("a page is for a browser: write it with -o report.html, or to a pipe")
    wish = Wish(
        title=options["title"],
        gate=Gate(
            select=split_list(options["select"]),
            ignore=split_list(options["ignore"]),
            baseline=options["baseline"],
            use_baseline=not options["no_baseline"],
        ),
        progress=None if history is None else Path(history),
    )
    with progress_bar(quiet=False) as bar:
        view = overview(request_from(options), wish, bar)
    save(file or "-", reporting.render(view, options["output_format"]))
    if view.scan.errors:
        complain(f"The report leaves out {len(view.scan.errors)} of the files and folders.")
        return exits.ERROR
    return exits.CLEAN


def _is_seen() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()
