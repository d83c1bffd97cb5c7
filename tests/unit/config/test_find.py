"""Which file configures the tool."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ssot_migrate.config.load import find_config, load
from ssot_migrate.domain.errors import UsageError

if TYPE_CHECKING:
    from .project import Project

TABLE = "[tool.ssot-migrate]\nsrc = ['lib']\n"


def test_without_a_file_the_defaults_hold(project: Project) -> None:
    settings = project.load()
    assert settings.source is None
    assert settings.registry.src == ()


def test_the_nearest_folder_above_counts(project: Project) -> None:
    project.write("ssot.toml", "src = ['far']")
    near = project.write("app/ssot.toml", "src = ['near']")
    inside = project.write("app/core/deep/module.py", "").parent
    assert find_config(inside) == near


def test_a_pyproject_without_the_table_is_passed_over(project: Project) -> None:
    above = project.write("ssot.toml", "")
    project.write("app/pyproject.toml", '[project]\ndependencies = ["ssot-migrate"]\n')
    assert find_config(project.root / "app") == above


def test_a_pyproject_with_the_table_is_read(project: Project) -> None:
    project.write("pyproject.toml", TABLE)
    assert project.load().registry.src == ("lib",)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("[tool.ssot-migrate\n", id="with a syntax error"),
        pytest.param(TABLE.encode("utf-16"), id="in UTF-16"),
        pytest.param("[tool]\nssot-migrate = 3", id="with a number for the table"),
    ],
)
def test_a_pyproject_that_names_the_table_is_never_ignored(
    project: Project, content: str | bytes
) -> None:
    project.write("pyproject.toml", content)
    assert project.problems()[0].startswith("pyproject.toml:")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("[tool.other\n", id="broken"),
        pytest.param(b"\xff\xfe\x00", id="binary"),
        pytest.param("tool = 3", id="with another tool"),
    ],
)
def test_a_pyproject_of_others_is_none_of_our_business(
    project: Project, content: str | bytes
) -> None:
    project.write("pyproject.toml", content)
    assert find_config(project.root) is None


def test_two_files_in_one_folder_contradict(project: Project) -> None:
    project.write("ssot.toml", "")
    project.write("pyproject.toml", "[project]\nname = 'x'\n\n" + TABLE)
    assert project.problems() == [
        "pyproject.toml:4: tool.ssot-migrate: "
        "ssot.toml beside it configures the tool already; keep one of the two"
    ]
    assert project.problems("ssot.toml") == []


def test_ssot_toml_beside_the_pyproject_of_others(project: Project) -> None:
    project.write("pyproject.toml", "[project]\nname = 'x'\n")
    assert project.problems_of("src = ['lib']") == []


def test_an_explicit_file_may_have_any_name(project: Project) -> None:
    project.write("ssot.toml", "src = ['found']")
    project.write("ci/strict.toml", "src = ['asked']")
    assert project.load("ci/strict.toml").registry.src == ("asked",)


def test_an_explicit_pyproject_needs_the_table(project: Project) -> None:
    project.write("pyproject.toml", "[project]\nname = 'x'\n")
    assert project.problems("pyproject.toml") == [
        "pyproject.toml: has no [tool.ssot-migrate] table"
    ]


def test_isolated_reads_nothing(project: Project) -> None:
    project.write("ssot.toml", "this is no TOML")
    settings = load(None, project.root, isolated=True, packs=project.find_pack)
    assert settings.source is None


def test_isolated_with_a_file_is_a_contradiction(project: Project) -> None:
    with pytest.raises(UsageError, match="--config"):
        load(project.root / "x.toml", project.root, isolated=True, packs=project.find_pack)
