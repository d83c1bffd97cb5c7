"""A cache can be anything and lie anywhere; the answer stays the same."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from .process import COMMAND, Result, run
from .trees import plant

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

FOLDER = ".ssot_migrate_cache"


def _scan(root: Path, *args: str, program: Sequence[str] | None = None) -> Result:
    return run("scan", "--output-format", "json", *args, cwd=root, program=program)


def _database(root: Path) -> Path:
    (database,) = (root / FOLDER).glob("*.db")
    return database


def _truncated(root: Path) -> None:
    os.truncate(_database(root), 5000)


def _random(root: Path) -> None:
    _database(root).write_bytes(os.urandom(20_000))


def _empty(root: Path) -> None:
    _database(root).write_bytes(b"")


def _folder(root: Path) -> None:
    database = _database(root)
    database.unlink()
    database.mkdir()


def _flipped(root: Path) -> None:
    data = bytearray(_database(root).read_bytes())
    for position in range(200, len(data), 97):
        data[position] ^= 0xFF
    _database(root).write_bytes(data)


def _other_facts(root: Path) -> None:
    with closing(sqlite3.connect(_database(root))) as connection, connection:
        connection.execute("UPDATE facts SET data = x'00'")
        connection.execute("UPDATE answers SET data = x'90'")


def _endless_view(root: Path) -> None:
    with closing(sqlite3.connect(_database(root))) as connection, connection:
        connection.execute("DROP TABLE files")
        connection.execute(
            "CREATE VIEW files AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
            " SELECT x'61' path, i size, i mtime_ns, i ctime_ns, i inode, x'00' digest FROM n"
        )


def _pipe(root: Path) -> None:
    database = _database(root)
    database.unlink()
    os.mkfifo(database)


@pytest.mark.parametrize(
    "spoil",
    [_truncated, _random, _empty, _folder, _flipped, _other_facts, _endless_view, _pipe],
)
def test_a_broken_cache_changes_nothing(project: Path, spoil: Callable[[Path], None]) -> None:
    expected = _scan(project)
    spoil(project)
    for _ in range(2):
        result = _scan(project)
        assert (result.code, result.stdout) == (expected.code, expected.stdout)


def test_a_linked_cache_folder_is_not_followed(project: Path) -> None:
    victim = project.parent / "victim"
    victim.mkdir()
    (project / FOLDER).symlink_to(victim)
    result = _scan(project)
    assert result.code == 1
    assert not list(victim.iterdir())
    assert "is a link" in result.stderr


def test_a_linked_database_is_not_touched(project: Path) -> None:
    victim = project.parent / "victim.db"
    with closing(sqlite3.connect(victim)) as connection, connection:
        connection.execute("CREATE TABLE files (precious TEXT)")
        connection.execute("INSERT INTO files VALUES ('kept')")
    expected = _scan(project)
    database = _database(project)
    database.unlink()
    database.symlink_to(victim)
    for name in (".gitignore", "CACHEDIR.TAG"):
        (project / FOLDER / name).unlink()
        (project / FOLDER / name).symlink_to(project.parent / "made")
    assert _scan(project).stdout == expected.stdout
    assert not (project.parent / "made").exists()
    with closing(sqlite3.connect(victim)) as connection, connection:
        assert connection.execute("SELECT * FROM files").fetchall() == [("kept",)]


@pytest.mark.parametrize("place", ["app/use.py", "/proc/none", "/dev/null"])
def test_a_cache_that_cannot_be_made_is_told(project: Path, place: str) -> None:
    result = _scan(project, "--cache-dir", place)
    assert result.code == 1
    assert "cannot be used" in result.stderr
    assert (project / "app/use.py").read_bytes().startswith(b"from old.mod")


def test_a_cache_may_move_with_its_tree(project: Path) -> None:
    expected = _scan(project)
    copy = project.parent / "copy"
    shutil.copytree(project, copy)
    assert _scan(copy).stdout == expected.stdout


def test_a_cache_stays_out_of_the_repository(project: Path) -> None:
    assert run("scan", cwd=project).code == 1
    assert (project / FOLDER / ".gitignore").read_bytes() == b"*\n"
    plant(project, {f"{FOLDER}/hidden.py": "from old.mod import Thing\n"})
    assert _scan(project).json["summary"]["files"] == 6


def test_nothing_else_is_written(project: Path) -> None:
    before = set(project.rglob("*"))
    for command in (("scan",), ("graph", "shims"), ("which", "Thing")):
        run(*command, "--no-cache", cwd=project)
    assert set(project.rglob("*")) == before
    run("scan", cwd=project)
    assert {path.relative_to(project).parts[0] for path in project.rglob("*")} - {
        path.relative_to(project).parts[0] for path in before
    } == {FOLDER}


def test_many_may_use_one_cache_at_once(project: Path) -> None:
    expected = run("scan", "--no-cache", "--output-format", "json", cwd=project).stdout
    results: list[Result] = []
    threads = [
        threading.Thread(target=lambda: results.append(_scan(project, program=COMMAND)))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [result.stdout == expected for result in results] == [True] * 6


def test_a_link_that_makes_modules_of_files_changes_what_is_remembered(tmp_path: Path) -> None:
    root = plant(
        tmp_path / "linked",
        {
            "app/__init__.py": "",
            "app/use.py": "from app.parts.things import Thing\n\nthing = Thing()\n",
            "shared/__init__.py": "",
            "shared/things.py": "class Thing: ...\n",
        },
    )
    assert _scan(root).codes == {("SSOT205", "app/use.py")}
    (root / "app" / "parts").symlink_to("../shared")
    assert _scan(root).codes == set()
    readers = run("graph", "consumers", "shared.things:Thing", cwd=root).stdout
    assert "app/use.py:1  production, import" in readers
