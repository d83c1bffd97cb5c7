"""Where a project begins, and where its imports do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ssot_migrate.config.model import Registry
from ssot_migrate.workspace.roots import find_root, source_roots

from .drawing import draw, found

if TYPE_CHECKING:
    from pathlib import Path


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
    assert source_roots(root, Registry(), found(root)).folders == ("",)
    draw(root, "src/pkg/a.py")
    roots = source_roots(root, Registry(), found(root))
    assert roots.folders == ("", "src")
    assert roots.problems == ()


def test_globs_expand_in_order_and_to_folders_with_files_only(root: Path) -> None:
    draw(root, "services/b/src/b/x.py", "services/a/src/a/x.py", "services/c/readme", "lib/x.py")
    registry = Registry(src=("services/*/src", "./lib/", "services/**/src", "lib"))
    roots = source_roots(root, registry, found(root))
    assert roots.folders == ("services/a/src", "services/b/src", "lib")


def test_an_entry_that_means_nothing_is_a_problem(root: Path) -> None:
    draw(root, "a.py")
    registry = Registry(src=("src", "lib", "packages/*", "../other", "/etc", "a.py", "."))
    roots = source_roots(root, registry, found(root))
    assert roots.folders == ("",)
    assert roots.problems == (
        (1, "'lib' names no folder below the root"),
        (2, "'packages/*' names no folder below the root"),
        (3, "'../other' lies outside the root"),
        (4, "'/etc' lies outside the root"),
        (5, "'a.py' names no folder below the root"),
    )
