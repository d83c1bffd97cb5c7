"""Attribute chains, calls, annotations and strings."""

from __future__ import annotations

import pytest

from .reading import references, uses


@pytest.mark.parametrize(
    ("source", "read"),
    [
        ("import a.b.c\na.b.c.f()", ["2: a.b.c.f()"]),
        ("import a.b.c as x\nx.f().g.h", ["2: a.b.c.f()"]),
        ("from a import b\nb.c.d(b.e)", ["2: a.b.c.d()", "2: a.b.e"]),
        ("from .a import b\nb[0].c", ["2: .a.b"]),
        ("from . import a\na.b", ["2: ..a.b"]),
        ("from a import b\nb.c = b.d\nb.c += 1\ndel b.c",
         ["2: a.b.c", "2: a.b.d", "3: a.b.c", "4: a.b.c"]),
        ("import a\nf'{a.b!r:>{a.c}} {a.d()}'", ["2: a.b", "2: a.c", "2: a.d()"]),
        ("import a\n(a).b\n(a\n .b\n .c)", ["2: a.b", "3: a.b.c"]),
        ("import a\na.b(a=a)(a)", ["2: a.b()", "2: a", "2: a"]),
        ("import a\nx.a.b\na().b", ["3: a()"]),
        ("import a\n@a.b\n@a.c(1)\nclass D(a.E, k=a.F): ...",
         ["2: a.b", "3: a.c()", "4: a.E", "4: a.F"]),
        ("import a\nawait a.b", ["2: a.b"]),
        ("import a\n-a.b + a.c", ["2: a.b", "2: a.c"]),
    ],
)  # fmt: skip
def test_chains_of_attributes(source: str, read: list[str]) -> None:
    assert references(source) == read


def test_of_several_imports_of_one_package_the_one_that_is_spelled_is_meant() -> None:
    source = "import a.b\nimport a.c\nimport a\na.b.f(), a.c.g, a.h\n"
    modules = ["a.b", "a.c", "a"]
    assert [modules[use.imported] for use in uses(source).references] == ["a.b", "a.c", "a"]


def test_spans_count_characters_and_lines() -> None:
    source = "import a\nx = 'é', a.b(\n  1), (a\n  .c)\n"
    spans = [(u.line, u.column, u.end_line, u.end_column) for u in uses(source).references]
    assert spans == [(2, 10, 2, 13), (3, 8, 4, 5)]


@pytest.mark.parametrize(
    ("annotation", "read"),
    [
        ("T", ["2: m.T"]),
        ("'T'", ["2: 'm.T'"]),
        ("list['T']", ["2: 'm.T'"]),
        ("'list[T]'", ["2: 'm.T'"]),
        ("'T | None'", ["2: 'm.T'"]),
        ("int | 'T'", ["2: 'm.T'"]),
        ("'T.Inner'", ["2: 'm.T.Inner'"]),
        ("'a.b.T'", []),
        ("dict[str, 'list[\"T\"]']", ["2: 'm.T'"]),
        ("Callable[['T'], 'T']", ["2: 'm.T'", "2: 'm.T'"]),
        ("Literal['T']", []),
        ("Literal['T'] | T", ["2: m.T"]),
        ("dict[Literal['T'], 'T']", ["2: 'm.T'"]),
        ("'Literal[\"T\"]'", []),
        ("Annotated['T', 'T']", ["2: 'm.T'"]),
        ("Annotated[T, Doc('T'), T]", ["2: m.T", "2: m.T"]),
        ("t.Annotated[int, T()]", ["2: m.T()"]),
        ("Annotated[int, lambda T: T]", []),
        ("Annotated[int, [T for T in x]]", []),
        ("'Annotated[T, Doc(\"T\")]'", ["2: 'm.T'"]),
        ("'not code'", []),
        ("'T('", []),
        ("'  T  '", ["2: 'm.T'"]),
        ("'''\n    T |\n    None\n'''", ["3: 'm.T'"]),
        (r"'T[\d]'", []),
    ],
)
def test_annotations_are_code_also_in_quotes(annotation: str, read: list[str]) -> None:
    source = f"from m import T\nx: {annotation}\n"
    if "\\d" not in annotation:
        assert references(source) == read
        assert references(f"from m import T\ndef f(x: {annotation}): ...\n") == read
        assert references(f"from m import T\ndef f() -> {annotation}: ...\n") == read


def test_a_quoted_annotation_sees_the_complete_module() -> None:
    assert references("def f(x: 'T'): ...\nfrom m import T\n") == ["1: 'm.T'"]
    assert references("from m import T\nx: 'T'\nfrom n import T\n") == ["2: 'n.T'"]


@pytest.mark.parametrize(
    ("call", "read"),
    [
        ("cast('T', x)", ["2: 'm.T'"]),
        ("typing.cast('list[T]', 'T')", ["2: 'm.T'"]),
        ("cast(T, x)", ["2: m.T"]),
        ("TypeVar('T', bound='T')", ["2: 'm.T'"]),
        ("TypeVar('T', 'T', 'list[T]')", ["2: 'm.T'", "2: 'm.T'"]),
        ("NewType('T', 'T')", ["2: 'm.T'"]),
        ("ForwardRef('T')", ["2: 'm.T'"]),
        ("assert_type(x, 'T')", ["2: 'm.T'"]),
        ("other('T')", []),
    ],
)
def test_calls_that_take_types(call: str, read: list[str]) -> None:
    assert references(f"from m import T\n{call}\n") == read


def test_an_explicit_alias_may_be_quoted() -> None:
    assert references("from m import T\nA: TypeAlias = 'T'\nB: str = 'T'\n") == ["2: 'm.T'"]


def test_strings_that_read_as_dotted_paths() -> None:
    source = """
    '''pkg.docstring'''
    patch("a.b", new="c.d")
    x = ["e.f", "g.h:I.j", "plain", "not a.path", "k.l.", ".m.n", "1.2", "o-p.q"]
    def f(a="r.s"):
        '''t.u'''
        return import_module("v.w", package="x.y")
    f"z.a{x}b.c"
    """
    read = uses(source).strings
    assert [s.value for s in read] == [
        "a.b", "c.d", "e.f", "g.h:I.j", "r.s", "v.w", "x.y",
    ]  # fmt: skip
    told = [(s.value, s.callee, s.argument, s.keyword, s.scope) for s in read if s.callee]
    assert told == [
        ("a.b", "patch", 0, "", ""),
        ("c.d", "patch", -1, "new", ""),
        ("v.w", "import_module", 0, "", "f"),
        ("x.y", "import_module", -1, "package", "f"),
    ]


def test_a_string_spans_its_literal() -> None:
    (string,) = uses("é = 'ü'; patch(r'a.b')\n").strings
    assert (string.line, string.column, string.end_column) == (1, 16, 22)
