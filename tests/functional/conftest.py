from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .trees import PROJECT, plant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_snapshot.plugin import Snapshot  # type: ignore[import-untyped]  # has no types

SNAPSHOTS = Path(__file__).parents[1] / "snapshots" / "cli"


@pytest.fixture
def snapshot(snapshot: Snapshot) -> Snapshot:
    snapshot.snapshot_dir = SNAPSHOTS
    return snapshot


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """A project with one deprecated import, outside any git repository."""
    root = tmp_path / "project"
    yield plant(root, PROJECT)
    # Python's own means to remove a tree give up on great depths.
    subprocess.run(["rm", "-rf", root], check=True)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The same project for a whole file of tests, which leave it as it is."""
    root = tmp_path_factory.mktemp("shared") / "project"
    yield plant(root, PROJECT)
    subprocess.run(["rm", "-rf", root], check=True)
