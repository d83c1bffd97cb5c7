"""Where a project begins, and where its imports do."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from ssot_migrate.config.model import Registry
from ssot_migrate.workspace.discovery import SourceFile, discover
from ssot_migrate.workspace.roots import SourceRoots, find_root, source_roots
from ssot_migrate.workspace.source import read

from .drawing import draw

if TYPE_CHECKING:
    from pathlib import Path

PACKAGING = {
    "setup.py": b"from setuptools import setup\n\nsetup()\n",
    "setup.cfg": b"[metadata]\nname = x\n",
    "pyproject.toml": b"[project]\nname = 'x'\n",
}


def files(root: Path) -> tuple[SourceFile, ...]:
    return discover(root, Registry()).files


def roots(root: Path, *src: str) -> SourceRoots:
    return source_roots(root, Registry(src=src), files(root), partial(read, root))


def test_the_folder_of_the_configuration_is_the_root(root: Path) -> None:
    draw(root, "ssot.toml", "app/pyproject.toml", "app/a.py")
    assert find_root(root / "app", root / "ssot.toml") == root


@pytest.mark.parametrize("mark", [".git", "pyproject.toml", "setup.py", "setup.cfg"])
def test_the_nearest_folder_that_looks_like_a_project_is_the_root(root: Path, mark: str) -> None:
    draw(root, "pyproject.toml", f"app/{mark}", "app/pkg/deep/a.py")
    assert find_root(root / "app/pkg/deep", None) == root / "app"
    assert find_root(root / "app/pkg/deep/a.py", None) == root / "app"
    assert find_root(root / "app", None) == root / "app"


def test_without_a_project_the_start_is_the_root(root: Path) -> None:
    draw(root, "app/a.py")
    assert find_root(root / "app", None) == root / "app"


def test_a_folder_above_the_start_can_stand_in(root: Path, tmp_path: Path) -> None:
    draw(root, "app/a.py")
    assert find_root(root / "app", None, fallback=root) == root
    assert find_root(root / "app", None, fallback=tmp_path / "elsewhere") == root / "app"


def test_the_working_directory_may_be_the_start(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    assert find_root(type(root)(), None) == root


def test_a_flat_layout_and_a_src_layout_need_no_configuration(root: Path) -> None:
    draw(root, "pkg/a.py")
    assert roots(root).folders == ("",)
    draw(root, "src/pkg/a.py")
    assert roots(root) == SourceRoots(("", "src"))


def project(root: Path, *paths: str) -> None:
    """Write packaging files."""
    draw(root, *paths)
    for path in paths:
        (root / path).write_bytes(PACKAGING[path.rpartition("/")[2]])


def test_so_do_several_projects_in_one_repository(root: Path) -> None:
    draw(root, "apps/web/web/a.py", "libs/one-core/src/one/core/a.py", "libs/two/src/__init__.py")
    project(root, "apps/web/setup.py", "libs/one-core/pyproject.toml", "libs/two/setup.cfg")
    assert roots(root).folders == (
        *("", "apps/web", "libs/one-core", "libs/one-core/src", "libs/two"),
    )


def test_packages_copies_and_what_configures_tools_are_no_projects(root: Path) -> None:
    draw(root, "pkg/__init__.py", "pkg/a.py", "backup/old/a.py", "scripts/setup.py", "web/a.py")
    project(root, "pkg/setup.py", "backup/old/setup.py")
    (root / "web/pyproject.toml").write_text("[tool.ruff]\nline-length = 88\n")
    assert roots(root).folders == ("",)


def test_projects_among_the_tests_come_last(root: Path) -> None:
    project(root, "a-tests/tests/sample/setup.py", "web/setup.py")
    assert roots(root).folders == ("", "web", "a-tests/tests/sample")


def test_a_registry_that_names_roots_has_no_others(root: Path) -> None:
    draw(root, "src/pkg/a.py", "apps/web/web/a.py")
    project(root, "apps/web/setup.py")
    assert roots(root, ".").folders == ("",)


def test_a_commit_has_the_roots_of_a_tree(root: Path) -> None:
    draw(root, "apps/web/web/a.py", "src/pkg/a.py")
    project(root, "apps/web/setup.py")
    contents = {"apps/web/setup.py": PACKAGING["setup.py"]}
    assert source_roots(None, Registry(), files(root), contents.get) == roots(root)


def test_globs_expand_in_order_and_to_folders_with_files_only(root: Path) -> None:
    draw(root, "services/b/src/b/x.py", "services/a/src/a/x.py", "services/c/readme", "lib/x.py")
    wanted = roots(root, "services/*/src", "./lib/", "services/**/src", "lib")
    assert wanted.folders == ("services/a/src", "services/b/src", "lib")


def test_an_entry_that_means_nothing_is_a_problem(root: Path) -> None:
    draw(root, "a.py")
    wanted = roots(root, "src", "lib", "packages/*", "../other", "/etc", "a.py", ".")
    assert wanted.folders == ("",)
    assert wanted.problems == (
        (1, "'lib' names no folder below the root"),
        (2, "'packages/*' names no folder below the root"),
        (3, "'../other' lies outside the root"),
        (4, "'/etc' lies outside the root"),
        (5, "'a.py' names no folder below the root"),
    )
