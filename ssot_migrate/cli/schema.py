"""`ssot-migrate schema`."""

from __future__ import annotations

import click

from ssot_migrate.cli import exits
from ssot_migrate.cli.console import write


@click.command("schema")
@click.argument("of", type=click.Choice(("registry", "scan")), default="registry")
def command(of: str) -> int:
    """Print a JSON schema: of `ssot.toml` (registry), or of the JSON report of `scan`."""
    from ssot_migrate.config.schema import json_schema as of_registry
    from ssot_migrate.reporting.wire import ascii_json
    from ssot_migrate.reporting.wire_report import json_schema as of_report

    write(ascii_json(of_registry() if of == "registry" else of_report()))
    return exits.CLEAN
