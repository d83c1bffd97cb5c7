"""SSOT901: a suppression of nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import Finding, Severity, Span
from ssot_migrate.index.pragmas import LINE, NEXT_LINE
from ssot_migrate.lint.rule import Example, Reads, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssot_migrate.lint.project import Project
    from ssot_migrate.lint.suppressions import Suppression

_MOVE = '[[moves]]\nfrom = "app.old:connect"\nto = "app.new:connect"\n'
_TREE = {
    "app/__init__.py": "",
    "app/old.py": "def connect(): ...\n",
    "app/new.py": "def connect(): ...\n",
}


class UnusedSuppression(Rule):
    """A comment suppresses a finding that is not there.

    What it excused is gone, or it stands in the wrong place. If it stayed, it would hide the next
    mistake on its line. Take it away, or what is too much of it.

    A comment is judged by what the rules find that it names, whether they are selected or not.
    Not flagged: comments that are not valid (SSOT902), and those of files that cannot be parsed.
    """

    code = "SSOT901"
    severity = Severity.WARNING
    reads = Reads.NOTHING
    judges_findings = True
    suppressible = False
    valid = (
        Example(
            "one on the line of a finding, one around it, and prose",
            {
                **_TREE,
                "app/use.py": """
                from app.old import connect  # ssot: ignore[SSOT201] the vendor pins it
                from app.old import (  # ssot: ignore[SSOT201] the vendor pins it
                    connect as c,
                )
                # ssot: app.new is the home of connections
                TEXT = "# ssot: ignore[SSOT201] no comment"
                """,
            },
            _MOVE,
        ),
    )
    invalid = (
        Example(
            "a finding that is gone",
            {
                **_TREE,
                "app/use.py": "from app.new import connect  # ssot: ignore[SSOT201] pinned\n",
            },
            _MOVE,
            ("app/use.py:1",),
        ),
        Example(
            "one code of two",
            {
                **_TREE,
                "app/use.py": "from app.old import connect  # ssot: ignore[SSOT201, SSOT202] why\n",
            },
            _MOVE,
            ("app/use.py:1",),
        ),
        Example(
            "a comment above the line that it is about",
            {
                **_TREE,
                "app/use.py": """
                # ssot: ignore[SSOT201] the vendor pins it
                from app.old import connect
                """,
            },
            _MOVE,
            ("app/use.py:1",),
        ),
    )

    def check(self, project: Project) -> Iterator[Finding]:
        """Wait for what the other rules find."""
        yield from ()

    def review(self, project: Project, findings: Sequence[Finding]) -> Iterator[Finding]:
        """Look for a finding for each suppression."""
        for one, codes in project.suppressions.unused(findings):
            pragma = one.pragma
            span = Span(pragma.line, pragma.column, pragma.line, pragma.end_column)
            yield project.finding(self, one.path, span, _message(one, codes))


def _message(one: Suppression, codes: Sequence[str]) -> str:
    listed = " and ".join((", ".join(codes[:-1]), codes[-1])) if codes[1:] else codes[0]
    find = "find" if codes[1:] else "finds"
    what = "it" if set(codes) == one.codes else "what is too much of it"
    message = f"{listed} {find} nothing that this comment could suppress: remove {what}"
    if one.pragma.verb == LINE and one.pragma.alone:
        message += f"; if the next line is meant, write `{NEXT_LINE}`"
    return message
