"""`plan`, `apply --plan` and documents, as their users run them."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from .process import clean_environment, run
from .trees import plant

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_snapshot.plugin import Snapshot  # type: ignore[import-untyped]  # has no types

SHOP = {
    "ssot.toml": """\
[[concepts]]
name = "database"
canonical = "shop.db:Database"
owner = "@data"
risk = "high"
reason = "one pool for everything"
deprecated = [{ path = "shop.compat" }, { path = "shop.legacy:Database", safety = "unsafe" }]
delete = ["shop.compat"]
""",
    "shop/__init__.py": "",
    "shop/db.py": """\
class Database:
    def connect(self, name): ...
    def close(self): ...
""",
    "shop/legacy.py": """\
class Database:
    def connect(self, name, *, retries): ...
    def vacuum(self): ...
""",
    "shop/compat.py": "from shop.db import Database\n",
    "shop/orders.py": "from shop.compat import Database\n\nDatabase().connect('orders')\n",
    "shop/stock.py": "from shop.legacy import Database\n\nDatabase().connect('x', retries=3)\n",
    "tests/test_orders.py": "from shop.compat import Database\n\nassert Database\n",
    "README.md": "Run `python shop/compat.py`, see `shop.compat.Database`.\n",
    "Makefile": "run:\n\tpython -m shop.compat\n",
    ".github/CODEOWNERS": "* @shop\n/tests/ @quality\n",
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    root = plant(tmp_path / "shop", SHOP)
    for words in ("init -q", "add .", "-c user.name=x -c user.email=x commit -qm one"):
        subprocess.run(["git", *words.split()], cwd=root, env=clean_environment(), check=True)
    return root


@pytest.mark.parametrize(
    ("output_format", "file"), [("text", "plan-report.txt"), ("markdown", "plan.md")]
)
def test_a_plan_for_people(shop: Path, snapshot: Snapshot, output_format: str, file: str) -> None:
    result = run("plan", "--no-cache", "--output-format", output_format, cwd=shop)
    assert (result.code, result.stderr) == (0, "")
    snapshot.assert_match(result.stdout, file)


def test_a_plan_is_carried_out_wave_by_wave(shop: Path) -> None:
    file = str(shop.parent / "plan.json")
    scope = ("--docs", "--delete", "--batch", "1")
    assert run("plan", *scope, "--output-format", "json", "-o", file, cwd=shop).code == 0
    dry = run("apply", "--plan", file, "--dry-run", cwd=shop)
    assert dry.code == 1
    assert "+from shop.db import Database" in dry.stdout
    done = run("apply", "--plan", file, "--verify", "test -f shop/db.py", cwd=shop)
    # One call is left to a person.
    assert done.code == 1
    assert done.stdout.count(", applied") == 5
    assert (shop / "Makefile").read_text() == "run:\n\tpython -m shop.db\n"
    assert not (shop / "shop" / "compat.py").exists()
    again = run("apply", "--plan", file, cwd=shop)
    assert again.code == 2
    assert "error:   Makefile is what the plan makes of it\n" in again.stderr
    back = run("rollback", "--wave", "5", cwd=shop)
    assert (back.code, (shop / "shop" / "compat.py").exists()) == (0, True)
    assert "no wave 9 in force" in run("rollback", "--wave", "9", cwd=shop).stderr


def test_a_plan_says_what_changes(shop: Path) -> None:
    result = run("apply", "--plan", "plan.json", "--unsafe", "--batch", "3", "shop", cwd=shop)
    assert result.code == 2
    assert "--plan says what changes: leave out --unsafe, --batch, shop" in result.stderr


def test_documents_are_consumers(shop: Path) -> None:
    result = run("graph", "consumers", "shop.compat", "--no-cache", cwd=shop)
    assert "  Makefile:2:12  document\n  README.md:1:13  document\n" in result.stdout
    assert result.stdout.endswith("2 documents name it.\n")
    found = run("graph", "consumers", "shop.compat", "--output-format", "json", cwd=shop).json
    (readme,) = (file for file in found["files"] if file["path"] == "README.md")
    assert (readme["kind"], readme["lines"], readme["columns"]) == ("document", [1], [13])
    assert found["counts"]["documents"] == 2
