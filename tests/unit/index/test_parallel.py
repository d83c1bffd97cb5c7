"""Extraction in worker processes: the same results, and a death is one file's affair."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import msgspec

from ssot_migrate.index import parallel
from ssot_migrate.index.facts import Unparsable
from ssot_migrate.index.parallel import LocalProcesses, extract_all
from ssot_migrate.index.worker import MODULE, UNPARSABLE, extract_batch
from ssot_migrate.workspace.source import Contents

from .indexed import answers, draw, index_of

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from ssot_migrate.index.worker import Extracted

MANY = {f"m{n}.py": f"from m{n + 1} import A{n}\nx = A{n}.b\n" for n in range(200)}
BAD = {"bad.py": "def f(:\n", "deep.py": "x = " + "(" * 300, "null.py": "\0"}


def extracted(root: Path, names: list[str], jobs: int) -> dict[str, Extracted]:
    tasks = [(name, (MODULE,)) for name in sorted(names)]
    results = list(
        extract_all(Contents(str(root)), tasks, LocalProcesses(jobs), lambda *_: None, "Indexing")
    )
    assert len(results) == len(tasks)
    return {result.path: result for result in results}


def reason(result: Extracted) -> str:
    ((kind, data),) = result.facts
    assert kind == UNPARSABLE
    return msgspec.msgpack.decode(data, type=Unparsable).message


def test_answers_do_not_depend_on_the_number_of_workers(tmp_path: Path) -> None:
    root = draw(tmp_path, {**MANY, **BAD})
    alone = answers(index_of(root, jobs=1))
    for jobs in (2, 4):
        index = index_of(root, jobs=jobs)
        index.load(dict.fromkeys(index.paths, ("module", "shapes", "hashes", "uses")))
        assert answers(index) == alone


def test_progress_counts_every_file_once(tmp_path: Path) -> None:
    root = draw(tmp_path, MANY)
    told: list[tuple[str, int, int]] = []
    tasks = [(name, (MODULE,)) for name in sorted(MANY)]
    list(
        extract_all(
            Contents(str(root)),
            tasks,
            LocalProcesses(2),
            lambda *step: told.append(step),
            "Indexing",
        )
    )
    assert told[-1] == ("Indexing", 200, 200)
    assert [done for _, done, _ in told] == sorted({done for _, done, _ in told})


def dying(contents: Contents, tasks: list[tuple[str, tuple[str, ...]]]) -> list[Extracted]:
    """`extract_batch`, in whose process a parser crashes on one file."""
    if any(path == "killer.py" for path, _kinds in tasks):
        os._exit(11)
    return extract_batch(contents, tasks)


def test_a_worker_that_dies_costs_nobody_else_an_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is read again in a process of its own, where it does no harm."""
    root = draw(tmp_path, {**MANY, "killer.py": "import a\n"})
    monkeypatch.setattr(parallel, "extract_batch", dying)
    results = extracted(root, [*MANY, "killer.py"], jobs=2)
    assert {kind for result in results.values() for kind, _ in result.facts} == {MODULE}


def deadly(contents: Contents, path: str, kinds: tuple[str, ...]) -> Extracted:
    """`extract_isolated`, in whose process a parser crashes on one file."""
    if path == "killer.py":
        os._exit(11)
    (result,) = extract_batch(contents, [(path, kinds)])
    return result


def test_the_file_that_kills_is_named_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = draw(tmp_path, {**MANY, "killer.py": "import a\n"})
    monkeypatch.setattr(parallel, "extract_batch", dying)
    monkeypatch.setattr(parallel, "extract_isolated", deadly)
    results = extracted(root, [*MANY, "killer.py"], jobs=2)
    assert "crashed" in reason(results.pop("killer.py"))
    assert {kind for result in results.values() for kind, _ in result.facts} == {MODULE}
    assert results.keys() == MANY.keys()


def test_a_sum_that_is_too_deep_for_most_stacks_may_stand_in_newer_syntax(tmp_path: Path) -> None:
    root = draw(tmp_path, {"sum.py": "lazy import a\nx = 1" + " + 1" * 900, "a.py": "import b"})
    results = extracted(root, ["sum.py", "a.py"], jobs=2)
    assert [kind for kind, _ in results["a.py"].facts] == [MODULE]
    assert [kind for kind, _ in results["sum.py"].facts] in ([MODULE], [UNPARSABLE])


def test_a_verdict_of_death_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = draw(tmp_path / "tree", {"killer.py": "lazy import a\n", "a.py": "import b\n"})
    folder = tmp_path / "cache"
    monkeypatch.setattr(parallel, "extract_isolated", deadly)
    index = index_of(root, folder)
    assert index.module("a.py") is not None
    assert index.module("killer.py") is None
    assert "crashed" in index.unparsable["killer.py"].message
    index.save()
    monkeypatch.undo()
    index = index_of(root, folder)
    assert index.module("killer.py") is not None
    index.save()


def test_the_executor_is_a_seam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anything with the interface of `concurrent.futures` will do."""
    root = draw(tmp_path, MANY)
    monkeypatch.setattr(parallel, "worker_processes", lambda jobs, *_: ThreadPoolExecutor(jobs))
    assert extracted(root, [*MANY], jobs=2) == extracted(root, [*MANY], jobs=1)
