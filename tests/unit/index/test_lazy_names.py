"""Where a module-level `__getattr__` takes its names from."""

from __future__ import annotations

import pytest

from .reading import facts, lazy

READS_A_TABLE = """
def __getattr__(name):
    if name in TABLE:
        return getattr(import_module(TABLE[name]), name)
    raise AttributeError(name)
"""


@pytest.mark.parametrize(
    ("body", "provided"),
    [
        ("if name == 'A':\n  from new import A\n  return A", "A <- new.A"),
        ("if 'A' == name:\n  from new import A\n  return A", "A <- new.A"),
        ("if name == 'A':\n  from .new import B as A\n  return A", "A <- .new.B"),
        ("if name == 'A':\n  from . import A\n  return A", "A <- .A"),
        ("if name == 'A':\n  import new.mod\n  return new.mod.A", "A <- new.mod.A"),
        ("if name == 'A':\n  import new.mod as n\n  return n.B", "A <- new.mod.B"),
        ("if name == 'A':\n  return import_module('new.mod').B", "A <- new.mod.B"),
        ("if name == 'A':\n  return import_module('.mod', __package__)", "A <- .mod"),
        ("if name == 'A':\n  return getattr(import_module('new'), 'B')", "A <- new.B"),
        ("if name == 'A':\n  m = import_module('new')\n  return m.B", "A <- new.B"),
        ("if name == 'A':\n  m = __import__('new')\n  return getattr(m, name)", "A <- new.A"),
        ("if name in ('A', 'B'):\n  import new\n  return getattr(new, name)",
         "A <- new.A, B <- new.B"),
        ("if name == 'A' or name == 'B':\n  from new import C\n  return C",
         "A <- new.C, B <- new.C"),
        ("if name == 'A':\n  from new import A\n  return A\nelif name == 'B':\n"
         "  from old import B\n  return B", "A <- new.A, B <- old.B"),
        ("import new\nif name == 'A':\n  return new.A", "A <- new.A"),
        ("if name != 'A':\n  raise AttributeError\nfrom new import A\nreturn A", "A <- new.A"),
        ("if name not in ('A', 'B'):\n  raise AttributeError\nimport new\n"
         "return getattr(new, name)", "A <- new.A, B <- new.B"),
        ("match name:\n  case 'A' | 'B':\n    from new import C\n    return C\n"
         "  case 'D':\n    from new import D\n    return D",
         "A <- new.C, B <- new.C, D <- new.D"),
    ],
)  # fmt: skip
def test_branches_of_the_function(body: str, provided: str) -> None:
    source = "def __getattr__(name):\n" + "".join(f"  {row}\n" for row in body.split("\n"))
    assert ", ".join(lazy(source)) == provided
    assert facts(source).has_getattr


@pytest.mark.parametrize(
    ("table", "provided"),
    [
        ("{'A': 'new.mod'}", "A <- new.mod or in it"),
        ("{'A': '.mod'}", "A <- .mod or in it"),
        ("{'A': 'new.mod.A'}", "A <- new.mod.A"),
        ("{'A': 'new.mod:B'}", "A <- new.mod.B"),
        ("{'A': 'new.mod.B'}", "A <- new.mod.B or in it"),
        ("{'A': ('new.mod', 'B')}", "A <- new.mod.B"),
        ("{'A': ('.', 'B')}", "A <- .B"),
        ("{'new.mod': ['A', 'B']}", "A <- new.mod.A, B <- new.mod.B"),
        ("{'.mod': ('A', 'B', 'C')}", "A <- .mod.A, B <- .mod.B, C <- .mod.C"),
        ("{'mod': ('A', 'B')}", "A <- mod.A, B <- mod.B"),
        ("{'mod': {'A'}}", "A <- mod.A"),
        ("dict(A='new.mod')", "A <- new.mod or in it"),
        ("{'A': 'new', **OTHER}\nOTHER = {'B': 'old'}", "A <- new or in it, B <- old or in it"),
        ("{}\nTABLE['A'] = 'new.mod'", "A <- new.mod or in it"),
        ("{}\nTABLE.update({'A': 'new.mod'})", "A <- new.mod or in it"),
        ("{n: m for m, ns in GROUPS.items() for n in ns}\nGROUPS = {'new.mod': ['A']}",
         "A <- new.mod.A"),
        ("{}\nGROUPS = {'new.mod': ['A']}\nfor m in GROUPS:\n  for n in m: TABLE[n] = m",
         "A <- new.mod.A"),
        ("{'A': 'not a path', 'B': 1, 2: 'c', 'D': x, 'E f': 'new'}", ""),
    ],
)  # fmt: skip
def test_look_up_tables(table: str, provided: str) -> None:
    assert ", ".join(lazy(f"TABLE = {table}\n{READS_A_TABLE}")) == provided


def test_a_table_that_the_function_does_not_read_provides_nothing() -> None:
    source = "COLOURS = {'red': 'ansi.red'}\nTABLE = {'A': 'new.mod'}\n" + READS_A_TABLE
    assert lazy(source) == ["A <- new.mod or in it"]


def test_the_table_may_be_in_the_function_or_behind_helpers() -> None:
    source = """
    _TABLE = {"A": "new.mod"}

    def _find(name):
        if name == "B":
            from old.mod import B
            return B
        return _load(name)

    def _load(name):
        return import_module(_TABLE[name])

    def __getattr__(name):
        more = {"C": "other.mod"}
        return _find(name)
    """
    assert sorted(lazy(source)) == [
        "A <- new.mod or in it", "B <- old.mod.B", "C <- other.mod or in it",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "provided"),
    [
        ("def __getattr__(name):\n  import new.mod\n  return getattr(new.mod, name)",
         "* <- new.mod"),
        ("def __getattr__(name):\n  return getattr(import_module('new'), name)", "* <- new"),
        ("def __getattr__(name):\n  from . import _impl\n  return getattr(_impl, name)",
         "* <- ._impl"),
        ("def __getattr__(name):\n  m = import_module('._impl', __package__)\n"
         "  return getattr(m, name)", "* <- ._impl"),
        ("from ._impl import __getattr__", "* <- ._impl"),
    ],
)  # fmt: skip
def test_a_whole_module_passed_on(source: str, provided: str) -> None:
    assert ", ".join(lazy(source)) == provided
    assert facts(source).has_getattr


def test_scipy_names_the_private_module_to_a_helper() -> None:
    source = """
    __all__ = ["A"]

    def __dir__():
        return __all__

    def __getattr__(name):
        return _sub_module_deprecation(sub_package="misc", module="common",
                                       private_modules=["_common", "_other"], all=__all__,
                                       attribute=name)
    """
    assert lazy(source) == ["* <- misc", "* <- common", "* <- _common", "* <- _other"]
    assert facts(source).logic == 0


def test_langchain_makes_an_importer_of_a_public_table() -> None:
    source = """
    DEPRECATED_LOOKUP = {"A": "community.tools", "B": "community.tools.b"}
    _import_attribute = create_importer(__package__, deprecated_lookups=DEPRECATED_LOOKUP)

    def __getattr__(name):
        return _import_attribute(name)
    """
    assert lazy(source) == ["A <- community.tools or in it", "B <- community.tools.b or in it"]
    assert facts(source).logic == 0


def test_langchain_may_name_a_whole_module_instead() -> None:
    source = """
    _import_attribute = create_importer(__package__, fallback_module="community.tools")

    def __getattr__(name):
        return _import_attribute(name)
    """
    assert lazy(source) == ["* <- community.tools"]


def test_transformers_replaces_the_module() -> None:
    source = """
    _import_structure = {"configuration": ["Config"], "tokens": []}
    try:
        check()
    except Unavailable:
        pass
    else:
        _import_structure["modeling"] = ["Model", "load"]
        _import_structure["tokens"].append("Token")
    if TYPE_CHECKING:
        from .configuration import Config
    else:
        sys.modules[__name__] = _LazyModule(__name__, __file__, _import_structure)
    """
    assert sorted(lazy(source)) == [
        "Config <- configuration.Config",
        "Model <- modeling.Model",
        "Token <- tokens.Token",
        "load <- modeling.load",
    ]
    assert facts(source).open


@pytest.mark.parametrize(
    "targets", ["__getattr__, __dir__, __all__", "__getattr__, __dir__, _", "(__getattr__, *_)"]
)
def test_lazy_loader_gives_the_hooks_in_a_tuple(targets: str) -> None:
    call = "lazy.attach(__name__, submodules=['sub'], submod_attrs={'mod': ['A']})"
    read = facts(f"{targets} = {call}")
    assert [(n.name, n.target) for n in read.lazy_names] == [("A", "mod.A")]
    assert read.has_getattr
    assert read.logic == 0


def test_a_stub_beside_the_module_may_hold_the_names() -> None:
    read = facts("__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)")
    assert (read.has_getattr, read.exports_open, read.lazy_names) == (True, True, ())


@pytest.mark.parametrize(
    "source",
    [
        "__getattr__ = make({'A': 'new.mod'})",
        "__getattr__: Getter = make({'A': 'new.mod'})",
        "if x:\n  __getattr__ = make(dict(A='new.mod'))",
    ],
)
def test_the_function_may_be_assigned(source: str) -> None:
    assert lazy(source) == ["A <- new.mod or in it"]
    assert facts(source).has_getattr


@pytest.mark.parametrize(
    "source",
    [
        "class A:\n  def __getattr__(self, name): return {'B': 'new.mod'}[name]",
        "class A:\n  __getattr__ = make({'B': 'new.mod'})",
        "class A:\n  __getattr__: Getter",
        "def f():\n  def __getattr__(name): return {'B': 'new.mod'}[name]",
        "__getattr__: Getter",
        "TABLE = {'A': 'new.mod'}",
    ],
)
def test_a_getattr_elsewhere_is_not_the_modules(source: str) -> None:
    assert not facts(source).has_getattr
    assert lazy(source) == []
