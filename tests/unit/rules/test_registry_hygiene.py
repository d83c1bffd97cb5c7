"""Forbidden modules and names, shims that nobody registered, files that no parser reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ssot_migrate.cli.app import run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ssot_migrate.lint.project import Project

    from .conftest import Find

TREE = {"app/__init__.py": "", "app/core.py": "class Engine: ...\n"}
CONCEPT = '[[concepts]]\nname = "engine"\ncanonical = "app.core:Engine"\n'


@pytest.mark.parametrize(
    ("pattern", "flagged"),
    [
        ("app/a.py", ["app/a.py"]),
        ("/app/a.py", ["app/a.py"]),
        ("a.py", ["a.py"]),
        ("**/a.py", ["a.py", "app/a.py", "lib/app/a.py"]),
        ("app/", ["app/__init__.py", "app/a.py", "app/core.py"]),
        ("*/a.py", ["app/a.py"]),
    ],
)
def test_a_forbidden_module_is_a_path_from_the_root(
    find: Find, pattern: str, flagged: list[str]
) -> None:
    files = {**TREE, "a.py": "", "app/a.py": "", "lib/app/a.py": "", "app.py": ""}
    registry = f'{CONCEPT}forbid = {{ modules = ["{pattern}"] }}\n'
    assert [one.path for one in find("forbidden-module", files, registry)] == flagged


def test_a_forbidden_module_is_found_although_it_cannot_be_parsed(find: Find) -> None:
    registry = f'{CONCEPT}reason = "it has limits"\nforbid = {{ modules = ["old.py"] }}\n'
    (finding,) = find("forbidden-module", {**TREE, "old.py": "def\n"}, registry)
    assert finding.message == "old.py is ruled out (engine): use `app.core:Engine`, it has limits"


def test_a_shim_says_how_many_files_import_through_it(find: Find) -> None:
    files = {
        **TREE,
        "app/old.py": "from app.core import Engine\n",
        "app/oldest.py": "from app.old import Engine\n",
        "app/a.py": "from app.oldest import Engine\nE = Engine()\n",
        "app/b.py": "import app.old\n\ndef late():\n    return app.old.Engine\n",
        "tests/test_a.py": "from app import old\n",
        "notes.py": '"""app.old"""\n',
    }
    found = {one.path: one.message for one in find("unregistered-shim", files)}
    assert sorted(found) == ["app/old.py", "app/oldest.py"]
    assert "4 files import through it" in found["app/old.py"]
    assert "1 file imports through it" in found["app/oldest.py"]
    assert found["app/old.py"].endswith(
        'register it with `deprecated = [{ path = "app.old" }]` in a concept, '
        "or with a `[[moves]]` entry"
    )


def test_what_a_shim_advises_silences_it(find: Find) -> None:
    files = {**TREE, "app/old.py": "from app.core import Engine\n"}
    assert find("unregistered-shim", files)
    registry = CONCEPT + 'deprecated = [{ path = "app.old" }]\n'
    assert find("unregistered-shim", files, registry) == ()
    assert find("unregistered-shim", files, CONCEPT + 'delete = ["app.old"]\n') == ()


def test_an_unparsable_file_names_the_lines_of_deprecated_names(find: Find) -> None:
    files = {
        **TREE,
        "app/old.py": "from app.core import Engine\n",
        "broken.py": "import app.old\nolder = 1\nif True\n# app.old.Engine\n",
    }
    registry = CONCEPT + 'deprecated = [{ path = "app.old" }]\n'
    (finding,) = find("unparsable-file", files, registry)
    assert finding.line == 3
    assert finding.message.endswith(
        "searched as text, it mentions `Engine` on line 4, `old` on lines 1 and 4"
    )


@pytest.mark.parametrize("broken", ["def\n", "x = (\n", "\tif x:\n  pass\n", "x = '\n"])
def test_scan_of_a_tree_with_an_unparsable_file_does_not_succeed(
    write_tree: Callable[..., Path], capsys: pytest.CaptureFixture[str], broken: str
) -> None:
    root = write_tree({"fine.py": "", "broken.py": broken})
    assert run(["scan", "--root", str(root), "--no-cache", "--jobs", "1"]) in (1, 2)
    assert "broken.py" in capsys.readouterr().out


def test_text_is_searched_for_whole_words(project: Callable[..., Project]) -> None:
    one = project({"a.py": "old\nolder\n# x.old(\n", "b.py": "\udcff old\r\nold_\rold"})
    assert one.text_mentions("a.py", ["old"]) == (1, 3)
    assert one.text_mentions("b.py", ["old", "nothing"]) == (1, 3)
    assert one.text_mentions("a.py", []) == ()
    assert one.text_mentions("gone.py", ["old"]) == ()
