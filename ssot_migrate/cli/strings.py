"""`ssot-migrate strings`."""

from __future__ import annotations

from typing import Any

import click

from ssot_migrate.cli.options import answer, project_options
from ssot_migrate.lint.strings.kinds import StringKind
from ssot_migrate.reporting import strings as reporting
from ssot_migrate.usecases.questions import strings as usecases

_format = click.option(
    "--output-format", type=click.Choice(reporting.FORMATS), default="text", show_default=True
)
_kind = click.option(
    "--kind",
    multiple=True,
    type=click.Choice(tuple(kind.value for kind in StringKind)),
    help="Only strings of this kind; may be repeated.",
)
_paths = click.argument("paths", nargs=-1, type=click.Path())


@click.group("strings")
def command() -> None:
    """Index dotted paths in string literals: mock targets, imports, settings, loggers."""


@command.command("list")
@_paths
@_kind
@_format
@project_options
def list_(paths: tuple[str, ...], kind: tuple[str, ...], output_format: str, **options: Any) -> int:
    """List them, with what each is for and what it leads to."""
    return answer(
        options,
        lambda request, progress: usecases.list_strings(request, kind, progress),
        lambda found: reporting.render(found, output_format),
        paths,
    )


@command.command("validate")
@_paths
@_kind
@_format
@project_options
def validate(
    paths: tuple[str, ...], kind: tuple[str, ...], output_format: str, **options: Any
) -> int:
    """List those that lead to nothing in the tree, with near matches.

    External packages are not judged, and neither are names that need not be paths: loggers, tasks,
    data. Exits with 1 if there are any.
    """
    return answer(
        options,
        lambda request, progress: usecases.validate_strings(request, kind, progress),
        lambda found: reporting.render(
            found, output_format, none="Each path that is judged leads somewhere."
        ),
        paths,
        is_clean=lambda found: not found,
    )


@command.command("where")
@click.argument("name")
@_format
@project_options
def where(name: str, output_format: str, **options: Any) -> int:
    """Say which strings name NAME: a module, `package.module:Name`, or one identifier.

    Strings that reach it through a re-export count, if they spell its last part.
    """
    return answer(
        options,
        lambda request, progress: usecases.where_named(request, name, progress),
        lambda found: reporting.render(found, output_format),
    )
