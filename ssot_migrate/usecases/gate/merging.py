"""Merges three versions of a baseline, as git asks a merge driver to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.usecases.gate.baseline_file import BaselineFile, load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssot_migrate.domain.baseline import Entry


def merge(base: str, ours: str, theirs: str) -> None:
    """Write into `ours` what both sides keep of the base, and what either of them adds.

    What one side has mended is not known any more, whatever the other side has: so a merge of two
    baselines without stale entries has none.

    Args:
        base: The version that both sides started from; an empty file if there was none.
        ours: One side.
        theirs: The other side.

    Raises:
        UsageError: A file cannot be read or written, or is no baseline.
    """
    before, here, there = (_entries(name) for name in (base, ours, theirs))
    reasons = {**there, **here}
    kept = [one for one in reasons if one not in before or (one in here and one in there)]
    BaselineFile(Path(ours), ours).written(
        msgspec.structs.replace(one, reason=reasons[one]) for one in kept
    )


def _entries(name: str) -> Mapping[Entry, str]:
    """The entries of a version without their reasons, and these."""
    found = load(BaselineFile(Path(name), name))
    lines = found.lines if found is not None else ()
    return {msgspec.structs.replace(one, reason=""): one.reason for one in lines}
