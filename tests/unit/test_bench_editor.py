"""The benchmark of the language server runs; what it measures is nobody's business here."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.functional.trees import plant

from .test_bench import ROOT, TREE

if TYPE_CHECKING:
    from pathlib import Path


def test_a_row_with_a_cache_and_one_without(tmp_path: Path) -> None:
    tree, scratch = plant(tmp_path / "tree", TREE), tmp_path / "scratch"
    scratch.mkdir()
    process = subprocess.run(
        (sys.executable, "-m", "tests.bench.editor", str(tree), "--edits", "1"),
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "TMPDIR": str(scratch)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    assert "registry: shop.cart, shop.pay deprecated\n" in process.stdout
    assert re.findall(
        r"\| (\w+ [\w ]+?) +\| +\d+\.\d \| +1 \| +\d+ \| +\d+ \|", process.stdout
    ) == [
        "no cache yet",
        "with a cache",
    ]
    assert list(scratch.iterdir()) == []
