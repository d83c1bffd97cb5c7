"""SSOT902: a suppression that is not valid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import Finding, Severity, Span
from ssot_migrate.lint.rule import Example, Reads, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.lint.project import Project

_MOVE = '[[moves]]\nfrom = "app.old:connect"\nto = "app.new:connect"\n'
_TREE = {
    "app/__init__.py": "",
    "app/old.py": "def connect(): ...\n",
    "app/new.py": "def connect(): ...\n",
}


class InvalidSuppression(Rule):
    """A comment that is meant to suppress a finding does not say what it has to.

    It suppresses nothing until it is mended, so the finding is reported as well. A suppression
    names its rules by code or name, and says why: `# ssot: ignore[SSOT201] the vendor pins it`. It
    may name who answers for it and the last day on which it holds: `owner=NAME`,
    `until=2026-12-31`.

    Flagged: a suppression without a rule, without a reason, past its day or with a day that is no
    date, of a rule that does not exist, of a rule that the registry protects, and a misspelt one.
    Whether a reason is asked for, or an owner, and which rules are protected, stands under
    `[suppressions]`. Not flagged: prose that only starts like one.
    """

    code = "SSOT902"
    severity = Severity.ERROR
    reads = Reads.NOTHING
    suppressible = False
    valid = (
        Example(
            "a reason, an owner and a day",
            {
                **_TREE,
                "app/use.py": """
                # ssot: ignore-next-line[deprecated-import] a pin, owner=@db until=2999-12-31
                from app.old import connect
                # ssot: one home for connections
                """,
            },
            _MOVE,
        ),
        Example(
            "no reason, where none is asked for",
            {**_TREE, "app/use.py": "from app.old import connect  # ssot: ignore[SSOT201]\n"},
            f"[suppressions]\nrequire-reason = false\n\n{_MOVE}",
        ),
    )
    invalid = (
        Example(
            "what is missing, misspelt or over",
            {
                **_TREE,
                "app/use.py": """
                from app.old import connect  # ssot: ignore
                from app.old import connect  # ssot: ignore[SSOT201]
                from app.old import connect  # ssot: ignore[SSOT291] the vendor pins it
                from app.old import connect  # ssot: ignroe[SSOT201] the vendor pins it
                from app.old import connect  # ssot: ignore[SSOT201] a pin until=2020-01-31
                from app.old import connect  # ssot: ignore[SSOT201] a pin until=friday
                """,
            },
            _MOVE,
            tuple(f"app/use.py:{line}" for line in range(1, 7)),
        ),
        Example(
            "what the registry does not let pass",
            {
                **_TREE,
                "app/use.py": "from app.old import connect  # ssot: ignore[SSOT201] a pin\n",
                "app/late.py": "import app.new  # ssot: ignore[SSOT205] why not\n",
            },
            f'[suppressions]\nrequire-owner = true\nprotected = ["SSOT201"]\n\n{_MOVE}',
            ("app/late.py:1", "app/use.py:1", "app/use.py:1"),
        ),
    )

    def check(self, project: Project) -> Iterator[Finding]:
        """Look at the comments of files that spell the mark of suppressions."""
        for one in project.suppressions.mistakes:
            pragma = one.pragma
            span = Span(pragma.line, pragma.column, pragma.line, pragma.end_column)
            yield project.finding(self, one.path, span, one.message)
