"""The short form of `python -m tests.campaigns.crash`: crashes, full disks, meddlers, defects."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("section", "at_least"),
    [
        ("crashes", 200),
        ("rollbacks", 80),
        ("second-crashes", 100),
        ("meddlers", 10),
        ("power", 10),
        ("defects", 12),
        ("kills", 20),
        ("interrupts", 20),
        ("races", 10),
        ("full-disks", 5),
    ],
)
def test_nothing_is_torn_or_lost(section: str, at_least: int) -> None:
    command = [sys.executable, "-m", "tests.campaigns.crash", section, "--short", "--json"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    result = json.loads(done.stdout)[section]
    if result["skipped"]:
        pytest.skip(result["skipped"][0])
    assert result["failures"] == []
    assert result["scenarios"] >= at_least
