from __future__ import annotations

import os
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssot_migrate.reporting.sanitize import encodable, visible, visible_block

from .hostile import HOSTILE
from .readers import hazards

# Format characters that Unicode counts as such and that are seen: Arabic number signs and the like.
SEEN = {
    *range(0x600, 0x606),
    *(0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD),
    *range(0x13430, 0x13460),
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain text, é, 統一, ❤️", "plain text, é, 統一, ❤️"),
        ("a\x1b[2Jb", r"a\x1b[2Jb"),
        ("a\x9bb", r"a\x9bb"),
        ("a\u202eb", r"a\u202eb"),
        ("a\U000e0041b", r"a\U000e0041b"),
        ("a\udc80b", r"a\x80b"),
        ("a\ud800b", r"a\ud800b"),
        ("a\r\n\tb", r"a\r\n\tb"),
        ("a\ufeffb", r"a\ufeffb"),
        ("", ""),
    ],
)
def test_hazards_are_spelled_out(text: str, expected: str) -> None:
    assert visible(text) == expected


def test_clean_text_is_returned_as_it_is() -> None:
    text = "no hazards, " * 10
    assert visible(text) is text
    assert encodable(text) is text


def test_a_file_name_of_any_bytes_is_visible() -> None:
    name = os.fsdecode(bytes(range(1, 256)))
    assert visible(name).isprintable()


def test_source_lines_keep_their_indentation() -> None:
    assert visible_block("\tx = '\x1b'\t\n") == r"    x = '\x1b'    \n"


def test_encodable_changes_only_surrogates() -> None:
    assert encodable("\x1b\u202e\udc80\ud83d\ude00") == "\x1b\u202e\\x80\\ud83d\\ude00"


def test_every_hazard_of_unicode_is_spelled_out() -> None:
    every = "".join(chr(code) for code in range(sys.maxunicode + 1) if code not in SEEN)
    assert not hazards(visible(every))


def test_letters_and_marks_are_left_alone() -> None:
    kept = ["naïve", "שלום", "مرحبا", "हिन्दी", "한국어", "👍🏽", "❤️", "Ω≈ç√", "\xa0\u3000"]
    assert [visible(text) for text in kept] == kept


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_strings_become_one_visible_line(text: str) -> None:
    assert not hazards(visible(text))
    assert len(visible(text).splitlines()) <= 1
    assert visible(visible(text)) == visible(text)


@given(st.text(st.characters()))
@settings(deadline=None)
def test_any_text_becomes_one_encodable_line(text: str) -> None:
    visible(text).encode()
    encodable(text).encode()
    assert len(visible(text).splitlines()) <= 1
