"""`ssot-migrate rules`."""

from __future__ import annotations

import click

from ssot_migrate.catalogue import all_rules
from ssot_migrate.cli import exits
from ssot_migrate.cli.console import write
from ssot_migrate.reporting.rules import listing


@click.command("rules")
@click.option(
    "--output-format",
    type=click.Choice(("text", "json", "markdown")),
    default="text",
    show_default=True,
)
def command(output_format: str) -> int:
    """List the rules with their codes and names."""
    write(listing(all_rules(), output_format))
    return exits.CLEAN
