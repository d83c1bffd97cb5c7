"""What came of a campaign: one command in many checkouts."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

import msgspec

from ssot_migrate.domain.outcome import ApplyReport
from ssot_migrate.domain.plan import MigrationPlan
from ssot_migrate.domain.report import ScanReport


class Action(str, Enum):
    """What is done in each checkout."""

    SCAN = "scan"
    PLAN = "plan"
    APPLY = "apply"
    STATUS = "status"


class State(str, Enum):
    """How it ended there."""

    CLEAN = "clean"
    """Nothing is left to do."""
    OPEN = "open"
    """Something was found, would change, or is left to a person."""
    FAILED = "failed"
    """It could not be done, or not for every file."""


class Checkout(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one checkout.

    Args:
        name: As the campaign has it.
        root: Where it lies.
        state: How it ended.
        why: What stands against it, a line each; empty unless it failed.
        counts: Numbers by what they count, in the order of a table; empty where nothing was done.
        run: Id of the run that was written, or of the last one; empty for none.
        undo: The command that takes that run back; empty where nothing was written.
        report: What the command itself would tell.
    """

    name: str
    root: str
    state: State
    why: tuple[str, ...] = ()
    counts: Mapping[str, int] = {}
    run: str = ""
    undo: tuple[str, ...] = ()
    report: ScanReport | MigrationPlan | ApplyReport | None = None


class CampaignReport(msgspec.Struct, frozen=True, kw_only=True):
    """What came of all of them, in the order of the campaign.

    Args:
        action: What was done.
        registry: The registry's file.
        checkouts: One entry for each.
        is_dry: Whether nothing was written.
    """

    action: Action
    registry: str
    checkouts: tuple[Checkout, ...]
    is_dry: bool = False

    def count(self, state: State) -> int:
        """How many checkouts ended so."""
        return sum(one.state is state for one in self.checkouts)
