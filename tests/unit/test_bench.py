"""The benchmark runs and has all its rows; what it measures is nobody's business here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.functional.trees import plant

ROOT = Path(__file__).parents[2]
TREE = {
    "shop/__init__.py": "",
    "shop/cart.py": "class Cart: ...\n",
    "shop/pay.py": "from shop.cart import Cart\n\n\ndef pay(cart: Cart) -> None: ...\n",
    "shop/api.py": "from shop.cart import Cart\nfrom shop.pay import pay\n\npay(Cart())\n",
}
OURS = {
    *("gate-cold", "gate-warm", "full-cold", "full-write", "full-warm", "full-edited"),
    *("rename-cold", "rename-warm", "rename-gate", "rename-write", "rename-undo"),
    *("start-version", "start-help"),
}
RENAME = ("rename-cold", "rename-warm", "rename-libcst", "rename-write", "rename-undo")
PEERS = {
    *("gate-ruff", "gate-ruff-warm", "gate-grep", "full-ruff", "full-ast-grep", "full-grimp"),
    *("rename-libcst", "rename-ast-grep", "rename-command", "start-python", "start-ruff"),
}


def test_a_quick_run_measures_every_row_and_leaves_nothing_behind(tmp_path: Path) -> None:
    file, corpus, scratch = (tmp_path / name for name in ("bench.json", "corpus", "scratch"))
    scratch.mkdir()
    plant(corpus, TREE)
    process = subprocess.run(
        (sys.executable, "-m", "tests.bench", str(corpus), "--quick", "--json", str(file)),
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "TMPDIR": str(scratch)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    rows = {row["key"]: row for row in json.loads(file.read_text("utf-8"))["rows"]}
    assert set(rows) == OURS | PEERS
    assert all(len(rows[key]["runs"]) == 1 for key in OURS)
    assert all(rows[key]["runs"] or rows[key]["trouble"] for key in PEERS)
    assert rows["gate-cold"]["runs"][0]["found"] == rows["gate-warm"]["runs"][0]["found"]
    changed = {key: rows[key]["runs"][0]["found"] for key in RENAME}
    assert changed["rename-cold"] > 0
    assert len(set(changed.values())) == 1, changed
    assert process.stdout.count("target ") == 10
    assert list(scratch.iterdir()) == []
