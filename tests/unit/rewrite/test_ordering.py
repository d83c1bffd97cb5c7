from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from ssot_migrate.domain.outcome import FileOutcome, Outcome
from ssot_migrate.rewrite.ordering import in_batches, in_order
from ssot_migrate.usecases.migration.waves import waves_of

if TYPE_CHECKING:
    from tests.unit.conftest import MakeProject

EMPTY = {"app/__init__.py": ""}


def test_what_is_imported_comes_first(project: MakeProject) -> None:
    tree = project(
        {
            **EMPTY,
            "app/a.py": "from app.b import B\n",
            "app/b.py": "from . import c\n",
            "app/c.py": "",
        }
    )
    found = in_order(tree, ["app/a.py", "app/b.py", "app/c.py"])
    assert found == (("app/c.py",), ("app/b.py",), ("app/a.py",))


def test_the_way_may_lead_over_files_that_do_not_change(project: MakeProject) -> None:
    tree = project(
        {**EMPTY, "app/a.py": "import app.mid\n", "app/mid.py": "import app.z\n", "app/z.py": ""}
    )
    assert in_order(tree, ["app/a.py", "app/z.py"]) == (("app/z.py",), ("app/a.py",))


def test_a_circle_stays_together(project: MakeProject) -> None:
    tree = project(
        {
            **EMPTY,
            "app/a.py": "import app.b\n",
            "app/b.py": "import app.mid\n",
            "app/mid.py": "import app.a\n",
            "app/base.py": "import app.a\n",
        }
    )
    found = in_order(tree, ["app/a.py", "app/b.py", "app/base.py"])
    assert found == (("app/a.py", "app/b.py"), ("app/base.py",))


def test_imports_that_do_not_run_with_the_module_do_not_count(project: MakeProject) -> None:
    tree = project(
        {
            **EMPTY,
            "app/a.py": """
            from typing import TYPE_CHECKING
            if TYPE_CHECKING:
                import app.b
            def late():
                import app.c
            """,
            "app/b.py": "import app.a\n",
            "app/c.py": "import app.a\n",
        }
    )
    found = in_order(tree, ["app/a.py", "app/b.py", "app/c.py"])
    assert found == (("app/a.py",), ("app/b.py",), ("app/c.py",))


def test_production_comes_before_tests_and_documents_last(project: MakeProject) -> None:
    tree = project(
        {**EMPTY, "tests/test_a.py": "", "app/z.py": "", "scripts/run.py": "", "docs/a.md": ""}
    )
    found = in_order(tree, ["docs/a.md", "scripts/run.py", "tests/test_a.py", "app/z.py"])
    assert found == (("app/z.py",), ("scripts/run.py",), ("tests/test_a.py",), ("docs/a.md",))


def test_what_is_not_asked_about_holds_nothing_up(project: MakeProject) -> None:
    tree = project(
        {
            **EMPTY,
            "app/a.py": "import app.mid\n",
            "app/mid.py": "import app.far\n",
            "app/far.py": "",
            "tests/test_a.py": "",
        }
    )
    found = in_order(tree, ["tests/test_a.py", "app/a.py"])
    assert found == (("app/a.py",), ("tests/test_a.py",))


@given(st.lists(st.integers(1, 5), max_size=12), st.integers(0, 6))
def test_batches_keep_order_and_groups(sizes: list[int], size: int) -> None:
    groups = [tuple(f"{n}.{m}" for m in range(count)) for n, count in enumerate(sizes)]
    batches = list(in_batches(groups, size))
    assert [path for batch in batches for path in batch] == [p for group in groups for p in group]
    assert all(any(set(group) <= set(batch) for batch in batches) for group in groups)
    if size:
        assert all(len(batch) <= size or batch in groups for batch in batches)
    else:
        assert len(batches) <= 1
    # No two neighbours would fit into one.
    for first, second in pairwise(batches):
        lead = next(group for group in groups if group[0] == second[0])
        assert len(first) + len(lead) > size


def test_new_files_come_first_and_deletions_last_with_importers_before(
    project: MakeProject,
) -> None:
    tree = project(
        {
            **EMPTY,
            "app/old.py": "",
            "app/older.py": "import app.old\n",
            "app/oldest.py": "import app.older\n",
            "app/use.py": "import app.base\n",
            "app/base.py": "",
        }
    )
    deleted = ["app/old.py", "app/older.py", "app/oldest.py"]
    outcomes = [
        FileOutcome(path="app/use.py", outcome=Outcome.CHANGED, after=b""),
        FileOutcome(path="app/base.py", outcome=Outcome.CHANGED, after=b""),
        FileOutcome(path="app/__init__.py", outcome=Outcome.UNCHANGED),
        FileOutcome(path="app/late.py", outcome=Outcome.REFUSED),
        FileOutcome(path="app/new.py", outcome=Outcome.CHANGED, after=b"", is_new=True),
        *(FileOutcome(path=path, outcome=Outcome.CHANGED) for path in deleted),
    ]
    found = [[one.path for one in wave] for wave in waves_of(tree, outcomes, 2)]
    assert found == [
        ["app/new.py", "app/base.py"],
        ["app/use.py"],
        ["app/oldest.py", "app/older.py", "app/old.py"],
    ]
