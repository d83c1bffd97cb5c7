"""A file of the wrong shape: all that is wrong is told at once, with the line and a remedy."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssot_migrate.config.locate import Key, Locations, dotted
from ssot_migrate.config.model import Registry
from ssot_migrate.config.validate import mistakes
from ssot_migrate.domain.errors import ConfigError

from .project import SAMPLE, Project, as_toml, keys_of, mutated, sample, value_at

if TYPE_CHECKING:
    from collections.abc import Iterator

BROKEN = Path(__file__).with_name("broken.toml").read_text()


def test_a_valid_file_has_no_mistakes(project: Project) -> None:
    project.write("packs/agent-runtime.toml", "")
    assert project.problems_of(SAMPLE) == []
    assert list(mistakes(sample())) == []


def test_everything_that_is_wrong_is_told_at_once(project: Project, snapshot: Any) -> None:
    found = project.problems_of(BROKEN)
    snapshot.assert_match("\n".join(found) + "\n", "broken.txt")


def test_keys_in_pyproject_are_told_without_the_table(project: Project) -> None:
    project.write("pyproject.toml", "[tool.ssot-migrate]\n[[tool.ssot-migrate.moves]]\nfrm = 'a'\n")
    assert project.problems() == [
        "pyproject.toml:2: moves[0]: the key 'to' is missing",
        "pyproject.toml:3: moves[0].frm: unknown key; did you mean 'from'?",
    ]


def test_what_a_terminal_would_obey_is_escaped(project: Project) -> None:
    text = 'extend = ["\\u001b[2J"]\n"\\u001b[31m" = 1\n[rules."\\u202e"]\nseverity = "\\u0007"'
    assert "".join(project.problems_of(text)).isprintable()


def test_a_long_value_is_cut(project: Project) -> None:
    [problem] = project.problems_of(f"rules.x.severity = '{'x' * 1000}'")
    assert len(problem) < 200


WRONG: list[Any] = [
    1,
    1.5,
    True,
    "text",
    [],
    [1],
    {},
    {"unknown": 1},
    datetime.date(2026, 1, 1),
    datetime.datetime(2026, 1, 1, 10, 0),
    datetime.time(10, 0),
]


def mutations() -> Iterator[Any]:
    for key in keys_of(sample()):
        if "options" in key and key[-1] != "options":
            continue  # the values of options have many types
        original = value_at(sample(), key)
        for wrong in WRONG:
            if type(wrong) is not type(original):
                yield pytest.param(key, wrong, id=f"{dotted(key)} = {wrong!r}")


@pytest.mark.parametrize(("key", "wrong"), list(mutations()))
def test_a_wrong_type_is_told_with_its_key_and_line(project: Project, key: Key, wrong: Any) -> None:
    text = as_toml(mutated(key, wrong))
    line = Locations(text).line(key[:3])
    project.write("ssot.toml", text)
    with pytest.raises(ConfigError) as caught:
        project.load()
    assert any(
        problem.line == line and problem.key.startswith(dotted(key))
        for problem in caught.value.problems
    ), str(caught.value)


def keys_of_the_model() -> Iterator[Any]:
    for key in keys_of(sample()):
        above = key[-2] if len(key) > 1 else ""
        if isinstance(key[-1], str) and above not in {"rules", "options", "keywords"}:
            yield pytest.param(key, id=dotted(key))


@pytest.mark.parametrize("key", list(keys_of_the_model()))
def test_a_misspelt_key_is_told_with_the_spelling(project: Project, key: Key) -> None:
    table = sample()
    parent = value_at(table, key[:-1])
    parent[f"{key[-1]}x"] = parent.pop(key[-1])
    project.write("ssot.toml", as_toml(table))
    told = f"{dotted(key)}x: unknown key; did you mean '{key[-1]}'?"
    assert any(problem.endswith(told) for problem in project.problems())


JSON_LIKE = st.recursive(
    st.sampled_from(["x", "a.b:C", "safe", 1, 2.5, True, datetime.date(2026, 1, 1)]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "from", "to", "path", "options", "severity", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(Registry.__struct_encode_fields__), JSON_LIKE, max_size=4))
@settings(max_examples=150, deadline=None)
def test_exactly_what_msgspec_refuses_is_explained(table: dict[str, Any]) -> None:
    try:
        msgspec.convert(table, Registry)
    except msgspec.ValidationError:
        assert list(mistakes(table))
    else:
        assert not list(mistakes(table))
