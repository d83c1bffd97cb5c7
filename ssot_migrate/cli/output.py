"""Where reports go: one to stdout or a file, any number of others to files."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from ssot_migrate import catalogue
from ssot_migrate.cli.console import complain, save, terminal_width, wants_color
from ssot_migrate.domain.errors import UsageError
from ssot_migrate.reporting import FORMATS, Style, render
from ssot_migrate.reporting.sanitize import visible

if TYPE_CHECKING:
    from ssot_migrate.domain.report import ScanReport


class _Format(click.Choice[str]):
    """One of the tool's formats, or else one of a plug-in's: these are looked for last."""

    name = "format"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        name = str(value)
        if name in FORMATS:
            return name
        self.choices = catalogue.format_names()
        return name if name in self.choices else super().convert(value, param, ctx)


FORMAT = _Format(tuple(FORMATS))
_FOR_PEOPLE = ("text", "full")
_WITH_NOTES = (*_FOR_PEOPLE, "markdown")
_STDOUT = "-"


def _split(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    """`FORMAT=FILE`, as pairs of both."""
    pairs = []
    for value in values:
        format_name, _, file = value.partition("=")
        if not file:
            problem = f"{value!r} is not FORMAT=FILE, as in sarif=report.sarif"
            raise click.BadParameter(problem, context, parameter)
        FORMAT.convert(format_name, parameter, context)
        pairs.append((format_name, file))
    return tuple(pairs)


def _formats(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """What a shell may put before the name of the file."""
    return [f"{name}=" for name in FORMATS if name.startswith(incomplete)]


output_option = click.option(
    "--output",
    "outputs",
    multiple=True,
    callback=_split,
    shell_complete=_formats,
    metavar="FORMAT=FILE",
    help="Write this report as well; may be repeated.",
)


def destinations(options: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Every report that is wanted: its format, and its file or `-`.

    Raises:
        UsageError: Two reports would go to one place.
    """
    first = (options["output_format"], options["output_file"] or _STDOUT)
    wanted = (first, *options["outputs"])
    taken: dict[str, str] = {}
    for format_name, file in wanted:
        place = file if file == _STDOUT else os.path.realpath(file)
        if place in taken:
            where = "stdout" if file == _STDOUT else file
            raise UsageError(
                f"{taken[place]} and {format_name} would both be written to {where}:"
                " give one of them another file"
            )
        taken[place] = format_name
    return wanted


def formats(options: dict[str, Any]) -> frozenset[str]:
    """The formats that are wanted.

    Raises:
        UsageError: Two reports would go to one place.
    """
    return frozenset(format_name for format_name, _ in destinations(options))


def deliver(report: ScanReport, options: dict[str, Any]) -> None:
    """Write a report where and how the options say, with its notes.

    Raises:
        UsageError: A report cannot be written.
    """
    # Stdout comes last: whoever reads it may rely on the files.
    wanted = sorted(destinations(options), key=lambda one: one[1] == _STDOUT)
    for format_name, file in wanted:
        save(file, render(report, format_name, _style(format_name, file, options)))
    if options["output_format"] not in _WITH_NOTES and not options["quiet"]:
        for note in report.notes:
            complain(f"note: {visible(note)}")


def _style(format_name: str, file: str, options: dict[str, Any]) -> Style:
    is_file = file != _STDOUT
    return Style(
        color=format_name in _FOR_PEOPLE
        and not (is_file and options["color"] == "auto")
        and wants_color(sys.stdout, options["color"]),
        width=None if is_file else terminal_width(sys.stdout),
        statistics=options["statistics"],
        quiet=options["quiet"],
        silenced=not options.get("no_suppressed", False),
    )
