"""`ssot-migrate scan`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from ssot_migrate.cli import exits
from ssot_migrate.cli.console import (
    complain,
    progress_bar,
    save,
    terminal_width,
    wants_color,
    write,
)
from ssot_migrate.cli.options import project_options, request_from, split_list
from ssot_migrate.reporting import FORMATS, Style, render
from ssot_migrate.reporting.sanitize import visible
from ssot_migrate.usecases.scan import scan

if TYPE_CHECKING:
    from ssot_migrate.domain.report import ScanReport

_FOR_PEOPLE = ("text", "full")


@click.command("scan")
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--select", multiple=True, metavar="RULE", help="Run only these codes or names.")
@click.option("--ignore", multiple=True, metavar="RULE", help="Leave out these codes or names.")
@click.option(
    "--output-format",
    type=click.Choice(tuple(FORMATS)),
    default="text",
    envvar="SSOT_MIGRATE_OUTPUT_FORMAT",
    show_default=True,
    help="How to report.",
)
@click.option("-o", "--output-file", metavar="FILE", help="Write the report here, not to stdout.")
@click.option("--statistics", is_flag=True, help="Add a table of findings by rule.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@click.option("--color", type=click.Choice(("auto", "always", "never")), default="auto")
@click.option("-q", "--quiet", is_flag=True, help="Report findings only.")
@click.option("-v", "--verbose", is_flag=True, help="Say what is read and where from.")
@project_options
def command(paths: tuple[str, ...], **options: Any) -> int:
    """Lint the project and report what departs from its registry.

    PATHS limit the report, not the analysis: imports are resolved over the whole project.
    """
    request = request_from(options, paths)
    with progress_bar(quiet=options["quiet"]) as progress:
        report = scan(
            request,
            select=split_list(options["select"]),
            ignore=split_list(options["ignore"]),
            with_excerpts=options["output_format"] == "full",
            progress=progress,
        )
    if options["verbose"]:
        complain("\n".join(map(visible, report.details)))
    deliver(report, options)
    if report.errors:
        return exits.ERROR
    return exits.FINDINGS if report.findings and not options["exit_zero"] else exits.CLEAN


def deliver(report: ScanReport, options: dict[str, Any]) -> None:
    """Write a report where and how the options say, with its notes."""
    output_format, file = options["output_format"], options["output_file"]
    style = Style(
        color=output_format in _FOR_PEOPLE
        and not (file and options["color"] == "auto")
        and wants_color(sys.stdout, options["color"]),
        width=None if file else terminal_width(sys.stdout),
        statistics=options["statistics"],
        quiet=options["quiet"],
    )
    text = render(report, output_format, style)
    if file:
        save(file, text)
    else:
        write(text)
    if output_format not in _FOR_PEOPLE and not options["quiet"]:
        for note in report.notes:
            complain(f"note: {visible(note)}")
