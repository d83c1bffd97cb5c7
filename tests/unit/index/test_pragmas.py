"""Comments that suppress findings, and which lines they are about."""

from __future__ import annotations

import textwrap

import pytest

from ssot_migrate.index.pragmas import Pragma, pragma_facts


def read(source: str) -> tuple[Pragma, ...]:
    """The suppressions of a drawn file."""
    return pragma_facts(textwrap.dedent(source).removeprefix("\n").encode()).pragmas


def reach(source: str) -> list[tuple[int, int]]:
    """The lines that each suppression is about."""
    return [(one.first, one.last) for one in read(source)]


def test_says_which_rules_why_who_and_how_long() -> None:
    (one,) = read(
        "import a  # ssot: ignore[SSOT201, old-name] see #12 owner=@db until=2026-12-31\n"
    )
    assert one.verb == "ignore"
    assert one.codes == ("SSOT201", "old-name")
    assert (one.reason, one.owner, one.until) == ("see #12", "@db", "2026-12-31")
    assert (one.line, one.column) == (1, 11)


@pytest.mark.parametrize(
    "comment",
    [
        "# ssot: ignore[A] why",
        "#ssot:ignore[A] why",
        "# SSOT: ignore[A] why",
        "#  ssot:  ignore [ A ]  why  ",
        "# ssot: ignore[A]: why",
        "# ssot: ignore[A] - why",
        "# noqa: F401  # ssot: ignore[A] why",
        "# ssot: ignore[A] why  # noqa: F401",
        "# type: ignore[x]  # ssot: ignore[A,] why # pragma: no cover",
    ],
)
def test_stands_among_other_comments(comment: str) -> None:
    (one,) = read(f"import a  {comment}\n")
    assert (one.codes, one.reason) == (("A",), "why")


def test_nothing_that_is_said_twice_is_lost() -> None:
    (one,) = read("x = 1  # ssot: ignore[A] why owner=@a until=1999-01-01 owner=@b until=friday\n")
    assert (one.owner, one.until) == ("@a, @b", "1999-01-01, friday")


def test_several_may_share_a_comment() -> None:
    found = read("import a  # ssot: ignore[A] one  # ssot: ignore-file[B] two\n")
    assert [(one.verb, one.codes, one.reason) for one in found] == [
        ("ignore", ("A",), "one"),
        ("ignore-file", ("B",), "two"),
    ]


@pytest.mark.parametrize(
    "source",
    [
        'TEXT = "# ssot: ignore[A] why"\n',
        '"""\n# ssot: ignore[A] why\n"""\n',
        "# ssot: one home for each concept\n",
        "# the ssot: a registry\n",
        "# SSOT: dict[str, int] in one place\n",
        "# SSOT: ignore what the others say\n",
        "x = 1\n",
        "def f(:  # ssot: ignore[A] why\n  '''\n",
    ],
)
def test_what_is_no_suppression(source: str) -> None:
    assert read(source) == ()


@pytest.mark.parametrize(
    ("comment", "verb", "codes"),
    [
        ("# ssot: ignore", "ignore", None),
        ("# ssot: ignore all of it", "ignore", None),
        ("# ssot: ignore[]", "ignore", ()),
        ("# ssot: ignroe[A] why", "ignroe", ("A",)),
        ("# ssot: Ignore-File[A]", "Ignore-File", ("A",)),
    ],
)
def test_what_is_meant_to_be_one_is_told(
    comment: str, verb: str, codes: tuple[str, ...] | None
) -> None:
    (one,) = read(f"{comment}\n")
    assert (one.verb, one.codes) == (verb, codes)


def test_is_about_its_statement_from_the_first_or_the_last_line() -> None:
    assert reach(
        """
        from a import (  # ssot: ignore[A] first
            b,  # ssot: ignore[A] between
            c,
        )  # ssot: ignore[A] last
        """
    ) == [(1, 4), (2, 2), (1, 4)]


def test_is_about_its_line_alone_where_no_code_is() -> None:
    (one,) = read("# ssot: ignore[A] why\nimport a\n")
    assert (one.first, one.last, one.alone) == (1, 1, True)


def test_is_about_the_header_of_a_suite() -> None:
    source = """
    class C(
        Base,
    ):  # ssot: ignore[A] why
        x = 1
    """
    assert reach(source) == [(1, 3)]


def test_ends_a_string_or_a_continued_line() -> None:
    source = '''
    TEXT = """
    a.b
    """  # ssot: ignore[A] why
    x = 1 + \\
        2  # ssot: ignore[A] why
    '''
    assert reach(source) == [(1, 3), (4, 5)]


def test_the_next_line_is_the_next_code() -> None:
    source = """
    # ssot: ignore-next-line[A] over blanks and comments

    # more
    @decorated
    def f(
        a,  # ssot: ignore-next-line[A] within a statement
        b,
    ): ...
    x = 1  # ssot: ignore-next-line[A] behind code
    if x:
        # ssot: ignore-next-line[A] over the start of a suite
        y = (
            2)
    """
    assert reach(source) == [(4, 4), (7, 7), (10, 10), (12, 13)]


def test_the_next_line_of_the_last_is_none() -> None:
    assert reach("# ssot: ignore-next-line[A] why") == [(0, 0)]


def test_a_file_is_all_of_its_lines() -> None:
    ((first, last),) = reach("x = 1\n# ssot: ignore-file[A] why\ny = 2\n")
    assert (first, last >= 3) == (1, True)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_lines_count_as_for_the_parser(newline: str, mark: bytes) -> None:
    source = newline.join(["x = '''", "'''", "é = 1  # ssot: ignore[A] why", ""])
    (one,) = pragma_facts(mark + source.encode()).pragmas
    assert (one.line, one.column) == (3, 8)


def test_a_file_that_cannot_be_decoded_has_none() -> None:
    assert pragma_facts(b"# ssot: ignore[A] why\n\xff").pragmas == ()
