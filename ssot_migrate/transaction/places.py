"""Where files are, and what is there: no path leads out of the root or into what is not ours."""

from __future__ import annotations

import os
import stat
import unicodedata

import msgspec

from ssot_migrate.transaction.attributes import Attributes, attributes_of
from ssot_migrate.transaction.change import digest_of
from ssot_migrate.transaction.errors import Problem, TransactionError, explained

STORE = ".ssot_migrate"
_NOT_OURS = (STORE, ".git")
_READ: int = os.O_RDONLY
for _flag in ("O_NONBLOCK", "O_NOFOLLOW", "O_CLOEXEC", "O_NOCTTY", "O_BINARY"):
    _READ |= getattr(os, _flag, 0)
del _flag


class Seen(msgspec.Struct, frozen=True):
    """A regular file as it was found.

    Args:
        digest: Digest of its content.
        attributes: What it has besides.
        names: How many names it has; more than one means hard links.
    """

    digest: str
    attributes: Attributes
    names: int


def what_is_wrong_with(path: str) -> str | None:
    """Why a text is no path of a file in the root, whatever is there; None if nothing is."""
    parts = path.split("/")
    if os.sep != "/" and os.sep in path:
        return "is not written with slashes"
    if not path or "\0" in path:
        return "is no name that a file can have"
    if os.path.isabs(path) or os.path.splitdrive(path)[0] or {"", ".", ".."} & set(parts):
        return "is not a plain path below the root"
    if any(part.lower() in _NOT_OURS for part in parts):
        return "belongs to git or to ssot-migrate itself"
    return None


def real_path(root: str, path: str) -> str:
    """Where the file at `path` is, links followed, relative to the root.

    Args:
        root: The root, itself without links.
        path: Relative to it.

    Raises:
        TransactionError: It is not a plain path below the root, or leads out of it.
    """
    wrong = what_is_wrong_with(path)
    if wrong is None:
        with explained(path):
            real = os.path.realpath(os.path.join(root, path))
        inside = os.path.join(root, "")
        if not real.startswith(inside):
            wrong = "is a link that leads out of the root"
        else:
            relative = real[len(inside) :].replace(os.sep, "/")
            wrong = what_is_wrong_with(relative)
            if wrong is None:
                return relative
    raise TransactionError((Problem(path, wrong),))


def look(root: str, real: str, shown: str = "") -> Seen | None:
    """What is at a path without links; None if nothing is.

    Args:
        root: The root, itself without links.
        real: Relative to it.
        shown: The path that messages name.

    Raises:
        TransactionError: It is no regular file, has become a link or cannot be read.
    """
    shown = shown or real
    file = os.path.normpath(os.path.join(root, real))
    with explained(shown):
        if os.path.realpath(os.path.dirname(file)) != os.path.dirname(file):
            raise TransactionError((Problem(shown, "is in a folder that became a link"),))
        try:
            status = os.lstat(file)
        except (FileNotFoundError, NotADirectoryError):
            return None
        if not stat.S_ISREG(status.st_mode):
            kinds = {stat.S_IFDIR: "a folder", stat.S_IFLNK: "a link"}
            kind = kinds.get(stat.S_IFMT(status.st_mode), "no regular file")
            raise TransactionError((Problem(shown, f"is {kind} now"),))
        digest = digest_of(read_regular(file))
        return Seen(digest, attributes_of(file, status), status.st_nlink)


def read_regular(file: str) -> bytes:
    """The content of a file that is neither a link nor anything else than a regular file.

    Raises:
        OSError: It is, or cannot be read.
    """
    descriptor = os.open(file, _READ)
    with open(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError("is not a regular file")
        return stream.read()


def folded(path: str) -> str:
    """What is the same for names that a system which ignores case takes for the same."""
    return unicodedata.normalize("NFC", path).casefold()


def ignores_case(folder: str) -> bool:
    """Whether the system finds a folder under its name in other letters."""
    parent, name = os.path.split(folder)
    return os.path.lexists(os.path.join(parent, name.swapcase()))


def may_write(path: str) -> bool:
    """Whether the user may change a file, or what is in a folder, as far as the system tells."""
    rights = os.W_OK | os.X_OK if os.path.isdir(path) else os.W_OK
    return os.access(path, rights, effective_ids=os.access in os.supports_effective_ids)
