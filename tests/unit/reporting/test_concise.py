from __future__ import annotations

import re

from ssot_migrate.reporting import Style, render

from .samples import EMPTY, EXAMPLE

# As gcc writes it: what editors and problem matchers read without being told how.
GCC = re.compile(r"(?P<path>[^:]+):(?P<line>\d+):(?P<column>\d+): (?P<severity>\w+): (?P<text>.+)")


def test_a_line_is_what_compilers_write() -> None:
    lines = render(EXAMPLE, "concise", Style()).splitlines()
    matches = [GCC.fullmatch(line) for line in lines[: len(EXAMPLE.findings)]]
    for match, finding in zip(matches, EXAMPLE.findings, strict=True):
        assert match is not None
        assert match["path"] == finding.path
        assert (int(match["line"]), int(match["column"])) == (finding.line, finding.column)
        assert match["severity"] == finding.severity.value
        assert match["text"] == f"{finding.code} {finding.message}"
    assert lines[len(EXAMPLE.findings) :] == ["app/broken.py: error: line 3: invalid syntax"]


def test_nothing_found_says_nothing() -> None:
    assert render(EMPTY, "concise", Style()) == ""
