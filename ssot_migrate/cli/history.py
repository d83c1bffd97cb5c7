"""`ssot-migrate history`."""

from __future__ import annotations

import click

from ssot_migrate.cli import exits
from ssot_migrate.cli.console import write
from ssot_migrate.cli.options import root_option
from ssot_migrate.reporting import runs as reporting
from ssot_migrate.usecases.migration import runs as usecases
from ssot_migrate.usecases.project import Request


@click.command("history")
@click.option(
    "--output-format", type=click.Choice(reporting.FORMATS), default="text", show_default=True
)
@root_option
def command(output_format: str, root: str | None) -> int:
    """List the runs of `apply`, the newest first."""
    write(reporting.history(usecases.history(Request(root=root)), output_format))
    return exits.CLEAN
