"""`ssot-migrate which`."""

from __future__ import annotations

from typing import Any

import click

from ssot_migrate.cli.completing import concepts
from ssot_migrate.cli.options import answer, project_options
from ssot_migrate.reporting import graph as reporting
from ssot_migrate.usecases.questions.which import which


@click.command("which")
@click.argument("name", shell_complete=concepts)
@click.option(
    "--output-format", type=click.Choice(("text", "json")), default="text", show_default=True
)
@project_options
def command(name: str, output_format: str, **options: Any) -> int:
    """Say which import is the canonical one for NAME, and which are not.

    NAME is a class or function name, a dotted path, or the name of a concept. Exits with 1 where
    several places provide the name and the registry has decided for none.
    """
    return answer(
        options,
        lambda request, progress: which(request, name, progress),
        lambda found: reporting.which(found, output_format),
        is_clean=lambda found: found.canonical is not None,
    )
