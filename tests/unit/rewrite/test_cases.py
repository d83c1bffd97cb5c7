"""The catalogue of import rewriting, case by case."""

from __future__ import annotations

import ast

import pytest

from ssot_migrate.testing import Scope, check_migrated

from .cases import Case, load

CASES = load()


def marked(case: Case) -> object:
    marks = [pytest.mark.xfail(reason=case.xfail, strict=True)] if case.xfail else []
    return pytest.param(case, id=f"{case.id} {case.title}", marks=marks)


@pytest.mark.parametrize("case", [marked(case) for case in CASES])
def test_case(case: Case) -> None:
    migration = check_migrated(
        case.tree, case.changed, registry=case.toml, scope=Scope(unsafe=case.unsafe)
    )
    if case.leave and not case.is_silent:
        assert migration.left, "nothing is said about what stays"
    said = "\n".join(migration.left)
    assert case.why in said
    if not case.leave:
        assert not any(file.why for file in migration.report.files), said


def test_ids_are_unique() -> None:
    ids = [case.id for case in CASES]
    assert len(ids) == len(set(ids))


def test_cases_stay_where_they_say_so() -> None:
    assert not [case.id for case in CASES if case.leave is not (case.before == case.after)]


def test_there_are_cases_of_every_family_and_many_that_stay() -> None:
    assert {case.id[0] for case in CASES} >= set("ABCDEFGHIJKLMNOS")
    assert len(CASES) >= 261
    assert sum(case.leave for case in CASES) >= 40


def test_cases_are_what_they_seem() -> None:
    """A case whose file this interpreter reads is no case of broken syntax."""
    unread = []
    for case in CASES:
        try:
            ast.parse(case.before.encode(case.encoding))
        except SyntaxError:
            unread.append(case.id)
    assert len(unread) < len(CASES) // 10
