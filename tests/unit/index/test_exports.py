"""`__all__`, and whether all of it can be read."""

from __future__ import annotations

import pytest

from .reading import facts


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("x = 1", None),
        ("__all__ = []", ""),
        ("__all__ = ['A', 'B']", "A B"),
        ("__all__ = 'A', 'B'", "A B"),
        ("__all__ = ('A',)", "A"),
        ("__all__: list[str] = ['A']", "A"),
        ("__all__: list[str]", None),
        ("other = __all__ = ['A']", "A"),
        ("__all__ = ['A'] + ['B'] + ['C']", "A B C"),
        ("__all__ = ['A']\n__all__ += ['B']", "A B"),
        ("__all__ = ['A']\n__all__ = __all__ + ['B']", "A B"),
        ("__all__ = ['A']\n__all__ = [*__all__, 'B']", "A B"),
        ("__all__ = ['A']\n__all__ += __all__", "A A"),
        ("__all__ = ['A']\n__all__.extend(['B', 'C'])", "A B C"),
        ("__all__ = ['A']\n__all__.append('B')", "A B"),
        ("__all__ = ['A', 'B']\n__all__.remove('A')", "B"),
        ("__all__ = list(('A', 'B'))", "A B"),
        ("__all__ = sorted(['A'])", "A"),
        ("__all__ = tuple()", ""),
    ],
)
def test_forms_that_can_be_read(source: str, names: str | None) -> None:
    read = facts(source)
    assert read.exports == (None if names is None else tuple(names.split()))
    assert not read.exports_open


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("__all__ = ['A'] + other.__all__", "A"),
        ("__all__ = other.__all__", ""),
        ("__all__ = (*a.__all__, *b.__all__, 'C')", "C"),
        ("__all__ = ['A']\n__all__ += other.__all__", "A"),
        ("__all__ = ['A']\n__all__.extend(other.__all__)", "A"),
        ("__all__ = ['A', name]", "A"),
        ("__all__ = [n for n in globals()]", ""),
        ("__all__ = make()", ""),
        ("from .core import *\nfrom .core import __all__", ""),
        ("__getattr__, __dir__, __all__ = attach(__name__)", ""),
    ],
)
def test_forms_that_are_open(source: str, names: str) -> None:
    read = facts(source)
    assert read.exports == tuple(names.split())
    assert read.exports_open


def test_a_second_assignment_replaces_the_first() -> None:
    read = facts("__all__ = ['A'] + x.__all__\n__all__ = ['B'] + ['C']\n")
    assert (read.exports, read.exports_open) == (("B", "C"), False)


@pytest.mark.parametrize(
    "source",
    [
        "if x:\n    __all__ = ['A']\nelse:\n    __all__ = ['B']",
        "try:\n    __all__ = ['A']\nexcept ImportError:\n    __all__ = ['B']",
        "__all__ = ['A']\nif x:\n    __all__ = ['B']",
        "__all__ = ['A']\nif x:\n    __all__ += ['B']",
    ],
)
def test_assignments_that_may_not_run_add_up(source: str) -> None:
    assert facts(source).exports == ("A", "B")


def test_only_the_modules_own_counts() -> None:
    source = (
        "class A:\n    __all__ = ['B']\ndef f():\n    __all__ = ['C']\nmodule.__all__ = ['D']\n"
    )
    assert facts(source).exports is None
