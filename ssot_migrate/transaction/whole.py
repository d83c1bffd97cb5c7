"""Writes one file, all of it or nothing: for reports, patches and copies."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

from ssot_migrate.transaction.attributes import attributes_of, write_new
from ssot_migrate.transaction.fileops import FileOps, write_all
from ssot_migrate.transaction.places import may_write

if TYPE_CHECKING:
    from ssot_migrate.transaction.attributes import Attributes

# Where names stand for streams of a process, its standard output among them.
_STREAMS = ("/dev/fd/", "/dev/stdout", "/dev/stderr", "/proc/")
_MAX_LINKS = 40


def write_whole(path: str | os.PathLike[str], data: bytes, ops: FileOps | None = None) -> None:
    """Write a file so that nobody ever sees a part of it, and what was there before stays or goes.

    An existing file keeps its permission bits and, as far as permitted, its owner; of a link, the
    file behind it is written. What cannot be replaced, such as `/dev/stdout` or a named pipe, is
    written to.

    Raises:
        OSError: It cannot be written, for instance because its folder does not exist.
    """
    ops = FileOps() if ops is None else ops
    given = os.fspath(path)
    if _is_stream(given):
        descriptor = ops.open_stream(given)
        try:
            write_all(ops, descriptor, data)
        finally:
            ops.close(descriptor)
        return
    target = os.path.realpath(given)
    attributes = None
    with suppress(FileNotFoundError):
        attributes = attributes_of(target, os.lstat(target))
        if not may_write(target):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), given)
    # Its length does not depend on the name, which may be as long as names can be.
    temporary = os.path.join(os.path.dirname(target), f".ssot-migrate-{os.urandom(4).hex()}.tmp")
    replace_with(ops, target, temporary, data, attributes)
    ops.sync_folder(os.path.dirname(target))


def replace_with(
    ops: FileOps, target: str, temporary: str, data: bytes, attributes: Attributes | None
) -> None:
    """Write a file beside its place and move it there; the caller waits for the folder.

    Args:
        ops: What changes the file system.
        target: The place, which is no link.
        temporary: A free name in the same folder.
        data: The content.
        attributes: As for `write_new`.

    Raises:
        OSError: As the system says; the target is as it was, and nothing is beside it.
    """
    try:
        write_new(ops, temporary, data, attributes)
        ops.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            ops.unlink(temporary)
        raise


def _is_stream(path: str) -> bool:
    """Whether a path leads to something that is written to, not replaced."""
    try:
        kind = os.stat(path).st_mode
    except OSError:
        return False
    if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
        return True
    place = os.path.abspath(path)
    for _ in range(_MAX_LINKS):
        if place.startswith(_STREAMS):
            return True
        if not os.path.islink(place):
            break
        place = os.path.normpath(os.path.join(os.path.dirname(place), os.readlink(place)))
    return False
