"""Opens a project: root, configuration, files, index."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate import catalogue
from ssot_migrate.config.load import find_config, load
from ssot_migrate.domain.errors import ConfigError, ConfigProblem, UsageError
from ssot_migrate.domain.finding import FileError
from ssot_migrate.index.cache import DEFAULT_FOLDER, Cache
from ssot_migrate.index.index import Index, Progress, default_jobs, no_progress
from ssot_migrate.lint.project import Project
from ssot_migrate.transaction.errors import TransactionError
from ssot_migrate.transaction.places import STORE
from ssot_migrate.usecases.registry_checks import check_protected, check_reporting, check_targets
from ssot_migrate.workspace.discovery import discover
from ssot_migrate.workspace.globs import Globs
from ssot_migrate.workspace.roots import find_root, source_roots
from ssot_migrate.workspace.selection import Selection, expand_paths, path_below
from ssot_migrate.workspace.source import read
from ssot_migrate.workspace.versions import Version, staged, unsaved

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssot_migrate.config.settings import Settings
    from ssot_migrate.workspace.discovery import SourceFile


def _ignore(_error: FileError) -> None:
    """Leave it to whoever asks the opened project."""


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
        executor: Who indexes instead, `dask://HOST:PORT`; empty for those processes.
        staged: Whether to read what is staged in git, not what is on the disk.
        unsaved: A file and the content to read in its place; the report is about that file.
        on_unseen: Called in the end with each file or folder that could not be looked into.
    """

    paths: tuple[str, ...] = ()
    root: str | None = None
    config: str | None = None
    isolated: bool = False
    force_exclude: bool = False
    cache_dir: str | None = None
    use_cache: bool = True
    jobs: int = 0
    executor: str = ""
    staged: bool = False
    unsaved: tuple[str, bytes] | None = None
    on_unseen: Callable[[FileError], None] = _ignore

    @property
    def is_disk(self) -> bool:
        """Whether the tree is the one on the disk."""
        return not self.staged and self.unsaved is None

    @property
    def named(self) -> tuple[str, ...]:
        """The files and folders that the report is about."""
        return self.paths if self.unsaved is None else (self.unsaved[0],)


class Opened(msgspec.Struct, frozen=True):
    """A project ready to be asked, and what was noticed on the way."""

    root: Path
    project: Project
    selection: Selection
    errors: tuple[FileError, ...]
    notes: tuple[str, ...]

    def unreadable(self) -> tuple[FileError, ...]:
        """What could not be read so far, sorted."""
        return tuple(sorted({*self.errors, *self.project.index.errors.values()}))

    def unparsable(self) -> tuple[FileError, ...]:
        """What could be read so far and not be parsed, sorted."""
        return tuple(
            FileError(path, f"cannot be parsed: {failure.message} (line {max(1, failure.line)})")
            for path, failure in sorted(self.project.index.unparsable.items())
        )


@contextmanager
def open_project(request: Request, progress: Progress = no_progress) -> Iterator[Opened]:
    """Read the configuration, find the files and prepare the index; saves the cache at the end.

    Raises:
        ConfigError: The configuration is wrong; all problems at once.
        UsageError: A path of the request cannot be used.
    """
    root, settings = configured(request)
    selection = _selection(request, root)
    discovery = discover(
        root,
        settings.registry,
        explicit=selection.explicit,
        force_exclude=request.force_exclude,
    )
    roots = source_roots(root, settings.registry, discovery.files, partial(read, root))
    if roots.problems:
        raise ConfigError(_placed(settings, roots.problems))
    cache, cache_notes = open_cache(request, root)
    version = _version(request, root, settings, discovery.files)
    index = Index(
        root,
        version.files,
        given=None if request.is_disk else version.given,
        cache=cache,
        jobs=request.jobs or default_jobs(),
        cluster=cluster_of(request),
        progress=progress,
    )
    try:
        project = Project(
            settings,
            version.files,
            index,
            roots.folders,
            discovery.links,
            catalogue.all_rules,
            discovery.compiled,
        )
        check_targets(project)
        notes = (
            *discovery.notes,
            *catalogue.notes(),
            *cache_notes,
            *_unfinished(root),
            *(f"no Python file lies below {folder}" for folder in selection.idle(project.paths)),
        )
        opened = Opened(root, project, selection, discovery.errors, notes)
        yield opened
        index.save()
    finally:
        index.close()
    for error in (*opened.unreadable(), *opened.unparsable()):
        request.on_unseen(error)


def configured(request: Request) -> tuple[Path, Settings]:
    """The root of a project and its configuration, checked as far as the files do not matter.

    Raises:
        ConfigError: The configuration is wrong; all problems at once.
        UsageError: A path of the request cannot be used.
    """
    if request.isolated and request.config:
        raise UsageError("--isolated reads no configuration file: leave out --config")
    start = _common_folder(request.named)
    found = None if request.isolated else _configuration(request, start)
    if request.unsaved is not None and found is None and not request.root:
        path_below(_root_of_here(request), request.unsaved[0])
    root = _root(request, start, found)
    catalogue.keep_out_of(root)
    settings = load(
        found if request.config else None,
        _search_start(request, start),
        isolated=found is None,
        packs=catalogue.pack,
        pack_names=catalogue.pack_names,
    )
    check_protected(settings)
    check_reporting(settings)
    return root, settings


def project_root(request: Request) -> Path:
    """The root of a project, whether or not its configuration can be used.

    Raises:
        UsageError: The folder that was named does not exist.
    """
    start = _common_folder(request.paths)
    return _root(request, start, None if request.isolated else _configuration(request, start))


def _root(request: Request, start: Path, config: Path | None) -> Path:
    if not request.root:
        return find_root(start, _beside(config, start), fallback=_here())
    if not os.path.isdir(request.root):
        raise UsageError(f"{request.root}: the root is no folder")
    return Path(os.path.abspath(request.root))


def _root_of_here(request: Request) -> Path:
    """The root around the working directory: a buffer that no configuration is about lies there.

    Its file need not exist, so a name that is mistaken would be one more file without findings.
    """
    here = _here()
    return _root(request, here, None if request.isolated else find_config(here))


def open_cache(
    request: Request, root: Path, make: Callable[[Path], Cache] = Cache
) -> tuple[Cache | None, tuple[str, ...]]:
    """The cache that a request allows, and what is to be said where there is none.

    Args:
        request: Says whether there is to be one, and where.
        root: The project's root.
        make: Opens it in a folder.
    """
    if not request.use_cache:
        return None, ()
    if request.cache_dir:
        folder = Path(request.cache_dir)
    else:
        folder = root / DEFAULT_FOLDER
        # A tree could lead the cache, and what it deletes, to a folder of the user.
        if os.path.islink(folder):
            return None, (f"{DEFAULT_FOLDER} is a link, so nothing is kept there",)
    cache = make(folder)
    if cache.is_usable:
        return cache, ()
    return None, (f"the cache in {folder} cannot be used, so nothing is kept there",)


def cluster_of(request: Request) -> str:
    """The address of the cluster that indexes; empty for none.

    Raises:
        UsageError: The request names one in a way that cannot be used.
    """
    if not request.executor:
        return ""
    from ssot_migrate.index.cluster import address_of  # no other command needs a network

    return address_of(request.executor)


def _unfinished(root: Path) -> tuple[str, ...]:
    """What is to be said of runs that a crash interrupted: the tree is not what it should be."""
    if not os.path.isdir(root / STORE):
        return ()
    from ssot_migrate.transaction.store import RunStore

    try:
        records = RunStore(root).unfinished()
    except TransactionError as problem:
        return (str(problem.problems[0]),)
    return tuple(
        f"the run {record.id} is not finished: unless it is at work just now, "
        f"`ssot-migrate rollback {record.id}` brings back the files"
        for record in records
    )


def _here() -> Path:
    try:
        return Path.cwd()
    except OSError as problem:
        raise UsageError("the working directory does not exist any more") from problem


def _selection(request: Request, root: Path) -> Selection:
    """What the report is about."""
    if request.unsaved is None:
        return expand_paths(root, request.paths)
    path = path_below(root, request.unsaved[0])
    return Selection(folders=(), explicit=(path,), files=frozenset({path}))


def _version(
    request: Request, root: Path, settings: Settings, files: tuple[SourceFile, ...]
) -> Version:
    """The version of the tree that is asked about."""
    if request.staged:
        return staged(root, settings.registry, files)
    if request.unsaved is None:
        return Version(files)
    path, data = path_below(root, request.unsaved[0]), request.unsaved[1]
    if request.force_exclude and Globs(settings.registry.exclude).matches(path):
        return Version(files)
    return unsaved(Version(files), settings.registry, {path: data})


def _configuration(request: Request, start: Path) -> Path | None:
    if request.config:
        return Path(request.config)
    return find_config(_search_start(request, start))


def _search_start(request: Request, start: Path) -> Path:
    return Path(request.root).absolute() if request.root else start


def _beside(config: Path | None, start: Path) -> Path | None:
    """The configuration if it stands at or above the start: only then does it mark the root."""
    if config is None:
        return None
    folder = config.absolute().parent
    is_usual = config.name in ("ssot.toml", "pyproject.toml")
    return config if is_usual and (folder == start or folder in start.parents) else None


def _common_folder(paths: Sequence[str]) -> Path:
    """The folder in which the search for a configuration starts."""
    here = _here()
    named = [os.path.join(here, path) for path in paths]
    folders = [path if os.path.isdir(path) else os.path.dirname(path) for path in named]
    return Path(os.path.commonpath(map(os.path.normpath, folders))) if folders else here


def _placed(settings: Settings, problems: Sequence[tuple[int, str]]) -> tuple[ConfigProblem, ...]:
    return tuple(settings.problem(("src", entry), message) for entry, message in problems)
