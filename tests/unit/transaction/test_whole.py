"""One file, all of it or nothing."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from ssot_migrate.transaction.fileops import FileOps
from ssot_migrate.transaction.whole import write_whole

if TYPE_CHECKING:
    from pathlib import Path


def test_a_new_file_has_the_bits_of_new_files(tmp_path: Path) -> None:
    umask = os.umask(0o027)
    try:
        write_whole(tmp_path / "report.json", b"{}")
    finally:
        os.umask(umask)
    assert (tmp_path / "report.json").read_bytes() == b"{}"
    assert stat.S_IMODE((tmp_path / "report.json").stat().st_mode) == 0o640


def test_an_old_file_keeps_its_bits_and_whoever_reads_it_keeps_the_old_content(
    tmp_path: Path,
) -> None:
    file = tmp_path / "report.json"
    file.write_bytes(b"old")
    file.chmod(0o604)
    with file.open("rb") as reader:
        write_whole(file, b"new")
        assert reader.read() == b"old"
    assert file.read_bytes() == b"new"
    assert stat.S_IMODE(file.stat().st_mode) == 0o604
    assert os.listdir(tmp_path) == ["report.json"]


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("folder/real")
    write_whole(tmp_path / "link", b"new")
    assert os.readlink(tmp_path / "link") == "folder/real"
    assert (tmp_path / "folder/real").read_bytes() == b"new"


def test_a_dangling_link_creates_its_file(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("real")
    write_whole(tmp_path / "link", b"new")
    assert (tmp_path / "real").read_bytes() == b"new"
    assert (tmp_path / "link").is_symlink()


def test_a_name_may_be_as_long_as_names_can_be(tmp_path: Path) -> None:
    write_whole(tmp_path / ("n" * 255), b"x")
    assert (tmp_path / ("n" * 255)).read_bytes() == b"x"


class _FailsAt(FileOps):
    def __init__(self, name: str) -> None:
        def fail(*_args: object) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        setattr(self, name, fail)


@pytest.mark.parametrize("name", ["create", "write", "sync", "set_mode", "replace"])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path, name: str) -> None:
    file = tmp_path / "report.json"
    file.write_bytes(b"old")
    with pytest.raises(OSError, match="No space left"):
        write_whole(file, b"new", _FailsAt(name))
    assert file.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["report.json"]


def test_what_cannot_be_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "missing/report.json", b"x")
    with pytest.raises(IsADirectoryError):
        write_whole(tmp_path, b"x")


def test_a_read_only_file_is_not_replaced(tmp_path: Path, root: Path, as_nobody: None) -> None:
    file = root / "a.py"
    file.chmod(0o444)
    with pytest.raises(PermissionError):
        write_whole(file, b"x")


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_whole(pipe, b"through the pipe" * 10_000)
    reader.join()
    assert read == [b"through the pipe" * 10_000]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_nowhere_takes_everything() -> None:
    write_whole("/dev/null", b"gone")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@pytest.mark.parametrize("name", ["/dev/stdout", "link"])
@pytest.mark.parametrize("kind", ["pipe", "file"])
def test_standard_output_is_written_to(tmp_path: Path, name: str, kind: str) -> None:
    (tmp_path / "link").symlink_to("/dev/stdout")
    script = (
        "import sys; from ssot_migrate.transaction.whole import write_whole;"
        "sys.stdout.write('first '); sys.stdout.flush(); write_whole(sys.argv[1], b'second')"
    )
    output = tmp_path / "output"
    with output.open("wb") as stream:
        done = subprocess.run(
            [sys.executable, "-c", script, name],
            cwd=tmp_path,
            stdout=stream if kind == "file" else subprocess.PIPE,
            check=True,
        )
    assert (output.read_bytes() if kind == "file" else done.stdout) == b"first second"
