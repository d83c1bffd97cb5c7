"""What is called on what, and where the values come from, as far as one file shows."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssot_migrate.index.call_facts import CallContext, CallFacts
from ssot_migrate.index.calls import call_facts

from .indexed import draw, index_of
from .reading import dedented, facts, parsed

if TYPE_CHECKING:
    from pathlib import Path


def calls(source: str) -> CallFacts:
    """The facts of an indented source."""
    return call_facts(parsed(source), dedented(source), facts(source).imports)


def told(found: CallFacts, number: int) -> str:
    """An origin in short: `await(call(own get))`."""
    if number < 0:
        return ""
    origin = found.origins[number]
    name = f" {origin.name}" if origin.name else ""
    inner = ", ".join(told(found, one) for one in origin.of)
    return f"{origin.kind}{name}({inner})" if inner else f"{origin.kind}{name}"


def receiver(source: str, method: str = "m") -> str:
    """The origin of what the one call of `m` is called on."""
    found = calls(source)
    (number,) = {call.receiver for call in found.calls if call.name == method}
    return told(found, number)


class TestShapes:
    @pytest.mark.parametrize(
        ("call", "shape"),
        [
            ("x.m()", (0, (), False, False)),
            ("x.m(1, 2)", (2, (), False, False)),
            ("x.m(1, a=2, b=3)", (1, ("a", "b"), False, False)),
            ("x.m(*y, 1)", (1, (), True, False)),
            ("x.m(1, *y, **z)", (1, (), True, True)),
            ("x.m(**z, a=1)", (0, ("a",), False, True)),
            ("x.m(y for y in z)", (1, (), False, False)),
        ],
    )
    def test_arguments(self, call: str, shape: tuple[object, ...]) -> None:
        (one,) = calls(call).calls
        assert (one.positional, one.keywords, one.star, one.double_star) == shape

    def test_spans_reach_from_the_receiver_to_the_parenthesis(self) -> None:
        source = "ä = (\n  x.\n  m  (1,\n  2))\n"
        (one,) = calls(source).calls
        assert (one.line, one.column, one.end_line, one.end_column) == (2, 3, 4, 5)
        assert (one.callee_end_line, one.callee_end_column) == (3, 4)

    def test_columns_count_characters(self) -> None:
        (one,) = calls("ä = 'ö' + x.m('ü')").calls
        assert (one.column, one.end_column) == (11, 19)

    @pytest.mark.parametrize(
        ("source", "context"),
        [
            ("x.m()", 0),
            ("def f(): x.m()", 0),
            ("async def f(): x.m()", CallContext.ASYNC),
            ("async def f(): await x.m()", CallContext.ASYNC | CallContext.AWAITED),
            ("async def f(): await g(x.m())", CallContext.ASYNC),
            ("async def f(): await (x.m())", CallContext.ASYNC | CallContext.AWAITED),
            ("async def f(): await x.m().n", CallContext.ASYNC),
            ("async def f(): [x.m() for a in b]", CallContext.ASYNC | CallContext.DEFERRED),
            ("async def f(): [a for a in x.m()]", CallContext.ASYNC),
            ("async def f(): lambda: x.m()", CallContext.ASYNC | CallContext.DEFERRED),
            ("async def f(): f'{x.m()}'", CallContext.ASYNC | CallContext.FORMATTED),
            ("async def f():\n  def g(): x.m()", 0),
            ("async def f():\n  class C: a = x.m()", 0),
            ("async def f():\n  def g(a=x.m()): ...", CallContext.ASYNC),
            ("def f():\n  async def g(a=x.m()): ...", 0),
        ],
    )
    def test_contexts(self, source: str, context: int) -> None:
        (one,) = (call for call in calls(source).calls if call.name == "m")
        assert one.context == context

    def test_scopes_and_receivers_in_short(self) -> None:
        source = """
        class A:
            def f(self):
                self.x.m()
                get().m()
                (await get(1)).m()
                d["a"].m()
                (a or b).m()
        """
        found = [call for call in calls(source).calls if call.name == "m"]
        assert {call.scope for call in found} == {"A.f"}
        assert [call.shown for call in found] == ["self.x", "get()", "get()", "d[…]", "…"]

    def test_in_f_strings_positions_are_the_code_s(self) -> None:
        (one,) = calls("f'a {x.m()!r:>{y}} b'").calls
        assert (one.line, one.column, one.end_column) == (1, 6, 11)


ORIGINS = [
    ("X().m()", "call(own X)"),
    ("x = X()\nx.m()", "own x"),
    ("def f():\n  x = X()\n  x.m()", "call(own X)"),
    ("async def f():\n  x = await get()\n  x.m()", "await(call(own get))"),
    ("async def f():\n  (await get()).m()", "await(call(own get))"),
    ("def f():\n  get().m()", "call(own get)"),
    ("def f(x: X):\n  x.m()", "instance(own X)"),
    ("def f(x: 'X'):\n  x.m()", "instance(own X)"),
    ("def f(x: a.X):\n  x.m()", "instance(attribute X(own a))"),
    ("def f(x: Optional[X]):\n  x.m()", "any(instance(own X), none)"),
    ("def f(x: X | None = None):\n  x.m()", "any(instance(own X), none)"),
    ("def f(x: 'X | None'):\n  x.m()", "any(instance(own X), none)"),
    ("def f(x: Union[X, Y]):\n  x.m()", "any(instance(own X), instance(own Y))"),
    ("def f(x: Annotated[X, 1]):\n  x.m()", "instance(own X)"),
    ("def f(x: type[X]):\n  x().m()", "call(type(own X))"),
    ("def f(x: Callable[[int], X]):\n  x().m()", "call(gives call(instance(own X)))"),
    ("def f(x: Awaitable[X]):\n  (await x).m()", "await(gives await(instance(own X)))"),
    ("def f(x: Final[X]):\n  x.m()", "instance(own X)"),
    ("def f():\n  x: X = get()\n  x.m()", "declared(instance(own X), call(own get))"),
    ("def f():\n  x: X\n  x.m()", "instance(own X)"),
    ("def f(x=Depends(get)):\n  x.m()", "depends(own get)"),
    ("def f(x: X = Depends(get)):\n  x.m()", "declared(instance(own X), depends(own get))"),
    ("def f(x: X = Depends()):\n  x.m()", "declared(instance(own X), depends(own X))"),
    (
        "def f(x: Annotated[X, Depends(get)]):\n  x.m()",
        "declared(instance(own X), depends(own get))",
    ),
    ("def f():\n  with X() as x: x.m()", "enter(call(own X))"),
    ("async def f():\n  async with get() as x: x.m()", "aenter(call(own get))"),
    ("def f():\n  if (x := X()): x.m()", "call(own X)"),
    ("def f():\n  [x := X() for a in b]\n  x.m()", "call(own X)"),
    ("def f():\n  x, y = X(), Y()\n  x.m()", "call(own X)"),
    ("def f():\n  x = y = X()\n  x.m()", "call(own X)"),
    ("def f(a):\n  x = X() if a else Y()\n  x.m()", "any(call(own X), call(own Y))"),
    ("def f():\n  x = None\n  x = X()\n  x.m()", "any(none, call(own X))"),
    ("def f():\n  x = X()\n  x = X()\n  x.m()", "any(call(own X), call(own X))"),
    ("def f():\n  x = X()\n  x = x or Y()\n  x.m()", "any(call(own X), call(own Y))"),
    ("def f():\n  x = X()\n  def g(): x.m()", "call(own X)"),
    ("def f():\n  from a import X\n  X().m()", "call(import X)"),
    ("def f():\n  class X: ...\n  X().m()", "call(local f.X)"),
    ("def f():\n  x = cast(X, y)\n  x.m()", "instance(own X)"),
    ("def f():\n  x = asyncio.run(get())\n  x.m()", "await(call(own get))"),
    ("async def f():\n  x = await asyncio.wait_for(get(), 1)\n  x.m()", "await(call(own get))"),
    ("def f():\n  Mock(spec=X).m()", "mock(own X)"),
    ("def f():\n  create_autospec(X).m()", "mock(own X)"),
    ("def f():\n  Mock().m()", "mock"),
    ("class A:\n  def f(self): self.m()", "self A"),
    ("class A:\n  def f(self): self.x.m()", "attribute x(self A)"),
    ("class A:\n  def f(this): this.m()", "self A"),
    ("class A:\n  def f(self):\n    def g(): self.m()", "self A"),
    ("class A:\n  @classmethod\n  def f(cls): cls().m()", "call(class A)"),
    ("class A:\n  def __new__(cls): cls.m()", "class A"),
    ("class A:\n  def f(self): super().m()", "super A"),
    ("class A:\n  def f(self, x: Self): x.m()", "self A"),
    ("def test(x):\n  x.m()", "fixture x"),
    ("class T:\n  def test(self, x):\n    x.m()", "fixture x(local T)"),
    ("@pytest.fixture\ndef y(x):\n  x.m()", "fixture x"),
    ("{}.m()", "literal"),
    ("def f(*x):\n  x.m()", "literal"),
]


class TestOrigins:
    @pytest.mark.parametrize(("source", "origin"), ORIGINS)
    def test_of_what_shows_a_type(self, source: str, origin: str) -> None:
        assert receiver(source) == origin

    @pytest.mark.parametrize(
        ("source", "why"),
        [
            ("def f(x):\n  x.m()", "`x` is a parameter without annotation"),
            ("def f(x=X()):\n  x.m()", "`x` is a parameter without annotation"),
            (
                "class A:\n  @staticmethod\n  def f(x): x.m()",
                "`x` is a parameter without annotation",
            ),
            ("def f(x: Any):\n  x.m()", "`x` is annotated as `Any`"),
            ("def f(x: 'no type'):\n  x.m()", "`x` has an annotation that cannot be read"),
            ("def f():\n  for x in y: x.m()", "`x` is bound in a loop"),
            ("def f():\n  [x.m() for x in y]", "`x` is bound in a loop"),
            ("def f():\n  x, y = z\n  x.m()", "`x` is taken out of a sequence"),
            ("def f():\n  x, *y = X(), Y()\n  x.m()", "`x` is taken out of a sequence"),
            ("def f():\n  with X() as (x, y): x.m()", "`x` is taken out of a sequence"),
            ("def f():\n  try: ...\n  except E as x: x.m()", "`x` is an exception"),
            ("def f():\n  match y:\n    case x: x.m()", "`x` is matched by a pattern"),
            ("def f():\n  x = X()\n  x += 1\n  x.m()", "`x` is changed in place"),
            ("def f():\n  x = X()\n  for x in y: ...\n  x.m()", "`x` is bound in a loop"),
            ("def f(x):\n  x = X()\n  x.m()", "`x` is a parameter without annotation"),
            ("def f():\n  d['a'].m()", "`d[…]` is an element of a container"),
            ("def f():\n  x = x.y\n  x.m()", "`x` is bound to a part of itself"),
            ("def f():\n  x = y\n  y = x\n  x.m()", "`x` is bound in a circle"),
            ("lambda x: x.m()", "`x` is a parameter of a lambda"),
            ("def f():\n  (a + b).m()", "the type of `…` cannot be told"),
            (
                "@pytest.mark.parametrize('y, x', [])\ndef test(x):\n  x.m()",
                "`x` is a parameter with values of its own",
            ),
            (
                "@pytest.mark.parametrize(('x',), [])\nclass T:\n  def test(self, x):\n    x.m()",
                "`x` is a parameter with values of its own",
            ),
            ("@patch('a.b')\ndef test(x):\n  x.m()", "`x` is a parameter without annotation"),
        ],
    )
    def test_of_what_does_not(self, source: str, why: str) -> None:
        assert receiver(source) == f"unknown {why}"

    def test_a_module_s_name_is_left_to_whoever_sees_the_tree(self) -> None:
        source = """
        from a import X
        x = None
        def get():
            global x
            x = X()
            return x
        get().m()
        """
        found = calls(source)
        assert receiver(source) == "call(own get)"
        assert [(name, told(found, one)) for name, one in found.values] == [
            ("x", "any(none, call(own X))")
        ]
        (function,) = found.functions
        assert [told(found, one) for one in function.returned] == ["own x"]

    def test_a_nonlocal_name_has_the_bindings_of_both_functions(self) -> None:
        source = """
        def f():
            x = None
            def g():
                nonlocal x
                x = X()
            x.m()
        """
        assert receiver(source) == "any(none, call(own X))"

    def test_a_class_s_own_name_is_not_seen_in_its_methods(self) -> None:
        source = """
        class A:
            x = X()
            def f(self):
                x.m()
        """
        assert receiver(source) == "own x"

    @pytest.mark.skipif(sys.version_info < (3, 12), reason="PEP 695 is newer")
    def test_type_parameters_and_aliases(self) -> None:
        assert "cannot be followed" in receiver("def f[T: X](x: T):\n  x.m()")
        source = "class T: ...\nclass A[T]:\n  def f(self, x: T):\n    x.m()"
        assert "cannot be followed" in receiver(source)
        found = calls("type D = X | None\n")
        assert [(name, told(found, one)) for name, one in found.values] == [
            ("D", "alias(any(instance(own X), none))")
        ]

    def test_long_chains_end(self) -> None:
        source = "def f():\n  x0 = X()\n"
        source += "".join(f"  x{n + 1} = x{n}.a\n" for n in range(200)) + "  x200.m()\n"
        assert receiver(source).endswith("is nested too deeply")


class TestClassesAndFunctions:
    def test_attributes_have_all_their_assignments(self) -> None:
        source = """
        @dataclass
        class A(B, c.D, Generic[T]):
            x: X
            y: Y | None = None
            z = Z()
            def __init__(self, p: P, q):
                self.p = p or P()
                self.q = q
                self.x = X()
                self.r: R = get()
            def method(self): ...
        A.late = L()
        """
        found = calls(source)
        (only,) = found.classes
        assert [told(found, one) for one in only.bases] == [
            "own B",
            "attribute D(own c)",
            "own Generic",
        ]
        assert {name: told(found, one) for name, one in only.attributes} == {
            "late": "call(own L)",
            "p": "any(instance(own P), call(own P))",
            "q": "unknown `q` is a parameter without annotation",
            "r": "declared(instance(own R), call(own get))",
            "x": "declared(instance(own X), call(own X))",
            "y": "any(instance(own Y), none)",
            "z": "call(own Z)",
        }

    @pytest.mark.parametrize(
        ("source", "kind", "annotation", "returned"),
        [
            ("def f() -> X: ...", "def", "instance(own X)", []),
            ("def f(): return X()", "def", "", ["call(own X)"]),
            ("def f():\n  if a: return None\n  return X()", "def", "", ["none", "call(own X)"]),
            ("def f():\n  def g(): return 1\n  return X()", "def", "", ["call(own X)"]),
            ("async def f(): return X()", "async def", "", ["call(own X)"]),
            ("def f():\n  yield X()\n  return 1", "generator", "", ["call(own X)"]),
            ("async def f():\n  x = yield X()", "async generator", "", ["call(own X)"]),
            (
                "def f() -> Iterator[X]: yield x",
                "generator",
                "gives iter(instance(own X))",
                ["own x"],
            ),
        ],
    )
    def test_functions_tell_what_they_give(
        self, source: str, kind: str, annotation: str, returned: list[str]
    ) -> None:
        found = calls(source)
        one = found.functions[0]
        assert (one.name, one.kind, told(found, one.annotation)) == ("f", kind, annotation)
        assert [told(found, number) for number in one.returned] == returned

    def test_decorators_and_fixtures(self) -> None:
        source = """
        @a.b
        @c(1)
        @d[0]
        def f(): ...
        @pytest.fixture(name="other", scope="session")
        def g(): ...
        class A:
            @pytest_asyncio.fixture
            async def h(self): ...
        """
        rows = {one.name: (one.decorators, one.fixture) for one in calls(source).functions}
        assert rows == {
            "f": (("a.b", "c", "?"), ""),
            "g": (("pytest.fixture",), "other"),
            "A.h": (("pytest_asyncio.fixture",), "h"),
        }


class TestAttributes:
    @pytest.mark.parametrize(
        ("statement", "kind"),
        [
            ("y = x.m", "load"),
            ("g(x.m)", "load"),
            ("x.m.assert_called_once()", "load"),
            ("x.m = 1", "store"),
            ("x.m: int = 1", "store"),
            ("with a as x.m: ...", "store"),
            ("del x.m", "delete"),
            ("getattr(x, 'm')", "text"),
            ("getattr(x, 'm', None)()", "text"),
            ("monkeypatch.setattr(x, 'm', 1)", "text"),
            ("patch.object(x, 'm')", "text"),
        ],
    )
    def test_that_are_not_called(self, statement: str, kind: str) -> None:
        found = calls(f"def f(x: X):\n  {statement}\n")
        (use,) = (one for one in found.attributes if one.name == "m")
        assert (use.kind, told(found, use.receiver)) == (kind, "instance(own X)")

    def test_that_a_double_is_made_with(self) -> None:
        found = calls("Mock(spec=X, m=AsyncMock())")
        uses = {one.name: (one.kind, told(found, one.receiver)) for one in found.attributes}
        assert uses["m"] == ("double", "mock(own X)")

    def test_of_which_nothing_is_known_are_not_kept_unless_they_are_set(self) -> None:
        found = calls("def f(x):\n  g(x.m)\n  x.n = 1\n")
        assert [(one.name, one.kind) for one in found.attributes] == [("n", "store")]

    def test_positions_are_the_name_s(self) -> None:
        (use,) = (one for one in calls("ä = (x .\n  m)").attributes if one.name == "m")
        assert (use.line, use.column) == (2, 3)


class TestAsFacts:
    def test_they_come_from_the_index_and_survive_its_cache(self, tmp_path: Path) -> None:
        root = draw(tmp_path / "tree", {"a.py": "def f(x: X): x.m()\n", "bad.py": "def"})
        first = index_of(root, tmp_path / "cache")
        found = first.calls("a.py")
        assert found is not None
        assert first.calls("bad.py") is None
        first.save()
        again = index_of(root, tmp_path / "cache")
        assert again.calls("a.py") == found
        again.save()

    def test_they_are_the_same_for_syntax_that_is_newer_than_the_interpreter(
        self, tmp_path: Path
    ) -> None:
        source = "def f(x: X):\n  x.m(a=1)\n  try: ...\n  except A, B: x.m()\n"
        index = index_of(draw(tmp_path / "tree", {"a.py": source}))
        found = index.calls("a.py")
        assert found is not None
        assert [(c.line, told(found, c.receiver)) for c in found.calls] == [
            (2, "instance(own X)"),
            (4, "instance(own X)"),
        ]


_EXPRESSIONS = st.recursive(
    st.sampled_from(["a", "b", "None", "1", "X()", "await c", "get"]),
    lambda inner: st.one_of(
        st.builds("{}.m()".format, inner.map("({})".format)),
        st.builds("({} or {})".format, inner, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("g({}, k={})".format, inner, inner),
        st.builds("[{} for a in {}]".format, inner, inner),
        st.builds("(a := {})".format, inner),
    ),
    max_leaves=12,
)


@given(st.lists(st.tuples(st.sampled_from("abcX"), _EXPRESSIONS), max_size=6))
def test_whatever_is_assigned_the_facts_can_be_encoded(lines: list[tuple[str, str]]) -> None:
    body = "".join(f"    {name} = {value}\n" for name, value in lines) or "    pass\n"
    found = calls(f"async def f(a: X, b=1, *c):\n{body}    return a.m()\n")
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(found), type=CallFacts) == found
    numbers = {one for origin in found.origins for one in origin.of}
    assert all(0 <= number < len(found.origins) for number in numbers)
