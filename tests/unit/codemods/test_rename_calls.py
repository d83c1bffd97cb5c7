"""Changes calls: what no edit covers stays byte for byte."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssot_migrate.codemods import rename_calls
from ssot_migrate.domain.finding import Fix, Span
from ssot_migrate.domain.outcome import Cause, Left
from ssot_migrate.index.calls import call_facts
from ssot_migrate.rewrite.decisions import FileTask, RenameCall
from ssot_migrate.rewrite.document import Document, TextEdit
from ssot_migrate.rewrite.engine import spliced

if TYPE_CHECKING:
    from ssot_migrate.index.call_facts import CallFacts

CAUSE: Final = Cause(code="SSOT307", fix=Fix.SAFE, symbol="m:A.old", canonical="m:A.new")


def facts(data: bytes) -> CallFacts:
    return call_facts(Document(data).tree, data, ())


def decisions(data: bytes, **changes: Any) -> list[RenameCall]:
    """The renames of every call of `old`."""
    return [
        RenameCall(
            span=Span(one.line, one.column, one.end_line, one.end_column),
            **{"name": "new", "cause": CAUSE, **changes},
        )
        for one in facts(data).calls
        if one.name == "old"
    ]


def carried_out(data: bytes, **changes: Any) -> tuple[bytes, list[Left]]:
    """The content with its calls changed, and what is left."""
    document = Document(data)
    wanted = decisions(data, **changes)
    task = FileTask(path="u.py", digest=b"", module="u", is_package=False, decisions=tuple(wanted))
    found = list(rename_calls.rewrite(document, task, wanted))
    edits = [one for one in found if isinstance(one, TextEdit)]
    assert edits == sorted(edits, key=lambda edit: (edit.start, edit.end))
    left = [one for one in found if isinstance(one, Left)]
    return document.encoded(spliced(document, edits)), left


def changed(source: str, **changes: Any) -> str:
    after, left = carried_out(source.encode(), **changes)
    assert left == []
    return after.decode()


RENAMED = [
    ("x.old()", "x.new()"),
    ("x.y.old()", "x.y.new()"),
    ("x .  old ( )", "x .  new ( )"),
    ("(x.old)()", "(x.new)()"),
    ("( x.old )  ()", "( x.new )  ()"),
    ("(x).old()", "(x).new()"),
    ("old()", "new()"),
    ("x.old().old()", "x.new().new()"),
    ("x.old(x.old())", "x.new(x.new())"),
    ("x['old'].old(old=1)", "x['old'].new(old=1)"),
    ("x.old.old()", "x.old.new()"),
    (
        "y = (x\n  # about old\n  .old  # old\n  (1))\n",
        "y = (x\n  # about old\n  .new  # old\n  (1))\n",
    ),
    ("x.\\\n  old()\n", "x.\\\n  new()\n"),
    ("x.old(\r\n\t1,\r\n)\r\n", "x.new(\r\n\t1,\r\n)\r\n"),
    ("f'{x.old()!r:>{x.old()}}'", "f'{x.new()!r:>{x.new()}}'"),
    ("[x.old() for x in y if x.old()]", "[x.new() for x in y if x.new()]"),
    ("@x.old()\ndef f(): ...\n", "@x.new()\ndef f(): ...\n"),
    ("'ä', x.old('ö')", "'ä', x.new('ö')"),
    ("if x.old(): pass\nelif x.old(): pass\n", "if x.new(): pass\nelif x.new(): pass\n"),
]

KEYWORDS = [
    ("x.old(a=1)", "x.new(b=1)"),
    ("x.old(1, a = 2 , c=a)", "x.new(1, b = 2 , c=a)"),
    ("x.old(*y, a=1)", "x.new(*y, b=1)"),
    ("x.old(\n  a=1,  # a\n)\n", "x.new(\n  b=1,  # a\n)\n"),
    ("x.old(a=x.old(a=1))", "x.new(b=x.new(b=1))"),
    ("x.old(f(a=1))", "x.new(f(a=1))"),
    ("x.old(a=lambda a: a)", "x.new(b=lambda a: a)"),
]

POSITIONALS = [
    ("x.old(1, 2)", "x.new(p=1, q=2)"),
    ("x.old((1), 2,)", "x.new(p=(1), q=2,)"),
    ("x.old( # c\n  1 , # d\n  2)\n", "x.new( # c\n  p=1 , # d\n  q=2)\n"),
    ("x.old(1, k=2)", "x.new(p=1, k=2)"),
    ("x.old(k=2)", "x.new(k=2)"),
    ("x.old(y for y in z)", "x.new(p=(y for y in z))"),
    ("x.old((y for y in z))", "x.new(p=(y for y in z))"),
    ("x.old(y := 1)", "x.new(p=(y := 1))"),
    ("x.old(lambda: 1, a if b else c)", "x.new(p=lambda: 1, q=a if b else c)"),
    ("x.old(x.old(1), **z)", "x.new(p=x.new(p=1), **z)"),
    ("x.old(not a, -b)", "x.new(p=not a, q=-b)"),
]

ADDED = [
    ("x.old()", "await x.new()"),
    ("return x.old()", "return await x.new()"),
    ("x.old().y", "(await x.new()).y"),
    ("x.old()[0]", "(await x.new())[0]"),
    ("x.old()()", "(await x.new())()"),
    ("(x.old()).y", "(await x.new()).y"),
    ("x.old().old()", "await (await x.new()).new()"),
    ("-x.old() ** 2", "-await x.new() ** 2"),
    ("not x.old()", "not await x.new()"),
    ("f(*x.old(), k=x.old())", "f(*await x.new(), k=await x.new())"),
    ("y[x.old()]", "y[await x.new()]"),
    ("f(x.old())(1)", "f(await x.new())(1)"),
    ("async with x.old() as y: ...", "async with await x.new() as y: ..."),
    ("await x.old()", "await x.new()"),
    ("a = x.old(), x.old()", "a = await x.new(), await x.new()"),
]

DROPPED = [
    ("await x.old()", "x.new()"),
    ("return await x.old()", "return x.new()"),
    ("(await x.old()).y", "(x.new()).y"),
    ("await (x.old())", "(x.new())"),
    ("await(x.old())", "(x.new())"),
    ("(await  # why\n      x.old())", "(# why\n      x.new())"),
    ("x.old()", "x.new()"),
    ("f(await x.old(await x.old()))", "f(x.new(x.new()))"),
    ("[await x.old() for a in b]", "[x.new() for a in b]"),
]


class TestNames:
    @pytest.mark.parametrize(("before", "after"), RENAMED)
    def test_change_alone(self, before: str, after: str) -> None:
        assert changed(before) == after

    def test_that_stay_are_no_edit(self) -> None:
        data = b"x.old(1)\n"
        assert list(rename_calls.rename_calls(Document(data), decisions(data, name="old"))) == []

    @pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
    def test_of_other_encodings(self, encoding: str) -> None:
        source = f"# -*- coding: {encoding} -*-\n'ü', x.old('ö', a='ä')\n"
        after, left = carried_out(source.encode(encoding), keywords={"a": "b"})
        expected = source.replace("old", "new").replace("a='", "b='")
        assert (after, left) == (expected.encode(encoding), [])

    def test_a_byte_order_mark_stays(self) -> None:
        after, _left = carried_out(b"\xef\xbb\xbfx.old()\n")
        assert after == b"\xef\xbb\xbfx.new()\n"


class TestArguments:
    @pytest.mark.parametrize(("before", "after"), KEYWORDS)
    def test_keywords(self, before: str, after: str) -> None:
        assert changed(before, keywords={"a": "b"}) == after

    @pytest.mark.parametrize(("before", "after"), POSITIONALS)
    def test_positionals(self, before: str, after: str) -> None:
        assert changed(before, positional=("p", "q")) == after

    @pytest.mark.parametrize(
        ("source", "changes", "why"),
        [
            (
                "x.old(**y)",
                {"keywords": {"a": "b"}},
                "keywords change their names, and what `**` passes cannot be seen",
            ),
            (
                "x.old(1, *y)",
                {"positional": ("p", "q")},
                "positionals become keywords, and what `*` passes cannot be seen",
            ),
            (
                "x.old(1, 2, 3)",
                {"positional": ("p", "q")},
                "the registry names 2 positionals, not 3",
            ),
        ],
    )
    def test_that_cannot_be_seen_leave_the_whole_call(
        self, source: str, changes: dict[str, Any], why: str
    ) -> None:
        after, (left,) = carried_out(source.encode(), **changes)
        assert after == source.encode()
        assert (left.line, left.column, left.why, left.cause.fix) == (1, 1, why, Fix.MANUAL)


def in_coroutine(statement: str) -> str:
    return f"async def f():\n    {statement}\n"


class TestAwait:
    @pytest.mark.parametrize(("before", "after"), ADDED)
    def test_is_added(self, before: str, after: str) -> None:
        assert changed(in_coroutine(before), awaits="add") == in_coroutine(after)

    @pytest.mark.parametrize(("before", "after"), DROPPED)
    def test_is_dropped(self, before: str, after: str) -> None:
        assert changed(in_coroutine(before), awaits="drop") == in_coroutine(after)

    @pytest.mark.parametrize("added", [after for _before, after in ADDED])
    def test_added_ones_compile(self, added: str) -> None:
        compile(in_coroutine(added), "f.py", "exec")

    @pytest.mark.parametrize(
        "source",
        [
            "x.old()\n",
            "def f(): x.old()\n",
            "async def f():\n  def g(): x.old()\n",
            "async def f():\n  class C: y = x.old()\n",
            "async def f():\n  lambda: x.old()\n",
            "async def f():\n  [x.old() for a in b]\n",
            "async def f():\n  {a: b for a in b for b in x.old()}\n",
            "async def f():\n  f'{x.old()}'\n",
            "async def f(y=x.old()): ...\n",
            "@x.old()\nasync def f(): ...\n",
            "async def f() -> x.old(): ...\n",
        ],
    )
    def test_is_not_added_where_none_may_stand(self, source: str) -> None:
        after, (left,) = carried_out(source.encode(), awaits="add")
        assert after == source.encode()
        assert left.why.startswith("it must be awaited, and ")

    def test_is_not_dropped_in_an_f_string(self) -> None:
        source = in_coroutine("f'{await x.old()}'")
        after, (left,) = carried_out(source.encode(), awaits="drop")
        assert after == source.encode()
        assert left.line == 2

    def test_in_a_nested_coroutine_is_that_one_s(self) -> None:
        source = "def f():\n  async def g():\n    return x.old()\n"
        assert changed(source, awaits="add") == source.replace("x.old", "await x.new")

    def test_meets_a_positional_that_becomes_a_keyword(self) -> None:
        before, after = "x.old(x.old(1).y)", "await x.new(p=(await x.new(p=1)).y)"
        found = changed(in_coroutine(before), awaits="add", positional=("p",))
        assert found == in_coroutine(after)


class TestPlaces:
    @pytest.mark.parametrize(
        "span",
        [
            Span(1, 1, 1, 6),
            Span(1, 1, 1, 10),
            Span(1, 2, 1, 8),
            Span(1, 5, 1, 6),
            Span(1, 10, 1, 19),
        ],
    )
    def test_where_no_call_is_change_nothing(self, span: Span) -> None:
        document = Document(b"x.old(); y = [x, 1]\n")
        decision = RenameCall(span=span, name="new", cause=CAUSE)
        (left,) = rename_calls.rename_calls(document, [decision])
        assert isinstance(left, Left)
        assert left.why == "the call is not where it was"


_ATOMS = st.sampled_from(["a", "1", "'old'", "x", "(yield)", "b.c", "[]", "# no"]).filter(
    lambda atom: not atom.startswith("#")
)
_SPACES = st.sampled_from(["", " ", "\n  ", "  # old(\n  "])


def _calls(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    argument = st.one_of(inner, inner.map("k={}".format), inner.map("a = {}".format))
    arguments = st.lists(argument, max_size=3).map(_legal)
    return st.builds(
        lambda receiver, method, space, given, end: (
            f"({receiver}).{method}({space}{(',' + space).join(given)}{end})"
        ),
        inner,
        st.sampled_from(["old", "other"]),
        _SPACES,
        arguments,
        _SPACES,
    )


def _legal(arguments: list[str]) -> list[str]:
    """Positionals first, and each keyword once."""
    keywords = {
        one.partition("=")[0].strip(): one
        for one in arguments
        if one[:1] in "ka" and "=" in one[:4]
    }
    return [one for one in arguments if one not in keywords.values()] + [*keywords.values()]


_EXPRESSIONS = st.recursive(_ATOMS, _calls, max_leaves=8)


@given(_EXPRESSIONS)
def test_bytes_outside_the_names_stay_and_a_second_pass_is_empty(expression: str) -> None:
    data = f"def f():\n  y = ({expression}\n  )\n".encode()
    try:
        ast.parse(data)
    except SyntaxError:
        return
    after, left = carried_out(data)
    assert left == []
    names = [
        (one.callee_end_line, one.callee_end_column)
        for one in facts(data).calls
        if one.name == "old"
    ]
    lines = data.decode().split("\n")
    for line, column in names:
        row = lines[line - 1]
        assert row[column - 4 : column - 1] == "old"
        lines[line - 1] = f"{row[: column - 4]}new{row[column - 1 :]}"
    assert after.decode() == "\n".join(lines)
    assert not [one for one in facts(after).calls if one.name == "old"]


@given(_EXPRESSIONS, st.sampled_from(["add", "drop", "keep"]))
def test_a_changed_file_has_the_calls_that_were_asked_for(expression: str, awaits: str) -> None:
    data = f"async def f():\n  y = ({expression}\n  )\n".encode()
    try:
        ast.parse(data)
    except SyntaxError:
        return
    changes = {"keywords": {"a": "b"}, "awaits": awaits}
    before = [one for one in facts(data).calls if one.name == "old"]
    after, left = carried_out(data, **changes)
    assert left == []
    now = [one for one in facts(after).calls if one.name == "new"]
    renamed = [tuple("b" if name == "a" else name for name in one.keywords) for one in before]
    assert sorted(one.keywords for one in now) == sorted(renamed)
    if awaits == "add":
        assert all(one.context & 1 for one in now)
