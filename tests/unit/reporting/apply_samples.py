"""Migrations to tell of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.domain.finding import FileError, Fix
from ssot_migrate.domain.outcome import (
    ApplyReport,
    Cause,
    Edit,
    FileOutcome,
    Left,
    Outcome,
    Wave,
)

if TYPE_CHECKING:
    from collections.abc import Callable

MOVED = Cause(
    code="SSOT201",
    fix=Fix.SAFE,
    concept="engine factory",
    symbol="app.core.engine:EngineFactory",
    canonical="app.engine:EngineFactory",
)
REFERENCE = msgspec.structs.replace(MOVED, code="SSOT203", fix=Fix.UNSAFE, concept=None)
STRING = Cause(code="SSOT204", fix=Fix.UNSAFE, symbol="app.core.engine")
UNKNOWN = Cause(code="XYZ001", fix=Fix.MANUAL)

BEFORE = """\
import os

from app.core.engine import EngineFactory


def build():
    return EngineFactory()


def other():
    pass


def last():
    return app.core.engine.EngineFactory
"""
AFTER = BEFORE.replace("app.core.engine", "app.engine")

IMPORT = Edit(
    line=3,
    column=6,
    end_line=3,
    end_column=21,
    before="app.core.engine",
    after="app.engine",
    cause=MOVED,
)
CHAIN = Edit(
    line=15,
    column=12,
    end_line=15,
    end_column=41,
    before="app.core.engine.EngineFactory",
    after="app.engine.EngineFactory",
    cause=REFERENCE,
)
CHANGED = FileOutcome(
    path="app/use.py",
    outcome=Outcome.CHANGED,
    edits=(IMPORT, CHAIN),
    left=(Left(line=20, column=5, why="a string of this kind is only reported", cause=STRING),),
    before=BEFORE.encode(),
    after=AFTER.encode(),
)
DELETED = FileOutcome(path="app/old.py", outcome=Outcome.CHANGED, before=b"from new import *\n")
CREATED = FileOutcome(
    path="app/shim.py", outcome=Outcome.CHANGED, after=b"from new import A\nA", is_new=True
)
REFUSED = FileOutcome(
    path="app/loop.py",
    outcome=Outcome.REFUSED,
    why="the new import closes a cycle: app.loop -> app.engine -> app.loop",
    edits=(IMPORT,),
    before=BEFORE.encode(),
)
UNCHANGED = FileOutcome(
    path="tests/test_use.py",
    outcome=Outcome.UNCHANGED,
    left=(
        Left(line=4, column=1, why="needs `--unsafe`", cause=REFERENCE),
        Left(line=9, column=17, why="a string of this kind is only reported", cause=STRING),
        Left(line=11, column=1, why="nothing is known of it", cause=UNKNOWN),
    ),
)
EXAMPLE = ApplyReport(
    root=".",
    files=(REFUSED, DELETED, CREATED, CHANGED, UNCHANGED),
    looked_at=120,
    errors=(FileError("app/broken.py", "permission denied"),),
    notes=("The cache could not be written.",),
)
WRITTEN = msgspec.structs.replace(
    EXAMPLE,
    run="20261101-101500-ab12",
    waves=(
        Wave(number=1, paths=("app/old.py", "app/shim.py"), state="applied", check="ok\n"),
        Wave(
            number=2,
            paths=("app/use.py", "app/a.py"),
            state="applied",
            check="exit code 1 after 2.4 s\nFAILED tests/test_use.py\n\tassert 1 == 2\n",
            culprits=("app/a.py",),
        ),
        Wave(number=3, paths=("app/c.py",), state="undone", check="exit code 2 after 0.1 s"),
        Wave(number=4, paths=("app/d.py", "app/e.py"), state="skipped"),
    ),
)
NOTHING = ApplyReport(root=".", files=(), looked_at=120)
ONLY_LEFT = ApplyReport(root=".", files=(UNCHANGED,), looked_at=1)


def only(outcome: FileOutcome) -> ApplyReport:
    return ApplyReport(root=".", files=(outcome,), looked_at=1)


def changing(before: bytes, after: bytes | None, path: str = "app/use.py") -> FileOutcome:
    """An outcome without anything but its content."""
    return FileOutcome(path=path, outcome=Outcome.CHANGED, before=before, after=after)


def _with_cause(field: str) -> Callable[[str], ApplyReport]:
    def build(text: str) -> ApplyReport:
        cause = msgspec.structs.replace(MOVED, **{field: text})
        return only(
            msgspec.structs.replace(
                CHANGED,
                edits=(msgspec.structs.replace(IMPORT, cause=cause),),
                left=(msgspec.structs.replace(CHANGED.left[0], cause=cause),),
            )
        )

    return build


def _content(text: str) -> ApplyReport:
    data = text.encode("utf-8", "surrogatepass")
    return only(
        msgspec.structs.replace(
            CHANGED,
            before=b"a\n%b\n" % data,
            after=b"b\n%b\n" % data,
            edits=(msgspec.structs.replace(IMPORT, before=text, after=text),),
        )
    )


def _wave(text: str) -> ApplyReport:
    wave = Wave(number=1, paths=(text,), state="undone", check=text, culprits=(text,))
    return msgspec.structs.replace(EXAMPLE, waves=(wave,))


PLACES: dict[str, Callable[[str], ApplyReport]] = {
    "path": lambda text: only(msgspec.structs.replace(CHANGED, path=text)),
    "refused path": lambda text: only(msgspec.structs.replace(REFUSED, path=text, why=text)),
    "left path": lambda text: only(msgspec.structs.replace(UNCHANGED, path=text)),
    "why": lambda text: only(
        msgspec.structs.replace(CHANGED, left=(msgspec.structs.replace(CHANGED.left[0], why=text),))
    ),
    "code": _with_cause("code"),
    "concept": _with_cause("concept"),
    "symbol": _with_cause("symbol"),
    "canonical": _with_cause("canonical"),
    "note of a cause": _with_cause("note"),
    "content": _content,
    "error": lambda text: msgspec.structs.replace(EXAMPLE, errors=(FileError(text, text),)),
    "note": lambda text: msgspec.structs.replace(EXAMPLE, notes=(text,)),
    "root": lambda text: msgspec.structs.replace(EXAMPLE, root=text),
    "run": lambda text: msgspec.structs.replace(EXAMPLE, run=text),
    "wave": _wave,
}
"""Where a text of the tree can stand in a report."""
