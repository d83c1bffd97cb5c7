"""Bases, method resolution orders and members, as Python has them at run time."""

from __future__ import annotations

import builtins
import textwrap
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ssot_migrate.lint.classes.c3 import InconsistentError, merged
from ssot_migrate.lint.classes.members import overrides, shadows
from ssot_migrate.lint.classes.table import Classes

if TYPE_CHECKING:
    from collections.abc import Callable

    from ssot_migrate.lint.classes.ancestry import Line
    from ssot_migrate.lint.project import Project

    MakeProject = Callable[..., Project]

ONE_FILE = {
    "diamond": "class A: ...\nclass B(A): ...\nclass C(A): ...\nclass X(B, C): ...\n",
    "several levels": """
        class O: ...
        class A(O): ...
        class B(O): ...
        class C(O): ...
        class D(O): ...
        class K1(C, A, B): ...
        class K2(B, D): ...
        class K3(A, D): ...
        class X(K1, K3, K2): ...
    """,
    "builtin exceptions": "class X(KeyError, AttributeError): ...\n",
    "another name of a builtin": "class X(IOError): ...\n",
    "explicit object": "class A(object): ...\nclass X(A, object): ...\n",
    "generic": """
        from typing import Generic, TypeVar
        T = TypeVar("T")
        class A(Generic[T]): ...
        class B(A[T], Generic[T]): ...
        class X(Generic[T], B[T]): ...
    """,
    "plain subscript": """
        from typing import Generic, TypeVar
        T = TypeVar("T")
        class X(Generic[T], list[T]): ...
    """,
    "protocol": """
        from typing import Protocol, TypeVar
        T = TypeVar("T")
        class A(Protocol[T]): ...
        class X(A[int]): ...
    """,
    "enum and abstract": "import abc, enum\nclass X(str, enum.Enum): ...\nclass Y(abc.ABC): ...\n",
    "the base is a class of the same name above": "class X: ...\nclass X(X): ...\n",
    "the name is bound anew below": "class A: ...\nclass X(A): ...\nA = int\n",
    "alias": "class A: ...\nB = A\nclass X(B): ...\n",
    "nested": """
        class Outer:
            class Base: ...
            class X(Base): ...
        class Heir(Outer): ...
        class X(Heir.Base): ...
    """,
    "a class body is not seen inside": """
        class Base: ...
        class Outer:
            class Base: ...
            class Middle:
                class X(Base): ...
        X = Outer.Middle.X
    """,
    "in a condition": "if True:\n    class A: ...\nelse:\n    class A(int): ...\nclass Y: ...\n",
}


def _line(project: Project, path: str, name: str) -> Line:
    classes = Classes(project)
    ref = [one for one in classes.in_file(path) if one.name.endswith(f":{name}")][-1]
    return classes.line(ref)


def _short(name: str) -> str:
    return name.rpartition(":")[2].removeprefix("typing.").removeprefix("abc.")


@pytest.mark.parametrize("case", ONE_FILE)
def test_the_order_is_that_of_python(project: MakeProject, case: str) -> None:
    source = textwrap.dedent(ONE_FILE[case])
    namespace: dict[str, Any] = {"__name__": "mod"}
    exec(compile(source, "mod.py", "exec"), namespace)
    made = project({"mod.py": source})
    seen = 0
    for name, value in namespace.items():
        if isinstance(value, type) and value.__module__ == "mod":
            line = _line(made, "mod.py", value.__qualname__)
            expected = [one.__qualname__ for one in value.__mro__]
            told = [_short(one.name).removeprefix("enum.") for one in line.refs]
            if case != "in a condition":
                assert told == expected, name
            assert not line.conflict
            seen += 1
    assert seen


def test_bases_are_followed_through_packages_and_reexports(project: MakeProject) -> None:
    made = project(
        {
            "pkg/__init__.py": "from .core import Base as Base\n",
            "pkg/core.py": "class Base: ...\n",
            "shim.py": "from pkg import *\n",
            "use.py": "import pkg.core\nfrom shim import Base\n"
            "class A(Base): ...\nclass B(pkg.core.Base): ...\n"
            "def make():\n    from pkg import Base as Local\n    class C(Local): ...\n",
        }
    )
    for name in ("A", "B", "make.C"):
        names = [one.name for one in _line(made, "use.py", name).refs]
        assert names == [f"use:{name}", "pkg.core:Base", "object"]


def test_what_cannot_be_seen_is_said(project: MakeProject) -> None:
    made = project(
        {
            "mod.py": "from django.db import models\nfrom somewhere import make\n"
            "class A(models.Model): ...\nclass B(make(), int): ...\nBase = make()\n"
            "class C(Base): ...\nclass D(*bases): ...\n"
        }
    )
    assert _line(made, "mod.py", "A").unseen == ("django.db.models.Model",)
    assert _line(made, "mod.py", "B").unseen == ("make()",)
    assert [one.name for one in _line(made, "mod.py", "B").refs] == [
        "mod:B",
        "make()",
        "int",
        "object",
    ]
    assert _line(made, "mod.py", "C").unseen == ("Base",)
    assert _line(made, "mod.py", "D").unseen == ("*bases",)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("class A: ...\nclass B(A): ...\nclass X(A, B): ...\n", "contradict each other"),
        ("class A: ...\nclass X(A, A): ...\n", "`mod:A` is a base twice"),
        ("class A: ...\nclass X(object, A): ...\n", "contradict each other"),
        (
            "class A: ...\nclass B(A): ...\nclass Y(A, B): ...\nclass X(Y): ...\n",
            "contradict each other",
        ),
    ],
    ids=["base before its subclass", "twice", "object first", "inherited"],
)
def test_a_class_that_python_refuses_is_a_conflict(
    project: MakeProject, source: str, why: str
) -> None:
    with pytest.raises(TypeError):
        exec(source, {})
    assert why in _line(project({"mod.py": source}), "mod.py", "X").conflict


def test_classes_in_a_circle_and_long_chains_come_to_an_end(project: MakeProject) -> None:
    chain = "class C0: ...\n" + "".join(f"class C{n + 1}(C{n}): ...\n" for n in range(1_200))
    made = project(
        {"a.py": "from b import B\nclass A(B): ...\n", "b.py": "from a import A\nclass B(A): ...\n",
         "chain.py": chain}
    )  # fmt: skip
    assert "derives from itself" in _line(made, "a.py", "A").conflict
    assert len(_line(made, "chain.py", "C1200").refs) == 1_202


@st.composite
def _hierarchies(draw: st.DrawFn) -> list[list[int]]:
    """Bases of each class, among those before it."""
    count = draw(st.integers(1, 9))
    return [
        draw(st.lists(st.integers(0, number - 1), max_size=3, unique=True)) if number else []
        for number in range(count)
    ]


@settings(max_examples=300, deadline=None)
@given(_hierarchies())
def test_any_hierarchy_is_ordered_as_python_orders_it(hierarchy: list[list[int]]) -> None:
    real: dict[int, type] = {}
    ours: dict[int, tuple[int, ...]] = {}
    for number, bases in enumerate(hierarchy):
        if not all(base in real for base in bases):
            continue
        try:
            real[number] = type(str(number), tuple(real[base] for base in bases), {})
        except TypeError:
            with pytest.raises(InconsistentError):
                merged([*(ours[base] for base in bases), bases])
            continue
        ours[number] = (number, *merged([*(ours[base] for base in bases), bases]))
        assert [str(one) for one in ours[number]] == [
            one.__name__ for one in real[number].__mro__[:-1]
        ]


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(hierarchy=_hierarchies(), data=st.data())
def test_any_source_is_ordered_as_python_orders_it(
    project: MakeProject, hierarchy: list[list[int]], data: st.DataObject
) -> None:
    """The same with statements: builtins among the bases, classes nested or in functions."""
    outer = data.draw(st.sampled_from(["", "class Outer:\n", "def outer():\n"]))
    extra = st.sampled_from(["", "dict", "ValueError", "object"])
    indent = "    " if outer else ""
    source = outer
    real: dict[str, Any] = {}
    for number, bases in enumerate(hierarchy):
        names = [*(f"C{base}" for base in bases), *filter(None, [data.draw(extra)])]
        values: list[Any] = [real.get(name) or getattr(builtins, name, None) for name in names]
        source += f"{indent}class C{number}({', '.join(names)}): pass\n"
        try:
            real[f"C{number}"] = type(f"C{number}", tuple(values), {})
        except TypeError:
            real[f"C{number}"] = None
    made = project({"mod.py": source})
    prefix = outer.rstrip(":\n").replace("()", "").rpartition(" ")[2]
    for name, value in real.items():
        line = _line(made, "mod.py", f"{prefix}.{name}" if prefix else name)
        if value is not None:
            told = [one.name.rpartition(":")[2].rpartition(".")[2] for one in line.refs]
            assert told == [one.__name__ for one in value.__mro__]
            assert not line.conflict


def test_overrides_say_how_readers_fare(project: MakeProject) -> None:
    made = project(
        {
            "mod.py": """
            class Base:
                name: str
                def __init__(self, x): ...
                def run(self, a, b=1): ...
                def same(self): ...
                @property
                def size(self): return 1
                async def fetch(self): ...
                def __hidden(self): ...
            class Child(Base):
                def __init__(self): self.run = None
                def same(self): ...
                def size(self): ...
                def fetch(self): ...
                def __hidden(self, x): ...
            """
        }
    )
    classes = Classes(made)
    _base, child = classes.in_file("mod.py")
    found = {one.own.name: one.verdict for one in overrides(classes, child)}
    assert {name: one.word for name, one in found.items()} == {
        "__init__": "compatible",
        "same": "same",
        "size": "incompatible",
        "fetch": "incompatible",
        "run": "incompatible",
    }
    assert found["fetch"].why == "it must not be awaited"
    assert found["size"].why == "it must be called: it is a method, was a property"


def test_what_two_bases_have_is_shadowed_once(project: MakeProject) -> None:
    made = project(
        {
            "mod.py": """
            class A:
                def __init__(self): ...
                def run(self): ...
            class B:
                def __init__(self): ...
                def run(self): ...
                def own(self): ...
            class Both(A, B): ...
            class Heir(Both): ...
            class Settled(A, B):
                def run(self): ...
            class C(A):
                def run(self): ...
            class Usual(C, A): ...
            """
        }
    )
    classes = Classes(made)
    found = {
        ref.name: [
            (one.hidden.holder.name, one.hidden.member.name) for one in shadows(classes, ref)
        ]
        for ref in classes.in_file("mod.py")
    }
    assert found == {
        "mod:A": [],
        "mod:B": [],
        "mod:Both": [("mod:B", "run")],
        "mod:Heir": [],
        "mod:Settled": [],
        "mod:C": [],
        "mod:Usual": [],
    }
