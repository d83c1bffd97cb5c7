"""`ssot-migrate rollback`."""

from __future__ import annotations

import click

from ssot_migrate.cli import exits
from ssot_migrate.cli.completing import runs
from ssot_migrate.cli.console import write
from ssot_migrate.cli.options import root_option
from ssot_migrate.reporting import runs as reporting
from ssot_migrate.usecases.migration import runs as usecases
from ssot_migrate.usecases.project import Request


@click.command("rollback")
@click.argument("run", required=False, shell_complete=runs)
@click.option("--wave", type=click.IntRange(1), metavar="N", help="Only wave N and those after it.")
@click.option("--force", is_flag=True, help="Bring back files that were edited since too.")
@click.option(
    "--output-format", type=click.Choice(reporting.FORMATS), default="text", show_default=True
)
@click.option("-q", "--quiet", is_flag=True, help="Leave out the summary.")
@root_option
def command(
    run: str | None,
    wave: int | None,
    force: bool,
    output_format: str,
    quiet: bool,
    root: str | None,
) -> int:
    """Bring back every file of RUN, byte by byte; without RUN, of the newest run.

    Nothing is touched if a file was edited since. With --force it is brought back too, and the
    edited content is kept. A run that was interrupted is put in order.
    """
    answer = usecases.rollback(Request(root=root), run, wave=wave or 0, force=force)
    write(reporting.rolled_back(answer, output_format, quiet=quiet))
    return exits.CLEAN
