"""SSOT903: a file that no parser reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import Finding, Severity, Span
from ssot_migrate.lint.rule import Example, Reads, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssot_migrate.lint.project import Project

_MOST_LINES = 10
_MOVE = '[[moves]]\nfrom = "app.old:connect"\nto = "app.new:connect"\n'
_TREE = {
    "app/__init__.py": "",
    "app/old.py": "def connect(): ...\n",
    "app/new.py": "def connect(): ...\n",
}


class UnparsableFile(Rule):
    """A file is no Python that the interpreter's parser or LibCST can read.

    What it imports and defines is unknown, so nothing that rests on the whole tree is certain:
    it may be the last consumer of a module that looks unused. It was searched as text for the
    registry's deprecated names, and the finding says on which lines it spells one.

    Not flagged: syntax that is newer than the running interpreter and that LibCST reads, and
    files that cannot be opened or decoded, which the run reports as errors.
    """

    code = "SSOT903"
    severity = Severity.ERROR
    reads = Reads.TREE
    valid = (
        Example(
            "an empty file, and one of comments only",
            {"empty.py": "", "comments.py": "# nothing\n"},
        ),
        Example(
            "a file that only fails when it runs",
            {"app.py": "import nowhere\nraise SystemExit(undefined)\n"},
        ),
        Example(
            "a warning of the parser",
            {"app.py": 'PATTERN = "\\\\d"\nassert (1, "always true")\n'},
        ),
    )
    invalid = (
        Example(
            "a conflict that was committed, and a deprecated name in it",
            {
                **_TREE,
                "app/broken.py": """
                from app.old import connect
                <<<<<<< HEAD
                connect(1)
                =======
                connect(2)
                >>>>>>> branch
                """,
            },
            _MOVE,
            ("app/broken.py:2",),
        ),
        Example(
            "a file that ends too early",
            {"broken.py": "VALUE = {\n"},
            flagged=("broken.py:1",),
        ),
    )

    def check(self, project: Project) -> Iterator[Finding]:
        """Parse every file."""
        project.everything()
        for path, failure in sorted(project.index.unparsable.items()):
            message = f"cannot be parsed: {failure.message}"
            evidence = tuple(_mentions(project, path))
            if evidence:
                message += f"; searched as text, it mentions {', '.join(evidence)}"
            yield project.finding(
                self, path, Span(max(1, failure.line)), message, evidence=evidence
            )


def _mentions(project: Project, path: str) -> Iterator[str]:
    """The deprecated names that a file spells, each with its lines."""
    for name in sorted({entry.path.leaf for entry in project.deprecations}):
        lines = project.text_mentions(path, (name,))
        if lines:
            yield f"`{name}` on {_lines(lines)}"


def _lines(lines: Sequence[int]) -> str:
    shown = [str(line) for line in lines[:_MOST_LINES]]
    if len(lines) > _MOST_LINES:
        return f"lines {', '.join(shown)} and {len(lines) - _MOST_LINES} more"
    if len(lines) == 1:
        return f"line {shown[0]}"
    return f"lines {', '.join(shown[:-1])} and {shown[-1]}"
