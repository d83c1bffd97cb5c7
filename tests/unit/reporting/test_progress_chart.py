"""What a chart shows is what was counted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ssot_migrate.reporting.progress.chart import area, columns, spark


def test_time_goes_from_left_to_right_and_a_value_holds_until_the_next() -> None:
    assert columns([0, 50, 100], [9, 5, 1], 5) == [9, 9, 5, 5, 1]
    assert columns([0, 90, 100], [9, 5, 1], 5) == [9, 9, 9, 9, 1]


def test_commits_may_be_out_of_order_or_at_one_time() -> None:
    assert columns([100, 0], [1, 9], 3) == [9, 9, 1]
    assert columns([7, 7], [1, 9], 30) == [9]
    assert columns([], [], 30) == []


def test_heights_are_in_proportion() -> None:
    assert area([8, 4, 0], 2, is_plain=False) == ["█  ", "██ "]
    assert spark([8, 4, 0], is_plain=True) == "#: "


@given(st.lists(st.integers(0, 10**9), max_size=60), st.integers(1, 12), st.booleans())
def test_what_is_there_is_seen_and_what_is_not_is_not(
    values: list[int], height: int, is_plain: bool
) -> None:
    rows = area(values, height, is_plain=is_plain)
    assert [len(row) for row in rows] == [len(values)] * height
    for position, value in enumerate(values):
        assert (rows[-1][position] != " ") == bool(value)
        if value and value == max(values):
            assert rows[0][position] in "█#"
