"""The index of dotted paths in strings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .process import run
from .trees import plant

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_snapshot.plugin import Snapshot  # type: ignore[import-untyped]  # has no types

TREE = {
    "ssot.toml": b"",
    "shop/__init__.py": b"",
    "shop/db.py": b"class Pool: ...\ndef connect(): ...\n",
    "shop/orders.py": b"from shop.db import connect as open_db\nfrom shop.db import Pool\n",
    "shop/lazy.py": b"def __getattr__(name): ...\n",
    "shop/settings.py": b"""\
ENGINE = "shop.db.Pool"
BROKEN = "shop.database.Pool"
ELSEWHERE = "django.db.backends.Pool"
""",
    "shop/names.py": b"""\
import importlib, logging
from importlib.util import find_spec

log = logging.getLogger("shop.audit")
importlib.import_module("shop.dbs")
importlib.import_module(".db", "shop")
find_spec("shop.optional")
EVENTS = {"on": "shop.order.placed"}
""",
    "tests/test_orders.py": b"""\
from unittest.mock import patch

@patch("shop.orders.open_db")
@patch("shop.orders.conect")
@patch("shop.orders.Pool")
@patch("shop.orders.open")
@patch("shop.orders.later", create=True)
@patch("shop.lazy.anything")
@patch("shop.db.Pool.method")
@patch("redis.Redis")
def test(*mocks): ...
""",
    "setup.py": b"""\
from setuptools import setup
setup(entry_points={"console_scripts": ["shop = shop.db:connect", "x = shop.db:conect"]})
""",
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return plant(tmp_path / "shop", TREE)


def found(shop: Path, *args: str) -> list[tuple[str, str, str]]:
    report = run("strings", *args, "--output-format", "json", cwd=shop).json
    return [(one["text"], one["kind"], one["standing"]) for one in report["strings"]]


def test_what_leads_to_nothing_is_told_with_what_may_be_meant(
    shop: Path, snapshot: Snapshot
) -> None:
    result = run("strings", "validate", cwd=shop)
    assert (result.code, result.stderr) == (1, "")
    snapshot.assert_match(result.stdout, "strings-validate.txt")


def test_a_list_says_what_each_is_for_and_what_is_behind_it(shop: Path, snapshot: Snapshot) -> None:
    result = run("strings", "list", cwd=shop)
    assert (result.code, result.stderr) == (0, "")
    snapshot.assert_match(result.stdout, "strings-list.txt")
    assert found(shop, "list", "tests")[-1] == ("redis.Redis", "mock", "external")


def test_kinds_and_paths_limit_the_answer(shop: Path) -> None:
    assert found(shop, "list", "--kind", "logging") == [("shop.audit", "logging", "unknown")]
    assert {kind for _, kind, _ in found(shop, "validate", "setup.py")} == {"entry-point"}
    fine = run("strings", "validate", "shop/db.py", cwd=shop)
    assert (fine.code, fine.stdout) == (0, "Each path that is judged leads somewhere.\n")


def test_who_names_a_thing_also_through_another_module(shop: Path) -> None:
    report = run("strings", "where", "shop.db:Pool", "--output-format", "json", cwd=shop).json
    assert [(one["path"], one["text"], one["how"]) for one in report["strings"]] == [
        ("shop/settings.py", "shop.db.Pool", "itself"),
        ("tests/test_orders.py", "shop.orders.Pool", "through"),
        ("tests/test_orders.py", "shop.db.Pool.method", "below"),
    ]


def test_who_names_an_identifier_whatever_is_behind_it(shop: Path) -> None:
    assert {text for text, *_ in found(shop, "where", "Pool")} == {
        "shop.db.Pool",
        "shop.database.Pool",
        "django.db.backends.Pool",
        "shop.orders.Pool",
        "shop.db.Pool.method",
    }
    assert run("strings", "where", "Nobody", cwd=shop).stdout == "No such string.\n"


def test_what_cannot_be_read_is_told(shop: Path) -> None:
    plant(shop, {"shop/broken.py": b"def f(:\n"})
    result = run("strings", "list", cwd=shop)
    assert result.code == 2
    assert "shop/broken.py: error: cannot be parsed" in result.stderr
