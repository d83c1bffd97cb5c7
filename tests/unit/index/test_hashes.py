"""Structural hashes: equal for copies under other names, different for other behaviour."""

from __future__ import annotations

import ast
import random

import pytest

from ssot_migrate.index.hashes import hash_facts, structural_hash
from ssot_migrate.index.shapes import top_level_definitions

from .reading import parsed

FUNCTION = """
def total(items, limit=10, *, scale=1.5):
    '''Add up.'''
    count = 0
    for item in items:
        if item.size > limit:
            count += item.size * scale
        else:
            log.info("skip %s", item)
    def inner(extra):
        nonlocal count
        count = count + extra
    match items:
        case [first, *rest]:
            inner(first)
        case {"key": value, **others}:
            inner(value)
    try:
        return [other.name for other in items if (kept := other)]
    except ValueError as error:
        raise Wrong(error) from None
"""

CLASS = """
class Emitter(Base):
    '''Emit.'''
    limit: int = 3

    def __init__(self, user):
        self.user = user

    async def send(self, event, **data):
        await self.bus.publish(event, user=self.user, **data)
"""


def digest(source: str) -> str:
    (definition,) = top_level_definitions(parsed(source).body)
    return structural_hash(definition)


def replaced(source: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        assert old in source
        source = source.replace(old, new)
    return source


@pytest.mark.parametrize(
    "pair",
    [
        ("total", "sum_up"),
        ("'''Add up.'''", "'''Other words.'''"),
        ("    '''Add up.'''\n", ""),
        ("count", "number"),
        ("items", "things"),
        ("limit", "maximum"),
        ("scale", "factor"),
        ("inner", "helper"),
        ("extra", "more"),
        ("first", "head"),
        ("rest", "tail"),
        ("others", "remaining"),
        ("value", "found"),
        ("error", "problem"),
        ("kept", "held"),
        ("count = 0", "count = 0  # start"),
        ("count = 0", "count: int = 0"),
        ("items, limit=10", "items: list[Item], limit: int = 10"),
        ("scale=1.5):", "scale=1.5) -> list[str]:"),
        ("def inner(extra)", "def inner(\n        extra,\n    )"),
    ],
)
def test_names_of_its_own_layout_and_annotations_do_not_count(pair: tuple[str, str]) -> None:
    assert digest(replaced(FUNCTION, pair)) == digest(FUNCTION)


@pytest.mark.parametrize(
    "pair",
    [
        ("count = 0", "count = 1"),
        ("count = 0", "count = False"),
        ("count = 0", "count = 0.0"),
        ("1.5", "2.5"),
        ("limit=10", "limit=None"),
        ("*, scale", "scale"),
        ("item.size >", "item.length >"),
        ("> limit", ">= limit"),
        ("* scale", "/ scale"),
        ("log.info", "log.debug"),
        ("log.info", "logger.info"),
        ("skip", "miss"),
        ("Wrong", "Right"),
        ("ValueError", "TypeError"),
        ("from None", ""),
        ("'''Add up.'''\n", "'''Add up.'''\n    print()\n"),
        ("nonlocal count", "global count"),
        ('"key"', '"name"'),
        ("def total", "async def total"),
        ("def total", "@cache\ndef total"),
        ("inner(first)", "inner(rest)"),
        ("other.name for", "other.label for"),
    ],
)
def test_behaviour_counts(pair: tuple[str, str]) -> None:
    assert digest(replaced(FUNCTION, pair)) != digest(FUNCTION)


@pytest.mark.parametrize(
    "pair",
    [("Emitter", "Sender"), ("event", "what"), ("data", "rest"), ("'''Emit.'''", "'''.'''")],
)
def test_a_class_may_be_called_anything(pair: tuple[str, str]) -> None:
    assert digest(replaced(CLASS, pair)) == digest(CLASS)


@pytest.mark.parametrize(
    "pair",
    [
        ("send", "emit"),
        ("limit", "maximum"),
        ("= 3", "= 4"),
        ("Base", "Other"),
        ("self.user = ", "self.owner = "),
        ("user=self", "owner=self"),
        ("async def", "def"),
    ],
)
def test_the_members_of_a_class_are_its_own(pair: tuple[str, str]) -> None:
    source = CLASS.replace("await ", "") if pair[0] == "async def" else CLASS
    assert digest(replaced(source, pair)) != digest(source)


def test_two_names_are_not_one_name() -> None:
    assert digest("def f(a, b):\n  return a, b\n") != digest("def f(a, b):\n  return a, a\n")
    assert digest("def f(a, b):\n  return a\n") != digest("def f(a, b):\n  return b\n")


def test_a_string_is_not_a_name() -> None:
    assert digest("def f():\n  return a\n") != digest("def f():\n  return 'a'\n")


def test_a_declared_field_is_not_an_assignment_but_its_type_does_not_count() -> None:
    assert digest("class A:\n  x: int\n") == digest("class B:\n  x: str\n")
    assert digest("class A:\n  x: int\n") != digest("class A:\n  x = 1\n")


@pytest.mark.parametrize("integer", ["0x" + "f" * 5000, "-0x" + "1" * 6000])
def test_integers_too_long_for_decimal_digits_have_hashes(integer: str) -> None:
    assert digest(f"def f():\n  return {integer}\n") != digest(f"def f():\n  return {integer}0\n")


def test_definitions_of_the_top_level_have_hashes_also_in_branches() -> None:
    body = "a = 1; b = 2; return a"
    source = f"""
    if x:
        class A:
            def inner(self): {body}
    else:
        def g(): {body}
    try:
        def f(): {body}
    except E:
        def f(): {body}
    \fdef h(): {body}
    """
    assert [name for name, _ in hash_facts(parsed(source)).hashes] == ["A", "g", "f", "f", "h"]


@pytest.mark.parametrize("seed", range(20))
def test_any_renaming_of_locals_keeps_the_hash(seed: int) -> None:
    """Rename all local names of a larger function at once, at random."""
    fresh = random.Random(seed)
    tree = parsed(FUNCTION)
    nodes = list(ast.walk(tree))
    own = {n.arg for n in nodes if isinstance(n, ast.arg)}
    own |= {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    names = {name: f"v{number}" for number, name in enumerate(fresh.sample(sorted(own), len(own)))}
    for node in nodes:
        if isinstance(node, ast.Name):
            node.id = names.get(node.id, node.id)
        elif isinstance(node, ast.arg):
            node.arg = names.get(node.arg, node.arg)
        elif isinstance(node, ast.Nonlocal):
            node.names = [names.get(name, name) for name in node.names]
    assert digest(ast.unparse(tree)) == digest(FUNCTION)
