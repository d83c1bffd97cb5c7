"""The comparison of two versions, line by line."""

from __future__ import annotations

import random
import re
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssot_migrate.reporting.apply.hunks import CONTEXT_LINES, Hunk, hunks

LINES = st.lists(st.sampled_from("abc"), max_size=30)


def patched(before: list[str], found: list[Hunk[str]]) -> list[str]:
    """Apply hunks as strictly as can be."""
    result: list[str] = []
    position = 0
    for hunk in found:
        assert hunk.start >= position
        result += before[position : hunk.start]
        assert len(result) == hunk.new_start
        gone = [line for kind, line in hunk.rows if kind in " -"]
        position = hunk.start + len(gone)
        assert before[hunk.start : position] == gone
        result += [line for kind, line in hunk.rows if kind in " +"]
    return result + before[position:]


@given(LINES, LINES)
def test_hunks_lead_from_one_version_to_the_other(before: list[str], after: list[str]) -> None:
    found = list(hunks(before, after))
    assert patched(before, found) == after
    assert bool(found) == (before != after)
    for hunk in found:
        kinds = "".join(kind for kind, _ in hunk.rows)
        assert re.fullmatch(r" {0,3}[-+](?:.*[-+])? {0,3}", kinds)
        assert " " * (2 * CONTEXT_LINES + 1) not in kinds


@given(LINES, LINES)
def test_hunks_stand_apart(before: list[str], after: list[str]) -> None:
    found = list(hunks(before, after))
    for first, second in pairwise(found):
        assert second.start >= first.start + first.length


@pytest.mark.parametrize(
    ("before", "after", "places"),
    [
        ("", "", []),
        ("abc", "abc", []),
        ("", "a", ["@@ -0,0 +1 @@"]),
        ("", "ab", ["@@ -0,0 +1,2 @@"]),
        ("ab", "", ["@@ -1,2 +0,0 @@"]),
        ("a", "b", ["@@ -1 +1 @@"]),
        ("aaaaaaaaab", "aaaaaaaaac", ["@@ -7,4 +7,4 @@"]),
        ("baaaaaaaaa", "caaaaaaaaa", ["@@ -1,4 +1,4 @@"]),
        ("b123456c", "x123456y", ["@@ -1,8 +1,8 @@"]),
        ("b1234567c", "x1234567y", ["@@ -1,4 +1,4 @@", "@@ -6,4 +6,4 @@"]),
        ("12345", "123x45", ["@@ -1,5 +1,6 @@"]),
    ],
)
def test_places(before: str, after: str, places: list[str]) -> None:
    assert [hunk.place for hunk in hunks(list(before), list(after))] == places


def test_a_change_of_a_line_in_a_long_file_is_one_small_hunk() -> None:
    before = [f"line {n}" for n in range(10_000)]
    after = [*before[:5_000], "other", *before[5_001:]]
    (hunk,) = hunks(before, after)
    assert len(hunk.rows) == 2 * CONTEXT_LINES + 2


def test_changes_at_both_ends_of_a_long_file_are_two_small_hunks() -> None:
    lines = [*(f"line {n}" for n in range(5_000)), *[""] * 3_000]
    random.Random(7).shuffle(lines)
    found = list(hunks(["old", *lines, "old"], ["new", *lines, "new"]))
    assert [len(hunk.rows) for hunk in found] == [CONTEXT_LINES + 2] * 2


def test_a_file_that_repeats_itself_takes_no_time() -> None:
    """`SequenceMatcher` alone would take minutes."""
    lines = [str(n % 110) for n in range(300_000)]
    start = time.monotonic()
    (hunk,) = hunks(["old", *lines, "old"], ["new", *lines, "new"])
    assert time.monotonic() - start < 10
    assert hunk.length == len(lines) + 2
