"""Every proof of a rewrite fires: on real input where some reaches it, else on a broken codemod."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from ssot_migrate.codemods import move_imports
from ssot_migrate.domain.finding import Fix
from ssot_migrate.domain.outcome import Cause, Left, Outcome
from ssot_migrate.domain.symbol import SymbolPath
from ssot_migrate.index.worker import digest_of
from ssot_migrate.rewrite.agreement import Agreement
from ssot_migrate.rewrite.decisions import FileTask, MoveImport, MoveReference
from ssot_migrate.rewrite.document import Document, TextEdit
from ssot_migrate.rewrite.engine import rewrite_bytes, rewrite_file
from ssot_migrate.testing import check_noop, check_rewritten, migrate
from ssot_migrate.workspace.source import Contents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from ssot_migrate.lint.project import Project

REGISTRY = 'check-targets = false\n[[moves]]\nfrom = "old.mod:Thing"\nto = "new.mod:Thing"\n'
IMPORT = b"from old.mod import Thing\n"
CAUSE = Cause(code="SSOT201", fix=Fix.SAFE)


def task_of(data: bytes, path: str = "module.py") -> FileTask:
    """The task to move a file's first import."""
    move = MoveImport(index=0, target=SymbolPath("new.mod", "Thing"), cause=CAUSE)
    return FileTask(
        path=path, digest=digest_of(data), module="module", is_package=False, decisions=(move,)
    )


class Edited:
    """A codemod that makes the real one's edits, changed."""

    HANDLES: tuple[type, ...] = (MoveImport, MoveReference)

    def __init__(self, change: Callable[[Document, list[TextEdit]], list[TextEdit]]) -> None:
        self._change = change

    def rewrite(
        self, document: Document, task: FileTask, decisions: Sequence[Any]
    ) -> Iterator[TextEdit | Left]:
        made = move_imports.rewrite(document, task, decisions)
        yield from self._change(document, [one for one in made if isinstance(one, TextEdit)])


def refusal(source: bytes, text: str) -> str:
    """Why a file is refused whose first edit has that text."""

    def change(_: Document, edits: list[TextEdit]) -> list[TextEdit]:
        return [msgspec.structs.replace(edits[0], text=text), *edits[1:]]

    outcome = rewrite_bytes(source, task_of(source), [Edited(change)]).outcome
    assert outcome.outcome is Outcome.REFUSED
    assert outcome.after is None
    assert outcome.before == source
    return outcome.why


# The file as it is


@pytest.mark.parametrize(
    ("behind", "why"),
    [
        (b"return\n", "does not compile before the change: 'return' outside function (line 2)"),
        (b"def f():\n    nonlocal x\n", "does not compile before the change: no binding"),
        (b"f(a=1, a=2)\n", "does not compile before the change: keyword argument repeated"),
        (b"def f():\n    x = 1\n    global x\n", "does not compile before the change"),
        (b"x = 1\n\x0cy = 2\n", "byte for byte"),
        (b"try: ...\nexcept X : ...\n", "byte for byte"),
        (b'x = f"{3!s  }"\n', "byte for byte"),
        (b"x = () if 0 else(lambda:())\n", "LibCST fails on it"),
        (b"#" * (1 << 20), "larger than"),
    ],
)
def test_file_that_cannot_be_trusted_stays(behind: bytes, why: str) -> None:
    source = IMPORT + behind
    migration = check_noop(source, registry=REGISTRY, left=["module.py"])
    assert any(why in line for line in migration.left), migration.left


def test_lone_carriage_returns_stay() -> None:
    check_noop(b"from old.mod import Thing\rx = 1\r", registry=REGISTRY, left=["byte for byte"])


def test_name_that_the_encoding_cannot_write_stays() -> None:
    registry = REGISTRY.replace("new.mod:Thing", "new.mod:Дело")
    source = b"# coding: latin-1\n" + IMPORT
    check_noop(source, registry=registry, left=["cannot write 'Д'"])


def test_file_that_changed_since_it_was_read_stays(tmp_path: Path) -> None:
    (tmp_path / "module.py").write_bytes(IMPORT + b"# newer\n")
    outcome = rewrite_file(Contents(str(tmp_path)), task_of(IMPORT), [move_imports]).outcome
    assert outcome.why == "has changed since it was read"


def test_file_that_is_gone_is_told(tmp_path: Path) -> None:
    outcome = rewrite_file(Contents(str(tmp_path)), task_of(IMPORT), [move_imports]).outcome
    assert outcome.outcome is Outcome.REFUSED
    assert outcome.why == "does not exist any more"


# The file as it would be


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("from new.mod import", "cannot be parsed"),
        ("from new.mod import Thing, ", "cannot be parsed"),
        ("from new.mod import Thing; return", "does not compile after the change"),
        ("from new.mod import Thing  # new", "the comment '# new' would be doubled"),
        ("from new.mod import Thing\r", "line ends of another kind"),
        ("from new.mod import Thing\r\n", "line ends of another kind"),
        ("from new.model import Thing", "the import of `Thing` in line 1 would be lost"),
        ("from new.mod import Thing as T", "`Thing` would be read and no longer be imported"),
        ("pass", "`Thing` would be read and no longer be imported"),
        ("from new.mod import Thing, extra", "`new.mod.extra` would be imported for no reason"),
        ("import new.mod", "`Thing` would be read and no longer be imported"),
    ],
)
def test_result_that_is_wrong_is_not_written(text: str, why: str) -> None:
    source = IMPORT + b"x = Thing()\n"
    assert why in refusal(source, text)


def test_comment_in_a_changed_statement_is_not_lost() -> None:
    source = b"from old.mod import (\n    Thing,  # good\n)\nx = Thing\n"
    why = "the comment '# good' would be lost"
    assert why in refusal(source, "from new.mod import Thing")


def test_use_must_refer_to_what_was_decided() -> None:
    """The import is right, and the use of a module's name is not."""

    def astray(_: Document, edits: list[TextEdit]) -> list[TextEdit]:
        texts = {"new.mod.Thing": "new.mod.Other"}
        return [msgspec.structs.replace(one, text=texts.get(one.text, one.text)) for one in edits]

    source = "import old.mod\nx = old.mod.Thing\n"
    migration = migrate({"module.py": source}, REGISTRY, codemods=[Edited(astray)])
    assert not migration.changed
    assert "line 2 would refer to new.mod.Other instead of new.mod.Thing" in migration.left[0]


def test_directive_may_stand_on_both_halves() -> None:
    check_rewritten(
        "from old.mod import A, Thing  # noqa: F401\n",
        "from old.mod import A  # noqa: F401\nfrom new.mod import Thing  # noqa: F401\n",
        registry=REGISTRY,
    )


def test_edits_that_overlap_are_not_made() -> None:
    def twice(_: Document, edits: list[TextEdit]) -> list[TextEdit]:
        return [*edits, msgspec.structs.replace(edits[0], start=edits[0].start + 1)]

    source = IMPORT + b"x = Thing()\n"
    outcome = rewrite_bytes(source, task_of(source), [Edited(twice)]).outcome
    assert outcome.why == "two changes meet in line 1"


def test_edits_that_change_nothing_leave_the_file_alone() -> None:
    def idle(document: Document, edits: list[TextEdit]) -> list[TextEdit]:
        text = document.text[edits[0].start : edits[0].end]
        return [msgspec.structs.replace(edits[0], text=text)]

    source = IMPORT + b"x = Thing()\n"
    outcome = rewrite_bytes(source, task_of(source), [Edited(idle)]).outcome
    assert outcome.outcome is Outcome.UNCHANGED
    assert outcome.after is None
    assert not outcome.edits


# The project as it would be


def test_second_pass_must_have_nothing_to_do() -> None:
    def first(_: Document, edits: list[TextEdit]) -> list[TextEdit]:
        return edits[:1]

    source = (
        "from old.mod import Thing\ndef f():\n    from old.mod import Thing\n    return Thing\n"
    )
    migration = migrate({"module.py": source}, REGISTRY, codemods=[Edited(first)])
    assert not migration.changed
    assert "a second pass would change `old.mod:Thing` again" in migration.left[0]


CYCLE = {
    "old/__init__.py": "",
    "old/mod.py": "class Thing: ...\n",
    "new/__init__.py": "",
    "new/mod.py": "import app\nclass Thing: ...\n",
}


def test_new_import_must_not_close_a_cycle() -> None:
    check_noop(
        IMPORT,
        registry=REGISTRY,
        path="app.py",
        files=CYCLE,
        left=["its import of `new.mod` would close an import cycle"],
    )


def test_cycle_that_was_there_is_no_reason() -> None:
    files = {**CYCLE, "old/mod.py": "import app\nclass Thing: ...\n"}
    check_rewritten(
        IMPORT, IMPORT.replace(b"old", b"new"), registry=REGISTRY, path="app.py", files=files
    )


def test_longer_cycle_is_found() -> None:
    files = {
        **CYCLE,
        "new/mod.py": "from new import middle\nclass Thing: ...\n",
        "new/middle.py": "import far\n",
        "far.py": "from app import x\n",
    }
    check_noop(IMPORT, registry=REGISTRY, path="app.py", files=files, left=["import cycle"])


def test_two_files_that_would_close_a_cycle_together_both_stay() -> None:
    files = {
        "old/__init__.py": "",
        "old/mod.py": "class Thing: ...\nclass Other: ...\n",
        "a.py": "from old.mod import Thing\nclass Other: ...\n",
        "b.py": "from old.mod import Other\nclass Thing: ...\n",
    }
    registry = (
        '[[moves]]\nfrom = "old.mod:Thing"\nto = "b:Thing"\n'
        '[[moves]]\nfrom = "old.mod:Other"\nto = "a:Other"\n'
    )
    migration = migrate(files, registry)
    assert len(migration.changed) < 2, migration.changed


def test_new_import_must_fetch_something(project: Callable[..., Project]) -> None:
    """Decided by somebody who did not look whether the canonical is there."""
    tree = {path: text for path, text in CYCLE.items() if path != "new/mod.py"}
    made = project(
        {**tree, "new/mod.py": "class Other: ...", "module.py": "from old.mod import Thing"}
    )
    source = (made.index.root / "module.py").read_bytes()
    rewritten = rewrite_bytes(source, task_of(source), [move_imports])
    assert rewritten.outcome.outcome is Outcome.CHANGED
    refusals = Agreement(made, [rewritten]).refusals(lambda *_: True)
    assert refusals == {"module.py": "line 1 would import `new.mod:Thing`, which does not exist"}


def test_canonical_that_is_missing_is_no_target() -> None:
    check_noop(
        "import pkg.mod.deep\n",
        registry='[[moves]]\nfrom = "pkg.mod"\nto = "pkg.other"\n',
        files={
            "pkg/__init__.py": "",
            "pkg/mod/__init__.py": "",
            "pkg/mod/deep.py": "",
            "pkg/other.py": "",
        },
        left=["there is no `pkg.other.deep`"],
    )
