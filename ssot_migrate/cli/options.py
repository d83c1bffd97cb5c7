"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from ssot_migrate.usecases.project import Request

_Command = TypeVar("_Command", bound=Callable[..., Any])


def project_options(command: _Command) -> _Command:
    """Add the options that say which project is meant and how it is read."""
    for option in reversed(_PROJECT_OPTIONS):
        command = option(command)
    return command


def request_from(options: dict[str, Any], paths: tuple[str, ...] = ()) -> Request:
    """Take the project's options out of a command's keyword arguments."""
    return Request(
        paths=paths,
        root=options.pop("root"),
        config=options.pop("config"),
        isolated=options.pop("isolated"),
        force_exclude=options.pop("force_exclude"),
        cache_dir=options.pop("cache_dir"),
        use_cache=not options.pop("no_cache"),
        jobs=options.pop("jobs"),
    )


_PROJECT_OPTIONS = (
    click.option("--root", metavar="DIR", help="Project root; found upwards when not given."),
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
)
