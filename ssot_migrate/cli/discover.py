"""`ssot-migrate discover`."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ssot_migrate.cli import exits
from ssot_migrate.cli.console import complain, progress_bar, save, wants_color, write
from ssot_migrate.cli.deciding import Decider
from ssot_migrate.cli.interactive import Asker, Quit
from ssot_migrate.cli.options import project_options, request_from
from ssot_migrate.discover.proposal import Confidence
from ssot_migrate.domain.errors import UsageError
from ssot_migrate.reporting import discover as reporting
from ssot_migrate.reporting.sanitize import visible
from ssot_migrate.usecases import discover as usecases
from ssot_migrate.usecases.migration.runs import undoing
from ssot_migrate.usecases.project import project_root

if TYPE_CHECKING:
    from ssot_migrate.domain.finding import FileError

_Command = TypeVar("_Command", bound=Callable[..., Any])


def choice_options(command: _Command) -> _Command:
    """Add the options that say which proposals are wanted."""
    for option in (
        project_options,
        click.option("--color", type=click.Choice(("auto", "always", "never")), default="auto"),
        click.option("--interactive", is_flag=True, help="Ask about each: accept or reverse it."),
        click.option(
            "--confidence",
            type=click.Choice([level.value for level in Confidence]),
            default=Confidence.POSSIBLE.value,
            show_default=True,
            help="Leave out what is less sure.",
        ),
    ):
        command = option(command)
    return command


@click.command("discover")
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--write", "writes", is_flag=True, help="Write ssot.toml, if there is none.")
@click.option(
    "--output-format", type=click.Choice(reporting.FORMATS), default="text", show_default=True
)
@click.option("-o", "--output-file", metavar="FILE", help="Write the report here, not to stdout.")
@choice_options
@click.pass_obj
def command(
    arguments: tuple[str, ...],
    /,
    paths: tuple[str, ...],
    writes: bool,
    output_format: str,
    output_file: str | None,
    **options: Any,
) -> int:
    """Propose concepts and moves for a project that has no registry.

    PATHS limit which files proposals are about. Each proposal says how sure it is, and why.
    """

    def report(found: usecases.Discovered) -> None:
        color = wants_color(sys.stdout, options["color"]) and output_file is None
        save(output_file or "-", reporting.render(found, output_format, color=color))

    return run(paths, arguments, options, report, writes=writes)


def run(
    paths: tuple[str, ...],
    arguments: tuple[str, ...],
    options: dict[str, Any],
    report: Callable[[usecases.Discovered], None] | None,
    *,
    writes: bool,
) -> int:
    """Search, ask if that is wanted, write if that is wanted, and report.

    Args:
        paths: What proposals are about.
        arguments: The command line, for the history.
        options: The options of `choice_options`.
        report: Shows what was found; None to show only what was written.
        writes: Whether to write the registry.

    Raises:
        UsageError: With the remedy.
    """
    is_asked = options["interactive"]
    if is_asked and not Asker.can_ask():
        raise UsageError("--interactive needs a terminal to ask on")
    unseen: list[FileError] = []
    at_least, color = Confidence(options.pop("confidence")), options["color"]
    request = request_from(options, paths, unseen)
    if writes:
        usecases.require_no_registry(project_root(request))
    with ExitStack() as stack:
        progress = stack.enter_context(progress_bar(quiet=False))
        decider = Decider(stack.close, color=wants_color(sys.stderr, color)) if is_asked else None
        try:
            found = usecases.discover(request, at_least, decider, progress)
        except Quit:
            complain("Nothing was written.")
            return exits.FINDINGS
    if writes:
        found = usecases.write_registry(found, command=("ssot-migrate", *arguments))
    if report is not None:
        report(found)
    if writes:
        told = reporting.written(found, shlex.join(undoing(request, found.run or "")))
        if report is None:
            write(told)
        else:
            complain(told.rstrip("\n"))
    for error in unseen:
        complain(f"{visible(error.path)}: error: {visible(error.message)}")
    if unseen:
        complain(f"The proposals leave out {len(unseen)} of the files and folders.")
    return exits.ERROR if unseen else exits.CLEAN
