"""Paths on the command line."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from ssot_migrate.config.model import Registry
from ssot_migrate.domain.errors import UsageError
from ssot_migrate.workspace.discovery import discover
from ssot_migrate.workspace.selection import expand_paths, path_below

from .drawing import draw

if TYPE_CHECKING:
    from pathlib import Path


def discovered(root: Path, *paths: str, force_exclude: bool = False) -> list[str]:
    registry = Registry(exclude=("gen",))
    selection = expand_paths(root, [root / path for path in paths])
    discovery = discover(root, registry, explicit=selection.explicit, force_exclude=force_exclude)
    return [file.path for file in discovery.files if selection.selects(file.path)]


def test_without_paths_everything_is_selected(tree: Path) -> None:
    draw(tree, "a.py", "pkg/b.py")
    assert discovered(tree) == ["a.py", "pkg/b.py"]


def test_folders_and_files_select_what_is_in_them(tree: Path) -> None:
    draw(tree, "a.py", "pkg/b.py", "pkg/sub/c.py", "pkg2/d.py")
    assert discovered(tree, "pkg") == ["pkg/b.py", "pkg/sub/c.py"]
    assert discovered(tree, "pkg/sub", "a.py") == ["a.py", "pkg/sub/c.py"]
    assert discovered(tree, ".") == ["a.py", "pkg/b.py", "pkg/sub/c.py", "pkg2/d.py"]


def test_an_explicit_file_needs_no_suffix_and_no_permission(tree: Path) -> None:
    draw(tree, "tool", "gen/a.py", "ignored.py", ".venv/b.py", "other.py")
    (tree / ".gitignore").write_text("ignored.py\n")
    asked = ["tool", "gen/a.py", "ignored.py", ".venv/b.py"]
    assert discovered(tree, *asked) == sorted(asked)
    assert discovered(tree, *asked, force_exclude=True) == [".venv/b.py", "ignored.py", "tool"]


def test_paths_count_from_the_working_directory(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(tree, "pkg/b.py", "-x.py")
    monkeypatch.chdir(tree / "pkg")
    assert expand_paths(tree, ["b.py"]).explicit == ("pkg/b.py",)
    assert expand_paths(tree, ["../-x.py"]).explicit == ("-x.py",)
    assert expand_paths(tree, ["."]).folders == ("pkg/",)


def test_links_select_what_they_lead_to(tree: Path) -> None:
    draw(tree, "pkg/b.py", "tool")
    (tree / "link.py").symlink_to("pkg/b.py")
    (tree / "linked").symlink_to("pkg")
    (tree / "tool.py").symlink_to("tool")
    (tree.parent / "other way").symlink_to(tree)
    assert discovered(tree, "link.py") == ["pkg/b.py"]
    assert discovered(tree, "linked") == ["pkg/b.py"]
    assert discovered(tree, "linked/b.py") == ["pkg/b.py"]
    assert discovered(tree, "tool.py") == ["tool.py"]
    assert discovered(tree, "../other way/pkg") == ["pkg/b.py"]


def test_a_folder_that_holds_nothing_can_be_told(tree: Path) -> None:
    draw(tree, "pkg/b.py", "docs/readme")
    selection = expand_paths(tree, [tree / "pkg", tree / "docs"])
    assert selection.idle(["pkg/b.py"]) == ("docs",)


def test_all_the_wrong_paths_are_named_at_once(root: Path) -> None:
    draw(root, "a.py")
    os.mkfifo(root / "pipe.py")
    (root / "loop.py").symlink_to("loop.py")
    (root / "out.py").symlink_to("/etc/passwd")
    wrong = ["missing.py", "a.py/x", "..", "pipe.py", "loop.py", "out.py", "nul\0.py"]
    with pytest.raises(UsageError) as caught:
        expand_paths(root, [root / "a.py", *(f"{root}/{path}" for path in wrong)])
    assert str(caught.value).splitlines() == [
        f"{root}/missing.py: no such file or folder",
        f"{root}/a.py/x: no such file or folder",
        f"{root}/..: lies outside the root, {root}",
        f"{root}/pipe.py: is neither a file nor a folder",
        f"{root}/loop.py: is a link that leads in a circle",
        f"{root}/out.py: lies outside the root, {root}",
        f"{root}/nul\0.py: no such file or folder",
    ]


def test_a_file_that_is_not_there_yet_has_a_path(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "pkg").mkdir()
    (tmp_path / "way").symlink_to(root)
    assert path_below(root, str(root / "new.py")) == "new.py"
    assert path_below(root, str(root / "new/deep/er.py")) == "new/deep/er.py"
    assert path_below(root, str(tmp_path / "way" / "pkg" / "a.py")) == "pkg/a.py"
    monkeypatch.chdir(root / "pkg")
    assert path_below(root, "a.py") == "pkg/a.py"
    assert path_below(root, "../a.py") == "a.py"


@pytest.mark.parametrize("name", ["pkg", "pkg/", "new/", "", ".", "a\0.py"])
def test_what_is_no_file_has_none(root: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    (root / "pkg").mkdir()
    monkeypatch.chdir(root)
    with pytest.raises(UsageError, match="is no name of a file"):
        path_below(root, name)


@pytest.mark.parametrize("name", ["../a.py", "../root2/a.py", "/a.py", "out/a.py"])
def test_a_file_outside_of_the_root_has_none(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (root / "out").symlink_to(tmp_path)
    monkeypatch.chdir(root)
    with pytest.raises(UsageError, match="lies outside the root"):
        path_below(root, name)
