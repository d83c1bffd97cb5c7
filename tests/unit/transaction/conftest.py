"""A root with a few files, and what tests do to it."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from ssot_migrate.transaction.change import Change, digest_of
from ssot_migrate.transaction.fileops import FileOps
from ssot_migrate.transaction.store import RunStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ssot_migrate.transaction.history import WaveRecord

    Apply = Callable[..., WaveRecord]
    Git = Callable[..., str]

OLD, NEW = b"import old\n", b"import new\n"
COMMAND = ("ssot-migrate", "apply")
NOBODY = 65534


def replacing(path: str, after: bytes | None = NEW, before: bytes = OLD) -> Change:
    """A change of a file; to None, its deletion."""
    return Change(path, digest_of(before), after)


def creating(path: str, after: bytes = NEW, mode: int | None = None) -> Change:
    """A file that is to be there."""
    return Change(path, None, after, mode)


def files(root: Path) -> dict[str, bytes]:
    """The files below a root without those of the store."""
    return {
        file.relative_to(root).as_posix(): file.read_bytes()
        for file in sorted(root.rglob("*"))
        if file.is_file() and not {".ssot_migrate", ".git"} & set(file.parts)
    }


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with `a.py`, `b.py` and `pkg/c.py`, which all import something old."""
    root = tmp_path / "root"
    (root / "pkg").mkdir(parents=True)
    for path in ("a.py", "b.py", "pkg/c.py"):
        (root / path).write_bytes(OLD)
    return root


@pytest.fixture
def store(root: Path) -> RunStore:
    """The runs of the root."""
    return RunStore(root)


@pytest.fixture
def apply(store: RunStore) -> Apply:
    """Make a run of one wave."""

    def commit(*changes: Change, force: bool = False) -> WaveRecord:
        with store.begin(command=COMMAND) as run:
            wave = run.commit(changes, force=force)
            run.finish({"files": len(wave.paths)})
        return wave

    return commit


class Killed(FileOps):
    """Kills its process in place of replacing `b.py`."""

    def replace(self, source: str, target: str) -> None:
        if target.endswith("b.py"):
            os.kill(os.getpid(), signal.SIGKILL)
        super().replace(source, target)


@pytest.fixture
def interrupted(root: Path) -> str:
    """The id of a run that was killed when it had replaced `a.py`, but not yet `b.py`."""
    if not (child := os.fork()):
        try:
            with RunStore(root, Killed()).begin(command=COMMAND) as run:
                run.commit([replacing("a.py"), replacing("b.py"), replacing("pkg/c.py")])
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    (record,) = RunStore(root).unfinished()
    return record.id


@pytest.fixture
def as_nobody(root: Path) -> Iterator[None]:
    """Act as a user without privileges, who owns the root; the superuser may do everything."""
    if os.geteuid() != 0:
        yield
        return
    for folder in (root, *root.parents[:-2]):
        folder.chmod(0o755)
    for path in (root, *root.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    group, groups = os.getegid(), os.getgroups()
    os.setgroups([])
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(group)
        os.setgroups(groups)


@pytest.fixture
def git(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """Run git in the root, which is a repository with everything in it committed."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))

    def run(*args: str) -> str:
        identity = ("-c", "user.name=n", "-c", "user.email=e@example.org")
        command = ["git", *identity, *args]
        return subprocess.run(command, cwd=root, check=True, capture_output=True).stdout.decode()

    run("init", "-q")
    run("add", ".")
    run("commit", "-qm", "all")
    return run
