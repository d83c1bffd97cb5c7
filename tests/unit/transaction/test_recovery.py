"""After a crash: what is told, what brings the files back, and what is not believed."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from ssot_migrate.transaction.errors import (
    DamagedRunError,
    EditedError,
    TransactionError,
    UnfinishedRunError,
)
from ssot_migrate.transaction.fileops import FileOps
from ssot_migrate.transaction.history import RunState
from ssot_migrate.transaction.store import RunStore

from .conftest import COMMAND, NEW, OLD, creating, files, replacing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Apply

    Forge = Callable[[Callable[[list[dict[str, Any]]], None]], None]

ALL_OLD = {"a.py": OLD, "b.py": OLD, "pkg/c.py": OLD}
EDITED = b"edited by hand\n"


def test_a_killed_run_leaves_whole_files_and_stops_the_next(
    root: Path, store: RunStore, interrupted: str
) -> None:
    assert (root / "a.py").read_bytes() == NEW
    assert (root / "b.py").read_bytes() == OLD
    with pytest.raises(UnfinishedRunError) as caught:
        store.begin(command=COMMAND)
    assert str(caught.value).splitlines() == [
        f"the run {interrupted} was interrupted and is unfinished",
        f"`ssot-migrate rollback {interrupted}` brings the files back to what they were before it",
    ]
    assert caught.value.run == interrupted


@pytest.mark.parametrize("way", ["recover", "roll back", "roll back the newest"])
def test_either_way_all_files_are_old_again(
    root: Path, store: RunStore, interrupted: str, way: str
) -> None:
    if way == "recover":
        done = store.recover(interrupted)
    else:
        done = store.rollback(interrupted if way == "roll back" else None)
    assert done.paths == ("a.py",)
    assert done.run.state is RunState.INTERRUPTED
    assert files(root) == ALL_OLD
    store.begin(command=COMMAND).__exit__(None, None, None)


def test_recovery_again_does_nothing(root: Path, store: RunStore, interrupted: str) -> None:
    store.recover(interrupted)
    assert store.recover(interrupted).paths == ()
    with pytest.raises(TransactionError, match="has nothing in force"):
        store.rollback(interrupted)
    assert files(root) == ALL_OLD


def test_a_run_that_died_before_its_first_wave_is_in_nobodys_way(
    root: Path, store: RunStore, apply: Apply
) -> None:
    apply(replacing("a.py"))
    (record,) = store.history()
    journal = root / f".ssot_migrate/runs/{record.id}/journal"
    journal.write_bytes(journal.read_bytes().splitlines(keepends=True)[0])
    assert store.unfinished() == ()
    assert [one.state for one in store.history()] == [RunState.INTERRUPTED]
    apply(replacing("b.py"))


def test_a_run_that_died_between_two_waves_is_unfinished(
    root: Path, store: RunStore, apply: Apply
) -> None:
    apply(replacing("a.py"))
    (record,) = store.history()
    journal = root / f".ssot_migrate/runs/{record.id}/journal"
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:3]))
    with pytest.raises(UnfinishedRunError):
        store.begin(command=COMMAND)
    assert store.recover(record.id).run.paths_in_force == ("a.py",)
    assert store.rollback().paths == ("a.py",)
    assert files(root) == ALL_OLD


def test_an_edit_after_the_crash_is_not_overwritten(
    root: Path, store: RunStore, interrupted: str
) -> None:
    (root / "a.py").write_bytes(EDITED)
    with pytest.raises(EditedError, match=r"a\.py: was edited after the run changed it"):
        store.rollback(interrupted)
    assert (root / "a.py").read_bytes() == EDITED
    done = store.rollback(interrupted, force=True)
    assert done.kept == ("a.py",)
    assert EDITED in {file.read_bytes() for file in (root / done.folder).iterdir()}
    assert files(root) == ALL_OLD


def test_an_edit_of_a_file_that_was_not_reached_stays(
    root: Path, store: RunStore, interrupted: str
) -> None:
    (root / "pkg/c.py").write_bytes(EDITED)
    store.rollback(interrupted)
    assert files(root) == ALL_OLD | {"pkg/c.py": EDITED}


def test_an_edit_during_the_recovery_is_not_overwritten(root: Path, interrupted: str) -> None:
    class Meddles(FileOps):
        def create(self, path: str, mode: int) -> int:
            (root / "a.py").write_bytes(EDITED)
            return super().create(path, mode)

        def unlink(self, path: str) -> None:
            (root / "a.py").write_bytes(EDITED)
            super().unlink(path)

    with pytest.raises(TransactionError, match=r"a\.py: was changed by somebody else"):
        RunStore(root, Meddles()).rollback(interrupted)
    assert (root / "a.py").read_bytes() == EDITED
    with pytest.raises(EditedError):
        RunStore(root).rollback(interrupted)


def test_lost_originals_are_told_before_anything_is_touched(
    root: Path, store: RunStore, interrupted: str
) -> None:
    (image,) = (root / f".ssot_migrate/runs/{interrupted}/before").iterdir()
    for damage in (lambda: image.write_bytes(b"damaged"), image.unlink):
        damage()
        with pytest.raises(DamagedRunError, match="holds what a file was"):
            store.rollback(interrupted)
        assert (root / "a.py").read_bytes() == NEW


# --- what the journal says is checked ---------------------------------------------------------


@pytest.fixture
def forge(root: Path, interrupted: str) -> Forge:
    """Rewrite the journal of the interrupted run, with seals that are right."""
    journal = root / f".ssot_migrate/runs/{interrupted}/journal"

    def rewrite(change: Callable[[list[dict[str, Any]]], None]) -> None:
        records = [
            json.loads(line.partition(b" ")[2]) for line in journal.read_bytes().splitlines()
        ]
        change(records)
        seal, lines = "", []
        for record in records:
            text = json.dumps(record).encode()
            seal = hashlib.blake2b(seal.encode() + text, digest_size=8).hexdigest()
            lines.append(seal.encode() + b" " + text + b"\n")
        journal.write_bytes(b"".join(lines))

    return rewrite


@pytest.mark.parametrize(
    "path", ["../outside.py", "/etc/outside.py", ".git/config", "a/../../outside.py", "", "x\0"]
)
@pytest.mark.parametrize("key", ["path", "real"])
def test_a_forged_path_is_an_error_and_not_a_write(
    root: Path, store: RunStore, interrupted: str, forge: Forge, path: str, key: str
) -> None:
    forge(lambda records: records[1]["steps"][0].update({key: path}))
    before = files(root.parent)
    with pytest.raises(DamagedRunError, match="has a journal whose line 2 names"):
        store.rollback(interrupted)
    assert files(root.parent) == before


def test_a_forged_path_through_a_link_is_an_error(
    root: Path, tmp_path: Path, store: RunStore, interrupted: str, forge: Forge
) -> None:
    (root / "out").symlink_to(tmp_path)
    (tmp_path / "a.py").write_bytes(NEW)
    forge(lambda records: records[1]["steps"][0].update(real="out/a.py"))
    with pytest.raises(TransactionError, match=r"a\.py: is in a folder that became a link"):
        store.rollback(interrupted)
    assert (tmp_path / "a.py").read_bytes() == NEW


def test_a_forged_folder_through_a_link_is_an_error(
    root: Path, tmp_path: Path, store: RunStore, interrupted: str, forge: Forge
) -> None:
    (root / "out").symlink_to(tmp_path)
    (tmp_path / "empty").mkdir()
    forge(lambda records: records[1].update(makes=["out/empty"]))
    with pytest.raises(TransactionError, match="out/empty: is in a folder that became a link"):
        store.rollback(interrupted)
    assert (tmp_path / "empty").is_dir()


@pytest.mark.parametrize(
    "forged",
    [
        {"before": "../../../../etc/passwd"},
        {"before": "0" * 31},
        {"after": "0" * 32 + "\n"},
        {"before": None},
        {"old": {"mode": 0o4755}},
        {"old": {"mode": -1}},
        {"old": "none"},
        {"path": 7},
    ],
)
def test_other_forgeries_are_errors(
    root: Path, store: RunStore, interrupted: str, forge: Forge, forged: dict[str, Any]
) -> None:
    forge(lambda records: records[1]["steps"][0].update(forged))
    with pytest.raises(DamagedRunError, match="has a journal whose line 2"):
        store.rollback(interrupted)
    assert (root / "a.py").read_bytes() == NEW


def test_attributes_that_lend_rights_are_not_restored(
    root: Path, store: RunStore, interrupted: str, forge: Forge
) -> None:
    forge(
        lambda records: records[1]["steps"][0]["old"].update(
            extended={"security.capability": "AQAAAgAgAAAAAAAAAAAAAAAAAAA="}
        )
    )
    store.rollback(interrupted)
    assert (root / "a.py").read_bytes() == OLD


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda records: records.pop(0), "does not begin like one"),
        (lambda records: records[0].update(id="20200101-000000-0000"), "is of another run"),
        (lambda records: records[0].update(format=9), "was written in format 9"),
        (lambda records: records.append(records[0]), "begins twice"),
        (lambda records: records[1].update(type="exec"), "line 2 is none"),
        (lambda records: records.insert(1, {}), "line 2 is none"),
    ],
)
def test_a_journal_that_is_none_is_told(
    store: RunStore, interrupted: str, forge: Forge, change: Any, reason: str
) -> None:
    forge(change)
    (record,) = store.history()
    assert record.state is RunState.DAMAGED
    assert reason in record.problem
    with pytest.raises(DamagedRunError):
        store.rollback(interrupted)


def test_a_changed_line_is_noticed_and_a_torn_last_one_is_left_out(
    root: Path, store: RunStore, interrupted: str
) -> None:
    journal = root / f".ssot_migrate/runs/{interrupted}/journal"
    whole = journal.read_bytes()
    first, second = whole.splitlines(keepends=True)
    for torn in (whole + b"0123456789abcdef {", second[:-1].join((whole, b"")), whole + b"\xff\0"):
        journal.write_bytes(torn)
        (record,) = store.history()
        assert record.state is RunState.UNFINISHED
    journal.write_bytes(first.replace(b"begun", b"bEgun") + second)
    (record,) = store.history()
    assert record.state is RunState.DAMAGED
    assert record.problem.endswith("has a journal whose line 1 was changed")


def test_a_record_after_a_torn_one_is_read(root: Path, store: RunStore, interrupted: str) -> None:
    journal = root / f".ssot_migrate/runs/{interrupted}/journal"
    journal.write_bytes(journal.read_bytes() + b"0123456789abcdef {")
    store.recover(interrupted)
    (record,) = store.history()
    assert record.state is RunState.INTERRUPTED


def test_a_damaged_run_does_not_stop_others(root: Path, store: RunStore, apply: Apply) -> None:
    apply(replacing("a.py"))
    (record,) = store.history()
    (root / f".ssot_migrate/runs/{record.id}/journal").unlink()
    apply(creating("d.py"))
    assert [one.state for one in store.history()] == [RunState.DONE, RunState.DAMAGED]
    assert store.rollback().paths == ("d.py",)
