"""The codemod that moves imports: small edits with their causes, and reasons for what it leaves."""

from __future__ import annotations

import pytest

from ssot_migrate.codemods import move_imports
from ssot_migrate.domain.finding import Fix
from ssot_migrate.domain.outcome import Cause, Left
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.rewrite.decisions import FileTask, MoveImport, MoveReference
from ssot_migrate.rewrite.document import Document, TextEdit
from ssot_migrate.rewrite.engine import spliced
from ssot_migrate.testing import check_rewritten, migrate

REGISTRY = (
    'check-targets = false\n[[moves]]\nfrom = "old.mod:Thing"\nto = "new.mod:Widget"\n'
    '[[moves]]\nfrom = "old.mod:Other"\nto = "new.mod:Other"\n'
)
CAUSE = Cause(code="SSOT201", fix=Fix.SAFE, symbol="old.mod:Thing", canonical="new.mod:Widget")


def moved(index: int, target: str, cause: Cause = CAUSE) -> MoveImport:
    return MoveImport(index=index, target=SymbolPath.parse(target), cause=cause)


def changes(
    source: str, *decisions: MoveImport | MoveReference, kept: frozenset[str] = frozenset()
) -> tuple[str, list[TextEdit], list[Left]]:
    """The text that decisions lead to, the edits, and what is left."""
    document = Document(source.encode())
    task = FileTask(
        path="app/user.py",
        digest=b"",
        module="app.user",
        is_package=False,
        decisions=decisions,
        kept_names=kept,
    )
    made = list(move_imports.rewrite(document, task, decisions))
    edits = sorted(one for one in made if isinstance(one, TextEdit))
    return spliced(document, edits), edits, [one for one in made if isinstance(one, Left)]


def test_nothing_decided_changes_nothing() -> None:
    assert changes("from old.mod import Thing\n") == ("from old.mod import Thing\n", [], [])


def test_edits_are_as_small_as_they_can_be() -> None:
    source = "import os\nfrom old.mod import A, Thing  # c\n\nx = Thing(A), [Thing]\n"
    text, edits, left = changes(source, moved(2, "new.mod:Widget"))
    assert text == (
        "import os\nfrom old.mod import A  # c\nfrom new.mod import Widget\n\n"
        "x = Widget(A), [Widget]\n"
    )
    assert not left
    assert [source[one.start : one.end] for one in edits] == [
        "from old.mod import A, Thing",
        "",
        "Thing",
        "Thing",
    ]


def test_a_file_that_imports_one_name_a_line_goes_on_so() -> None:
    source = "from new.mod import A\nfrom old.mod import B\nfrom old.mod import C\n"
    text, _edits, left = changes(source, moved(1, "new.mod:B"), moved(2, "new.mod:C"))
    assert text == source.replace("old", "new")
    assert not left


def test_a_name_joins_no_line_that_has_no_room() -> None:
    long = (
        "from new.mod import an_import_that_leaves_but, little_room, on_its_very_own_single_line\n"
    )
    source = f"{long}from old.mod import Thing\n"
    text, _edits, left = changes(source, moved(3, "new.mod:Thing"))
    assert text == f"{long}from new.mod import Thing\n"
    assert not left


def test_every_edit_has_its_cause() -> None:
    other = Cause(code="SSOT201", fix=Fix.UNSAFE, symbol="old.mod:Other")
    source = "from old.mod import Thing\nfrom old.mod import Other\nx = Thing, Other\n"
    decisions = (moved(0, "new.mod:Widget"), moved(1, "n2:New", other))
    _, edits, _ = changes(source, *decisions)
    assert {source[one.start : one.end]: one.cause for one in edits} == {
        "from old.mod import Thing": CAUSE,
        "Thing": CAUSE,
        "from old.mod import Other": other,
        "Other": other,
    }


def test_names_that_others_read_are_kept() -> None:
    text, _, _ = changes(
        "from old.mod import Thing\nx = Thing\n",
        moved(0, "new.mod:Widget"),
        kept=frozenset({"Thing"}),
    )
    assert text == "from new.mod import Widget as Thing\nx = Thing\n"


def test_chain_is_replaced_as_a_whole() -> None:
    target = SymbolPath("new.mod", "Widget.create")
    decision = MoveReference(imported=0, path="mod.Thing.create", target=target, cause=CAUSE)
    text, _, _ = changes("import old.mod\nx = old.mod.Thing.create, old.mod.Other\n", decision)
    assert text == "import old.mod\nimport new.mod\nx = new.mod.Widget.create, old.mod.Other\n"


def test_what_cannot_be_done_is_left_with_its_reason() -> None:
    source = "from old.mod import make\nx = make()\nmake = None\n"
    text, edits, (left,) = changes(source, moved(0, "new.mod:Maker.make"))
    assert (text, edits) == (source, [])
    assert (left.line, left.column) == (1, 1)
    assert "`make`" in left.why
    assert left.cause.fix is Fix.MANUAL
    assert left.cause.symbol == CAUSE.symbol


@pytest.mark.parametrize(
    "shape",
    [
        "from old.mod import {}",
        "from old.mod import ({})",
        "from old.mod import (\n    {},\n)",
        "from old.mod import A, {}",
        "from old.mod import {}, A",
        "from old.mod import (  # all\n    A,  # a\n    {},  # it\n    B,\n)",
        "from old.mod import \\\n    {}",
        "if x:\n    from old.mod import {}",
        "if x: from old.mod import {}",
        "def f():\n    from old.mod import {}\n    return {}",
        "try:\n    from old.mod import {}\nexcept ImportError:\n    pass",
        "import os; from old.mod import {}; import sys",
        "from old.mod import {} as alias\nx = alias",
        "class C:\n    from old.mod import {} as alias\n    x = alias",
    ],
)
@pytest.mark.parametrize("name", ["Thing", "Other"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_shape_is_sound(shape: str, name: str, newline: str) -> None:
    """Whatever the text becomes: the verbs ask for a sound one."""
    source = shape.replace("{}", name).replace("\n", newline) + newline
    after = migrate({"module.py": source}, REGISTRY).after["module.py"]
    assert after != source.encode()
    assert b"old.mod import " + name.encode() not in after
    check_rewritten(source, after, registry=REGISTRY)
