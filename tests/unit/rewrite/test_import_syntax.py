"""Names go, come and are redirected in import statements of any layout."""

from __future__ import annotations

import ast
import re
from collections import Counter
from random import Random

import libcst as cst
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssot_migrate.rewrite.import_syntax import (
    FROM_IMPORTS,
    FromImport,
    alias_of,
    code_of,
    items_of,
    parse_import,
    redirected,
    with_names,
    without,
)
from tests.campaigns.planting import _laid_out

many = settings(max_examples=300, deadline=None, derandomize=True)


def parsed(text: str) -> FromImport:
    node = parse_import(text)
    assert isinstance(node, FROM_IMPORTS)
    return node


def names_of(text: str) -> list[str]:
    (node,) = ast.parse(text).body
    assert isinstance(node, ast.ImportFrom)
    return [f"{one.name} as {one.asname}" if one.asname else one.name for one in node.names]


def comments_of(text: str) -> Counter[str]:
    return Counter(re.findall(r"#[^\n\r]*", text))


@st.composite
def statements(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A from-import in some layout, and its names."""
    count = draw(st.integers(1, 5))
    names = [f"N{n} as a{n}" if draw(st.booleans()) else f"N{n}" for n in range(count)]
    random = Random(draw(st.integers(0, 1 << 32)))
    text = _laid_out(random, draw(st.sampled_from(["a.b", ".c", "..", ". .d"])), names)
    return draw(st.sampled_from([text, text.replace("\n", "\r\n")])), names


@many
@given(statements())
def test_text_is_given_back(made: tuple[str, list[str]]) -> None:
    text, _ = made
    assert code_of(parsed(text)) == text


@many
@given(statements(), st.data())
def test_names_go_with_their_comments(made: tuple[str, list[str]], data: st.DataObject) -> None:
    text, names = made
    node = parsed(text)
    gone = data.draw(st.sets(st.integers(0, len(names) - 1), max_size=len(names) - 1))
    left = code_of(without(node, sorted(gone)))
    assert names_of(left) == [name for n, name in enumerate(names) if n not in gone]
    items = items_of(node)
    taken = Counter(
        comment
        for n in gone
        for comment in (*items[n].above, *([items[n].behind] if items[n].behind else []))
    )
    assert comments_of(left) + taken == comments_of(text)
    assert set(re.findall(r"\r?\n", left)) <= set(re.findall(r"\r?\n", text))


@many
@given(statements(), st.lists(st.sampled_from(["New", "Newer as n"]), min_size=1, max_size=3))
def test_names_come_and_nothing_else_changes(made: tuple[str, list[str]], added: list[str]) -> None:
    text, names = made
    parts = [name.partition(" as ") for name in added]
    aliases = [alias_of(name, bound or None) for name, _, bound in parts]
    longer = code_of(with_names(parsed(text), aliases))
    assert names_of(longer) == names + added
    assert comments_of(longer) == comments_of(text)
    assert set(re.findall(r"\r?\n", longer)) <= set(re.findall(r"\r?\n", text))


@many
@given(statements(), st.sampled_from([(0, "x.y"), (1, "x"), (2, ""), (3, "x.y"), (1, "")]))
def test_another_module_leaves_the_names_as_they_are(
    made: tuple[str, list[str]], target: tuple[int, str]
) -> None:
    text, names = made
    moved = code_of(redirected(parsed(text), *target))
    assert names_of(moved) == names
    (node,) = ast.parse(moved).body
    assert isinstance(node, ast.ImportFrom)
    assert (node.level, node.module or "") == target
    assert moved.partition("import")[2] == text.partition("import")[2]


@pytest.mark.parametrize(
    ("before", "gone", "after"),
    [
        ("from m import a, b", [0], "from m import b"),
        ("from m import a, b", [1], "from m import a"),
        ("from m import a,b,c", [1], "from m import a,c"),
        ("from m import (a, b)", [1], "from m import (a)"),
        ("from m import (a, b,)", [1], "from m import (a,)"),
        ("from m import (a,\n               b)", [0], "from m import (b)"),
        ("from m import (a,\n               b)", [1], "from m import (a)"),
        ("from m import (\n    a, b,\n    c,\n)", [0], "from m import (\n    b,\n    c,\n)"),
        ("from m import (\n    a, b,\n    c,\n)", [1], "from m import (\n    a,\n    c,\n)"),
        ("from m import (\n    a,\n    b, c\n)", [1], "from m import (\n    a,\n    c\n)"),
        ("from m import (\n    a,\n    b, c\n)", [1, 2], "from m import (\n    a\n)"),
        (
            "from m import (  # m\n    a,  # a\n    b,  # b\n)",
            [0],
            "from m import (  # m\n    b,  # b\n)",
        ),
        (
            "from m import (  # m\n    a,  # a\n    b,  # b\n)",
            [1],
            "from m import (  # m\n    a,  # a\n)",
        ),
        (
            "from m import (\n    # a\n    a,\n    # b\n    b,\n)",
            [0],
            "from m import (\n    # b\n    b,\n)",
        ),
        (
            "from m import (\n    # a\n    a,\n    # b\n    b,\n)",
            [1],
            "from m import (\n    # a\n    a,\n)",
        ),
        (
            "from m import (\n    a,\n    b,\n    # end\n)",
            [1],
            "from m import (\n    a,\n    # end\n)",
        ),
        ("from m import a, \\\n    b", [1], "from m import a"),
        ("from m import a, \\\n    b", [0], "from m import b"),
        ("from m import (\n    a\n    , b\n    , c\n)", [1], "from m import (\n    a\n    , c\n)"),
    ],
)
def test_layout_of_what_stays(before: str, gone: list[int], after: str) -> None:
    assert code_of(without(parsed(before), gone)) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from m import a", "from m import a, n"),
        ("from m import a,b", "from m import a,b,n"),
        ("from m import (a, b)", "from m import (a, b, n)"),
        ("from m import (a, b,)", "from m import (a, b, n,)"),
        ("from m import (\n    a,\n)", "from m import (\n    a,\n    n,\n)"),
        ("from m import (\n    a,  # a\n)", "from m import (\n    a,  # a\n    n,\n)"),
        ("from m import (\n    a,\n    b\n)", "from m import (\n    a,\n    b,\n    n\n)"),
        (
            "from m import (a,\n               b)",
            "from m import (a,\n               b,\n               n)",
        ),
        ("from m import (\n    a,\n    # end\n)", "from m import (\n    a,\n    n,\n    # end\n)"),
    ],
)
def test_layout_of_what_comes(before: str, after: str) -> None:
    assert code_of(with_names(parsed(before), [alias_of("n", None)])) == after


@pytest.mark.parametrize("text", ["import a", "lazy import a", "lazy from a import b"])
def test_every_kind_of_import_is_parsed(text: str) -> None:
    node = parse_import(text)
    assert node is not None
    assert code_of(node) == text


@pytest.mark.parametrize("text", ["x = 1", "import a; import b", "if x: import a", ""])
def test_what_is_no_single_import_is_none(text: str) -> None:
    if text:
        assert parse_import(text) is None
    else:
        assert parse_import("pass") is None


def test_alias_may_be_dotted() -> None:
    node = cst.Import([alias_of("a.b", "c")])
    assert code_of(node) == "import a.b as c"
