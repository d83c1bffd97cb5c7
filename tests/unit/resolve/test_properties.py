"""Random trees of re-exports whose maker knows where every name comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from .tree import Tree

if TYPE_CHECKING:
    import random

FORMS = (
    "from {m} import {n} as {x}",
    "from {m} import {n} as _t\n{x} = _t",
    "import {m}\n{x} = {m}.{n}",
    "import {m} as _m\n{x} = _m.{n}",
    "import {m} as _m\n_n = _m\n{x} = _n.{n}",
    "from {p} import {l} as _m\n{x} = _m.{n}",
    "from {r} import {n} as {x}",
    "try:\n    from {m} import {n} as {x}\nexcept ImportError:\n    {x} = None",
    "try:\n  from {p}.gone import {n} as {x}\nexcept ImportError:\n  from {m} import {n} as {x}",
    "{x} = None\ntry:\n    from {m} import {n} as {x}\nexcept ImportError:\n    pass",
    "if flag:\n    from {m} import {n} as {x}\nelse:\n    {x} = None",
    "with suppress(ImportError):\n    from {m} import {n} as {x}",
    "if TYPE_CHECKING:\n    from {m} import {n} as {x}",
    "from elsewhere import {x}\nfrom {m} import {n} as {x}",
    "def {x}(): ...\nfrom {m} import {n} as {x}",
    "import {m} as _m\n({x}) = _m.{n}",
)
"""`x` is bound to `m.n`, where `m` is `p.l`, or `r` relatively."""
UNDER_THE_SAME_NAME = (
    "from {m} import *",
    "from {r} import *",
    "def __getattr__(name):\n  if name == '{n}':\n    from {m} import {n}\n    return {n}",
    "_T = {{'{n}': '{m}'}}\ndef __getattr__(name): return load(_T[name])",
    "_T = {{'{m}': ['{n}']}}\ndef __getattr__(name): return load(_T[name])",
    "__all__ = ['{n}']\ndef __getattr__(name):\n    import {m} as _m\n    return getattr(_m, name)",
    "__getattr__, __dir__, __all__ = attach(__name__, submod_attrs={{'{m}': ['{n}']}})",
)


def relative(module: str, user: str) -> str:
    """A relative spelling of a module for a user that is no package."""
    return "." * user.count(".") + module.partition(".")[2]


@st.composite
def trees(draw: st.DrawFn) -> tuple[dict[str, str], dict[str, str]]:
    """Files, and where each of their names comes from."""
    count = draw(st.integers(2, 9))
    files = {"top/__init__.py": ""}
    truth: dict[str, str] = {}
    known: list[tuple[str, str]] = []
    for number in range(count):
        module = draw(st.sampled_from(["top.m{}", "top.sub.m{}", "top.deep.er.m{}"])).format(number)
        path = module.replace(".", "/") + ".py"
        if not known or draw(st.integers(0, 3)) == 0:
            name = f"N{number}"
            files[path] = draw(
                st.sampled_from(["class {}: ...", "def {}(): ...", "{} = 1"])
            ).format(name)
            truth[f"{module}:{name}"] = f"{module}:{name}"
        else:
            source, origin = draw(st.sampled_from(known))
            same_name = draw(st.booleans())
            form = draw(st.sampled_from(UNDER_THE_SAME_NAME if same_name else FORMS))
            name = origin if same_name else f"N{number}"
            package, _, leaf = source.rpartition(".")
            files[path] = form.format(
                m=source, p=package, l=leaf, r=relative(source, module), n=origin, x=name
            )
            truth[f"{module}:{name}"] = truth[f"{source}:{origin}"]
        known.append((module, name))
    return files, truth


@settings(max_examples=250, deadline=None)
@given(trees(), st.randoms(use_true_random=False))
def test_every_name_leads_to_its_definition(
    made: tuple[dict[str, str], dict[str, str]], fresh: random.Random
) -> None:
    """Whatever the forms on the way, the order of the files and that of the questions."""
    files, truth = made
    chains: list[dict[str, str]] = []
    for _ in range(2):
        paths, names = list(files), list(truth)
        fresh.shuffle(paths)
        fresh.shuffle(names)
        tree = Tree({path: files[path] for path in paths})
        assert {name: tree.find(name) for name in names} == truth
        chains.append({name: tree.chain(name) for name in names})
    assert chains[0] == chains[1]


@settings(max_examples=150, deadline=None)
@given(trees())
def test_every_way_is_a_way(made: tuple[dict[str, str], dict[str, str]]) -> None:
    """A chain starts in the module that was asked and ends at the definition, hop by hop."""
    files, truth = made
    tree = Tree(files)
    for name, definition in truth.items():
        module, _, leaf = name.partition(":")
        hops = tree.resolver.member(module, leaf).hops
        assert str(hops[0].symbol) == name
        assert str(hops[-1].symbol) == definition
        assert all(hop.path in files for hop in hops)
        assert all(1 <= hop.line <= files[hop.path].count("\n") + 1 for hop in hops)
        assert len({(hop.path, hop.symbol) for hop in hops}) == len(hops)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 6), st.sampled_from(["*", "X", "Y"])),
        max_size=14,
    ),
    st.sets(st.tuples(st.integers(0, 6), st.sampled_from("XY")), max_size=3),
    st.randoms(use_true_random=False),
)
def test_any_graph_of_imports_gives_answers_that_no_order_changes(
    edges: list[tuple[int, int, str]], definitions: set[tuple[int, str]], fresh: random.Random
) -> None:
    """Circles included, in which a name may not be found though it is defined."""
    rows: dict[int, list[str]] = {number: [] for number in range(7)}
    for user, source, name in edges:
        rows[user].append(f"from m{source} import {name}")
    for module, name in sorted(definitions):
        rows[module].append(f"{name} = 1")
    files = {f"m{number}.py": "\n".join(lines) for number, lines in rows.items()}
    names = [f"m{number}:{name}" for number in rows for name in "XY"]
    alone = {name: Tree(files).chain(name) for name in names}
    for _ in range(3):
        fresh.shuffle(names)
        tree = Tree(files)
        assert {name: tree.chain(name) for name in names} == alone
