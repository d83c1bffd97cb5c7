from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .project import Project

SNAPSHOTS = Path(__file__).parents[2] / "snapshots" / "config"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path)


@pytest.fixture
def snapshot(snapshot: Any) -> Any:
    snapshot.snapshot_dir = SNAPSHOTS
    return snapshot
