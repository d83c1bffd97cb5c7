"""`ssot-migrate graph`."""

from __future__ import annotations

from typing import Any

import click

from ssot_migrate.cli.options import answer, project_options
from ssot_migrate.reporting import graph as reporting
from ssot_migrate.usecases.questions import graph as usecases

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
    return answer(
        options,
        lambda request, progress: usecases.consumers(request, symbol, progress),
        lambda found: reporting.consumers(found, output_format),
    )


@command.command("shims")
@click.argument("paths", nargs=-1, type=click.Path())
@_format
@project_options
def shims(paths: tuple[str, ...], output_format: str, **options: Any) -> int:
    """List modules that only pass names on, and where the names come from."""
    return answer(
        options,
        usecases.shims,
        lambda found: reporting.shims(found, output_format),
        paths,
    )


@command.command("cycles")
@_format
@project_options
def cycles(output_format: str, **options: Any) -> int:
    """List groups of modules that import each other at run time."""
    return answer(
        options,
        usecases.cycles,
        lambda found: reporting.cycles(found, output_format),
    )


@command.command("chain")
@click.argument("source")
@click.argument("target", required=False)
@_format
@project_options
def chain(source: str, target: str | None, output_format: str, **options: Any) -> int:
    """Show how SOURCE leads to its definition, or how module SOURCE comes to import TARGET.

    Exits with 1 where it does not.
    """
    return answer(
        options,
        lambda request, progress: usecases.chain(request, source, target, progress),
        lambda found: reporting.chain(found, output_format),
        is_clean=lambda found: bool(found.steps) and found.outcome != "missing",
    )
