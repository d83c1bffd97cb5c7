"""Patches, applied by git."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssot_migrate.domain.outcome import ApplyReport
from ssot_migrate.reporting.apply import Manner, render

from .apply_samples import EXAMPLE, ONLY_LEFT, REFUSED, changing, only

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssot_migrate.domain.outcome import FileOutcome

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")

PATHS = (
    "use.py",
    "with space.py",
    " leading and trailing .py",
    "folder with space/inner folder/x.py",
    'quote".py',
    "back\\slash.py",
    "new\nline.py",
    "tab\there.py",
    "esc\x1b[31m.py",
    "bell\a back\b form\f vertical\v return\r.py",
    "caf\udce9.py",
    "caf\udce9 with space.py",
    "統一.py",
    "bidi\u202egpj.py",
    "-rf.py",
    "::error::x.py",
    "pkg[/foo].py",
    "a => b.py",
    "a/b/a/b.py",
    "b/x.py",
    "dev/null",
    "d/" * 40 + "deep.py",
)
CONTENTS = {
    "plain": (b"a\nb\n", b"a\nc\n"),
    "no final newline": (b"a\nb", b"a\nc"),
    "final newline comes": (b"a\nb", b"a\nb\n"),
    "final newline goes": (b"a\nb\n", b"a\nb"),
    "an end far away": (b"a\n" + b"x\n" * 20 + b"z", b"b\n" + b"x\n" * 20 + b"z"),
    "CRLF": (b"a\r\nb\r\nc", b"a\r\nc\r\nc"),
    "CRLF becomes LF": (b"a\r\nb\r\n", b"a\nb\n"),
    "CR alone": (b"a\rb\r", b"a\rc\r"),
    "latin-1": (b"# coding: latin-1\n\xe9\n", b"# coding: latin-1\n\xe8\xff\n"),
    "byte order mark": (b"\xef\xbb\xbfa\n", b"\xef\xbb\xbfb\n"),
    "NUL": (b"a\0\nb\n", b"a\0\nc\n"),
    "trailing blanks": (b"a \t\nb\n", b"a \t\nb \n\n\n"),
    "other line breaks": ("a\x0cb\u2028c\x85\nd\n".encode(), "a\x0cb\u2028c\x85\ne\n".encode()),
    "looks like a patch": (b"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-x\n", b"--- a/x\n+y\n-- \n"),
    "emptied": (b"a\n", b""),
    "filled": (b"", b"a"),
    "deleted": (b"a\nb", None),
    "deleted, empty": (b"", None),
}


def patch_of(report: ApplyReport, prefix: str = "") -> bytes:
    patch = render(report, "patch", Manner(prefix=prefix))
    assert isinstance(patch, bytes)
    return patch


def git(cwd: str | Path, *args: str, stdin: bytes = b"") -> str:
    """Run git, which has nothing to complain about."""
    environment = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C"}
    done = subprocess.run(
        ["git", *args], cwd=cwd, input=stdin, env=environment, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b""), (args, stdin, done.stderr)
    return done.stdout.decode()


def check(root: Path, outcomes: Sequence[FileOutcome], prefix: str = "") -> None:
    """Apply the patch of some outcomes to their files and compare every byte."""
    project = root / prefix
    for outcome in outcomes:
        file = Path(os.path.join(project, outcome.path))
        if not outcome.is_new:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(outcome.before)
    patch = patch_of(ApplyReport(root=".", files=tuple(outcomes)), prefix)
    git(project, "apply", "--whitespace=nowarn", "--check", "-", stdin=patch)
    git(project, "apply", "--whitespace=nowarn", "-", stdin=patch)
    for outcome in outcomes:
        file = Path(os.path.join(project, outcome.path))
        assert (file.read_bytes() if file.exists() else None) == outcome.after, outcome.path


@pytest.mark.parametrize("content", CONTENTS)
def test_contents(tmp_path: Path, content: str) -> None:
    before, after = CONTENTS[content]
    check(tmp_path, [changing(before, after)])


@pytest.mark.parametrize("path", PATHS, ids=ascii)
def test_paths(tmp_path: Path, path: str) -> None:
    check(tmp_path / "changed", [changing(b"a\n", b"b", path)])
    check(tmp_path / "deleted", [changing(b"a\n", None, path)])
    created = msgspec.structs.replace(changing(b"", b"a\n", path), is_new=True)
    (tmp_path / "created").mkdir()
    check(tmp_path / "created", [created])


def test_created_empty(tmp_path: Path) -> None:
    check(tmp_path, [msgspec.structs.replace(changing(b"", b"", "a b.py"), is_new=True)])


def test_many_files_at_once(tmp_path: Path) -> None:
    outcomes = [
        changing(before, after, f"{index}/{path}")
        for index, path in enumerate(PATHS)
        for before, after in [list(CONTENTS.values())[index % len(CONTENTS)]]
    ]
    check(tmp_path, outcomes)


@pytest.mark.parametrize("prefix", ["", "sub/", "two words/caf\udce9/"])
def test_a_project_below_the_top_of_a_repository(tmp_path: Path, prefix: str) -> None:
    git(tmp_path, "init", "--quiet")
    check(tmp_path, [changing(b"a\n", b"b\n", path) for path in PATHS], prefix)


def test_an_executable_file_stays_executable(tmp_path: Path) -> None:
    file = tmp_path / "app" / "use.py"
    file.parent.mkdir()
    file.touch(0o755)
    check(tmp_path, [changing(b"a\n", b"b\n")])
    assert file.stat().st_mode & 0o777 == 0o755


LINE = st.sampled_from([b"a", b"b", b"\r", b"\xff\0", b"", b"-", b"+ x", b"\\ No newline"])
CONTENT = st.tuples(st.lists(LINE, max_size=25), st.sampled_from([b"\n", b""])).map(
    lambda pair: b"\n".join(pair[0]) + pair[1]
)


@given(st.lists(st.tuples(CONTENT | st.binary(max_size=60), CONTENT), min_size=1, max_size=8))
@settings(deadline=None, max_examples=60)
def test_any_bytes(contents: list[tuple[bytes, bytes]]) -> None:
    outcomes = [
        changing(before, after, f"{index}.py") for index, (before, after) in enumerate(contents)
    ]
    if all(before == after for before, after in contents):
        return
    with tempfile.TemporaryDirectory() as folder:
        check(Path(folder), outcomes)


NAME = st.binary(min_size=1, max_size=20).map(
    lambda name: os.fsdecode(name.replace(b"/", b"_").replace(b"\0", b"_") + b".py")
)


@given(NAME, st.sampled_from([b"b", None]))
@settings(deadline=None, max_examples=60)
def test_any_name(name: str, after: bytes | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        check(Path(folder), [changing(b"a\n", after, name)])


def test_what_does_not_change_is_not_in_it() -> None:
    assert patch_of(ONLY_LEFT) == b""
    assert patch_of(only(REFUSED)) == b""
    assert patch_of(only(changing(b"a\n", b"a\n"))) == b""
    assert b"app/loop.py" not in patch_of(EXAMPLE)


def test_git_counts_the_same(tmp_path: Path) -> None:
    file = tmp_path / "p.patch"
    file.write_bytes(patch_of(EXAMPLE))
    assert git(tmp_path, "apply", "--numstat", str(file)).splitlines() == [
        "0\t1\tapp/old.py",
        "2\t0\tapp/shim.py",
        "2\t2\tapp/use.py",
    ]
