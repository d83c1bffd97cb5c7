"""Bytes to trees: every way to fail is a value."""

from __future__ import annotations

import ast
import warnings
from typing import TYPE_CHECKING

import msgspec
import pytest

from ssot_migrate.index.facts import ModuleFacts, Unparsable, UseFacts
from ssot_migrate.index.parse import parse
from ssot_migrate.index.worker import (
    HASHES,
    MODULE,
    SHAPES,
    TYPES,
    UNPARSABLE,
    USES,
    Extracted,
    extract_batch,
    extract_isolated,
)
from ssot_migrate.workspace.source import Contents

if TYPE_CHECKING:
    from pathlib import Path

ALL_KINDS: tuple[str, ...] = (MODULE, SHAPES, HASHES, USES)


def extracted(tmp_path: Path, source: bytes) -> Extracted:
    """All facts of a file, isolated if it asks for that (though in this process)."""
    (tmp_path / "file.py").write_bytes(source)
    (result,) = extract_batch(Contents(str(tmp_path)), [("file.py", ALL_KINDS)])
    if result.needs_isolation:
        result = extract_isolated(Contents(str(tmp_path)), "file.py", ALL_KINDS)
    return result


def read(tmp_path: Path, source: bytes) -> dict[str, object]:
    """The decoded facts by kind."""
    facts = extracted(tmp_path, source).facts
    return {kind: msgspec.msgpack.decode(data, type=TYPES[kind]) for kind, data in facts}


@pytest.mark.parametrize(
    ("source", "column"),
    [
        (b"import old", 1),
        (b"\xef\xbb\xbfimport old\n", 1),
        (b"\xef\xbb\xbf# coding: utf-8\nimport old\n", 1),
        (b"# coding: latin-1\nx = '\xe9'; import old\n", 10),
        ("# coding: shift_jis\nx = 'あ'; import old\n".encode("shift_jis"), 10),
        ("# coding: cp1252\nx = '€'; import old\n".encode("cp1252"), 10),
        ("x = 'é€😀'; import old\n".encode(), 12),
        (b"x = 1\rimport old\r", 1),
        (b"x = 1\r\nimport old\r\n", 1),
        (b"x = '\xc3\xa9'\rimport old\r", 1),
        (b"\fimport old\n", 1),
        (b"x = 1\n\fimport old\n", 1),
        (b"x = 1; \f import old\n", 10),
        ("x = '\u2028\x85'; import old\n".encode(), 11),
    ],
)
def test_every_encoding_and_line_end_that_python_reads(
    tmp_path: Path, source: bytes, column: int
) -> None:
    facts = read(tmp_path, source)[MODULE]
    assert isinstance(facts, ModuleFacts)
    assert [i.module for i in facts.imports] == ["old"]
    assert facts.imports[0].column in (column, column + 1 if b"\f" in source else column)


@pytest.mark.parametrize(
    "source",
    [
        b"def f(:\n",
        b"x = 'abc\n",
        b"  x = 1\n y = 2\n",
        b"print 'x'\n",
        b"<<<<<<< HEAD\nx = 1\n=======\n",
        b"x = {{ cookiecutter.name }}}\n",
        b"%matplotlib inline\n",
        b"x = 1 \x00\n",
        b"# \x00\n",
        b"\x1a",
        b"x = '\xff'\n",
        b"# coding: rot13\nx = 1\n",
        b"# coding: nowhere\nx = 1\n",
        b"# coding: ascii\nx = '\xe9'\n",
        "x = 1".encode("utf-16"),
        b"x = " + b"9" * 5000 + b"\n",
        b"(" * 1000 + b")" * 1000,
        b"[" * 1000 + b"]" * 1000,
        b"x = " + b"-" * 100_000 + b"1\n",
        b"x = " + b"not " * 20_000 + b"1\n",
        b"if x:\n" + b"".join(b" " * n + b"if x:\n" for n in range(1, 150)) + b" " * 150 + b"x\n",
    ],
)
def test_what_cannot_be_parsed_is_a_value_with_a_reason(tmp_path: Path, source: bytes) -> None:
    facts = read(tmp_path, source)
    assert [*facts] == [UNPARSABLE]
    assert isinstance(facts[UNPARSABLE], Unparsable)
    assert facts[UNPARSABLE].message


@pytest.mark.parametrize(
    "source",
    [
        b"import old\nx = " + b" + ".join([b"old.T"] * 600) + b"\n",
        b"import old\nx = " + b" + ".join([b"old.T"] * 10_000) + b"\n",
        b"import old\nx = old" + b".T" * 500 + b"\n",
        b"import old\nx = " + b"(" * 80 + b"old.T" + b")" * 80 + b"\n",
        b"import old\nx = f" + b"(1)" * 600 + b"\n",
        b"import old\nx = 'a' " + b"'b' " * 2_000 + b"\n",
        b"import old\nif x:\n    pass\n" + b"elif x:\n    old.T\n" * 3_000,
        b"import old\nx = [" + b"old.T, " * 20_000 + b"]\n",
        b"import old\nx = lambda: " + b"lambda: " * 100 + b"old.T\n",
    ],
    ids=["sum", "long sum", "attributes", "brackets", "calls", "strings", "elif", "list", "lambda"],
)
def test_deep_or_long_code_is_read_or_told_to_be_too_deep(tmp_path: Path, source: bytes) -> None:
    facts = read(tmp_path, source)
    if UNPARSABLE in facts:
        assert [*facts] == [UNPARSABLE]
    else:
        assert isinstance(facts[MODULE], ModuleFacts)
        assert isinstance(facts[USES], UseFacts)
        assert [i.module for i in facts[MODULE].imports] == ["old"]


def test_code_of_ordinary_depth_is_read(tmp_path: Path) -> None:
    source = b"import old\nx = " + b" + ".join([b"old.T"] * 300) + b"\n"
    facts = read(tmp_path, source)[USES]
    assert isinstance(facts, UseFacts)
    assert len(facts.references) == 300


def test_integers_too_long_to_write_out_are_read(tmp_path: Path) -> None:
    source = b"def f(x=0x" + b"f" * 6000 + b"):\n    return 0o" + b"7" * 9000 + b"\n"
    assert {*read(tmp_path, source)} == {*ALL_KINDS}


def test_empty_files_have_empty_facts(tmp_path: Path) -> None:
    for source in (b"", b"\n", b"# only a comment", b"\xef\xbb\xbf"):
        assert read(tmp_path, source)[MODULE] == ModuleFacts()


def test_warnings_about_the_source_are_not_ours() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert isinstance(parse(rb"x = '\d'; y = 1 is 1; z = 1or 1" + b"\n"), ast.Module)


def test_an_error_names_its_line() -> None:
    failure = parse(b"x = 1\ny = (\n")
    assert isinstance(failure, Unparsable)
    assert failure.line == 2


def test_a_folder_or_a_missing_file_is_an_error_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "folder.py").mkdir()
    tasks = [("folder.py", ALL_KINDS), ("gone.py", ALL_KINDS)]
    results = extract_batch(Contents(str(tmp_path)), tasks)
    assert [result.error is not None for result in results] == [True, True]
    assert [result.facts for result in results] == [(), ()]
