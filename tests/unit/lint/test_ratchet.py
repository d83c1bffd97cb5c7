"""Findings and a baseline: counted, wherever they move."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from ssot_migrate.domain.finding import Finding, Severity
from ssot_migrate.lint.ratchet import Held, entry_of, numbered
from ssot_migrate.lint.ratchet import hold as held_against

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from ssot_migrate.domain.baseline import Entry


def finding(path: str, line: int = 1, snippet: str = "import old", scope: str = "") -> Finding:
    return Finding(
        code="SSOT201",
        name="deprecated-import",
        severity=Severity.ERROR,
        path=path,
        line=line,
        message="",
        snippet=snippet,
        scope=scope,
    )


def baseline(*findings: Finding) -> tuple[Entry, ...]:
    return numbered(map(entry_of, findings))


def hold(findings: list[Finding], entries: Collection[Entry], *kept: str) -> Held:
    """Hold findings against entries, in a tree of the findings' files and of some more."""
    return held_against(findings, entries, {*kept, *(one.path for one in findings)})


def places(findings: Iterable[Finding]) -> list[tuple[str, int]]:
    return [(one.path, one.line) for one in findings]


def test_lines_do_not_matter() -> None:
    held = hold([finding("a.py", 90)], baseline(finding("a.py", 1)))
    assert (held.new, held.absent) == ((), ())


def test_a_file_may_get_another_name() -> None:
    held = hold([finding("new/b.py")], baseline(finding("old/a.py")))
    assert (held.new, held.absent) == ((), ())


def test_code_may_move_with_the_function_that_it_is_in() -> None:
    held = hold([finding("b.py", scope="C.f")], baseline(finding("a.py", scope="C.f")), "a.py")
    assert (held.new, held.absent) == ((), ())


def test_what_is_mended_in_one_file_pays_for_nothing_in_another() -> None:
    """The same import stands in many files; each of them is known by itself."""
    held = hold([finding("b.py")], baseline(finding("a.py")), "a.py")
    assert places(held.new) == [("b.py", 1)]
    assert [entry.path for entry in held.absent] == ["a.py"]


def test_code_at_module_level_moves_with_a_module_that_leaves_a_shim() -> None:
    entries = baseline(finding("svc.py"), finding("svc.py", snippet="import older"))
    moved = {"svc.py": "service.py"}
    found = [finding("service.py"), finding("service.py", 2), finding("b.py")]
    held = held_against(found, entries, {"svc.py", "service.py", "b.py"}, moved)
    assert places(held.new) == [("service.py", 2), ("b.py", 1)]
    assert [entry.snippet for entry in held.absent] == ["import older"]


def test_scope_and_code_do_matter() -> None:
    entries = baseline(finding("a.py", scope="f"))
    assert hold([finding("a.py", scope="g")], entries).new
    assert hold([finding("a.py", snippet="import older", scope="f")], entries).new


def test_equal_ones_are_counted() -> None:
    entries = baseline(finding("a.py", 1), finding("a.py", 2))
    held = hold([finding("a.py", line) for line in (1, 2, 3)], entries)
    assert places(held.new) == [("a.py", 3)]


def test_the_new_one_of_equals_is_where_none_was() -> None:
    entries = baseline(finding("a.py"), finding("c.py"))
    held = hold([finding("a.py"), finding("b.py"), finding("c.py")], entries)
    assert places(held.new) == [("b.py", 1)]


def test_what_is_gone_is_told() -> None:
    entries = baseline(finding("a.py"), finding("b.py"))
    held = hold([finding("b.py")], entries)
    assert [entry.path for entry in held.absent] == ["a.py"]


def test_numbers_tell_equals_of_one_file_apart() -> None:
    entries = baseline(finding("a.py", 1), finding("a.py", 2), finding("b.py"))
    assert [(entry.path, entry.number) for entry in entries] == [
        ("a.py", 1),
        ("a.py", 2),
        ("b.py", 1),
    ]


FINDINGS = st.lists(
    st.builds(
        finding,
        st.sampled_from(["a.py", "b.py", "c.py"]),
        st.integers(1, 9),
        st.sampled_from(["import old", "import older"]),
        st.sampled_from(["", "f"]),
    ),
    max_size=12,
)


def kinds(findings: Iterable[Finding | Entry]) -> Counter[tuple[str, str]]:
    return Counter((one.scope, one.snippet) for one in findings)


@given(FINDINGS, FINDINGS)
def test_what_is_new_and_gone_is_what_the_counts_say(
    then: list[Finding], now: list[Finding]
) -> None:
    held = held_against(now, baseline(*then), ())
    assert kinds(held.new) == kinds(now) - kinds(then)
    assert kinds(held.absent) == kinds(then) - kinds(now)
    assert len(held.known) + len(held.new) == len(now)


@given(FINDINGS)
def test_a_baseline_of_what_is_found_knows_all_of_it(found: list[Finding]) -> None:
    held = hold(found, baseline(*found))
    assert (held.new, held.absent) == ((), ())
    moved = [msgspec.structs.replace(one, path=f"moved/{one.path}", line=1) for one in found]
    assert hold(moved, baseline(*found)).new == ()


@given(FINDINGS, FINDINGS, FINDINGS)
def test_entries_of_both_sides_of_a_merge_know_what_either_knew(
    base: list[Finding], ours: list[Finding], theirs: list[Finding]
) -> None:
    """A union merge doubles and drops nothing that one side needs."""
    union = {*baseline(*base, *ours), *baseline(*base, *theirs)}
    assert hold([*base, *ours], union, "a.py", "b.py", "c.py").new == ()
    assert hold([*base, *theirs], union, "a.py", "b.py", "c.py").new == ()
