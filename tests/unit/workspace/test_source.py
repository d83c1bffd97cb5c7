"""Reading and decoding: what Python reads, and no surprise on the way."""

from __future__ import annotations

import ast
import codecs
import os
import socket
import warnings
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssot_migrate.domain.finding import FileError
from ssot_migrate.workspace import source
from ssot_migrate.workspace.source import (
    Contents,
    Undecodable,
    decode,
    excerpt,
    read,
    source_encoding,
)

from .drawing import as_nobody, give_to_nobody

BOM = codecs.BOM_UTF8

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_is_read_as_it_is(root: Path) -> None:
    (root / "a.py").write_bytes(b"x = 1\r\n\xff")
    assert read(root, "a.py") == b"x = 1\r\n\xff"


def test_a_link_is_read_within_the_root_only(root: Path) -> None:
    (root / "a.py").write_bytes(b"inside")
    (root / "link.py").symlink_to("a.py")
    (root.parent / "secret").write_bytes(b"outside")
    (root / "out.py").symlink_to("../secret")
    assert read(root, "link.py") == b"inside"
    assert read(root, "out.py") == FileError("out.py", "is a link that leads out of the root")


@pytest.mark.parametrize("kind", ["pipe", "socket", "folder", "device", "loop", "missing"])
def test_what_is_no_regular_file_is_never_waited_for(
    kind: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = root / "x.py"
    reason = "is not a regular file"
    with socket.socket(socket.AF_UNIX) as server:
        if kind == "pipe":
            os.mkfifo(path)
        elif kind == "socket":
            # The path of a socket is short by nature.
            monkeypatch.chdir(root)
            server.bind("x.py")
        elif kind == "folder":
            path.mkdir()
        elif kind == "device":
            path.symlink_to("/dev/zero")
            reason = "is a link that leads out of the root"
        elif kind == "loop":
            path.symlink_to("x.py")
            reason = "is a link that leads in a circle"
        else:
            reason = "does not exist any more"
        assert read(root, "x.py") == FileError("x.py", reason)


def test_an_unreadable_file_is_an_error(root: Path) -> None:
    (root / "a.py").write_text("x = 1")
    give_to_nobody(root)
    (root / "a.py").chmod(0)
    with as_nobody():
        assert read(root, "a.py") == FileError("a.py", "permission denied")


def test_the_size_has_a_limit(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MAX_BYTES", 1 << 20)
    (root / "a.py").write_bytes(b"#" * (1 << 20))
    assert read(root, "a.py") == b"#" * (1 << 20)
    (root / "a.py").write_bytes(b"#" * ((1 << 20) + 1))
    assert read(root, "a.py") == FileError("a.py", "is larger than 1 MiB and was not read")


def test_a_name_that_no_file_can_have_is_an_error(root: Path) -> None:
    assert read(root, "a\0.py") == FileError("a\0.py", "is no name that a file can have")


@pytest.mark.parametrize(
    ("data", "encoding", "text"),
    [
        (b"", "utf-8", ""),
        (b"x = 1\r\ny = 2\r", "utf-8", "x = 1\r\ny = 2\r"),
        ("# é\n".encode(), "utf-8", "# é\n"),
        (BOM + b"x = 1\n", "utf-8-sig", "x = 1\n"),
        (BOM + b"# coding: utf8\n", "utf-8-sig", "# coding: utf8\n"),
        (b"# -*- coding: latin-1 -*-\n# \xe9\n", "iso-8859-1", "# -*- coding: latin-1 -*-\n# é\n"),
        (b"# coding: latin-1 \xe9\n", "iso-8859-1", "# coding: latin-1 é\n"),
        (b"#!/usr/bin/python\n# vim: fileencoding=cp1252 :\n# \x80", "cp1252", "€"),
        (b"\n# coding: utf-8-unix\n", "utf-8", "coding"),
        (b"x = 1\n# coding: latin-1\n# \xc3\xa9", "utf-8", "é"),
        (b"\n\n# coding: latin-1\n# \xc3\xa9", "utf-8", "é"),
        (b"# coding: shift_jis\n# \x83\x65\n", "shift_jis", "テ"),
    ],
)
def test_decoding_follows_pep_263(data: bytes, encoding: str, text: str) -> None:
    decoded = decode(data)
    assert isinstance(decoded, str)
    assert text in decoded
    assert source_encoding(data) == encoding
    assert decoded.encode(encoding) == data


@pytest.mark.parametrize(
    ("data", "line", "offset", "message"),
    [
        (b"a\r\nb\r# \xff\n", 3, 7, "line 3 has a byte, 0xff, that is not utf-8 (offset 7)"),
        (BOM + b"\n\xff", 2, 4, "line 2 has a byte, 0xff, that is not utf-8 (offset 4)"),
        (b"# coding: ascii\n\xe9", 2, 16, "line 2 has a byte, 0xe9, that is not ascii (offset 16)"),
        (b"x = 1\n\0", 2, 6, "line 2 has a NUL byte (offset 6)"),
        (b"\n# coding: klingon\n", 2, 0, "line 2 declares an unknown encoding, klingon"),
        (b"# coding: rot13\n", 1, 0, "line 1 declares rot13, which no source file can have"),
        (b"# coding: punycode\n", 1, 0, "line 1 declares punycode, which no source file can have"),
        (b"# coding: utf-16\n", 1, 0, "line 1 declares utf-16, which no source file can have"),
        (b"# coding: cp037\n", 1, 0, "line 1 declares cp037, which no source file can have"),
        (BOM + b"#coding=koi8-r", 1, 0, "line 1 declares koi8-r, against the byte order mark"),
        ("x".encode("utf-16"), 1, 0, "is UTF-16, which Python does not read as source"),
    ],
)  # fmt: skip
def test_what_cannot_be_decoded_says_where(
    data: bytes, line: int, offset: int, message: str
) -> None:
    assert decode(data) == Undecodable(message, line, offset)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                *(b"#", b" ", b"\f", b"coding", b":", b"=", b"-*-", b"\n", b"\r\n", b"\r"),
                *(b"x", b"\xc3\xa9", b"\xe9", b"latin-1", b"utf-8", b"iso-8859-15", b"nonsense"),
            ]
        ),
        max_size=16,
    ).map(b"".join)
)
def test_python_decodes_the_same(lines: bytes) -> None:
    data = lines + b"\n'\xc3\xa9'"
    decoded = decode(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = ast.dump(ast.parse(data))
    except (SyntaxError, UnicodeError):
        return
    # Python 3.11 lets undecodable comments pass that it refuses when it runs the file.
    if isinstance(decoded, Undecodable):
        assert b"\xe9" in lines
    else:
        assert ast.dump(ast.parse(decoded)) == expected


def test_an_excerpt_shows_the_lines_that_exist(root: Path) -> None:
    (root / "a.py").write_bytes(b"one\r\ntwo\x0c still two\rthree \xff\n")
    assert excerpt(Contents(str(root)), "a.py", [3, 2, 9, 0]) == {
        2: "two\x0c still two",
        3: "three \\xff",
    }


@pytest.mark.parametrize("cookie", [b"klingon", b"rot13", b"utf-16", b"undefined"])
def test_an_excerpt_never_raises(cookie: bytes, root: Path) -> None:
    (root / "a.py").write_bytes(b"# coding: " + cookie + b"\n\xff\0")
    assert excerpt(Contents(str(root)), "a.py", [2]) == {2: "\\xff\0"}
    assert excerpt(Contents(str(root)), "missing.py", [1]) == {}
