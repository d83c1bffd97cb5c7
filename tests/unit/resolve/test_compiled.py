"""Modules that are no Python: compiled ones, and what a module makes below itself."""

from __future__ import annotations

import pytest

from tests.unit.resolve.tree import Tree

FILES = {
    "pkg/__init__.py": "from pkg._fast import total\n",
    "pkg/six.py": "__path__ = []\n",
    "pkg/plain.py": "__all__ = ['a']\na = 1\n",
    "pkg/_stub.pyi": "def told() -> int: ...\n",
    "pkg/_both.py": "here = 1\n",
}
COMPILED = [
    "pkg/_fast.cpython-312-x86_64-linux-gnu.so",
    "pkg/_tree.pyx.tp",
    "pkg/_both.c",
    "src/pkg/_else.pyd",
]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("pkg._fast", "external pkg._fast"),
        ("pkg._fast:total", "external pkg._fast:total"),
        ("pkg:total", "external pkg._fast:total"),
        ("pkg:_tree", "external pkg._tree"),
        ("pkg._tree.inner:x", "external pkg._tree.inner:x"),
        ("pkg._else:x", "external pkg._else:x"),
        ("pkg._both:gone", "missing pkg._both:gone"),
        ("pkg._stub:told", "pkg._stub:told"),
        ("pkg._stub:untold", "unknown pkg._stub:untold"),
        ("pkg.six.moves:range", "unknown pkg.six.moves:range"),
        ("pkg.plain.below:x", "missing pkg.plain.below:x"),
        ("pkg.plain:__all__", "pkg.plain:__all__"),
        ("pkg.six:__all__", "unknown pkg.six:__all__"),
        ("pkg._gone:x", "missing pkg._gone:x"),
    ],
)
def test_what_no_python_file_stands_for(name: str, found: str) -> None:
    assert Tree(FILES, ("", "src"), compiled=COMPILED).find(name) == found
