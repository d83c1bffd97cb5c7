"""Which replacement a message names."""

from __future__ import annotations

import pytest

from ssot_migrate.discover.words import announces, replacement


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("This module is deprecated. Please use `new.mod`.", "new.mod"),
        ("This module is deprecated. Please use :mod:`new.mod`.", "new.mod"),
        ("Please use :class:`~new.mod.Thing` instead.", "new.mod.Thing"),
        ("Please use :class:`a thing <new.mod.Thing>`.", "new.mod.Thing"),
        ("Please use `new.mod\n    .Thing`.", "new.mod.Thing"),
        ("Please use `new.mod.", "new.mod"),
        ("old.mod is deprecated. Use new.mod\n instead.", "new.mod"),
        ("old.mod.f() is deprecated in favor of new.mod.f().", "new.mod.f"),
        ("old.mod has moved to new.mod.", "new.mod"),
        ("Thing was renamed to Other.", "Other"),
        ("Use make_thing() instead of old().", "make_thing"),
        ("Use 'from new.mod import thing' instead.", "new.mod.thing"),
        ("Stub, now moved to new.mod package:\n\n>>> from other.mod import X", "new.mod"),
    ],
)
def test_one_replacement_is_read_in_any_spelling(text: str, named: str) -> None:
    found = replacement(text, frozenset({"old.mod", "old", "old.mod.f", "Thing"}))
    assert found is not None
    assert (found.path, found.alone) == (named, True)


@pytest.mark.parametrize(
    "text",
    [
        "Please use `a.hooks` or `a.providers.*.hooks`.",
        "Please use `a.hooks` or `b.hooks`.",
        "Use either `a.Matrix` if you can, or `b.Matrix`.",
    ],
)
def test_of_several_replacements_none_is_the_one(text: str) -> None:
    found = replacement(text, frozenset())
    assert found is not None
    assert not found.alone


@pytest.mark.parametrize(
    "text",
    [
        "This will be removed in 2.0.",
        "Use Pool().create() instead.",
        "Use `pathlib.Path({}).mkdir` instead.",
        "old.mod is deprecated.",
        "It was kept instead of old.mod.",
    ],
)
def test_a_method_of_something_and_the_old_path_replace_nothing(text: str) -> None:
    assert replacement(text, frozenset({"old.mod"})) is None


@pytest.mark.parametrize(
    ("text", "is_said"),
    [
        ("This module is deprecated.", True),
        ("Moved to app.core.", True),
        ("Kept for backwards compatibility.", True),
        ("Moves files to another folder.", False),
        ("Use this instead of plain dicts.", False),
    ],
)
def test_what_announces_a_move(text: str, *, is_said: bool) -> None:
    assert announces(text) is is_said
