"""Where each deprecated path leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ssot_migrate.config.replacements import replacements
from ssot_migrate.domain.symbol import SymbolPath

from .test_check import concept, deprecated, moves

if TYPE_CHECKING:
    from .project import Project


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", {}, id="nothing"),
        pytest.param(
            moves("a:X -> b:Y", "m -> n"), {"a:X": "b:Y", "m": "n"}, id="a symbol and a module"
        ),
        pytest.param(
            moves("a:X -> b:X", "b:X -> c:X", "c:X -> d:X"),
            {"a:X": "d:X", "b:X": "d:X", "c:X": "d:X"},
            id="a chain collapses",
        ),
        pytest.param(
            moves("a:X -> b:X", "b -> c"), {"a:X": "c:X", "b": "c"}, id="a symbol, then its module"
        ),
        pytest.param(
            moves("a -> b", "b:X -> c:Z"),
            {"a": "b", "b:X": "c:Z", "a:X": "c:Z"},
            id="a module, then one of its symbols",
        ),
        pytest.param(
            moves("a:C.m -> b:C.m", "b:C -> d:D"),
            {"a:C.m": "d:D.m", "b:C": "d:D"},
            id="a method, then its class",
        ),
        pytest.param(
            concept("new:Name", deprecated("old")),
            {"old": "new:Name", "old:Name": "new:Name"},
            id="a module by a symbol",
        ),
        pytest.param(
            concept("new:Name", deprecated("old", "old:Legacy")),
            {"old": "new:Name", "old:Legacy": "new:Name", "old:Name": "new:Name"},
            id="a module by a symbol of another name",
        ),
        pytest.param(
            concept("new:A", deprecated("old")) + concept("new:B", deprecated("old")),
            {"old": "new", "old:A": "new:A", "old:B": "new:B"},
            id="a module by two symbols of one module",
        ),
        pytest.param(
            concept("new:A", deprecated("old")) + moves("old:A -> other:A"),
            {"old": "new:A", "old:A": "other:A"},
            id="what is written goes before what a module implies",
        ),
        pytest.param(
            moves("a -> b") + concept("c:X", deprecated("b")),
            {"a": "c:X", "b": "c:X", "a:X": "c:X", "b:X": "c:X"},
            id="a module by a module by a symbol",
        ),
        pytest.param(
            concept("new:A", "deprecated = [{ path = 'old:f', to = 'new:g' }]"),
            {"old:f": "new:g"},
            id="a replacement of its own",
        ),
        pytest.param(
            moves("pkg -> pkg.impl:Thing"),
            {"pkg": "pkg.impl:Thing", "pkg:Thing": "pkg.impl:Thing"},
            id="a package by its own module",
        ),
    ],
)
def test_targets(project: Project, text: str, expected: dict[str, str]) -> None:
    project.write("ssot.toml", text)
    found = replacements(project.load().registry)
    assert {str(path): str(one.target) for path, one in found.items()} == expected
    assert all(path == one.path for path, one in found.items())


def test_the_names_of_a_module_are_found_in_the_module_of_its_target(project: Project) -> None:
    project.write("ssot.toml", concept("new.mod:Name", deprecated("old")) + moves("m -> n.o"))
    found = replacements(project.load().registry)
    assert str(found[SymbolPath("old")].module) == "new.mod"
    assert str(found[SymbolPath("m")].module) == "n.o"


def test_a_chain_is_as_unsafe_as_its_worst_part(project: Project) -> None:
    project.write(
        "ssot.toml",
        "[[moves]]\nfrom = 'a:X'\nto = 'b:X'\n[[moves]]\nfrom = 'b:X'\nto = 'c:X'\nsafety='manual'",
    )
    found = replacements(project.load().registry)
    assert found[SymbolPath("a", "X")].safety == "manual"


def test_an_entry_inherits_from_its_concept(project: Project) -> None:
    project.write(
        "ssot.toml",
        concept(
            "a:X",
            "reason = 'whole'",
            "remove-by = 2026-12-31",
            "deprecated = [{ path = 'b:X' },\n {path = 'c:X', reason = 'own', safety = 'unsafe'}]",
            name="x",
        ),
    )
    settings = project.load()
    found = replacements(settings.registry)
    inherited, own = found[SymbolPath("b", "X")], found[SymbolPath("c", "X")]
    assert (inherited.concept, inherited.reason, inherited.safety) == ("x", "whole", "safe")
    assert (own.concept, own.reason, own.safety) == ("x", "own", "unsafe")
    assert str(inherited.remove_by) == str(own.remove_by) == "2026-12-31"
    assert str(settings.place(own.origin)) == "ssot.toml:7 (concepts[0].deprecated[1])"


def test_the_extending_file_settles_how_a_shared_replacement_is_treated(project: Project) -> None:
    project.write("packs/base.toml", moves("a:X -> b:X"))
    project.write("ssot.toml", "extend = ['base']\n" + moves("a:X -> b:X") + "safety = 'unsafe'")
    found = replacements(project.load().registry)
    assert found[SymbolPath("a", "X")].safety == "unsafe"
