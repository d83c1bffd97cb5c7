"""Replaces paths in literals: the rest of the literal stays byte for byte."""

from __future__ import annotations

import ast
from typing import Final

import pytest

from ssot_migrate.codemods import replace_strings
from ssot_migrate.domain.finding import Fix, Span
from ssot_migrate.domain.outcome import Cause, Left, Outcome
from ssot_migrate.rewrite.decisions import FileTask, ReplaceString
from ssot_migrate.rewrite.document import Document, TextEdit
from ssot_migrate.rewrite.engine import rewrite_bytes, spliced

CAUSE: Final = Cause(code="SSOT204", fix=Fix.SAFE, symbol="old.mod:Thing")
OLD, NEW = "old.mod.Thing", "new.mod.Thing"


def decision(data: bytes, before: str, after: str) -> ReplaceString:
    """The replacement of the first literal that `ast` reads as `before`, or of the first of all."""
    document = Document(data)
    literals = [node for node in ast.walk(document.tree) if isinstance(node, ast.Constant)]
    node = next((one for one in literals if one.value == before), literals[0])
    line = document.text.splitlines()[node.lineno - 1].encode()
    column = len(line[: node.col_offset].decode()) + 1
    last = document.text.splitlines()[(node.end_lineno or 0) - 1].encode()
    end_column = len(last[: node.end_col_offset or 0].decode()) + 1
    span = Span(node.lineno, column, node.end_lineno or 0, end_column)
    return ReplaceString(span=span, before=before, after=after, cause=CAUSE)


def task(*decisions: ReplaceString) -> FileTask:
    return FileTask(path="use.py", digest=b"", module="use", is_package=False, decisions=decisions)


def rewritten(data: bytes, before: str = OLD, after: str = NEW) -> bytes | str:
    """The file with one literal replaced, or why it is not."""
    document = Document(data)
    one = decision(data, before, after)
    changes = list(replace_strings.rewrite(document, task(one), [one]))
    edits = [change for change in changes if isinstance(change, TextEdit)]
    left = [change for change in changes if isinstance(change, Left)]
    if left:
        assert not edits
        assert left[0].cause.fix is Fix.MANUAL
        assert (left[0].line, left[0].column) == (one.span.line, one.span.column)
        return left[0].why
    return document.encoded(spliced(document, sorted(edits)))


class TestTheRestStays:
    @pytest.mark.parametrize(
        ("literal", "expected"),
        [
            ('"old.mod.Thing"', '"new.mod.Thing"'),
            ("'old.mod.Thing'", "'new.mod.Thing'"),
            ('r"old.mod.Thing"', 'r"new.mod.Thing"'),
            ("u'old.mod.Thing'", "u'new.mod.Thing'"),
            ('R"""old.mod.Thing"""', 'R"""new.mod.Thing"""'),
            ("'old.mod.\\x54hing'", "'new.mod.\\x54hing'"),
            ("'\\x6fld.mod.Thing'", "'new.mod.Thing'"),
            ("'ol\\\nd.mod.Thing'", "'new.mod.Thing'"),
        ],
    )
    def test_prefix_quotes_and_escapes(self, literal: str, expected: str) -> None:
        assert rewritten(f"f({literal})  # é\n".encode()) == f"f({expected})  # é\n".encode()

    def test_what_stands_around_it(self) -> None:
        data = "é = {'ü': patch( 'old.mod.Thing' , x)}; y\n".encode()
        assert rewritten(data) == data.replace(b"old", b"new")

    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    def test_line_ends(self, end: str) -> None:
        data = 'f(\n    "old.mod."  # where\n    "Thing",\n)\nx = """a\nb"""\n'.replace("\n", end)
        assert rewritten(data.encode()) == data.replace("old", "new").encode()

    def test_a_file_in_another_encoding(self) -> None:
        data = "# coding: latin-1\nx = 'é', 'old.mod.Thing'\n".encode("latin-1")
        assert rewritten(data) == data.replace(b"old", b"new")

    def test_a_byte_order_mark(self) -> None:
        data = b"\xef\xbb\xbfx = 'old.mod.Thing'\n"
        document = Document(data)
        one = ReplaceString(span=Span(1, 5, 1, 20), before=OLD, after=NEW, cause=CAUSE)
        (edit,) = replace_strings.rewrite(document, task(one), [one])
        assert isinstance(edit, TextEdit)
        assert document.encoded(spliced(document, [edit])) == data.replace(b"old", b"new")


class TestAdjacentLiterals:
    @pytest.mark.parametrize(
        ("literal", "after", "expected"),
        [
            ('"old.mod." "Thing"', NEW, '"new.mod." "Thing"'),
            ('"old.mod." "Thing"', "new.mod.Widget", '"new.mod." "Widget"'),
            ("\"old.mod.\" r'Thing'", "new.mod.Widget", "\"new.mod.\" r'Widget'"),
            ('"old.mod." "Thing"', "solo.Thing", '"solo." "Thing"'),
            ('"old." "mod." "Thing"', "solo.Thing", '"solo" "." "Thing"'),
            ('"old.mod." "Thing"', "a.b.c.Thing", '"a.b.c." "Thing"'),
            ('"old.mod" ".Thing"', "a.b.c.Thing", '"a.b.c" ".Thing"'),
            ('"ol" "d.mod.Thing"', NEW, '"new" ".mod.Thing"'),
            ('"" "old.mod.Thing"', NEW, '"" "new.mod.Thing"'),
        ],
    )
    def test_each_part_is_replaced_where_it_stands(
        self, literal: str, after: str, expected: str
    ) -> None:
        assert rewritten(f"f({literal})\n".encode(), OLD, after) == f"f({expected})\n".encode()

    def test_in_parentheses_with_comments(self) -> None:
        data = b'x = (  # a\n    "old."  # b\n    # c\n    "mod.Thing"  # d\n)\n'
        assert rewritten(data, OLD, "new.mod.Widget") == (
            b'x = (  # a\n    "new."  # b\n    # c\n    "mod.Widget"  # d\n)\n'
        )


class TestLongTexts:
    def test_only_the_paths_of_a_docstring_change(self) -> None:
        value = 'See `old.mod.Thing`.\n\n    "quoted" \\d old.mod.Thing, old.mod.Other.\n'
        source = f'"""{value}"""\n'.replace("\n", "\r\n").encode()
        after = value.replace(OLD, "a.b.c.Thing")
        assert rewritten(source, value, after) == source.replace(b"old.mod.Thing", b"a.b.c.Thing")

    def test_an_edit_covers_the_whole_path(self) -> None:
        data = b"x = 'see old.mod.Thing, old.mod.Thing'\n"
        document = Document(data)
        one = decision(data, "see old.mod.Thing, old.mod.Thing", "see new.mod.Thing, new.mod.It")
        edits = [
            (document.text[edit.start : edit.end], edit.text)
            for edit in replace_strings.rewrite(document, task(one), [one])
            if isinstance(edit, TextEdit)
        ]
        assert edits == [(OLD, NEW), (OLD, "new.mod.It")]

    def test_a_pattern_keeps_its_escaped_dots(self) -> None:
        assert rewritten(b'f(module=r"old\\.mod")\n', r"old\.mod", r"new\.b\.mod") == (
            b'f(module=r"new\\.b\\.mod")\n'
        )
        assert rewritten(b'f(module="old\\\\.mod")\n', r"old\.mod", r"new\.b\.mod") == (
            b'f(module="new\\\\.b\\\\.mod")\n'
        )


class TestLeft:
    @pytest.mark.parametrize(
        ("source", "why"),
        [
            (b"x = 'old.mod.Other'\n", "the literal has another value than the one that was read"),
            (b"x = b'old.mod.Thing'\n", "it is bytes, not text"),
            (b"x = 17\n", "a part of the text is computed"),
        ],
    )
    def test_what_is_not_the_text_that_was_read(self, source: bytes, why: str) -> None:
        assert rewritten(source) == why

    @pytest.mark.parametrize("literal", ["f'old.mod.{x}'", "'old.mod.' f'{x}'"])
    def test_a_computed_text(self, literal: str) -> None:
        document = Document(f"x = {literal}\n".encode())
        span = Span(1, 5, 1, 5 + len(literal))
        one = ReplaceString(span=span, before=OLD, after=NEW, cause=CAUSE)
        (left,) = replace_strings.rewrite(document, task(one), [one])
        assert isinstance(left, Left)
        assert left.why == "a part of the text is computed"

    def test_a_value_that_its_quotes_cannot_hold(self) -> None:
        assert rewritten(b"x = r'old.mod.Thing'\n", OLD, "it's") == (
            '"it\'s" cannot be written between its quotes'
        )
        assert rewritten(b"x = 'old.mod.Thing'\n", OLD, "it's") == b"x = 'it\\'s'\n"

    def test_a_name_that_the_encoding_lacks(self) -> None:
        data = "# coding: latin-1\nx = 'old.mod.Thing'\n".encode("latin-1")
        why = rewritten(data, OLD, "new.мод.Thing")
        assert isinstance(why, str)
        assert why.startswith("the file is stored as iso-8859-1")

    def test_one_literal_does_not_stop_the_others(self) -> None:
        data = b"x = 'old.mod.Thing', 'old.mod.Thing'\n"
        document = Document(data)
        right = ReplaceString(span=Span(1, 22, 1, 37), before=OLD, after=NEW, cause=CAUSE)
        wrong = ReplaceString(span=Span(1, 5, 1, 20), before="other", after=NEW, cause=CAUSE)
        changes = list(replace_strings.rewrite(document, task(wrong, right), [wrong, right]))
        assert [type(change) for change in changes] == [Left, TextEdit]


def test_the_engine_carries_it_out() -> None:
    data = b"from unittest.mock import patch\n\n@patch('old.mod.Thing')\ndef test(it): ...\n"
    outcome = rewrite_bytes(data, task(decision(data, OLD, NEW)), [replace_strings]).outcome
    assert outcome.outcome is Outcome.CHANGED, outcome.why
    assert outcome.after == data.replace(b"old", b"new")
    assert [(edit.line, edit.column, edit.before) for edit in outcome.edits] == [(3, 9, OLD)]


def test_a_second_run_finds_nothing_to_do() -> None:
    data = b"x = 'new.mod.Thing'\n"
    assert rewritten(data) == "the literal has another value than the one that was read"
