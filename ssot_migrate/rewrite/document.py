"""A source file as text, syntax tree and concrete syntax tree, ready to be edited."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import libcst as cst
import msgspec

from ssot_migrate.domain.outcome import Cause
from ssot_migrate.index.extract import module_facts
from ssot_migrate.index.facts import ModuleFacts, Unparsable, UseFacts
from ssot_migrate.index.parse import may_be_newer_syntax, parse
from ssot_migrate.index.uses import use_facts
from ssot_migrate.workspace.source import Undecodable, decode, source_encoding

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable

    from ssot_migrate.domain.finding import Span

MAX_BYTES = 1 << 20
"""Larger files are refused: LibCST takes 1.5 GB for a megabyte of short statements."""

_LINE = re.compile(r"\r\n|\r|\n")
_LONE_CR = re.compile(rb"\r(?!\n)")
_Result = TypeVar("_Result")


class Refused(Exception):  # noqa: N818 - a verdict, not an error
    """A file that is left as it is, and why."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class TextEdit(msgspec.Struct, frozen=True, order=True):
    """Replaces the characters from `start` to `end`, offsets into the document's text."""

    start: int
    end: int
    text: str
    cause: Cause = msgspec.field(default=None)  # type: ignore[assignment]


class Document:
    """One source file.

    Offsets count characters of `text`, which has no byte order mark and its line ends as they
    are; lines and columns are 1-based, columns count characters.

    Raises:
        Refused: Python, or LibCST, does not read the file back as it is.
    """

    def __init__(self, data: bytes) -> None:
        if len(data) > MAX_BYTES:
            raise Refused(f"is larger than {MAX_BYTES >> 10} KiB")
        encoding, text = source_encoding(data), decode(data)
        if isinstance(encoding, Undecodable):
            raise Refused(encoding.message)
        if isinstance(text, Undecodable):
            raise Refused(text.message)
        self.data = data
        self.encoding = encoding
        self.text = text
        self.tree = parse_source(data)
        self.concrete = _concrete(data)
        self._line_starts = [0, *(match.end() for match in _LINE.finditer(text))]

    @cached_property
    def facts(self) -> ModuleFacts:
        """The file's imports, names and definitions."""
        return module_facts(self.tree, self.data)

    @cached_property
    def uses(self) -> UseFacts:
        """Its references to imported names and its dotted strings."""
        return use_facts(self.tree, self.data, self.facts.imports)

    @cached_property
    def newline(self) -> str:
        """The line end of the first line."""
        first = _LINE.search(self.text)
        return first.group() if first else "\n"

    def offset(self, line: int, column: int) -> int:
        """The offset of a position."""
        return self._line_starts[line - 1] + column - 1

    def position(self, offset: int) -> tuple[int, int]:
        """The line and column of an offset."""
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def line_start(self, offset: int) -> int:
        """The offset at which the line of `offset` starts."""
        return self._line_starts[bisect_right(self._line_starts, offset) - 1]

    def slice(self, span: Span) -> tuple[int, int]:
        """The offsets of a span."""
        return (
            self.offset(span.line, span.column),
            self.offset(span.end_line, span.end_column),
        )

    def encoded(self, text: str) -> bytes:
        """The bytes of a new text, in the file's own encoding.

        Raises:
            Refused: The encoding has no way to write a character of it.
        """
        try:
            return text.encode(self.encoding)
        except UnicodeEncodeError as problem:
            character = text[problem.start]
            raise Refused(
                f"is stored as {self.encoding}, which cannot write {character!r}"
            ) from problem


def parse_source(data: bytes) -> ast.Module:
    """Parse, newer syntax than the running interpreter's included.

    Raises:
        Refused: No parser reads it.
    """
    tree = parse(data)
    if isinstance(tree, Unparsable) and may_be_newer_syntax(tree):
        tree = _attempt(lambda: _newer(data), tree.message)
    if isinstance(tree, Unparsable):
        raise Refused(f"cannot be parsed: {tree.message} (line {max(1, tree.line)})")
    return tree


def _newer(data: bytes) -> ast.Module | Unparsable:
    from ssot_migrate.index.downgrade import parse_newer

    return parse_newer(data)


def _concrete(data: bytes) -> cst.Module:
    module = _attempt(lambda: cst.parse_module(data), "")
    written = _attempt(lambda: module.bytes, "")
    if written != data:
        raise Refused(f"LibCST does not give it back byte for byte{_suspect(data)}")
    return module


def _suspect(data: bytes) -> str:
    """What in a file LibCST is known to lose."""
    if _LONE_CR.search(data):
        return ": some of its lines end in a lone carriage return"
    return ": it has a form feed" if b"\f" in data else ""


def _attempt(work: Callable[[], _Result], reason: str) -> _Result:
    """Do what LibCST may fail at in many ways."""
    try:
        return work()
    except Exception as problem:  # its failures share no base class, and `str` of one can raise
        raise Refused(
            f"cannot be parsed: {reason}" if reason else f"LibCST fails on it: {_shown(problem)}"
        ) from problem


def _shown(problem: Exception) -> str:
    if isinstance(problem, cst.ParserSyntaxError):
        return f"{problem.message} (line {problem.raw_line})"
    return type(problem).__name__
