"""Options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ssot_migrate import catalogue
from ssot_migrate.cli import exits
from ssot_migrate.cli.completing import selectors
from ssot_migrate.cli.console import complain, progress_bar, save
from ssot_migrate.reporting.sanitize import visible
from ssot_migrate.usecases.project import Request

if TYPE_CHECKING:
    from ssot_migrate.domain.finding import FileError
    from ssot_migrate.index.index import Progress

_Command = TypeVar("_Command", bound=Callable[..., Any])
_Answer = TypeVar("_Answer")


root_option = click.option(
    "--root", metavar="DIR", help="Project root; found upwards when not given."
)


def project_options(command: _Command) -> _Command:
    """Add the options that say which project is meant and how it is read."""
    for option in reversed(_PROJECT_OPTIONS):
        command = option(command)
    return command


def rule_options(command: _Command) -> _Command:
    """Add the options that say which rules are meant."""
    ignore = click.option(
        "--ignore",
        multiple=True,
        metavar="RULE",
        shell_complete=selectors,
        help="Leave out these codes or names.",
    )
    return click.option(
        "--select",
        multiple=True,
        metavar="RULE",
        shell_complete=selectors,
        help="Run only these codes or names.",
    )(ignore(command))


baseline_option = click.option(
    "--baseline", metavar="FILE", help="List of known findings; default: the registry's."
)


def is_locked() -> bool:
    """Whether files that should be committed are not to be written, as in a CI system."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false", "no")


def request_from(
    options: dict[str, Any],
    paths: tuple[str, ...] = (),
    unseen: list[FileError] | None = None,
) -> Request:
    """Take the project's options out of a command's keyword arguments.

    Args:
        options: The keyword arguments; the project's are removed.
        paths: Files and folders that the report is about.
        unseen: Takes in the files that could not be looked into.
    """
    ignored: list[FileError] = []
    return Request(
        paths=paths,
        root=options.pop("root"),
        config=options.pop("config"),
        isolated=options.pop("isolated"),
        force_exclude=options.pop("force_exclude"),
        cache_dir=options.pop("cache_dir"),
        use_cache=not options.pop("no_cache"),
        jobs=options.pop("jobs"),
        executor=options.pop("executor"),
        on_unseen=(ignored if unseen is None else unseen).append,
    )


def answer(
    options: dict[str, Any],
    ask: Callable[[Request, Progress], _Answer],
    render: Callable[[_Answer], str],
    paths: tuple[str, ...] = (),
    *,
    is_clean: Callable[[_Answer], bool] = lambda _answer: True,
    file: str = "-",
) -> int:
    """Ask a project a question, write the answer, and say what could not be looked into."""
    unseen: list[FileError] = []
    request = request_from(options, paths, unseen)
    with progress_bar(quiet=False) as progress:
        answered = ask(request, progress)
    save(file, render(answered))
    for error in unseen:
        complain(f"{visible(error.path)}: error: {visible(error.message)}")
    if unseen:
        complain(f"The answer leaves out {len(unseen)} of the files and folders.")
        return exits.ERROR
    return exits.CLEAN if is_clean(answered) else exits.FINDINGS


def split_list(values: tuple[str, ...]) -> tuple[str, ...]:
    """The items of an option that may be repeated and may hold several, between commas."""
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())


def _admit(_context: click.Context, _parameter: click.Parameter, named: tuple[str, ...]) -> None:
    catalogue.admit(named)


plugin_option = click.option(
    "--plugin",
    multiple=True,
    metavar="PLACE",
    expose_value=False,
    is_eager=True,
    callback=_admit,
    help="Run rules and codemods of this file, folder or module as well.",
)

executor_option = click.option(
    "--executor",
    default="",
    metavar="dask://HOST:PORT",
    help="Index on the workers of this Dask cluster.",
)

_PROJECT_OPTIONS = (
    plugin_option,
    root_option,
    click.option("--config", metavar="FILE", help="Registry to use instead of the nearest one."),
    click.option("--isolated", is_flag=True, help="Read no configuration file."),
    click.option(
        "--force-exclude", is_flag=True, help="Apply `exclude` to explicitly named files too."
    ),
    click.option("--no-cache", is_flag=True, help="Neither read nor write the cache."),
    click.option(
        "--cache-dir",
        metavar="DIR",
        envvar="SSOT_MIGRATE_CACHE_DIR",
        help="Folder of the cache; default: .ssot_migrate_cache in the root.",
    ),
    click.option(
        "-j",
        "--jobs",
        type=click.IntRange(0),
        default=0,
        help="Worker processes; 0 (default) is one per processor.",
    ),
    executor_option,
)
