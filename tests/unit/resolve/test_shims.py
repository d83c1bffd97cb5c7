"""Which modules only pass names on."""

from __future__ import annotations

import pytest

from .tree import Tree

CORE = "class T: ...\nclass U: ...\ndef f(): ...\n_p = 1\n"
WARN = "warnings.warn('moved to pkg.core', DeprecationWarning, stacklevel=2)\n"


def shim(source: str, path: str = "old.py", **more: str) -> str:
    """What the module in `path` is, beside `pkg.core`."""
    files = {"pkg/__init__.py": "", "pkg/core.py": CORE, path: source}
    return Tree({**files, **{f"{name}.py": text for name, text in more.items()}}).shim(path)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from pkg.core import T", "static: T -> pkg.core:T"),
        ("'''Old.'''\nfrom pkg.core import T, f as g\n__all__ = ['T', 'g']",
         "static: T -> pkg.core:T, g -> pkg.core:f"),
        ("from pkg.core import *", "static: T -> pkg.core:T, U -> pkg.core:U, f -> pkg.core:f"),
        ("from pkg import core", "static: core -> pkg.core"),
        ("from pkg.core import T, U\n__all__ = ['T']", "static: T -> pkg.core:T"),
        ("from outside.mod import T", "static: T -> outside.mod:T"),
        ("from outside.mod import *", "static: * -> outside.mod"),
        ("import sys\nfrom typing import Any\nfrom pkg.core import T", "static: T -> pkg.core:T"),
        ("from os.path import join\n__all__ = ['join']", "static: join -> os.path:join"),
        ("from pkg.core import T\nOld = T", "assignment: Old -> pkg.core:T, T -> pkg.core:T"),
        ("import pkg.core\nT = pkg.core.T", "assignment: T -> pkg.core:T"),
        ("import pkg.core as _core\nT: type = _core.T", "assignment: T -> pkg.core:T"),
        ("from pkg.core import T as _T\nT = _T", "assignment: T -> pkg.core:T"),
        ("try:\n  from pkg.core import T\nexcept ImportError:\n  T = None",
         "fallback: T -> pkg.core:T"),
        ("try:\n  from pkg.core import T\nexcept ImportError as e:\n  class T:\n"
         "    def __init__(self): raise e\n  def make(): raise e\n  log.error('no core')",
         "fallback: T -> pkg.core:T"),
        ("with suppress(ImportError):\n  from pkg.core import T", "fallback: T -> pkg.core:T"),
        ("def __getattr__(name):\n  if name == 'T':\n    from pkg.core import T\n    return T",
         "getattr: T -> pkg.core:T"),
        ("_TABLE = {'T': 'pkg.core'}\ndef __getattr__(name): return load(_TABLE[name])\n"
         "def __dir__(): return [*_TABLE]", "getattr: T -> pkg.core:T"),
        ("TABLE = {'T': 'pkg.core'}\n_find = create_importer(TABLE)\n"
         "def __getattr__(name): return _find(name)", "getattr: T -> pkg.core:T"),
        ("__all__ = ['T', 'f']\ndef __getattr__(name):\n  from pkg import core\n"
         "  return getattr(core, name)", "getattr: T -> pkg.core:T, f -> pkg.core:f"),
        ("__all__ = ['go']\nclass _Cache:\n  def go(self): ...\n_CACHE = _Cache()\ngo = _CACHE.go",
         ""),
        ("from pkg.core import f\n_find = f('elsewhere')\n"
         "def __getattr__(name): return _find(name)", ""),
        (f"{WARN}from pkg.core import T", "deprecation: T -> pkg.core:T"),
        (f"{WARN}class Old(Base):\n  pass\nfrom pkg.core import T", ""),
        ("import logging\nfrom pkg.core import T\nlogger = logging.getLogger(__name__)",
         "static: T -> pkg.core:T"),
        ("import warnings\nwarnings.simplefilter('always')\nfrom pkg.core import T",
         "static: T -> pkg.core:T"),
        (f"{WARN}from pkg.core import T\ndef _helper(): ...", "deprecation: T -> pkg.core:T"),
        ("from pkg.core import T\nif TYPE_CHECKING:\n  from pkg.core import U",
         "static: T -> pkg.core:T"),
    ],
)  # fmt: skip
def test_shims_of_every_kind(source: str, found: str) -> None:
    assert shim(source) == found


@pytest.mark.parametrize(
    "source",
    [
        "",
        "'''Only words.'''",
        "import pkg.core",
        "from __future__ import annotations",
        "import os, sys\nfrom typing import Any",
        "from pkg.core import _p",
        "from pkg.core import T\nclass Mine(T): ...",
        "from pkg.core import f\ndef mine(): return f()",
        "from pkg.core import f\ndef _mine(): return f()",
        "from pkg.core import T\nLIMIT = 10",
        "from pkg.core import T\nLIMIT: int = 10",
        "from pkg.core import T\nthing = T()",
        "from pkg.core import T\nT.x = 1",
        "from pkg.core import f\nf()",
        "from pkg.core import f\nif __name__ == '__main__':\n  f()",
        "from pkg.core import T\nfor x in T: ...",
        "def __getattr__(name): raise AttributeError(name)",
        "TABLE = {'T': 'pkg.core'}\nfrom pkg.core import T",
    ],
)
def test_modules_that_do_something_or_pass_nothing_on(source: str) -> None:
    assert shim(source) == ""


def test_a_package_is_no_shim_of_its_own_insides() -> None:
    assert shim("from .core import T", "pkg/__init__.py") == ""
    assert shim("from pkg.core import T\nfrom outside import X", "pkg/__init__.py") == ""


def test_a_package_that_passes_on_what_lies_elsewhere_is_one() -> None:
    assert shim("from pkg.core import T", "old/__init__.py") == "static: T -> pkg.core:T"
    assert shim("from .core import T", "pkg/api.py") == "static: T -> pkg.core:T"


def test_a_conftest_passes_on_to_pytest() -> None:
    assert shim("from pkg.core import T", "tests/conftest.py") == ""


def test_targets_lie_behind_other_shims() -> None:
    found = shim("from older import T\nfrom own import W", older="from pkg.core import T",
                 own="from pkg.core import T\nclass W: ...")  # fmt: skip
    assert found == "static: T -> pkg.core:T, W -> own:W"


def test_shims_that_pass_each_other_on() -> None:
    tree = Tree({"old.py": "from other import *\nfrom other import T\n",
                 "other.py": "from old import *\nfrom old import T\n"})  # fmt: skip
    assert tree.shims.is_shim("old.py") is tree.shims.is_shim("other.py")


def test_a_module_is_asked_even_if_a_package_has_its_name() -> None:
    tree = Tree({"x.py": "from a import T\n", "x/__init__.py": "", "a.py": "class T: ...\n"})
    assert tree.shim("x.py") == "static: T -> a:T"
    assert tree.shim("x/__init__.py") == ""


AIRFLOW = '''
"""This module is deprecated. Please use `pkg.core`."""

import warnings

from pkg.core import T, U

warnings.warn("This module is deprecated. Please use `pkg.core`.", DeprecationWarning, stacklevel=2)


class OldT(T):
    """This class is deprecated. Please use `pkg.core.T`."""

    def __init__(self, *args, **kwargs):
        warnings.warn(self.__doc__, DeprecationWarning, stacklevel=2)
        super().__init__(*args, **kwargs)
'''


def test_airflow_wraps_renamed_classes() -> None:
    assert shim(AIRFLOW) == "deprecation: OldT -> pkg.core:T, T -> pkg.core:T, U -> pkg.core:U"


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("import pkg.core as c\nclass Old(c.T):\n  def __init__(self):\n    {warn}", "pkg.core:T"),
        ("from pkg.core import T\n@deprecated('Use T')\nclass Old(T): ...", "pkg.core:T"),
        ("from pkg.core import f\ndef Old(*a):\n  {warn}\n  return f(*a)", "pkg.core:f"),
        ("import pkg.core\ndef Old(*a):\n  {warn}\n  return pkg.core.f(*a)", "pkg.core:f"),
        ("from pkg.core import f\nasync def Old():\n  {warn}\n  return await f()", "pkg.core:f"),
        ("from x import load\n@deprecated('Use `pkg.core.f`.')\ndef Old():\n  return load('f')()",
         "pkg.core:f"),
    ],
)  # fmt: skip
def test_thin_wrappers_stand_for_what_they_wrap(source: str, target: str) -> None:
    source = source.replace("{warn}", "warnings.warn('gone', DeprecationWarning)")
    kind, _, passed = shim(source).partition(": ")
    assert kind == "deprecation"
    assert f"Old -> {target}" in passed.split(", ")


@pytest.mark.parametrize(
    "source",
    [
        "from pkg.core import T\nclass Old(T):\n  def run(self): ...\n"
        "  def __init__(self, retries=None):\n    if retries:\n      {warn}",
        "from pkg.core import T\nclass Old(T):\n  def __init__(self):\n    {warn}\n"
        "    super().__init__()\n  def run(self): return 1",
        "from pkg.core import f\n@deprecated('gone')\ndef Old(x):\n  y = f(x)\n  return y.z()",
    ],
)
def test_deprecated_code_with_a_life_of_its_own_is_no_shim(source: str) -> None:
    assert shim(source.replace("{warn}", "warnings.warn('gone', DeprecationWarning)")) == ""


def test_the_way_to_a_module_is_not_what_a_name_stands_for() -> None:
    files = {
        "pkg/__init__.py": "from . import old\n",
        "pkg/_new.py": "class T: ...\n",
        "pkg/old.py": "from pkg._new import T\n",
        "pkg/older.py": "import pkg\nT = pkg.old.T\n",
    }
    assert Tree(files).shim("pkg/older.py") == "assignment: T -> pkg._new:T"


def test_a_stub_is_no_shim_and_a_star_binds_nothing_for_type_checkers() -> None:
    files = {
        "new.py": "from typing import TYPE_CHECKING\nclass T: ...\n"
        "if TYPE_CHECKING:\n  from other import U\n",
        "old.py": "from new import *\n",
        "told.pyi": "from new import T\nx: T\n",
    }
    assert Tree(files).shim("told.pyi") == ""
    assert "U" not in Tree(files).shim("old.py")
