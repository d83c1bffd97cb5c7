"""What a file has besides its content: permission bits, owner, extended attributes."""

from __future__ import annotations

import errno
import os
import stat
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import msgspec

from ssot_migrate.transaction.fileops import FileOps, write_all

if TYPE_CHECKING:
    from collections.abc import Iterator

# The others are rights (`security.capability`) or belong to the system, which sets them anew.
_KEPT = ("user.", "system.posix_acl_access")
_NOT_PERMITTED = (errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EINVAL)


class Attributes(msgspec.Struct, frozen=True):
    """What a file has besides its content.

    Args:
        mode: The permission bits. Those that lend the owner's rights are left out: they go
            whenever a file is written.
        owner: Number of the user; None for whoever writes the file.
        group: Number of the group; None for the one that new files get.
        extended: Extended attributes, access lists among them.
    """

    mode: Annotated[int, msgspec.Meta(ge=0, le=0o777)]
    owner: Annotated[int, msgspec.Meta(ge=0)] | None = None
    group: Annotated[int, msgspec.Meta(ge=0)] | None = None
    extended: dict[str, bytes] = {}


def attributes_of(file: str, status: os.stat_result) -> Attributes:
    """The attributes of a file, which is no link, with the status that it has."""
    extended: dict[str, bytes] = {}
    if sys.platform == "linux":
        with _as_far_as_permitted():
            extended = {
                name: os.getxattr(file, name, follow_symlinks=False)
                for name in sorted(os.listxattr(file, follow_symlinks=False))
                if name.startswith(_KEPT)
            }
    return Attributes(status.st_mode & 0o777, status.st_uid, status.st_gid, extended)


def write_new(ops: FileOps, path: str, data: bytes, attributes: Attributes | None) -> None:
    """Create a file and wait until its content is on the disk.

    Args:
        ops: What changes the file system.
        path: Where; nothing may be there.
        data: The content.
        attributes: What it is to have, as far as the user may set it; None for what new files
            have.

    Raises:
        OSError: As the system says; there may be a part of the file then.
    """
    descriptor = ops.create(path, 0o666 if attributes is None else 0o600)
    try:
        write_all(ops, descriptor, data)
        if attributes is not None:
            _impose(ops, descriptor, attributes)
        ops.sync(descriptor)
    finally:
        ops.close(descriptor)


def _impose(ops: FileOps, descriptor: int, attributes: Attributes) -> None:
    has = os.fstat(descriptor)
    owner, group = attributes.owner, attributes.group
    if owner is not None and owner != has.st_uid:
        with _as_far_as_permitted():
            ops.set_owner(descriptor, owner, -1)
    if group is not None and group != has.st_gid:
        with _as_far_as_permitted():
            ops.set_owner(descriptor, -1, group)
    if stat.S_IMODE(has.st_mode) != attributes.mode:
        ops.set_mode(descriptor, attributes.mode)
    for name, value in attributes.extended.items():
        if name.startswith(_KEPT):
            with _as_far_as_permitted():
                ops.set_extended(descriptor, name, value)


@contextmanager
def _as_far_as_permitted() -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        if problem.errno not in _NOT_PERMITTED:
            raise
