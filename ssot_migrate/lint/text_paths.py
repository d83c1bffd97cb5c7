"""Finds paths of modules and files in running text: documents, docstrings, settings, scripts.

Only whole paths count: `old.model` does not name `old.mod`, nor does a URL, and the last part of a
path alone is a mere word.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = r"[^\W\d]\w*"
_DOTTED = rf"{_NAME}(?:\.{_NAME})*"
_PATH = re.compile(rf"(?<![\w./@\\-]){_NAME}(?:\.{_NAME})+(?::{_DOTTED})?")
_ONE = rf"{_NAME}(?:[ \t]+as[ \t]+{_NAME})?"
_IMPORT = re.compile(
    rf"(?<![\w./@\\-])from[ \t]+(?P<module>{_DOTTED})[ \t]+import[ \t]+"
    rf"(?P<names>{_ONE}(?:[ \t]*,[ \t]*{_ONE})*)(?=[ \t]*(?:$|[#`'\"\r\n]))",
    re.MULTILINE,
)
_PART_OF_MORE = re.compile(r"[/\\@]|-\w")
_FILE_SUFFIXES = {"py", "pyi", "md", "rst", "txt", "toml", "cfg", "ini", "yaml", "yml", "json"}
# What stands behind a variable, a drive or a host is a file of somewhere else.
_FILE = re.compile(
    r"(?<![\w./@\\~$}:-])(?:\.{0,2}/)?(?:\.\./)*(?:[\w.-]+/)+[\w-]+\.pyi?(?![\w/\\]|[.-]\w)"
)


class TextPath(msgspec.Struct, frozen=True):
    """A dotted path in a text.

    Args:
        start: Offset of its first character; `end` is exclusive.
        value: The path as it is spelled.
        names: Of `from value import names`, those names; empty otherwise.
    """

    start: int
    end: int
    value: str
    names: tuple[str, ...] = ()


class FilePath(msgspec.Struct, frozen=True):
    """A path of a Python file in a text.

    Args:
        start: Offset of its first character; `end` is exclusive.
        value: The path as it is spelled.
        follows: The character behind it.
    """

    start: int
    end: int
    value: str
    follows: str

    def relative_to(self, folder: str) -> tuple[str, ...]:
        """The files that it may mean, relative to the root: from the root, and from a folder."""
        plain = self.value.removeprefix("/").removeprefix("./")
        inner = posixpath.normpath(posixpath.join(folder, self.value.removeprefix("/")))
        return tuple(dict.fromkeys((plain, inner)))


def dotted_paths(text: str) -> Iterator[TextPath]:
    """The dotted paths in a text: those in `from ... import ...` last, else in order."""
    imports = {found.start("module"): found for found in _IMPORT.finditer(text)}
    for found in _PATH.finditer(text):
        if found.start() in imports or _PART_OF_MORE.match(text, found.end()):
            continue
        value = found.group()
        if value.rpartition(".")[2] not in _FILE_SUFFIXES:
            yield TextPath(found.start(), found.end(), value)
    for found in imports.values():
        names = tuple(part.split()[0] for part in found["names"].split(","))
        yield TextPath(*found.span("module"), found["module"], names)


def file_paths(text: str) -> Iterator[FilePath]:
    """The paths of Python files in a text that have a folder, in order."""
    for found in _FILE.finditer(text):
        follows = text[found.end() : found.end() + 1]
        yield FilePath(found.start(), found.end(), found.group(), follows)
