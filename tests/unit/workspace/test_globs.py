"""The patterns of registries and `.gitignore` files: git itself is the judge."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

from ssot_migrate.workspace.globs import Globs, IgnoreFile

if TYPE_CHECKING:
    from pathlib import Path

SEGMENT = st.sampled_from(
    [
        "a",
        "b",
        "ab",
        "a.py",
        "*",
        "**",
        "*.py",
        "a*",
        "*b*",
        "?",
        "[ab]",
        "[!a]",
        "a*b*",
        "***",
        "[a-b]?",
    ]
)
PATTERN = st.builds(
    lambda start, segments, end: start + "/".join(segments) + end,
    st.sampled_from(["", "/"]),
    st.lists(SEGMENT, min_size=1, max_size=4),
    st.sampled_from(["", "", "/"]),
)
NAME = st.sampled_from(["a", "b", "ab", "ba", "a.py", "b.py", "abab", "c"])
PATH = st.lists(NAME, min_size=1, max_size=5).map("/".join)


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("tests", "tests/a.py", True),
        ("tests", "pkg/tests/deep/a.py", True),
        ("tests", "pkg/contests/a.py", False),
        ("/tests", "pkg/tests/a.py", False),
        ("pkg/tests", "other/pkg/tests/a.py", False),
        ("**/tests/**", "tests/a.py", True),
        ("**/tests/**", "tests", False),
        ("**/test_*.py", "test_a.py", True),
        ("**/test_*.py", "pkg/test_a.pyi", False),
        ("**/test_*.py", "pkg/test_a.py/inner.py", True),
        ("**/*.backup*", "pkg/a.backup.py", True),
        ("*.py", "a\nb.py", True),
        ("build/", "build", False),
        ("build/", "build/a.py", True),
        ("src/*.py", "src/pkg/a.py", False),
        ("src/*", "src/pkg/a.py", True),
        ("a/**/b/**/c.py", "a/x/b/y/z/c.py", True),
        ("a/**/b/**/c.py", "a/b/c.py", True),
        ("[[:digit:]]*.py", "0001_initial.py", True),
        ("[]a].py", "].py", True),
        ("[^a].py", "a.py", False),
        ("[z-a].py", "m.py", False),
        ("[a.py", "[a.py", False),
        ("a\\*.py", "a*.py", True),
        ("a\\*.py", "ab.py", False),
        ("a\\", "a", False),
        ("a  ", "a", True),
        ("a\\ ", "a ", True),
        ("# a", "# a", False),
        ("\\#a", "#a", True),
        ("", "a", False),
        ("/", "a", False),
    ],
)
def test_a_pattern_matches_as_in_a_gitignore(pattern: str, path: str, expected: bool) -> None:
    assert Globs([pattern]).matches(path) is expected


def test_the_last_pattern_that_matches_decides() -> None:
    tests = Globs(["**/tests/**", "!**/tests/support/**", "**/tests/support/test_*.py"])
    assert tests.matches("tests/a.py")
    assert not tests.matches("tests/support/a.py")
    assert tests.matches("tests/support/test_a.py")


@settings(max_examples=400, deadline=None)
@given(patterns=st.lists(PATTERN, min_size=1, max_size=4), path=PATH)
@example(patterns=["a/**", "*b*"], path="a")
def test_globs_agree_with_pathspec(patterns: list[str], path: str) -> None:
    # Where pathspec differs from git, we side with git: `a/**/` names no file below `a`, and
    # three stars are as good as two.
    patterns = [
        pattern for pattern in patterns if not pattern.endswith("**/") and "***" not in pattern
    ]
    assert Globs(patterns).matches(path) == GitIgnoreSpec.from_lines(patterns).match_file(path)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    patterns=st.lists(st.tuples(st.sampled_from(["", "", "!"]), PATTERN).map("".join), max_size=5),
    paths=st.lists(PATH, min_size=12, max_size=12, unique=True),
)
def test_ignore_files_agree_with_git(
    patterns: list[str], paths: list[str], repo: Path, tmp_path: Path
) -> None:
    (tmp_path / "patterns").write_text("\n".join(patterns))
    command = ["git", "-c", f"core.excludesFile={tmp_path / 'patterns'}"]
    command += ["check-ignore", "--no-index", "-z", "--stdin"]
    asked = "\0".join(paths).encode()
    ignored = subprocess.run(command, cwd=repo, input=asked, capture_output=True).stdout.decode()
    assert [path for path in paths if _is_ignored(patterns, path)] == ignored.split("\0")[:-1]


def _is_ignored(patterns: list[str], path: str) -> bool:
    """Walk down to `path`, as discovery does."""
    file = IgnoreFile("\n".join(patterns))
    parts = path.split("/")
    folders = ["/".join(parts[:depth]) for depth in range(1, len(parts))]
    return any(file.verdict(folder, is_folder=True) for folder in folders) or bool(
        file.verdict(path, is_folder=False)
    )


@pytest.mark.parametrize(
    "pattern",
    ["*a*a*a*a*a*a*a*a*a*b", "**/a/**/a/**/a/**/a/**/a/**/b", "*[ab]*?*[ab]*?*c", "**a**a**a**b"],
)
@pytest.mark.parametrize("path", ["a" * 20_000, "a/" * 10_000 + "a"])
def test_no_pattern_takes_long(pattern: str, path: str) -> None:
    start = time.process_time()
    assert not Globs([pattern, "!x"]).matches(path)
    assert not Globs([pattern]).matches(path)
    assert time.process_time() - start < 2
