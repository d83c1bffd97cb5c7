"""The code of a finding, as a baseline remembers it."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssot_migrate.domain.finding import Finding, Severity
from ssot_migrate.lint.snippets import snippet


def of(source: str, line: int, column: int, end: tuple[int, int] = (0, 0), symbol: str = "") -> str:
    """The snippet of a range in a drawn file."""
    finding = Finding(
        code="SSOT201",
        name="x",
        severity=Severity.ERROR,
        path="a.py",
        line=line,
        column=column,
        end_line=end[0],
        end_column=end[1],
        message="",
        symbol=symbol or None,
    )
    return snippet(textwrap.dedent(source).removeprefix("\n").split("\n"), finding)


def test_is_the_range_of_the_finding() -> None:
    assert of("x = patch('a.b'); y = 1", 1, 11, (1, 16)) == "'a.b'"
    assert of("class A(B):\n    x = 1\n", 1, 1) == "class A(B):"


@pytest.mark.parametrize(
    ("source", "end"),
    [
        ("call(a, b=[1, 2])", (1, 18)),
        ("call(a,  b=[1, 2])  # why", (1, 19)),
        ("call(\n    a,  # first\n    b=[1, 2],\n)", (4, 2)),
        ("call(\n    a, b=[\n        1,\n        2,\n    ]\n)  # noqa", (6, 2)),
    ],
)
def test_formatting_and_comments_do_not_matter(source: str, end: tuple[int, int]) -> None:
    assert of(source, 1, 1, end) == "call(a, b=[1, 2])"


@pytest.mark.parametrize(
    ("source", "end", "symbol", "expected"),
    [
        ("from m import A", (1, 16), "m:A", "from m import A"),
        ("from m import A, B as C", (1, 24), "m:B", "from m import B as C"),
        ("from m import (\n    A,\n    B as C,\n)", (4, 2), "m:B", "from m import B as C"),
        ("from p import m, n", (1, 19), "p.n", "from p import n"),
        ("import a.b, c.d as e", (1, 21), "c.d", "import c.d as e"),
        ("from m import A, B", (1, 19), "x:Other", "from m import A, B"),
        ("from m import A, B", (1, 19), "m:B.attr", "from m import B"),
        ("from m import *", (1, 16), "m:A", "from m import *"),
    ],
)
def test_an_import_of_several_names_is_the_one_in_question(
    source: str, end: tuple[int, int], symbol: str, expected: str
) -> None:
    """So that mending one of them leaves the others known."""
    assert of(source, 1, 1, end, symbol) == expected


def test_a_long_one_ends_in_a_digest_that_tells_it_apart() -> None:
    first, second = (of("f(" + "a" * 300 + str(n) + ")", 1, 1, (1, 304)) for n in (1, 2))
    assert first != second
    assert len(first) < 160
    assert first.startswith("f(aaa")


def test_of_a_comment_it_is_the_comment() -> None:
    assert of("x = 1  # ssot: ignore", 1, 8, (1, 22)) == "# ssot: ignore"


def test_a_position_outside_of_the_file_has_none() -> None:
    assert of("x = 1", 9, 1) == ""
    assert of("", 1, 1) == ""
    assert of("é", 1, 7, (1, 9)) == ""


@given(st.text(max_size=400), st.integers(1, 5), st.integers(1, 9), st.integers(0, 9))
def test_is_one_short_line_whatever_the_file_holds(
    source: str, line: int, column: int, lines: int
) -> None:
    rows = source.split("\n")
    finding = Finding(
        code="X",
        name="x",
        severity=Severity.INFO,
        path="a.py",
        line=line,
        column=column,
        end_line=lines and line + lines - 1,
        end_column=lines and column,
        message="",
    )
    text = snippet(rows, finding)
    assert len(text) <= 160
    assert text == " ".join(text.split())
