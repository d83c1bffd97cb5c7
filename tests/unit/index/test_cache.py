"""The cache: it saves time and never changes an answer."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import ssot_migrate
from ssot_migrate.index import parallel, stamps
from ssot_migrate.index.cache import Cache
from ssot_migrate.workspace import source

from .indexed import FILES, answers_of, draw, index_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small tree."""
    return draw(tmp_path / "tree")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a cache may be made."""
    return tmp_path / "cache"


@pytest.fixture
def warm(root: Path, folder: Path) -> Path:
    """The folder of a cache that knows the tree."""
    answers_of(root, folder)
    return folder


@contextmanager
def unprivileged() -> Iterator[None]:
    """Act as a user to whom the modes of files apply; for the superuser they do not."""
    if is_root := os.geteuid() == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


def settle(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the files be older than the clock is coarse."""
    monkeypatch.setattr(stamps, "_RACY_NS", 0)
    answers_of(root)


def database(folder: Path) -> Path:
    (file,) = folder.glob("*.db")
    return file


def test_a_warm_answer_is_the_cold_one(root: Path, folder: Path) -> None:
    without = answers_of(root)
    assert answers_of(root, folder) == without
    assert answers_of(root, folder) == without
    assert without["app/a.py"] != without["app/b.py"]


def test_what_is_known_is_not_read_again(
    root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(root, monkeypatch)
    cold = answers_of(root, folder)
    shutil.move(root / "app", root / "gone")
    shutil.move(root / "gone", root / "app")
    monkeypatch.setattr(parallel, "extract_all", None)
    monkeypatch.setattr(source, "read", None)
    assert answers_of(root, folder) == cold


def test_a_moved_or_touched_file_keeps_its_facts(
    root: Path, warm: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "app/b.py").rename(root / "app/c.py")
    os.utime(root / "app/a.py", (1, 1))
    monkeypatch.setattr(parallel, "extract_all", None)
    index = index_of(root, warm)
    assert index.module("app/c.py") is not None
    assert index.module("app/a.py") is not None
    index.save()


def test_an_edit_that_keeps_size_and_time_is_noticed(
    root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(root, monkeypatch)
    file = root / "app/b.py"
    os.utime(file, ns=(10**18, 10**18))
    answers_of(root, folder)
    time.sleep(0.02)  # the clock of the file system ticks every few milliseconds
    file.write_text(FILES["app/b.py"].replace("class T", "class U"), encoding="utf-8")
    os.utime(file, ns=(10**18, 10**18))
    assert answers_of(root, folder) == answers_of(root)


def test_an_edit_right_after_the_first_look_is_noticed(root: Path, folder: Path) -> None:
    """Even if the clock is so coarse that the stamp stays the same."""
    answers_of(root, folder)
    cache = Cache(folder)
    assert {stamp.size for stamp, _digest in cache.stamps().values()} == {-1}
    cache.close()


@pytest.mark.parametrize("change", ["edit", "remove", "add", "break", "mend"])
def test_changes_between_two_runs(root: Path, warm: Path, change: str) -> None:
    if change == "edit":
        (root / "app/a.py").write_text("import os\n", encoding="utf-8")
    elif change == "remove":
        (root / "app/a.py").unlink()
    elif change == "add":
        (root / "app/new.py").write_text("T = 1\n", encoding="utf-8")
    elif change == "break":
        (root / "app/a.py").write_text("\0", encoding="utf-8")
    else:
        (root / "app/broken.py").write_text("T = 1\n", encoding="utf-8")
    assert answers_of(root, warm) == answers_of(root)
    assert answers_of(root, warm) == answers_of(root)


def _truncate(folder: Path) -> None:
    os.truncate(database(folder), database(folder).stat().st_size // 2)


def _random(folder: Path) -> None:
    database(folder).write_bytes(os.urandom(30_000))


def _text(folder: Path) -> None:
    database(folder).write_text("no database")


def _flip_facts(folder: Path) -> None:
    _execute(folder, "UPDATE facts SET data = CAST(x'ff' || substr(data, 2) AS BLOB)")


def _swap_facts(folder: Path) -> None:
    _execute(folder, "UPDATE facts SET data = x'90', checksum = 0")


def _other_tool(folder: Path) -> None:
    _execute(folder, "UPDATE meta SET version = '99'", "UPDATE facts SET data = x'90'")


def _other_format(folder: Path) -> None:
    _execute(folder, "DROP TABLE facts", "CREATE TABLE facts (digest, colour)")


def _other_types(folder: Path) -> None:
    _execute(
        folder,
        "UPDATE files SET size = 'many', digest = 1.5 WHERE path = x'6170702f612e7079'",
        "UPDATE files SET path = 'text' WHERE path = x'6170702f622e7079'",
        "UPDATE facts SET data = 'text', checksum = 'none'",
        "UPDATE searches SET hits = 1, misses = 'none'",
    )


def _no_tables(folder: Path) -> None:
    _execute(folder, *(f"DROP TABLE {table}" for table in ("meta", "files", "facts", "searches")))


def _execute(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(database(folder))) as connection, connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def _old_journal(folder: Path) -> None:
    Path(f"{database(folder)}-journal").write_bytes(os.urandom(2000))


@pytest.mark.parametrize(
    "damage",
    [
        _truncate, _random, _text, _flip_facts, _swap_facts, _other_tool, _other_format,
        _other_types, _no_tables, _old_journal,
    ],
)  # fmt: skip
def test_a_damaged_or_foreign_cache_is_no_cache(
    root: Path, warm: Path, damage: Callable[[Path], None]
) -> None:
    damage(warm)
    expected = answers_of(root)
    assert answers_of(root, warm) == expected
    assert answers_of(root, warm) == expected


def test_facts_of_another_python_are_not_ours(root: Path, warm: Path) -> None:
    database(warm).rename(warm / "index-v2-py2.7.db")
    assert answers_of(root, warm) == answers_of(root)
    assert (warm / "index-v2-py2.7.db").exists()


@pytest.mark.parametrize("obstacle", ["file", "link to nowhere", "folder at the name"])
def test_where_no_cache_can_be_there_is_none(root: Path, folder: Path, obstacle: str) -> None:
    if obstacle == "file":
        folder.write_text("kept")
    elif obstacle == "link to nowhere":
        folder.symlink_to(folder.parent / "nowhere")
    else:
        answers_of(root, folder)
        file = database(folder)
        file.unlink()
        (file / "inside").mkdir(parents=True)
    assert answers_of(root, folder) == answers_of(root)
    assert not folder.is_file() or folder.read_text() == "kept"


def test_a_folder_that_cannot_be_written_is_read_or_left(root: Path, warm: Path) -> None:
    expected = answers_of(root)
    for place in (root, *root.parents[:-2], *root.rglob("*"), warm, *warm.iterdir()):
        place.chmod(0o755)
    for mode in (0o555, 0o000):
        warm.chmod(mode)
        with unprivileged():
            assert answers_of(root, warm) == expected
        warm.chmod(0o755)


def test_a_locked_database_is_waited_for_and_then_left_alone(
    root: Path, warm: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ssot_migrate.index.cache._BUSY_SECONDS", 0.05)
    with closing(sqlite3.connect(database(warm), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert answers_of(root, warm) == answers_of(root)
        inode = database(warm).stat().st_ino
        other.execute("COMMIT")
    other.close()
    assert database(warm).stat().st_ino == inode


def test_two_processes_may_write_at_once(root: Path, folder: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from tests_indexed import answers_of\n"
        "for _ in range(20): answers_of(Path(sys.argv[1]), Path(sys.argv[2]))\n"
    )
    helpers = root.parent / "helpers"
    helpers.mkdir()
    shutil.copy(Path(__file__).with_name("indexed.py"), helpers / "tests_indexed.py")
    package = Path(ssot_migrate.__file__).parents[1]
    command = [sys.executable, "-W", "error", "-c", script, str(root), str(folder)]
    environment = {**os.environ, "PYTHONPATH": f"{helpers}{os.pathsep}{package}"}
    workers = [subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) for _ in range(2)]
    for worker in workers:
        assert worker.communicate(timeout=60)[1] == b""
        assert worker.returncode == 0
    assert answers_of(root, folder) == answers_of(root)


def test_marks_are_left_in_a_folder_of_our_own_only(root: Path, folder: Path) -> None:
    answers_of(root, folder)
    assert (folder / ".gitignore").read_bytes() == b"*\n"
    answers_of(root, root)
    assert not (root / ".gitignore").exists()
    assert not (root / "CACHEDIR.TAG").exists()


def test_nothing_is_unpickled() -> None:
    package = Path(ssot_migrate.__file__).parent
    for file in package.rglob("*.py"):
        words = file.read_text(encoding="utf-8").split()
        assert not {"pickle", "marshal", "shelve"} & {*words}, file
