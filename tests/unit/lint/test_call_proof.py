"""Whether a call means to a new signature what it meant to the old one."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.index.calls import call_facts
from ssot_migrate.index.facts import Parameter, Signature
from ssot_migrate.index.shapes import shape_facts
from ssot_migrate.lint.call_fit import fit, rejected_arguments
from ssot_migrate.lint.call_proof import CALL_MISMATCH, CallProof, check_calls

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ssot_migrate.index.call_facts import Call
    from ssot_migrate.lint.project import Project

    MakeProject = Callable[..., Project]


def call(source: str) -> Call:
    """The call of `f` in a source."""
    found = call_facts(ast.parse(source), source.encode(), ()).calls
    (one,) = (each for each in found if each.name == "f")
    return one


def signature(header: str) -> Signature:
    """The signature of a function, given by its header."""
    (shape,) = shape_facts(ast.parse(f"{header}: ...")).shapes
    assert shape.signature is not None
    return shape.signature


ARGUMENTS = [
    # call, old, new, why not
    ("f(1)", "def f(a)", "def f(a)", ""),
    ("f(1)", "def f(a)", "def f(a, b=None)", ""),
    ("f(1)", "def f(a)", "def f(a, b)", "'b' must be given"),
    ("f(1)", "def f(a, b=1)", "def f(a, b)", "'b' must be given"),
    ("f(1, 2)", "def f(a, b=1)", "def f(a, b)", ""),
    ("f(1)", "def f(a, b=1)", "def f(a, b=2)", "'b' is 2 unless given, was 1"),
    ("f(1, b=3)", "def f(a, b=1)", "def f(a, b=2)", ""),
    ("f(1)", "def f(a, b=1)", "def f(a)", ""),
    ("f(1, 2)", "def f(a, b=1)", "def f(a)", "it takes no 'b'"),
    ("f(1, 2)", "def f(a, b)", "def f(b, a)", "parameter 1 is 'b', was 'a'"),
    ("f(a=1, b=2)", "def f(a, b)", "def f(b, a)", ""),
    ("f(1)", "def f(context)", "def f(user)", "parameter 1 is 'user', was 'context'"),
    ("f(1)", "def f(context, /)", "def f(user)", ""),
    ("f(context=1)", "def f(context)", "def f(user)", "it takes no 'context'"),
    ("f(a=1)", "def f(a)", "def f(**k)", ""),
    ("f(1)", "def f(a)", "def f(*args)", ""),
    ("f(a=1)", "def f(a)", "def f(*args)", "it takes no 'a'"),
    ("f(a=1)", "def f(a)", "def f(a, /)", "'a' can no longer be given by keyword"),
    ("f(1)", "def f(a)", "def f(*, a)", "'a' must be given by keyword"),
    ("f(a=1)", "def f(a)", "def f(*, a)", ""),
    ("f(1, a=2)", "def f(b, a)", "def f(a, b)", "'a' is given twice"),
    ("f(*x)", "def f(a, b)", "def f(a, b)", ""),
    (
        "f(*x)",
        "def f(a, b)",
        "def f(b, a)",
        "parameter 1 is 'b', was 'a', and what it passes with `*` or `**` cannot be seen",
    ),
    ("f(**x)", "def f(a)", "def f(a, b=1)", ""),
    ("f(1, 2, 3)", "def f(*args)", "def f(a, b, c)", ""),
    ("f(1, 2, 3)", "def f(*args)", "def f(a)", "it takes 1 positional arguments, not 3"),
    ("f(x=1)", "def f(**k)", "def f(x)", ""),
    ("f(x=1)", "def f(**k)", "def f(y)", "it takes no 'x'"),
    # what the call was written for is not known
    ("f(1)", "", "def f(a)", ""),
    ("f(1, 2)", "", "def f(a)", "it takes 1 positional arguments, not 2"),
    ("f()", "", "def f(a)", "'a' must be given"),
    ("f(session=1)", "", "def f(context)", "it takes no 'session'"),
    ("f(*x)", "", "def f(a)", "what it passes with `*` or `**` cannot be seen"),
]

AWAITS = [
    # call, old, new, what becomes of await or why not
    ("def g(): f()", "def f()", "def f()", "keep"),
    ("async def g(): await f()", "async def f()", "async def f()", "keep"),
    ("async def g(): f()", "def f()", "async def f()", "add"),
    ("async def g(): await f()", "def f()", "async def f()", "keep"),
    ("async def g(): await f()", "async def f()", "def f()", "drop"),
    (
        "async def g(): h(f())",
        "async def f()",
        "def f()",
        "it must not be awaited, and this call hands it on to be awaited elsewhere",
    ),
    (
        "def g(): f()",
        "def f()",
        "async def f()",
        "it must be awaited, and the function around it is no coroutine",
    ),
    (
        "async def g(): [f() for a in b]",
        "def f()",
        "async def f()",
        "it must be awaited, and it stands in a comprehension or a lambda",
    ),
    (
        "async def g(): f'{f()}'",
        "def f()",
        "async def f()",
        "it must be awaited, and it stands in an f-string",
    ),
    (
        "async def g():\n  def h(): f()",
        "def f()",
        "async def f()",
        "it must be awaited, and the function around it is no coroutine",
    ),
]


class TestFit:
    @pytest.mark.parametrize(("source", "old", "new", "why"), ARGUMENTS)
    def test_of_arguments(self, source: str, old: str, new: str, why: str) -> None:
        was = signature(old) if old else None
        assert rejected_arguments(call(source), was, signature(new)) == why

    @pytest.mark.parametrize(("source", "old", "new", "expected"), AWAITS)
    def test_of_await(self, source: str, old: str, new: str, expected: str) -> None:
        found = fit(call(source), signature(old), signature(new))
        assert (found.why or found.awaits) == expected

    def test_of_results_that_are_used_otherwise(self) -> None:
        manager = Signature((), "async context")
        assert fit(call("async def g(): await f()"), Signature((), "awaitable"), manager).why == (
            "it returns an async context manager, was an awaitable"
        )


_NAMES = st.sampled_from("abcd")
_KINDS = ["/", "", "kw"]


@st.composite
def signatures(draw: st.DrawFn) -> Signature:
    """A signature that Python accepts, without variadic parameters."""
    names = draw(st.lists(_NAMES, unique=True, max_size=4))
    kinds = sorted((draw(st.sampled_from(_KINDS)) for _ in names), key=_KINDS.index)
    has_default = False
    parameters = []
    for name, kind in zip(names, kinds, strict=True):
        default = draw(st.sampled_from(["", "1"]))
        if has_default and kind != "kw":
            default = "1"
        has_default |= bool(default) and kind != "kw"
        parameters.append(Parameter(name, kind, default))
    return Signature(tuple(parameters))


def written(one: Signature) -> str:
    """A signature as code, its function returning what it got by name."""
    kinds = [p.kind for p in one.parameters]
    parts = []
    for number, p in enumerate(one.parameters):
        if p.kind == "kw" and "kw" not in kinds[:number]:
            parts.append("*")
        parts.append(f"{p.name}={p.default}" if p.default else p.name)
        if p.kind == "/" and "/" not in kinds[number + 1 :]:
            parts.append("/")
    return f"lambda {', '.join(parts)}: locals()"


@given(
    signatures(),
    signatures(),
    st.integers(0, 3),
    st.lists(_NAMES, unique=True, max_size=3),
)
def test_what_is_accepted_is_read_as_before(
    old: Signature, new: Signature, positional: int, keywords: list[str]
) -> None:
    values = [f"value {number}" for number in range(positional)]
    named = {name: f"value of {name}" for name in keywords}
    try:
        before = eval(written(old))(*values, **named)
    except TypeError:
        return  # never written for this signature
    arguments = [*map(repr, values), *(f"{name}={value!r}" for name, value in named.items())]
    why = rejected_arguments(call(f"f({', '.join(arguments)})"), old, new)
    try:
        after = eval(written(new))(*values, **named)
    except TypeError:
        assert why
        return
    if not why:
        given = {name: value for name, value in before.items() if isinstance(value, str)}
        renamed = {p.name for p in old.parameters if p.kind == "/"}
        kept = {name: value for name, value in given.items() if name not in renamed}
        assert kept.items() <= after.items()
        assert set(given.values()) <= set(after.values())


OLD = """
def get(): return Thing()
def wrapper():
    from app.new import make
    return make()
def plain(a, b=1): ...
class Thing:
    def __init__(self, bridge): ...
    def run(self, a): ...
    def stop(self): ...
    def renamed(self, user_context): ...
    @classmethod
    def create(cls, a): ...
"""
NEW = """
async def get() -> Thing: ...
async def make(): ...
def plain(b, a=None): ...
class Thing:
    def __init__(self, bridge, pool=None): ...
    def run(self, b): ...
    async def fresh(self, context): ...
    @classmethod
    def create(cls, a): ...
"""
REGISTRY = """
[[concepts]]
name = "thing"
canonical = "app.new:Thing"
deprecated = [{ path = "app.old:Thing" }]
methods = [
    { from = "renamed", to = "fresh", keywords = { user_context = "context" }, awaits = "add" },
]
[[moves]]
from = "app.old"
to = "app.new"
[[moves]]
from = "app.old:wrapper"
to = "app.new:make"
[[moves]]
from = "app.shim"
to = "app.new"
"""
TREE = {
    "app/__init__.py": "",
    "app/old.py": OLD,
    "app/new.py": NEW,
    "app/shim.py": "from app.new import Thing, plain, get\n",
}


def rejections(make: MakeProject, source: str, files: Mapping[str, str] = {}) -> list[str]:
    """`line: why` of the references in `use.py` that must not move."""
    tree = make({**TREE, **files, "use.py": source}, REGISTRY)
    return [f"{one.line}: {one.why}" for one in check_calls(tree, "use.py")]


class TestReferences:
    @pytest.mark.parametrize(
        "source",
        [
            "from app.shim import plain\nplain(1, 2)\n",
            "from app.old import plain\nplain(b=1, a=2)\n",
            "from app.old import Thing\nThing(1)\n",
            "from app.old import Thing\nThing(bridge=1)\n",
            "from app.old import Thing\ndef f(x: Thing): isinstance(x, Thing)\n",
            "from app.old import Thing\nThing(1).unheard(1)\n",
            "from app.old import Thing\nThing.create(1)\n",
            "from app.old import Thing\ndef f(x): x.stop()\n",
            "import app.old\napp.old.plain(b=1, a=2)\n",
            "from app.old import get\nasync def f(): get()\n",
            "from app.old import get\nasync def f(x=Depends(get)): ...\n",
            "from app.old import wrapper\nasync def f(): await wrapper()\n",
            "from app.old import wrapper\ndef f(): asyncio.run(wrapper())\n",
            "from app.old import Thing\nasync def f(): Thing(1).renamed(user_context=2)\n",
            "from outside import anything\nanything(1)\n",
        ],
    )
    def test_that_may_move(self, project: MakeProject, source: str) -> None:
        assert rejections(project, source) == []

    @pytest.mark.parametrize(
        ("source", "why"),
        [
            ("from app.old import plain\nplain(1)\n", "parameter 1 is 'b', was 'a'"),
            ("import app.old as o\no.plain(1, 2)\n", "parameter 1 is 'b', was 'a'"),
            (
                "from app.old import plain\nmap(plain, [])\n",
                "parameter 1 is 'b', was 'a', and it is not called here",
            ),
            ("from app.old import Thing\nThing(conn=1)\n", "it takes no 'conn'"),
            (
                "from app.old import get\ndef f(): get()\n",
                "it must be awaited, and the function around it is no coroutine",
            ),
            (
                "from app.old import get\nx = get\n",
                "it must be awaited, and it is not called here",
            ),
            (
                "from app.old import get\nasync def f(): get().stop()\n",
                "line 2 calls `stop` on it: `Thing` has no `stop`",
            ),
            (
                "from app.old import Thing\nx = Thing(1)\ndef f(): x.run(2)\n",
                "line 3 calls `run` on it: parameter 1 is 'b', was 'a'",
            ),
            (
                "from app.old import Thing\ndef f(x: Thing): x.stop()\n",
                "line 2 calls `stop` on it: `Thing` has no `stop`",
            ),
            (
                "from app.old import Thing\ndef f(x: Thing): x.renamed(1)\n",
                "line 2 calls `renamed` on it: it must be awaited, and the function around it is"
                " no coroutine",
            ),
            (
                "from app.old import Thing\ndef f(x: Thing): x.renamed(1, 2)\n",
                "line 2 calls `renamed` on it: it takes 1 positional arguments, not 2",
            ),
        ],
    )
    def test_that_must_not(self, project: MakeProject, source: str, why: str) -> None:
        found = rejections(project, source)
        assert [one.partition(": ")[2] for one in found] == [why]

    def test_are_told_with_their_cause(self, project: MakeProject) -> None:
        tree = project({**TREE, "use.py": "from app.old import plain\nplain(1)\n"}, REGISTRY)
        (left,) = check_calls(tree, "use.py")
        assert (left.line, left.column) == (2, 1)
        assert (left.cause.code, left.cause.fix.value) == (CALL_MISMATCH, "manual")
        assert (left.cause.symbol, left.cause.canonical) == ("app.old:plain", "app.new:plain")

    def test_a_missing_member_is_told_and_one_that_may_be_inherited_is_not(
        self, project: MakeProject
    ) -> None:
        registry = '[[moves]]\nfrom = "old:A"\nto = "new:B"\n'
        old = "class A:\n    @staticmethod\n    def go(): ...\n"
        use = "from old import A\nA.go()\n"
        closed = project({"old.py": old, "new.py": "class B: ...\n", "use.py": use}, registry)
        assert [one.why for one in check_calls(closed, "use.py")] == ["`B` has no `go`"]
        base = "from outside import Base\nclass B(Base): ...\n"
        opened = project({"old.py": old, "new.py": base, "use.py": use}, registry)
        assert list(check_calls(opened, "use.py")) == []

    def test_a_shim_stands_for_what_it_passes_on(self, project: MakeProject) -> None:
        tree = project({**TREE, "use.py": "from app.shim import plain\nplain(1)\n"}, REGISTRY)
        proof = CallProof(tree)
        ((reference, _statement, _found),) = tree.references("use.py")
        shim, new = SymbolPath.parse("app.shim:plain"), SymbolPath.parse("app.new:plain")
        old = SymbolPath.parse("app.old:plain")
        assert proof.rejection("use.py", reference, shim, new) is None
        assert proof.rejection("use.py", reference, old, new) == "parameter 1 is 'b', was 'a'"

    def test_what_only_needs_another_await_is_accepted(self, project: MakeProject) -> None:
        source = "from app.old import get\nasync def f(): get()\n"
        tree = project({**TREE, "use.py": source}, REGISTRY)
        ((reference, _statement, _found),) = tree.references("use.py")
        old, new = SymbolPath.parse("app.old:get"), SymbolPath.parse("app.new:get")
        assert CallProof(tree).fit("use.py", reference, old, new).awaits == "add"
