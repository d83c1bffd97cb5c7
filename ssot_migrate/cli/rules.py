"""`ssot-migrate rules`."""

from __future__ import annotations

import shlex
from typing import Any

import click

from ssot_migrate import catalogue
from ssot_migrate.cli import exits
from ssot_migrate.cli.console import complain, write
from ssot_migrate.cli.options import plugin_option
from ssot_migrate.domain.command_rules import COMMAND_RULES
from ssot_migrate.reporting.rules import listing
from ssot_migrate.reporting.sanitize import visible


@click.group("rules", invoke_without_command=True)
@click.option(
    "--output-format",
    type=click.Choice(("text", "json", "markdown")),
    default="text",
    show_default=True,
)
@plugin_option
@click.pass_context
def command(context: click.Context, output_format: str) -> int:
    """List the rules with their codes and names, those of plug-ins included.

    What a command finds by itself is listed too; no option selects it.
    """
    if context.invoked_subcommand is None:
        write(listing(catalogue.all_rules(), COMMAND_RULES, output_format))
        for note in catalogue.notes():
            complain(f"note: {visible(note)}")
    return exits.CLEAN


@command.command("new")
@click.argument("name")
@click.option("--prefix", metavar="ACME", help="What codes of the plug-in start with.")
@click.option("--into", metavar="DIR", help="The plug-in's project; made if it is not there.")
def new(name: str, **options: Any) -> int:
    """Write a rule called NAME with its examples, as a plug-in with tests or into one.

    In the folder of a plug-in, the rule becomes a part of it. Nothing is written over.
    """
    from ssot_migrate.usecases.plugins.scaffold import new_rule

    made = new_rule(name, options["prefix"], options["into"])
    folder = shlex.quote(str(made.folder))
    lines = [f"{made.code} is written:", *(f"  {made.folder / file}" for file in made.files)]
    if made.is_new:
        lines.append(f"Next: cd {folder}, pip install -e '.[test]', pytest")
    write("".join(f"{visible(line)}\n" for line in lines))
    return exits.CLEAN
