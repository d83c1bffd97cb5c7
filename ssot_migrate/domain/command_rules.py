"""What commands find by themselves: no rule is asked, and none can be selected."""

from __future__ import annotations

import inspect
from typing import Final

from ssot_migrate.domain.finding import Severity
from ssot_migrate.domain.report import RuleInfo


class CommandRule(RuleInfo, frozen=True):
    """A kind of findings of a command.

    Args:
        command: The command.
        details: What else there is to say; indentation is removed.
    """

    command: str
    details: str

    @property
    def documentation(self) -> str:
        """All that there is to say, as of a rule."""
        return f"{self.summary}\n\n{inspect.cleandoc(self.details)}"


STALE_ENTRY: Final = CommandRule(
    "BASELINE101",
    "stale-entry",
    "An entry of the baseline stands for a finding that is not there any more.",
    Severity.ERROR,
    "scan",
    """
    If it stayed, it would let the same mistake come back. Where nothing may be written to the
    baseline, in CI or with `--locked`, it fails; elsewhere `scan` drops it by itself.

    Commit what `ssot-migrate baseline prune` leaves, with the change that mended the code. After a
    merge, the list may have entries again that one side had dropped. `ssot-migrate baseline merge`,
    as git's merge driver, brings none back.

    No comment suppresses it.
    """,
)
REMAINING_MODULE: Final = CommandRule(
    "VERIFY101",
    "remaining-module",
    "A module that the registry wants to go is still there.",
    Severity.ERROR,
    "verify",
    """
    It is listed under `delete`, or its `remove-by` is over. The finding names places that still
    need it. Once there are none, `ssot-migrate apply --delete` deletes what is under `delete`.
    """,
)
BROKEN_FILE: Final = CommandRule(
    "VERIFY102",
    "broken-file",
    "A file does not compile.",
    Severity.ERROR,
    "verify",
    """
    Every Python file of the tree is compiled, and none is run. What was broken before a migration
    is let pass by `--since REV`, or by a baseline of `verify`.
    """,
)
FAILING_COMMAND: Final = CommandRule(
    "VERIFY103",
    "failing-command",
    "The user's command fails.",
    Severity.ERROR,
    "verify",
    """
    It is what `verify --run` names. The last lines of its output are evidence of the finding.
    """,
)

COMMAND_RULES: Final = (STALE_ENTRY, REMAINING_MODULE, BROKEN_FILE, FAILING_COMMAND)
"""All of them, sorted by code."""
