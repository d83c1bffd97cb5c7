"""The folder of the runs, and what the history tells."""

from __future__ import annotations

import os
import re
import stat
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from ssot_migrate._version import __version__
from ssot_migrate.transaction import run_folder
from ssot_migrate.transaction.errors import TransactionError
from ssot_migrate.transaction.history import RunState

from .conftest import COMMAND, NEW, OLD, creating, files, replacing

if TYPE_CHECKING:
    from pathlib import Path

    from ssot_migrate.transaction.store import RunStore

    from .conftest import Apply, Git


def test_the_history_tells_what_there_is_to_know(store: RunStore, apply: Apply) -> None:
    apply(replacing("a.py"))
    apply(replacing("b.py"), creating("d.py"))
    store.rollback()
    newer, older = store.history()
    assert newer.id > older.id
    assert [newer.state, older.state] == [RunState.ROLLED_BACK, RunState.DONE]
    assert newer.command == COMMAND
    assert newer.version == __version__
    assert newer.summary == {"files": 2}
    assert newer.paths == ("b.py", "d.py")
    assert newer.paths_in_force == ()
    for time in (newer.started, newer.ended):
        assert datetime.fromisoformat(time).tzinfo == timezone.utc


def test_ids_sort_by_time_and_never_collide(tmp_path: Path) -> None:
    moment = datetime(2026, 11, 21, 11, 42, 13, tzinfo=timezone.utc)
    ids = [run_folder.id_at(moment + timedelta(milliseconds=k * 7)) for k in range(1000)]
    assert ids == sorted(ids)
    assert re.fullmatch(r"20261121-114213-[0-9a-f]{4}", ids[0])
    taken = set()
    for _ in range(300):
        run = run_folder.free_id(str(tmp_path))
        (tmp_path / run).mkdir()
        taken.add(run)
    assert len(taken) == 300


def test_the_store_hides_from_git_and_is_private(root: Path, apply: Apply, git: Git) -> None:
    apply()
    assert git("status", "--porcelain", "--untracked-files=all") == ""
    assert stat.S_IMODE((root / ".ssot_migrate").stat().st_mode) == 0o700


def test_looking_writes_nothing(root: Path, store: RunStore) -> None:
    assert store.history() == store.unfinished() == ()
    assert list(root.glob(".*")) == []


@pytest.mark.parametrize("link", [".ssot_migrate", ".ssot_migrate/runs"])
@pytest.mark.parametrize("target", ["folder", "dangling", "file"])
def test_a_store_behind_a_link_is_refused(
    root: Path, tmp_path: Path, store: RunStore, apply: Apply, link: str, target: str
) -> None:
    apply()
    (root / link).rename(tmp_path / "folder")
    (tmp_path / "file").touch()
    (root / link).symlink_to(tmp_path / target)
    before = sorted(tmp_path.rglob("*"))
    for attempt in (lambda: store.begin(command=COMMAND), store.history, store.rollback):
        with pytest.raises(TransactionError, match=f"{re.escape(link)}: is a link or no folder"):
            attempt()
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("part", ["", "/before"])
def test_a_run_behind_a_link_is_no_run(
    root: Path, tmp_path: Path, store: RunStore, apply: Apply, part: str
) -> None:
    apply(replacing("a.py"))
    (record,) = store.history()
    folder = root / f".ssot_migrate/runs/{record.id}{part}"
    folder.rename(tmp_path / "moved")
    folder.symlink_to(tmp_path / "moved")
    assert [one.state for one in store.history()] == [RunState.DAMAGED]
    with pytest.raises(TransactionError):
        store.rollback(record.id)
    assert (root / "a.py").read_bytes() == NEW


def test_what_never_became_a_run_is_removed_by_the_next(
    root: Path, store: RunStore, apply: Apply
) -> None:
    apply()
    new = root / ".ssot_migrate/runs/20261121-114213-ab12.new"
    (new / "before").mkdir(parents=True)
    (new / "journal").write_bytes(b"01")
    (root / ".ssot_migrate/.ssot-migrate-00.tmp").touch()
    (root / ".ssot_migrate/runs/.DS_Store").touch()
    apply()
    assert not new.exists()
    assert not (root / ".ssot_migrate/.ssot-migrate-00.tmp").exists()
    assert len(store.history()) == 2


def test_a_root_that_cannot_be_written_is_told(
    root: Path, store: RunStore, as_nobody: None
) -> None:
    root.chmod(0o555)
    with pytest.raises(TransactionError) as caught:
        store.begin(command=COMMAND)
    root.chmod(0o755)
    assert str(caught.value).splitlines() == [
        ".ssot_migrate: permission denied",
        "give yourself the permission to write and try again",
    ]


def test_originals_are_copied_to_a_backup(root: Path, tmp_path: Path, store: RunStore) -> None:
    (root / "a.py").chmod(0o755)
    backup = tmp_path / "deep/backup"
    with store.begin(command=COMMAND, backup=backup) as run:
        run.commit([replacing("a.py"), replacing("pkg/c.py", None), creating("d.py")])
        run.commit([replacing("a.py", b"newer\n", NEW)])
        record = run.finish()
    assert files(backup) == {"a.py": OLD, "pkg/c.py": OLD}
    assert stat.S_IMODE((backup / "a.py").stat().st_mode) == 0o755
    assert record.backup == os.path.realpath(backup)


def test_a_backup_mixes_with_nothing(root: Path, tmp_path: Path, store: RunStore) -> None:
    (tmp_path / "file").touch()
    for folder in (root, tmp_path / "file"):
        with pytest.raises(TransactionError, match="the originals of two runs would mix"):
            store.begin(command=COMMAND, backup=folder)
    assert not (root / ".ssot_migrate").exists()


def test_a_backup_that_fails_stops_the_wave(
    root: Path, tmp_path: Path, store: RunStore, as_nobody: None
) -> None:
    with (
        store.begin(command=COMMAND, backup=tmp_path / "backup") as run,
        pytest.raises(TransactionError, match="permission denied"),
    ):
        run.commit([replacing("a.py")])
    assert files(root) == {"a.py": OLD, "b.py": OLD, "pkg/c.py": OLD}
    assert store.unfinished() == ()
