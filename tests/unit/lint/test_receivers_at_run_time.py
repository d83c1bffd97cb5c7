"""What is proven of a receiver is what it turns out to be when the program runs."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from ssot_migrate.lint.receivers import Receivers
from ssot_migrate.usecases.project import Request, open_project

if TYPE_CHECKING:
    from collections.abc import Callable

    from ssot_migrate.lint.things import Things

CLASSES = """
class A:
    held = None
    def m(self): NOTE(self)
    def __enter__(self): return self
    def __exit__(self, *_): ...
    def me(self): return self
    def other(self): return B()
class B(A):
    def me(self): return super().me()
class C(A):
    def __enter__(self): return B()
    def __new__(cls, *a): return B() if a else object.__new__(cls)
kept = A()
def get_a(): return A()
def get_kept():
    global kept
    kept = kept or B()
    return kept
def change_kept():
    global kept
    kept = C()
def either(n): return A() if n else B()
def again(n): return again(n - 1) if n else C()
def same(x: A) -> A: return x
"""
_NAMES = st.sampled_from(["x", "y", "kept", "self.held"])
_VALUES = st.one_of(
    st.sampled_from(
        [
            "A()",
            "B()",
            "C()",
            "C(1)",
            "None",
            "get_a()",
            "get_kept()",
            "either(1)",
            "either(0)",
            "again(2)",
            "same(B())",
            "A().other()",
            "B().me()",
        ]
    ),
    _NAMES,
    st.builds("{} or {}".format, _NAMES, st.sampled_from(["A()", "B()", "C()"])),
    st.builds("({0} := {1})".format, st.sampled_from("xy"), st.sampled_from(["A()", "B()"])),
    st.builds("{}.me()".format, _NAMES),
)
_SIMPLE = st.one_of(
    st.builds("{} = {}".format, _NAMES, _VALUES),
    st.builds("x, y = {}, {}".format, _VALUES, _VALUES),
    st.builds("x: A = {}".format, _VALUES),
    st.builds("{}.m()".format, _NAMES),
    st.builds("{}.me().m()".format, _NAMES),
    st.builds("[x.m() for x in [{}]]".format, _NAMES),
    st.sampled_from(["change_kept()", "change()", "del x", "x += 1"]),
)


def _blocks(inner: st.SearchStrategy[list[str]]) -> st.SearchStrategy[list[str]]:
    headers = st.sampled_from(
        ["if FLIP():", "for _ in range(2):", "while FLIP():", "with A() as x:", "with C() as y:"]
    )
    return st.builds(
        lambda header, body, rest: [header, *(f"    {line}" for line in body), *rest],
        headers,
        inner,
        inner,
    )


_BODIES = st.recursive(st.lists(_SIMPLE, min_size=1, max_size=5), _blocks, max_leaves=6)


def program(body: list[str]) -> str:
    """A class whose method runs the statements, and a function that it nests."""
    return (
        f"{CLASSES}\n"
        "class Run:\n"
        "    def __init__(self): self.held = A()\n"
        "    def run(self):\n"
        "        global kept\n"
        "        y = B()\n"
        "        def change():\n"
        "            nonlocal y\n"
        "            y = C()\n"
        + "".join(f"        {line}\n" for line in body)
        + "        kept.m()\n        self.held.m()\n        y.m()\n"
    )


def run(source: str) -> set[tuple[int, str]]:
    """The lines that call `m`, and the classes of what they call it on."""
    seen: set[tuple[int, str]] = set()
    turns = iter([True, False, True, True, False] * 3)

    def note(receiver: object) -> None:
        seen.add((sys._getframe(2).f_lineno, type(receiver).__name__))

    scope = {"NOTE": note, "FLIP": lambda: next(turns, False)}
    exec(compile(source, "program", "exec"), scope)
    runner: Callable[[], object] = scope["Run"]  # type: ignore[assignment] # from the program
    for _turn in range(3):
        try:
            runner().run()  # type: ignore[attr-defined] # likewise
        except (AttributeError, NameError, TypeError):
            continue
    return seen


def _allowed(things: Things) -> set[str]:
    """The classes that the proven things can be of: their own, and those below unless exact."""
    below = {"A": {"A", "B", "C"}, "B": {"B"}, "C": {"C"}}
    found: set[str] = set()
    for thing in things:
        name = thing.symbol.name
        found |= {name} if thing.is_exact else below.get(name, {name})
    return found


@settings(deadline=None)
@given(_BODIES)
def test_proofs_hold_at_run_time(body: list[str]) -> None:
    source = program(body)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "program.py").write_text(source, encoding="utf-8")
        request = Request(root=folder, isolated=True, use_cache=False, jobs=1)
        with open_project(request) as opened:
            facts = opened.project.index.calls("program.py")
            assert facts is not None
            receivers = Receivers(opened.project)
            proven = {
                call.line: _allowed(receivers.proof("program.py", call.receiver).things)
                for call in facts.calls
                if call.name == "m"
            }
    for line, name in run(source):
        assert not proven[line] or name in proven[line], (line, name, proven[line])
