"""`ssot-migrate init`."""

from __future__ import annotations

from typing import Any

import click

from ssot_migrate.cli.discover import choice_options, run


@click.command("init")
@click.argument("paths", nargs=-1, type=click.Path())
@choice_options
@click.pass_obj
def command(arguments: tuple[str, ...], /, paths: tuple[str, ...], **options: Any) -> int:
    """Write what `discover` proposes to ssot.toml, with the evidence as comments.

    Nothing is written over; `rollback` takes the file back.
    """
    return run(paths, arguments, options, None, writes=True)
