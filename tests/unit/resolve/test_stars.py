"""Star imports and import cycles."""

from __future__ import annotations

import random
from itertools import permutations

import pytest

from .tree import Tree


def test_what_a_star_brings() -> None:
    found = Tree(
        {
            "listed.py": "__all__ = ['A', '_b']\nA = B = _b = 1\n",
            "plain.py": "A = _b = 1\nimport os\nfrom x import C\n",
            "opened.py": "from other import *\n__all__ = ['A', *other.__all__]\nA = B = _c = 1\n",
            "other.py": "D = 1\n",
            "package/__init__.py": "__all__ = ['sub', 'A']\nA = 1\n",
            "package/sub.py": "",
            "m.py": "from listed import *\n",
            "n.py": "from plain import *\n",
            "o.py": "from opened import *\n",
            "p.py": "from package import *\n",
        }
    )
    assert [found.find(f"m:{name}") for name in ("A", "B", "_b")] == [
        "listed:A", "missing m:B", "listed:_b",
    ]  # fmt: skip
    assert [found.find(f"n:{name}") for name in ("A", "_b", "os", "C")] == [
        "plain:A", "missing n:_b", "external os", "external x:C",
    ]  # fmt: skip
    assert [found.find(f"o:{name}") for name in ("A", "B", "D", "_c")] == [
        "opened:A", "opened:B", "other:D", "unknown o:_c",
    ]  # fmt: skip
    assert [found.find(f"p:{name}") for name in ("A", "sub")] == [
        "package:A", "module package.sub",
    ]  # fmt: skip


def test_the_names_that_a_star_would_bind() -> None:
    found = Tree(
        {
            "a.py": "from b import *\nA = _x = 1\nfrom c import C\n",
            "b.py": "from a import *\nB = 1\ndel B\nD = 1\n",
            "e.py": "__all__ = ['E', '_f']\nfrom a import *\n",
            "g.py": "__all__ = ['_h', *a.__all__]\nfrom a import *\n",
            "broken.py": None,
        }
    )
    assert found.resolver.provided("a.py") == ("A", "B", "C", "D")
    assert found.resolver.provided("e.py") == ("E", "_f")
    assert found.resolver.provided("g.py") == ("A", "B", "C", "D", "_h")
    assert found.resolver.provided("broken.py") == ()


def test_names_that_only_may_come_by_a_star() -> None:
    """A stub need not tell everything; a name in `__all__` is there, wherever it comes from."""
    found = Tree(
        {
            "m.py": "from stub import *\nfrom listed import *\n",
            "n.py": "from listed import *\n",
            "listed.py": "from outside import *\n__all__ = ['T', 'U']\n",
            "stub.pyi": "A: int\n",
        }
    )
    assert [found.find(f"m:{name}").split()[0] for name in "TX"] == ["unknown", "unknown"]
    assert [found.find(f"n:{name}").split()[0] for name in "TX"] == ["unknown", "missing"]


def test_a_chain_of_stars() -> None:
    files = {f"m{n}.py": f"from m{n + 1} import *\n" for n in range(5)}
    found = Tree({**files, "m5.py": "class T: ...\n"})
    assert found.chain("m0:T") == (
        "star m0.py:1 -> star m1.py:1 -> star m2.py:1 -> star m3.py:1 -> star m4.py:1 -> "
        "class m5.py:1"
    )


def test_a_very_long_chain_needs_no_deep_stack() -> None:
    files = {f"m{n}.py": f"from m{n + 1} import T\n" for n in range(600)}
    assert Tree({**files, "m600.py": "T = 1\n"}).find("m0:T") == "m600:T"
    stars = {f"m{n}.py": f"from m{n + 1} import *\n" for n in range(600)}
    assert Tree({**stars, "m600.py": "T = 1\n"}).find("m0:T") == "m600:T"


CYCLES = {
    "stars both ways": (
        {"a.py": "from b import *\nA = 1\n", "b.py": "from a import *\nB = 1\n"},
        {"a:A": "a:A", "a:B": "b:B", "b:A": "a:A", "b:B": "b:B",
         "a:C": "missing a:C", "b:C": "missing b:C"},
    ),
    "stars in a ring with a way out": (
        {"a.py": "from c import *\nfrom b import *\n", "b.py": "from a import *\n",
         "c.py": "X = 1\n"},
        {"a:X": "c:X", "b:X": "c:X", "a:Y": "missing a:Y", "b:Y": "missing b:Y"},
    ),
    "names that nobody binds": (
        {"a.py": "from b import X\n", "b.py": "from a import X\n"},
        {"a:X": "missing a:X", "b:X": "missing b:X"},
    ),
    "names with a fallback": (
        {"a.py": "try:\n  from b import X\nexcept ImportError:\n  from c import X\n",
         "b.py": "try:\n  from a import X\nexcept ImportError:\n  from d import X\n",
         "c.py": "X = 1\n", "d.py": "X = 1\n"},
        {"a:X": "d:X", "b:X": "c:X"},
    ),
    "packages that pass each other's names on": (
        {"p/__init__.py": "from .a import A\nfrom q import B\n",
         "p/a.py": "from q import B\nA = 1\n",
         "q/__init__.py": "from .b import B\nfrom p import A\n",
         "q/b.py": "from p.a import A\nB = 1\n"},
        {"p:A": "p.a:A", "p:B": "q.b:B", "q:A": "p.a:A", "q:B": "q.b:B", "q.b:A": "p.a:A"},
    ),
    "aliases in a ring": (
        {"a.py": "import b\nX = b.Y\n", "b.py": "import a\nY = a.X\n"},
        {"a:X": "missing a:X", "b:Y": "missing b:Y"},
    ),
    "a definition above an import that comes back to it": (
        {"a.py": "class X: ...\nfrom b import X\n", "b.py": "from a import X\n",
         "c.py": "class Y: ...\nfrom c import Y\n", "d.py": "try:\n  from e import Z\n"
         "except ImportError:\n  def Z(): ...\n", "e.py": "from d import Z\n"},
        {"a:X": "a:X", "b:X": "a:X", "c:Y": "c:Y", "d:Z": "d:Z", "e:Z": "d:Z"},
    ),
    "an import of itself": (
        {"a.py": "from a import X\nfrom a import *\n", "b.py": "import b\nX = b.X\n"},
        {"a:X": "missing a:X", "a:Y": "missing a:Y"},
    ),
    "three stars that all import each other": (
        {"a.py": "from b import *\nfrom c import *\nA = 1\n",
         "b.py": "from a import *\nfrom c import *\nB = 1\n",
         "c.py": "from a import *\nfrom b import *\nC = 1\n"},
        {f"{m}:{n.upper()}": f"{n}:{n.upper()}" for m in "abc" for n in "abc"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CYCLES)
def test_answers_do_not_depend_on_the_questions_before(case: str) -> None:
    files, expected = CYCLES[case]
    for order in list(permutations(expected))[:120]:
        tree = Tree(files)
        assert {name: tree.find(name) for name in order} == expected


@pytest.mark.parametrize("case", CYCLES)
def test_chains_do_not_depend_on_the_questions_before(case: str) -> None:
    files, names = CYCLES[case]
    alone = {name: Tree(files).chain(name) for name in names}
    for order in list(permutations(names))[:120]:
        tree = Tree(files)
        assert {name: tree.chain(name) for name in order} == alone


@pytest.mark.parametrize("seed", range(4))
def test_dense_circles_of_stars_are_settled_at_once(seed: int) -> None:
    """Forty modules, each with ten stars: as many simple paths as there are atoms."""
    fresh = random.Random(seed)
    names = [f"m{n}" for n in range(40)]
    files = {
        f"{name}.py": "".join(f"from {other} import *\n" for other in fresh.sample(names, 10))
        + f"X{name} = 1\n"
        for name in names
    }
    tree = Tree(files)
    assert all(tree.find(f"{m}:Xm7") == "m7:Xm7" for m in names)
    assert all(tree.find(f"{m}:nothing") == f"missing {m}:nothing" for m in names)
