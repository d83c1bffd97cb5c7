"""How alike two interfaces are."""

from __future__ import annotations

import ast
from itertools import combinations
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssot_migrate.index.shapes import shape_facts
from ssot_migrate.lint.families.similarity import (
    call_surface,
    overlap,
    public,
    similar_pairs,
    similarity,
    statements,
)

if TYPE_CHECKING:
    from ssot_migrate.index.facts import Member

METHODS = st.tuples(st.sampled_from("abcdefgh"), st.sampled_from(["", "x", "y"]))
SURFACES = st.frozensets(METHODS, max_size=8)
THRESHOLDS = st.sampled_from([0.1, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0])


def members(source: str) -> dict[str, Member]:
    return public(shape_facts(ast.parse(dedent(source))).shapes[0].members)


@given(SURFACES, SURFACES)
def test_similarity_is_symmetric_and_between_none_and_all(
    left: frozenset[tuple[str, str]], right: frozenset[tuple[str, str]]
) -> None:
    measure = similarity(left, right)
    assert measure == similarity(right, left)
    assert 0 <= measure <= 1
    assert (measure == 1) == (left == right)


@given(SURFACES)
def test_everything_is_similar_to_itself(surface: frozenset[tuple[str, str]]) -> None:
    assert similarity(surface, surface) == 1


@given(st.lists(SURFACES, max_size=8), THRESHOLDS, st.integers(1, 4))
def test_no_similar_pair_is_missed_and_none_is_invented(
    surfaces: list[frozenset[tuple[str, ...]]], threshold: float, min_shared: int
) -> None:
    expected = {
        (a, b)
        for a, b in combinations(range(len(surfaces)), 2)
        if len(surfaces[a] & surfaces[b]) >= min_shared
        and similarity(surfaces[a], surfaces[b]) >= threshold
    }
    found = list(similar_pairs(surfaces, threshold, min_shared))
    assert set(found) == expected
    assert len(found) == len(expected)


def test_an_overlap_counts_both_ways() -> None:
    left = members("class A:\n  def a(self, x): ...\n  def b(self): ...\n  c = 1\n")
    right = members("class B:\n  def a(self, y): ...\n  def b(self): ...\n  def d(self): ...\n")
    common = overlap(left, right)
    assert common.shared == ("a", "b")
    assert common.only_left == ("c",)
    assert common.only_right == ("d",)
    assert (common.same_signature, common.callables) == (1, 2)
    assert common.fraction == pytest.approx(2 / 3)


def test_the_larger_interface_decides_the_fraction() -> None:
    small = members("class A:\n  def a(self): ...\n")
    large = members("class B:\n  def a(self): ...\n  def b(self): ...\n  def c(self): ...\n")
    assert overlap(small, large).fraction == overlap(large, small).fraction == pytest.approx(1 / 3)


def test_nothing_public_is_not_disjoint() -> None:
    assert not overlap({}, {}).is_disjoint
    assert overlap({}, {}).fraction == 0
    assert overlap(members("class A:\n  a = 1\n"), {}).is_disjoint


def test_async_makes_another_signature() -> None:
    plain = members("class A:\n  def a(self): ...\n")
    awaited = members("class A:\n  async def a(self): ...\n")
    assert overlap(plain, awaited).same_signature == 0


def test_a_call_surface_is_public_methods_with_parameter_names() -> None:
    shape = shape_facts(
        ast.parse(
            dedent("""
            class A:
                size = 1
                def __init__(self, hidden): ...
                def _own(self): ...
                def run(self, job, *, retries=3): ...
                @property
                def state(self): ...
            """)
        )
    ).shapes[0]
    assert call_surface(shape) == {("run", "job", "kwretries"), ("state",)}


@pytest.mark.parametrize(("outline", "number"), [("", 0), ("ar", 2), ("i(r)f(i(an))x", 7)])
def test_statements_are_counted_at_every_depth(outline: str, number: int) -> None:
    assert statements(outline) == number
