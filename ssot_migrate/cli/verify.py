"""`ssot-migrate verify`."""

from __future__ import annotations

from typing import Any

import click

from ssot_migrate.cli import exits
from ssot_migrate.cli.console import complain, progress_bar
from ssot_migrate.cli.options import project_options, request_from
from ssot_migrate.cli.output import deliver, formats, output_option
from ssot_migrate.domain.command_rules import FAILING_COMMAND
from ssot_migrate.reporting import FORMATS
from ssot_migrate.reporting.sanitize import visible_block
from ssot_migrate.usecases.migration.accepted import BASELINE, Accepting
from ssot_migrate.usecases.migration.verify import Checks, verify


@click.command("verify")
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--run", metavar="CMD", help="Run this too; it has to succeed.")
@click.option(
    "--timeout", type=click.FloatRange(0, min_open=True), metavar="SECONDS", help="Limit for --run."
)
@click.option(
    "--baseline", metavar="FILE", help=f"What was wrong before; default: {BASELINE} in the root."
)
@click.option("--write-baseline", is_flag=True, help="Write that file, or drop what is mended.")
@click.option("--since", metavar="REV", help="Pass over what was wrong at this git revision.")
@click.option(
    "--output-format",
    type=click.Choice(tuple(FORMATS)),
    default="text",
    envvar="SSOT_MIGRATE_OUTPUT_FORMAT",
    show_default=True,
    help="How to report.",
)
@click.option("-o", "--output-file", metavar="FILE", help="Write the report here, not to stdout.")
@output_option
@click.option("--statistics", is_flag=True, help="Add a table of findings by rule.")
@click.option("--color", type=click.Choice(("auto", "always", "never")), default="auto")
@click.option("-q", "--quiet", is_flag=True, help="Report findings only.")
@project_options
def command(paths: tuple[str, ...], **options: Any) -> int:
    """Prove that a migration is done.

    Nothing reaches a deprecated path, modules to be deleted are gone, imports of the tree lead
    somewhere, every file compiles, and a command of your own succeeds. The baseline and --since
    take imports and files that were broken before out of account, nothing else.

    Exits with 0 if all of it holds, with 1 if not, with 2 if a file could not be looked at.
    """
    checks = Checks(
        accepting=Accepting(
            baseline=options["baseline"],
            is_writing=options["write_baseline"],
            since=options["since"],
        ),
        run=options["run"],
        timeout=options["timeout"],
        with_excerpts="full" in formats(options),
    )
    with progress_bar(quiet=options["quiet"]) as progress:
        report = verify(request_from(options, paths), checks, progress)
    deliver(report, options)
    printed = (
        line for one in report.findings if one.code == FAILING_COMMAND.code for line in one.evidence
    )
    for line in printed if options["output_format"] != "full" else ():
        complain(f"  | {visible_block(line)}")
    if report.errors:
        return exits.ERROR
    return exits.FINDINGS if report.findings else exits.CLEAN
