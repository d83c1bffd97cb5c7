"""Taking back: runs, waves, and what happened to the files since."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from ssot_migrate.transaction.errors import EditedError, TransactionError
from ssot_migrate.transaction.history import RunState

from .conftest import COMMAND, NEW, OLD, creating, files, replacing

if TYPE_CHECKING:
    from pathlib import Path

    from ssot_migrate.transaction.store import RunStore

    from .conftest import Apply, Git

EDITED = b"edited by hand\n"


def test_every_byte_and_every_bit_comes_back(root: Path, store: RunStore, apply: Apply) -> None:
    (root / "a.py").chmod(0o755)
    (root / "b.py").chmod(0o600)
    before = files(root)
    apply(replacing("a.py"), replacing("b.py", None), creating("made/deep/d.py"))
    done = store.rollback()
    assert files(root) == before
    assert stat.S_IMODE((root / "a.py").stat().st_mode) == 0o755
    assert stat.S_IMODE((root / "b.py").stat().st_mode) == 0o600
    assert not (root / "made").exists()
    assert done.paths == ("a.py", "b.py", "made/deep/d.py")
    assert done.run.state is RunState.ROLLED_BACK


def test_attributes_of_deleted_files_come_back(root: Path, store: RunStore, apply: Apply) -> None:
    try:
        os.setxattr(root / "a.py", "user.note", b"kept")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    apply(replacing("a.py", None))
    store.rollback()
    assert os.getxattr(root / "a.py", "user.note") == b"kept"


def test_for_git_nothing_happened(root: Path, store: RunStore, apply: Apply, git: Git) -> None:
    apply(replacing("a.py"), replacing("b.py", None), creating("made/d.py", mode=0o755))
    assert git("status", "--porcelain").splitlines() == [" M a.py", " D b.py", "?? made/"]
    store.rollback()
    assert git("status", "--porcelain", "--untracked-files=all") == ""


def test_a_file_with_two_names_comes_back(root: Path, store: RunStore, apply: Apply) -> None:
    (root / "link.py").symlink_to("a.py")
    apply(replacing("link.py"))
    store.rollback()
    assert (root / "link.py").is_symlink()
    assert (root / "a.py").read_bytes() == OLD


def test_a_read_only_file_comes_back(root: Path, store: RunStore, apply: Apply) -> None:
    (root / "a.py").chmod(0o444)
    apply(replacing("a.py"), force=True)
    store.rollback()
    assert (root / "a.py").read_bytes() == OLD


def test_a_made_folder_stays_if_somebody_uses_it(root: Path, store: RunStore, apply: Apply) -> None:
    apply(creating("made/d.py"))
    (root / "made/mine.py").write_bytes(EDITED)
    store.rollback()
    assert files(root)["made/mine.py"] == EDITED
    assert not (root / "made/d.py").exists()


def test_edits_since_the_run_stop_the_rollback_of_all_files(
    root: Path, store: RunStore, apply: Apply
) -> None:
    apply(replacing("a.py"), replacing("b.py"), replacing("pkg/c.py", None), creating("d.py"))
    (root / "a.py").write_bytes(EDITED)
    (root / "pkg/c.py").write_bytes(EDITED)
    (root / "d.py").unlink()
    now = files(root)
    with pytest.raises(EditedError) as caught:
        store.rollback()
    (record,) = store.history()
    assert str(caught.value).splitlines() == [
        "a.py: was edited after the run changed it",
        "pkg/c.py: was edited after the run changed it",
        f"nothing was changed; `ssot-migrate rollback --force {record.id}` keeps the edits aside",
    ]
    assert files(root) == now
    assert record.state is RunState.DONE


def test_by_force_edits_are_kept_in_the_run(root: Path, store: RunStore, apply: Apply) -> None:
    before = files(root)
    apply(replacing("a.py"), creating("d.py"))
    (root / "a.py").write_bytes(EDITED)
    (root / "d.py").write_bytes(EDITED + EDITED)
    done = store.rollback(force=True)
    assert files(root) == before
    assert done.kept == ("a.py", "d.py")
    kept = {file.read_bytes() for file in (root / done.folder).iterdir()}
    assert {EDITED, EDITED + EDITED} <= kept


def test_what_was_brought_back_by_other_means_is_fine(
    root: Path, store: RunStore, apply: Apply
) -> None:
    apply(replacing("a.py"), replacing("b.py"))
    (root / "a.py").write_bytes(OLD)
    assert store.rollback().paths == ("b.py",)


def test_a_folder_in_the_place_of_a_file_is_never_removed(
    root: Path, store: RunStore, apply: Apply
) -> None:
    apply(replacing("a.py"))
    (root / "a.py").unlink()
    (root / "a.py").mkdir()
    with pytest.raises(TransactionError, match=r"a\.py: is a folder now"):
        store.rollback(force=True)


def test_once_is_enough(store: RunStore, apply: Apply) -> None:
    apply(replacing("a.py"))
    run = store.rollback().run.id
    with pytest.raises(TransactionError, match=f"the run {run} was rolled back already"):
        store.rollback(run)
    with pytest.raises(TransactionError, match="there is no run to roll back"):
        store.rollback()


def test_without_a_run_there_is_nothing_to_roll_back(root: Path, store: RunStore) -> None:
    with pytest.raises(TransactionError, match="there is no run to roll back"):
        store.rollback()
    with pytest.raises(TransactionError, match="there are no runs here"):
        store.rollback("20261121-114213-ab12")
    assert not (root / ".ssot_migrate").exists()


@pytest.mark.parametrize(
    "run", ["20261121-114213-ab12", "../../pkg", "x", "20261121-114213-ab12\n"]
)
def test_an_unknown_run_is_told(store: RunStore, apply: Apply, run: str) -> None:
    apply(replacing("a.py"))
    with pytest.raises(TransactionError, match="there is no run "):
        store.rollback(run)


def test_the_newest_comes_first_and_older_ones_after_it(
    root: Path, store: RunStore, apply: Apply
) -> None:
    apply(replacing("a.py"), replacing("b.py"))
    apply(replacing("a.py", b"newest\n", NEW))
    newest, older = (record.id for record in store.history())
    with pytest.raises(EditedError, match=f"the later run {newest} changed a.py too"):
        store.rollback(older)
    assert store.rollback().run.id == newest
    assert store.rollback().run.id == older
    assert files(root) == {"a.py": OLD, "b.py": OLD, "pkg/c.py": OLD}


def test_a_wave_is_undone_and_the_others_stay(root: Path, store: RunStore) -> None:
    with store.begin(command=COMMAND) as run:
        first = run.commit([replacing("a.py")], label="first")
        second = run.commit([replacing("b.py"), creating("d.py")], label="second")
        assert run.undo(second.number) == ("b.py", "d.py")
        assert files(root) == {"a.py": NEW, "b.py": OLD, "pkg/c.py": OLD}
        with pytest.raises(TransactionError, match=f"no wave {second.number} .* is in force"):
            run.undo(second.number)
        third = run.commit([replacing("pkg/c.py")], label="third")
        record = run.finish({"files": 2})
    assert [(wave.number, wave.label, wave.is_in_force) for wave in record.waves] == [
        (first.number, "first", True),
        (second.number, "second", False),
        (third.number, "third", True),
    ]
    assert record.paths_in_force == ("a.py", "pkg/c.py")
    assert store.rollback().paths == ("a.py", "pkg/c.py")
    assert files(root) == {"a.py": OLD, "b.py": OLD, "pkg/c.py": OLD}


def test_waves_over_the_same_file_are_taken_back_together(root: Path, store: RunStore) -> None:
    with store.begin(command=COMMAND) as run:
        first = run.commit([replacing("a.py"), creating("d.py"), replacing("b.py", None)])
        run.commit([replacing("a.py", b"newer\n", NEW), replacing("d.py", None, NEW)])
        run.commit([creating("b.py", OLD)])
        with pytest.raises(EditedError):
            run.undo(first.number)
        run.finish()
    assert store.rollback().paths == ("a.py",)
    assert files(root) == {"a.py": OLD, "b.py": OLD, "pkg/c.py": OLD}


def test_a_wave_that_fails_leaves_the_run_usable(root: Path, store: RunStore) -> None:
    with store.begin(command=COMMAND) as run:
        run.commit([replacing("a.py")])
        with pytest.raises(TransactionError):
            run.commit([replacing("b.py"), replacing("gone.py")])
        run.commit([replacing("b.py")])
        record = run.finish()
    assert record.paths == ("a.py", "b.py")


def test_a_block_that_ends_early_leaves_an_interrupted_run(root: Path, store: RunStore) -> None:
    def fail() -> None:
        with store.begin(command=COMMAND) as run:
            run.commit([replacing("a.py")])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    (record,) = store.history()
    assert record.state is RunState.INTERRUPTED
    assert store.unfinished() == ()
    store.rollback()
    assert (root / "a.py").read_bytes() == OLD
