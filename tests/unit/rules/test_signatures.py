from __future__ import annotations

import ast
import inspect
from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ssot_migrate.config.model import MethodRename
from ssot_migrate.index.facts import Parameter, Signature
from ssot_migrate.index.shapes import shape_facts
from ssot_migrate.lint.signatures import differences, migrated, parameter_differences

if TYPE_CHECKING:
    from collections.abc import Iterator

_KINDS = {
    "/": inspect.Parameter.POSITIONAL_ONLY,
    "": inspect.Parameter.POSITIONAL_OR_KEYWORD,
    "kw": inspect.Parameter.KEYWORD_ONLY,
}
_ORDER = list(_KINDS)


def read(header: str) -> Signature:
    """The signature of a function, given by its header or as a whole."""
    (shape,) = shape_facts(ast.parse(header if header.endswith("\n") else f"{header}: ...")).shapes
    assert shape.signature is not None
    return shape.signature


SIGNATURES = [
    ("def f(a, b=1)", "def f(a, b=1)", ()),
    ("def f(a)", "def f(a, b=None, *, c=None)", ()),
    ("def f(a, b)", "def f(b, a)", ("parameter 1 is 'b', was 'a'", "parameter 2 is 'a', was 'b'")),
    ("def f(a, bridge)", "def f(a, connection)", ("parameter 2 is 'connection', was 'bridge'",)),
    ("def f(a)", "def f(a, b)", ("'b' must be given",)),
    ("def f(a)", "def f(a, *, b)", ("'b' must be given",)),
    ("def f(a=None)", "def f(a)", ("'a' must be given",)),
    ("def f(a, b)", "def f(a)", ("it takes no 'b'",)),
    ("def f(*, a)", "def f()", ("it takes no 'a'",)),
    ("def f(a)", "def f(*, a)", ("'a' must be given by keyword",)),
    ("def f(*, a)", "def f(a)", ()),
    ("def f(*, a)", "def f(a, /)", ("'a' can no longer be given by keyword",)),
    ("def f(a)", "def f(a, /)", ("'a' can no longer be given by keyword",)),
    ("def f(a, /)", "def f(b)", ()),
    ("def f(a, *, b)", "def f(b, a)", ("parameter 1 is 'b', was 'a'",)),
    (
        "def f(a, b, /)",
        "def f(b, a, /)",
        ("parameter 1 is 'b', was 'a'", "parameter 2 is 'a', was 'b'"),
    ),
    ("def f(a, limit=10)", "def f(a, limit=5)", ("'limit' is 5 unless given, was 10",)),
    ("def f(limit=10)", "def f(limit=LIMIT)", ()),
    ("def f(*args, **kwargs)", "def f(a, *, b)", ()),
    ("def f(a, b)", "def f(*args, **kwargs)", ()),
    ("def f(a)", "def f(*args)", ("'a' can no longer be given by keyword",)),
    ("def f()", "async def f()", ("it must be awaited",)),
    ("async def f()", "def f()", ("it must not be awaited",)),
    (
        "async def f()",
        "async def f():\n    yield\n",
        ("it returns an async generator, was an awaitable",),
    ),
]


@pytest.mark.parametrize(("old", "new", "told"), SIGNATURES)
def test_each_difference_is_a_sentence(old: str, new: str, told: tuple[str, ...]) -> None:
    assert differences(read(old), read(new)) == told


@st.composite
def signatures(draw: st.DrawFn) -> Signature:
    """A signature that Python accepts, without variadic parameters."""
    names = draw(st.lists(st.sampled_from("abcd"), unique=True, max_size=4))
    kinds = sorted((draw(st.sampled_from(_ORDER)) for _ in names), key=_ORDER.index)
    parameters: list[Parameter] = []
    seen_default = False
    for name, kind in zip(names, kinds, strict=True):
        default = draw(st.sampled_from(["", "1", "2"]))
        if seen_default and kind != "kw" and not default:
            default = "1"
        seen_default |= bool(default) and kind != "kw"
        parameters.append(Parameter(name, kind, default))
    return Signature(tuple(parameters))


def runnable(signature: Signature) -> inspect.Signature:
    return inspect.Signature(
        [
            inspect.Parameter(
                parameter.name,
                _KINDS[parameter.kind],
                default=int(parameter.default) if parameter.default else inspect.Parameter.empty,
            )
            for parameter in signature.parameters
        ]
    )


def calls_of(signature: Signature) -> Iterator[tuple[list[str], dict[str, str]]]:
    """Every call that the signature accepts; an argument's value is its parameter's name."""
    positional = [p.name for p in signature.parameters if p.kind != "kw"]
    by_keyword = [p.name for p in signature.parameters if p.kind != "/"]
    for count in range(len(positional) + 1):
        given_already = positional[:count]
        rest = [name for name in by_keyword if name not in given_already]
        for size in range(len(rest) + 1):
            for names in combinations(rest, size):
                keywords = {name: name for name in names}
                try:
                    runnable(signature).bind(*given_already, **keywords)
                except TypeError:
                    continue
                yield given_already, keywords


def is_understood(
    positional: list[str], keywords: dict[str, str], old: Signature, new: Signature
) -> bool:
    """Whether the new signature accepts a call and reads every argument as the old one does."""
    try:
        bound = runnable(new).bind(*positional, **keywords)
    except TypeError:
        return False
    bound.apply_defaults()
    expected = runnable(old).bind(*positional, **keywords)
    expected.apply_defaults()
    renamed = same_parameters(old, new)
    for name, value in expected.arguments.items():
        # A default, a number, may be one that the new signature has no use for.
        absent = value if isinstance(value, int) else None
        if bound.arguments.get(renamed.get(name, name), absent) != value:
            return False
    return True


def same_parameters(old: Signature, new: Signature) -> dict[str, str]:
    """Old names to new names of positional-only parameters that were renamed, and no more."""
    old_names, new_names = ({p.name for p in one.parameters} for one in (old, new))
    return {
        was.name: now.name
        for was, now in zip(old.parameters, new.parameters, strict=False)
        if was.kind == "/" and now.kind != "kw"
        if was.name not in new_names and now.name not in old_names
    }


@given(signatures())
def test_identical_signatures_never_differ(signature: Signature) -> None:
    assert differences(signature, signature) == ()


@given(signatures(), signatures())
@example(
    Signature((Parameter("a", "/", "1"),)),
    Signature((Parameter("b", "/"),)),
)
def test_a_difference_is_told_exactly_when_a_call_suffers(old: Signature, new: Signature) -> None:
    told = parameter_differences(old, new)
    suffers = not all(is_understood(*call, old, new) for call in calls_of(old))
    assert bool(told) == suffers, told


@given(signatures(), signatures())
def test_a_signature_that_passes_everything_on_has_no_differences(
    old: Signature, new: Signature
) -> None:
    open_ended = Signature((Parameter("args", "*args"), Parameter("kwargs", "**kwargs")))
    assert parameter_differences(open_ended, new) == ()
    assert parameter_differences(old, open_ended) == ()


def test_a_registered_rename_explains_keywords_order_and_await() -> None:
    rename = MethodRename(
        from_="create_engine",
        to="create",
        keywords={"user_context": "context"},
        positional=("agent", "context"),
        awaits="add",
    )
    old, new = read("def f(agent, user_context)"), read("async def f(context, *, agent)")
    assert differences(old, new)
    assert differences(migrated(old, rename), new) == ()
