"""`ssot-migrate graph`."""

from __future__ import annotations

from typing import Any

import click

from ssot_migrate.cli import exits
from ssot_migrate.cli.console import progress_bar, write
from ssot_migrate.cli.options import project_options, request_from
from ssot_migrate.reporting import graph as reporting
from ssot_migrate.usecases import graph as usecases

_format = click.option(
    "--output-format", type=click.Choice(reporting.FORMATS), default="text", show_default=True
)


@click.group("graph")
def command() -> None:
    """Ask the import graph: consumers, chains, cycles, shims."""


@command.command("consumers")
@click.argument("symbol")
@_format
@project_options
def consumers(symbol: str, output_format: str, **options: Any) -> int:
    """Say who reads SYMBOL: a module, or `package.module:Name`.

    Counted by binding, through re-exports and aliases; what only spells the name is told apart.
    """
    with progress_bar(quiet=False) as progress:
        answer = usecases.consumers(request_from(options), symbol, progress)
    write(reporting.consumers(answer, output_format))
    return exits.CLEAN


@command.command("shims")
@click.argument("paths", nargs=-1, type=click.Path())
@_format
@project_options
def shims(paths: tuple[str, ...], output_format: str, **options: Any) -> int:
    """List modules that only pass names on, and where the names come from."""
    with progress_bar(quiet=False) as progress:
        answer = usecases.shims(request_from(options, paths), progress)
    write(reporting.shims(answer, output_format))
    return exits.CLEAN


@command.command("cycles")
@_format
@project_options
def cycles(output_format: str, **options: Any) -> int:
    """List groups of modules that import each other at run time."""
    with progress_bar(quiet=False) as progress:
        answer = usecases.cycles(request_from(options), progress)
    write(reporting.cycles(answer, output_format))
    return exits.CLEAN


@command.command("chain")
@click.argument("source")
@click.argument("target", required=False)
@_format
@project_options
def chain(source: str, target: str | None, output_format: str, **options: Any) -> int:
    """Show how SOURCE leads to its definition, or how module SOURCE comes to import TARGET."""
    with progress_bar(quiet=False) as progress:
        answer = usecases.chain(request_from(options), source, target, progress)
    write(reporting.chain(answer, output_format))
    return exits.CLEAN if answer.steps else exits.FINDINGS
