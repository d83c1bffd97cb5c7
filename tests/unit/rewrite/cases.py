"""Cases of import rewriting, kept as data: a tree, its registry, and what becomes of it."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

DATA = Path(__file__).parents[2] / "data"
NOTHING_TO_SAY = {"B06", "B08", "C07", "C09", "C10", "D08", "K06"}
"""Cases of the first file in which no deprecated path is named at all."""
FILES = ("import_cases.json", "import_cases_more.json")


class FileCase(msgspec.Struct, frozen=True):
    """One file of a tree; `after` is None where it stays as it is."""

    before: str
    after: str | None = None


class Case(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One case.

    Args:
        id: Family and number, as the catalogue of cases has them.
        moves: The registry's moves (from, to, and perhaps safety); `from_` and `to` stand for one.
        files: The tree's other files: a text that stays, or what becomes of it.
        leave: Whether the file stays as it is.
        silent: Whether nothing is reported about a file that stays.
        why: What the report has to say, a part of a sentence.
        registry: Further keys of the registry, as TOML.
        encoding: How the file is stored.
        bare: Whether folders get no `__init__.py`.
        unsafe: Whether changes are made that the registry calls unsafe.
        xfail: What the tool does wrong today.
    """

    id: str
    title: str
    path: str
    before: str
    after: str
    leave: bool
    from_: str = msgspec.field(name="from", default="")
    to: str = ""
    moves: tuple[tuple[str, ...], ...] = ()
    files: dict[str, str | FileCase] = {}
    silent: bool = False
    why: str = ""
    registry: str = ""
    encoding: str = "utf-8"
    bare: bool = False
    unsafe: bool = False
    xfail: str = ""

    @property
    def toml(self) -> str:
        """The registry."""
        lines = [self.registry]
        if "check-targets" not in self.registry:
            lines.append("check-targets = false")
        for move in self.moves or ((self.from_, self.to),):
            lines += ("[[moves]]", f"from = {json.dumps(move[0])}", f"to = {json.dumps(move[1])}")
            lines += [f"safety = {json.dumps(move[2])}"] if len(move) > 2 else []
        return "\n".join(lines) + "\n"

    @property
    def is_silent(self) -> bool:
        """Whether nothing is reported about a file that stays."""
        return self.silent or self.id in NOTHING_TO_SAY

    @property
    def tree(self) -> dict[str, bytes]:
        """The files before the migration; what the case's own package is to have is there."""
        files = {path: _file(content).before.encode() for path, content in self.files.items()}
        files[self.path] = self.before.encode(self.encoding)
        packages = {} if self.bare else {p: b"" for path in files for p in _packages(path)}
        return {**packages, **self._targets(), **files}

    def _targets(self) -> dict[str, bytes]:
        top = self.path.partition("/")[0]
        found: dict[str, bytes] = {}
        for module, _, name in (
            move[1].partition(":") for move in self.moves or ((self.from_, self.to),)
        ):
            if module.partition(".")[0] == top:
                folder = module.replace(".", "/")
                path = f"{folder}.py" if "." in module else f"{folder}/__init__.py"
                found |= dict.fromkeys(_packages(path), b"")
                found[path] = (
                    f"class {name}: ...\n".encode() if name else b"def __getattr__(name): ...\n"
                )
        return found

    @property
    def changed(self) -> dict[str, bytes]:
        """The files that change, as they are then."""
        after = {path: _file(content).after for path, content in self.files.items()}
        found = {path: text.encode() for path, text in after.items() if text is not None}
        return found if self.leave else {**found, self.path: self.after.encode(self.encoding)}


def load() -> list[Case]:
    """Every case, in the order of the data files."""
    rows: list[Any] = [row for name in FILES for row in json.loads((DATA / name).read_bytes())]
    return msgspec.convert(rows, list[Case])


def _file(content: str | FileCase) -> FileCase:
    return FileCase(content) if isinstance(content, str) else content


def _packages(path: str) -> list[str]:
    folders = [folder for folder in PurePosixPath(path).parents if folder.name]
    return [(folder / "__init__.py").as_posix() for folder in folders]
