"""Streams that are closed, full, or a terminal; and signals."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from .process import COMMAND, run, run_on_terminal, start, tool
from .trees import IMPORT, plant
from .trees import PROJECT as FILES

COMMANDS = (
    ("scan", "--no-cache"),
    ("scan", "--no-cache", "--output-format", "json"),
    ("apply", "--dry-run", "--no-cache"),
    ("apply", "--dry-run", "--no-cache", "--output-format", "patch", "-q"),
    ("graph", "consumers", "new.mod:Thing", "--no-cache"),
    ("rules",),
    ("explain", "SSOT201"),
)
SHELL = ("sh", "-c")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_full_disk_is_an_error(shared: Path, command: tuple[str, ...]) -> None:
    with open("/dev/full", "w") as full:
        result = run(*command, cwd=shared, stdout=full.fileno())
    assert result.code == 2
    assert result.stderr == "error: the output cannot be written: no space left on device\n"


@pytest.mark.parametrize("command", [("--version",), ("--help",), ("scan", "--help")], ids=" ".join)
def test_help_on_a_full_disk_is_an_error_too(shared: Path, command: tuple[str, ...]) -> None:
    with open("/dev/full", "w") as full:
        assert run(*command, cwd=shared, stdout=full.fileno()).code == 2


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_whoever_reads_the_first_line_only_is_served(
    shared: Path, command: tuple[str, ...]
) -> None:
    line = '"$0" "$@" | head -n 1; echo "${PIPESTATUS[0]}"'
    result = run(*command, cwd=shared, program=("bash", "-c", line, *COMMAND))
    first, code = result.stdout.splitlines()
    assert first
    assert code in ("0", "1")
    assert result.stderr == ""


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_closed_stdout_is_an_error(shared: Path, command: tuple[str, ...]) -> None:
    result = run(*command, cwd=shared, program=(*SHELL, '"$0" "$@" >&-', *COMMAND))
    assert result.code == 2
    assert result.stderr == "error: the output cannot be written: stdout is closed\n"


def test_a_closed_stderr_and_stdin_change_nothing(shared: Path) -> None:
    program = (*SHELL, '"$0" "$@" 2>&- <&-', *COMMAND)
    result = run("scan", "--no-cache", cwd=shared, program=program)
    assert result.code == 1
    assert "app/use.py:1:1: SSOT201" in result.stdout
    assert run("scan", "nowhere", cwd=shared, program=program).code == 2


def test_results_and_notes_are_told_apart(project: Path) -> None:
    (project / "out.py").symlink_to("/etc/passwd")
    result = run("scan", "--no-cache", "--output-format", "json", cwd=project)
    assert result.json["findings"]
    assert result.stderr.startswith("note: 1 link leads out of the root, out.py first")


def _on_a_terminal(cwd: Path, *args: str, **env: str) -> bytes:
    """What a command writes to a terminal."""
    ours, theirs = pty.openpty()
    with ThreadPoolExecutor(1) as elsewhere:
        code = elsewhere.submit(run_on_terminal, *args, cwd=cwd, env=env, terminal=theirs)
        shown = b""
        while select.select([ours], [], [], 30)[0]:
            try:
                data = os.read(ours, 1 << 16)
            except OSError:  # Linux says so when the last process has closed the other end
                break
            if not data:
                break
            shown += data
        os.close(ours)
        assert code.result() == 1
    return shown


def test_a_terminal_shows_progress_and_color(project: Path) -> None:
    plant(project, {f"many/m{n}.py": IMPORT + b"x = %d\n" % n for n in range(150)})
    shown = _on_a_terminal(project, "scan", "--no-cache")
    assert b"Indexing" in shown
    assert b"\x1b[" in shown
    assert b"SSOT201" in shown
    plain = _on_a_terminal(project, "scan", "--no-cache", "-q", NO_COLOR="1")
    assert b"Indexing" not in plain
    assert b"SSOT201" in plain
    assert b"\x1b" not in plain
    dumb = _on_a_terminal(project, "scan", "--no-cache", TERM="dumb")
    assert b"\x1b" not in dumb


def test_no_progress_without_a_terminal(project: Path) -> None:
    plant(project, {f"many/m{n}.py": IMPORT + b"x = %d\n" % n for n in range(150)})
    result = run("scan", "--no-cache", cwd=project, env={"FORCE_COLOR": "1"})
    assert "Indexing" not in result.stderr + result.stdout
    assert result.stderr == ""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree that takes some seconds."""
    source = (Path(os.__file__).parent / "argparse.py").read_bytes()
    big = {f"big/m{n}.py": b"# %d\n" % n + source for n in range(400)}
    return plant(tmp_path_factory.mktemp("large"), {**FILES, **big})


def _group(leader: int) -> list[str]:
    """The living processes of a group."""
    listed = subprocess.run(
        ["ps", "-e", "-o", "pgid=,stat=,args="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    return [" ".join(row) for row in rows if row[0] == str(leader) and not row[1].startswith("Z")]


@pytest.mark.parametrize("processes", [1, 3], ids=["alone", "with workers"])
@pytest.mark.parametrize(
    ("number", "to_group", "codes"),
    [
        (signal.SIGINT, True, {130}),
        (signal.SIGINT, False, {130}),
        (signal.SIGTERM, False, {143, -signal.SIGTERM}),
        (signal.SIGKILL, False, {-signal.SIGKILL}),
    ],
    ids=["Ctrl-C", "SIGINT", "SIGTERM", "SIGKILL"],
)
def test_a_signal_ends_everything(
    large: Path,
    tmp_path: Path,
    number: signal.Signals,
    *,
    to_group: bool,
    codes: set[int],
    processes: int,
) -> None:
    if tool("ps") is None:
        pytest.skip("needs ps")
    cached = ("--cache-dir", str(tmp_path))
    with start("scan", f"-j{max(1, processes - 1)}", *cached, cwd=large) as process:
        while len(_group(process.pid)) < processes:
            assert process.poll() is None
            time.sleep(0.05)
        time.sleep(0.3)  # they are there, and now they are at work
        (os.killpg if to_group else os.kill)(process.pid, number)
        stdout, stderr = process.communicate(timeout=10)
    assert process.returncode in codes
    assert stdout == b""
    assert b"Traceback" not in stderr
    for _ in range(20):
        if not _group(process.pid):
            break
        time.sleep(0.1)
    assert not _group(process.pid)
    if number is not signal.SIGKILL and processes > 1 and not to_group:
        assert run("scan", "app", "--select", "SSOT201", *cached, cwd=large).code == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_signal_while_workers_start_ends_everything(
    large: Path, tmp_path: Path, number: signal.Signals
) -> None:
    if tool("ps") is None:
        pytest.skip("needs ps")
    for trial in range(5):
        cached = ("--cache-dir", str(tmp_path / str(trial)))
        with start("scan", "-j2", *cached, cwd=large) as process:
            while len(_group(process.pid)) < 2:
                assert process.poll() is None
            time.sleep(trial / 1000)
            os.killpg(process.pid, number)
            _, stderr = process.communicate(timeout=10)
        assert process.returncode in (128 + number, -number)
        assert b"Traceback" not in stderr
        assert not _group(process.pid)
