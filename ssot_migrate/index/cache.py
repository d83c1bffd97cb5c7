"""The cache on disk: facts by content, so that it can be shared, restored and lost at any time.

One SQLite file. Nothing in it is trusted: rows carry a checksum, facts are decoded against their
types, and a database that SQLite or a row's checksum rejects is thrown away and built anew.
"""

from __future__ import annotations

import contextlib
import sqlite3
import sys
import zlib
from typing import TYPE_CHECKING, Any

from ssot_migrate.index.identity import tool_identity
from ssot_migrate.workspace.discovery import Stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

DEFAULT_FOLDER = ".ssot_migrate_cache"
_FORMAT = 2
_BUSY_SECONDS = 2.0
_KEPT_SEARCHES = 32
_FEW = 500
# A view can take for ever to read, a trigger writes what it likes.
_UNUSABLE = (sqlite3.Error, OSError, UnicodeError)
_FOREIGN = "SELECT 1 FROM sqlite_master WHERE type NOT IN ('table', 'index')"
_SCHEMA = """
CREATE TABLE meta (version TEXT NOT NULL);
CREATE TABLE files (
    path BLOB PRIMARY KEY, size INTEGER, mtime_ns INTEGER, ctime_ns INTEGER, inode INTEGER,
    digest BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE facts (
    digest BLOB NOT NULL, kind TEXT NOT NULL, checksum INTEGER NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (digest, kind)
) WITHOUT ROWID;
CREATE TABLE searches (needles BLOB PRIMARY KEY, hits BLOB NOT NULL, misses BLOB NOT NULL);
CREATE TABLE answers (question BLOB PRIMARY KEY, checksum INTEGER NOT NULL, data BLOB NOT NULL);
"""


class Cache:
    """Facts, file stamps and search results of earlier runs.

    Every method treats a broken or locked database as an empty one.

    Args:
        folder: Where it lies.
        name: What the database is called.
        answers: How many answers are kept.
        max_bytes: A database that has grown beyond is built anew; 0 for no limit.
    """

    def __init__(
        self, folder: Path, *, name: str = "index", answers: int = 8, max_bytes: int = 0
    ) -> None:
        self.folder = folder
        self._kept_answers = answers
        # What parses depends on the interpreter's grammar.
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        self._file = folder / f"{name}-v{_FORMAT}-py{python}.db"
        self._connection: sqlite3.Connection | None = None
        try:
            self._connection = self._open()
            if max_bytes and self._file.stat().st_size > max_bytes:
                self._connection.close()
                self._rebuild()
        except _UNUSABLE as problem:
            # Another process may be at work on it: no reason to take it away.
            if "locked" not in str(problem):
                self._rebuild()

    @property
    def is_usable(self) -> bool:
        """Whether there is a database to read from and to write to."""
        return self._connection is not None

    def stamps(self) -> dict[str, tuple[Stamp, bytes]]:
        """Path to the stamp and content digest it had when it was last read."""
        columns = "path, size, mtime_ns, ctime_ns, inode, digest"
        rows = self._rows(f"SELECT {columns} FROM files", (bytes, int, int, int, int, bytes))
        return {
            path.decode("utf-8", "surrogateescape"): (Stamp(size, mtime, ctime, inode), digest)
            for path, size, mtime, ctime, inode, digest in rows
        }

    def facts(self, kind: str, digests: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
        """Encoded facts of one kind for those contents that have them."""
        wanted = set(digests)
        query = "SELECT digest, checksum, data FROM facts WHERE kind = ?"
        rows: Iterable[Any]
        if len(wanted) > _FEW:
            rows = self._rows(query, (bytes, int, bytes), kind)
        else:
            one = f"{query} AND digest = ?"
            rows = (
                row
                for digest in wanted
                for row in self._rows(one, (bytes, int, bytes), kind, digest)
            )
        for digest, checksum, data in rows:
            if digest in wanted and zlib.crc32(data) == checksum:
                yield digest, data

    def search(self, needles: bytes) -> tuple[set[bytes], set[bytes]]:
        """Digests of contents known to hold, and known not to hold, any of the needles."""
        for hits, misses in self._rows(
            "SELECT hits, misses FROM searches WHERE needles = ?", (bytes, bytes), needles
        ):
            return set(_split(hits)), set(_split(misses))
        return set(), set()

    def answer(self, question: bytes) -> bytes | None:
        """What was kept under a digest of a question and of all files."""
        for checksum, data in self._rows(
            "SELECT checksum, data FROM answers WHERE question = ?", (int, bytes), question
        ):
            if zlib.crc32(data) == checksum:
                return bytes(data)
        return None

    def save(
        self,
        stamps: Mapping[str, tuple[Stamp, bytes]],
        gone: Iterable[str],
        facts: Iterable[tuple[bytes, str, bytes]],
        searches: Mapping[bytes, tuple[set[bytes], set[bytes]]],
        answers: Mapping[bytes, bytes],
    ) -> None:
        """Write what a run learned, in one transaction, and drop what no file holds any more."""
        connection = self._connection
        if connection is None:
            return
        gone = list(gone)
        with contextlib.suppress(sqlite3.Error), connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)",
                (
                    (_encode(path), s.size, s.mtime_ns, s.ctime_ns, s.inode, digest)
                    for path, (s, digest) in stamps.items()
                ),
            )
            connection.executemany(
                "INSERT OR REPLACE INTO facts VALUES (?, ?, ?, ?)",
                ((digest, kind, zlib.crc32(data), data) for digest, kind, data in facts),
            )
            connection.executemany(
                "INSERT OR REPLACE INTO searches VALUES (?, ?, ?)",
                (
                    (needles, b"".join(sorted(hits)), b"".join(sorted(misses)))
                    for needles, (hits, misses) in searches.items()
                ),
            )
            connection.executemany(
                "INSERT OR REPLACE INTO answers VALUES (?, ?, ?)",
                ((key, zlib.crc32(answer), answer) for key, answer in answers.items()),
            )
            connection.execute(
                "DELETE FROM answers WHERE rowid NOT IN "
                "(SELECT rowid FROM answers ORDER BY rowid DESC LIMIT ?)",
                (self._kept_answers,),
            )
            connection.execute(
                "DELETE FROM searches WHERE rowid NOT IN "
                "(SELECT rowid FROM searches ORDER BY rowid DESC LIMIT ?)",
                (_KEPT_SEARCHES,),
            )
            if gone or stamps:
                connection.executemany(
                    "DELETE FROM files WHERE path = ?", ((_encode(path),) for path in gone)
                )
                connection.execute(
                    "DELETE FROM facts WHERE digest NOT IN (SELECT digest FROM files)"
                )

    def close(self) -> None:
        """Release the database."""
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def _rows(self, query: str, kinds: tuple[type, ...], *values: object) -> list[Any]:
        """The rows that hold values of these kinds; SQLite lets a column hold any."""
        if self._connection is None:
            return []
        try:
            rows = self._connection.execute(query, values).fetchall()
        except sqlite3.OperationalError:
            return []
        except (sqlite3.DatabaseError, UnicodeError):
            self._rebuild()
            return []
        return [row for row in rows if all(map(isinstance, row, kinds))]

    def _rebuild(self) -> None:
        self.close()
        try:
            for leftover in self.folder.glob(f"{self._file.name}*"):
                leftover.unlink()
            self._connection = self._open()
        except _UNUSABLE:
            self._connection = None

    def _open(self) -> sqlite3.Connection:
        self.folder.mkdir(parents=True, exist_ok=True)
        _mark_as_cache(self.folder)
        if self._file.is_symlink():  # to a database of somebody else's, perhaps
            raise sqlite3.DatabaseError("the cache is a link")
        connection = sqlite3.connect(self._file, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous = OFF")
            if connection.execute(_FOREIGN).fetchone():
                raise sqlite3.DatabaseError("the cache was not made by us")
            if _version(connection) != tool_identity():
                connection.execute("BEGIN IMMEDIATE")
                # Another process may have been quicker.
                if _version(connection) != tool_identity():
                    for table in ("meta", "files", "facts", "searches", "answers"):
                        connection.execute(f"DROP TABLE IF EXISTS {table}")
                    for statement in _SCHEMA.split(";"):
                        connection.execute(statement)
                    connection.execute("INSERT INTO meta VALUES (?)", (tool_identity(),))
                connection.execute("COMMIT")
        except BaseException:
            connection.close()
            raise
        return connection


def _version(connection: sqlite3.Connection) -> str | None:
    try:
        row = connection.execute("SELECT version FROM meta").fetchone()
    except sqlite3.OperationalError:  # no such table
        return None
    return row[0] if row else None


def _encode(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")


def _split(joined: bytes, width: int = 16) -> Iterator[bytes]:
    return (joined[start : start + width] for start in range(0, len(joined), width))


def _mark_as_cache(folder: Path) -> None:
    """Keep the folder out of version control and of backups (https://bford.info/cachedir/).

    A folder that holds something is somebody's: no place for such marks.
    """
    if not any(folder.iterdir()):
        (folder / "CACHEDIR.TAG").write_bytes(b"Signature: 8a477f597d28d172789f06886806bc55\n")
        (folder / ".gitignore").write_bytes(b"*\n")
