"""A gate for a tree that has findings already: they are known, counted, and only get fewer."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .process import Result, run
from .trees import IMPORT, PROJECT, plant

if TYPE_CHECKING:
    from pytest_snapshot.plugin import Snapshot  # type: ignore[import-untyped]  # has no types

NAME = "ssot-baseline.jsonl"
FUNCTION = b"\n\ndef run():\n    return Thing\n"


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with two more readers, and a baseline of all that is found."""
    readers = {"jobs/daily.py": IMPORT + FUNCTION, "jobs/nightly.py": IMPORT + FUNCTION}
    root = plant(tmp_path_factory.mktemp("listed"), {**PROJECT, **readers})
    assert run("baseline", "create", "--reason", "from before the gate", cwd=root).code == 0
    return root


@pytest.fixture
def known(listed: Path, tmp_path: Path) -> Path:
    """A copy of it for a test that changes something."""
    return Path(shutil.copytree(listed, tmp_path / "project"))


def scan(root: Path, *args: str, **env: str) -> Result:
    return run("scan", "--output-format", "json", *args, cwd=root, env=env)


def paths(result: Result) -> list[str]:
    return [finding["path"] for finding in result.json["findings"]]


def lines(root: Path) -> list[str]:
    return (root / NAME).read_text().splitlines()


def test_known_findings_pass_and_are_counted(known: Path) -> None:
    result = scan(known)
    assert (result.code, paths(result)) == (0, [])
    assert result.json["summary"]["baselined"] == 3
    assert "3 in the baseline" in run("scan", cwd=known).stdout


def test_they_are_findings_without_the_baseline(known: Path) -> None:
    assert len(paths(scan(known, "--no-baseline"))) == 3
    (known / NAME).rename(known / "elsewhere.jsonl")
    assert len(paths(scan(known))) == 3
    assert paths(scan(known, "--baseline", "elsewhere.jsonl")) == []


def test_a_new_finding_fails(known: Path) -> None:
    plant(known, {"jobs/weekly.py": IMPORT + FUNCTION})
    result = scan(known)
    assert (result.code, paths(result)) == (1, ["jobs/weekly.py"])


def test_code_may_move_within_and_between_files(known: Path) -> None:
    plant(known, {"jobs/daily.py": b"# moved\n\nimport os\n" + IMPORT + FUNCTION})
    shutil.move(known / "jobs", known / "tasks")
    before = lines(known)
    assert scan(known).code == 0
    assert lines(known) == before
    assert run("baseline", "update", cwd=known).code == 0
    assert {"tasks/daily.py", "tasks/nightly.py"} < {
        line.split('"')[7] for line in lines(known)[1:]
    }


@pytest.mark.parametrize("name", ["", ":Job"])
def test_code_may_move_to_where_the_registry_says_and_leave_a_shim(known: Path, name: str) -> None:
    job = b"\n\nclass Job:\n    of = Thing\n"
    plant(known, {"jobs/daily.py": IMPORT + job})
    assert scan(known).code == 0
    shutil.move(known / "jobs/daily.py", known / "jobs/weekly.py")
    registry = known / "ssot.toml"
    move = f'\n[[moves]]\nfrom = "jobs.daily{name}"\nto = "jobs.weekly{name}"\n'
    registry.write_text(registry.read_text() + move)
    plant(known, {"jobs/daily.py": b"from jobs.weekly import Job\n"})
    assert ("SSOT201", "jobs/weekly.py") not in scan(known, "--locked").codes
    assert "BASELINE101" not in {code for code, _ in scan(known, "--locked").codes}


def test_what_is_stale_can_be_told_from_other_entries(known: Path) -> None:
    plant(known, {"jobs/daily.py": b"x = 1\n", "jobs/nightly.py": b"x = 1\n"})
    before = scan(known, "--locked").json["findings"]
    plant(known, {NAME: (known / NAME).read_bytes().replace(b"\n", b"\n\n", 1)})
    after = scan(known, "--locked").json["findings"]
    assert [one["line"] + 1 for one in before] == [one["line"] for one in after]
    prints = [one["fingerprint"] for one in before]
    assert prints == [one["fingerprint"] for one in after]
    assert len({*filter(None, prints)}) == 2


def test_formatting_makes_nothing_new(known: Path) -> None:
    plant(known, {"jobs/daily.py": b"from old.mod import (\n    Thing,  # why\n)\n" + FUNCTION})
    assert scan(known).code == 0


def test_what_is_mended_leaves_the_list_by_itself(known: Path) -> None:
    plant(known, {"jobs/daily.py": b"x = 1\n"})
    result = run("scan", cwd=known)
    assert result.code == 0
    assert f"1 entry of {NAME} dropped: nothing is found for it any more" in result.stdout
    assert not any("daily" in line for line in lines(known))
    plant(known, {"jobs/daily.py": IMPORT + FUNCTION})
    assert paths(scan(known)) == ["jobs/daily.py"]


@pytest.mark.parametrize("lock", [("--locked", {}), ("", {"CI": "true"}), ("", {"CI": "1"})])
def test_where_it_is_locked_what_is_stale_fails(
    known: Path, lock: tuple[str, dict[str, str]]
) -> None:
    plant(known, {"jobs/daily.py": b"x = 1\n"})
    before = lines(known)
    result = scan(known, *filter(None, [lock[0]]), **lock[1])
    (finding,) = result.json["findings"]
    assert result.code == 1
    assert (finding["code"], finding["path"]) == ("BASELINE101", NAME)
    assert "daily" in before[finding["line"] - 1]
    assert "`ssot-migrate baseline prune`" in finding["message"]
    assert lines(known) == before


@pytest.mark.parametrize("value", ["", "0", "false", "no"])
def test_ci_can_be_told_that_it_is_none(known: Path, value: str) -> None:
    plant(known, {"jobs/daily.py": b"x = 1\n"})
    assert scan(known, CI=value).code == 0
    assert len(lines(known)) == 3


@pytest.mark.parametrize(
    "part",
    [
        ("jobs/daily.py",),
        ("jobs",),
        ("--select", "SSOT201"),
        ("--ignore", "SSOT202"),
        ("--isolated", "--baseline", NAME),
        ("--config", "other.toml"),
        ("--no-baseline",),
    ],
)
def test_a_part_of_the_picture_drops_nothing(known: Path, part: tuple[str, ...]) -> None:
    plant(known, {"jobs/daily.py": b"x = 1\n", "other.toml": "select = ['SSOT201']\n"})
    before = lines(known)
    assert run("scan", *part, cwd=known).code in (0, 1)
    assert lines(known) == before


def test_what_cannot_be_read_is_not_taken_for_mended(known: Path) -> None:
    plant(known, {"jobs/daily.py": b"def f(:\n", "app/use.py": b"x = 1\n"})
    result = scan(known)
    assert {finding["code"] for finding in result.json["findings"]} == {"SSOT903"}
    assert [line.split('"')[7] for line in lines(known)[1:]] == ["jobs/daily.py", "jobs/nightly.py"]


def test_new_findings_are_accepted_with_a_reason_that_is_kept(known: Path) -> None:
    plant(known, {"jobs/weekly.py": IMPORT + FUNCTION})
    refused = run("baseline", "update", cwd=known)
    assert refused.code == 1
    assert "jobs/weekly.py:1:1: new: SSOT201" in refused.stdout
    assert len(lines(known)) == 4
    assert run("baseline", "update", "--accept-new", " ", cwd=known).code == 2
    accepted = run("baseline", "update", "--accept-new", "the vendor pins it", cwd=known)
    assert accepted.code == 0
    assert '"jobs/weekly.py"' in lines(known)[-1]
    assert '"reason": "the vendor pins it"' in lines(known)[-1]
    assert all("from before the gate" in line for line in lines(known)[1:-1])


def test_a_part_can_be_renewed_and_the_rest_stays(known: Path) -> None:
    plant(known, {"jobs/daily.py": b"x = 1\n", "app/use.py": b"x = 1\n", "new/use.py": IMPORT})
    result = run("baseline", "prune", "jobs", cwd=known)
    assert result.code == 0
    assert "1 known finding, 1 dropped, 1 not asked about." in result.stdout
    assert "1 not asked" in run("baseline", "update", "jobs", cwd=known).stdout
    assert "app/use.py" in lines(known)[1]
    assert run("baseline", "prune", "--select", "SSOT401", cwd=known).code == 0
    assert "app/use.py" in lines(known)[1]


def test_check_writes_nothing_and_says_what_is_amiss(known: Path, snapshot: Snapshot) -> None:
    assert run("baseline", "check", cwd=known).code == 0
    plant(known, {"jobs/daily.py": b"x = 1\n", "jobs/weekly.py": IMPORT + IMPORT + FUNCTION})
    plant(known, {"app/use.py": b"def f():\n    from old.mod import Thing\n    return Thing\n"})
    before = lines(known)
    result = run("baseline", "check", cwd=known)
    assert result.code == 1
    assert lines(known) == before
    snapshot.assert_match(result.stdout, "baseline-check-report.txt")
    report: Any = run("baseline", "check", "--output-format", "json", cwd=known).json
    assert report["summary"]["stale"] == len(report["stale"]) == 2
    assert report["summary"]["new"] == len(report["new"]) == 3


def test_create_does_not_replace_a_list(known: Path) -> None:
    result = run("baseline", "create", cwd=known)
    assert (result.code, "baseline update" in result.stderr) == (2, True)
    assert run("baseline", "create", "--force", cwd=known).code == 0


@pytest.mark.parametrize("action", ["update", "prune", "check"])
def test_a_list_that_is_missing_is_told(project: Path, action: str) -> None:
    result = run("baseline", action, cwd=project)
    assert (result.code, "baseline create" in result.stderr) == (2, True)
    result = run("scan", "--baseline", "none.jsonl", cwd=project)
    assert (result.code, "baseline create --baseline none.jsonl" in result.stderr) == (2, True)


def test_a_conflict_in_the_list_is_told_with_its_line(known: Path) -> None:
    text = (known / NAME).read_text()
    (known / NAME).write_text(f"<<<<<<< HEAD\n{text}=======\n{text}>>>>>>> other\n")
    result = run("scan", cwd=known)
    assert (result.code, result.stdout) == (2, "")
    assert f"{NAME}:1: is an unresolved conflict" in result.stderr
    (known / NAME).write_text(text + text)
    assert scan(known).code == 0


def test_its_place_can_be_configured(known: Path) -> None:
    (known / "gate").mkdir()
    (known / NAME).rename(known / "gate/known.jsonl")
    registry = known / "ssot.toml"
    registry.write_text('baseline = "gate/known.jsonl"\n' + registry.read_text())
    assert scan(known).code == 0
    registry.write_text(registry.read_text().replace("gate/", "../"))
    result = run("scan", cwd=known)
    assert (result.code, "ssot.toml:1: baseline: '../known.jsonl'" in result.stderr) == (2, True)


def test_a_list_that_cannot_be_written_is_told(known: Path) -> None:
    plant(known, {"jobs/daily.py": b"x = 1\n"})
    shutil.move(known / NAME, known.parent / "given.jsonl")
    (known / NAME).mkdir()
    assert run("scan", cwd=known).code == 2
    assert run("scan", "--baseline", "../given.jsonl", cwd=known).code == 0


def test_known_findings_are_marked_in_sarif(known: Path) -> None:
    results = run("scan", "--output-format", "sarif", cwd=known).json["runs"][0]["results"]
    assert [one["suppressions"] for one in results] == [
        [{"kind": "external", "status": "accepted", "justification": "from before the gate"}]
    ] * 3
