"""Files whose grammar is newer than the interpreter: LibCST reads them."""

from __future__ import annotations

import ast

import pytest

from ssot_migrate.index.downgrade import downgrade, parse_newer
from ssot_migrate.index.extract import module_facts
from ssot_migrate.index.facts import ModuleFacts, Unparsable
from ssot_migrate.index.parse import may_be_newer_syntax, parse
from ssot_migrate.index.uses import use_facts

from .reading import dedented, words


def tree_of(source: str) -> ast.Module:
    tree = parse_newer(dedented(source))
    assert isinstance(tree, ast.Module), tree
    return tree


def facts(source: str) -> ModuleFacts:
    return module_facts(tree_of(source), dedented(source))


def chains(source: str) -> list[tuple[int, int, str]]:
    """Line, column and attributes of the references to imports."""
    data = dedented(source)
    read = use_facts(tree_of(source), data, facts(source).imports)
    return [(use.line, use.column, use.path) for use in read.references]


def test_pep_810_lazy_imports() -> None:
    read = facts("lazy import a.b, c as d\nx = 1; lazy from .e import (\n  f,\n)\nimport g\n")
    assert [(i.bound, i.line, i.column, i.end_line, i.end_column) for i in read.imports] == [
        ("a", 1, 1, 1, 24),
        ("d", 1, 1, 1, 24),
        ("f", 2, 8, 4, 2),
        ("g", 5, 1, 5, 9),
    ]
    assert [words(i.context) for i in read.imports] == ["lazy", "lazy", "lazy", ""]


def test_pep_646_stars_in_annotations_and_subscripts() -> None:
    source = "import a\ndef f(*args: *a.T): ...\nx = y[ * a.U, a.V]\n"
    assert chains(source) == [(2, 15, "T"), (3, 10, "U"), (3, 15, "V")]


def test_lazy_is_also_a_name() -> None:
    assert [i.bound for i in facts("lazy = 1\nfrom lazy import lazy\n").imports] == ["lazy"]


@pytest.mark.parametrize(
    ("source", "read"),
    [
        ('import a\nf"{a.b["k"]} é {a.c!r:>{a.d["w"]}} {a.e}"\n',
         [(2, 4, "b"), (2, 17, "c"), (2, 25, "d"), (2, 37, "e")]),
        ('import a\nx = f"é{a.b["é"]}", a.c\n', [(2, 9, "b"), (2, 21, "c")]),
        ('import a\nf"{f"{f"{f"{a.b}"}"}"}"\n', [(2, 13, "b")]),
        ('import a\nf"{\n  a.b["k"]  # why\n}"; a.c\n', [(3, 3, "b"), (4, 5, "c")]),
        ('import a\nx = ("p" f"{a.b["k"]}"\n     f"{a.c}" "q")\n', [(2, 13, "b"), (3, 9, "c")]),
        ('import a\nf"{a.b["k"]=} {a.c["k"]:{a.d}}"\n', [(2, 4, "b"), (2, 16, "c"), (2, 26, "d")]),
        ('import a\nt"{a.b} and {a.c!r}"\n', [(2, 4, "b"), (2, 14, "c")]),
        ('import a\nf"""\n{a.b["""k"""]}\n"""\na.c\n', [(3, 2, "b"), (5, 1, "c")]),
    ],
)  # fmt: skip
def test_pep_701_and_750_strings_keep_what_they_read(
    source: str, read: list[tuple[int, int, str]]
) -> None:
    assert chains(source) == read


def test_pep_695_type_parameters_keep_lines_and_columns() -> None:
    source = """
    import old
    def f[T, *Ts, **P](x: old.T) -> old.U: ...
    class A[T: (
        int,
        str,
    ) = int](old.Base): ...
    class B[T]:
        pass
    async def g[T](): ...
    """
    read = facts(source)
    assert [(d.name, d.line, d.end_line) for d in read.definitions] == [
        ("f", 2, 2), ("A", 3, 6), ("B", 7, 8), ("g", 9, 9),
    ]  # fmt: skip
    assert chains(source) == [(2, 23, "T"), (2, 33, "U"), (6, 10, "Base")]


def test_pep_695_aliases_are_things_of_their_own() -> None:
    read = facts("import old\ntype A[T] = old.T\ntype B = int; import q\n")
    assert [(b.kind, b.name, b.line) for b in read.bindings if b.name in "AB"] == [
        ("value", "A", 2), ("value", "B", 3),
    ]  # fmt: skip
    assert chains("import old\ntype A[T] = old.T\n") == [(2, 13, "T")]


def test_pep_758_handlers_without_parentheses() -> None:
    source = """
    try:
        import a
    except ValueError, ImportError:
        import b
    try: ...
    except* A, B: ...
    """
    assert {i.bound: words(i.context) for i in facts(source).imports} == {
        "a": "try",
        "b": "handler",
    }


def test_the_newest_and_the_oldest_syntax_in_one_file() -> None:
    source = """
    # -*- coding: utf-8 -*-
    from __future__ import annotations
    lazy from new import A
    match x:
        case {"é": 1}: import b
    print(f"{x["é"]}"); import c
    def f(*, a, b=1, **k): return lambda *x: (yield)
    """
    read = facts(source)
    assert [(i.bound, i.line, i.column) for i in read.imports] == [
        ("annotations", 2, 1), ("A", 3, 1), ("b", 5, 20), ("c", 6, 21),
    ]  # fmt: skip


def test_older_syntax_comes_out_as_it_was() -> None:
    source = dedented(
        """
        import a  # why
        f"{a.b!r:>{a.c}}" 'x' f'{a}'
        class A(B): ...
        def f(): ...
        try: ...
        except (A, B): ...
        """
    )
    assert downgrade(source) == source


def test_latin_1_survives() -> None:
    source = "# coding: latin-1\nx = 'é'; lazy import a\n".encode("latin-1")
    tree = parse_newer(source)
    assert isinstance(tree, ast.Module)
    assert [i.column for i in module_facts(tree, source).imports] == [10]


@pytest.mark.parametrize(
    ("message", "line", "may_be"),
    [
        ("invalid syntax", 1, True),
        ("f-string: expecting '}'", 3, True),
        ("f-string: expressions nested too deeply", 3, True),
        ("too many nested parentheses", 1, False),
        ("too many levels of indentation", 9, False),
        ("source code cannot contain null bytes", 0, False),
    ],
)
def test_which_failures_are_worth_another_grammar(message: str, line: int, *, may_be: bool) -> None:
    assert may_be_newer_syntax(Unparsable(message, line)) is may_be


@pytest.mark.parametrize("source", [b"def f(:\n", b"print 'x'\n", b"x = 1 \x00 lazy\n"])
def test_what_is_no_python_at_all_stays_unparsable(source: bytes) -> None:
    assert isinstance(parse(source), Unparsable)
    with pytest.raises(Exception) as raised:  # noqa: PT011 - LibCST's errors share no base class
        assert isinstance(parse_newer(source), ast.Module)
    assert raised.type.__module__.startswith("libcst") or raised.type is AssertionError
