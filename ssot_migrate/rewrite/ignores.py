"""Writes comments that suppress findings, and proves that nothing but comments was written."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.finding import Fix
from ssot_migrate.domain.outcome import Cause, Edit
from ssot_migrate.index.facts import Unparsable
from ssot_migrate.index.parse import parse
from ssot_migrate.index.pragmas import (
    FILE,
    LINE,
    MARK,
    Statements,
    pragma_facts,
    settings_of,
    tokens_of,
)
from ssot_migrate.workspace.source import Undecodable, decode, source_encoding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ssot_migrate.domain.finding import Finding

_LINE_END = re.compile(r"\r\n|\r|\n")


class Commented(msgspec.Struct, frozen=True):
    """A file with its comments.

    Args:
        after: Its content.
        edits: Where they are, in the file as it was.
    """

    after: bytes
    edits: tuple[Edit, ...]


def with_ignores(data: bytes, findings: Sequence[Finding], reason: str) -> Commented | str:
    """Add comments to a file so that they suppress its findings.

    A comment goes to the end of a finding's line; where none fits there, as in a string, to the
    end of the statement. The one on a statement's first line does for its last line too. One about
    a line without code goes below the comments at the top.

    Args:
        data: The file.
        findings: What to suppress.
        reason: What follows the rules in each comment.

    Returns:
        Why there is no way to do it, as half a sentence, if there is none.
    """
    text, encoding = decode(data), source_encoding(data)
    if isinstance(text, Undecodable) or isinstance(encoding, Undecodable):
        return "cannot be decoded"
    tokens = tokens_of(text)
    if tokens is None or isinstance(parse(data), Unparsable):
        return "is not read by the parser of this Python, so nothing could be proven"
    statements = Statements(tokens)
    places: defaultdict[int, set[str]] = defaultdict(set)
    for one in findings:
        places[_place(one.line, statements)].add(one.code)
    for line in sorted(places):
        first, last = statements.span(line) or (line, line)
        if line == last != first and first in places:
            # Either comment would be about the whole statement, and one of them about nothing.
            places[first] |= places.pop(last)
    lines = _Lines(text)
    edits = [_edit(lines, line, codes, reason) for line, codes in sorted(places.items())]
    after = lines.with_edits(edits)
    try:
        written = after.encode(encoding)
    except UnicodeEncodeError as problem:
        return f"is stored as {encoding}, which cannot write {problem.object[problem.start]!r}"
    wrong = _unproven(text, after, written) or _uncovered(written, findings, edits, reason)
    return wrong or Commented(written, tuple(edits))


def _place(line: int, statements: Statements) -> int:
    """The line that takes the comment about a finding; 0 for a line of its own."""
    if statements.has_code(line) and statements.ends(line):
        return line
    span = statements.span(line)
    return 0 if span is None else span[1]


def _edit(lines: _Lines, line: int, codes: Iterable[str], reason: str) -> Edit:
    listed = sorted(codes)
    comment = f"# {MARK} {LINE if line else FILE}[{', '.join(listed)}] {reason}"
    if line:
        column, text = lines.width(line) + 1, f"  {comment}"
    else:
        line, column, text = lines.below_the_top(comment)
    cause = Cause(code=listed[0], fix=Fix.SAFE, note=", ".join(listed[1:]))
    return Edit(
        line=line,
        column=column,
        end_line=line,
        end_column=column,
        before="",
        after=text,
        cause=cause,
    )


class _Lines:
    """The lines of a text, by their 1-based numbers."""

    def __init__(self, text: str) -> None:
        self._text = text
        ends = [*_LINE_END.finditer(text)]
        self._starts = [0, *(end.end() for end in ends)]
        self._stops = [*(end.start() for end in ends), len(text)]
        self._newline = ends[0].group() if ends else "\n"

    def width(self, line: int) -> int:
        """How long a line is without what is blank at its end."""
        return len(self._text[self._starts[line - 1] : self._stops[line - 1]].rstrip())

    def below_the_top(self, comment: str) -> tuple[int, int, str]:
        """Where a line goes that must not come before an encoding or `#!`, and its text."""
        number = 1
        while number <= len(self._starts) and self._text.startswith("#", self._starts[number - 1]):
            number += 1
        if number <= len(self._starts):
            return number, 1, f"{comment}{self._newline}"
        return number - 1, self.width(number - 1) + 1, f"{self._newline}{comment}"

    def with_edits(self, edits: Iterable[Edit]) -> str:
        """The text with something more in some places."""
        pieces: list[str] = []
        position = 0
        for edit in sorted(edits, key=lambda edit: (edit.line, edit.column)):
            offset = self._starts[edit.line - 1] + edit.column - 1
            pieces += (self._text[position:offset], edit.after)
            position = offset
        return "".join((*pieces, self._text[position:]))


def _unproven(before: str, after: str, written: bytes) -> str:
    """Why a text could be more than another one with comments; empty if it is not."""
    if isinstance(parse(written), Unparsable):
        return "would not be parsed any more"
    if list(_code(before)) != list(_code(after)):
        return "would change in more than comments"
    return ""


def _code(text: str) -> Iterator[tuple[int, str]]:
    from tokenize import COMMENT, NEWLINE, NL

    for token in tokens_of(text) or ():
        if token.type not in (COMMENT, NL):
            yield token.type, "" if token.type == NEWLINE else token.string


def _uncovered(
    after: bytes, findings: Iterable[Finding], edits: Sequence[Edit], reason: str
) -> str:
    """Why a finding would not be suppressed; empty if all are."""
    said = settings_of(reason)
    ours = [
        one
        for one in pragma_facts(after).pragmas
        if (one.reason, one.owner, one.until) == said and one.codes
    ]
    inserted = next((edit.line for edit in edits if edit.after.startswith("#")), 0)
    for finding in findings:
        line = finding.line + (1 if inserted and finding.line >= inserted else 0)
        if not any(
            finding.code in (one.codes or ()) and one.first <= line <= one.last for one in ours
        ):
            return f"has no place for a comment about line {finding.line}"
    return ""
