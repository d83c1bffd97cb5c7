"""Decisions about strings: what is edited when asked, what is left, and that nothing is silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ssot_migrate.codemods import replace_strings
from ssot_migrate.domain.finding import Fix
from ssot_migrate.domain.outcome import Left
from ssot_migrate.rewrite.decisions import FileTask, ReplaceString
from ssot_migrate.rewrite.document import Document, TextEdit
from ssot_migrate.rewrite.engine import spliced
from ssot_migrate.rewrite.moves import MoveDecider, Moves
from ssot_migrate.rewrite.strings import KINDS, decide_strings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ssot_migrate.lint.project import Project

    MakeProject = Callable[..., Project]

TREE: Mapping[str, str] = {
    "app/__init__.py": "",
    "app/old.py": "from app.new import Thing\n",
    "app/new.py": "class Thing: ...\n",
    "app/late.py": "def f():\n    from app.old import Thing\n    return Thing()\n",
    "app/settings.py": "FACTORY = 'app.old.Thing'\n",
    "tests/test_a.py": """
    import logging
    from unittest.mock import patch

    LEGACY = ["app.old"]

    @patch("app.old.Thing")
    def test_a(thing):
        logging.getLogger("app.old")
    """,
    "tests/test_b.py": "from importlib import import_module as load\nload('app.old')\n",
}
MODULE = '[[moves]]\nfrom = "app.old"\nto = "app.new"\n'
ALL = KINDS


def told(decisions: Mapping[str, tuple[ReplaceString | Left, ...]]) -> list[str]:
    """`path:line before -> after`, or `path:line fix: why`."""
    return [
        f"{path}:{one.line} {one.cause.fix.value}: {one.why}"
        if isinstance(one, Left)
        else f"{path}:{one.span.line} {one.before} -> {one.after}"
        for path, found in decisions.items()
        for one in found
    ]


def carried_out(project: Project, path: str, decisions: tuple[ReplaceString | Left, ...]) -> str:
    """The new text of a file."""
    chosen = [one for one in decisions if isinstance(one, ReplaceString)]
    document = Document((project.index.root / path).read_bytes())
    task = FileTask(path=path, digest=b"", module="", is_package=False, decisions=tuple(chosen))
    edits = list(replace_strings.rewrite(document, task, chosen))
    assert all(isinstance(one, TextEdit) for one in edits)
    return spliced(document, sorted(one for one in edits if isinstance(one, TextEdit)))


def test_the_kinds_that_can_be_asked_for() -> None:
    assert sorted(KINDS) == ["entry-point", "import_module", "logging", "mock", "setting"]


def test_a_tree_without_deprecated_paths(project: MakeProject) -> None:
    assert decide_strings(project(TREE), ALL, docs=True) == {}


def test_nothing_is_edited_unasked_and_everything_is_told(project: MakeProject) -> None:
    data = "what reads it is not known, so it may be mere data"
    late = "app/late.py:2 will look it up in `app.new`"
    assert told(decide_strings(project(TREE, MODULE), frozenset())) == [
        "app/settings.py:1 unsafe: `--strings setting` makes it `app.new.Thing`:"
        " what reads it will look for `app.new:Thing`",
        f"tests/test_a.py:4 manual: {data}",
        f"tests/test_a.py:6 unsafe: `--strings mock` makes it `app.new.Thing`: {late};"
        " app/settings.py:1, tests/test_a.py:4 may read it as well",
        "tests/test_a.py:8 unsafe: `--strings logging` makes it `app.new`:"
        " what reads it will look for `app.new`",
        "tests/test_b.py:2 safe: `--strings import_module` makes it `app.new`:"
        " `app.new` has all names of `app.old`",
    ]


@pytest.mark.parametrize(
    ("kind", "edited"),
    [
        ("mock", "tests/test_a.py:6 app.old.Thing -> app.new.Thing"),
        ("logging", "tests/test_a.py:8 app.old -> app.new"),
        ("import_module", "tests/test_b.py:2 app.old -> app.new"),
        ("setting", "app/settings.py:1 app.old.Thing -> app.new.Thing"),
    ],
)
def test_a_kind_is_edited_when_asked_for(project: MakeProject, kind: str, edited: str) -> None:
    rows = told(decide_strings(project(TREE, MODULE), frozenset({kind})))
    assert [row for row in rows if "->" in row] == [edited]
    assert len(rows) == 5


def test_data_stays_though_all_kinds_are_asked_for(project: MakeProject) -> None:
    made = project(TREE, MODULE)
    decisions = decide_strings(made, ALL)
    assert carried_out(made, "tests/test_a.py", decisions["tests/test_a.py"]) == (
        (made.index.root / "tests/test_a.py")
        .read_text()
        .replace('"app.old', '"app.new')
        .replace('["app.new"]', '["app.old"]')
    )


def test_a_second_run_decides_nothing_more(project: MakeProject) -> None:
    files = {**TREE, "tests/test_a.py": TREE["tests/test_a.py"].replace("app.old", "app.new")}
    files = {**files, "app/settings.py": "FACTORY = 'app.new.Thing'\n", "tests/test_b.py": ""}
    assert decide_strings(project(files, MODULE), ALL) == {}


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("backup/test_a.py", "the file is a backup copy"),
        ("app/things_pb2.py", "the file is generated"),
    ],
)
def test_files_that_are_not_written_by_hand(project: MakeProject, path: str, why: str) -> None:
    source = "from importlib import import_module as load\nload('app.old')\n"
    rows = told(decide_strings(project({**TREE, path: source}, MODULE), ALL))
    assert f"{path}:2 manual: {why}" in rows


def test_causes_say_what_the_registry_has(project: MakeProject) -> None:
    registry = (
        '[[concepts]]\nname = "thing"\ncanonical = "app.new:Thing"\n'
        'deprecated = [{ path = "app.old:Thing" }]\n'
    )
    decisions = decide_strings(project(TREE, registry), frozenset({"mock"}))
    (edit,) = (one for one in decisions["tests/test_a.py"] if isinstance(one, ReplaceString))
    cause = edit.cause
    assert (cause.code, cause.fix, cause.concept) == ("SSOT204", Fix.UNSAFE, "thing")
    assert (cause.symbol, cause.canonical) == ("app.old:Thing", "app.new:Thing")


def test_an_inert_patch_is_told_by_its_own_code(project: MakeProject) -> None:
    files = {
        **TREE,
        "app/late.py": "from app.old import Thing\ndef f():\n    return Thing()\n",
        "tests/test_a.py": "from unittest.mock import patch\npatch('app.old.Thing')\n",
        "tests/test_b.py": "",
        "app/settings.py": "",
    }
    ((left,),) = decide_strings(project(files, MODULE), ALL).values()
    assert isinstance(left, Left)
    assert (left.cause.code, left.cause.fix) == ("SSOT206", Fix.MANUAL)
    assert left.why.endswith("app/late.py:1 copied it; patch `app.late.Thing`")


class TestReadersThatStay:
    FILES: Mapping[str, str] = {
        **TREE,
        "app/settings.py": "",
        "tests/test_a.py": "from unittest.mock import patch\npatch('app.old.Thing')\n",
        "tests/test_b.py": "",
    }

    def moves(self, project: Project) -> list[Moves]:
        return list(MoveDecider(project).everywhere())

    def test_all_moves(self, project: MakeProject) -> None:
        made = project(self.FILES, MODULE)
        edited = ["tests/test_a.py:2 app.old.Thing -> app.new.Thing"]
        assert told(decide_strings(made, ALL)) == edited
        assert told(decide_strings(made, ALL, moves=self.moves(made))) == edited

    def test_a_file_that_was_not_asked_for(self, project: MakeProject) -> None:
        made = project(self.FILES, MODULE)
        moves = [one for one in self.moves(made) if one.path != "app/late.py"]
        assert told(decide_strings(made, ALL, moves=moves)) == [
            "tests/test_a.py:2 manual: app/late.py:2, which reads the name, does not move"
        ]

    def test_a_place_that_is_left(self, project: MakeProject) -> None:
        files = {
            **self.FILES,
            "app/late.py": """
            def f():
                try:
                    from app.old import Thing
                except ImportError:
                    from app.new import Thing
                return Thing()
            """,
        }
        made = project(files, MODULE)
        assert told(decide_strings(made, ALL, moves=self.moves(made))) == [
            "tests/test_a.py:2 manual: app/late.py:3, which reads the name, does not move"
        ]


class TestDocstrings:
    def decide(self, project: MakeProject, source: str, registry: str = MODULE) -> str:
        made = project({**TREE, "app/doc.py": source}, registry)
        decisions = decide_strings(made, frozenset(), docs=True)["app/doc.py"]
        return carried_out(made, "app/doc.py", decisions)

    def test_unasked_they_stay_unseen(self, project: MakeProject) -> None:
        made = project({**TREE, "app/doc.py": '"""See app.old."""\n'}, MODULE)
        assert "app/doc.py" not in decide_strings(made, ALL)

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("See app.old.", "See app.new."),
            ("See `app.old.Thing` and :class:`~app.old.Thing`.",
             "See `app.new.Thing` and :class:`~app.new.Thing`."),
            (">>> from app.old import Thing\n>>> 1", ">>> from app.new import Thing\n>>> 1"),
            ("``python -m app.old`` (app.old:Thing)", "``python -m app.new`` (app.new:Thing)"),
        ],
    )  # fmt: skip
    @pytest.mark.parametrize(
        "place", ['"""{}"""\n', 'class C:\n    """{}"""\n', 'async def f():\n    r"""{}"""\n']
    )
    def test_paths_in_text(self, project: MakeProject, before: str, after: str, place: str) -> None:
        assert self.decide(project, place.format(before)) == place.format(after)

    @pytest.mark.parametrize(
        "text",
        [
            "app.older",
            "myapp.old",
            "app/old.py",
            "app.old.py",
            "https://app.old/x",
            "app.old-fashioned",
            "me@app.old",
        ],
    )
    def test_what_is_no_path(self, project: MakeProject, text: str) -> None:
        made = project({**TREE, "app/doc.py": f'"""See {text} here."""\n'}, MODULE)
        assert "app/doc.py" not in decide_strings(made, frozenset(), docs=True)

    def test_imports_of_single_names(self, project: MakeProject) -> None:
        registry = '[[moves]]\nfrom = "app.old:Thing"\nto = "app.new:Thing"\n'
        source = '"""\n    from app.old import Thing\n    from app.old import Other\n"""\n'
        assert self.decide(project, source, registry) == source.replace("old", "new", 1)

    def test_what_is_left(self, project: MakeProject) -> None:
        source = '"""Old.\n\napp.old became app.new.\nfrom app.old import Thing, Other\n"""\n'
        made = project({**TREE, "app/doc.py": source}, MODULE)
        rows = told(decide_strings(made, frozenset(), docs=True))
        assert [row for row in rows if row.startswith("app/doc.py")] == [
            "app/doc.py:3 manual: the text names the replacement beside it",
            "app/doc.py:4 manual: there is no `app.new:Other`",
        ]

    def test_the_old_home_may_name_itself(self, project: MakeProject) -> None:
        files = {**TREE, "app/old.py": '"""The app.old module."""\nfrom app.new import Thing\n'}
        assert "app/old.py" not in decide_strings(project(files, MODULE), ALL, docs=True)
