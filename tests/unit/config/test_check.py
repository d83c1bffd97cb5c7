"""Contradictions inside a registry whose shape is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .project import Project


def moves(*pairs: str) -> str:
    lines = []
    for pair in pairs:
        source, _, target = pair.partition(" -> ")
        lines.append(f"[[moves]]\nfrom = '{source}'\nto = '{target}'\n")
    return "".join(lines)


def concept(canonical: str, *lines: str, name: str | None = None) -> str:
    head = f"[[concepts]]\nname = '{name or canonical}'\ncanonical = '{canonical}'\n"
    return head + "".join(f"{line}\n" for line in lines)


def deprecated(*paths: str) -> str:
    return f"deprecated = [{', '.join(f'{{ path = {path!r} }}' for path in paths)}]"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(moves("a -> b", "b -> c"), id="a chain"),
        pytest.param(moves("a -> b", "a -> b"), id="the same replacement twice"),
        pytest.param(moves("a -> b", "a -> c", "b -> c"), id="two that end at one place"),
        pytest.param(moves("a:X -> b:X", "b:Y -> a:Y"), id="an exchange between two modules"),
        pytest.param(moves("app.ws -> app.ws.emitter:Emitter"), id="a package by its own module"),
        pytest.param(moves("a:f -> a:g"), id="a rename inside a module"),
        pytest.param(
            concept("new.m:A", deprecated("old.m")) + concept("new.m:B", deprecated("old.m")),
            id="one module that two concepts of one module replace",
        ),
        pytest.param(
            concept("a:X", deprecated("b:X")) + moves("a:X -> c:X"), id="a canonical that moved on"
        ),
        pytest.param(
            concept("a:X", "methods = [{from = 'f', to = 'f', keywords = {x = 'y'}}]"),
            id="a method that only renames a keyword",
        ),
        pytest.param(
            concept("a:X", "methods = [{from = 'f', to = 'g'}, {from = 'g', to = 'h'}]"),
            id="a legacy method whose name the canonical API uses for another",
        ),
        pytest.param(concept("a:X", "delete = ['app.a', 'ab']"), id="deleted modules of others"),
        pytest.param(concept("a:X", "since = 2026-01-01\nremove-by = 2026-01-01"), id="one day"),
    ],
)
def test_no_contradiction(project: Project, text: str) -> None:
    assert project.problems_of(text) == []


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        pytest.param(
            moves("a:X -> b:X", "b:X -> a:X"),
            [
                "1: moves[0]: the replacements form a cycle: a:X -> b:X -> a:X; "
                "remove one of them; the others: ssot.toml:4 (moves[1])"
            ],
            id="a cycle of two",
        ),
        pytest.param(
            moves("start -> a", "a -> b", "b -> c", "c -> a"),
            [
                "4: moves[1]: the replacements form a cycle: a -> b -> c -> a; remove one of "
                "them; the others: ssot.toml:7 (moves[2]), ssot.toml:10 (moves[3])"
            ],
            id="a longer cycle, told once",
        ),
        pytest.param(
            moves("a:X -> b:X", "b -> a"),
            [
                "1: moves[0]: the replacements form a cycle: a:X -> b:X -> a:X; "
                "remove one of them; the others: ssot.toml:4 (moves[1])"
            ],
            id="a symbol and the module it comes back with",
        ),
        pytest.param(
            moves("a:C -> b:C", "b:C.m -> a:C.m"),
            [
                "1: moves[0]: the replacements form a cycle: a:C.m -> b:C.m -> a:C.m; "
                "remove one of them; the others: ssot.toml:4 (moves[1])"
            ],
            id="a class and a member that comes back",
        ),
        pytest.param(
            moves("a.X -> b:X", "b.X -> a:X"),
            [
                "1: moves[0]: the replacements form a cycle: a.X -> b:X -> a.X; "
                "remove one of them; the others: ssot.toml:4 (moves[1])"
            ],
            id="a cycle in two spellings",
        ),
        pytest.param(
            moves("a.b:X -> a.b.X"),
            ["1: moves[0]: 'a.b:X' would be replaced by itself"],
            id="a path by itself",
        ),
        pytest.param(
            concept("a.b:X", deprecated("a.b")),
            [
                "4: concepts[0].deprecated[0]: the replacement 'a.b:X' lies in the deprecated "
                "module 'a.b'; name the deprecated symbols, such as 'a.b:OldName'"
            ],
            id="a module by its own name",
        ),
        pytest.param(
            moves("a -> b", "a -> c"),
            [
                "1: moves[0]: 'a' is replaced by 'b' here and by 'c' at ssot.toml:4 (moves[1]); "
                "keep one, or name the symbols apart"
            ],
            id="two replacements",
        ),
        pytest.param(
            concept("a:X", deprecated("old:X")) + concept("b:X", deprecated("old.X")),
            [
                "4: concepts[0].deprecated[0]: 'old:X' is replaced by 'a:X' here and by 'b:X' at "
                "ssot.toml:8 (concepts[1].deprecated[0]); keep one, or name the symbols apart"
            ],
            id="two replacements in two spellings",
        ),
        pytest.param(
            concept("a:X") + concept("b:Y", deprecated("a:X")),
            [
                "3: concepts[0].canonical: 'a:X' is the canonical of 'a:X', yet the concept "
                "'b:Y' deprecates 'a:X' at ssot.toml:7 (concepts[1].deprecated[0])"
            ],
            id="a canonical that another concept deprecates",
        ),
        pytest.param(
            concept("a:X") + concept("b:Y", deprecated("a")),
            [
                "3: concepts[0].canonical: 'a:X' is the canonical of 'a:X', yet the concept "
                "'b:Y' deprecates 'a' at ssot.toml:7 (concepts[1].deprecated[0]); "
                "name the symbol instead of its module"
            ],
            id="a canonical whose module another concept deprecates",
        ),
        pytest.param(
            concept("a:X", "deprecated = [{ path = 'a:X', to = 'c:X' }]"),
            [
                "3: concepts[0].canonical: 'a:X' is the canonical of 'a:X', yet it itself "
                "deprecates 'a:X' at ssot.toml:4 (concepts[0].deprecated[0])"
            ],
            id="a canonical that its own concept deprecates",
        ),
        pytest.param(
            moves("a-b:X -> b:1") + concept("a.2", "delete = ['x-y']"),
            [
                "2: moves[0].from: 'a-b:X' is not a dotted path: 'a-b' is no Python identifier",
                "3: moves[0].to: 'b:1' is not a dotted path: '1' is no Python identifier",
                "6: concepts[0].canonical: 'a.2' is not a dotted path: '2' is no Python identifier",
                "7: concepts[0].delete[0]: 'x-y' is not a dotted path: "
                "'x-y' is no Python identifier",
            ],
            id="paths that are none",
        ),
        pytest.param(
            concept("a:X", name="x") + concept("b:X", name="x"),
            ["5: concepts[1].name: 'x' is also the concept at ssot.toml:2 (concepts[0].name)"],
            id="two concepts of one name",
        ),
        pytest.param(
            concept("a:X", name=" "),
            ["2: concepts[0].name: a concept needs a name"],
            id="no name",
        ),
        pytest.param(
            concept("a:X", name="x") + concept("a.X", name="y"),
            [
                "6: concepts[1].canonical: 'a.X' is also the canonical of 'x' "
                "at ssot.toml:3 (concepts[0].canonical)"
            ],
            id="two concepts with one canonical",
        ),
        pytest.param(
            concept("a.b:X", "delete = [\n'c',\n'a.b', 'a', 'd:D']"),
            [
                "6: concepts[0].delete[1]: 'a.b' holds 'a.b:X', the canonical of 'a.b:X'",
                "6: concepts[0].delete[2]: 'a' holds 'a.b:X', the canonical of 'a.b:X'",
                "6: concepts[0].delete[3]: 'd:D' is no module; write it without the colon",
            ],
            id="a deleted canonical",
        ),
        pytest.param(
            concept("a:X") + concept("b:Y", "delete = ['a']"),
            ["7: concepts[1].delete[0]: 'a' holds 'a:X', the canonical of 'a:X'"],
            id="a deleted canonical of another concept",
        ),
        pytest.param(
            concept(
                "a:X",
                "[[concepts.methods]]\nfrom = 'f'\nto = 'f'",
                "[[concepts.methods]]\nfrom = 'f'\nto = 'g h'\nkeywords = {x = '1'}",
            ),
            [
                "4: concepts[0].methods[0]: 'f' would be renamed to itself",
                "7: concepts[0].methods[1]: 'f' is also renamed at "
                "ssot.toml:4 (concepts[0].methods[0])",
                "9: concepts[0].methods[1].to: 'g h' is no Python identifier",
                "10: concepts[0].methods[1].keywords.x: '1' is no Python identifier",
            ],
            id="methods",
        ),
        pytest.param(
            concept(
                "a:X",
                "since = 2026-02-01",
                "remove-by = 2026-01-31",
                "deprecated = [{ path = 'b', remove-by = 2026-01-30 }]",
            ),
            [
                "5: concepts[0].remove-by: 2026-01-31 is before its since, 2026-02-01",
                "6: concepts[0].deprecated[0].remove-by: 2026-01-30 is before its since, "
                "2026-02-01",
            ],
            id="dates",
        ),
    ],
)
def test_contradictions(project: Project, text: str, problems: list[str]) -> None:
    assert project.problems_of(text) == [f"ssot.toml:{problem}" for problem in problems]


def test_two_plans_that_contradict_each_other(project: Project) -> None:
    """One report keeps the manager's engine, the next week's keeps the services' factory."""
    project.write(
        "packs/phase-a.toml",
        "# phase A\n" + moves("app.services.factory:Factory -> app.managers.engine:Factory"),
    )
    assert project.problems_of(
        'extend = ["phase-a"]\n\n'
        + moves("app.managers.engine:Factory -> app.services.factory:Factory")
    ) == [
        "ssot.toml:3: moves[0]: the replacements form a cycle: app.managers.engine:Factory -> "
        "app.services.factory:Factory -> app.managers.engine:Factory; remove one of them; "
        "the others: packs/phase-a.toml:2 (moves[0])"
    ]


def test_two_concepts_that_contradict_each_other(project: Project) -> None:
    manager, service = "app.managers.engine:Factory", "app.services.factory:Factory"
    project.write("packs/plan.toml", concept(manager, deprecated(service), name="engine"))
    assert project.problems_of(
        'extend = ["plan"]\n' + concept(service, deprecated(manager), name="factory")
    ) == [
        f"ssot.toml:5: concepts[0].deprecated[0]: the replacements form a cycle: {manager} -> "
        f"{service} -> {manager}; remove one of them; "
        "the others: packs/plan.toml:4 (concepts[0].deprecated[0])"
    ]


def test_the_team_may_change_its_mind_under_the_same_name(project: Project) -> None:
    manager, service = "app.managers.engine:Factory", "app.services.factory:Factory"
    project.write("packs/plan.toml", concept(manager, deprecated(service), name="factory"))
    assert (
        project.problems_of(
            'extend = ["plan"]\n' + concept(service, deprecated(manager), name="factory")
        )
        == []
    )


def test_a_later_stage_reports_with_file_and_line(project: Project) -> None:
    project.write("packs/plan.toml", "\n\nselect = ['SSOT9']")
    project.write("ssot.toml", "extend = ['plan']\n" + concept("a:X"))
    settings = project.load()
    assert str(settings.problem(("concepts", 0, "canonical"), "a has no X")) == (
        "ssot.toml:4: concepts[0].canonical: a has no X"
    )
    assert str(settings.problem(("select", 0), "no such rule")) == (
        "packs/plan.toml:3: select[0]: no such rule"
    )
    assert str(settings.problem(("src", 0), "no such folder")) == (
        "ssot.toml: src[0]: no such folder"
    )
