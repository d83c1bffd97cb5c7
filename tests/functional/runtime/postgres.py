"""A PostgreSQL server of the tests' own, reached through a socket in a temporary folder."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEBIAN = "/usr/lib/postgresql"
_UNPRIVILEGED = ("postgres", "nobody")
_SPEED = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class NoServerError(Exception):
    """Why there can be no server here."""


@contextmanager
def server() -> Iterator[str]:
    """Yield the URL of a server for SQLAlchemy, and remove the server afterwards.

    Raises:
        NoServerError: PostgreSQL is not installed, or nobody may run it.
    """
    binaries = _binaries()
    # A socket's path may have some hundred characters only, which pytest's folders can exceed.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        who = _unprivileged(folder)
        data = str(folder / "data")
        _run(
            [str(binaries / "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-N"],
            folder,
            who,
        )
        options = " ".join(f"-c {setting}" for setting in _SPEED)
        serve = f"-c listen_addresses='' -k {folder} {options}"
        control = [str(binaries / "pg_ctl"), "-D", data, "-w"]
        _run([*control, "-l", str(folder / "log"), "-o", serve, "start"], folder, who)
        try:
            yield f"postgresql+asyncpg://postgres@/postgres?host={folder}"
        finally:
            _run([*control, "-m", "immediate", "stop"], folder, who)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path:
    """The folder of `initdb` and `pg_ctl`, which Debian keeps off the PATH."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = sorted(Path(_DEBIAN).glob("*/bin/initdb"))
    if not versions:
        raise NoServerError("no initdb of PostgreSQL is here, and SSOT_TEST_POSTGRES is not set")
    return versions[-1].parent


def _unprivileged(folder: Path) -> dict[str, Any]:
    """Make the folder belong to a user who may run PostgreSQL: it refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    for name in _UNPRIVILEGED:
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(folder, user.pw_uid, user.pw_gid)
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise NoServerError("PostgreSQL refuses to run as root, and there is no other user")


def _run(command: list[str], folder: Path, who: dict[str, Any]) -> None:
    # The server inherits what it prints to: a pipe would be held open until it ends.
    with (folder / "setup").open("w+") as output:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            **who,
        )
        if done.returncode:
            output.seek(0)
            raise NoServerError(f"{Path(command[0]).name} failed: {output.read()}")
