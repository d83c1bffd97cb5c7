"""`ssot-migrate apply`."""

from __future__ import annotations

import shlex
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from ssot_migrate.cli import exits
from ssot_migrate.cli.console import complain, progress_bar, save, wants_color
from ssot_migrate.cli.interactive import Asker, Quit
from ssot_migrate.cli.options import project_options, request_from
from ssot_migrate.cli.scope import scope_from, scope_options
from ssot_migrate.domain.errors import UsageError
from ssot_migrate.reporting.apply import FORMATS, Manner, render
from ssot_migrate.reporting.apply.closing import beside_a_patch
from ssot_migrate.reporting.sanitize import visible
from ssot_migrate.usecases.migration.patch import prefix
from ssot_migrate.usecases.migration.runs import undoing

if TYPE_CHECKING:
    from ssot_migrate.domain.outcome import ApplyReport
    from ssot_migrate.domain.scope import Scope
    from ssot_migrate.usecases.project import Request

_NAME = "ssot-migrate"
_FOR_PEOPLE = ("text", "diff")
_DRY = ("--dry-run", "--diff")
_SHOW = ("--dry-run", "--unsafe")
_DECIDED_BY_A_PLAN = (
    *("concept", "select", "unsafe", "strings", "docs", "delete"),
    *("no_suppressions", "since", "staged", "batch", "interactive"),
)


@click.command("apply")
@click.argument("paths", nargs=-1, type=click.Path())
@click.option(*_DRY, "dry_run", is_flag=True, help="Show what would change; write nothing.")
@click.option("--interactive", is_flag=True, help="Show each file's change, and ask.")
@scope_options
@click.option("--plan", metavar="FILE", help="Make exactly what this plan of `plan` says.")
@click.option("--since", metavar="REV", help="Only files that changed since this git revision.")
@click.option("--staged", is_flag=True, help="Only files with changes that are staged in git.")
@click.option("--force", is_flag=True, help="Write to files with uncommitted changes too.")
@click.option("--batch", type=click.IntRange(1), metavar="N", help="Write N files at a time.")
@click.option("--verify", metavar="CMD", help="Run this after each batch; undo what it rejects.")
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    metavar="SECONDS",
    help="Limit for each run of --verify.",
)
@click.option("--keep-going", is_flag=True, help="After a batch that was undone, go on.")
@click.option("--backup", metavar="DIR", help="Keep copies of the files here, besides the journal.")
@click.option(
    "--output-format",
    type=click.Choice(tuple(FORMATS)),
    help="How to report; default: diff with --dry-run, else text.",
)
@click.option("-o", "--output-file", metavar="FILE", help="Write the report here, not to stdout.")
@click.option("--statistics", is_flag=True, help="Add a table of edits by rule.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even if something is left to do.")
@click.option("--color", type=click.Choice(("auto", "always", "never")), default="auto")
@click.option("-q", "--quiet", is_flag=True, help="List only what changed and what went wrong.")
@click.option("-v", "--verbose", is_flag=True, help="List each edit, with its reason.")
@project_options
@click.pass_obj
def command(arguments: tuple[str, ...], /, paths: tuple[str, ...], **options: Any) -> int:
    """Migrate the project to its canonical paths, or show how.

    PATHS limit which files change; what their code means is asked of the whole project.

    Exits with 0 if nothing is left to do, with 1 if something would change or is left to a
    person, with 2 if a file could not be handled.
    """
    _check(options, paths)
    request = request_from(options, paths)
    try:
        report = _migrate(request, scope_from(options), arguments, options)
    except Quit:
        complain("Nothing was written.")
        return exits.FINDINGS
    _deliver(report, request, arguments, options)
    if report.errors:
        return exits.ERROR
    return exits.CLEAN if options["exit_zero"] or _is_done(report, options) else exits.FINDINGS


def _check(options: dict[str, Any], paths: tuple[str, ...]) -> None:
    """Refuse what cannot be meant together.

    Raises:
        UsageError: With the remedy.
    """
    given = [f"--{name.replace('_', '-')}" for name in _DECIDED_BY_A_PLAN if options[name]]
    if options["plan"] and (given or paths):
        raise UsageError(f"--plan says what changes: leave out {', '.join((*given, *paths))}")
    if options["since"] and options["staged"]:
        raise UsageError("--staged is what changed since the last commit: leave out --since")
    if options["dry_run"] and options["interactive"]:
        raise UsageError("--interactive asks before it writes: leave out --dry-run")
    if options["keep_going"] and not options["verify"]:
        raise UsageError("--keep-going goes on after a failed check: name one with --verify")
    if options["timeout"] and not options["verify"]:
        raise UsageError("--timeout limits the check: name one with --verify")
    if options["interactive"] and not Asker.can_ask():
        raise UsageError("--interactive needs a terminal to ask on")
    if options["output_format"] == "patch" and not options["output_file"] and _is_seen():
        raise UsageError(
            "a patch holds bytes that a terminal would obey: write it with -o FILE, or to a pipe"
        )


def _is_seen() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


def _migrate(
    request: Request, scope: Scope, arguments: tuple[str, ...], options: dict[str, Any]
) -> ApplyReport:
    # With LibCST it takes longer to import than all the rest: not for a help text or a mistake.
    from ssot_migrate.usecases.migration import apply as usecases
    from ssot_migrate.usecases.plans.follow import read_plan

    with ExitStack() as stack:
        progress = stack.enter_context(progress_bar(quiet=options["quiet"]))
        following = read_plan(options["plan"]) if options["plan"] else None
        if options["dry_run"]:
            return usecases.rehearse(request, scope, following, progress)
        writing = usecases.Writing(
            force=options["force"],
            backup=options["backup"],
            batch=options["batch"] or 0,
            verify=options["verify"],
            timeout=options["timeout"],
            keep_going=options["keep_going"],
        )
        # A question and a progress bar do not go together.
        asker = Asker(stack.close, color=wants_color(sys.stderr, options["color"]))
        return usecases.apply(
            request,
            scope,
            writing,
            following=following,
            confirm=asker if options["interactive"] else None,
            progress=progress,
            command=(_NAME, *arguments),
        )


def _is_done(report: ApplyReport, options: dict[str, Any]) -> bool:
    # Who is refused, or was left because somebody said so, has a reason.
    return not (
        (options["dry_run"] and report.changed)
        or any(outcome.left or outcome.why for outcome in report.files)
        or any(wave.state != "applied" for wave in report.waves)
    )


def _deliver(
    report: ApplyReport, request: Request, arguments: tuple[str, ...], options: dict[str, Any]
) -> None:
    is_dry, file = options["dry_run"], options["output_file"]
    output_format = options["output_format"] or ("diff" if is_dry else "text")
    words = tuple(word for word in arguments if word not in _DRY)
    is_colored = wants_color(sys.stdout, options["color"])
    manner = Manner(
        is_dry=is_dry,
        color=is_colored and not (file and options["color"] == "auto"),
        statistics=options["statistics"],
        quiet=options["quiet"],
        places=not options["quiet"],
        verbose=options["verbose"],
        following=shlex.join((_NAME, *words)),
        reviewing=""
        if options["unsafe"] or options["plan"]
        else shlex.join((_NAME, words[0], *_SHOW, *words[1:])),
        undoing=shlex.join(undoing(request, report.run)) if report.run else "",
        prefix=prefix(request) if output_format == "patch" else "",
    )
    try:
        save(file or "-", render(report, output_format, manner))
    except UsageError:
        if report.run:
            complain(f"Run {report.run} was written. To undo it: {visible(manner.undoing)}")
        raise
    if output_format not in _FOR_PEOPLE and not options["quiet"]:
        for note in report.notes:
            complain(f"note: {visible(note)}")
    if output_format == "patch":
        for sentence in beside_a_patch(report):
            complain(sentence)
