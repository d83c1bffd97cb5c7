"""Packs lie below the file that extends them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .project import Project

CONCEPT = '[[concepts]]\nname = "factory"\ncanonical = "{}"\n'


def test_a_pack_gives_its_concepts_and_moves(project: Project) -> None:
    project.write("packs/base.toml", CONCEPT.format("app.a:A"))
    project.write("ssot.toml", 'extend = ["base"]\n[[moves]]\nfrom = "x"\nto = "y"\n')
    registry = project.load().registry
    assert [concept.canonical for concept in registry.concepts] == ["app.a:A"]
    assert [move.to for move in registry.moves] == ["y"]


def test_a_concept_of_the_same_name_replaces_the_pack_s(project: Project) -> None:
    project.write("packs/base.toml", CONCEPT.format("app.a:A") + "deprecated = [{path = 'app.b'}]")
    project.write(
        "ssot.toml", 'extend = ["base"]\n' + CONCEPT.format("app.b:B") + "delete = ['app.a']"
    )
    [concept] = project.load().registry.concepts
    assert concept.canonical == "app.b:B"
    assert concept.deprecated == ()


def test_moves_add_up(project: Project) -> None:
    project.write("packs/base.toml", '[[moves]]\nfrom = "a"\nto = "b"\n')
    project.write("ssot.toml", 'extend = ["base"]\n[[moves]]\nfrom = "c"\nto = "d"\n')
    settings = project.load()
    assert [move.from_ for move in settings.registry.moves] == ["a", "c"]
    assert str(settings.place(("moves", 0))) == "packs/base.toml:1 (moves[0])"
    assert str(settings.place(("moves", 1, "to"))) == "ssot.toml:4 (moves[0].to)"


def test_only_a_key_that_is_written_overrides(project: Project) -> None:
    project.write("packs/base.toml", "exclude = ['pack/**']\nselect = ['SSOT2']\nscripts = ['a']")
    project.write("ssot.toml", "extend = ['base']\nselect = []\nscripts = ['b']")
    registry = project.load().registry
    assert registry.exclude == ("pack/**",)
    assert registry.select == ()
    assert registry.scripts == ("b",)
    assert registry.src == ()


def test_a_rule_s_table_is_replaced_as_a_whole(project: Project) -> None:
    project.write(
        "packs/base.toml", "rules.A = {severity = 'info', exclude = ['x']}\nrules.B.exclude = ['y']"
    )
    project.write("ssot.toml", "extend = ['base']\nrules.A.severity = 'error'")
    settings = project.load()
    assert settings.registry.rules["A"].exclude == ()
    assert settings.registry.rules["B"].exclude == ("y",)
    assert settings.place(("rules", "B", "exclude")).path == "packs/base.toml"


def test_a_later_pack_lies_above_an_earlier_one(project: Project) -> None:
    project.write("packs/one.toml", CONCEPT.format("app.one:A"))
    project.write("packs/two.toml", CONCEPT.format("app.two:A"))
    project.write("ssot.toml", 'extend = ["one", "two"]')
    assert [one.canonical for one in project.load().registry.concepts] == ["app.two:A"]


def test_a_pack_that_two_packs_extend_counts_once(project: Project) -> None:
    project.write("packs/base.toml", '[[moves]]\nfrom = "a"\nto = "b"\n')
    project.write("packs/one.toml", 'extend = ["base"]')
    project.write("packs/two.toml", 'extend = ["./base.toml"]')
    project.write("ssot.toml", 'extend = ["one", "two"]')
    assert len(project.load().registry.moves) == 1


def test_a_path_is_relative_to_the_file_that_names_it(project: Project) -> None:
    project.write("shared/base.toml", 'extend = ["deep/more.toml"]')
    project.write("shared/deep/more.toml", "select = ['SSOT2']")
    project.write("app/ssot.toml", 'extend = ["../shared/base.toml"]')
    assert project.load("app/ssot.toml").registry.select == ("SSOT2",)


def test_a_pyproject_can_be_extended(project: Project) -> None:
    project.write("other/pyproject.toml", "[tool.ssot-migrate]\nselect = ['SSOT2']")
    project.write("ssot.toml", 'extend = ["other/pyproject.toml"]')
    assert project.load().registry.select == ("SSOT2",)


@pytest.mark.parametrize(
    ("extend", "problem"),
    [
        ("agent_runtim", "there is no pack 'agent_runtim'; did you mean 'agent-runtime'?"),
        ("zzz", "there is no pack 'zzz'; a file is written './name.toml'"),
        ("./none.toml", "'./none.toml': there is no such file"),
        ("packs/", "'packs/': is a folder, not a file"),
        ("", "'' names no pack"),
        ("a\\u0000.toml", "'a\\x00.toml' names no pack"),
        ("ssot.toml", "the packs extend in a cycle: ssot.toml -> ssot.toml"),
    ],
)
def test_a_pack_that_cannot_be_had(project: Project, extend: str, problem: str) -> None:
    project.write("packs/agent-runtime.toml", "")
    assert project.problems_of(f'extend = [\n  "{extend}",\n]') == [
        f"ssot.toml:2: extend[0]: {problem}"
    ]


def test_packs_that_extend_in_a_cycle(project: Project) -> None:
    project.write("packs/one.toml", '\nextend = ["two"]')
    project.write("packs/two.toml", '\n\nextend = ["one"]')
    assert project.problems_of('extend = ["one"]') == [
        "packs/two.toml:3: extend[0]: "
        "the packs extend in a cycle: packs/one.toml -> packs/two.toml -> packs/one.toml"
    ]
