"""How dotted strings are written and passed, and what is read when functions run."""

from __future__ import annotations

import pytest

from ssot_migrate.index.strings import string_facts

from .reading import dedented, parsed, uses


def around(source: str) -> list[tuple[str, str, str, str]]:
    """The strings with what they are a part of: value, holder, key and form."""
    return [(s.value, s.holder, s.key, s.form) for s in uses(source).strings]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("X = 'a.b'", [("a.b", "X", "", "")]),
        ("X = Y = ['a.b', ('c.d',)]", [("a.b", "X", "", ""), ("c.d", "X", "", "")]),
        ("m.X = {'k': ['a.b']}", [("a.b", "m.X", "k", "")]),
        ("X: t = {'k': {'l': 'a.b'}}", [("a.b", "X", "l", "")]),
        ("X += ['a.b']", [("a.b", "X", "", "")]),
        ("X['k'] = 'a.b'", [("a.b", "X", "k", "")]),
        ("X = {'a.b': 'c.d'}", [("a.b", "X", "", "key"), ("c.d", "X", "a.b", "")]),
        ("X = {'k': {'a.b': 1}}", [("a.b", "X", "k", "key")]),
        ("X = {k: 'a.b', **{'c.d': 1}}", [("a.b", "X", "", ""), ("c.d", "X", "", "key")]),
        ("X = f(['a.b'])", [("a.b", "X", "", "")]),
        ("f(['a.b'])", [("a.b", "f", "", "")]),
        ("f(k=['a.b'])", [("a.b", "f", "k", "")]),
        ("f(g({'a.b': 1}))", [("a.b", "f", "", "key")]),
        ("f('a.b')\n'c.d'.x", [("a.b", "f", "", ""), ("c.d", "", "", "")]),
        ("x = 1\nreturn_ = ['a.b']", [("a.b", "return_", "", "")]),
    ],
)
def test_what_a_string_is_a_part_of(source: str, found: list[tuple[str, str, str, str]]) -> None:
    assert around(source) == found


@pytest.mark.parametrize(
    ("source", "value", "form"),
    [
        ("import_module('.a.b')", ".a.b", "relative"),
        ("import_module('..a')", "..a", "relative"),
        ("import_module('a')", "a", ""),
        ("import_module(f'a.b.{x}')", "a.b", "prefix"),
        ("import_module('a.' + x)", "a", "prefix"),
        ("import_module('a.b.%s' % x)", "a.b", "prefix"),
        ("import_module('a.b.{}'.format(x))", "a.b", "prefix"),
        ("patch(f'a.b.{x}')", "a.b", "prefix"),
        ("f('run = a.b:c')", "run = a.b:c", "entry"),
        ("f(['run=a:c [x, y]'])", "run=a:c [x, y]", "entry"),
        (r"filterwarnings(module=r'a\.b')", r"a\.b", "pattern"),
        (r"filterwarnings(module='^a\\.b$')", r"^a\.b$", "pattern"),
    ],
)
def test_forms(source: str, value: str, form: str) -> None:
    assert [(s.value, s.form) for s in uses(source).strings] == [(value, form)]


@pytest.mark.parametrize(
    "source",
    [
        "f('.a.b')",
        "f('a')",
        "f(f'a.b.{x}')",
        "import_module(f'a.b{x}')",
        "import_module(f'{x}.a.b')",
        "import_module(x + 'a.b.')",
        "f('x = y: z')",
        r"f(r'a\.b')",
        "x: 'a.b' = 1",
        "def f(x: 'a.b', *y: 'a.b') -> 'a.b': ...",
        "cast('a.b', x)",
        "X: TypeAlias = 'a.b'",
        "'''a.b'''",
        "class C:\n    'a.b'",
        "async def f():\n    'a.b'",
    ],
)
def test_what_is_no_path(source: str) -> None:
    assert uses(source).strings == ()


@pytest.mark.parametrize(
    "source",
    [
        "x: Literal['a.b']",
        "def f(x: Annotated[T, Depends('a.b')]): ...",
        "def f(x='a.b'): ...",
        "def f(*, x='a.b'): ...",
        "lambda x='a.b': 1",
        "lambda: 'a.b'",
        "@d('a.b')\nclass C(metaclass=M): ...",
        "class C(B['a.b']): ...",
        "[x for x in 'a.b']",
        "f'{g('a.b')}'".replace("'a.b'", '"a.b"'),
        "try: ...\nexcept E('a.b'): ...",
        "match x:\n    case 'a.b': ...",
        "with x as y['a.b']: ...",
        "for x in y: 'a.b'",
        "del x['a.b']",
        "x if 'a.b' else y",
    ],
)
def test_strings_stand_anywhere(source: str) -> None:
    assert [s.value for s in uses(source).strings] == ["a.b"]


def test_how_a_string_is_passed() -> None:
    source = """
    f("a.b", 1, create=True, **x)
    f(sys.modules, "c.d", y)
    f("K", "e.f")
    import_module(".g", package="h")
    f("i.j", *z)
    """
    told = [(s.value, s.argument, s.beside, s.keywords) for s in uses(source).strings]
    assert told == [
        ("a.b", 0, "", ("create",)),
        ("c.d", 1, "sys.modules", ()),
        ("e.f", 1, "K", ()),
        (".g", 0, "h", ("package",)),
        ("i.j", 0, "", ()),
    ]


def test_scopes_of_strings() -> None:
    source = """
    class C:
        x = "a.b"
        def f(self):
            def g():
                return "c.d"
            return [lambda: "e.f"]
    """
    assert [(s.value, s.scope) for s in uses(source).strings] == [
        ("a.b", "C"),
        ("c.d", "C.f.g"),
        ("e.f", "C.f"),
    ]


def test_strings_alone_are_the_same() -> None:
    source = """
    X = {"a.b": getattr(m, "n")}
    def f(x: "c.d" = "e.f"):
        "g.h"
        return patch("i.j")
    """
    alone = string_facts(parsed(source), dedented(source))
    both = uses(source)
    assert (alone.strings, alone.attributes) == (both.strings, both.attributes)
    assert [s.value for s in alone.strings] == ["a.b", "e.f", "i.j"]


def test_attributes_that_strings_name() -> None:
    source = """
    import a.b
    patch.object(a.b, "c", create=True)
    getattr(a.b, "d", None)
    setattr(a().b, "e", 1)
    getattr(a.b, name)
    hasattr(a, "f-g")
    other(a.b, "h")
    """
    found = uses(source)
    told = [(x.callee, x.owner, x.name, x.keywords) for x in found.attributes]
    assert told == [("patch.object", "a.b", "c", ("create",)), ("getattr", "a.b", "d", ())]
    owners = {(x.owner_line, x.owner_column) for x in found.attributes}
    assert owners <= {(r.line, r.column) for r in found.references}


def test_uses_that_wait_for_a_call() -> None:
    source = """
    import a
    a.b
    class C(a.c):
        x = a.d
        y = lambda: a.e
        def f(self, z=a.g):
            class D:
                w = a.h
            return [a.i for _ in z]
    [a.j for _ in ()]
    """
    read = {r.path: r.deferred for r in uses(source).references}
    assert read == {
        "b": False, "c": False, "d": False, "e": True, "g": False, "h": True, "i": True, "j": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def f():\n    return A", ["A"]),
        ("A = 1\ndef f():\n    return A.b(c)", ["A", "c"]),
        ("A\nclass C:\n    B", []),
        ("def f(A):\n    return A", []),
        ("def f():\n    A = 1\n    def g():\n        return A", []),
        ("def f():\n    global A\n    A = 1\n    return A", ["A"]),
        ("class C:\n    A = 1\n    def f(self):\n        return A", ["A"]),
        ("import A\ndef f():\n    return A", []),
        ("from x import *\ndef f():\n    return A", ["A"]),
        ("def f():\n    return [A for A in B]", ["B"]),
        ("def f(x: A) -> B: ...", []),
        ("f = lambda: A", ["A"]),
        ("def f():\n    return open(x)", ["open", "x"]),
    ],
)
def test_names_that_functions_read_of_their_module(source: str, names: list[str]) -> None:
    assert list(uses(f"{source}\n").late_reads) == names


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("a\ndef f(b):\n    return b, c.d, print", ["a", "c"]),
        ("a = 1\ndef f():\n    global b\n    b = a\nb", []),
        ("class K:\n    a = 1\n    def f(self): return a", ["a"]),
        ("try:\n    a\nexcept NameError:\n    b", ["b"]),
        ("with suppress(NameError):\n    a\nfrom contextlib import suppress", []),
        ("def f(x: 'a') -> b: ...", ["b"]),
    ],
)
def test_names_that_only_a_star_import_can_bind(source: str, names: list[str]) -> None:
    assert [one.name for one in uses(f"from x import *\n{source}\n").unbound] == names
    assert uses(f"{source}\n").unbound == ()
