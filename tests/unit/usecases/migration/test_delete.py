from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ssot_migrate.domain.outcome import Outcome
from ssot_migrate.index.worker import MODULE, USES
from ssot_migrate.usecases.migration.delete import Deletions, files_of, plan_deletions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssot_migrate.index.facts import Facts
    from ssot_migrate.lint.project import Project
    from tests.unit.conftest import MakeProject

TREE = {
    "app/__init__.py": "",
    "app/core.py": "class Engine: ...\n",
    "app/old.py": "from app.core import Engine\n",
}


def _registry(*delete: str) -> str:
    listed = ", ".join(f'"{module}"' for module in delete)
    return f"""
    [[concepts]]
    name = "engine"
    canonical = "app.core:Engine"
    delete = [{listed}]
    """


REGISTRY = _registry("app.old")


def _told(found: Deletions) -> dict[str, list[str]]:
    return {one.module: list(map(str, one.needed_by)) for one in found.refusals}


def _gone(found: Deletions) -> list[str]:
    return [one.path for one in found.outcomes if one.outcome is Outcome.CHANGED]


def _plan(project: MakeProject, files: Mapping[str, str], registry: str = REGISTRY) -> Deletions:
    return plan_deletions(project({**TREE, **files}, registry))


def test_a_module_that_nothing_needs_goes(project: MakeProject) -> None:
    found = _plan(
        project,
        {
            "app/use.py": "from app.core import Engine\n",
            "app/old.pyi": "class Engine: ...\n",
            "other/old.py": "",
            "tests/names.py": '''"""Was app.old once."""\nfrom other.old import x  # no app\n''',
        },
    )
    assert not found.refusals
    (module, stub) = found.outcomes
    assert (module.path, stub.path) == ("app/old.py", "app/old.pyi")
    assert module.before == b"from app.core import Engine\n"
    assert module.after is None
    assert not module.is_new


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("from app.old import Engine\n", ":1 imports it"),
        ("import app.old\napp.old.Engine()\n", ":1 imports it"),
        ("import app.old as o\n", ":1 imports it"),
        ("from app import old\n", ":1 imports it"),
        ("from .old import *\n", ":1 imports it"),
        ("from . import old as older\n", ":1 imports it"),
        ("def late():\n    from app.old import Engine\n", ":2 imports it"),
        (
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import app.old\n",
            ":3 imports it",
        ),
        ("try:\n    import app.old\nexcept ImportError: ...\n", ":2 imports it"),
        ("import app\n\ndef f(): return app.old.Engine()\n", ":3 refers to it"),
        ("from unittest.mock import patch\n@patch('app.old.Engine')\ndef f(): ...\n",
         ":2 patches it"),
        ("def test(monkeypatch): monkeypatch.setattr('app.old.Engine', 1)\n", ":1 patches it"),
        ("import importlib\nimportlib.import_module('app.old')\n", ":2 imports it by name"),
        (
            "from importlib import import_module\nimport_module('.old', __package__)\n",
            ":2 imports it by name",
        ),
        (
            "from importlib import import_module\nimport_module('..old', 'app.sub')\n",
            ":2 imports it by name",
        ),
        (
            "import importlib\ndef f(x): importlib.import_module(f'app.{x}')\n",
            ":2 may import it: what follows `app.` is computed",
        ),
        ("FACTORY = 'app.old:Engine'\n", ":1 names it in a string"),
        ("import app\ngetattr(app, 'old')\n", ":2 names it in a string"),
        ("import app.old as\n", ":1 cannot be parsed, and spells `old`"),
    ],
)  # fmt: skip
def test_stays_while_anything_needs_it(project: MakeProject, source: str, told: str) -> None:
    found = _plan(project, {"app/use.py": source})
    assert _told(found) == {"app.old": [f"app/use.py{told}"]}
    (refused,) = found.outcomes
    assert refused.outcome is Outcome.REFUSED
    assert refused.path == "app/old.py"
    assert refused.why == f"1 place needs `app.old`: app/use.py{told}"


@pytest.mark.parametrize(
    "source",
    [
        "import logging\nlogging.getLogger('app.old')\n",
        "from app.older import old\n",
        "import other.app.old\n",
        "'''app.old'''\n",
        "x = 'see app.old, please'\n",
        "def f(app): return app.old\n",
        "import importlib\ndef f(x): importlib.import_module(f'app.sub.{x}')\n",
        "text = 'app.{x}'\n",
    ],
)
def test_these_do_not_need_it(project: MakeProject, source: str) -> None:
    found = _plan(project, {"app/use.py": source})
    assert _gone(found) == ["app/old.py"], _told(found)


def test_readers_over_another_module_are_that_modules_affair(project: MakeProject) -> None:
    files = {
        "app/facade.py": "from app.old import Engine\n",
        "app/use.py": "import app.facade\nfrom app.facade import Engine\napp.facade.Engine()\n",
    }
    assert _told(_plan(project, files)) == {"app.old": ["app/facade.py:1 imports it"]}
    assert _told(_plan(project, files, _registry("app.old", "app.facade"))) == {
        "app.facade": ["app/use.py:1 imports it", "app/use.py:2 imports it"],
        "app.old": ["app/facade.py:1 imports it"],
    }


def test_modules_that_only_need_each_other_go_together(project: MakeProject) -> None:
    files = {"app/older.py": "import app.old\n", "app/oldest.py": "import app.older, app.oldest\n"}
    found = _plan(project, files, _registry("app.old", "app.older", "app.oldest"))
    assert _gone(found) == ["app/old.py", "app/older.py", "app/oldest.py"]


def test_a_package_goes_with_all_that_is_in_it(project: MakeProject) -> None:
    files = {
        "app/legacy/__init__.py": "from .parts import A\n",
        "app/legacy/parts.py": "from app.legacy import A\n",
        "app/legacy/deep/more.py": "",
        "app/legacy2.py": "",
    }
    found = _plan(project, files, _registry("app.legacy"))
    assert _gone(found) == [
        "app/legacy/__init__.py",
        "app/legacy/deep/more.py",
        "app/legacy/parts.py",
    ]
    files["app/use.py"] = "import app.legacy.deep.more\n"
    assert _told(_plan(project, files, _registry("app.legacy", "app.legacy.parts"))) == {
        "app.legacy": ["app/use.py:1 imports it"],
        "app.legacy.parts": ["app/legacy/__init__.py:1 imports it"],
    }


def test_entry_points_need_it(project: MakeProject) -> None:
    files = {
        "pyproject.toml": """
        [project.scripts]
        run = "app.old:main"
        other = "app.older:main"
        [project]
        description = "app.old"
        entry-points."x.y".name = "app.old"
        [tool.mypy]
        module = "app.old"
        """,
        "setup.cfg": """
        [metadata]
        name = app.old
        [options.entry_points]
        console_scripts =
            run = app.old.cli:main
        """,
        "setup.py": """
        from setuptools import setup
        setup(entry_points={"console_scripts": ["run = app.old:main"]})
        """,
    }
    assert _told(_plan(project, files)) == {
        "app.old": [
            "pyproject.toml:2 names it as an entry point",
            "pyproject.toml:6 names it as an entry point",
            "setup.cfg:5 names it as an entry point",
            "setup.py:2 names it as an entry point",
        ]
    }


def test_only_the_asked_concepts(project: MakeProject) -> None:
    registry = (
        REGISTRY
        + """
    [[concepts]]
    name = "other"
    canonical = "app.core:Engine2"
    delete = ["app.older"]
    """
    )
    tree = project(
        {**TREE, "app/core.py": "class Engine: ...\nclass Engine2: ...\n", "app/older.py": ""},
        registry,
    )
    assert _gone(plan_deletions(tree, ["other"])) == ["app/older.py"]
    assert _gone(plan_deletions(tree)) == ["app/old.py", "app/older.py"]


def test_what_is_gone_already_is_no_matter(project: MakeProject) -> None:
    assert plan_deletions(project({"app/core.py": TREE["app/core.py"]}, REGISTRY)) == Deletions()


def test_decides_for_the_project_as_it_will_be(project: MakeProject) -> None:
    tree = project({**TREE, "app/use.py": "from app.old import Engine\n"}, REGISTRY)
    assert plan_deletions(tree).refusals
    after = tree.as_if(_facts(project, "app/use.py", "from app.core import Engine\n"))
    assert _gone(plan_deletions(after)) == ["app/old.py"]


def _facts(project: MakeProject, path: str, source: str) -> Mapping[tuple[str, str], Facts]:
    other: Project = project({path: source})
    module, uses = other.facts(path), other.index.uses(path)
    assert module is not None
    assert uses is not None
    return {(path, MODULE): module, (path, USES): uses}


def test_a_file_that_changed_meanwhile_stays(project: MakeProject) -> None:
    tree = project(TREE, REGISTRY)
    tree.everything()
    (tree.index.root / "app/old.py").write_text("x = 1\n")
    (refused,) = plan_deletions(tree).outcomes
    assert refused.outcome is Outcome.REFUSED
    assert refused.why == "has changed since it was read"


def test_folders_left_without_code_are_told(project: MakeProject) -> None:
    files = {
        "app/a/__init__.py": "# nothing\n",
        "app/a/old.py": "",
        "app/b/old.py": "",
        "app/b/data.json": "{}",
        "app/c/__init__.py": "X = 1\n",
        "app/c/old.py": "",
    }
    found = _plan(project, files, _registry("app.a.old", "app.b.old", "app.c.old"))
    assert found.notes == (
        "app/a would hold only an empty __init__.py: delete it if nothing imports it",
        "app/b would hold no code any more, only data.json",
    )


def test_files_of_a_module(project: MakeProject) -> None:
    tree = project(
        {"a/__init__.py": "", "a/b.py": "", "a.py": "", "ab.py": "", "n/c/d.py": "", "n/c.py": ""}
    )
    assert files_of(tree, "a") == ("a/__init__.py", "a.py", "a/b.py")
    assert files_of(tree, "ab") == ("ab.py",)
    assert files_of(tree, "n") == ("n/c.py", "n/c/d.py")
    assert files_of(tree, "n.c") == ("n/c.py",)
    assert files_of(tree, "gone") == ()


def test_many_places_are_counted(project: MakeProject) -> None:
    files = {f"app/use{number:02}.py": "import app.old\n" for number in range(25)}
    (refused,) = _plan(project, files).outcomes
    assert refused.why.startswith("25 places need `app.old`: app/use00.py:1 imports it; ")
    assert refused.why.endswith("app/use19.py:1 imports it; and 5 more")
