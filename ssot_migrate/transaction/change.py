"""What is to become of a file."""

from __future__ import annotations

import hashlib

import msgspec


class Change(msgspec.Struct, frozen=True):
    """A file to replace, to create or to delete.

    Args:
        path: POSIX path relative to the root; undecodable bytes as surrogate escapes.
        before: Digest of the content that the change was planned from; None if the file must not
            exist yet.
        after: The new content; None to delete the file.
        mode: The permission bits that the file is to have. None keeps those it has, and leaves
            those of a new file to the umask.
    """

    path: str
    before: str | None
    after: bytes | None
    mode: int | None = None


def digest_of(data: bytes) -> str:
    """A content's identity, as 32 hexadecimal digits."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()
