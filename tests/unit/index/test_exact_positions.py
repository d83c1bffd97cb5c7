"""Where a use stands, also in f-strings, quoted annotations and type comments."""

from __future__ import annotations

import ast

import pytest

from ssot_migrate.index.extract import module_facts
from ssot_migrate.index.uses import use_facts

USES = [
    ("plain", "x = m.a.T()", ["m.a.T"]),
    ("behind characters that take several bytes", "é = 'ü', m.T", ["m.T"]),
    ("an f-string", "x = f'{m.a.T!r:>{m.width}}'", ["m.a.T", "m.width"]),
    ("the same field twice", "x = f'{m.T} {m.T}'", ["m.T", "m.T"]),
    ("an f-string in a field", "x = f'{m.T} {f\"{m.U}\"}'", ["m.T", "m.U"]),
    ("doubled braces", "x = f'{{m.T}} {m.U} {{'", ["m.U"]),
    ("a debugging field", "x = f'{m.T = }'", ["m.T"]),
    ("a comparison in a field", "x = f'{m.T != m.U}'", ["m.T", "m.U"]),
    ("adjacent literals", "x = 'm.T' f'{m.T}' 'é' f'{m.U}'", ["m.T", "m.U"]),
    ("several lines", 'x = f"""\n é {m.T}\n  {m.U}"""', ["m.T", "m.U"]),
    ("a quoted annotation", "x: 'list[m.T]'", ["m.T"]),
    ("a quotation in a quotation", "x: 'list[\"m.T\"]'", ["m.T"]),
    ("a long quotation", 'x: """\n  m.T |\n  m.U\n"""', ["m.T", "m.U"]),
    ("a quotation with an escape", r"x: 'm\x2eT'", [r"'m\x2eT'"]),
    ("a quotation in two parts", "x: 'm.' 'T'", ["'m.' 'T'"]),
    ("a type comment", "x = None  # type: m.T  # why", ["m.T"]),
    ("a function's type comment", "def f(a):\n    # type: (m.T) -> m.U\n    ...", ["m.T", "m.U"]),
    ("no type comment", "x = None  # type: ignore[m.T]", []),
    ("a string that looks like one", "x = '# type: m.T'", []),
]


@pytest.mark.parametrize(("title", "code", "expected"), USES, ids=[use[0] for use in USES])
def test_positions_are_those_of_the_text(title: str, code: str, expected: list[str]) -> None:
    assert sorted(_spelled(f"import m\n{code}\n")) == sorted(expected), title


def test_a_type_comment_reads_the_scope_around_it() -> None:
    source = "def f():\n    import m\n    x = None  # type: m.T\ny = None  # type: m.U\n"
    assert _spelled(source) == ["m.T"]


def _spelled(source: str) -> list[str]:
    """The text at the position of every use."""
    data = source.encode()
    tree = ast.parse(data)
    lines = source.split("\n")
    uses = use_facts(tree, data, module_facts(tree, data).imports)
    return [
        lines[use.line - 1][use.column - 1 : use.end_column - 1]
        for use in uses.references
        if use.line == use.end_line
    ]
