"""`ssot-migrate compare`."""

from __future__ import annotations

from typing import Any

import click

from ssot_migrate.cli.options import answer, project_options
from ssot_migrate.reporting import compare as reporting
from ssot_migrate.usecases.questions.compare import compare


@click.command("compare")
@click.argument("a")
@click.argument("b")
@click.argument("others", nargs=-1, metavar="[C]...")
@click.option(
    "--output-format", type=click.Choice(reporting.FORMATS), default="text", show_default=True
)
@click.option("--private", is_flag=True, help="Show private members too.")
@project_options
def command(
    a: str, b: str, others: tuple[str, ...], output_format: str, private: bool, **options: Any
) -> int:
    """Compare A with B: members, signatures, bases, and the calls of A that B would break.

    Each is a class, a function or a module: `package.module:Name`, through any re-export.
    """
    return answer(
        options,
        lambda request, progress: compare(request, (a, b, *others), progress),
        lambda found: reporting.render(found, output_format, private=private),
    )
