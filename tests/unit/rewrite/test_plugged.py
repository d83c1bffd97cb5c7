"""Codemods of plug-ins: what they decide is carried out, proven, or told to be theirs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from ssot_migrate.domain.errors import PlugInError
from ssot_migrate.plugin import (
    AddImport,
    Cause,
    Change,
    Fix,
    Left,
    Project,
    ReplaceCode,
    Span,
    SymbolPath,
)
from ssot_migrate.testing import Scope, check_noop, check_rewritten, migrate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SAFE = Cause(code="ACME101", fix=Fix.SAFE)
UNSAFE = Cause(code="ACME101", fix=Fix.UNSAFE)


def codemod(decide: Callable[[Project], Iterator[Any]]) -> Any:
    return SimpleNamespace(decide=decide)


def replacing(
    before: str, after: str, *more: Change, cause: Cause = SAFE, names: tuple[SymbolPath, ...] = ()
) -> Any:
    """A codemod that replaces the first line's expression, wherever it stands in its line."""

    def decide(project: Project) -> Iterator[tuple[str, Change]]:
        for path in project.mentioning([before.partition("(")[0]]):
            for number, line in enumerate(project.index.contents.rows(path), 1):
                if (column := line.find(before)) >= 0:
                    span = Span(number, column + 1, number, column + len(before) + 1)
                    yield path, ReplaceCode(span=span, parts=(after,), names=names, cause=cause)
                    yield from ((path, one) for one in more)

    return codemod(decide)


def test_a_name_that_new_code_needs_is_imported() -> None:
    now = SymbolPath("app.clock", "now")
    needed = AddImport(target=now, above=3, cause=SAFE)
    check_rewritten(
        '"""Doc."""\nimport os\n\nstart = legacy()  # at once\n',
        '"""Doc."""\nimport os\nfrom app.clock import now\n\nstart = now()  # at once\n',
        registry="",
        codemods=[replacing("legacy()", "now()", needed, names=(now,))],
    )


@pytest.mark.parametrize("names", [(SymbolPath("clock", "Clock.now"),), ()], ids=["named", "not"])
def test_a_chain_that_keeps_its_start_changes_its_meaning_if_that_is_named(
    names: tuple[SymbolPath, ...],
) -> None:
    source = "from clock import Clock\n\nstart = Clock.legacy()\nClock.stop()\n"
    change = replacing("Clock.legacy()", "Clock.now()", names=names)
    if names:
        after = source.replace("legacy", "now")
        check_rewritten(source, after, registry="", codemods=[change])
    else:
        check_noop(source, registry="", codemods=[change], left=["would refer to clock.Clock.now"])


def test_what_is_unsafe_waits_for_the_users_word() -> None:
    change = replacing("legacy()", "modern()", cause=UNSAFE)
    check_noop("x = legacy()\n", registry="", codemods=[change], left=["--unsafe"])
    check_rewritten(
        "x = legacy()\n",
        "x = modern()\n",
        registry="",
        codemods=[change],
        scope=Scope(unsafe=True),
    )


@pytest.mark.parametrize(
    ("after", "told"),
    [
        ("legacy(1)", "a second pass would change line 1 again"),
        ("modern(", "was never closed"),
        ("modern  # lost", "comment"),
    ],
)
def test_a_codemod_that_is_wrong_is_refused_by_the_proofs(after: str, told: str) -> None:
    before = "legacy" if after.startswith("legacy") else "legacy()"
    migration = migrate({"app.py": "x = legacy()\n"}, "", codemods=[replacing(before, after)])
    assert not migration.changed
    assert told in migration.left[0]


def test_what_is_left_is_told() -> None:
    def decide(project: Project) -> Iterator[tuple[str, Change]]:
        yield "app.py", Left(line=1, column=1, why="nobody knows", cause=SAFE)

    migration = migrate({"app.py": "x = 1\n"}, "", codemods=[codemod(decide)])
    assert migration.left == ("app.py:1: nobody knows",)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([("app.py", "x")], "it yields a str; there are ReplaceCode"),
        ([("no.py", Left(line=1, column=1, why="", cause=SAFE))], "'no.py', which is no file"),
        ([1], "it fails: TypeError"),
        (None, "it fails: TypeError"),
    ],
)
def test_what_a_codemod_may_not_yield_is_told_as_its_mistake(given: Any, told: str) -> None:
    with pytest.raises(PlugInError, match="codemod") as failure:
        migrate({"app.py": "x = 1\n"}, "", codemods=[codemod(lambda _project: given)])
    assert told in str(failure.value)
