"""What contradicts itself in `[[calls]]`, and how packs are overruled."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .project import Project

WHERE = "where = { '$r' = { type = ['a:R'] } }"


def entry(match: str, *lines: str, replace: str = "", name: str = "one") -> str:
    head = f"[[calls]]\nname = '{name}'\nmatch = '''{match}'''\n"
    head += f"replace = '''{replace}'''\n" if replace else ""
    return head + "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(entry("$r.get($n)", WHERE, replace="$r.fetch($n)"), id="a method"),
        pytest.param(
            entry("$r.get($n, $$$rest)", WHERE, replace="$r.fetch($$$rest, name=$n)"),
            id="further arguments",
        ),
        pytest.param(
            entry(
                "await $f()",
                "where = { '$f' = { is = ['a:f'] } }",
                replace="g()",
                name="two",
            ).replace("where", "imports = ['a:g']\nwhere"),
            id="a function, and a name that is imported",
        ),
        pytest.param(entry("$r.get($n)", WHERE, "safety = 'manual'"), id="nothing but a finding"),
        pytest.param(entry("$x = $r.get()", WHERE, replace="with $r.open() as $x:"), id="a suite"),
        pytest.param(entry("with $r.open() as $x:", WHERE, replace="$x = $r.get()"), id="no suite"),
        pytest.param(entry("$r.f($n)", WHERE, replace="$r.f(name=$n)"), id="only keywords"),
        pytest.param("[[calls]]\nname = 'x'\nenabled = false\n", id="one that is left out"),
    ],
)
def test_no_contradiction(project: Project, text: str) -> None:
    assert project.problems_of(text) == []


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        (entry("$r.get($n)", WHERE), 1, 'write safety = "manual"'),
        (entry("$r.get(", WHERE, replace="1"), 3, "is no Python"),
        (entry("$r.get($1)", WHERE, replace="$r.x()"), 3, "a '$' starts a metavariable"),
        (entry("$r.get", WHERE, replace="$r.x"), 3, "is no call"),
        (entry("return $r.get()", WHERE, replace="$r.x()"), 3, "is no pattern"),
        (entry("open_it($n)", WHERE, replace="$n"), 3, "write '$open_it(...)'"),
        (entry("$q.get($n)", WHERE, replace="$q.x($n)"), 3, "nothing says what '$q' is"),
        (entry("$r.get($$$a, $n)", WHERE, replace="$r.x()"), 3, "the last positional"),
        (entry("$r.get(**$a)", WHERE, replace="$r.x()"), 3, "write `$$$`"),
        (entry("$r.get($n)", WHERE, replace="$r.x($m)"), 4, "'$m' is not in 'match'"),
        (entry("$r.get($$$n)", WHERE, replace="$r.x($n)"), 4, "write `$$$n`"),
        (entry("$r.get($n)", WHERE, replace="$r.x(make())"), 4, "nothing binds `make`"),
        (entry("$r.get($n)", WHERE, replace="$r.get($r.get($n))"), 4, "match it again"),
        (entry("$x = $r.get()", WHERE, replace="$r.x()"), 4, "an expression replaces"),
        (entry("$x = $r.get()", WHERE, replace="with $r as $r:"), 4, "it must bind '$x'"),
        (
            entry("$r.get()", "where = { '$r' = { type = ['a-b'] } }", replace="$r.x()"),
            5,
            "no Python identifier",
        ),
        (
            entry("$r.get()", "where = { '$r' = { type = ['a:R'] }, '$n' = { literal = 'int' } }"),
            4,
            "'match' has no '$n'; it has: $r",
        ),
        (
            entry("$r.get()", "where = { '$r' = { } }", replace="$r.x()"),
            5,
            "says nothing: write `type`",
        ),
        (entry("$r.get()", WHERE, "imports = ['a']", replace="$r.x()"), 6, "is no 'package"),
        (entry("$r.get()", WHERE, replace="$r.x()", name="A b"), 2, "kebab-case"),
    ],
)
def test_contradiction(project: Project, text: str, line: int, problem: str) -> None:
    told = project.problems_of(text)
    assert any(problem in one and one.startswith(f"ssot.toml:{line}:") for one in told), told


CONCEPT = "\n[[concepts]]\nname = 'class registry'\ncanonical = 'ssot_migrate.runtime:R'\n"
IN_SCOPE = (
    "where = { '$r' = { type = ['a:R'] }, '$c' = { concept = 'class registry', as = 'in-scope' } }"
)


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(("where = { '$r' = { concept = 'class registry' } }",), id="a concept"),
        pytest.param((IN_SCOPE, "replace = '$c.get($n)'"), id="in scope"),
        pytest.param((WHERE, "function = { is-not-concepts = ['class registry'] }"), id="nowhere"),
        pytest.param(("where = { '$r' = { made-by = ['a:make'] } }",), id="what a function made"),
        pytest.param((WHERE, "plan = ['$r.x($n)']"), id="a plan"),
        pytest.param((WHERE, "result = { none-tested = false }"), id="a result"),
    ],
)
def test_no_contradiction_with_concepts(project: Project, lines: tuple[str, ...]) -> None:
    text = entry("$r.get($n)", "safety = 'manual'", *lines) + CONCEPT
    assert project.problems_of(text) == []


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (
            "where = { '$r' = { concept = 'clas registry' } }",
            "calls[0].where.'$r'.concept: there is no concept 'clas registry';"
            " did you mean 'class registry'?",
        ),
        (
            "where = { '$r' = { concept = 'emitter' } }",
            "there is no concept 'emitter'; add it to [[concepts]]",
        ),
        (
            f"{WHERE}\nfunction = {{ is-not-concepts = ['emitter'] }}",
            "calls[0].function.is-not-concepts[0]: there is no concept 'emitter'",
        ),
        (
            "where = { '$r' = { type = ['a:R'] }, '$n' = { in-scope = ['a:C'] } }",
            "'match' has '$n': `in-scope` finds what is not there",
        ),
        (
            "where = { '$r' = { type = ['a:R'] },"
            " '$n' = { concept = 'class registry', as = 'in-scope' } }",
            "'match' has '$n': `in-scope` finds what is not there",
        ),
        (
            "where = { '$r' = { type = ['a:R'] }, '$c' = { handed-to = ['register'] } }",
            "'register' is no method: write 'package.module:Class.method'",
        ),
        (
            "where = { '$r' = { made-by = ['a-b'] } }",
            "calls[0].where.'$r'.made-by[0]: 'a-b' is not a dotted path",
        ),
        (
            "where = { '$r' = { type = ['a:R'], as = 'class' }, '$n' = {} }",
            "says nothing: write `type`",
        ),
        (
            "where = { '$r' = { type = ['a:R'] }, '$n' = { kind = 'function' } }",
            "calls[0].where.'$n'.kind: expected 'class', found 'function'",
        ),
        (f"{WHERE}\ntarget = 'a b'", "calls[0].target: 'a b' is not a dotted path"),
        (f"{WHERE}\nparameters = ['a b']", "'a b' is no name of a parameter"),
        (f"{WHERE}\nbody = {{ never-calls = ['close'] }}", "a call has no suite"),
        (f"{WHERE}\nreplace = '$r.x($n)'\nplan = ['x']", "drop 'replace'"),
    ],
)
def test_contradiction_of_concepts_scopes_and_plans(
    project: Project, line: str, problem: str
) -> None:
    """Each names its file and line."""
    text = entry("$r.get($n)", "safety = 'manual'", line) + CONCEPT
    told = project.problems_of(text)
    assert any(problem in one for one in told), told
    assert all(re.match(r"ssot\.toml:[4-7]: calls\[0\]", one) for one in told), told


def test_one_name_twice(project: Project) -> None:
    one = entry("$r.get()", WHERE, replace="$r.x()")
    (told,) = project.problems_of(one + one)
    assert told.startswith("ssot.toml:7: calls[1].name: 'one' is also the pattern at ssot.toml:2")


def test_an_entry_overrules_the_one_of_a_pack(project: Project) -> None:
    pack = entry("$r.get()", WHERE, replace="$r.x()") + entry(
        "$r.f()", WHERE, "safety='manual'", name="two"
    )
    project.write("packs/base.toml", pack)
    own = "extend = ['base']\n[[calls]]\nname = 'one'\nenabled = false\n"
    project.write("ssot.toml", own)
    settings = project.load()
    assert [(one.name, one.enabled) for one in settings.registry.calls] == [
        ("one", False),
        ("two", True),
    ]
    assert settings.place(("calls", 0, "name")).path == "ssot.toml"
    assert settings.place(("calls", 1, "match")).line == 8
