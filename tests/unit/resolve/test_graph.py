"""The import graph: which module imports which, and when."""

from __future__ import annotations

import pytest

from ssot_migrate.resolve.graph import When, edges_of, import_graph

from .tree import Tree


def edges(source: str, path: str = "pkg/user.py") -> list[str]:
    """`imported when:line` for each module that a file imports."""
    tree = Tree(
        {
            "pkg/__init__.py": "from .face import X\n",
            "pkg/face.py": "X = 1\n",
            "pkg/a.py": "",
            "pkg/b.py": "",
            "space/c.py": "",
            path: source,
        }
    )
    found = edges_of(path, tree.facts(path), tree.resolver)
    return [f"{edge.imported} {edge.when.value}:{edge.line}" for edge in found]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import pkg.a", "pkg.a runtime:1"),
        ("import pkg.a as x", "pkg.a runtime:1"),
        ("from pkg.a import T", "pkg.a runtime:1"),
        ("from pkg.a import *", "pkg.a runtime:1"),
        ("from pkg import a, b", "pkg runtime:1, pkg.a runtime:1, pkg.b runtime:1"),
        ("from . import a", "pkg runtime:1, pkg.a runtime:1"),
        ("from pkg import X", "pkg runtime:1"),
        ("from space import c", "space.c runtime:1"),
        ("import space.c", "space.c runtime:1"),
        ("import os, numpy", ""),
        ("import pkg.user", ""),
        ("from pkg import gone", "pkg runtime:1"),
        ("def f():\n  import pkg.a", "pkg.a lazy:2"),
        ("if TYPE_CHECKING:\n  import pkg.a", "pkg.a type-checking:2"),
        ("def f():\n  if TYPE_CHECKING:\n    import pkg.a", "pkg.a type-checking:3"),
        ("try:\n  import pkg.a\nexcept ImportError:\n  import pkg.b",
         "pkg.a fallback:2, pkg.b fallback:4"),
        ("try:\n  import x\nexcept ImportError: ...\nelse:\n  import pkg.a", "pkg.a runtime:5"),
        ("if x:\n  import pkg.a", "pkg.a runtime:2"),
        ("class A:\n  import pkg.a", "pkg.a runtime:2"),
        ("def f():\n  import pkg.a\nimport pkg.a", "pkg.a runtime:3"),
        ("if TYPE_CHECKING:\n  import pkg.a\ndef f():\n  import pkg.a", "pkg.a lazy:4"),
    ],
)  # fmt: skip
def test_each_module_once_with_its_strongest_import(source: str, found: str) -> None:
    assert ", ".join(edges(source)) == found


def test_the_graph_has_every_file_and_every_import() -> None:
    tree = Tree(
        {"a.py": "import b\n", "b.py": "def f():\n  import a\n", "c.py": "", "broken.py": None}
    )
    paths = ["a.py", "b.py", "c.py"]
    graph = import_graph([*paths, "broken.py"], lambda p: tree.facts(p) if p in paths else None,
                         tree.resolver)  # fmt: skip
    assert {name: node["path"] for name, node in graph.nodes(data=True)} == {
        "a": "a.py", "b": "b.py", "broken": "broken.py", "c": "c.py",
    }  # fmt: skip
    assert sorted(graph.edges(data=True)) == [
        ("a", "b", {"when": When.RUNTIME, "path": "a.py", "line": 1}),
        ("b", "a", {"when": When.LAZY, "path": "b.py", "line": 2}),
    ]
