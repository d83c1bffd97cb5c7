"""`ssot-migrate campaign`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from ssot_migrate import catalogue
from ssot_migrate.cli import exits
from ssot_migrate.cli.console import complain, progress_bar, save
from ssot_migrate.cli.options import (
    executor_option,
    is_locked,
    plugin_option,
    rule_options,
    split_list,
)
from ssot_migrate.cli.scope import scope_from, scope_options, waves_option
from ssot_migrate.config.campaign import load_campaign
from ssot_migrate.domain.campaign import Action, State
from ssot_migrate.reporting import campaign as reporting
from ssot_migrate.reporting.sanitize import visible
from ssot_migrate.usecases.campaign import Order, carry_out
from ssot_migrate.usecases.gate.scan import Gate
from ssot_migrate.usecases.project import Request

_Command = TypeVar("_Command", bound=Callable[..., Any])

_OPTIONS = (
    click.argument("file", default="campaign.toml", type=click.Path()),
    plugin_option,
    click.option("--no-cache", is_flag=True, help="Neither read nor write the caches."),
    click.option(
        "-j",
        "--jobs",
        type=click.IntRange(1),
        default=1,
        show_default=True,
        help="Checkouts at a time; one uses all processors by itself.",
    ),
    executor_option,
    click.option(
        "--output-format", type=click.Choice(reporting.FORMATS), default="text", show_default=True
    ),
    click.option("-o", "--output-file", metavar="FILE", help="Write the report here."),
)


@click.group("campaign")
def command() -> None:
    """Scan, plan and apply one registry in many checkouts.

    FILE says which, as TOML: `registry = "ssot.toml"` and `repositories = ["../one", "../all/*"]`,
    relative to itself. A checkout that fails stops no other.
    """


def _shared(function: _Command) -> _Command:
    """Add what all of them take."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


@command.command("scan")
@rule_options
@_shared
def scan(file: str, select: tuple[str, ...], ignore: tuple[str, ...], **options: Any) -> int:
    """Lint every checkout."""
    gate = Gate(select=split_list(select), ignore=split_list(ignore), locked=is_locked())
    return _carry_out(file, options, action=Action.SCAN, gate=gate)


@command.command("plan")
@scope_options
@waves_option
@_shared
def plan(file: str, batch: int, **options: Any) -> int:
    """Plan the migration of every checkout."""
    scope = scope_from(options)
    return _carry_out(file, options, action=Action.PLAN, scope=scope, batch=batch)


@command.command("apply")
@scope_options
@click.option("--dry-run", is_flag=True, help="Say what would change; write nothing.")
@click.option("--batch", type=click.IntRange(1), metavar="N", help="Write N files at a time.")
@click.option("--verify", metavar="CMD", help="Run this after each batch; undo what it rejects.")
@_shared
@click.pass_obj
def apply(
    arguments: tuple[str, ...],
    /,
    file: str,
    dry_run: bool,
    batch: int | None,
    verify: str | None,
    **options: Any,
) -> int:
    """Migrate every checkout that has no uncommitted changes.

    Each has its own run, which `rollback` takes back.
    """
    return _carry_out(
        file,
        options,
        action=Action.APPLY,
        scope=scope_from(options),
        batch=batch or 0,
        is_dry=dry_run,
        verify=verify,
        command=("ssot-migrate", *arguments),
    )


@command.command("status")
@_shared
def status(file: str, **options: Any) -> int:
    """Say which runs there are, and what is not committed."""
    return _carry_out(file, options, action=Action.STATUS)


def _carry_out(file: str, options: dict[str, Any], **order: Any) -> int:
    request = Request(use_cache=not options["no_cache"], executor=options["executor"])
    with progress_bar(quiet=False) as progress:
        report = carry_out(
            load_campaign(Path(file)), Order(request=request, **order), options["jobs"], progress
        )
    for note in catalogue.notes():
        complain(f"note: {visible(note)}")
    save(options["output_file"] or "-", reporting.render(report, options["output_format"]))
    if report.count(State.FAILED):
        return exits.ERROR
    return exits.FINDINGS if report.count(State.OPEN) else exits.CLEAN
