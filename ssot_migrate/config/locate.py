"""Finds the line of every key of a TOML document, which no TOML parser tells."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property

from ssot_migrate.config.toml import parse

Key = tuple[str | int, ...]
"""A place in a TOML document: `("concepts", 2, "canonical")`."""

_BLANK = re.compile(r"(?:[ \t\n]+|#[^\n]*)*")
_SPACES = re.compile(r"[ \t]*")
_KEY_PART = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*'""")
# A date may hold one space before its time: a scalar ends where only a comma, a bracket, a
# comment or the line can end it.
_VALUE = re.compile(
    r'''
    """ (?:\\[\s\S] | [^\\])*? """ "{0,2}
    | \'\'\' [\s\S]*? \'\'\' \'{0,2}
    | " (?:[^"\\] | \\.)* "
    | ' [^']* '
    | [^,\]}\#\n]+
    ''',
    re.VERBOSE,
)


def dotted(key: Key) -> str:
    """Spell a key as a person would: `concepts[2].canonical`."""
    text = ""
    for part in key:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            shown = part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else repr(part)
            text += f".{shown}" if text else shown
    return text


class Locations:
    """The lines of a document's keys; the document is only searched when one is asked for."""

    def __init__(self, text: str) -> None:
        self._text = text

    def line(self, key: Key) -> int:
        """Return the line of a key, or of the nearest table around it; 0 where neither stands."""
        for end in range(len(key), 0, -1):
            if line := self._lines.get(key[:end]):
                return line
        return 0

    @cached_property
    def _lines(self) -> dict[Key, int]:
        try:
            return locate(self._text)
        except RecursionError:  # the caller may stand deeper in the stack than the parser did
            return {}


def locate(text: str) -> dict[Key, int]:
    """Return the 1-based line on which each key and list element first stands.

    Args:
        text: A document that the TOML parser accepts.
    """
    locator = _Locator(text)
    locator.read_document()
    return locator.lines


class _Locator:
    """A recursive descent that keeps positions where a parser keeps values."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Key, int] = {}
        self._text = text.replace("\r\n", "\n")
        self._position = 0
        self._line_starts = [0, *(match.end() for match in re.finditer("\n", self._text))]
        self._table_counts: dict[Key, int] = {}

    def read_document(self) -> None:
        table: Key = ()
        while True:
            self._skip(_BLANK)
            if self._position >= len(self._text):
                return
            if self._text.startswith("[[", self._position):
                table = self._read_header(brackets=2)
            elif self._text.startswith("[", self._position):
                table = self._read_header(brackets=1)
            else:
                self._read_pair(table)

    def _read_header(self, brackets: int) -> Key:
        self._position += brackets
        parts = self._read_key()
        self._position += brackets
        key: Key = ()
        for name, position in parts[:-1]:
            key = self._latest((*key, name), position)
        name, position = parts[-1]
        key = (*key, name)
        if brackets == 1:
            return self._latest(key, position)
        self._note(key, position)
        index = self._table_counts.get(key, 0)
        self._table_counts[key] = index + 1
        self._note((*key, index), position)
        return (*key, index)

    def _latest(self, key: Key, position: int) -> Key:
        self._note(key, position)
        count = self._table_counts.get(key)
        return (*key, count - 1) if count else key

    def _read_pair(self, table: Key) -> None:
        key = table
        for name, position in self._read_key():
            key = (*key, name)
            self._note(key, position)
        self._position += len("=")
        self._skip(_SPACES)
        self._read_value(key)

    def _read_key(self) -> list[tuple[str, int]]:
        parts = []
        while True:
            self._skip(_SPACES)
            start = self._position
            raw = self._take(_KEY_PART)
            parts.append((str(parse(f"key = {raw}")["key"]) if raw[0] in "\"'" else raw, start))
            self._skip(_SPACES)
            if not self._text.startswith(".", self._position):
                return parts
            self._position += 1

    def _read_value(self, key: Key) -> None:
        if self._text.startswith("[", self._position):
            self._read_array(key)
        elif self._text.startswith("{", self._position):
            self._read_inline_table(key)
        else:
            self._take(_VALUE)

    def _read_array(self, key: Key) -> None:
        index = 0
        while not self._ends_with("]"):
            self._note((*key, index), self._position)
            self._read_value((*key, index))
            index += 1

    def _read_inline_table(self, key: Key) -> None:
        while not self._ends_with("}"):
            self._read_pair(key)

    def _ends_with(self, bracket: str) -> bool:
        """Step over an opening bracket or a comma; tell whether the closing bracket follows."""
        self._skip(_BLANK)
        if not self._text.startswith(bracket, self._position):
            self._position += 1
            self._skip(_BLANK)
            if not self._text.startswith(bracket, self._position):
                return False
        self._position += 1
        return True

    def _note(self, key: Key, position: int) -> None:
        if key not in self.lines:
            self.lines[key] = bisect_right(self._line_starts, position)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self._text, self._position)
        if match:
            self._position = match.end()

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._position)
        if match is None:
            raise ValueError(f"no TOML at offset {self._position}")
        self._position = match.end()
        return match.group()
