"""Every form by which a name comes from elsewhere, with its chain."""

from __future__ import annotations

import pytest

from ssot_migrate.domain.symbol import SymbolPath

from .tree import Tree, shown

CORE = "class T:\n    attr = 1\n\ndef f(): ...\n\nV = 1\n"


def tree(**files: str) -> Tree:
    """Modules beside `pkg.core`; `__` in a name stands for a slash."""
    paths = {name.replace("__", "/") + ".py": source for name, source in files.items()}
    return Tree({"pkg/__init__.py": "", "pkg/core.py": CORE, **paths})


@pytest.mark.parametrize(
    ("source", "chain"),
    [
        ("from pkg.core import T", "import m.py:1 -> class pkg/core.py:1"),
        ("from pkg.core import T as X; T = X", "alias m.py:1 -> class pkg/core.py:1"),
        ("from pkg import core\nT = core.T", "alias m.py:2 -> class pkg/core.py:1"),
        ("import pkg.core\nT = pkg.core.T", "alias m.py:2 -> class pkg/core.py:1"),
        ("import pkg.core as c\nT = c.T", "alias m.py:2 -> class pkg/core.py:1"),
        ("import pkg\nT = pkg.core.T", "alias m.py:2 -> class pkg/core.py:1"),
        ("from pkg.core import *", "star m.py:1 -> class pkg/core.py:1"),
        ("import pkg.core as c\nC = c\nT = C.T", "alias m.py:3 -> class pkg/core.py:1"),
        ("if x:\n  from pkg.core import T", "import m.py:2 -> class pkg/core.py:1"),
        ("def f():\n  global T\n  from pkg.core import T", "global m.py:2"),
    ],
)
def test_forms_that_reach_a_class(source: str, chain: str) -> None:
    assert tree(m=source).chain("m:T") == chain


def test_relative_forms() -> None:
    found = tree(
        pkg__sub__user="from ..core import T\nfrom .. import core\nfrom . import near\n",
        pkg__sub__near="from .user import T as U\n",
        pkg__peer="from .core import T\nfrom . import core\nfrom .sub.near import U\n",
    )
    assert found.imports("pkg/sub/user.py") == [
        "pkg.core:T",
        "module pkg.core",
        "module pkg.sub.near",
    ]
    assert found.imports("pkg/peer.py") == ["pkg.core:T", "module pkg.core", "pkg.core:T"]


def test_attributes_of_classes_and_aliases_of_them() -> None:
    found = tree(m="from pkg.core import T\nA = T.attr\nB = T\nC = B.attr.more\n")
    assert found.find("m:A") == "pkg.core:T.attr"
    assert found.find("m:C") == "pkg.core:T.attr.more"
    assert found.find("pkg.core.T.attr") == "pkg.core:T.attr"


def test_kinds_of_definitions() -> None:
    found = tree(m="from pkg.core import T, f, V\nimport os.path as p, pkg\nW = p.join\n")
    assert [found.chain(f"m:{name}") for name in "TfV"] == [
        "import m.py:1 -> class pkg/core.py:1",
        "import m.py:1 -> def pkg/core.py:4",
        "import m.py:1 -> value pkg/core.py:6",
    ]
    assert found.find("m:W") == "external os.path.join"
    assert found.find("m:pkg") == "module pkg"


def test_a_shim_of_a_shim_of_a_package() -> None:
    found = tree(
        legacy__db="from pkg.api import T\n",
        legacy__old="from legacy.db import T as Old\n",
        pkg__api="from .core import T\n",
        use="from legacy.old import Old\n",
    )
    assert found.chain("use:Old") == (
        "import use.py:1 -> import legacy/old.py:1 -> import legacy/db.py:1 -> "
        "import pkg/api.py:1 -> class pkg/core.py:1"
    )


def test_the_longest_module_then_attributes() -> None:
    found = tree(pkg__sub__deep="X = 1\n")
    assert found.find("pkg.sub.deep.X.y") == "pkg.sub.deep:X.y"
    assert found.find("pkg.sub.deep") == "module pkg.sub.deep"
    assert found.find("pkg.sub") == "module pkg.sub"
    assert found.find("pkg.sub.gone") == "missing pkg.sub:gone"
    assert found.find("numpy.linalg.norm") == "external numpy.linalg.norm"


def test_missing_is_not_unknown() -> None:
    found = Tree(
        {
            "plain.py": "x = 1\n",
            "opened.py": "globals().update(y)\n",
            "lazy.py": "def __getattr__(name): ...\n",
            "broken.py": None,
            "starred.py": "from numpy import *\n",
            "stars.py": "from starred import *\n",
            "lost.py": "from gone_pkg.x import *\n",
            "named.py": "from opened import *\n",
            "use.py": "from .....far import a\nfrom plain.sub import b\n",
        }
    )
    assert found.find("plain:y") == "missing plain:y"
    for module in ("opened", "lazy", "broken", "starred", "stars", "lost", "named"):
        assert found.find(f"{module}:y") == f"unknown {module}:y"
    assert found.imports("use.py") == ["missing .....far:a", "missing plain.sub:b"]


def test_a_package_attribute_hides_the_submodule() -> None:
    found = Tree(
        {
            "pkg/__init__.py": "from .sub import sub\nfrom . import other\nthird = 3\n",
            "pkg/sub.py": "def sub(): ...\n",
            "pkg/other.py": "",
            "pkg/third.py": "",
            "pkg/fourth.py": "",
        }
    )
    assert found.find("pkg:sub") == "pkg.sub:sub"
    assert found.find("pkg:other") == "module pkg.other"
    assert found.find("pkg:third") == "pkg:third"
    assert found.find("pkg:fourth") == "module pkg.fourth"
    assert found.find("pkg.sub.sub") == "pkg.sub:sub.sub"


def test_a_registrys_path_says_where_the_module_ends() -> None:
    found = Tree({"pkg/__init__.py": "from .sub import sub\n", "pkg/sub.py": "def sub(): ...\n"})
    for text, end in (
        ("pkg.sub:sub", "pkg.sub:sub"),
        ("pkg.sub", "module pkg.sub"),
        ("pkg:sub", "pkg.sub:sub"),
        ("pkg.sub:sub.attr", "pkg.sub:sub.attr"),
        ("pkg.gone:X", "missing pkg:gone.X"),
    ):
        assert shown(found.resolver.path(SymbolPath.parse(text))) == end


@pytest.mark.parametrize(
    "source",
    ["from . import sub", "import pkg.sub", "from pkg import sub", "import pkg.sub as sub"],
)
def test_a_package_may_import_its_own_submodule(source: str) -> None:
    found = Tree({"pkg/__init__.py": source, "pkg/sub.py": "X = 1\n"})
    assert found.find("pkg:sub") == "module pkg.sub"
    assert found.find("pkg.sub.X") == "pkg.sub:X"


def test_the_root_package() -> None:
    found = Tree({"__init__.py": "from .a import X\n", "a.py": "X = 1\nfrom . import X as Y\n"})
    assert found.imports("__init__.py") == ["a:X"]
    assert found.find("a:Y") == "a:X"


def test_stubs_alone_are_modules() -> None:
    found = Tree({"ext.pyi": "class T: ...\n", "m.py": "from ext import T\n"})
    assert found.chain("m:T") == "import m.py:1 -> class ext.pyi:1"


def test_two_files_of_one_name_are_asked_by_path() -> None:
    found = Tree({"x.py": "from a import T\n", "x/__init__.py": "", "a.py": "class T: ...\n"})
    assert found.find("x:T") == "missing x:T"
    assert str(found.resolver.bound("x.py", "T").symbol) == "a:T"


def test_scripts_reach_their_neighbours() -> None:
    found = Tree(
        {"scripts/run.py": "import helper\nfrom helper import T\n", "scripts/helper.py": "T = 1\n"},
        roots=["src"],
    )
    assert found.imports("scripts/run.py") == ["module scripts.helper", "scripts.helper:T"]
    (plain, _) = found.facts("scripts/run.py").imports
    reached = found.resolver.reference("scripts/run.py", plain, "T")
    assert str(reached.symbol) == "scripts.helper:T"


def test_every_module_has_some_names_of_its_own() -> None:
    found = tree(m="from pkg.core import __file__, __name__, __dict__, __version__\n")
    assert found.imports("m.py") == [
        "pkg.core:__file__",
        "pkg.core:__name__",
        "pkg.core:__dict__",
        "missing pkg.core:__version__",
    ]
