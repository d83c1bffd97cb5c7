"""`apply --dry-run`: what it shows, what it refuses, and that it writes nothing."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import unicodedata
from pathlib import Path

import pytest

from .process import Result, clean_environment, run
from .trees import IMPORT, NAMES, plant, plant_named

MOVED = b"from new.mod import Thing\n"
ANSI = re.compile(r"\x1b\[[0-9;]*m")
FORMATS = ("text", "diff", "json", "patch")
UNSAFE = '[[moves]]\nfrom = "old.mod:Thing"\nto = "new.mod:Thing"\nsafety = "unsafe"\n'


def planned(cwd: Path, *args: str, env: dict[str, str] | None = None) -> Result:
    return run("apply", "--dry-run", "--no-cache", *args, cwd=cwd, env=env)


def contents(root: Path) -> dict[str, bytes]:
    return {
        os.path.join(folder, name): Path(folder, name).read_bytes()
        for folder, _, names in os.walk(root)
        for name in names
    }


def saved_patch(cwd: Path, *args: str) -> bytes:
    target = cwd.parent / "plan.patch"
    result = planned(cwd, "--output-format", "patch", "-o", str(target), *args)
    assert result.stdout == ""
    return target.read_bytes()


def git_apply(cwd: Path, patch: bytes) -> None:
    command = ["git", "apply", "--whitespace=nowarn", "-"]
    done = subprocess.run(
        command, cwd=cwd, input=patch, env=clean_environment(), capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_plan_shows_the_change_and_writes_nothing(project: Path) -> None:
    before = contents(project)
    result = planned(project)
    assert (result.code, result.stderr) == (1, "")
    assert result.stdout.splitlines() == [
        "--- a/app/use.py",
        "+++ b/app/use.py",
        "@@ -1,3 +1,3 @@ safe: SSOT201",
        "-from old.mod import Thing",
        "+from new.mod import Thing",
        " ",
        " Thing().act()",
        "",
        "1 file would change: 1 edit, 1 safe.",
        "To write it: ssot-migrate apply --no-cache",
    ]
    assert contents(project) == before
    assert run("apply", "--diff", "--no-cache", cwd=project) == result


@pytest.mark.parametrize("name", ["diff", "json"])
def test_the_cache_changes_nothing(project: Path, name: str) -> None:
    cold, warm, none = (
        run("apply", "--dry-run", "-q", "--output-format", name, *args, cwd=project)
        for args in ((), (), ("--no-cache",))
    )
    assert cold == warm == none


def test_nothing_to_do_is_a_success(project: Path) -> None:
    plant(project, {"app/use.py": MOVED})
    result = planned(project)
    assert (result.code, result.stdout) == (0, "Nothing to change in 6 files.\n")
    assert saved_patch(project) == b""


def test_an_unsafe_change_is_left_until_it_is_asked_for(project: Path) -> None:
    plant(project, {"ssot.toml": UNSAFE})
    result = planned(project)
    assert result.code == 1
    assert result.stdout.splitlines()[0].startswith("app/use.py:1:1: SSOT201 Thing: ")
    shown = "To see the unsafe changes: ssot-migrate apply --dry-run --unsafe --no-cache"
    assert result.stdout.splitlines()[-1] == shown
    assert "@@" not in result.stdout
    assert "\n@@ -1,3 +1,3 @@ unsafe: SSOT201\n" in planned(project, "--unsafe").stdout


def test_exit_zero_forgives_what_is_left_to_do(project: Path) -> None:
    assert planned(project, "--exit-zero").code == 0


def test_what_cannot_be_read_is_an_error(project: Path) -> None:
    plant(project, {"app/huge.py": IMPORT + b"#" * (20 << 20)})
    for name in FORMATS:
        result = planned(project, "--output-format", name, "--exit-zero")
        assert result.code == 2
        told = result.stderr if name == "patch" else result.stdout
        assert "is larger than 20 MiB" in told


def test_paths_limit_what_changes(project: Path) -> None:
    plant(project, {"other/use.py": IMPORT, "other/__init__.py": b""})
    files = planned(project, "other", "--output-format", "json").json["files"]
    assert [file["path"] for file in files] == ["other/use.py"]


def test_rules_limit_what_changes(project: Path) -> None:
    assert planned(project, "--select", "SSOT203").code == 0
    assert planned(project, "--select", "SSOT203,deprecated-import").code == 1


def test_since_limits_what_changes(project: Path) -> None:
    for words in ("init -q", "add .", "-c user.name=x -c user.email=x commit -qm one"):
        subprocess.run(["git", *words.split()], cwd=project, env=clean_environment(), check=True)
    assert planned(project, "--since", "HEAD").code == 0
    plant(project, {"app/more.py": IMPORT})
    files = planned(project, "--since", "HEAD", "--output-format", "json").json["files"]
    assert [file["path"] for file in files] == ["app/more.py"]


MISTAKES = {
    "no terminal": (("--interactive",), "--interactive needs a terminal"),
    "question about a plan": (("--dry-run", "--interactive"), "leave out --dry-run"),
    "nothing to go on after": (("--keep-going",), "--verify"),
    "nothing to limit": (("--timeout", "3"), "--verify"),
    "unknown kind of strings": (("--dry-run", "--strings", "mock,mocks"), "'mocks'"),
    "unknown concept": (("--dry-run", "--concept", "nothing"), "no concept 'nothing'"),
    "unknown rule": (("--dry-run", "--select", "SSOT20x"), "did you mean 'SSOT"),
    "unknown revision": (("--dry-run", "--since", "HEAD"), "HEAD"),
    "unknown path": (("--dry-run", "nowhere"), "nowhere"),
    "unknown format": (("--output-format", "sarif"), "'patch'"),
    "empty batch": (("--batch", "0"), "0"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_told_with_its_remedy(shared: Path, case: str) -> None:
    args, remedy = MISTAKES[case]
    result = run("apply", *args, cwd=shared)
    assert (result.code, result.stdout) == (2, "")
    assert remedy in result.stderr
    assert "error: " in result.stderr


def test_the_command_that_follows_is_one(project: Path) -> None:
    plant(project, {"two words/use.py": IMPORT})
    result = planned(project, "--color=never", "two words", "--select", "SSOT201")
    shown = result.stdout.splitlines()[-1].removeprefix("To write it: ")
    assert shlex.split(shown) == [
        "ssot-migrate",
        *("apply", "--no-cache", "--color=never", "two words", "--select", "SSOT201"),
    ]


def test_colour_is_a_matter_of_the_reader(shared: Path) -> None:
    plain = planned(shared).stdout
    assert "\x1b" not in plain
    colored = planned(shared, env={"FORCE_COLOR": "1"}).stdout
    assert "\x1b[31m-from old" in colored
    assert ANSI.sub("", colored) == plain
    assert planned(shared, env={"FORCE_COLOR": "1", "NO_COLOR": "1"}).stdout == plain
    always = planned(shared, "--color", "always").stdout
    assert ANSI.sub("", always) == plain.replace("--no-cache", "--no-cache --color always")


def test_json_and_people_are_told_the_same(shared: Path) -> None:
    result = planned(shared, "--output-format", "json")
    value = result.json
    assert (result.code, result.stderr) == (1, "")
    assert (value["version"], value["run"], value["dry_run"]) == (1, None, True)
    (file,) = value["files"]
    (edit,) = file["edits"]
    assert (file["path"], file["outcome"]) == ("app/use.py", "changed")
    assert (edit["code"], edit["line"], edit["fix"]) == ("SSOT201", 1, "safe")
    assert value["summary"]["edits"] == 1


def test_statistics_and_quiet(shared: Path) -> None:
    assert re.search(
        r"^ +1 +0  SSOT201 deprecated-import$", planned(shared, "--statistics").stdout, re.M
    )
    quiet = planned(shared, "-q", "--output-format", "text")
    assert quiet.stdout == "app/use.py: 1 edit\n"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of every name and every line end that import what is deprecated."""
    root = tmp_path_factory.mktemp("hostile") / "project"
    plant(root, {"ssot.toml": UNSAFE.replace("unsafe", "safe"), "old/mod.py": MOVED})
    plant(
        root, {"new/__init__.py": b"", "old/__init__.py": b"", "new/mod.py": b"class Thing: ...\n"}
    )
    for name in NAMES:
        plant_named(root, name)
    return plant(
        root,
        {
            "ends/no_end.py": IMPORT.rstrip(),
            "ends/crlf.py": IMPORT.replace(b"\n", b"\r\n") + b"x = 1\r\n",
            "ends/cr.py": IMPORT.replace(b"\n", b"\r") + b"x = 1\r",
            "ends/latin.py": b"# coding: latin-1\n" + IMPORT + b"x = '\xe9'\n",
            "ends/mark.py": b"\xef\xbb\xbf" + IMPORT,
            "ends/breaks.py": IMPORT + "x = '\u2028\x1b\u202e'\n\x0c\n".encode(),
            "ends/command.py": b"'''\n::error::owned\n'''\n" + IMPORT,
        },
    )


@pytest.mark.parametrize("name", ["text", "diff", "json"])
def test_nothing_of_a_tree_is_obeyed(hostile: Path, name: str) -> None:
    env = {"FORCE_COLOR": "1"}
    result = planned(hostile, "--output-format", name, "-v", "--statistics", env=env)
    assert result.code == 1
    text = ANSI.sub("", result.stdout + result.stderr)
    found = {c for c in text if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
    assert found <= {"\n"}
    assert not re.search(r"^\s*::", text, re.MULTILINE)
    assert "pkg[/foo].py" in text


@pytest.fixture(scope="module")
def foretold(hostile: Path) -> Result:
    """What would become of these files, for programs."""
    return planned(hostile, "--output-format", "json")


@pytest.mark.parametrize("prefix", ["", "services/two words/"])
def test_git_applies_a_patch_of_any_tree(
    hostile: Path, foretold: Result, tmp_path: Path, prefix: str
) -> None:
    copy = tmp_path / "work" / prefix / "project"
    shutil.copytree(hostile, copy, symlinks=True)
    command = ["git", "init", "-q", str(tmp_path / "work")]
    subprocess.run(command, env=clean_environment(), check=True)
    before = contents(copy)
    patch = saved_patch(copy, "-q")
    assert contents(copy) == before
    git_apply(copy, patch)
    changed = {path for path, data in contents(copy).items() if data != before[path]}
    summary = foretold.json["summary"]
    assert len(changed) == summary["changed"] > len(NAMES)
    assert all(
        data.replace(b"new.mod", b"old.mod") == before[path]
        for path, data in contents(copy).items()
        if path in changed
    )
    again = planned(copy, "-q", "--output-format", "patch")
    assert (again.code, again.stdout) == (1 if summary["refused"] else 0, "")


def test_what_a_patch_has_no_room_for_is_told_beside_it(project: Path) -> None:
    plant(project, {"ssot.toml": UNSAFE})
    result = planned(project, "--output-format", "patch")
    assert (result.code, result.stdout) == (1, "")
    assert result.stderr.startswith("note: not in the patch: 1 place left to a person")


def test_a_report_goes_to_a_file_whole(project: Path) -> None:
    shown = planned(project, "-o", "-").stdout
    place = project.parent / "plan.txt"
    result = planned(project, "-o", str(place))
    assert (result.code, result.stdout) == (1, "")
    first, second = (text.partition("To write it")[0] for text in (shown, place.read_text()))
    assert first == second
    failed = planned(project, "-o", str(project / "no" / "plan.txt"))
    assert (failed.code, failed.stdout) == (2, "")
    assert "there is no such folder" in failed.stderr


def test_the_way_of_the_run_does_not_show(hostile: Path, foretold: Result) -> None:
    for args, env in (
        (("-j1",), {"PYTHONHASHSEED": "0"}),
        (("-j2", str(hostile)), {"PYTHONHASHSEED": "1", "LC_ALL": "C"}),
    ):
        assert planned(hostile, "--output-format", "json", *args, env=env) == foretold
