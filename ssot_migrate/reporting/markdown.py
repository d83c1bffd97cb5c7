"""Markdown for a job summary or a comment: the numbers, the rules, the findings.

Whatever comes from the scanned tree is text: characters that Markdown or HTML would obey are
written as character references, and names stand in `<code>`, where nothing becomes a link.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ssot_migrate.reporting.closing import counted, fixable, left_out_of
from ssot_migrate.reporting.ranking import most_severe
from ssot_migrate.reporting.sanitize import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.domain.finding import Finding
    from ssot_migrate.domain.report import ScanReport
    from ssot_migrate.reporting import Style

MAX_ROWS = 1_000
MAX_ERRORS = 50
MAX_BYTES = 900_000  # GitHub takes a summary of 1 MiB

_LONGEST = 500
_STRUCTURAL = re.compile(r"""[!"#$&*+<>@\[\\\]^_`{|}~]""")
# GitHub makes links and pictures of these, wherever they stand but in code.
_LINKED = re.compile(r"[@#]|://|www\.|:\w+:", re.IGNORECASE)


def render(report: ScanReport, style: Style) -> str:
    """Write the report as Markdown with tables, within the size that GitHub takes."""
    rows = [_row(finding) for finding in most_severe(report.findings, MAX_ROWS)]
    while True:
        text = "".join(f"{line}\n" for line in _lines(report, style, rows))
        size = len(text.encode())
        if size <= MAX_BYTES or not rows:
            return text
        rows = rows[: int(len(rows) * 0.9 * MAX_BYTES / size)]


def _lines(report: ScanReport, style: Style, rows: list[str]) -> Iterator[str]:
    found = counted(len(report.findings), "finding") if report.findings else "no findings"
    yield f"## ssot-migrate: {found} in {counted(report.files, 'file')}"
    if report.findings:
        yield from ("", "| code | rule | findings |", "|---|---|---:|")
        names = {finding.code: finding.name for finding in report.findings}
        for code, number in report.by_code.items():
            yield f"| {_code(code)} | {_text(names[code])} | {number} |"
        yield from ("", "| place | code | finding |", "|---|---|---|", *rows)
    if left_out := len(report.findings) - len(rows):
        yield from ("", f"{counted(left_out, 'more finding')}: a full report has them.")
    if report.errors:
        yield from ("", "| not handled | why |", "|---|---|")
        for error in report.errors[:MAX_ERRORS]:
            yield f"| {_code(error.path or '.')} | {_sentence(error.message)} |"
    if (unsaid := len(report.errors) - MAX_ERRORS) > 0:
        yield from ("", f"Not handled besides: {counted(unsaid, 'file or folder')}.")
    notes = (f"Note: {note}" for note in report.notes)
    for sentence in () if style.quiet else (fixable(report), left_out_of(report), *notes):
        if sentence:
            yield from ("", _sentence(sentence))


def _row(one: Finding) -> str:
    place = _code(f"{one.path}:{one.line}:{one.column}")
    return f"| {place} | {_text(one.code)} | {_sentence(one.message)} |"


def _sentence(text: str) -> str:
    """A sentence in which names stand between backticks."""
    parts = _shortened(visible(text)).split("`")
    return "".join(
        _code(part) if index % 2 and index < len(parts) - 1 else _text(part)
        for index, part in enumerate(parts)
        if part
    )


def _text(text: str) -> str:
    shown = _shortened(visible(text))
    return _code(shown) if _LINKED.search(shown) else _escaped(shown)


def _code(text: str) -> str:
    return f"<code>{_escaped(_shortened(visible(text)))}</code>"


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _escaped(text: str) -> str:
    return _STRUCTURAL.sub(lambda match: f"&#{ord(match[0])};", text)
