from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_snapshot.plugin import Snapshot  # type: ignore[import-untyped]  # has no types

SNAPSHOTS = Path(__file__).parents[2] / "snapshots" / "reporting"


@pytest.fixture
def snapshot(snapshot: Snapshot) -> Snapshot:
    snapshot.snapshot_dir = SNAPSHOTS
    return snapshot
