"""Versions of a tree other than the one on the disk: staged, at a commit, not yet saved.

The work tree is not touched. What a version shares with it is read there, the rest is taken from
git's store or from whoever has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.errors import UsageError
from ssot_migrate.workspace import git
from ssot_migrate.workspace.categories import Classifier
from ssot_migrate.workspace.discovery import SourceFile, Stamp
from ssot_migrate.workspace.globs import Globs
from ssot_migrate.workspace.revision import Revision
from ssot_migrate.workspace.walk import SKIPPED_FOLDERS, SUFFIXES, VIRTUAL_ENVIRONMENT_MARK

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from ssot_migrate.config.model import Registry


class Version(msgspec.Struct, frozen=True):
    """A version of a tree.

    Args:
        files: Its source files, sorted by path.
        given: What those of them hold that differ from the disk, by path.
        missing: Files that git knows and has no content for, or too much of it.
    """

    files: tuple[SourceFile, ...]
    given: Mapping[str, bytes] = {}
    missing: tuple[str, ...] = ()


def unsaved(version: Version, registry: Registry, contents: Mapping[str, bytes]) -> Version:
    """A tree with other contents in some files, which need not exist."""
    return _with(version, registry, contents, contents, contents)


def staged(root: Path, registry: Registry, files: Sequence[SourceFile]) -> Version:
    """The tree as it would be committed.

    Args:
        root: Its root.
        registry: Names what to exclude, and the categories.
        files: What discovery found on the disk.

    Raises:
        UsageError: There is no git.
    """
    index = git.index_file(root)
    found = Revision.staged(root, index)
    touched = git.differing(root, index=index)
    if found is None or touched is None:
        raise UsageError("--staged: the root is in no git repository")
    known = frozenset(found.paths)
    same = tuple(file for file in files if file.path in known)
    wanted = _sources(known & touched, registry)
    return _with(Version(same), registry, touched, found.read(wanted), wanted)


def before(
    version: Version, registry: Registry, revision: Revision | None, changed: frozenset[str]
) -> Version:
    """A tree as it was at a commit, whatever rules there were then.

    Args:
        version: The tree as it is.
        registry: Names what to exclude, and the categories.
        revision: The commit; None for the time before the first one.
        changed: The files that differ from it.
    """
    paths = () if revision is None else changed.intersection(revision.paths)
    wanted = _sources(paths, registry)
    contents = {} if revision is None else revision.read(wanted)
    return _with(version, registry, changed, contents, wanted)


def whole(revision: Revision, registry: Registry, known: Mapping[bytes, bytes]) -> Version:
    """A tree as a commit has it, nothing of it read from the disk.

    Args:
        revision: The commit.
        registry: Names what to exclude, and the categories.
        known: Contents by their names in git that need not be read again.
    """
    wanted = sources(revision, registry)
    contents = {path: known[blob] for path in wanted if (blob := revision.blob(path)) in known}
    contents |= revision.read(path for path in wanted if path not in contents)
    return _with(Version(()), registry, (), contents, wanted)


def sources(
    revision: Revision, registry: Registry, suffixes: tuple[str, ...] = SUFFIXES
) -> list[str]:
    """The files of a commit that discovery would take in, sorted.

    Args:
        revision: The commit.
        registry: Names what to exclude.
        suffixes: What they end with, if not as source files do.
    """
    mark = "/" + VIRTUAL_ENVIRONMENT_MARK
    others = tuple(path.removesuffix(mark) + "/" for path in revision.paths if path.endswith(mark))
    found = _sources(revision.paths, registry, suffixes)
    return [path for path in found if not path.startswith(others)]


def _with(
    version: Version,
    registry: Registry,
    replaced: Iterable[str],
    contents: Mapping[str, bytes],
    wanted: Iterable[str],
) -> Version:
    gone = frozenset(replaced)
    category = Classifier(registry).category
    files = {file.path: file for file in version.files if file.path not in gone}
    files |= {
        path: SourceFile(path, category(path), Stamp(len(data), 0, 0, 0))
        for path, data in contents.items()
    }
    given = {path: data for path, data in version.given.items() if path not in gone}
    return Version(
        tuple(files[path] for path in sorted(files)),
        {**given, **contents},
        tuple(path for path in wanted if path not in contents),
    )


def takes_in(path: str, registry: Registry) -> bool:
    """Whether discovery would take in a file of that name."""
    return bool(_sources([path], registry))


def _sources(
    paths: Iterable[str], registry: Registry, suffixes: tuple[str, ...] = SUFFIXES
) -> list[str]:
    """Those of the paths that discovery would take in."""
    excluded = Globs(registry.exclude)
    return sorted(
        path
        for path in paths
        if path.endswith(suffixes)
        and SKIPPED_FOLDERS.isdisjoint(path.split("/")[:-1])
        and not excluded.matches(path)
    )
