"""`ssot-migrate hierarchy`."""

from __future__ import annotations

from typing import Any

import click

from ssot_migrate.cli.options import answer, project_options
from ssot_migrate.reporting import hierarchy as reporting
from ssot_migrate.usecases.questions.hierarchy import hierarchy


@click.command("hierarchy")
@click.argument("names", nargs=-1, metavar="[NAME|PATH]...")
@click.option(
    "--output-format", type=click.Choice(reporting.FORMATS), default="text", show_default=True
)
@click.option(
    "--members/--no-members",
    default=None,
    help="Show what is in each class; default: if names are given.",
)
@project_options
def command(
    names: tuple[str, ...], output_format: str, members: bool | None, **options: Any
) -> int:
    """Show classes, what they derive from, and in which order they inherit.

    NAME is `package.module:Class`, the name of a class or a module; the classes below it are shown
    too. PATH is a file or a folder. Exits with 1 if Python would refuse to create a class.
    """
    return answer(
        options,
        lambda request, progress: hierarchy(request, names, progress),
        lambda found: reporting.render(
            found, output_format, members=found.asked if members is None else members
        ),
        is_clean=lambda found: not found.conflicts,
    )
