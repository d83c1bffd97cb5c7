"""What an executor is called, and which workers are fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ssot_migrate.domain.errors import UsageError
from ssot_migrate.index.elsewhere import IDENTITY, UnfitWorkerError, extract_elsewhere
from ssot_migrate.index.worker import MODULE, extract_batch
from ssot_migrate.workspace.source import Contents

from .indexed import draw

if TYPE_CHECKING:
    from pathlib import Path

    from ssot_migrate.index.parallel import Task

FILES = {"a.py": "import b\n", "b.py": "def f(:\n"}
TASKS: list[Task] = [("a.py", (MODULE,)), ("b.py", (MODULE,)), ("gone.py", (MODULE,))]


@pytest.mark.parametrize(
    ("executor", "address"),
    [
        ("dask://build-1.example.org:8786", "tcp://build-1.example.org:8786"),
        ("dask://10.0.0.7:8786/", "tcp://10.0.0.7:8786"),
        ("dask://[::1]:8786", "tcp://[::1]:8786"),
    ],
)
def test_an_executor_names_a_scheduler(executor: str, address: str) -> None:
    pytest.importorskip("distributed", reason="the extra `dask` is not installed")
    from ssot_migrate.index.cluster import address_of

    assert address_of(executor) == address


@pytest.mark.parametrize(
    "executor",
    [
        *("dask", "dask://", "dask://host", "dask://host:", "dask://host:x", "dask://host:65536"),
        *("tcp://host:1", "processes:2", "dask://user@host:1", "dask://host:1/x", "dask://a b:1"),
    ],
)
def test_anything_else_is_refused_with_the_form_that_is_meant(executor: str) -> None:
    from ssot_migrate.index.cluster import address_of

    with pytest.raises(UsageError, match=r"is not dask://HOST:PORT"):
        address_of(executor)


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from ssot_migrate.index import cluster

    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(UsageError, match=r"pip install '\.\[dask\]'"):
        cluster.address_of("dask://host:8786")


def test_a_fit_worker_gives_what_a_process_here_gives(tmp_path: Path) -> None:
    contents = Contents(str(draw(tmp_path, FILES)))
    assert extract_elsewhere(IDENTITY, contents, TASKS) == extract_batch(contents, TASKS)


def test_a_worker_with_another_build_or_python_refuses(tmp_path: Path) -> None:
    contents = Contents(str(draw(tmp_path, FILES)))
    for wanted in (IDENTITY.replace("cpython", "pypy"), f"{IDENTITY}x"):
        with pytest.raises(UnfitWorkerError, match="install the same release") as refusal:
            extract_elsewhere(wanted, contents, TASKS)
        assert wanted in str(refusal.value)


def test_a_worker_that_sees_none_of_the_files_refuses(tmp_path: Path) -> None:
    contents = Contents(str(tmp_path / "elsewhere"))
    with pytest.raises(UnfitWorkerError, match="on a shared file system") as refusal:
        extract_elsewhere(IDENTITY, contents, TASKS)
    assert f"a.py in {tmp_path / 'elsewhere'}" in str(refusal.value)


def test_content_that_is_on_no_disk_is_sent(tmp_path: Path) -> None:
    contents = Contents(str(tmp_path / "elsewhere"), {path: b"import c\n" for path, _ in TASKS})
    assert extract_elsewhere(IDENTITY, contents, TASKS) == extract_batch(contents, TASKS)
