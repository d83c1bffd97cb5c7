"""The verbs for authors of codemods: they pass, and they fail, and say why."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ssot_migrate.codemods import move_imports
from ssot_migrate.domain.errors import ConfigError
from ssot_migrate.domain.outcome import Edit, FileOutcome, Left, Outcome
from ssot_migrate.testing import (
    Scope,
    _unsound,
    check_migrated,
    check_noop,
    check_rewritten,
    migrate,
)

from .rewrite.test_proofs import CAUSE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ssot_migrate.rewrite.decisions import FileTask
    from ssot_migrate.rewrite.document import Document, TextEdit

PAGE = Path(__file__).parents[2] / "docs" / "testing-codemods.md"
REGISTRY = 'check-targets = false\n[[moves]]\nfrom = "old.mod:Thing"\nto = "new.mod:Thing"\n'
BEFORE, AFTER = "from old.mod import Thing\n", "from new.mod import Thing\n"


def examples() -> str:
    """The page's code, as one module."""
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), flags=re.S | re.M)
    return "".join(blocks)


def test_examples_of_the_page_pass() -> None:
    names: dict[str, Any] = {}
    exec(compile(examples(), str(PAGE), "exec"), names)
    tests: list[Callable[[], None]] = [
        value for name, value in names.items() if name.startswith("test_")
    ]
    assert len(tests) == 9
    for test in tests:
        test()


def test_page_shows_what_a_failure_says() -> None:
    names: dict[str, Any] = {}
    exec(compile(examples(), str(PAGE), "exec"), names)
    with pytest.raises(AssertionError) as failure:
        check_rewritten(
            "from shop.utils.money import Money  # of all kinds\n",
            "from shop.money import Amount\n",
            registry=names["REGISTRY"],
            codemods=[names["LosesComments"]()],
        )
    (shown,) = re.findall(r"^```text\n(.*?)^```", PAGE.read_text("utf-8"), flags=re.S | re.M)
    assert f"{failure.value}\n" == shown


def test_right_expectation_passes_and_gives_the_migration() -> None:
    migration = check_rewritten(BEFORE, AFTER, registry=REGISTRY)
    assert migration.changed == {"module.py": AFTER.encode()}
    assert migration.before == {"module.py": BEFORE.encode()}
    assert not migration.deleted
    assert not migration.left


def test_wrong_expectation_shows_the_difference() -> None:
    with pytest.raises(AssertionError) as failure:
        check_rewritten(BEFORE, "from new.mod import Other\n", registry=REGISTRY)
    assert str(failure.value) == textwrap.dedent(
        """\
        module.py is not what was expected:
        --- expected
        +++ got
        @@ -1 +1 @@
        -from new.mod import Other
        +from new.mod import Thing"""
    )


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        (BEFORE.rstrip(), AFTER, r"+from new.mod import Thing\ no newline"),
        (BEFORE.replace("\n", "\r\n"), AFTER, r"+from new.mod import Thing\r"),
        ("\ufeff" + BEFORE, AFTER, r"+\ufefffrom new.mod import Thing"),
        (BEFORE + "\f\n", AFTER + "\n", r"+\f"),
    ],
)
def test_differences_that_no_eye_sees_are_shown(before: str, after: str, shown: str) -> None:
    with pytest.raises(AssertionError, match=re.escape(shown)):
        check_rewritten(before, after, registry=REGISTRY)


def test_differences_of_other_encodings_are_shown() -> None:
    head = b"# coding: latin-1\n" + BEFORE.encode()
    with pytest.raises(AssertionError, match=r"no UTF-8: expected b'.*xe8.*', got b'.*xe9"):
        check_rewritten(
            head + b"# \xe9\n", head.replace(b"old", b"new") + b"# \xe8\n", registry=REGISTRY
        )


def test_noop_fails_where_something_changes() -> None:
    with pytest.raises(AssertionError, match=re.escape("-from old.mod import Thing\n+from new")):
        check_noop(BEFORE, registry=REGISTRY)


def test_noop_asks_for_reasons() -> None:
    manual = REGISTRY + 'safety = "manual"\n'
    check_noop(BEFORE, registry=manual, left=["leaves it to a person"])
    with pytest.raises(
        AssertionError, match=r"no reason says 'no time'; those given:\nmodule\.py:1"
    ):
        check_noop(BEFORE, registry=manual, left=["no time"])
    with pytest.raises(AssertionError, match=re.escape("(none)")):
        check_noop("x = 1\n", registry=REGISTRY, left=["no time"])


def test_other_files_have_to_stay() -> None:
    with pytest.raises(AssertionError, match=r"other\.py is not what was expected"):
        check_rewritten(BEFORE, AFTER, registry=REGISTRY, files={"other.py": BEFORE})


def test_files_that_nobody_can_parse_are_told() -> None:
    migration = check_noop(b"def f(:\n" + BEFORE.encode(), registry=REGISTRY)
    assert migration.left == ("module.py: cannot be parsed: invalid syntax (line 1)",)


def test_deletions_are_expected_by_none() -> None:
    registry = (
        '[[concepts]]\nname = "thing"\ncanonical = "new.mod:Thing"\n'
        'deprecated = [{ path = "old.mod:Thing" }]\ndelete = ["old.mod"]\n'
    )
    files = {
        "old/__init__.py": "",
        "old/mod.py": "from new.mod import Thing as Thing\n",
        "new/__init__.py": "",
        "new/mod.py": "class Thing: ...\n",
        "app.py": BEFORE,
    }
    after = {"app.py": AFTER, "old/mod.py": None}
    everything = Scope(delete=True)
    migration = check_migrated(files, after, registry=registry, scope=everything)
    assert migration.deleted == ("old/mod.py",)
    check_migrated(files, {"app.py": AFTER}, registry=registry)
    with pytest.raises(AssertionError, match=r"old/mod\.py should be there"):
        check_migrated(files, {"app.py": AFTER}, registry=registry, scope=everything)
    with pytest.raises(AssertionError, match=r"new/mod\.py should not be there"):
        check_migrated(files, {**after, "new/mod.py": None}, registry=registry, scope=everything)


def test_scope_is_that_of_apply() -> None:
    registry = REGISTRY + 'safety = "unsafe"\n'
    check_noop(BEFORE, registry=registry, left=["--unsafe"])
    check_rewritten(BEFORE, AFTER, registry=registry, scope=Scope(unsafe=True))


def test_registry_has_to_be_right() -> None:
    with pytest.raises(ConfigError):
        migrate({"module.py": BEFORE}, "[[moves]]\nfrm = 'x'\n")


class Again:
    """A codemod that has something to do in each pass."""

    HANDLES = move_imports.HANDLES

    def rewrite(
        self, document: Document, task: FileTask, decisions: Sequence[Any]
    ) -> Iterator[TextEdit | Left]:
        yield from move_imports.rewrite(document, task, decisions)


def test_second_pass_is_made_with_the_same_codemods() -> None:
    check_rewritten(BEFORE, AFTER, registry=REGISTRY, codemods=[Again()])
    # Of two entries, the first leads to what the second moves on.
    chain = REGISTRY + '[[moves]]\nfrom = "new.mod:Thing"\nto = "newest:Thing"\n'
    check_rewritten(BEFORE, "from newest import Thing\n", registry=chain, codemods=[Again()])


def outcome(before: bytes, after: bytes, *edits: Edit) -> FileOutcome:
    return FileOutcome(
        path="a.py", outcome=Outcome.CHANGED, edits=edits, before=before, after=after
    )


def edit(line: int, column: int, end_column: int, after: str) -> Edit:
    return Edit(
        line=line,
        column=column,
        end_line=line,
        end_column=end_column,
        before="",
        after=after,
        cause=CAUSE,
    )


@pytest.mark.parametrize(
    ("file", "problem"),
    [
        (outcome(b"x = 1\n", b"x = \n"), "does not parse any more"),
        (outcome(b"x = 1\n", b"x = 2\n"), "changes outside its edits"),
        (outcome(b"x = 1\n", b"x = 2\n", edit(1, 1, 2, "y")), "changes outside its edits"),
        (outcome(b"x = 1\n", b"x = 1\r\n", edit(1, 6, 6, "\r")), "line ends that it did not have"),
        (
            outcome(b"# coding: latin-1\nx\n", b"# coding: cp1252\nx\n", edit(1, 11, 18, "cp1252")),
            "is stored as cp1252, no longer as iso-8859-1",
        ),
    ],
)
def test_unsound_results_are_noticed(file: FileOutcome, problem: str) -> None:
    assert any(problem in found for found in _unsound(file))


def test_sound_result_is_not_complained_about() -> None:
    text = "s = 'é\u2028'\r\nx = 1\r\n"
    mark = b"\xef\xbb\xbf"
    after = text.replace("x", "yy").encode()
    assert not list(_unsound(outcome(mark + text.encode(), mark + after, edit(2, 1, 2, "yy"))))
