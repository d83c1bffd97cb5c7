"""Indexes small trees, with a cache or without one."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from ssot_migrate.config.model import Registry
from ssot_migrate.index.cache import Cache
from ssot_migrate.index.index import Index
from ssot_migrate.index.needles import Needle
from ssot_migrate.workspace.discovery import discover

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILES = {
    "app/__init__.py": "",
    "app/a.py": "from app.b import T\nprint(T.x)\n",
    "app/b.py": "class T:\n    def m(self): ...\n",
    "app/broken.py": "\0",
    "app/copy.py": "from app.b import T\nprint(T.x)\n",
}  # fmt: skip

Answers: TypeAlias = "dict[str, object]"


def draw(root: Path, files: Mapping[str, str] = FILES) -> Path:
    """Write files below a folder."""
    for path, source in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(source, encoding="utf-8")
    return root


def index_of(root: Path, folder: Path | None = None, *, jobs: int = 1) -> Index:
    """An index of the files below a folder, with a cache in another."""
    cache = None if folder is None else Cache(folder)
    return Index(root, discover(root, Registry()).files, cache=cache, jobs=jobs)


def answers(index: Index) -> Answers:
    """Everything an index can be asked; saves its cache."""
    given: Answers = {"search": sorted(index.search([Needle("T"), Needle("m", "T")]))}
    for path in index.paths:
        given[path] = (
            index.module(path),
            index.shapes(path),
            index.hashes(path),
            index.uses(path),
            index.unparsable.get(path),
            index.errors.get(path),
        )
    index.save()
    return given


def answers_of(root: Path, folder: Path | None = None) -> Answers:
    """The answers of a new index."""
    return answers(index_of(root, folder))
