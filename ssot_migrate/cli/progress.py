"""`ssot-migrate progress`."""

from __future__ import annotations

import sys
from typing import Any

import click

from ssot_migrate.cli import exits
from ssot_migrate.cli.console import (
    complain,
    progress_bar,
    save,
    terminal_width,
    wants_color,
)
from ssot_migrate.cli.options import project_options, request_from, rule_options, split_list
from ssot_migrate.reporting import progress as reporting
from ssot_migrate.reporting.sanitize import visible
from ssot_migrate.usecases.trends.commits import Choice
from ssot_migrate.usecases.trends.progress import progress

_USUAL_WIDTH = 80
_MOST = 1 << 31


@click.command("progress")
@click.option(
    "--every", type=click.IntRange(1, _MOST), metavar="N", help="Each Nth first-parent commit."
)
@click.option("--tags", is_flag=True, help="The commits with tags, and the current one.")
@click.option("--since", metavar="DATE|REV", help="Only from a day or a git revision on.")
@click.option(
    "--last", type=click.IntRange(1, _MOST), metavar="N", help="Only the last N of those."
)
@rule_options
@click.option(
    "--output-format",
    type=click.Choice(reporting.FORMATS),
    default="text",
    show_default=True,
    help="How to report.",
)
@click.option("--output-file", metavar="FILE", help="Where to write; default: stdout.")
@click.option(
    "--color", type=click.Choice(("auto", "always", "never")), default="auto", show_default=True
)
@click.option("-v", "--verbose", is_flag=True, help="Say what was read and what was remembered.")
@project_options
def command(**options: Any) -> int:
    """Count findings over git's history, by rule, concept and owner.

    Every revision is held against the registry as it is now. Nothing is checked out, and nothing
    but the cache is written. Without a choice, about thirty commits are taken, evenly spread over
    the first-parent line.
    """
    choice = Choice(
        every=options["every"], tags=options["tags"], since=options["since"], last=options["last"]
    )
    with progress_bar(quiet=False) as bar:
        report = progress(
            request_from(options),
            choice,
            select=split_list(options["select"]),
            ignore=split_list(options["ignore"]),
            report=bar,
        )
    manner = reporting.Manner(
        color=options["output_file"] is None and wants_color(sys.stdout, options["color"]),
        width=terminal_width(sys.stdout) or _USUAL_WIDTH,
        is_plain=not _shows_blocks(options["output_file"]),
    )
    text = reporting.render(report, options["output_format"], manner)
    save(options["output_file"] or "-", text)
    for note in report.notes if options["output_format"] == "text" else ():
        complain(f"note: {visible(note)}")
    if options["verbose"]:
        work = report.work
        complain(
            f"{work.revisions} revisions, {work.remembered} of them remembered; "
            f"{work.contents} contents read from git, {work.parsed} parsed"
        )
    return exits.CLEAN


def _shows_blocks(file: str | None) -> bool:
    """Whether the output can show more than ASCII."""
    if file not in (None, "-"):
        return True
    try:
        "█│└─▁".encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
