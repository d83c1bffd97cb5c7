"""A diff for a person to read: each hunk with its safety and its reason, and what is left.

Every character is made harmless, so the lines need not be the files' own; `patch` has those.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ssot_migrate.reporting.apply.closing import SAFETY_ROLES, closing_lines, reason, safety
from ssot_migrate.reporting.apply.hunks import hunks
from ssot_migrate.reporting.paint import draw
from ssot_migrate.reporting.sanitize import visible, visible_block
from ssot_migrate.workspace.source import Undecodable, source_encoding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.domain.outcome import ApplyReport, Edit, FileOutcome
    from ssot_migrate.reporting.apply import Manner
    from ssot_migrate.reporting.apply.hunks import Hunk
    from ssot_migrate.reporting.paint import Line

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_KIND_ROLES = {" ": "", "-": "removed", "+": "added"}
_REASONS = 3


def render(report: ApplyReport, manner: Manner) -> str:
    """Write the changes for a person, and what is left."""
    return draw(_lines(report, manner), color=manner.color)


def file_diff(outcome: FileOutcome, *, color: bool) -> str:
    """Write the changes of one file."""
    return draw(_file(outcome), color=color)


def _lines(report: ApplyReport, manner: Manner) -> Iterator[Line]:
    for outcome in report.changed:
        yield from _file(outcome)
    yield from closing_lines(report, manner)


def _file(outcome: FileOutcome) -> Iterator[Line]:
    path = visible(outcome.path)
    yield [("--- /dev/null" if outcome.is_new else f"--- a/{path}", "strong")]
    yield [("+++ /dev/null" if outcome.after is None else f"+++ b/{path}", "strong")]
    before, after = _rows(outcome.before), _rows(outcome.after or b"")
    # What ends a line is shown where it is not what ends the first one.
    usual = _end((before or after or [""])[0])
    for hunk in hunks(before, after):
        yield _heading(hunk, outcome)
        for kind, line in hunk.rows:
            yield from _row(kind, line, usual)


def _heading(hunk: Hunk[str], outcome: FileOutcome) -> Line:
    edits = [edit for edit in outcome.edits if _touches(edit, hunk)] or outcome.edits
    line: Line = [(hunk.place, "separator")]
    if edits:
        sure = safety(edits)
        reasons = list(dict.fromkeys(reason(edit.cause) for edit in edits))
        more = f" and {len(reasons) - _REASONS} more" if len(reasons) > _REASONS else ""
        line += [
            (f" {sure.value}", SAFETY_ROLES[sure]),
            (f": {', '.join(reasons[:_REASONS])}{more}", ""),
        ]
    return line


def _touches(edit: Edit, hunk: Hunk[str]) -> bool:
    return hunk.start < edit.end_line and edit.line <= hunk.start + hunk.length


def _row(kind: str, line: str, usual: str) -> Iterator[Line]:
    ending = _end(line)
    text = visible_block(line.removesuffix(ending))
    if kind == " " and text.lstrip().startswith("::"):
        # GitHub's runner would obey it.
        text = text.replace(":", "\\x3a", 1)
    shown = f"{kind}{text}{visible(ending) if ending != usual else ''}"
    yield [(shown, _KIND_ROLES[kind])]
    if not ending:
        yield [("\\ No newline at end of file", "gutter")]


def _end(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :]


def _rows(data: bytes) -> list[str]:
    """The lines with their ends; bytes that cannot be decoded as backslash escapes."""
    encoding = source_encoding(data)
    if isinstance(encoding, Undecodable):
        encoding = "ascii"
    try:
        text = data.decode(encoding, "backslashreplace")
    except ValueError:
        text = data.decode("ascii", "backslashreplace")
    return _LINE.findall(text)
