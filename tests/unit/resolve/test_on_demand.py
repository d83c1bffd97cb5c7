"""Names that a module-level `__getattr__` provides."""

from __future__ import annotations

import pytest

from .tree import Tree

NEW = "class T: ...\ndef f(): ...\n_p = 1\n"
GETATTR = "def __getattr__(name):\n    return getattr(import_module(TABLE[name]), name)\n"


def tree(source: str, path: str = "pkg/old.py") -> Tree:
    return Tree({"pkg/__init__.py": "", "pkg/new.py": NEW, "pkg/impl/core.py": NEW, path: source})


@pytest.mark.parametrize(
    ("table", "found"),
    [
        ("{'T': 'pkg.new'}", "pkg.new:T"),
        ("{'T': 'pkg.new.T'}", "pkg.new:T"),
        ("{'T': 'pkg.new:T'}", "pkg.new:T"),
        ("{'T': 'pkg.new.f'}", "pkg.new:f"),
        ("{'T': ('pkg.new', 'f')}", "pkg.new:f"),
        ("{'T': '.new'}", "pkg.new:T"),
        ("{'T': 'new'}", "pkg.new:T"),
        ("{'T': ('.new', 'f')}", "pkg.new:f"),
        ("{'T': ('.impl', 'core')}", "module pkg.impl.core"),
        ("{'pkg.new': ['T']}", "pkg.new:T"),
        ("{'new': ['T']}", "pkg.new:T"),
        ("{'.impl.core': ['T']}", "pkg.impl.core:T"),
        ("{'T': 'pkg.impl.core'}", "pkg.impl.core:T"),
        ("{'T': 'pkg.impl'}", "module pkg.impl"),
        ("{'T': 'outside.mod'}", "external outside.mod.T"),
        ("{'T': 'outside.mod.NewT'}", "external outside.mod.NewT"),
        ("{'T': ('outside.mod', 'U')}", "external outside.mod.U"),
        ("{'T': 'pkg.gone'}", "unknown pkg.old:T"),
        ("{'T': 'pkg.old'}", "unknown pkg.old:T"),
        ("{'U': 'pkg.new'}", "unknown pkg.old:T"),
    ],
)
def test_tables_lead_to_what_they_name(table: str, found: str) -> None:
    assert tree(f"TABLE = {table}\n{GETATTR}").find("pkg.old:T") == found


def test_the_chain_tells_the_tables_line() -> None:
    source = f"TABLE = {{\n    'T': 'pkg.new',\n}}\n{GETATTR}"
    assert tree(source).chain("pkg.old:T") == "lazy pkg/old.py:2 -> class pkg/new.py:1"


def test_in_a_package_paths_are_counted_from_it() -> None:
    found = tree(
        f"TABLE = {{'T': '.core', 'f': 'core', 'core': 'x'}}\n{GETATTR}", "pkg/impl/__init__.py"
    )
    assert found.find("pkg.impl:T") == "pkg.impl.core:T"
    assert found.find("pkg.impl:f") == "pkg.impl.core:f"
    assert found.find("pkg.impl:core") == "module pkg.impl.core"


def test_what_the_module_binds_itself_comes_first() -> None:
    found = tree(f"from .impl.core import T\nTABLE = {{'T': 'pkg.new'}}\n{GETATTR}")
    assert found.find("pkg.old:T") == "pkg.impl.core:T"


@pytest.mark.parametrize(
    "source",
    [
        "def __getattr__(name):\n  from . import new\n  return getattr(new, name)",
        "def __getattr__(name):\n  return getattr(import_module('.new', __package__), name)",
        "def __getattr__(name):\n  return _moved(sub='x', module='old', private=['new'])",
        "_find = create_importer(__package__, fallback_module='pkg.new')\n"
        "def __getattr__(name): return _find(name)",
        "from .impl.hooks import __getattr__",
    ],
)
def test_a_whole_module_passed_on(source: str) -> None:
    hooks = f"TABLE = {{'T': 'pkg.new', 'f': 'pkg.new'}}\n{GETATTR}"
    found = Tree(
        {"pkg/__init__.py": "", "pkg/new.py": NEW, "pkg/impl/hooks.py": hooks, "pkg/old.py": source}
    )
    assert found.find("pkg.old:T") == "pkg.new:T"
    assert found.find("pkg.old:gone") == "unknown pkg.old:gone"
    assert found.find("pkg.old:__path__") == "unknown pkg.old:__path__"


def test_a_whole_module_gives_only_what_is_listed() -> None:
    source = (
        "__all__ = ['T']\ndef __getattr__(name):\n  from . import new\n  return getattr(new, name)"
    )
    found = tree(source)
    assert found.find("pkg.old:T") == "pkg.new:T"
    assert found.find("pkg.old:f") == "unknown pkg.old:f"


def test_a_module_outside_may_be_passed_on_where_that_is_certain() -> None:
    certain = "def __getattr__(name):\n  import outside.mod\n  return getattr(outside.mod, name)"
    assert tree(certain).find("pkg.old:T") == "external outside.mod.T"
    assert tree(certain, "pkg/__init__.py").find("pkg:T") == "external outside.mod.T"
    guessed = "def __getattr__(name):\n  return _moved('outside', 'mod', name)"
    assert tree(guessed).find("pkg.old:T") == "unknown pkg.old:T"


def test_what_a_private_module_imports_from_outside_is_passed_on_too() -> None:
    found = Tree(
        {
            "pkg/__init__.py": "",
            "pkg/old.py": "__all__ = ['E']\ndef __getattr__(name):\n  return _moved('_new', name)",
            "pkg/_new.py": "from numpy.linalg import E\n",
        }
    )
    assert found.find("pkg.old:E") == "external numpy.linalg:E"


@pytest.mark.parametrize(
    "source",
    [
        "__getattr__, __dir__, __all__ = lazy.attach(__name__, submod_attrs={'new': ['T']})",
        "__getattr__ = make_getattr({'T': 'pkg.new'})",
        "sys.modules[__name__] = _LazyModule(__name__, {'new': ['T']})",
    ],
)
def test_hooks_made_by_a_call(source: str) -> None:
    found = tree(source, "pkg/__init__.py")
    assert found.find("pkg:T") == "pkg.new:T"
    assert found.find("pkg:gone") == "unknown pkg:gone"


def test_type_checking_imports_speak_for_what_is_lazy() -> None:
    source = "if TYPE_CHECKING:\n  from .new import T\nelse:\n  sys.modules[__name__] = Lazy()\n"
    assert tree(source, "pkg/__init__.py").find("pkg:T") == "pkg.new:T"


def test_the_private_namesake_counts_before_other_modules() -> None:
    found = Tree(
        {
            "pkg/__init__.py": "def f(): ...\n",
            "pkg/_stats.py": "def f(): ...\n",
            "pkg/stats.py": "__all__ = ['f']\n"
            "def __getattr__(name): return find('pkg', ['_stats'], name)\n",
        }
    )
    assert found.find("pkg.stats:f") == "pkg._stats:f"


def test_a_table_counts_before_what_is_there_for_type_checkers() -> None:
    source = (
        "if TYPE_CHECKING:\n  from other.base import T\n_TABLE = {'T': 'elsewhere.new'}\n"
        "def __getattr__(name): return getattr(import_module(_TABLE[name]), name)"
    )
    assert tree(source, "pkg/__init__.py").find("pkg:T") == "external elsewhere.new.T"


def test_a_stub_beside_the_module_tells_its_names() -> None:
    found = Tree(
        {
            "pkg/__init__.py": "__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)",
            "pkg/__init__.pyi": "from .new import T\ndef g(): ...\n",
            "pkg/new.py": NEW,
            "use.py": "from pkg import T, g, gone\n",
        }
    )
    assert found.chain("pkg:T") == "import pkg/__init__.pyi:1 -> class pkg/new.py:1"
    assert found.imports("use.py") == ["pkg.new:T", "unknown pkg:g", "unknown pkg:gone"]
