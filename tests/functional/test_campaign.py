"""`campaign`: one registry for several real repositories, of which not all are in order."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from .process import PROJECT as HERE
from .process import clean_environment, run
from .test_plugins import SPAWNING, TRAP, broken
from .trees import PROJECT, REGISTRY, plant

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pytest_snapshot.plugin import Snapshot  # type: ignore[import-untyped]  # has no types

USER = ("-c", "user.name=A", "-c", "user.email=a@example.org")
CODE = {path: content for path, content in PROJECT.items() if path != "ssot.toml"}
EXAMPLE = HERE / "tests" / "data" / "plugin_example" / "src" / "acme_ssot"
PRICES = "from decimal import Decimal\n\nnet = Decimal(0.1)\n"
MOVED = b"from new.mod import Thing\n\nThing().act()\n"
CAMPAIGN = 'registry = "shared/ssot.toml"\nrepositories = ["teams/*", "shop"]\n'


def git(root: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-C", root, *words], env=clean_environment(), capture_output=True, check=True
    )
    return done.stdout.decode()


def repository(root: Path, files: dict[str, bytes]) -> Path:
    plant(root, files)
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, *USER, "commit", "-q", "-m", "first")
    return root


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """`billing` can migrate, `ledger` did so, `payments` lacks the canonical, `shop` is lost."""
    plant(tmp_path, {"shared/ssot.toml": REGISTRY, "campaign.toml": CAMPAIGN})
    repository(tmp_path / "teams/billing", CODE)
    repository(tmp_path / "teams/ledger", {**CODE, "app/use.py": MOVED, "old/mod.py": b""})
    repository(tmp_path / "teams/payments", {**CODE, "ssot.toml": b"[[[", "new/mod.py": b""})
    return tmp_path


def masked(text: str, folder: Path) -> str:
    return text.replace(str(folder), "FOLDER")


@pytest.mark.parametrize("output_format", ["text", "markdown"])
def test_one_table_tells_of_all_of_them(
    output_format: str, folder: Path, snapshot: Snapshot
) -> None:
    """The registry of a checkout does not count, not even one that cannot be read."""
    result = run("campaign", "scan", "--output-format", output_format, cwd=folder)
    assert (result.code, result.stderr) == (2, "")
    snapshot.assert_match(masked(result.stdout, folder), f"campaign-scan.{output_format}")


def test_json_holds_what_the_command_itself_says(folder: Path) -> None:
    report = run("campaign", "scan", "--output-format", "json", cwd=folder).json
    assert report["summary"] == {"clean": 1, "open": 1, "failed": 2}
    billing = report["checkouts"][0]
    alone = run(
        *("scan", "--config", "shared/ssot.toml", "--root", "teams/billing"),
        *("--output-format", "json"),
        cwd=folder,
    )
    assert billing["report"] == alone.json
    assert billing["counts"]["findings"] == len(alone.json["findings"]) > 0


def test_several_at_a_time_give_the_same_bytes(folder: Path) -> None:
    words = ("campaign", "plan", "--output-format", "json")
    one = run(*words, cwd=folder)
    assert '"changes": 1' in one.stdout
    assert run(*words, "-j", "3", cwd=folder) == one


def test_each_is_migrated_and_taken_back_by_itself(folder: Path) -> None:
    billing = folder / "teams/billing"
    rehearsed = run("campaign", "apply", "--dry-run", cwd=folder)
    assert (rehearsed.code, git(billing, "status", "--short")) == (2, "")
    assert rehearsed.stdout.endswith("Nothing was written.\n")

    report = run("campaign", "apply", "--output-format", "json", "-j", "2", cwd=folder).json
    told = {one["name"]: one for one in report["checkouts"]}
    assert (billing / "app/use.py").read_bytes() == MOVED
    assert told["teams/ledger"]["state"] == "clean"
    assert told["shop"]["why"] == ["there is no such folder"]

    undone = run(*told["teams/billing"]["undo"][1:], cwd=folder)
    assert undone.code == 0
    assert git(billing, "status", "--short") == ""


def test_a_checkout_with_uncommitted_changes_is_left_alone(folder: Path) -> None:
    """Even if the changes are in a file that would stay as it is."""
    billing = folder / "teams/billing"
    (billing / "new/mod.py").write_bytes(b"class Thing: ...\n")
    (billing / "notes.txt").write_bytes(b"not known to git")
    before = git(billing, "diff")
    result = run("campaign", "apply", cwd=folder)
    assert result.code == 2
    assert (
        "teams/billing: error: has uncommitted changes: new/mod.py; commit or stash them first\n"
        in result.stdout
    )
    assert git(billing, "diff") == before


def test_a_named_plug_in_runs_in_each_checkout(folder: Path) -> None:
    shutil.copytree(EXAMPLE, folder / "acme_ssot", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("billing", "ledger"):
        plant(folder / "teams" / name, {"prices.py": PRICES})
    wrapper = plant(folder / "trusted", {"spawning.py": SPAWNING}) / "spawning.py"
    named = ("--plugin", "./acme_ssot", "--select", "ACME101")

    def found(*words: str, program: Sequence[str] | None = None) -> list[int | None]:
        report = run(*words, "--output-format", "json", cwd=folder, program=program).json
        return [one["counts"].get("findings") for one in report["checkouts"]]

    assert found("campaign", "scan", *named) == [1, 1, None, None]
    assert found("campaign", "scan", *named, "-j", "2") == [1, 1, None, None]
    spawned = (sys.executable, str(wrapper))
    assert found("campaign", "scan", *named, "-j", "2", program=spawned) == [1, 1, None, None]
    assert "ACME" not in run("campaign", "scan", cwd=folder).stdout

    for name in ("billing", "ledger"):
        git(folder / "teams" / name, "add", "-A")
        git(folder / "teams" / name, *USER, "commit", "-q", "-m", "prices")
    run("campaign", "apply", *named, cwd=folder)
    assert (folder / "teams/ledger/prices.py").read_text() == PRICES.replace("0.1", '"0.1"')

    wrong = run("campaign", "scan", "--plugin", "./none.py", cwd=folder)
    assert (wrong.code, wrong.stdout) == (2, "")
    assert "(--plugin ./none.py): there is no such file" in wrong.stderr


def test_a_plug_in_that_lies_in_one_checkout_is_loaded_for_none(folder: Path) -> None:
    """Not even for those that come before it."""
    ledger = broken(folder / "teams/ledger", TRAP)
    words = ("campaign", "scan", "--no-cache", "../campaign.toml")
    result = run(*words, cwd=folder / "shared", env={"PYTHONPATH": str(ledger)})
    told, _, note = result.stderr.partition("\n")
    assert (result.code, note) == (2, "")
    assert told.startswith("note: the plug-in acme-broken 1.0 lies in the scanned tree")


def test_status_tells_of_runs_and_of_what_is_not_committed(folder: Path) -> None:
    (folder / "campaign.toml").write_text(CAMPAIGN.replace('"shop"', '"shared"'))
    assert run("campaign", "status", cwd=folder).code == 0
    applied = run("campaign", "apply", "--output-format", "json", cwd=folder).json
    result = run("campaign", "status", "--output-format", "json", cwd=folder)
    billing = result.json["checkouts"][0]
    assert result.code == 1
    assert billing["counts"] == {"runs": 1, "in force": 1, "unfinished": 0, "uncommitted": 1}
    assert billing["run"] == applied["checkouts"][0]["run"]


def test_a_mistake_in_the_campaign_is_told_with_its_place(folder: Path) -> None:
    (folder / "campaign.toml").write_text('registry = "shared/ssot.toml"\nrepository = "shop"\n')
    result = run("campaign", "status", cwd=folder)
    assert (result.code, result.stdout) == (2, "")
    assert result.stderr.splitlines()[1].startswith("error: campaign.toml:2: repository: unknown")
