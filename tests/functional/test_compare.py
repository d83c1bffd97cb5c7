"""`compare` and `hierarchy` as their users run them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from .process import run
from .trees import plant

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_snapshot.plugin import Snapshot  # type: ignore[import-untyped]  # has no types

SHOP = {
    "ssot.toml": "",
    "shop/__init__.py": "from shop.base import Emitter\n",
    "shop/base.py": """\
class Named:
    name: str = ""

    def describe(self) -> str:
        return self.name


class Emitter(Named):
    def __init__(self, user_id: str, run_id: str):
        self.user_id = user_id

    async def notify(self, event: str, payload=None) -> bool:
        if not event:
            raise ValueError(event)
        return True

    @property
    def size(self) -> int:
        return 0

    @classmethod
    def create(cls, user_id): ...

    def cleanup(self): ...

    def _flush(self): ...
""",
    "shop/pooled.py": """\
class PooledEmitter:
    __slots__ = ("user_id",)

    def __init__(self, user_id: str):
        self.user_id = user_id

    def notify(self, event: str, *, payload=None) -> bool: ...

    def size(self) -> int: ...

    @classmethod
    def create(cls, user_id): ...

    def events(self):
        yield 1
""",
    "app.py": """\
from shop import Emitter


class Loud(Emitter):
    def notify(self, event): ...


async def use(emitter: Emitter):
    await emitter.notify("started")
    emitter.notify("handed on")
    emitter.cleanup()
    emitter.describe()
    print(emitter.size)
    Emitter.create("a")
    return Emitter("u", "r"), Emitter("u", run_id="r")
""",
    "mixed.py": """\
class A:
    def run(self): ...


class B:
    def run(self): ...


class Both(A, B): ...


class Broken(A, Both): ...
""",
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return plant(tmp_path / "shop", SHOP)


@pytest.mark.parametrize("output_format", ["text", "markdown", "json"])
def test_two_classes_are_compared(shop: Path, output_format: str, snapshot: Snapshot) -> None:
    sides = ("shop:Emitter", "shop.pooled:PooledEmitter")
    result = run("compare", *sides, "--output-format", output_format, cwd=shop)
    assert (result.code, result.stderr) == (0, "")
    snapshot.assert_match(result.stdout, f"compare-{output_format}.txt")


def test_each_call_that_would_break_is_named(shop: Path) -> None:
    sides = ("shop:Emitter", "shop.pooled:PooledEmitter")
    report = run("compare", *sides, "--output-format", "json", cwd=shop).json
    assert {(s["line"], s["name"], s["verdict"]) for s in report["call_sites"]} == {
        (9, "notify", "adapt"),
        (10, "notify", "breaks"),
        (11, "cleanup", "breaks"),
        (12, "describe", "breaks"),
        (13, "size", "breaks"),
        (15, "Emitter", "breaks"),
    }
    assert {s["path"] for s in report["call_sites"]} == {"app.py"}
    inherited = next(one for one in report["members"] if one["name"] == "describe")
    assert inherited["at"]["a"]["origin"] == "shop.base:Named"
    assert report["unique"] == {
        "a": ["cleanup", "describe", "name", "_flush"],
        "b": ["events"],
    }
    assert report["clashes"] == ["__init__", "notify", "size"]


def test_functions_modules_and_several_are_compared(shop: Path) -> None:
    plant(
        shop,
        {
            "old.py": "def make(a, b=1): ...\ndef gone(): ...\nLIMIT = 1\n",
            "new.py": "async def make(a): ...\nLIMIT = 2\n",
            "user.py": "import old\nfrom old import make, gone\n"
            "make(1, b=2)\nold.gone()\nmake(1)\n",
        },
    )
    functions = run("compare", "old:make", "new:make", "--output-format", "json", cwd=shop).json
    assert [one["verdict"] for one in functions["members"]] == ["incompatible"]
    assert [one["line"] for one in functions["call_sites"]] == [3, 5]
    modules = run("compare", "old", "new", "--output-format", "json", cwd=shop).json
    assert {one["name"]: one["verdict"] for one in modules["members"]} == {
        "LIMIT": "same",
        "gone": "missing",
        "make": "incompatible",
    }
    assert [(one["line"], one["name"]) for one in modules["call_sites"]] == [
        (2, "gone"),
        (3, "make"),
        (4, "gone"),
        (5, "make"),
    ]
    three = run("compare", "old:make", "new:make", "old:gone", "--output-format", "json", cwd=shop)
    assert [one["b"] for one in three.json["others"]] == ["old:gone"]


@pytest.mark.parametrize("output_format", ["text", "json", "mermaid", "dot"])
def test_a_hierarchy_is_shown(shop: Path, output_format: str, snapshot: Snapshot) -> None:
    args = ("hierarchy", "Named", "mixed.py", "--output-format", output_format)
    result = run(*args, cwd=shop)
    assert (result.code, result.stderr) == (1, "")
    snapshot.assert_match(result.stdout, f"hierarchy-{output_format}.txt")


def test_a_class_that_python_refuses_is_a_finding(shop: Path) -> None:
    assert run("hierarchy", "mixed.py", cwd=shop).code == 1
    assert run("hierarchy", "shop", "app.py", cwd=shop).code == 0
    assert "Broken cannot be created" in run("hierarchy", "mixed.py", cwd=shop).stdout


def test_code_that_is_shown_stays_in_its_place(shop: Path) -> None:
    """What a tree holds is data in each format: pipes, backticks, quotes, controls, markup."""
    hostile = r"""'|`"]<b>&\x1b[2J\u202e"""
    plant(
        shop,
        {
            "bad.py": f'class A(f("""{hostile}""")):\n    def m(self, x={hostile!r}): ...\n'
            f"class B:\n    def m(self, x={(hostile * 2)!r}, y=`1`): ...\n".replace(", y=`1`", "")
        },
    )
    for output_format in ("text", "markdown", "json"):
        said = run("compare", "bad:A", "bad:B", "--output-format", output_format, cwd=shop).stdout
        assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", said)
        if output_format == "markdown":
            rows = [line for line in said.splitlines() if line.startswith("|")]
            assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} <= {4, 6}
    for output_format in ("text", "json", "mermaid", "dot"):
        said = run("hierarchy", "bad.py", "--output-format", output_format, cwd=shop).stdout
        assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", said)
        if output_format == "mermaid":
            assert all(line.count('"') in (0, 2) for line in said.splitlines())
