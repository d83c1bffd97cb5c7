"""A name bound more than once: which binding counts."""

from __future__ import annotations

import pytest

from .tree import Tree

NEW = "T = 1\nclass K: ...\n"


def find(source: str, name: str = "m:T") -> str:
    """What a name of module `m` leads to, beside `new` and `old` that bind `T`."""
    return Tree({"m.py": source, "new.py": NEW, "old.py": NEW}).find(name)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from old import T\nfrom new import T", "new:T"),
        ("from old import T\ndef T(): ...", "m:T"),
        ("def T(): ...\nfrom new import T", "new:T"),
        ("from old import T\nT = wrap(T)", "m:T"),
        ("T = None\nfrom new import T", "new:T"),
        ("from old import T\ndel T", "missing m:T"),
        ("from old import T\ndel T\nfrom new import T", "new:T"),
        ("from old import T\nif x: del T", "old:T"),
        ("from old import T\nfor T in x: ...", "old:T"),
        ("from old import T\nwith x as T: ...", "m:T"),
        ("from old import T\n(T := 1)", "m:T"),
        ("def f():\n  global T\n  T = 1\nfrom new import T", "new:T"),
        ("from new import T\ndef f():\n  global T\n  T = 1", "new:T"),
        ("def f():\n  global T\n  T = 1", "m:T"),
    ],
)
def test_the_last_binding_that_surely_runs(source: str, found: str) -> None:
    assert find(source) == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("try:\n  from new import T\nexcept ImportError:\n  from old import T", "new:T"),
        ("try:\n  from gone.x import T\nexcept ImportError:\n  from old import T",
         "external gone.x:T"),
        ("try:\n  from new.x import T\nexcept ImportError:\n  from old import T", "old:T"),
        ("try:\n  from new import gone as T\nexcept ImportError:\n  T = None", "m:T"),
        ("try:\n  from new import T\nexcept ImportError:\n  class T: ...", "new:T"),
        ("T = None\ntry:\n  from new import T\nexcept ImportError: ...", "new:T"),
        ("class T: ...\ntry:\n  from new import T\nexcept ImportError: ...", "m:T"),
        ("with suppress(ImportError):\n  from new import T", "new:T"),
        ("from old import T\nwith suppress(ImportError):\n  from new import T", "old:T"),
        ("if x:\n  from new import T\nelse:\n  from old import T", "new:T"),
        ("if x:\n  from new import T\nelse:\n  T = None", "new:T"),
        ("T = None\nif x:\n  from new import T", "new:T"),
        ("def f():\n  global T\n  T = 1\ndef g():\n  global T\n  T = 2", "m:T"),
        ("if TYPE_CHECKING:\n  from new import T", "new:T"),
        ("if TYPE_CHECKING:\n  from new import T\nelse:\n  from old import T", "old:T"),
        ("if TYPE_CHECKING:\n  from new import T\nelse:\n  T = object", "m:T"),
        ("T = None\nif TYPE_CHECKING:\n  from new import T", "m:T"),
        ("match x:\n  case 1:\n    from new import T\n  case _:\n    from old import T", "new:T"),
    ],
)  # fmt: skip
def test_of_several_that_may_run_the_most_usual_one(source: str, found: str) -> None:
    assert find(source) == found


def test_an_import_in_a_handler_is_a_reference_all_the_same() -> None:
    source = "try:\n  from new import T\nexcept ImportError:\n  from old import T\n"
    assert Tree({"m.py": source, "new.py": NEW, "old.py": NEW}).imports("m.py") == [
        "new:T", "old:T",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from old import T\nX = T\nfrom new import T", "old:T"),
        ("from old import T\nX = T\nT = None", "old:T"),
        ("import old as o\nX = o.T\nimport new as o", "old:T"),
        ("X = T\nfrom new import T", "new:T"),
        ("from old import T\nT = T\nX = T", "m:T"),
        ("X = undefined", "m:X"),
        ("X = int", "m:X"),
        ("X = Y\nY = X", "m:Y"),
        ("from new import K\nX = K.a.b", "new:K.a.b"),
        ("from new import T as X", "new:T"),
    ],
)
def test_an_alias_is_what_its_name_was_there(source: str, found: str) -> None:
    assert find(source, "m:X") == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from old import *\nfrom new import *", "new:T"),
        ("from old import *\nfrom new import T", "new:T"),
        ("from new import T\nfrom old import *", "old:T"),
        ("def T(): ...\nfrom new import *", "new:T"),
        ("from new import *\ndef T(): ...", "m:T"),
        ("def T(): ...\ntry:\n  from new import *\nexcept ImportError: ...", "m:T"),
        ("try:\n  from new import *\nexcept ImportError:\n  from old import *", "new:T"),
        ("if TYPE_CHECKING:\n  from new import *\nelse:\n  from old import *", "old:T"),
        ("def T(): ...\nfrom empty import *", "m:T"),
    ],
)
def test_stars_take_their_place_in_the_order(source: str, found: str) -> None:
    files = {"m.py": source, "new.py": NEW, "old.py": NEW, "empty.py": "__all__ = []\nT = 1\n"}
    assert Tree(files).find("m:T") == found
