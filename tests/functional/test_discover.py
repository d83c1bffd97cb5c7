"""`discover` and `init`, from a tree without a registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .process import run
from .test_apply_interactive import talk_to
from .trees import plant

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_snapshot.plugin import Snapshot  # type: ignore[import-untyped]  # has no types

ENGINE = (
    b"class Engine:\n    def start(self): ...\n    def stop(self): ...\n    def step(self): ...\n"
)
WARNING = (
    b"import warnings\n\nfrom shop.core import Engine\n\n"
    b'warnings.warn("Moved: use `shop.core`.\\x1b[31m", DeprecationWarning, stacklevel=2)\n'
)
TREE = {
    "shop/__init__.py": b"",
    "shop/core.py": ENGINE,
    "shop/old.py": WARNING,
    "shop/fast.py": ENGINE.replace(b"Engine", b"FastEngine"),
    "shop/plain.py": b"from shop.core import Engine\n",
    "shop/use.py": b"from shop.core import Engine\n\nENGINE = Engine()\n",
    "shop/more.py": b"from shop.plain import Engine\n\nENGINE = Engine(), 2\n",
    "shop/late.py": b"from shop.old import Engine\n\nENGINE = Engine()\n",
    "shop/ask.py": (
        b"import warnings\n\ndef ask():\n"
        b'    warnings.warn("ask() is deprecated.", DeprecationWarning)\n    return 1 + 1\n'
    ),
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return plant(tmp_path / "tree", TREE)


def test_what_a_person_reads(tree: Path, snapshot: Snapshot) -> None:
    done = run("discover", "--no-cache", cwd=tree)
    assert done.code == 0
    snapshot.assert_match(done.stdout, "discover-report.txt")
    assert "\x1b" not in done.stdout


def test_what_is_written(tree: Path, snapshot: Snapshot) -> None:
    done = run("init", "--no-cache", cwd=tree)
    assert (done.code, done.stdout.splitlines()[0]) == (
        0,
        "Wrote ssot.toml: 1 concept and 1 moved path, 1 possible proposal as comments.",
    )
    snapshot.assert_match((tree / "ssot.toml").read_text(), "init-registry.toml")


def test_scan_takes_what_init_writes_and_apply_carries_it_out(tree: Path) -> None:
    run("init", cwd=tree)
    scanned = run("scan", "--output-format", "json", cwd=tree)
    assert scanned.code == 1
    assert ("SSOT201", "shop/late.py") in scanned.codes
    run("apply", cwd=tree)
    assert b"from shop.core import Engine" in (tree / "shop/late.py").read_bytes()


def test_rollback_takes_the_registry_back(tree: Path) -> None:
    undo = run("init", cwd=tree).stdout.splitlines()[1].removeprefix("To undo: ssot-migrate ")
    assert run(*undo.split(), cwd=tree).code == 0
    assert not (tree / "ssot.toml").exists()


@pytest.mark.parametrize("command", [("init",), ("discover", "--write")])
def test_nothing_is_written_over(tree: Path, command: tuple[str, ...]) -> None:
    (tree / "ssot.toml").write_text("# ours\n")
    done = run(*command, cwd=tree)
    assert done.code == 2
    assert "is not written over" in done.stderr
    assert (tree / "ssot.toml").read_text() == "# ours\n"


def test_two_registries_would_contradict_each_other(tree: Path) -> None:
    (tree / "pyproject.toml").write_text("[tool.ssot-migrate]\n")
    done = run("init", cwd=tree)
    assert (done.code, (tree / "ssot.toml").exists()) == (2, False)
    assert "pyproject.toml is the registry already" in done.stderr


def test_json_has_every_proposal_with_its_evidence(tree: Path) -> None:
    found = run("discover", "--output-format", "json", cwd=tree).json
    assert found["summary"]["by_confidence"] == {"certain": 1, "likely": 1, "possible": 1}
    move = found["proposals"][0]
    assert move["deprecated"] == [{"path": "shop.old", "to": "shop.core", "safety": "safe"}]
    assert move["why"]
    assert [one["name"] for one in found["undecided"]] == ["shop.ask:ask"]


def test_less_sure_ones_and_other_files_can_be_left_out(tree: Path) -> None:
    sure = run("discover", "--confidence", "certain", "--output-format", "json", cwd=tree).json
    assert [one["name"] for one in sure["proposals"]] == ["shop.old"]
    there = run("discover", "shop/plain.py", "--output-format", "json", cwd=tree).json
    assert [one["name"] for one in there["proposals"]] == ["shop.plain"]


def test_replacements_in_another_distribution_are_not_checked(tree: Path) -> None:
    away = WARNING.replace(b"shop.core", b"shop.extra.core")
    (tree / "shop/gone.py").write_bytes(away)
    run("init", cwd=tree)
    text = (tree / "ssot.toml").read_text()
    assert "check-targets = false" in text
    assert 'to = "shop.extra.core"' in text
    assert run("scan", cwd=tree).code == 1


def test_files_that_cannot_be_parsed_are_told(tree: Path) -> None:
    (tree / "shop/bad.py").write_text("def f(:\n")
    done = run("discover", cwd=tree)
    assert done.code == 2
    assert "shop/bad.py: error: cannot be parsed" in done.stderr
    assert "certain  shop.old -> shop.core" in done.stdout


def test_a_question_needs_somebody_to_answer(tree: Path) -> None:
    done = run("init", "--interactive", cwd=tree)
    assert done.code == 2
    assert "needs a terminal" in done.stderr


def test_each_proposal_is_accepted_reversed_or_left_out(tree: Path) -> None:
    talked = talk_to(tree, "yrn", "init", "--interactive", "--no-cache")
    assert talked.code == 0
    text = (tree / "ssot.toml").read_text()
    assert 'from = "shop.old"' in text
    assert 'canonical = "shop.fast:FastEngine"' in text
    assert "shop.plain" not in text


def test_whoever_quits_gets_no_file(tree: Path) -> None:
    talked = talk_to(tree, "yq", "init", "--interactive", "--no-cache")
    assert (talked.code, (tree / "ssot.toml").exists()) == (1, False)
    assert "Nothing was written." in talked.shown


def test_a_root_that_only_imports_tell_of_is_written(tmp_path: Path) -> None:
    tree = plant(tmp_path / "tree", {f"repos/{path}": data for path, data in TREE.items()})
    done = run("init", "--no-cache", cwd=tree)
    assert "5 files import `shop`, which lies in `repos`" in done.stdout
    registry = (tree / "ssot.toml").read_text()
    assert 'src = [\n    ".",\n    "repos",\n]\n' in registry
    assert '"shop.old"' in registry
    assert run("scan", "--no-cache", "--select", "SSOT205", cwd=tree).code == 0
