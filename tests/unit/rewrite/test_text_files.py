"""Configuration files and documents: whole paths change, every other byte stays."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from ssot_migrate.domain.finding import Fix
from ssot_migrate.domain.outcome import Outcome
from ssot_migrate.rewrite.strings import KINDS
from ssot_migrate.rewrite.text_files import decide_text_files, rewrite_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ssot_migrate.lint.project import Project

    MakeProject = Callable[..., Project]
    Change = Callable[..., str]

TREE: Mapping[str, str] = {
    "old/__init__.py": "",
    "old/mod.py": "class Thing: ...\ndef main(): ...\n",
    "new/__init__.py": "",
    "new/mod.py": "class Thing: ...\ndef main(): ...\n",
}
MODULE = '[[moves]]\nfrom = "old.mod"\nto = "new.mod"\n'
NOTHING: frozenset[str] = frozenset()


def left(project: Project, kinds: frozenset[str] = NOTHING, *, docs: bool = False) -> list[str]:
    return [
        f"{file.path}:{one.line}:{one.column} {one.cause.fix.value}: {one.why}"
        for file in decide_text_files(project, kinds, docs=docs)
        for one in file.left
    ]


@pytest.fixture
def change(project: MakeProject) -> Change:
    """The new text of one file with all kinds asked for; as it was if nothing changes."""

    def changed(path: str, text: str, registry: str = MODULE) -> str:
        made = project({**TREE, path: text}, registry)
        for file in decide_text_files(made, KINDS, docs=True):
            assert file.path == path
            outcome = rewrite_text(made.index.root, file)
            assert outcome.outcome is (Outcome.CHANGED if file.edits else Outcome.UNCHANGED)
            return (outcome.after or outcome.before).decode("utf-8", "surrogateescape")
        return text

    return changed


class TestConfiguration:
    @pytest.mark.parametrize(
        ("path", "text"),
        [
            ("pyproject.toml", '[project.scripts]\nrun = "old.mod:main"  # a\n'),
            ("pyproject.toml", '[project.entry-points."x.y"]\nz = "old.mod:Thing"\n'),
            ("pyproject.toml", '[tool.poetry.scripts]\nrun = "old.mod:main"\n'),
            ("setup.cfg", "[options.entry_points]\nconsole_scripts =\n    run = old.mod:main\n"),
            ("pyproject.toml", '[[tool.mypy.overrides]]\nmodule = "old.mod.*"\n'),
            ("app/log.ini", "[handler_a]\nclass = old.mod.Thing\n"),
            ("conf.yaml", "handlers:\n  a: {class: old.mod.Thing, b: 'old.mod'}\n"),
            ("conf.yml", "_target_: old.mod.Thing\n"),
            ("pytest.ini", "[pytest]\nfilterwarnings =\n    ignore::UserWarning:old.mod\n"),
            ("pytest.ini", "[pytest]\naddopts = -p old.mod\n"),
        ],
    )
    def test_whole_paths(self, change: Change, path: str, text: str) -> None:
        assert change(path, text) == text.replace("old.mod", "new.mod")

    @pytest.mark.parametrize(
        "text",
        [
            "a = old.model\n",
            "a = my_old.mod\n",
            "a = x.old.mod\n",
            "a = old/mod.py\n",
            "a = https://old.mod/Thing\n",
            "a = me@old.mod\n",
            "a = old.mod/x\n",
            "a = old.mod.py\n",
            "a = old-mod, old_mod, oldmod\n",
        ],
    )
    def test_never_a_part_of_more(self, change: Change, text: str) -> None:
        assert change("setup.cfg", text) == text

    @pytest.mark.parametrize(
        "text",
        [
            "# é\r\na = old.mod\r\n",
            "\ufeffa = old.mod",
            "a = old.mod\r\rb = 1\n\n\n",
            "# \udcff\udc80\na = old.mod \t\n\x0c",
        ],
    )
    def test_every_other_byte_stays(self, change: Change, text: str) -> None:
        assert change("a.cfg", text) == text.replace("old.mod", "new.mod")

    def test_the_registry_itself_stays(self, project: MakeProject) -> None:
        own = '[tool.x]\ny = "old.mod"\n\n[[tool.ssot-migrate.moves]]\nfrom = "old.mod"\n'
        made = project({**TREE, "pyproject.toml": own}, MODULE)
        assert [row.partition(" ")[0] for row in left(made)] == ["pyproject.toml:2:6"]

    def test_unasked_they_are_told(self, project: MakeProject) -> None:
        files = {
            "pyproject.toml": '[project.scripts]\nrun = "old.mod:main"\n\n[x]\ny = "old.mod"\n',
            "pytest.ini": "[pytest]\nfilterwarnings =\n    ignore::UserWarning:old.mod\n",
        }
        made = project({**TREE, **files}, MODULE)
        assert left(made) == [
            "pyproject.toml:2:8 safe: `--strings entry-point` makes it `new.mod:main`",
            "pyproject.toml:5:6 safe: `--strings setting` makes it `new.mod`",
            "pytest.ini:3:25 safe: `--strings logging` makes it `new.mod`",
        ]
        assert [row.split()[0] for row in left(made, frozenset({"setting"}))] == [
            "pyproject.toml:2:8",
            "pytest.ini:3:25",
        ]

    @pytest.mark.parametrize("is_repository", [True, False], ids=["git", "no git"])
    def test_files_that_do_not_belong_to_the_project(
        self, project: MakeProject, *, is_repository: bool
    ) -> None:
        text = "a = old.mod\n"
        files = {
            "a.cfg": text,
            "node_modules/b.cfg": text,
            ".venv/c.cfg": text,
            "env/pyvenv.cfg": text,
            "env/d.cfg": text,
            "backup/e.cfg": text,
            "out/f.cfg": text,
            "g.txt": text,
            ".gitignore": "node_modules\n.venv\nenv\n",
        }
        made = project({**TREE, **files}, f'exclude = ["out/**"]\n{MODULE}')
        (made.index.root / "link.cfg").symlink_to("a.cfg")
        if is_repository:
            subprocess.run(["git", "init", "-q"], cwd=made.index.root, check=True)
        assert [row.partition(":")[0] for row in left(made)] == ["a.cfg"]

    def test_a_change_that_is_not_permitted_is_told(self, project: MakeProject) -> None:
        unsafe = f'{MODULE}safety = "unsafe"\n'
        made = project({**TREE, "a.cfg": "a = old.mod\n"}, unsafe)
        (file,) = decide_text_files(made, KINDS)
        outcome = rewrite_text(made.index.root, file, lambda cause: cause.fix is Fix.SAFE)
        assert (outcome.outcome, outcome.after) == (Outcome.UNCHANGED, None)
        (place,) = outcome.left
        assert (place.line, place.column) == (1, 5)
        assert place.why == "`--unsafe` makes it `new.mod`"

    def test_a_file_that_changed_meanwhile(self, project: MakeProject) -> None:
        made = project({**TREE, "a.cfg": "a = old.mod\n"}, MODULE)
        (file,) = decide_text_files(made, KINDS)
        (made.index.root / "a.cfg").write_text("b = old.mod\n")
        outcome = rewrite_text(made.index.root, file)
        assert (outcome.outcome, outcome.why) == (Outcome.REFUSED, "has changed since it was read")
        (made.index.root / "a.cfg").unlink()
        assert rewrite_text(made.index.root, file).outcome is Outcome.REFUSED


class TestDocuments:
    @pytest.mark.parametrize("path", ["README.md", "docs/a.rst"])
    @pytest.mark.parametrize(
        "text",
        [
            "Use `old.mod.Thing`.\n",
            "```python\nfrom old.mod import Thing  # it\n```\n",
            ".. automodule:: old.mod\n\n:class:`~old.mod.Thing`\n",
            "See old.mod, old.mod.Thing and (old.mod:main).\n",
            ">>> from old.mod import Thing as T, main\n",
        ],
    )
    def test_paths_in_text_and_code(self, change: Change, path: str, text: str) -> None:
        assert change(path, text) == text.replace("old.mod", "new.mod")

    @pytest.mark.parametrize("text", ["[a](old/mod.md)\n", "an old.model\n", "old.mod.md\n"])
    def test_never_a_part_of_more(self, change: Change, text: str) -> None:
        assert change("README.md", text) == text

    def test_unasked_they_stay_unseen(self, project: MakeProject) -> None:
        made = project({**TREE, "README.md": "`old.mod`\n"}, MODULE)
        assert left(made, KINDS) == []

    @pytest.mark.parametrize("path", ["CHANGELOG.md", "docs/migration-guide.rst", "HISTORY.md"])
    def test_what_was_stays(self, project: MakeProject, path: str) -> None:
        made = project({**TREE, path: "`old.mod` is new\n"}, MODULE)
        assert left(made, docs=True) == [f"{path}:1:2 manual: the document tells of what was"]

    def test_a_line_that_names_both(self, project: MakeProject) -> None:
        made = project({**TREE, "README.md": "`old.mod` is `new.mod` now\n"}, MODULE)
        assert left(made, docs=True) == [
            "README.md:1:2 manual: the text names the replacement beside it"
        ]

    def test_imports_of_names_that_part(self, project: MakeProject) -> None:
        registry = '[[moves]]\nfrom = "old.mod:Thing"\nto = "new.mod:Thing"\n'
        text = "from old.mod import Thing\nfrom old.mod import Thing, main\nimport old.mod\n"
        made = project({**TREE, "README.md": text}, registry)
        assert left(made, docs=True) == [
            "README.md:2:6 manual: not all of its names go to the same module"
        ]
        (file,) = decide_text_files(made, NOTHING, docs=True)
        assert [(edit.start, edit.text) for edit in file.edits] == [(5, "new.mod")]

    def test_a_name_that_changes(self, project: MakeProject) -> None:
        registry = '[[moves]]\nfrom = "old.mod:Thing"\nto = "new.mod:main"\n'
        text = "from old.mod import Thing\nThing()\nold.mod.Thing()\n"
        made = project({**TREE, "README.md": text}, registry)
        assert left(made, docs=True) == [
            "README.md:1:6 manual: its names change, and so would what follows"
        ]

    def test_a_paragraph_that_names_both(self, project: MakeProject) -> None:
        text = "FROM: from old.mod import Thing\nTO: from new.mod import Thing\n\n\n`old.mod`\n"
        made = project({**TREE, "README.md": text}, MODULE)
        assert left(made, docs=True) == [
            "README.md:1:12 manual: the text names the replacement beside it"
        ]


CONCEPT = """
[[concepts]]
name = "thing"
canonical = "new.mod:Thing"
deprecated = [{ path = "old.mod:Thing" }]
delete = ["old.mod"]
"""


class TestScripts:
    @pytest.mark.parametrize(
        "path", ["run.sh", "ci/test.bash", "Makefile", "rules.mk", "Dockerfile", "x.dockerfile"]
    )
    def test_whole_paths(self, change: Change, path: str) -> None:
        text = "# see old.model\npython -m old.mod --log=old.mod.Thing $X.old.mod\n"
        assert change(path, text) == (
            "# see old.model\npython -m new.mod --log=new.mod.Thing $X.old.mod\n"
        )

    def test_unasked_they_stay_unseen(self, project: MakeProject) -> None:
        made = project({**TREE, "run.sh": "python -m old.mod\n"}, MODULE)
        assert left(made, KINDS) == []

    def test_asked_for_documents_settings_are_edited_as_well(self, project: MakeProject) -> None:
        made = project({**TREE, "a.yaml": "a: old.mod.Thing\n"}, MODULE)
        (file,) = decide_text_files(made, NOTHING, docs=True)
        assert [(one.text, one.cause.fix) for one in file.edits] == [("new.mod.Thing", Fix.SAFE)]

    def test_a_setting_that_would_find_nothing_is_unsafe(self, project: MakeProject) -> None:
        registry = '[[moves]]\nfrom = "old.mod"\nto = "elsewhere.mod"\n'
        made = project({**TREE, "a.yaml": "a: old.mod\n", "README.md": "old.mod\n"}, registry)
        fixes = {
            file.path: file.edits[0].cause.fix
            for file in decide_text_files(made, NOTHING, docs=True)
        }
        assert fixes == {"README.md": Fix.SAFE, "a.yaml": Fix.UNSAFE}


class TestFilesOfDeletedModules:
    @pytest.mark.parametrize(
        ("path", "text", "after"),
        [
            ("README.md", "See `old/mod.py`.\n", "See `new/mod.py`.\n"),
            ("README.md", "See /old/mod.py, ./old/mod.py\n", "See /new/mod.py, ./new/mod.py\n"),
            ("docs/a.md", "[it](../old/mod.py)\n", "[it](../new/mod.py)\n"),
            ("docs/a.rst", "old/mod.py, from the root\n", "new/mod.py, from the root\n"),
            ("run.sh", "ruff old/mod.py old\n", "ruff new/mod.py old\n"),
            ("README.md", "`old.mod` goes\n", "`new.mod` goes\n"),
        ],
    )
    def test_they_are_those_of_the_replacement(
        self, change: Change, path: str, text: str, after: str
    ) -> None:
        assert change(path, text, CONCEPT) == after

    @pytest.mark.parametrize(
        "text",
        [
            "mod.py\n",
            "very/old/mod.py\n",
            "old/mod.pyc old/mod.py.bak old/mod.py/x\n",
            "https://example.org/old/mod.py\n",
            "$HOME/old/mod.py ${X}/old/mod.py ~/old/mod.py C:/old/mod.py\n",
            "an old mod, the Thing, mod\n",
        ],
    )
    def test_never_a_part_of_more(self, change: Change, text: str) -> None:
        assert change("README.md", text, CONCEPT) == text

    def test_what_cannot_follow_is_left(self, project: MakeProject) -> None:
        text = "old/mod.py:12\n\n\nold/mod.py::Thing\n\n\nold.mod.main\n"
        made = project({**TREE, "README.md": text}, CONCEPT)
        assert left(made, docs=True) == [
            "README.md:1:1 manual: what follows is a place in the old file",
            "README.md:4:1 manual: what follows is a place in the old file",
            "README.md:7:1 manual: the registry leaves it to a person",
        ]

    def test_a_module_that_stays_keeps_its_file(self, change: Change) -> None:
        assert change("README.md", "old/mod.py\n") == "old/mod.py\n"

    def test_a_module_that_is_gone_has_none(self, project: MakeProject) -> None:
        tree = {path: text for path, text in TREE.items() if path != "old/mod.py"}
        made = project({**tree, "README.md": "old/mod.py\n"}, MODULE)
        (file,) = decide_text_files(made, NOTHING, docs=True)
        assert [one.text for one in file.edits] == ["new/mod.py"]
