"""`ssot-migrate scan`."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING, Any

import click
import msgspec

from ssot_migrate.cli import exits
from ssot_migrate.cli.console import complain, progress_bar, read_input, save, wants_color
from ssot_migrate.cli.options import (
    baseline_option,
    is_locked,
    project_options,
    request_from,
    rule_options,
    split_list,
)
from ssot_migrate.cli.output import FORMAT, deliver, formats, output_option
from ssot_migrate.domain.errors import UsageError
from ssot_migrate.reporting.sanitize import visible
from ssot_migrate.usecases.gate.changed import Changes
from ssot_migrate.usecases.gate.scan import Gate, scan

if TYPE_CHECKING:
    from ssot_migrate.usecases.project import Request

_UNSET = (None, False, ())
_CONFLICTS = (
    ("since", "staged", "--staged compares with the last commit: leave out --since"),
    ("stdin_filename", "staged", "--stdin-filename reads one file: leave out --staged"),
    ("stdin_filename", "since", "--stdin-filename reports on one file: leave out --since"),
    ("stdin_filename", "add_ignore", "--add-ignore writes files: leave out --stdin-filename"),
    ("staged", "add_ignore", "--add-ignore writes to the work tree: leave out --staged"),
    ("outputs", "add_ignore", "--add-ignore writes one report: leave out --output"),
    ("fixes", "add_ignore", "--add-ignore fixes nothing: leave out --fixes"),
    ("fixes", "staged", "--fixes plans with the files on the disk: leave out --staged"),
    ("fixes", "stdin_filename", "--fixes plans with the files on the disk: leave it out"),
    ("watch", "staged", "--watch looks at the files on the disk: leave out --staged"),
    ("watch", "stdin_filename", "--watch looks at the files on the disk: leave out stdin"),
    ("watch", "add_ignore", "--watch only looks: leave out --add-ignore"),
    ("no_baseline", "baseline", "--no-baseline reads no baseline: leave out --baseline"),
)


@click.command("scan")
@click.argument("paths", nargs=-1, type=click.Path())
@rule_options
@baseline_option
@click.option("--no-baseline", is_flag=True, help="Report known findings too.")
@click.option("--locked", is_flag=True, help="Never write the baseline; on where CI is set.")
@click.option("--since", metavar="REV", help="Only what changed since this git revision, or broke.")
@click.option("--staged", is_flag=True, help="The same of what is staged, since the last commit.")
@click.option("--changed-lines", is_flag=True, help="With those, only changed lines of files.")
@click.option("--stdin-filename", metavar="FILE", help="Read this file's content from stdin.")
@click.option(
    "--add-ignore", metavar="REASON", help="Write a comment for each finding that suppresses it."
)
@click.option(
    "--output-format",
    type=FORMAT,
    default="text",
    envvar="SSOT_MIGRATE_OUTPUT_FORMAT",
    show_default=True,
    help="How to report.",
)
@click.option("-o", "--output-file", metavar="FILE", help="Write the report here, not to stdout.")
@output_option
@click.option("--fixes", is_flag=True, help="SARIF: add the edits that `apply` would make.")
@click.option("--no-suppressed", is_flag=True, help="SARIF: leave out what does not count.")
@click.option("--statistics", is_flag=True, help="Add a table of findings by rule.")
@click.option("--watch", is_flag=True, help="Scan again whenever files change, until Ctrl-C.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@click.option("--color", type=click.Choice(("auto", "always", "never")), default="auto")
@click.option("-q", "--quiet", is_flag=True, help="Report findings only.")
@click.option("-v", "--verbose", is_flag=True, help="Say what is read and where from.")
@project_options
@click.pass_obj
def command(arguments: tuple[str, ...], /, paths: tuple[str, ...], **options: Any) -> int:
    """Lint the project and report what departs from its registry.

    PATHS limit the report, not the analysis: imports are resolved over the whole project.
    """
    _check(paths, options)
    if options["fixes"] and "sarif" not in formats(options):
        raise UsageError("--fixes goes into SARIF: add --output sarif=FILE")
    request = _request(paths, options)
    if options["add_ignore"] is not None:
        return _add_ignores(request, arguments, options)
    if options["watch"]:
        from ssot_migrate.cli.watch import watch

        watch(request, options["baseline"], lambda: _scan(request, options))
    return _scan(request, options)


def _scan(request: Request, options: dict[str, Any]) -> int:
    with progress_bar(quiet=options["quiet"]) as progress:
        report = scan(
            request,
            _gate(options),
            with_excerpts="full" in formats(options),
            with_fixes=options["fixes"],
            progress=progress,
        )
    if options["verbose"]:
        complain("\n".join(map(visible, report.details)))
    deliver(report, options)
    if report.errors:
        return exits.ERROR
    return exits.FINDINGS if report.findings and not options["exit_zero"] else exits.CLEAN


def _check(paths: tuple[str, ...], options: dict[str, Any]) -> None:
    """Refuse what cannot be meant together.

    Raises:
        UsageError: With the remedy.
    """
    for one, other, remedy in _CONFLICTS:
        if options[one] not in _UNSET and options[other] not in _UNSET:
            raise UsageError(remedy)
    if options["changed_lines"] and not (options["since"] or options["staged"]):
        raise UsageError("--changed-lines needs to know since when: add --since REV or --staged")
    if options["stdin_filename"] is not None and set(paths) - {"-"}:
        raise UsageError("--stdin-filename reports on one file: leave out the paths")


def _request(paths: tuple[str, ...], options: dict[str, Any]) -> Request:
    name = options["stdin_filename"]
    request = request_from(options, paths if name is None else ())
    unsaved = None if name is None else (name, read_input())
    return msgspec.structs.replace(request, staged=options["staged"], unsaved=unsaved)


def _gate(options: dict[str, Any]) -> Gate:
    since, staged = options["since"], options["staged"]
    is_limited = since is not None or staged
    return Gate(
        select=split_list(options["select"]),
        ignore=split_list(options["ignore"]),
        baseline=options["baseline"],
        use_baseline=not options["no_baseline"],
        locked=options["locked"] or is_locked(),
        changes=Changes(since=since, staged=staged, by_line=options["changed_lines"])
        if is_limited
        else None,
    )


def _add_ignores(request: Request, arguments: tuple[str, ...], options: dict[str, Any]) -> int:
    from ssot_migrate.reporting import apply as reporting
    from ssot_migrate.usecases.gate.ignoring import add_ignores
    from ssot_migrate.usecases.migration.runs import undoing

    words = ("ssot-migrate", *arguments)
    with progress_bar(quiet=options["quiet"]) as progress:
        report = add_ignores(
            request, _gate(options), options["add_ignore"], command=words, progress=progress
        )
    manner = reporting.Manner(
        color=wants_color(sys.stdout, options["color"]),
        statistics=options["statistics"],
        quiet=options["quiet"],
        verbose=options["verbose"],
        undoing=shlex.join(undoing(request, report.run)) if report.run else "",
    )
    output_format = "json" if options["output_format"] == "json" else "text"
    save(options["output_file"] or "-", reporting.render(report, output_format, manner))
    if report.errors:
        return exits.ERROR
    is_done = not any(one.left or one.why for one in report.files)
    return exits.CLEAN if is_done or options["exit_zero"] else exits.FINDINGS
