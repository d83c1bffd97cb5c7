"""`ssot-migrate plan`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ssot_migrate.cli.options import answer, project_options
from ssot_migrate.cli.scope import scope_from, scope_options, waves_option
from ssot_migrate.reporting import plan as reporting

if TYPE_CHECKING:
    from ssot_migrate.domain.plan import MigrationPlan
    from ssot_migrate.index.index import Progress
    from ssot_migrate.usecases.project import Request


@click.command("plan")
@scope_options
@waves_option
@click.option(
    "--output-format", type=click.Choice(reporting.FORMATS), default="text", show_default=True
)
@click.option("-o", "--output-file", metavar="FILE", help="Write the plan here, not to stdout.")
@project_options
def command(batch: int, output_format: str, output_file: str | None, **options: Any) -> int:
    """Plan a migration: what to keep, merge, move and delete, and in which waves.

    Tells every place that names what the registry replaces, whatever the options; these say
    what the waves change. `apply --plan FILE` follows a plan in JSON exactly.
    """
    scope = scope_from(options)
    for name in ("concept", "select", "unsafe", "strings", "docs", "delete"):
        del options[name]

    def ask(request: Request, progress: Progress) -> MigrationPlan:
        from ssot_migrate.usecases.plans.plan import (
            consolidate,  # needs LibCST; a help text does not
        )

        return consolidate(request, scope, batch, progress)

    def render(plan: MigrationPlan) -> str:
        return reporting.render(plan, output_format)

    return answer(options, ask, render, file=output_file or "-")
