"""`--executor dask://…`, with a scheduler and workers that are processes of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from ssot_migrate.domain.errors import UsageError
from ssot_migrate.index.parallel import LocalProcesses, extract_all
from ssot_migrate.index.worker import CALLS, MODULE, Extracted, digest_of
from ssot_migrate.workspace.source import Contents

from .process import PATIENCE_SECONDS, clean_environment, run
from .trees import FOUND, REGISTRY, UNPARSABLE, plant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssot_migrate.index.parallel import Task, Workers

pytest.importorskip("distributed", reason="the extra `dask` is not installed")

from ssot_migrate.index import cluster
from ssot_migrate.index.cluster import DaskCluster, address_of

DASK = str(Path(sys.executable).with_name("dask"))
BODY = "from old.mod import Thing\n\n\ndef f{n}(x):\n    y = Thing(x)\n    z = [y]\n    return z\n"


class Cluster(NamedTuple):
    """A scheduler, and two workers that nobody starts again."""

    executor: str
    workers: list[subprocess.Popen[bytes]]


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("dask")
    note = folder / "scheduler.json"

    def start(*words: str) -> subprocess.Popen[bytes]:
        with open(folder / "log", "ab") as log:
            return subprocess.Popen(
                [DASK, *words, "--scheduler-file", str(note), "--no-dashboard"],
                cwd=folder,
                env=clean_environment(),
                stdout=log,
                stderr=log,
            )

    scheduler = start("scheduler", "--host", "127.0.0.1", "--port", "0")
    workers = [start("worker", "--nthreads", "2", "--no-nanny") for _ in range(2)]
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not note.exists() or not note.read_text():
            assert time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.05)
        address = json.loads(note.read_text())["address"]
        yield Cluster(address.replace("tcp://", "dask://"), workers)
    finally:
        for process in (*workers, scheduler):
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More files than are read at once here, some of which only LibCST reads, or nobody."""
    many = {f"app/m{n}.py": BODY.replace("{n}", str(n % 7)) for n in range(150)}
    odd = {name: FOUND[name][0] for name in ("newer.py", "deep.py", "latin.py", "crlf.py")}
    odd |= {f"odd/{name}": content for name, content in UNPARSABLE.items()}
    core = {"old/mod.py": "from new.mod import Thing\n", "new/mod.py": "class Thing: ...\n"}
    return plant(tmp_path_factory.mktemp("tree"), {"ssot.toml": REGISTRY, **core, **many, **odd})


def test_a_cluster_gives_the_same_bytes_as_one_process(
    dask: Cluster, tree: Path, tmp_path: Path
) -> None:
    """And the client writes the cache: the next run needs no cluster."""
    words = ("scan", "--output-format", "json")
    cached = (*words, "--cache-dir", str(tmp_path))
    alone = run(*words, "--no-cache", "-j", "1", cwd=tree)
    assert "app/m149.py" in alone.stdout
    assert run(*cached, "--executor", dask.executor, cwd=tree) == alone
    assert run(*cached, "--executor", "dask://127.0.0.1:1", cwd=tree) == alone


def test_a_scheduler_that_cannot_be_reached_is_an_error(tree: Path) -> None:
    result = run("scan", "--no-cache", "--executor", "dask://127.0.0.1:1", cwd=tree)
    assert (result.code, result.stdout) == (2, "")
    assert result.stderr == (
        "error: the scheduler at tcp://127.0.0.1:1 cannot be reached: Connection refused;"
        " start one with `dask scheduler`, or leave out --executor\n"
    )


def extracted(
    root: Path, workers: Workers, given: dict[str, bytes] | None = None
) -> list[Extracted]:
    contents = Contents(str(root), given or {})
    paths = sorted(
        {path.relative_to(root).as_posix() for path in root.rglob("*.py")} | {*(given or ())}
    )
    tasks: list[Task] = [(path, (MODULE, CALLS)) for path in paths]
    return sorted(
        extract_all(contents, tasks, workers, lambda *_: None, "Indexing"), key=lambda one: one.path
    )


def test_what_a_worker_reads_otherwise_is_read_here(
    dask: Cluster, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the file server had shown the workers an older state of two files."""
    stale = {(tree / "app" / name).read_bytes() for name in ("m3.py", "m5.py")}
    monkeypatch.setattr(cluster, "digest_of", lambda data: digest_of(data + b"#" * (data in stale)))
    there = DaskCluster(address_of(dask.executor))
    assert extracted(tree, there) == extracted(tree, LocalProcesses(1))


def test_content_that_is_on_no_disk_is_sent(dask: Cluster, tree: Path) -> None:
    given = {"app/m1.py": b"import staged\n", "app/new.py": b"import staged.too\n"}
    there = DaskCluster(address_of(dask.executor))
    assert extracted(tree, there, given) == extracted(tree, LocalProcesses(1), given)


def test_a_worker_of_another_release_is_refused(
    dask: Cluster, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "IDENTITY", "ssot-migrate 9.9 on cpython-399")
    with pytest.raises(UsageError, match=r"and this is ssot-migrate 9\.9 on cpython-399"):
        extracted(tree, DaskCluster(address_of(dask.executor)))


def test_the_others_do_the_work_of_a_worker_that_dies(dask: Cluster, tree: Path) -> None:
    """And where none is left, that is an error and no endless wait."""
    there = DaskCluster(address_of(dask.executor), patience=0.5)
    with there.opened(2) as submit:
        os.kill(dask.workers[0].pid, signal.SIGKILL)
        tasks: list[list[Task]] = [[(f"app/m{n}.py", (MODULE,))] for n in range(100)]
        waiting = [submit(Contents(str(tree)), batch) for batch in tasks]
        assert [[one.path for one in result()] for result in waiting] == [
            [path for path, _kinds in batch] for batch in tasks
        ]
        os.kill(dask.workers[1].pid, signal.SIGKILL)
        lost = submit(Contents(str(tree)), tasks[0])
        with pytest.raises(UsageError, match="has had no worker"):
            lost()
