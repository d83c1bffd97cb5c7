"""One index beside another: what both hold is read once, and the cache keeps to the disk."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from ssot_migrate.config.model import Registry
from ssot_migrate.index.cache import Cache
from ssot_migrate.index.index import Index
from ssot_migrate.index.needles import Needle
from ssot_migrate.workspace.discovery import SourceFile, discover
from ssot_migrate.workspace.versions import Version, unsaved

from .indexed import draw, index_of

if TYPE_CHECKING:
    from pathlib import Path

TREE = {"a.py": "import one\n", "b.py": "import two\n", "c.py": "import three\n"}


def files_of(root: Path) -> tuple[SourceFile, ...]:
    return discover(root, Registry()).files


def modules(index: Index) -> dict[str, list[str] | None]:
    """What each file imports; None for one that cannot be parsed."""
    found = {path: index.module(path) for path in index.paths}
    return {p: None if f is None else [one.module for one in f.imports] for p, f in found.items()}


def test_a_version_has_contents_of_its_own(tmp_path: Path) -> None:
    root = draw(tmp_path / "tree", TREE)
    index = index_of(root, tmp_path / "cache")
    assert index.search([Needle("three")]) == {"c.py"}
    version = unsaved(Version(files_of(root)), Registry(), {"a.py": b"import three\n"})
    other = index.of(version.files[:2], version.given)
    assert modules(other) == {"a.py": ["three"], "b.py": ["two"]}
    assert other.search([Needle("three")]) == {"a.py"}
    assert modules(index) == {"a.py": ["one"], "b.py": ["two"], "c.py": ["three"]}
    assert index.search([Needle("three")]) == {"c.py"}
    index.close()


def test_what_cannot_be_parsed_is_so_in_its_version_alone(tmp_path: Path) -> None:
    root = draw(tmp_path / "tree", {**TREE, "a.py": "def f(:\n"})
    index = index_of(root)
    assert modules(index)["a.py"] is None
    fixed = index.of(files_of(root), {"a.py": b"import one\n"})
    broken = index.of(files_of(root), {"b.py": b"def f(:\n"})
    assert modules(fixed) == {"a.py": ["one"], "b.py": ["two"], "c.py": ["three"]}
    assert modules(broken) == {"a.py": None, "b.py": None, "c.py": ["three"]}


def test_a_version_of_a_version(tmp_path: Path) -> None:
    root = draw(tmp_path / "tree", TREE)
    files = files_of(root)
    staged = Index(root, files, given={"a.py": b"import staged\n", "b.py": b"import too\n"})
    assert modules(staged)["a.py"] == ["staged"]
    before = staged.of(files, {"b.py": b"import before\n"})
    assert modules(before) == {"a.py": ["one"], "b.py": ["before"], "c.py": ["three"]}


def test_the_cache_does_not_take_given_contents_for_those_on_the_disk(tmp_path: Path) -> None:
    root, folder = draw(tmp_path / "tree", TREE), tmp_path / "cache"
    for _ in range(2):
        given = {"a.py": b"import other\n"}
        index = Index(root, files_of(root)[:2], given=given, cache=Cache(folder))
        assert modules(index) == {"a.py": ["other"], "b.py": ["two"]}
        index.save()
        index = index_of(root, folder)
        assert modules(index) == {"a.py": ["one"], "b.py": ["two"], "c.py": ["three"]}
        index.save()
    with closing(Cache(folder)) as cache:
        assert cache.stamps().keys() == TREE.keys()


def test_answers_belong_to_their_version(tmp_path: Path) -> None:
    root, folder = draw(tmp_path / "tree", TREE), tmp_path / "cache"
    index = index_of(root, folder)
    modules(index)
    other = index.of(files_of(root), {"a.py": b"import other\n"})
    modules(other)
    index.keep_answer("q", b"now")
    other.keep_answer("q", b"then")
    index.save()
    again = index_of(root, folder)
    modules(again)
    assert again.answer("q") == b"now"
    assert again.of(files_of(root), {"a.py": b"import other\n"}).answer("q") == b"then"
    assert again.of(files_of(root), {"a.py": b"import third\n"}).answer("q") is None
    again.close()


def test_given_contents_reach_the_workers(tmp_path: Path) -> None:
    many = {f"m{n}.py": "import disk\n" for n in range(120)}
    root = draw(tmp_path / "tree", many)
    given = {f"m{n}.py": f"import given{n}\n".encode() for n in range(0, 120, 2)}
    index = Index(root, files_of(root), given=given, jobs=2)
    index.load(dict.fromkeys(index.paths, ("module",)))
    found = modules(index)
    assert all(found[f"m{n}.py"] == [f"given{n}" if n % 2 == 0 else "disk"] for n in range(120))
