from __future__ import annotations

import pytest

from ssot_migrate.workspace.owners import Owners


@pytest.mark.parametrize(
    ("line", "path", "is_meant"),
    [
        ("* @a", "deep/down/x.py", True),
        ("*.py @a", "deep/x.py", True),
        ("*.js @a", "x.py", False),
        ("docs/ @a", "docs/deep/x.py", True),
        ("docs/ @a", "other/docs/x.py", True),
        ("/docs/ @a", "other/docs/x.py", False),
        ("docs/* @a", "docs/x.py", True),
        ("docs/* @a", "docs/deep/x.py", False),
        ("app/**/x.py @a", "app/deep/down/x.py", True),
        ("app/x.py @a", "app/x.py", True),
        (r"with\ space.py @a", "with space.py", True),
        ("# * @a", "x.py", False),
        ("!x.py @a", "x.py", False),
        ("[Section] @a", "x.py", False),
        ("", "x.py", False),
    ],
)
def test_patterns(line: str, path: str, is_meant: bool) -> None:
    assert Owners(line).of(path) == (("@a",) if is_meant else ())


def test_the_last_line_that_matches_decides_even_for_nobody() -> None:
    owners = Owners("* @a\n/app/ @b c@example.org @b # why\n/app/free.py\n")
    assert owners.of("x.py") == ("@a",)
    assert owners.of("app/x.py") == ("@b", "c@example.org")
    assert owners.of("app/free.py") == ()


def test_paths_count_from_the_top_of_the_repository() -> None:
    assert Owners("/service/app/ @a", "service/").of("app/x.py") == ("@a",)
    assert Owners("/app/ @a", "service/").of("app/x.py") == ()
