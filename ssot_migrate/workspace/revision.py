"""Reads the files of a commit, or of the index, out of git's store, without checking it out."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ssot_migrate.workspace import git
from ssot_migrate.workspace.source import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_FILES = (b"100644", b"100755")
_OURS = (b"0", b"2")


class Revision:
    """A commit of the repository around a folder, or what is staged for the next one.

    Args:
        root: The folder; paths are relative to it.
        commit: The commit's full name; empty for the index.
        blobs: The names of the contents of the files below the folder, by path.
    """

    def __init__(self, root: Path, commit: str, blobs: Mapping[str, bytes]) -> None:
        self._root = root
        self._blobs = blobs
        self.commit = commit

    @classmethod
    def find(cls, root: Path, name: str) -> Revision | None:
        """The commit that `name` stands for; None where git is missing or knows no such one."""
        commit = git.commit_of(root, name)
        if commit is None:
            return None
        listing = git.run(root, "ls-tree", "-r", "-z", commit, "--", ".")
        if listing is None:
            return None
        entries = _entries(listing)
        blobs = {path: blob for (mode, _kind, blob), path in entries if mode in _FILES}
        return cls(root, commit, blobs)

    @classmethod
    def staged(cls, root: Path, index: str | None = None) -> Revision | None:
        """What is staged; None where there is no git. Of a file in conflict, it is our side.

        Args:
            root: The folder.
            index: The index file; None for the repository's own.
        """
        listing = git.run(root, "ls-files", "--stage", "-z", "--", ".", index=index)
        if listing is None:
            return None
        blobs = {
            path: blob
            for (mode, blob, stage), path in _entries(listing)
            if mode in _FILES and stage in _OURS
        }
        return cls(root, "", blobs)

    @property
    def paths(self) -> tuple[str, ...]:
        """The plain files below the folder, sorted."""
        return tuple(sorted(self._blobs))

    def blob(self, path: str) -> bytes:
        """The name of a file's content, the same for the same content."""
        return self._blobs[path]

    def content(self, path: str) -> bytes | None:
        """The content of one file; None where there is none."""
        return self.read([path]).get(path)

    def read(self, paths: Iterable[str]) -> dict[str, bytes]:
        """The contents of some files; of those that it has no content for, nothing."""
        wanted = [path for path in paths if path in self._blobs]
        if not wanted:
            return {}
        names = b"".join(self._blobs[path] + b"\n" for path in wanted)
        printed = git.run(self._root, "cat-file", "--batch", given=names) or b""
        found: dict[str, bytes] = {}
        position = 0
        for path in wanted:
            end = printed.find(b"\n", position)
            head = printed[position:end].split() if end >= 0 else []
            if len(head) != 3 or head[0] != self._blobs[path]:
                # `NAME missing`: a partial clone does not have it.
                position = end + 1
                continue
            size = int(head[2])
            if size <= MAX_BYTES:
                found[path] = printed[end + 1 : end + 1 + size]
            position = end + 1 + size + 1
        return found


def _entries(listing: bytes) -> Iterator[tuple[list[bytes], str]]:
    """The fields and the path of each line that git printed."""
    for entry in filter(None, listing.split(b"\0")):
        fields, _, path = entry.partition(b"\t")
        yield fields.split(), os.fsdecode(path)
