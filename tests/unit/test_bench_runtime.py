"""The benchmark of the runtime runs and has all its rows; what it measures is not asserted."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROWS = ("context", "agent", "cleanup", "runtime", "bare")
CHOICES = ("pooling emitters", "caching signatures", "sampling a tenth")


def test_a_quick_run_measures_every_row() -> None:
    process = subprocess.run(
        (sys.executable, "-m", "tests.bench.runtime", "--quick"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    first_cells = {
        line.split("|")[1].strip() for line in process.stdout.splitlines() if "|" in line
    }
    assert {*ROWS, *CHOICES} <= first_cells
    assert re.search(r"`websockets` alone is [\d.]+ times as fast", process.stdout)
    assert len(re.findall(r"target .*, measured .*, (met|missed)$", process.stdout, re.M)) == 5
