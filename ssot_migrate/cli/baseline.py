"""`ssot-migrate baseline`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from ssot_migrate.cli import exits
from ssot_migrate.cli.console import progress_bar, write
from ssot_migrate.cli.options import (
    baseline_option,
    project_options,
    request_from,
    rule_options,
    split_list,
)
from ssot_migrate.reporting import baseline as reporting
from ssot_migrate.usecases.gate import merging
from ssot_migrate.usecases.gate.baseline import Action, maintain
from ssot_migrate.usecases.gate.scan import Gate

_Command = TypeVar("_Command", bound=Callable[..., Any])


@click.group("baseline")
def command() -> None:
    """Keep the list of known findings, which `scan` lets pass.

    PATHS and --select limit what is asked about; the rest of the list stays as it is.
    """


def _shared(function: _Command) -> _Command:
    """Add what all of them take."""
    output_format = click.option(
        "--output-format",
        type=click.Choice(reporting.FORMATS),
        default="text",
        show_default=True,
        help="How to report.",
    )
    paths = click.argument("paths", nargs=-1, type=click.Path())
    return paths(rule_options(baseline_option(output_format(project_options(function)))))


@command.command("create")
@click.option("--reason", metavar="TEXT", help="Why the findings are let pass for now.")
@click.option("--force", is_flag=True, help="Replace a list that is there.")
@_shared
def create(paths: tuple[str, ...], reason: str | None, force: bool, **options: Any) -> int:
    """Write a list of everything that is found."""
    return _maintain(Action.CREATE, paths, options, accept=reason, force=force)


@command.command("update")
@click.option("--accept-new", metavar="REASON", help="Let findings pass that are not in it.")
@_shared
def update(paths: tuple[str, ...], accept_new: str | None, **options: Any) -> int:
    """Drop what is not found any more, and renew the paths of files that moved.

    Exits with 1 if findings are new and not accepted.
    """
    return _maintain(Action.UPDATE, paths, options, accept=accept_new)


@command.command("prune")
@_shared
def prune(paths: tuple[str, ...], **options: Any) -> int:
    """Drop what is not found any more."""
    return _maintain(Action.PRUNE, paths, options)


@command.command("check")
@_shared
def check(paths: tuple[str, ...], **options: Any) -> int:
    """Say whether the list is what `update` would write, and write nothing.

    Exits with 1 if entries are stale or findings are new.
    """
    return _maintain(Action.CHECK, paths, options)


@command.command("merge")
@click.argument("base", type=click.Path())
@click.argument("ours", type=click.Path())
@click.argument("theirs", type=click.Path())
def merge(base: str, ours: str, theirs: str) -> int:
    """Merge two lists that were made from BASE, and write that into OURS.

    An entry that one of them has dropped goes, one that either has added stays. git calls this as
    a merge driver, with `%O %A %B`.
    """
    merging.merge(base, ours, theirs)
    return exits.CLEAN


def _maintain(
    action: Action, paths: tuple[str, ...], options: dict[str, Any], **settings: Any
) -> int:
    gate = Gate(
        select=split_list(options["select"]),
        ignore=split_list(options["ignore"]),
        baseline=options["baseline"],
    )
    with progress_bar(quiet=False) as progress:
        report = maintain(request_from(options, paths), gate, action, progress=progress, **settings)
    write(reporting.render(report, options["output_format"]))
    if report.errors:
        return exits.ERROR
    is_open = report.stale or (report.new and action is not Action.PRUNE)
    return exits.FINDINGS if is_open else exits.CLEAN
