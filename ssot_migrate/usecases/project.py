"""Opens a project: root, configuration, files, index."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate import catalogue
from ssot_migrate.config.load import find_config, load
from ssot_migrate.domain.errors import ConfigError, ConfigProblem
from ssot_migrate.domain.finding import FileError
from ssot_migrate.index.cache import DEFAULT_FOLDER, Cache
from ssot_migrate.index.index import Index, Progress, default_jobs, no_progress
from ssot_migrate.lint.project import Project
from ssot_migrate.lint.targets import missing_targets
from ssot_migrate.workspace.discovery import discover
from ssot_migrate.workspace.roots import find_root, source_roots
from ssot_migrate.workspace.selection import Selection, expand_paths

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssot_migrate.config.settings import Settings


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """Which project, and how to read it.

    Args:
        paths: Files and folders that the report is about; empty for the whole project.
        root: The project's root; None to find it from the configuration or the paths.
        config: The configuration file; None to find it.
        isolated: Whether to read no configuration at all.
        force_exclude: Whether `exclude` applies to files that are named explicitly.
        cache_dir: The cache's folder; None for the default one below the root.
        use_cache: Whether to read and write the cache.
        jobs: Number of worker processes; 0 for one per processor.
    """

    paths: tuple[str, ...] = ()
    root: str | None = None
    config: str | None = None
    isolated: bool = False
    force_exclude: bool = False
    cache_dir: str | None = None
    use_cache: bool = True
    jobs: int = 0


class Opened(msgspec.Struct, frozen=True):
    """A project ready to be asked, and what was noticed on the way."""

    root: Path
    project: Project
    selection: Selection
    errors: tuple[FileError, ...]
    notes: tuple[str, ...]


@contextmanager
def open_project(request: Request, progress: Progress = no_progress) -> Iterator[Opened]:
    """Read the configuration, find the files and prepare the index; saves the cache at the end.

    Raises:
        ConfigError: The configuration is wrong; all problems at once.
        UsageError: A path of the request cannot be used.
    """
    start = _common_folder(request.paths)
    found = None if request.isolated else _configuration(request, start)
    if request.root:
        root = Path(request.root).absolute()
    else:
        root = find_root(start, _beside(found, start), fallback=Path.cwd())
    settings = load(
        found,
        root,
        isolated=request.isolated or found is None,
        packs=catalogue.pack,
        pack_names=catalogue.pack_names,
    )
    selection = expand_paths(root, request.paths)
    discovery = discover(
        root,
        settings.registry,
        explicit=selection.explicit,
        force_exclude=request.force_exclude,
    )
    roots = source_roots(root, settings.registry, (file.path for file in discovery.files))
    if roots.problems:
        raise ConfigError(_placed(settings, roots.problems))
    cache = Cache(Path(request.cache_dir or root / DEFAULT_FOLDER)) if request.use_cache else None
    index = Index(
        root,
        discovery.files,
        cache=cache,
        jobs=request.jobs or default_jobs(),
        progress=progress,
    )
    project = Project(settings, discovery.files, index, roots.folders, discovery.links)
    if problems := missing_targets(project):
        raise ConfigError(problems)
    notes = (
        *discovery.notes,
        *(f"no Python file lies below {folder}" for folder in selection.idle(project.paths)),
    )
    yield Opened(root, project, selection, discovery.errors, notes)
    index.save()


def _configuration(request: Request, start: Path) -> Path | None:
    if request.config:
        return Path(request.config)
    return find_config(Path(request.root).absolute() if request.root else start)


def _beside(config: Path | None, start: Path) -> Path | None:
    """The configuration if it stands at or above the start: only then does it mark the root."""
    if config is None:
        return None
    folder = config.absolute().parent
    is_usual = config.name in ("ssot.toml", "pyproject.toml")
    return config if is_usual and (folder == start or folder in start.parents) else None


def _common_folder(paths: Sequence[str]) -> Path:
    """The folder in which the search for a configuration starts."""
    if not paths:
        return Path.cwd()
    named = [Path(os.path.abspath(path)) for path in paths]
    folders = [path if path.is_dir() else path.parent for path in named]
    return Path(os.path.commonpath(folders))


def _placed(settings: Settings, problems: Sequence[tuple[int, str]]) -> tuple[ConfigProblem, ...]:
    return tuple(settings.problem(("src", entry), message) for entry, message in problems)
