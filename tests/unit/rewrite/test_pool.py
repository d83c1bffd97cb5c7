"""Rewriting in worker processes: one file's end is not that of the others."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest

from ssot_migrate.domain.outcome import Outcome
from ssot_migrate.index.index import no_progress
from ssot_migrate.rewrite import pool
from ssot_migrate.rewrite.pool import rewrite_all
from ssot_migrate.workspace.source import Contents

from .test_proofs import IMPORT, task_of

if TYPE_CHECKING:
    from pathlib import Path

    from ssot_migrate.rewrite.engine import Rewritten

BUNDLED = "ssot_migrate.codemods.move_imports"
DEADLY = """
    import faulthandler, os, signal, sys, time
    from ssot_migrate.rewrite.decisions import MoveImport

    HANDLES = (MoveImport,)

    def rewrite(document, task, decisions):
        if b"bad" in document.data:
            {deed}
        return iter(())
"""
DEEDS = {
    "is killed": "os.kill(os.getpid(), signal.SIGKILL)",
    "aborts": "faulthandler.disable(); os.abort()",
    "exits": "os._exit(0)",
    "takes too much memory": "bytearray(64 << 30)",
    "takes too long": "time.sleep(60)",
    "recurses without end": "(lambda f: f(f))(lambda f: f(f))",
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for number in range(20):
        bad = b"# bad\n" if number == 7 else b""
        (tmp_path / f"f{number:02}.py").write_bytes(IMPORT + bad)
    return tmp_path


def outcomes(root: Path, *codemods: str, jobs: int = 2) -> list[Rewritten]:
    tasks = [task_of(path.read_bytes(), path.name) for path in sorted(root.glob("f*.py"))]
    return list(rewrite_all(Contents(str(root)), tasks, codemods, jobs, no_progress))


@pytest.mark.parametrize("deed", DEEDS.values(), ids=[key.replace(" ", "-") for key in DEEDS])
def test_file_that_ends_its_process_is_the_only_one_refused(
    deed: str, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = textwrap.dedent(DEADLY).format(deed=deed)
    (tree / "codemods_of_test").mkdir()
    name = f"deadly_{abs(hash(deed))}"
    (tree / "codemods_of_test" / f"{name}.py").write_text(source)
    monkeypatch.syspath_prepend(str(tree / "codemods_of_test"))
    monkeypatch.setattr(pool, "_SECONDS", 0.5)
    found = outcomes(tree, BUNDLED, name)
    refused = [one.outcome.path for one in found if one.outcome.outcome is Outcome.REFUSED]
    assert refused == ["f07.py"]
    assert [one.outcome.path for one in found] == sorted(one.outcome.path for one in found)
    assert all(one.outcome.after for one in found if one.outcome.path != "f07.py")


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_number_of_processes_does_not_show(jobs: int, tree: Path) -> None:
    alone = [one.outcome for one in outcomes(tree, BUNDLED, jobs=1)]
    assert [one.outcome for one in outcomes(tree, BUNDLED, jobs=jobs)] == alone


def test_nothing_to_do_starts_no_process(tmp_path: Path) -> None:
    assert outcomes(tmp_path, BUNDLED) == []


def test_progress_counts_files(tree: Path) -> None:
    told: list[tuple[str, int, int]] = []
    tasks = [task_of(path.read_bytes(), path.name) for path in sorted(tree.glob("f*.py"))]
    list(rewrite_all(Contents(str(tree)), tasks, [BUNDLED], 2, lambda *what: told.append(what)))
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
    assert told[-1] == ("Rewriting", 20, 20)
