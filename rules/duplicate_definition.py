"""SSOT101: a concept defined again under the name of its canonical."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import Finding, Severity
from ssot_migrate.lint.families import UNREGISTERED, Family, FamilyMember, Limits, members, report
from ssot_migrate.lint.rule import Example, Option, Reads, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.lint.project import Project

_EMITTER = """
class Emitter:
    def __init__(self, user): self.user = user
    def started(self, agent): ...
    def finished(self, agent): ...
    def cleanup(self): ...
"""
_COMMAND = """
class Command(Base):
    def setup(self): ...
    def handle(self): ...
    def close(self): ...
"""
_REGISTRY = '[[concepts]]\nname = "emitter"\ncanonical = "app.core:Emitter"\n'


class DuplicateDefinition(Rule):
    """A concept is defined again under the name of its canonical.

    Two definitions of one name drift apart, and which of them a reader gets depends on the line
    that imports it. Merge what only the duplicate has into the canonical, then import that.

    The same name is not yet the same thing. The finding tells how many public members are shared
    both ways, and how many of them are called alike. Where nothing is shared it is a *collision*,
    a warning: rename one of the two. An alias of the name for something else counts as a
    definition; a class in an `except ImportError` branch is told as information.

    Definitions of one name that no concept names are told as information where they repeat each
    other: the bodies are the same, or at least three public members are shared that make up
    `api-overlap` of both interfaces (three quarters where most of them are attributes). Classes
    with a common base need the same body, and so do functions.

    Not flagged: imports and re-exports of the canonical, shims that warn, protocols, what
    implements an abstract canonical, nested definitions, and code that is not production code.
    """

    code = "SSOT101"
    severity = Severity.ERROR
    reads = Reads.TREE
    reads_shapes = True
    options = {
        **UNREGISTERED,
        "api-overlap": Option(
            Limits().api_overlap, "share of both public interfaces, for families without a concept"
        ),
    }
    valid = (
        Example(
            "a re-export, a nested class and a test double",
            {
                "app/core.py": _EMITTER,
                "app/shim.py": "from app.core import Emitter as _E\nEmitter = _E\n",
                "app/use.py": "def f():\n    class Emitter: ...\n",
                "tests/test_it.py": "class Emitter: ...\n",
            },
            _REGISTRY,
        ),
        Example(
            "a protocol that describes the canonical",
            {
                "app/core.py": _EMITTER,
                "app/ports.py": """
                from typing import Protocol
                class Emitter(Protocol):
                    def started(self, agent): ...
                """,
            },
            _REGISTRY,
        ),
        Example(
            "commands of one framework, which names their methods",
            {
                "load.py": f"from framework import Base\n{_COMMAND}    level = 1\n",
                "dump.py": f"from framework import Base\n{_COMMAND}    target = ''\n",
            },
        ),
    )
    invalid = (
        Example(
            "a second implementation",
            {"app/core.py": _EMITTER, "app/web.py": _EMITTER.replace("started", "begun")},
            _REGISTRY,
            ("app/web.py:1",),
        ),
        Example(
            "a collision, an alias for something else, and a fallback",
            {
                "app/core.py": _EMITTER,
                "app/mail.py": "class Emitter:\n    def send(self): ...\n",
                "app/old.py": "from app.mail import Emitter as Mail\n\nEmitter = Mail\n",
                "app/soft.py": """
                try:
                    from app.core import Emitter
                except ImportError:
                    class Emitter: ...
                """,
            },
            _REGISTRY,
            ("app/mail.py:1", "app/old.py:3", "app/soft.py:4"),
        ),
        Example(
            "a copied class that no concept names; the one that is imported stays",
            {"a.py": _EMITTER, "far/b.py": _EMITTER, "use.py": "from far.b import Emitter\n"},
            flagged=("a.py:1",),
        ),
    )

    def check(self, project: Project) -> Iterator[Finding]:
        """Tell the members that bear the canonical's name."""
        for family, member in members(project, self, "duplicate", "alias", "collision", "fallback"):
            yield report(self, project, family, member, _message(family, member))


def _message(family: Family, member: FamilyMember) -> str:
    what, canonical = f"`{member.symbol}`", f"`{family.canonical}`"
    if family.concept is None:
        return f"{what} repeats {canonical}"
    if member.kind == "alias":
        return f"{what} is an alias: {member.evidence[0]}, not for {canonical} ({family.name})"
    if member.kind == "collision":
        return (
            f"collision: {what} shares the name of {canonical} ({family.name}) and none of its "
            "public members; rename one of them"
        )
    if member.kind == "fallback":
        return f"{what} stands in for {canonical} ({family.name}) where an import fails"
    return f"{what} defines the {family.name} again: use {canonical}"
