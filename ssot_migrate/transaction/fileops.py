"""Every change of the file system that a transaction makes: a method for each kind of it."""

from __future__ import annotations

import errno
import os
import sys

# Not on every system.
_NO_LINK: int = getattr(os, "O_NOFOLLOW", 0)
_OWN = _NO_LINK | getattr(os, "O_CLOEXEC", 0)
_RAW: int = getattr(os, "O_BINARY", 0)
_FOLDER: int = getattr(os, "O_DIRECTORY", 0)
# What file systems say, remote ones above all, that cannot wait for a folder.
_NOT_OFFERED = (errno.EINVAL, errno.ENOTSUP)


class FileOps:
    """Changes of the file system, about one system call each; nothing here decides anything.

    Transactions change files through an instance of this class only, so that a subclass sees each
    change before it happens, and may make it fail. All methods raise `OSError`.
    """

    def create(self, path: str, mode: int) -> int:
        """Open a new file; the bits are subject to the umask."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _OWN | _RAW, mode)

    def reopen(self, path: str) -> int:
        """Open a file of our own to append to it."""
        return os.open(path, os.O_WRONLY | os.O_APPEND | _OWN | _RAW)

    def open_lock(self, path: str) -> int:
        """Open the file that is locked, which may not exist yet."""
        return os.open(path, os.O_RDWR | os.O_CREAT | _OWN | _RAW, 0o600)

    def open_stream(self, path: str) -> int:
        """Open a pipe, a terminal or a device; links lead there."""
        return os.open(path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_NOCTTY", 0) | _RAW)

    def write(self, descriptor: int, data: bytes | memoryview) -> int:
        """Write what the system takes at once; how much that was."""
        return os.write(descriptor, data)

    def truncate(self, descriptor: int, size: int) -> None:
        """Cut a file of our own."""
        os.ftruncate(descriptor, size)

    def set_mode(self, descriptor: int, mode: int) -> None:
        """Give a file its permission bits."""
        os.fchmod(descriptor, mode)

    def set_owner(self, descriptor: int, owner: int, group: int) -> None:
        """Give a file to somebody; -1 leaves the owner or the group."""
        os.fchown(descriptor, owner, group)

    def set_extended(self, descriptor: int, name: str, value: bytes) -> None:
        """Give a file an extended attribute."""
        if sys.platform == "linux":
            os.setxattr(descriptor, name, value)

    def sync(self, descriptor: int) -> None:
        """Wait until a file is on the disk."""
        os.fsync(descriptor)

    def close(self, descriptor: int) -> None:
        """Close a file."""
        os.close(descriptor)

    def sync_folder(self, path: str) -> None:
        """Wait until the names in a folder are on the disk."""
        if sys.platform == "win32":
            return
        descriptor = os.open(path, os.O_RDONLY | _FOLDER | _OWN)
        try:
            os.fsync(descriptor)
        except OSError as problem:
            if problem.errno not in _NOT_OFFERED:
                raise
        finally:
            os.close(descriptor)

    def replace(self, source: str, target: str) -> None:
        """Give a file another name; a file that has it is gone at the same instant."""
        os.replace(source, target)

    def unlink(self, path: str) -> None:
        """Remove a file."""
        os.unlink(path)

    def mkdir(self, path: str, mode: int = 0o777) -> None:
        """Create a folder; the bits are subject to the umask."""
        os.mkdir(path, mode)

    def rmdir(self, path: str) -> None:
        """Remove an empty folder."""
        os.rmdir(path)


def write_all(ops: FileOps, descriptor: int, data: bytes) -> None:
    """Write all of it, in as many pieces as the system wants."""
    rest = memoryview(data)
    while rest:
        rest = rest[ops.write(descriptor, rest) :]
