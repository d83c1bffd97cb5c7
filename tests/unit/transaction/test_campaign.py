"""The short form of `python -m tests.campaigns.crash`: crashes, full disks, meddlers, defects."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.campaigns.crash.__main__ import play
from tests.campaigns.crash.sections import SECTIONS, SHORT

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).parents[3]
AT_LEAST = {
    "crashes": 200,
    "rollbacks": 80,
    "second-crashes": 100,
    "meddlers": 10,
    "power": 10,
    "defects": 12,
    "kills": 20,
    "interrupts": 20,
    "races": 10,
    "full-disks": 5,
}


@pytest.fixture
def usual_modes() -> Iterator[None]:
    """New files get the permissions that the story tells of."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_every_section_is_played() -> None:
    assert SECTIONS.keys() == AT_LEAST.keys()


@pytest.mark.usefixtures("usual_modes")
@pytest.mark.parametrize("section", AT_LEAST)
def test_nothing_is_torn_or_lost(section: str, capfd: pytest.CaptureFixture[str]) -> None:
    tally = play(section, SHORT)
    assert capfd.readouterr() == ("", "")
    if tally.skipped:
        pytest.skip(tally.skipped[0])
    assert tally.failures == []
    assert tally.scenarios >= AT_LEAST[section]


def test_the_command_tells_of_it() -> None:
    command = [sys.executable, "-m", "tests.campaigns.crash", "meddlers", "--short", "--json"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)["meddlers"]
    assert (told["failures"], told["skipped"]) == ([], [])
    assert told["scenarios"] >= AT_LEAST["meddlers"]
