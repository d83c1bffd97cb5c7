"""Comments that are written for findings: where they go, and that nothing else changes."""

from __future__ import annotations

import ast
import textwrap
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssot_migrate.domain.finding import Finding, Severity
from ssot_migrate.index.pragmas import pragma_facts
from ssot_migrate.rewrite.ignores import with_ignores

if TYPE_CHECKING:
    from collections.abc import Iterable


def finding(line: int, code: str = "SSOT201") -> Finding:
    return Finding(code=code, name="x", severity=Severity.ERROR, path="a.py", line=line, message="")


def commented(source: bytes | str, *findings: Finding, reason: str = "why") -> bytes:
    """The file with its comments; whatever it holds, the proofs of this test hold too."""
    data = source.encode() if isinstance(source, str) else source
    result = with_ignores(data, findings, reason)
    assert not isinstance(result, str), result
    assert ast.dump(ast.parse(result.after)) == ast.dump(ast.parse(data))
    assert _is_covered(result.after, findings, result.after.count(b"\n") - data.count(b"\n"))
    assert not _is_one_too_many(result.after, reason)
    return result.after


def _is_one_too_many(after: bytes, reason: str) -> bool:
    """Whether two comments are about the same lines, so that one of them suppresses nothing."""
    ours = [one for one in pragma_facts(after).pragmas if one.reason == reason]
    return len({(one.first, one.last) for one in ours}) < len(ours)


def _is_covered(after: bytes, findings: Iterable[Finding], shift: int) -> bool:
    found = pragma_facts(after).pragmas
    return all(
        any(
            one.code in (pragma.codes or ()) and pragma.first <= one.line + moved <= pragma.last
            for pragma in found
            for moved in {0, shift}
        )
        for one in findings
    )


def drawn(source: str) -> str:
    return textwrap.dedent(source).removeprefix("\n")


@pytest.mark.parametrize(
    ("before", "line", "after"),
    [
        ("import a\n", 1, "import a  # ssot: ignore[SSOT201] why\n"),
        ("import a", 1, "import a  # ssot: ignore[SSOT201] why"),
        ("import a   \n", 1, "import a  # ssot: ignore[SSOT201] why   \n"),
        ("import a  # noqa\n", 1, "import a  # noqa  # ssot: ignore[SSOT201] why\n"),
        ("if x: import a\n", 1, "if x: import a  # ssot: ignore[SSOT201] why\n"),
        (
            "x = [\n    'a',\n    'b',\n]\n",
            2,
            "x = [\n    'a',  # ssot: ignore[SSOT201] why\n    'b',\n]\n",
        ),
        ("x = 1 + \\\n    2\n", 1, "x = 1 + \\\n    2  # ssot: ignore[SSOT201] why\n"),
        ("x = '''\na.b\n'''\n", 2, "x = '''\na.b\n'''  # ssot: ignore[SSOT201] why\n"),
        ("f('''\na''', # c\n b)\n", 1, "f('''\na''', # c\n b)  # ssot: ignore[SSOT201] why\n"),
        ("", 1, "# ssot: ignore-file[SSOT201] why\n"),
        ("\nx = 1\n", 1, "# ssot: ignore-file[SSOT201] why\n\nx = 1\n"),
        (
            "#!/bin/python\n# coding: utf-8\nx = 1\n",
            1,
            "#!/bin/python\n# coding: utf-8\n# ssot: ignore-file[SSOT201] why\nx = 1\n",
        ),
        ("# only", 1, "# only\n# ssot: ignore-file[SSOT201] why"),
    ],
)
def test_where_a_comment_goes(before: str, line: int, after: str) -> None:
    assert commented(before, finding(line)).decode() == after


def test_findings_of_one_line_share_a_comment() -> None:
    after = commented("import a\n", finding(1, "SSOT202"), finding(1), finding(1))
    assert after == b"import a  # ssot: ignore[SSOT201, SSOT202] why\n"


def test_the_first_and_the_last_line_of_a_statement_share_a_comment() -> None:
    findings = (finding(1), finding(2, "SSOT203"), finding(2))
    assert commented("d = {k: a.F(\n    a.F(k))}\n", *findings).decode() == drawn(
        """
        d = {k: a.F(  # ssot: ignore[SSOT201, SSOT203] why
            a.F(k))}
        """
    )


def test_a_line_and_a_file_in_one_go() -> None:
    after = commented("# top\n\nimport a\n", finding(2, "SSOT401"), finding(3))
    assert after.decode() == drawn(
        """
        # top
        # ssot: ignore-file[SSOT401] why

        import a  # ssot: ignore[SSOT201] why
        """
    )


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_the_byte_order_mark_stay(newline: str, mark: bytes) -> None:
    before = mark + newline.join(["x = 'é'", "import a", ""]).encode()
    after = commented(before, finding(2))
    assert after == before.replace(b"import a", b"import a  # ssot: ignore[SSOT201] why")
    top = commented(mark + newline.join(["# c", "", "x = 1", ""]).encode(), finding(2))
    assert top.startswith(mark + b"# c" + newline.encode() + b"# ssot: ignore-file")


def test_the_encoding_stays() -> None:
    before = "# coding: latin-1\nx = 'é'\nimport a\n".encode("latin-1")
    after = commented(before, finding(3), reason="dépassé")
    assert after.decode("latin-1").endswith("import a  # ssot: ignore[SSOT201] dépassé\n")
    assert (
        with_ignores(before, [finding(3)], "→") == "is stored as iso-8859-1, which cannot write '→'"
    )


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (b"def f(:\n", "not read by the parser"),
        (b"x = '''\n", "not read by the parser"),
        (b"\xff", "cannot be decoded"),
        (b"x = 1\n", "no place for a comment about line 7"),
    ],
)
def test_a_file_that_cannot_be_proven_is_left(source: bytes, why: str) -> None:
    result = with_ignores(source, [finding(7)] if b"x = 1" in source else [finding(1)], "why")
    assert isinstance(result, str)
    assert why in result


PIECES = st.sampled_from(
    [
        "x = 1",
        "# comment",
        "",
        "    ",
        "if x:\n    y = 2  # c",
        "def f(\n    a,\n\n    b=(1,\n       2),\n):\n    return '''\n  # no\n'''",
        "z = 1 + \\\n    2",
        "t = ('a'  # one\n     'b'\n     )",
        "s = '''\n# ssot: ignore[A] no\n''' ; u = 1",
        "@x\n@y(1,\n   2)\nclass C: pass",
        "try: x\nexcept E: pass",
        "x; y; z",
        "\f",
        "import a  # ssot: ignore[SSOT201] other",
    ]
)


@given(st.lists(PIECES, max_size=8), st.data(), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_any_line_of_any_file_can_be_suppressed(
    pieces: list[str], data: st.DataObject, newline: str, ends: bool
) -> None:
    source = "\n".join(pieces) + ("\n" if ends else "")
    count = source.count("\n") + 1
    lines = data.draw(st.lists(st.integers(1, count), max_size=5))
    text = source.replace("\n", newline).encode()
    commented(text, *(finding(line) for line in lines))
