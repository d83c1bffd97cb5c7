"""Broken codemods and engines: what they do wrong is caught, so the proofs can fail."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from ssot_migrate.codemods import move_imports
from ssot_migrate.domain.outcome import Left
from ssot_migrate.rewrite import engine
from ssot_migrate.rewrite.decisions import FileTask, MoveImport, MoveReference
from ssot_migrate.rewrite.document import Document, TextEdit
from ssot_migrate.testing import check_rewritten, migrate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Changes = Iterator[TextEdit | Left]
    Broken = Callable[[Document, list[TextEdit]], list[TextEdit]]
    Spliced = Callable[[Document, Sequence[TextEdit]], str]

MOVE = 'check-targets = false\n[[moves]]\nfrom = "old.mod:Thing"\nto = "new.mod:Thing"\n'
RENAME = MOVE.replace("new.mod:Thing", "new.mod:Widget")
NEAR = MOVE.replace("old.mod", "pkg.mod").replace("new.mod", "pkg.other")


class Codemod:
    """The real codemod with a defect."""

    HANDLES: tuple[type, ...] = (MoveImport, MoveReference)

    def __init__(self, broken: Broken) -> None:
        self._broken = broken

    def rewrite(self, document: Document, task: FileTask, decisions: Sequence[Any]) -> Changes:
        changes = list(move_imports.rewrite(document, task, decisions))
        yield from (one for one in changes if isinstance(one, Left))
        edits = [one for one in changes if isinstance(one, TextEdit)]
        yield from self._broken(document, sorted(edits))


def with_text(edit: TextEdit, change: Callable[[str], str]) -> TextEdit:
    return msgspec.structs.replace(edit, text=change(edit.text))


def substitute(pattern: str, new: str) -> Broken:
    """A codemod that spoils its own texts."""
    return lambda _, edits: [
        with_text(one, lambda text: re.sub(pattern, new, text)) for one in edits
    ]


def instead_of(old: str, new: str) -> Broken:
    """A codemod that replaces code which is none of its business too."""

    def broken(document: Document, edits: list[TextEdit]) -> list[TextEdit]:
        found = re.search(old, document.text)
        assert found is not None
        return [*edits, TextEdit(found.start(), found.end(), new, edits[0].cause)]

    return broken


def moved_to(pattern: str) -> Broken:
    """A codemod that puts its import somewhere else."""

    def broken(document: Document, edits: list[TextEdit]) -> list[TextEdit]:
        place = re.search(pattern, document.text, re.MULTILINE)
        assert place is not None
        first, *rest = edits
        new = TextEdit(place.start(), place.start(), first.text + "\n", first.cause)
        gone = msgspec.structs.replace(first, text="pass")
        return sorted([gone, new, *rest])

    return broken


def half(_document: Document, edits: list[TextEdit]) -> list[TextEdit]:
    """A codemod that stops after its first change."""
    return edits[:1]


PARTIAL = "from old.mod import (\n    A,  # a\n    Thing,  # good\n)\nx = A, Thing\n"

BROKEN_CODEMODS: tuple[tuple[str, Broken, str, str, str], ...] = (
    ("drops a comment", substitute(r" *# good", ""), MOVE, "module.py", PARTIAL),
    ("writes a comment twice", substitute("# good", "# a"), MOVE, "module.py", PARTIAL),
    (
        "imports after the use",
        moved_to(r"^# end"),
        MOVE,
        "module.py",
        "from old.mod import Thing\nx = Thing()\n# end\n",
    ),
    (
        "hoists an import out of its function",
        moved_to("^import os"),
        MOVE,
        "module.py",
        "import os\ndef f():\n    from old.mod import Thing\n    return Thing, os\n",
    ),
    (
        "hoists an import out of a try",
        moved_to("^try"),
        MOVE,
        "module.py",
        "try:\n    from old.mod import Thing\nexcept ImportError:\n    Thing = None\nx = Thing\n",
    ),
    (
        "changes only the first of two places",
        half,
        MOVE,
        "module.py",
        "from old.mod import Thing\ndef f():\n    from old.mod import Thing\n    return Thing\n",
    ),
    (
        "deletes a re-export that nobody seems to read",
        instead_of(r"from \.keep import Keep\n", ""),
        NEAR,
        "pkg/__init__.py",
        "from .keep import Keep\nfrom .mod import Thing\n",
    ),
    (
        "deletes a name of its own statement",
        substitute("A, ", ""),
        MOVE.replace("mod:Thing", "mod"),
        "module.py",
        "from old.mod import A, B\nx = B\n",
    ),
    (
        "drops an alias",
        substitute(" as T", ""),
        MOVE,
        "module.py",
        "from old.mod import Thing as T\nx = T()\n",
    ),
    (
        "drops the alias of a re-export",
        substitute(" as T", ""),
        MOVE,
        "module.py",
        'from old.mod import Thing as T\n__all__ = ["T"]\n',
    ),
    (
        "counts the dots of a relative import wrongly",
        substitute(r"^from \.\.", "from ."),
        NEAR,
        "pkg/sub/user.py",
        "from ..mod import Thing\nx = Thing()\n",
    ),
    (
        "imports from the wrong module",
        substitute("new.mod", "new.model"),
        MOVE,
        "module.py",
        "from old.mod import Thing\nx = Thing()\n",
    ),
    (
        "imports more than it was asked for",
        substitute("import Thing", "import Thing, Extra"),
        MOVE,
        "module.py",
        "from old.mod import Thing\nx = Thing()\n",
    ),
    (
        "renames a parameter that hides the import",
        instead_of(r"Thing\b(?=\):)", "Widget"),
        RENAME,
        "module.py",
        "from old.mod import Thing\ndef f(Thing):\n    return Thing\nx = Thing\n",
    ),
    (
        "renames a use of a parameter that hides the import",
        instead_of(r"Thing(?=  # own)", "Widget"),
        RENAME,
        "module.py",
        "from old.mod import Thing\ndef f(Thing):\n    return Thing  # own\nx = Thing\n",
    ),
    (
        "renames an attribute of the same name",
        instead_of(r"(?<=self\.)Thing", "Widget"),
        RENAME,
        "module.py",
        "from old.mod import Thing\ndef f(self):\n    return self.Thing, Thing\n",
    ),
    (
        "changes a literal",
        instead_of("1", "2"),
        MOVE,
        "module.py",
        "from old.mod import Thing\nx = Thing(1)\n",
    ),
    (
        "drops a statement",
        instead_of(r"register\(\)\n", ""),
        MOVE,
        "module.py",
        "from old.mod import Thing\nregister()\nx = Thing(1)\n",
    ),
    (
        "changes a string",
        instead_of("old.mod.Thing(?=')", "new.mod.Thing"),
        MOVE,
        "module.py",
        "from old.mod import Thing\nx = Thing('see old.mod.Thing')\n",
    ),
    (
        "leaves code that does not parse",
        substitute("import Thing", "import Thing,"),
        MOVE,
        "module.py",
        "from old.mod import Thing\nx = Thing()\n",
    ),
    (
        "leaves code that parses and does not compile",
        instead_of("return 1", "nonlocal x"),
        MOVE,
        "module.py",
        "from old.mod import Thing\ndef f():\n    return 1\nx = Thing()\n",
    ),
    (
        "writes line ends of its own",
        substitute("\r\n", "\n"),
        MOVE,
        "module.py",
        PARTIAL.replace("\n", "\r\n"),
    ),
    (
        "changes one place twice",
        lambda _, edits: [edits[0], *edits],
        MOVE,
        "module.py",
        "from old.mod import Thing\nx = Thing()\n",
    ),
)


@pytest.mark.parametrize(
    ("broken", "registry", "path", "source"),
    [case[1:] for case in BROKEN_CODEMODS],
    ids=[case[0] for case in BROKEN_CODEMODS],
)
def test_a_codemod_that(broken: Broken, registry: str, path: str, source: str) -> None:
    files = {"pkg/__init__.py": "", "pkg/sub/__init__.py": "", "pkg/other.py": "Thing = 1\n"}
    files = {name: text for name, text in files.items() if path.startswith("pkg") and name != path}
    right = migrate({**files, path: source}, registry)
    assert right.changed, "the codemod without the defect changes the file"
    wrong = migrate({**files, path: source}, registry, codemods=[Codemod(broken)])
    assert not wrong.changed
    assert wrong.report.refused
    with pytest.raises(AssertionError, match=re.escape(path)):
        check_rewritten(
            source,
            right.after[path],
            registry=registry,
            path=path,
            files=files,
            codemods=[Codemod(broken)],
        )


def broken_text(change: Callable[[str], str]) -> Spliced:
    """An engine that spoils the text as a whole."""
    return lambda document, edits: change(spliced(document, edits))


def drifting(document: Document, edits: Sequence[TextEdit]) -> str:
    """An engine that takes offsets of bytes for offsets of characters."""
    shift = len(document.data) - len(document.text)
    drifted = [
        msgspec.structs.replace(one, start=one.start + shift, end=one.end + shift) for one in edits
    ]
    return spliced(document, drifted)


spliced = engine.spliced
SOURCE = "# é\nfrom old.mod import A, Thing   \nx = A, Thing\t \n\x0c\ny = 1"

BROKEN_ENGINES: tuple[tuple[str, Spliced, bytes], ...] = (
    (
        "writes line feeds for CRLF",
        broken_text(lambda text: text.replace("\r\n", "\n")),
        SOURCE.replace("\n", "\r\n").encode(),
    ),
    (
        "writes CRLF for line feeds",
        broken_text(lambda text: text.replace("\n", "\r\n")),
        SOURCE.encode(),
    ),
    ("drifts after a byte order mark", drifting, b"\xef\xbb\xbf" + SOURCE.encode()),
    ("drifts after letters of two bytes", drifting, SOURCE.encode()),
    (
        "strips blanks at the end of lines",
        broken_text(lambda text: re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE)),
        SOURCE.encode(),
    ),
    ("adds a final line end", broken_text(lambda text: text + "\n"), SOURCE.encode()),
    ("drops the final line end", broken_text(str.rstrip), SOURCE.encode() + b"\n"),
    ("drops a form feed", broken_text(lambda text: text.replace("\x0c", "")), SOURCE.encode()),
    ("writes blanks for tabs", broken_text(str.expandtabs), SOURCE.encode()),
    ("drops the last line", broken_text(lambda text: text[: text.rindex("\n")]), SOURCE.encode()),
    (
        "changes the encoding",
        broken_text(lambda text: text.replace("latin-1", "utf-8")),
        b"# coding: latin-1\n" + SOURCE.encode("latin-1"),
    ),
    (
        "drops the encoding",
        broken_text(lambda text: text.replace("# coding: latin-1\n", "")),
        b"# coding: latin-1\n" + SOURCE.encode("latin-1"),
    ),
)


@pytest.mark.parametrize(
    ("broken", "source"),
    [case[1:] for case in BROKEN_ENGINES],
    ids=[case[0] for case in BROKEN_ENGINES],
)
def test_an_engine_that(broken: Spliced, source: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    assert migrate({"module.py": source}, MOVE).changed
    monkeypatch.setattr(engine, "spliced", broken)
    wrong = migrate({"module.py": source}, MOVE)
    assert not wrong.changed
    assert wrong.report.refused


def test_an_engine_that_loses_the_byte_order_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    source = b"\xef\xbb\xbf" + SOURCE.encode()
    monkeypatch.setattr(Document, "encoded", lambda _, text: text.encode())
    wrong = migrate({"module.py": source}, MOVE)
    assert not wrong.changed
    assert wrong.report.refused
