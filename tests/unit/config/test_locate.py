"""Every key of a document has the line on which it stands."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssot_migrate.config.locate import Key, Locations, dotted, locate
from ssot_migrate.config.toml import parse

from .project import SAMPLE, keys_of


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("a = 1\nb = 2", {("a",): 1, ("b",): 2}, id="keys"),
        pytest.param(
            "[t]\n\n# c\na.b = 1",
            {("t",): 1, ("t", "a"): 4, ("t", "a", "b"): 4},
            id="dotted key in a table",
        ),
        pytest.param(
            "[[t]]\na = 1\n[[t]]\na = 2\n[t.u]\nb = 3",
            {
                ("t",): 1,
                ("t", 0): 1,
                ("t", 0, "a"): 2,
                ("t", 1): 3,
                ("t", 1, "a"): 4,
                ("t", 1, "u"): 5,
                ("t", 1, "u", "b"): 6,
            },
            id="array of tables with a table in its last",
        ),
        pytest.param(
            "[[t]]\n[[t.u]]\n[[t]]\n[[t.u]]\n[[t.u]]",
            {
                ("t",): 1,
                ("t", 0): 1,
                ("t", 0, "u"): 2,
                ("t", 0, "u", 0): 2,
                ("t", 1): 3,
                ("t", 1, "u"): 4,
                ("t", 1, "u", 0): 4,
                ("t", 1, "u", 1): 5,
            },
            id="array of tables in an array of tables",
        ),
        pytest.param(
            "a = [ # ]\n 1,\n\n [2, # [\n 3],]\nb = 1",
            {
                ("a",): 1,
                ("a", 0): 2,
                ("a", 1): 4,
                ("a", 1, 0): 4,
                ("a", 1, 1): 5,
                ("b",): 6,
            },
            id="array over several lines",
        ),
        pytest.param(
            'a = """\nb = 1 \\""" ""\n[c]""""\nd = \'\'\'\n[e]\n\'\'\'\nf = 1',
            {("a",): 1, ("d",): 4, ("f",): 7},
            id="strings over several lines that look like keys",
        ),
        pytest.param(
            "a = { b = \"}\", 'c.d' = { e = ']#' } } # {\n\"f\\u0067\" = 1979-05-27 07:32:00",
            {
                ("a",): 1,
                ("a", "b"): 1,
                ("a", "c.d"): 1,
                ("a", "c.d", "e"): 1,
                ("fg",): 2,
            },
            id="inline tables and quoted keys",
        ),
    ],
)
def test_lines(text: str, lines: dict[Key, int]) -> None:
    assert set(keys_of(parse(text))) == set(lines)
    assert locate(text) == lines


def test_a_key_that_does_not_stand_there_has_the_line_of_its_table() -> None:
    locations = Locations("\n[[concepts]]\nname = 'x'")
    assert locations.line(("concepts", 0, "forbid", "names", 3)) == 2
    assert locations.line(("elsewhere",)) == 0


def test_keys_are_spelled_as_people_do() -> None:
    assert dotted(("concepts", 2, "canonical")) == "concepts[2].canonical"
    assert dotted(("rules", "a b", "severity")) == "rules.'a b'.severity"


SPELLINGS = {
    "a": "a",
    "b-2": "b-2",
    "c_c": "c_c",
    "1": "1",
    "with space": '"with space"',
    "dot.ted": "'dot.ted'",
    "é": '"é"',
    'quo"te': r'"quo\"te"',
    "escaped": r'"esc\u0061ped"',
    "": '""',
}
SPACE = st.sampled_from(["", " ", "\t "])
GAP = st.sampled_from(["", " ", "\n", " # a = [ { \n", "\n\n "])
SCALAR = st.sampled_from(
    [
        "1",
        "-1.5e3",
        "true",
        "inf",
        "1979-05-27 07:32:00Z",
        "07:32:00.5",
        '""',
        r'"# ] } \" , \\"',
        "'# ] } \\'",
        '"""\n[x]\na = 1 \\""" " ""\n"""',
        '"""a"""""',
        "'''\n[[y]]\n'a' = 1''''",
    ]
)


@st.composite
def spelled_keys(draw: st.DrawFn) -> str:
    parts = draw(st.lists(st.sampled_from(sorted(SPELLINGS)), min_size=1, max_size=3))
    return f"{draw(SPACE)}.{draw(SPACE)}".join(SPELLINGS[part] for part in parts)


@st.composite
def arrays(draw: st.DrawFn, items: st.SearchStrategy[str]) -> str:
    shown = [draw(GAP) + item + draw(GAP) for item in draw(st.lists(items, max_size=3))]
    return f"[{','.join(shown)}{draw(GAP)}]"


@st.composite
def inline_tables(draw: st.DrawFn, items: st.SearchStrategy[str]) -> str:
    pairs = draw(st.lists(st.tuples(spelled_keys(), items), max_size=3))
    return "{" + ",".join(f" {key} = {value} " for key, value in pairs) + "}"


VALUE = st.recursive(SCALAR, lambda items: arrays(items) | inline_tables(items), max_leaves=6)
STATEMENT = st.one_of(
    st.builds("[{}]".format, spelled_keys()),
    st.builds("[[ {} ]]".format, spelled_keys()),
    st.builds("{} ={} # a comment".format, spelled_keys(), VALUE),
    st.just("# [comment]"),
)


@given(st.lists(STATEMENT, max_size=12), st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=200, deadline=None)
def test_every_key_that_the_parser_finds_stands_on_its_line(
    statements: list[str], newline: str
) -> None:
    text = _longest_valid(statements).replace("\n", newline)
    lines = locate(text)
    assert set(lines) == set(keys_of(parse(text)))
    for key, line in lines.items():
        if isinstance(key[-1], str):
            assert SPELLINGS[key[-1]] in text.split("\n")[line - 1]
        else:
            assert line >= lines[key[:-1]]


def test_every_key_of_the_sample_stands_on_its_line() -> None:
    for key, line in locate(SAMPLE).items():
        if isinstance(key[-1], str):
            assert key[-1] in SAMPLE.splitlines()[line - 1]


def _longest_valid(statements: list[str]) -> str:
    text = ""
    for statement in statements:
        try:
            parse(text + statement + "\n")
        except ValueError:
            continue
        text += statement + "\n"
    return text
