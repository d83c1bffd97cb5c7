"""Files as documents: what is refused before anything is looked at, and where things are."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from ssot_migrate.domain.finding import Span
from ssot_migrate.rewrite.document import MAX_BYTES, Document, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUND_TRIP = "does not give it back byte for byte"
REFUSED: dict[str, tuple[bytes, str]] = {
    "no Python": (b"def f(:\n", "cannot be parsed: invalid syntax"),
    "Python 2": (b'print "x"\n', "cannot be parsed"),
    "a merge conflict": (b"<<<<<<< HEAD\nx = 1\n", "cannot be parsed"),
    "mixed indentation": (b"if 1:\n\tx\n        y\n", "cannot be parsed"),
    "a NUL byte": (b"x = '\0'\n", "NUL"),
    "bytes of another encoding": (b'x = "\xff"\n', "0xff"),
    "an unknown encoding": (b"# coding: wat\n", "wat"),
    "an encoding that is none of text": (b"# coding: rot13\n", "rot13"),
    "line ends of carriage returns alone": (b"x = 1\ry = 2\r", ROUND_TRIP),
    "a form feed before code": (b"x = 1\n\x0cy = 2\n", ROUND_TRIP),
    "a blank before the colon of except": (b"try: ...\nexcept X : ...\n", ROUND_TRIP),
    "a blank before the colon of except*": (b"try: ...\nexcept* X : ...\n", ROUND_TRIP),
    "blanks behind a conversion": (b'x = f"{3!s  }"\n', ROUND_TRIP),
    "a backslash as its first line": (b"\\\nx = 1\n", ROUND_TRIP),
    "an expression that LibCST stumbles over": (b"x = () if 0 else(lambda:())\n", "TypeError"),
    "a statement that LibCST does not know": (b"(x): int = 1\n", "LibCST fails on it"),
    "a backslash at its end": (b"x = 1\\\n", "unexpected EOF"),
    "a long sum": (b"x = " + b"+".join([b"a"] * 1_000) + b"\n", "RecursionError"),
    "a sum that is too long for Python": (
        b"x = " + b"+".join([b"a"] * 10_000) + b"\n",
        "nested too deeply",
    ),
    "more than a megabyte": (b"#" * MAX_BYTES + b"\n", "larger than 1024 KiB"),
}


def refusals() -> Iterator[object]:
    for title, (source, why) in REFUSED.items():
        reads_it = "too long for Python" in title and sys.version_info < (3, 11)
        marks = [pytest.mark.skip(reason="Python 3.10 has no such limit")] if reads_it else []
        yield pytest.param(source, why, id=title.replace(" ", "-"), marks=marks)


@pytest.mark.parametrize(("source", "why"), list(refusals()))
def test_refuses(source: bytes, why: str) -> None:
    with pytest.raises(Refused, match="(?i)" + why.replace("*", r"\*")) as refused:
        Document(source)
    assert "\n" not in refused.value.why


READ: dict[str, bytes] = {
    "empty": b"",
    "no final line end": b"x = 1",
    "CRLF": b"x = 1\r\ny = 2\r\n",
    "mixed line ends": b"x = 1\r\ny = 2\n",
    "a byte order mark": b"\xef\xbb\xbfx = 1\n",
    "a mark and a cookie": b"\xef\xbb\xbf# coding: utf-8\nx = 1\n",
    "latin-1": "# coding: latin-1\nx = 'é'\n".encode("latin-1"),
    "shift_jis": "# coding: shift_jis\nx = '表'\n".encode("shift_jis"),
    "a form feed on its own line": b"x = 1\n\x0c\ny = 2\n",
    "a form feed before a comment": b"x = 1\n\x0c# y\n",
    "line separators in strings": "x = 'a\u2028b\x1cc\x85d'\n".encode(),
    "tabs": b"if x:\n\ty\n",
    "exactly a megabyte": b"#" * (MAX_BYTES - 1) + b"\n",
    "newer syntax": b"type A[T] = list[T]\n",
    "a lazy import": b"lazy import a.b\n",
    "a template string": b'x = t"{a}"\n',
    "exceptions without parentheses": b"try: ...\nexcept A, B: ...\n",
}


@pytest.mark.parametrize("source", READ.values(), ids=[key.replace(" ", "-") for key in READ])
def test_reads(source: bytes) -> None:
    document = Document(source)
    assert document.encoded(document.text) == source


def test_positions_count_characters_and_lines_of_python() -> None:
    text = "s = '😀é\u2028\x85'; t = 1\r\nu = 2\n\x0c\nv = 3"
    document = Document(b"\xef\xbb\xbf" + text.encode())
    assert document.text == text
    for line, column, found in ((1, 13, "t"), (2, 1, "u"), (4, 1, "v")):
        offset = document.offset(line, column)
        assert text[offset] == found
        assert document.position(offset) == (line, column)
    assert text[slice(*document.slice(Span(2, 1, 2, 6)))] == "u = 2"
    assert document.line_start(text.index("2\n")) == text.index("u")


@pytest.mark.parametrize(
    ("source", "newline"),
    [(b"", "\n"), (b"x", "\n"), (b"x\r\ny\n", "\r\n"), (b"x\ny\r\n", "\n")],
)
def test_first_line_end_is_that_of_new_lines(source: bytes, newline: str) -> None:
    assert Document(source).newline == newline


def test_says_which_character_an_encoding_lacks() -> None:
    document = Document(b"# coding: latin-1\nx = 1\n")
    assert document.encoded("# coding: latin-1\né\n").endswith(b"\xe9\n")
    with pytest.raises(Refused, match="cannot write 'Д'"):
        document.encoded("x = 'Д'")
