"""`ssot-migrate explain`."""

from __future__ import annotations

import click

from ssot_migrate.catalogue import find_rule
from ssot_migrate.cli import exits
from ssot_migrate.cli.completing import rules
from ssot_migrate.cli.console import write
from ssot_migrate.cli.options import plugin_option
from ssot_migrate.domain.command_rules import COMMAND_RULES
from ssot_migrate.reporting.rules import page


@click.command("explain")
@click.argument("rule", shell_complete=rules)
@click.option(
    "--output-format", type=click.Choice(("text", "json")), default="text", show_default=True
)
@plugin_option
def command(rule: str, output_format: str) -> int:
    """Explain a rule, given its code or name, with what it flags and what it does not."""
    word = rule.upper()
    found = next((one for one in COMMAND_RULES if word in (one.code, one.name.upper())), None)
    write(page(found or find_rule(rule), output_format))
    return exits.CLEAN
