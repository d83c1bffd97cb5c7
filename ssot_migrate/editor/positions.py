"""Places in a text as editors count them: lines from 0, columns in units of an encoding."""

from __future__ import annotations

import re

from lsprotocol import types

_LINE_END = re.compile(r"\r\n|\r|\n")
_UNITS = {
    types.PositionEncodingKind.Utf8: ("utf-8", 1),
    types.PositionEncodingKind.Utf16: ("utf-16-le", 2),
    types.PositionEncodingKind.Utf32: ("utf-32-le", 4),
}


class Lines:
    """The lines of a text, to change positions of ours into those of an editor and back.

    Python ends a line where the protocol does, and so unlike `str.splitlines`.

    Args:
        text: The text.
        encoding: What the editor counts columns in.
    """

    def __init__(self, text: str, encoding: types.PositionEncodingKind | str | None) -> None:
        self._rows = _LINE_END.split(text)
        kind = types.PositionEncodingKind(encoding or types.PositionEncodingKind.Utf16)
        self._codec, self._bytes = _UNITS[kind]

    def position(self, line: int, column: int) -> types.Position:
        """An editor's position for a 1-based line and a 1-based column in characters."""
        row = self._row(line)
        return types.Position(max(0, line - 1), self._width(row[: max(0, column - 1)]))

    def range(self, line: int, column: int, end_line: int, end_column: int) -> types.Range:
        """An editor's range; to the end of the line where no end is known."""
        if not end_line:
            end_line, end_column = line, len(self._row(line)) + 1
        return types.Range(self.position(line, column), self.position(end_line, end_column))

    def column(self, position: types.Position) -> int:
        """The 1-based column in characters of an editor's position."""
        row, units = self._row(position.line + 1), 0
        for number, character in enumerate(row):
            if units >= position.character:
                return number + 1
            units += self._width(character)
        return len(row) + 1

    def _row(self, line: int) -> str:
        return self._rows[line - 1] if 1 <= line <= len(self._rows) else ""

    def _width(self, text: str) -> int:
        return len(text.encode(self._codec, "surrogatepass")) // self._bytes
