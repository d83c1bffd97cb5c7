"""`ssot-migrate shim`."""

from __future__ import annotations

import shlex
import sys
from typing import Any

import click

from ssot_migrate.cli import exits
from ssot_migrate.cli.console import progress_bar, wants_color, write
from ssot_migrate.cli.options import project_options, request_from
from ssot_migrate.reporting.apply import Manner, render
from ssot_migrate.rewrite.shim_source import Style
from ssot_migrate.usecases.migration.shim import Wanted, shim

_DRY = ("--dry-run", "--diff")


@click.command("shim")
@click.argument("module")
@click.option(
    "--style",
    type=click.Choice([style.value for style in Style]),
    default=Style.GETATTR.value,
    show_default=True,
    help="Pass names on when they are read, or when the module is imported.",
)
@click.option(
    "--env", metavar="NAME=VALUE", help="With this in the environment, use the old implementation."
)
@click.option(*_DRY, "dry_run", is_flag=True, help="Show what would change; write nothing.")
@click.option("--force", is_flag=True, help="Write to files with uncommitted changes too.")
@click.option("--output-format", type=click.Choice(("text", "diff", "json")))
@click.option("--color", type=click.Choice(("auto", "always", "never")), default="auto")
@project_options
@click.pass_obj
def command(arguments: tuple[str, ...], /, module: str, **options: Any) -> int:
    """Write a module that warns, and passes names on, at the path that MODULE had.

    Its names and their new homes come from the registry. `rollback` takes it back.
    """
    is_dry = options["dry_run"]
    given = ("ssot-migrate", *arguments)
    wanted = Wanted(module=module, style=Style(options["style"]), env=options["env"])
    with progress_bar(quiet=False) as progress:
        report = shim(
            request_from(options),
            wanted,
            is_dry=is_dry,
            force=options["force"],
            command=given,
            progress=progress,
        )
    manner = Manner(
        is_dry=is_dry,
        color=wants_color(sys.stdout, options["color"]),
        following=shlex.join(word for word in given if word not in _DRY),
    )
    write(render(report, options["output_format"] or ("diff" if is_dry else "text"), manner))
    if report.errors:
        return exits.ERROR
    return exits.FINDINGS if report.refused or (is_dry and report.changed) else exits.CLEAN
