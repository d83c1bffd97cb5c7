"""Reads source files: regular files only, as Python itself would decode them."""

from __future__ import annotations

import codecs
import errno
import os
import re
import stat
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.finding import FileError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MAX_BYTES = 20 * 1024 * 1024

_CHUNK_BYTES = 1 << 16
_OPEN = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NOCTTY
_PLAIN_WORDS = {
    errno.ENOENT: "does not exist any more",
    errno.ENOTDIR: "does not exist any more",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.EIO: "the disk reports an input/output error",
    errno.ELOOP: "is a link that leads in a circle",
    errno.ENAMETOOLONG: "the path is too long for the system",
    errno.EMFILE: "too many files are open",
    errno.ENFILE: "too many files are open",
    errno.ENXIO: "is not a regular file",
    errno.ESTALE: "the file server has lost the file",
}
_COOKIE = re.compile(rb"[ \t\f]*#[^\r\n]*?coding[:=][ \t]*([-\w.]+)")
_BLANK = re.compile(rb"[ \t\f]*(?:#[^\r\n]*)?(?:\r\n|\r|\n)")
# They pass for encodings of text, yet are no way to store a file; punycode takes quadratic time.
_NO_FILE_ENCODINGS = frozenset(
    {"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape"}
)


class Undecodable(msgspec.Struct, frozen=True):
    """Why bytes are no Python source.

    Args:
        message: The reason, with its position.
        line: 1-based line of the offending byte or declaration.
        offset: 0-based position of the offending byte in the file.
    """

    message: str
    line: int = 1
    offset: int = 0


class Contents(msgspec.Struct, frozen=True):
    """What the files of a tree hold: what is on the disk, but for those that are given.

    Args:
        root: The folder that paths are relative to.
        given: Contents by path that stand for those on the disk.
    """

    root: str
    given: Mapping[str, bytes] = {}

    def read(self, path: str) -> bytes | FileError:
        """The content of the file at `path`."""
        data = self.given.get(path)
        return read(self.root, path) if data is None else data

    def rows(self, path: str) -> list[str]:
        """The lines of a file as they can be shown; none of one that cannot be read.

        Bytes that cannot be decoded show as backslash escapes.
        """
        data = self.read(path)
        return [] if isinstance(data, FileError) else _rows(data)

    def only(self, paths: Iterable[str]) -> Contents:
        """The contents of some files, to be handed to another process."""
        if not self.given:
            return self
        return Contents(self.root, {path: self.given[path] for path in paths if path in self.given})


def read(root: str | Path, path: str) -> bytes | FileError:
    """The content of the file at `path`, relative to `root`.

    Pipes, sockets, devices and folders are not read. A link is read if it leads to a file within
    the root.
    """
    try:
        return _read_regular(os.path.join(root, path), path)
    except OSError as problem:
        if problem.errno != errno.ELOOP:
            return FileError(path, plain_reason(problem))
    except ValueError:
        return FileError(path, "is no name that a file can have")
    target = link_target(root, path)
    if isinstance(target, FileError):
        return target
    try:
        return _read_regular(os.path.join(root, target), path)
    except OSError as problem:
        return FileError(path, plain_reason(problem))


def link_target(root: str | Path, path: str) -> str | FileError:
    """Where the link at `path` leads in the end, relative to `root`; for a plain file, itself."""
    real_root = os.path.join(os.path.realpath(root), "")
    target = os.path.realpath(os.path.join(root, path))
    if not target.startswith(real_root):
        return FileError(path, "is a link that leads out of the root")
    return target[len(real_root) :]


def plain_reason(problem: OSError) -> str:
    """Say in plain words why the system refused."""
    return _PLAIN_WORDS.get(problem.errno or 0) or (problem.strerror or str(problem)).lower()


def decode(data: bytes) -> str | Undecodable:
    """The text of a source file, its line ends as they are, without its byte order mark."""
    encoding = source_encoding(data)
    if isinstance(encoding, Undecodable):
        return encoding
    zero = data.find(b"\0")
    if zero >= 0:
        return _at(data, zero, "has a NUL byte")
    start = len(codecs.BOM_UTF8) if encoding == "utf-8-sig" else 0
    try:
        return data[start:].decode("utf-8" if start else encoding)
    except UnicodeDecodeError as problem:
        offset = start + problem.start
        shown = "utf-8" if start else encoding
        return _at(data, offset, f"has a byte, 0x{data[offset]:02x}, that is not {shown}")
    except ValueError as problem:
        return Undecodable(f"cannot be decoded as {encoding}: {problem}")


def source_encoding(data: bytes) -> str | Undecodable:
    """The encoding that turns a source file's bytes into text and back, as PEP 263 has it.

    `utf-8-sig` stands for UTF-8 with a byte order mark.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Undecodable("is UTF-16, which Python does not read as source")
    marked = data.startswith(codecs.BOM_UTF8)
    declaration = _declaration(data[len(codecs.BOM_UTF8) :] if marked else data)
    if declaration is None:
        return "utf-8-sig" if marked else "utf-8"
    name, line = declaration
    try:
        known = codecs.lookup(name).name
    except (LookupError, ValueError):
        return Undecodable(f"line {line} declares an unknown encoding, {name}", line)
    if known in _NO_FILE_ENCODINGS or not _keeps_ascii(name):
        return Undecodable(f"line {line} declares {name}, which no source file can have", line)
    if not marked:
        return name
    if known != "utf-8":
        return Undecodable(f"line {line} declares {name}, against the byte order mark", line)
    return "utf-8-sig"


def excerpt(contents: Contents, path: str, lines: Iterable[int]) -> Mapping[int, str]:
    """The lines of a file with these 1-based numbers, as far as it has them; never raises."""
    rows = contents.rows(path)
    return {line: rows[line - 1] for line in sorted(set(lines)) if 1 <= line <= len(rows)}


def lines_matching(contents: Contents, path: str, pattern: str) -> tuple[int, ...]:
    """The 1-based numbers of a file's lines in which a regular expression is found; never raises.

    Reads what no parser reads.
    """
    search = re.compile(pattern).search
    return tuple(number for number, row in enumerate(contents.rows(path), 1) if search(row))


def _rows(data: bytes) -> list[str]:
    encoding = source_encoding(data)
    if isinstance(encoding, Undecodable):
        encoding = "ascii"
    try:
        text = data.decode(encoding, "backslashreplace")
    except ValueError:
        text = data.decode("ascii", "backslashreplace")
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _read_regular(file: str, path: str) -> bytes | FileError:
    descriptor = os.open(file, _OPEN)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return FileError(path, "is not a regular file")
        # The size is a hint only: the file may grow while it is read. A short read is its end.
        data, wanted, is_whole = b"", status.st_size + 1, status.st_size > MAX_BYTES
        while not is_whole and len(data) <= MAX_BYTES:
            chunk = os.read(descriptor, wanted)
            is_whole = len(chunk) < wanted
            data, wanted = data + chunk if data else chunk, _CHUNK_BYTES
    finally:
        os.close(descriptor)
    if len(data) > MAX_BYTES or status.st_size > MAX_BYTES:
        return FileError(path, f"is larger than {MAX_BYTES >> 20} MiB and was not read")
    return data


def _declaration(data: bytes) -> tuple[str, int] | None:
    """The encoding that a comment in the first two lines names, normalised, and its line."""
    position = 0
    for line in (1, 2):
        if cookie := _COOKIE.match(data, position):
            return _normalised(cookie[1].decode("latin-1")), line
        blank = _BLANK.match(data, position)
        if blank is None:
            return None
        position = blank.end()
    return None


def _normalised(name: str) -> str:
    """Read `utf-8-unix` and `Latin_1` as Python's tokenizer does."""
    head = name[:12].lower().replace("_", "-")
    if head == "utf-8" or head.startswith("utf-8-"):
        return "utf-8"
    latin = ("latin-1", "iso-8859-1", "iso-latin-1")
    if head in latin or head.startswith(tuple(f"{prefix}-" for prefix in latin)):
        return "iso-8859-1"
    return name


def _keeps_ascii(name: str) -> bool:
    sample = "# coding: x\n"
    try:
        return sample.encode("ascii").decode(name) == sample
    except (LookupError, ValueError):
        return False


def _at(data: bytes, offset: int, problem: str) -> Undecodable:
    before = data[:offset].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    line = before.count(b"\n") + 1
    return Undecodable(f"line {line} {problem} (offset {offset})", line, offset)
