"""SSOT103: the same structure under another name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import Finding, Severity
from ssot_migrate.lint.families import UNREGISTERED, Limits, members, report
from ssot_migrate.lint.rule import Example, Option, Reads, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.lint.project import Project

_WINDOW = """
class LatencyWindow:
    def __init__(self, size): self.values = []
    def record(self, value): self.values.append(value)
    def average(self): return sum(self.values) / len(self.values)
    def reset(self): self.values.clear()
"""
_TRACKER = _WINDOW.replace("LatencyWindow", "DurationTracker")
_MEAN = """
def mean_latency(rows):
    total = 0
    for row in rows:
        if row.ok:
            total += row.latency
    return total / len(rows)
"""
_REGISTRY = '[[concepts]]\nname = "latency"\ncanonical = "a:LatencyWindow"\n'


class StructuralDuplicate(Rule):
    """A definition has the structure of another one under another name.

    Nobody finds a copy that was renamed: it is written once more, and kept up twice.

    Two definitions of at least `min-statements` statements are structural duplicates where only
    layout, docstrings, annotations and names of their own differ. Two classes also are where
    their public methods are alike: the similarity is the number of methods that both have, with
    the same parameters, divided by the number of all methods of either (Jaccard). It must reach
    `similarity`, with `min-members` methods in common.

    What is like a concept's canonical is an error; other likenesses are information.

    Not flagged: classes with a common base that says what they do (they share methods on
    purpose), a class and its base, interfaces, records of attributes, and what SSOT101, 102, 104
    and 105 tell. Where no concept names either, methods that a base asks for, or that more than
    40 classes define, say nothing of what a class is.
    """

    code = "SSOT103"
    severity = Severity.ERROR
    reads = Reads.TREE
    reads_shapes = True
    options = {
        **UNREGISTERED,
        "similarity": Option(Limits().similarity, "least similarity of two classes, 0 to 1"),
        "min-members": Option(Limits().min_members, "public methods that two classes must share"),
        "min-statements": Option(
            Limits().min_statements, "statements from which on equal bodies count"
        ),
    }
    valid = (
        Example(
            "siblings: one base names the methods of both",
            {
                "base.py": "class Stage: ...\n",
                "a.py": f"from base import Stage\n{_WINDOW.replace('Window:', 'Window(Stage):')}",
                "b.py": """
                from base import Stage
                class Other(Stage):
                    def record(self, value): ...
                    def average(self): return 0
                    def reset(self): ...
                """,
            },
        ),
        Example(
            "a class and its base, and what bases of two kinds ask for",
            {
                "base.py": f"{_WINDOW}\n{_TRACKER}",
                "a.py": """
                from base import LatencyWindow
                class Sample(LatencyWindow):
                    def record(self, value): ...
                    def average(self): return 0
                    def reset(self): ...
                """,
                "b.py": """
                from base import DurationTracker
                class Lap(DurationTracker):
                    def record(self, value): ...
                    def average(self): return 1
                    def reset(self): ...
                """,
            },
        ),
        Example(
            "the same method names with other parameters",
            {
                "a.py": _WINDOW,
                "b.py": """
                class Ledger:
                    def record(self, account, amount): ...
                    def average(self, account): ...
                    def reset(self): ...
                """,
            },
        ),
        Example(
            "small functions and records",
            {
                "a.py": "def one(x):\n    return x.id\nclass A:\n    id = 1\n    name = 2\n",
                "b.py": "def two(x):\n    return x.id\nclass B:\n    id = 1\n    name = 2\n",
            },
        ),
    )
    invalid = (
        Example(
            "a renamed copy of a canonical class",
            {"a.py": _WINDOW, "bb.py": _TRACKER},
            _REGISTRY,
            ("bb.py:1",),
        ),
        Example(
            "the same methods with other bodies",
            {"a.py": _WINDOW, "bb.py": _TRACKER.replace("self.values.clear()", "print()")},
            flagged=("bb.py:1",),
        ),
        Example(
            "a function with only its names changed",
            {
                "a.py": _MEAN,
                "bb.py": _MEAN.replace("mean_latency", "average").replace("row", "item"),
            },
            flagged=("bb.py:1",),
        ),
    )

    def check(self, project: Project) -> Iterator[Finding]:
        """Tell the members that are alike in structure alone."""
        for family, member in members(project, self, "structural"):
            message = f"`{member.symbol}` has the structure of `{family.canonical}`"
            if family.concept:
                message += f" ({family.name}): use that"
            yield report(self, project, family, member, message)
