"""Findings over a little history in git, revision by revision."""

from __future__ import annotations

import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from .process import Result, clean_environment, run, start
from .trees import IMPORT, PROJECT, plant

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_snapshot.plugin import Snapshot  # type: ignore[import-untyped]  # has no types

WEEK = 7 * 24 * 3600
START = 1_750_000_000  # 2025-06-15
GOOD = b"from new.mod import Thing\n"
CODE = "SSOT201"


def git(root: Path, *args: str, time: int = START) -> str:
    identity = ("-c", "user.name=n", "-c", "user.email=e@example.org")
    stamp = f"{time} +0000"
    done = subprocess.run(
        ["git", *identity, *args],
        cwd=root,
        env=clean_environment(GIT_COMMITTER_DATE=stamp, GIT_AUTHOR_DATE=stamp),
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def commit(root: Path, week: float, files: dict[str, bytes]) -> str:
    plant(root, files)
    git(root, "add", "-A")
    git(root, "commit", "-qm", "x", time=START + int(week * WEEK))
    return git(root, "rev-parse", "HEAD").strip()


def begin(root: Path) -> None:
    git(root, "init", "-q", "-b", "main")
    (root / ".gitignore").write_text(".ssot_migrate*\n")


@pytest.fixture
def repo(project: Path) -> Path:
    """Four readers of a deprecated path in the first week; one of them mends its way each week."""
    begin(project)
    readers = {f"app/use{n}.py": IMPORT for n in range(3)}
    commit(project, 0, {**readers, "CODEOWNERS": b"app/ @bob @cy\napp/use0.py @ada  # her own\n"})
    git(project, "tag", "v1")
    commit(project, 1, {"app/use0.py": GOOD})
    commit(project, 2, {"app/use1.py": GOOD})
    git(project, "tag", "-a", "-m", "x", "v2", time=START)
    commit(project, 3, {"README.md": b"no Python\n"})
    return project


def progress(root: Path, *args: str) -> Result:
    result = run("progress", "--select", CODE, "--output-format", "json", *args, cwd=root)
    assert result.code == 0, result
    return result


def counts(result: Result) -> list[int]:
    return [point["findings"] for point in result.json["points"]]


def test_counts_revision_by_revision_without_touching_the_tree(repo: Path) -> None:
    plant(repo, {"app/use2.py": b"not committed and not seen\n"})
    before = {path: path.stat().st_mtime_ns for path in repo.rglob("*.py")}
    result = progress(repo, "--no-cache")
    assert counts(result) == [4, 3, 2, 2]
    assert {path: path.stat().st_mtime_ns for path in repo.rglob("*.py")} == before
    assert git(repo, "status", "--short") == " M app/use2.py\n"
    assert result.json["registry_of"] == "today"


def test_owners_are_those_of_the_revision(repo: Path) -> None:
    commit(repo, 4, {"CODEOWNERS": b"* @dee\n"})
    points = progress(repo).json["points"]
    assert points[0]["by_owner"] == {"@ada": 1, "@bob": 3, "@cy": 3}
    assert points[-1]["by_owner"] == {"@dee": 2}


def test_only_new_contents_are_parsed_and_nothing_twice(repo: Path) -> None:
    first = progress(repo).json["work"]
    distinct = set(git(repo, "rev-list", "--objects", "HEAD").split())
    assert first["remembered"] == 0
    assert 0 < first["contents"] <= len(distinct)
    again = progress(repo)
    assert again.json["work"] == {"revisions": 4, "remembered": 4, "contents": 0, "parsed": 0}
    assert again.json["points"] == progress(repo, "--no-cache").json["points"]
    # Another registry: other findings, but the contents are known.
    plant(repo, {"ssot.toml": PROJECT["ssot.toml"] + b"# other\n"})
    other = progress(repo).json["work"]
    assert (other["remembered"], other["parsed"]) == (0, 0)


def test_the_scans_cache_and_the_historys_do_not_forget_for_each_other(repo: Path) -> None:
    progress(repo)
    plant(repo, {"app/late.py": GOOD})
    for _ in range(2):
        run("scan", cwd=repo)
    assert progress(repo).json["work"]["remembered"] == 4


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--every", "2"), [3, 2]),
        (("--last", "2"), [2, 2]),
        (("--last", "1"), [2]),
        (("--tags",), [4, 2, 2]),
        (("--since", "v2"), [2, 2]),
        (("--since", "2025-06-20"), [3, 2, 2]),
        (("--every", "1", "--since", "HEAD~2", "--last", "2"), [2, 2]),
    ],
)
def test_which_commits(repo: Path, options: tuple[str, ...], expected: list[int]) -> None:
    assert counts(progress(repo, *options)) == expected


@pytest.mark.parametrize(
    ("options", "remedy"),
    [
        (("--since", "2025-02-30"), "no such day"),
        (("--since", "nowhere"), "neither a day, as in 2026-01-31, nor a revision"),
        (("--since", "2040-01-01"), "the current commit is older"),
        (("--every", "2", "--tags"), "leave out --every"),
        (("--select", "NOPE1"), "NOPE1"),
    ],
)
def test_what_cannot_be_meant(repo: Path, options: tuple[str, ...], remedy: str) -> None:
    result = run("progress", *options, cwd=repo)
    assert result.code == 2
    assert remedy in result.stderr


def test_without_a_history(project: Path) -> None:
    assert "no history" in run("progress", cwd=project).stderr
    git(project, "init", "-q")
    result = run("progress", cwd=project)
    assert (result.code, result.stdout) == (2, "")
    assert "no history" in result.stderr


def test_a_side_branch_counts_where_it_is_merged(repo: Path) -> None:
    git(repo, "checkout", "-qb", "side")
    commit(repo, 4, {"app/more.py": IMPORT})
    commit(repo, 5, {"app/more2.py": IMPORT})
    git(repo, "checkout", "-q", "main")
    git(repo, "merge", "-q", "--no-ff", "-m", "x", "side", time=START + 6 * WEEK)
    assert counts(progress(repo)) == [4, 3, 2, 2, 4]


def test_a_rate_is_said_with_its_method_and_an_end_only_where_it_falls(repo: Path) -> None:
    trend = progress(repo).json["trend"]
    assert trend["per_week"] == -0.7
    assert (trend["since"], trend["until"], trend["points"]) == ("2025-06-15", "2025-07-06", 4)
    assert trend["ends"] == "2025-07-26"  # 2 / 0.7 weeks later
    commit(repo, 4, {f"app/more{n}.py": IMPORT for n in range(9)})
    rising = progress(repo)
    assert rising.json["trend"]["per_week"] > 0
    assert rising.json["trend"]["ends"] is None
    assert "would be left" not in run("progress", "--select", CODE, cwd=repo).stdout


def test_a_history_of_a_day_has_no_rate(repo: Path) -> None:
    assert progress(repo, "--last", "1").json["trend"] is None


def test_a_revision_without_python_is_told_and_not_reckoned(tmp_path: Path) -> None:
    root = tmp_path / "late"
    root.mkdir()
    begin(root)
    commit(root, -20, {"README.md": b"a plan\n"})
    commit(root, 0, dict(PROJECT) | {"app/more.py": IMPORT})
    commit(root, 2, {"app/more.py": GOOD})
    result = progress(root)
    assert counts(result) == [0, 2, 1]
    assert [point["comparable"] for point in result.json["points"]] == [False, True, True]
    assert result.json["trend"]["per_week"] == -0.5
    assert "no Python file" in result.json["notes"][0]


def test_a_root_that_had_another_name_is_told(tmp_path: Path) -> None:
    root = tmp_path / "moved"
    root.mkdir()
    begin(root)
    registry = PROJECT["ssot.toml"]
    sources = {path: data for path, data in PROJECT.items() if path != "ssot.toml"}
    commit(root, 0, {f"lib/{path}": data for path, data in sources.items()})
    git(root, "mv", "lib", "code")
    commit(root, 2, {"ssot.toml": b'src = ["code"]\n' + registry})
    result = progress(root)
    assert result.json["points"][0]["no_roots"] == ["code"]
    assert counts(result)[-1] == 1
    assert "no folder 'code'" in result.json["notes"][0]


def test_a_project_below_the_top_of_its_repository(tmp_path: Path) -> None:
    root = tmp_path / "mono"
    root.mkdir()
    begin(root)
    commit(root, 0, {".github/CODEOWNERS": b"/service/app/ @ada\n", "other.py": IMPORT})
    commit(root, 1, {f"service/{path}": data for path, data in PROJECT.items()})
    points = progress(root / "service").json["points"]
    assert [(point["findings"], point["by_owner"]) for point in points] == [
        (0, {}),
        (1, {"@ada": 1}),
    ]


def test_a_shallow_clone_says_where_it_ends(repo: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth", "2", f"file://{repo}", str(clone))
    result = progress(clone)
    assert counts(result) == [2, 2]
    assert "shallow" in result.json["notes"][0]


def test_a_content_that_git_has_not_is_told_and_not_reckoned(repo: Path) -> None:
    blob = git(repo, "rev-parse", "HEAD~3:app/use0.py").strip()
    (repo / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    result = progress(repo)
    # `app/use.py` differs, the other readers share the lost content.
    assert [point["missing"] for point in result.json["points"]] == [3, 2, 1, 1]
    assert result.json["trend"] is None
    assert "git has no content of" in result.json["notes"][0]
    assert progress(repo).json["work"]["remembered"] == 0


def test_what_a_deadline_says_is_held_against_the_day_of_the_commit(repo: Path) -> None:
    shim = b"remove-by = 2025-06-25\n"
    plant(repo, {"ssot.toml": PROJECT["ssot.toml"] + shim})
    result = run("progress", "--select", "SSOT207", "--output-format", "json", cwd=repo)
    assert counts(result) == [0, 0, 1, 1]


def test_interrupted_it_keeps_what_it_has(repo: Path) -> None:
    for n in range(12):
        commit(repo, 4 + n, {f"app/more{n}.py": IMPORT + b"x = %d\n" % n})
    process = start("progress", "--every", "1", "--select", CODE, cwd=repo)
    database = repo / ".ssot_migrate_cache"
    while process.poll() is None and not list(database.glob("history-*")):
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    _, complained = process.communicate(timeout=30)
    if process.returncode:  # it may have been quicker
        assert (process.returncode, complained.strip()) == (130, b"interrupted")
    whole = progress(repo, "--every", "1")
    assert counts(whole) == counts(progress(repo, "--every", "1", "--no-cache"))


def test_for_people(repo: Path, snapshot: Snapshot) -> None:
    commit(repo, 4, {"app/use2.py": GOOD})
    for name, options in {
        "progress.txt": (),
        "progress-plain.txt": (),
        "progress.md": ("--output-format", "markdown"),
    }.items():
        env = {"PYTHONIOENCODING": "ascii" if "plain" in name else "utf-8"}
        result = run("progress", *options, cwd=repo, env=env)
        text = result.stdout
        for revision in git(repo, "rev-list", "HEAD").split():
            text = text.replace(revision[:9], "<commit>")
        snapshot.assert_match(text, name)
        assert "\x1b" not in text


def test_colour_is_asked_for_and_refused(repo: Path) -> None:
    plain = run("progress", cwd=repo, env={"NO_COLOR": "1", "FORCE_COLOR": "1"})
    colored = run("progress", "--color", "always", cwd=repo)
    assert "\x1b[" not in plain.stdout
    assert "\x1b[" in colored.stdout


def test_names_of_the_tree_are_data(tmp_path: Path) -> None:
    root = tmp_path / "hostile"
    root.mkdir()
    begin(root)
    owners = "* @a|b`c\x1b[31m \u202e@d\n".encode()
    commit(root, 0, {**PROJECT, "CODEOWNERS": owners})
    git(root, "tag", "`|x|`")
    for output_format in ("text", "markdown", "json"):
        said = run("progress", "--output-format", output_format, cwd=root).stdout
        assert not {"\x1b", "\u202e"} & set(said)
    page = run("progress", "--output-format", "markdown", cwd=root).stdout
    assert "<code>&#64;a&#124;b&#96;c&#92;x1b&#91;31m</code>" in page
