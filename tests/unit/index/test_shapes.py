"""Shapes: members, signatures and outlines of top-level definitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ssot_migrate.index.shapes import shape_facts

from .reading import parsed

if TYPE_CHECKING:
    from ssot_migrate.index.facts import Shape, Signature


def shapes(source: str) -> dict[str, Shape]:
    return {shape.name: shape for shape in shape_facts(parsed(source)).shapes}


def signature(header: str) -> str:
    (shape,) = shapes(f"{header}: ...").values()
    assert shape.signature is not None
    return shown(shape.signature)


def shown(of: Signature | None) -> str:
    if of is None:
        return ""
    rows = [f"{p.kind} {p.name}{'=' + p.default if p.default else ''}" for p in of.parameters]
    return f"({', '.join(row.strip() for row in rows)}) {of.returns}"


def members(source: str) -> list[str]:
    (shape,) = shapes(source).values()
    return [f"{m.kind} {m.name}{shown(m.signature)}" for m in shape.members]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("def f()", "() value"),
        ("def f(a, b=1)", "(a, b=1) value"),
        ("def f(a, /, b, *, c, d=None)", "(/ a, b, kw c, kw d=None) value"),
        ("def f(a=1, /, b='x')", "(/ a=1, b='x') value"),
        ("def f(*args, c, **kw)", "(*args args, kw c, **kwargs kw) value"),
        ("def f(a: int = -1, b=x.Y, c=make(), d=[])", "(a=-1, b=x.Y, c=..., d=...) value"),
        ("def f(a=True, b=..., c=-x)", "(a=True, b=Ellipsis, c=-x) value"),
        (f"def f(a=0x{'f' * 5000})", f"(a=0x{'f' * 78}) value"),
        ("async def f(a)", "(a) awaitable"),
    ],
)
def test_signatures_of_functions(header: str, expected: str) -> None:
    assert signature(header) == expected


@pytest.mark.parametrize(
    ("source", "returns"),
    [
        ("def f():\n  yield 1", "generator"),
        ("def f():\n  x = yield", "generator"),
        ("def f():\n  if x:\n    while y:\n      yield from z", "generator"),
        ("def f():\n  try: ...\n  finally:\n    yield 1", "generator"),
        ("def f():\n  match x:\n    case 1:\n      yield 1", "generator"),
        ("def f():\n  def g():\n    yield 1", "value"),
        ("def f():\n  return lambda: (yield)", "value"),
        ("async def f():\n  yield 1", "async generator"),
        ("@contextmanager\ndef f():\n  yield 1", "context"),
        ("@contextlib.asynccontextmanager\nasync def f():\n  yield 1", "async context"),
    ],
)
def test_how_a_function_returns(source: str, returns: str) -> None:
    of = shapes(source)["f"].signature
    assert of is not None
    assert of.returns == returns


def test_members_of_a_class() -> None:
    source = """
    class A:
        constant = 1
        declared: int
        given: int = 2
        def method(self, a, *, b): ...
        async def later(self): ...
        @staticmethod
        def static(a): ...
        @classmethod
        def make(cls, a): ...
        def __new__(cls, a): ...
        def __class_getitem__(cls, a): ...
        @property
        def value(self): ...
        @value.setter
        def value(self, new): ...
        @functools.cached_property
        def cached(self): ...
        alias = method
        other = outside
    """
    assert members(source) == [
        "attribute constant",
        "attribute declared",
        "attribute given",
        "method method(a, kw b) value",
        "method later() awaitable",
        "static static(a) value",
        "class make(a) value",
        "class __new__(a) value",
        "class __class_getitem__(a) value",
        "property value() value",
        "property cached() value",
        "method alias(a, kw b) value",
        "attribute other",
    ]


def test_the_last_definition_of_a_member_counts() -> None:
    source = """
    class A:
        @overload
        def f(self, a: int): ...
        @overload
        def f(self, a: str): ...
        def f(self, a, b=1): ...
        g = None
        def g(self): ...
    """
    assert members(source) == ["method f(a, b=1) value", "method g() value"]


def test_a_method_without_a_named_self_keeps_its_parameters() -> None:
    assert members("class A:\n  def f(*args): ...\n") == ["method f(*args args) value"]


def test_shapes_of_every_suite_of_the_top_level() -> None:
    source = """
    if x:
        class A: ...
    else:
        def b(): ...
    try:
        class C: ...
    except ImportError:
        class D: ...
    with x:
        class E: ...
    for x in y:
        def f(): ...
    while x:
        def g(): ...
    match x:
        case 1:
            def h(): ...
    def outer():
        def inner(): ...
    """
    assert [*shapes(source)] == ["A", "b", "C", "D", "E", "f", "g", "h", "outer"]


def test_a_shape_tells_its_frame() -> None:
    source = "@deco\n@m.made(1)\nclass A(B, c.D, make()):\n    x = 1\n"
    shape = shapes(source)["A"]
    assert (shape.kind, shape.line, shape.end_line) == ("class", 3, 4)
    assert shape.decorators == ("deco", "m.made")
    assert shape.bases == ("B", "c.D")


def test_outlines_are_equal_for_equal_structure() -> None:
    one = """
    def f(a):
        '''Doc.'''
        for x in a:
            if x: print(x)
            else: return 1
        try: y = 2
        except E: raise
        with open(a) as z: del z
    """
    other = """
    def g(items):
        for item in items:
            if not item:
                log.info(item)
            else:
                return None
        try:
            total: int = 3
        except (E, F) as error:
            raise X from error
        with lock:
            del total
    """
    assert shapes(one)["f"].outline == shapes(other)["g"].outline == "f(i(e)(r))t(a)(x)c(d)"
