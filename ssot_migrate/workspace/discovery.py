"""Finds the source files of a tree.

In a git work tree, git says which files belong to it: tracked ones, and new ones that it does not
ignore. Elsewhere, or where git refuses, the folders are walked. Either way submodules, nested
repositories, virtual environments and the folders of tools are left out, and links to folders
are not followed.

A link to a file counts as a file only if it leads to a regular file within the root that is not
found under its own name: one content is one file. What is found below a folder is known under the
names that a link to this folder gives it, too: Python imports it by either.
"""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.finding import Category, FileError
from ssot_migrate.workspace import git
from ssot_migrate.workspace.categories import Classifier
from ssot_migrate.workspace.globs import Globs
from ssot_migrate.workspace.source import link_target, plain_reason
from ssot_migrate.workspace.walk import (
    COMPILED,
    SKIPPED_FOLDERS,
    SUFFIXES,
    VIRTUAL_ENVIRONMENT_MARK,
    compiled_among,
    unreadable_folder,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from ssot_migrate.config.model import Registry

_WALKED = (
    "git failed or ignores this folder, so its files were found without git; tracked files that "
    "a .gitignore names are missing"
)
# Git cuts a message off that is too long, as it is when the path is.
_UNOPENED = re.compile(rb"^warning: could not open directory '(?:(.+)': (.+)|(.+))$", re.MULTILINE)


class Stamp(msgspec.Struct, frozen=True):
    """What changes when a file changes, without reading it."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


class SourceFile(msgspec.Struct, frozen=True):
    """A source file.

    Args:
        path: POSIX path relative to the root; undecodable bytes as surrogate escapes.
        category: What the file is for.
        stamp: The state of the file, or of the file that a link leads to.
    """

    path: str
    category: Category
    stamp: Stamp


class Discovery(msgspec.Struct, frozen=True):
    """The source files of a tree.

    Args:
        files: Sorted by path.
        errors: Files and folders that could not be looked at, sorted.
        links: Links to files that are found under another name, with that name; sorted.
        notes: What the reader should know, a sentence each.
        compiled: Files that are compiled modules, or that one is made of; sorted.
    """

    files: tuple[SourceFile, ...]
    errors: tuple[FileError, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    compiled: tuple[str, ...] = ()


def discover(
    root: Path,
    registry: Registry,
    *,
    explicit: Iterable[str] = (),
    force_exclude: bool = False,
) -> Discovery:
    """Find the source files below `root`.

    Args:
        root: The folder to search.
        registry: Names what to exclude, and the categories.
        explicit: Files to take in whatever they are called and whoever ignores or excludes them.
        force_exclude: Whether the registry's `exclude` applies to them as well.
    """
    excluded = Globs(registry.exclude)
    search = _Search(root, excluded, Classifier(registry))
    notes = []
    if not search.ask_git():
        if git.is_below_a_mark(search.root):
            notes.append(_WALKED)
        search = _Search(root, excluded, Classifier(registry))
        found = search.wanted(walk(search.root, search.report))
        search.take(search.without_compiled(found))
    asked_for = [path for path in explicit if not (force_exclude and excluded.matches(path))]
    search.take(asked_for)
    return search.result(frozenset(asked_for), notes)


class _Search:
    def __init__(self, root: Path, excluded: Globs, classifier: Classifier) -> None:
        self.root = os.fspath(root)
        self._excluded = excluded
        self._category = classifier.category
        self._files: dict[str, SourceFile] = {}
        self._links: dict[str, None] = {}
        self._errors: dict[str, FileError] = {}
        self._compiled: set[str] = set()
        self._entered = {"": True}

    def ask_git(self) -> bool:
        """Take in what git lists; False if it lists nothing that could be believed."""
        # Git needs most of its time to look for new files. Those it knows are taken in meanwhile.
        listing = ("ls-files", "-o", "--exclude-standard", "-z", "--")
        with git.start(self.root, *listing) as running:
            tracked = git.run(self.root, "ls-files", "-c", "-z", "--")
            if tracked is None:
                return False
            known = _names(tracked)
            self.take(self._enterable(self.wanted(_sources(known))))
            self._compiled.update(self._enterable(self.wanted(compiled_among(known))))
            output = running.output()
        if output is None:
            return False
        new = _names(output.stdout)
        self.take(self._enterable(self.wanted(_sources(new))))
        self._compiled.update(self._enterable(self.wanted(compiled_among(new))))
        self.take(self._enterable(self.wanted(self._linked_folders([*known, *new]))))
        self._leave_out_virtual_environments([*known, *new])
        self._report_unopened(output.stderr)
        # Where git ignores the root itself, it knows nothing of what is below.
        return (
            bool(tracked or self._files or self._errors)
            or git.run(self.root, "check-ignore", "-q", "--", ".") is None
        )

    def wanted(self, paths: Iterable[str]) -> Iterable[str]:
        """The paths that the registry does not exclude."""
        if self._excluded.is_empty:
            return paths
        return [path for path in paths if not self._excluded.matches(path)]

    def without_compiled(self, paths: Iterable[str]) -> Iterator[str]:
        """The paths but for compiled modules, which are noted."""
        for path in paths:
            if path.endswith(COMPILED):
                self._compiled.add(path)
            else:
                yield path

    def take(self, paths: Iterable[str]) -> None:
        """Look at each of `paths` once."""
        files, category, prefix = self._files, self._category, os.path.join(self.root, "")
        lstat, is_regular = os.lstat, stat.S_ISREG
        for path in paths:
            try:
                status = lstat(prefix + path)
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError as problem:
                self._report_unseen(path, problem)
                continue
            if is_regular(status.st_mode):
                files[path] = SourceFile(path, category(path), _stamp(status))
            elif stat.S_ISLNK(status.st_mode):
                self._links[path] = None

    def report(self, error: FileError) -> None:
        """Keep the first error of each file and folder."""
        self._errors.setdefault(error.path, error)

    def result(self, explicit: frozenset[str], notes: list[str]) -> Discovery:
        """Everything found, in its final order."""
        links, outward = self._settle_links(explicit)
        if outward:
            count = "1 link leads" if len(outward) == 1 else f"{len(outward)} links lead"
            notes = [*notes, f"{count} out of the root, {outward[0]} first; not followed"]
        return Discovery(
            files=tuple(file for _, file in sorted(self._files.items())),
            errors=tuple(sorted(self._errors.values())),
            links=tuple(links),
            notes=tuple(notes),
            compiled=tuple(sorted(self._compiled)),
        )

    def _settle_links(self, explicit: frozenset[str]) -> tuple[list[tuple[str, str]], list[str]]:
        homes = dict(zip(self._files, self._files, strict=True))
        links, outward = [], []
        for link in sorted(self._links):
            target = link_target(self.root, link)
            is_source = link in explicit or link.endswith(SUFFIXES)
            if isinstance(target, FileError):
                outward += [link] if is_source else []
            elif target in homes:
                links.append((link, homes[target]))
            elif not is_source:
                below = [path for path in self._files if path.startswith(f"{target}/")]
                links += [(link + path[len(target) :], path) for path in below]
            elif link in explicit or self._may_stand_for(target):
                file = self._file_behind(link, target)
                if file is not None:
                    homes[target] = link
                    self._files[link] = file
        return links, outward

    def _linked_folders(self, names: Iterable[str]) -> list[str]:
        """Links that may lead to packages, which git lists as it lists files."""
        return [
            name
            for name in names
            if name.rpartition("/")[2].isidentifier()
            and os.path.islink(os.path.join(self.root, name))
        ]

    def _may_stand_for(self, target: str) -> bool:
        return self._enters(target.rpartition("/")[0]) and not self._excluded.matches(target)

    def _file_behind(self, link: str, target: str) -> SourceFile | None:
        try:
            status = os.lstat(os.path.join(self.root, target))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as problem:
            self.report(FileError(link, plain_reason(problem)))
            return None
        if not stat.S_ISREG(status.st_mode):
            return None
        return SourceFile(link, self._category(link), _stamp(status))

    def _enterable(self, paths: Iterable[str]) -> Iterable[str]:
        # A folder in the index may have become a link by now, and the index be written by anybody.
        enters = self._enters
        return [path for path in paths if enters(path.rpartition("/")[0]) and path[0] != "/"]

    def _enters(self, folder: str) -> bool:
        """Whether `folder` and all above it are real folders that are not skipped."""
        entered, pending = self._entered, []
        while (verdict := entered.get(folder)) is None:
            pending.append(folder)
            folder = folder.rpartition("/")[0]
        for inner in reversed(pending):
            verdict = entered[inner] = verdict and self._is_open_folder(inner)
        return verdict

    def _is_open_folder(self, folder: str) -> bool:
        name = folder.rpartition("/")[2]
        if name in SKIPPED_FOLDERS or name in {"", ".", ".."}:
            return False
        try:
            return stat.S_ISDIR(os.lstat(os.path.join(self.root, folder)).st_mode)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as problem:
            self._report_unseen(folder, problem)
            return False

    def _leave_out_virtual_environments(self, names: Iterable[str]) -> None:
        mark = "/" + VIRTUAL_ENVIRONMENT_MARK
        inside = tuple(name.removesuffix(mark) + "/" for name in names if name.endswith(mark))
        if inside:
            for found in (self._files, self._links, self._errors):
                for path in [path for path in found if path.startswith(inside)]:
                    del found[path]

    def _report_unopened(self, warnings: bytes) -> None:
        found = _UNOPENED.findall(warnings)
        if not found:
            return
        # Git counts from the top of the work tree.
        prefix = (git.run(self.root, "rev-parse", "--show-prefix") or b"").removesuffix(b"\n")
        for folder, reason, cut_off in found:
            path = (folder or cut_off).removeprefix(prefix).removesuffix(b"/") or b"."
            why = os.fsdecode(reason).lower() or "the path is too long for the system"
            self.report(FileError(os.fsdecode(path), f"cannot read the folder: {why}"))

    def _report_unseen(self, path: str, problem: OSError) -> None:
        if isinstance(problem, PermissionError):
            self.report(unreadable_folder(path.rpartition("/")[0], problem))
        else:
            self.report(FileError(path, plain_reason(problem)))


def _names(output: bytes) -> list[str]:
    return os.fsdecode(output).split("\0")


def _sources(names: Iterable[str]) -> list[str]:
    # A nested repository ends with a slash, and an unmerged file comes three times.
    return list(dict.fromkeys(name for name in names if name.endswith(SUFFIXES)))


def _stamp(status: os.stat_result) -> Stamp:
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
