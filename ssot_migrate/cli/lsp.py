"""`ssot-migrate lsp`."""

from __future__ import annotations

import logging
import os
import sys
from typing import Any

import click

from ssot_migrate.cli import exits
from ssot_migrate.cli.options import (
    baseline_option,
    project_options,
    request_from,
    rule_options,
    split_list,
)
from ssot_migrate.domain.errors import UsageError
from ssot_migrate.usecases.gate.scan import Gate

_INSTALL = "install ssot-migrate with its extra, as in `pip install '.[lsp]'` in a clone"


@click.command("lsp")
@rule_options
@baseline_option
@click.option("--no-baseline", is_flag=True, help="Show known findings too.")
@click.option("--project", metavar="FOLDER", hidden=True)
@project_options
@click.pass_obj
def command(arguments: tuple[str, ...], /, project: str | None, **options: Any) -> int:
    """Serve an editor: the Language Server Protocol on stdin and stdout.

    Diagnostics as you type, quick fixes that are the edits of `apply`, and what to import instead
    of a name. Needs the extra `lsp`. docs/editor.md says how editors start it.
    """
    questions, reports = _own_streams()
    if project is None:
        try:
            from ssot_migrate.editor.server import serve
        except ModuleNotFoundError as problem:
            if problem.name not in ("pygls", "lsprotocol"):
                raise
            raise UsageError(f"the language server needs pygls: {_INSTALL}") from problem
        logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
        with open(questions, "rb") as stdin, os.fdopen(reports, "wb") as stdout:
            serve(arguments, options["root"], stdin, stdout)
        return exits.CLEAN
    from ssot_migrate.editor.project import serve as serve_project

    gate = Gate(
        select=split_list(options.pop("select")),
        ignore=split_list(options.pop("ignore")),
        baseline=options.pop("baseline"),
        use_baseline=not options.pop("no_baseline"),
    )
    paths = () if options["root"] else (project,)
    serve_project(request_from(options, paths), gate, questions, reports)
    return exits.CLEAN


def _own_streams() -> tuple[int, int]:
    """Descriptors of stdin and stdout that nobody else reads from or writes to.

    What a library, or a program that it starts, would write to stdout goes to stderr.
    """
    questions, reports = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    os.dup2(2, 1)
    os.close(nowhere)
    return questions, reports
