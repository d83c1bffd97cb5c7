from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import threading
import time
from typing import TYPE_CHECKING

import pytest

from ssot_migrate.workspace.command import run_command

if TYPE_CHECKING:
    from pathlib import Path


def _is_alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stream:
            return stream.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _dies(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while _is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not _is_alive(pid)


def test_the_exit_code_is_the_verdict(tmp_path: Path) -> None:
    assert run_command(tmp_path, "exit 0").passed
    failed = run_command(tmp_path, "echo no; exit 3")
    assert not failed.passed
    assert failed.ending.startswith("exit code 3 after 0.")
    assert str(failed).endswith(" s\nno")


def test_a_line_of_shell_runs_in_the_root(tmp_path: Path) -> None:
    (tmp_path / "a file").touch()
    ran = run_command(tmp_path, "ls | wc -l && pwd && echo \"$HOME\" '>' && cat")
    assert ran.passed
    assert ran.tail.split("\n")[:2] == ["1", str(tmp_path)]


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    ran = run_command(tmp_path, "no-such-program-at-all")
    assert not ran.passed
    assert "exit code 127 (not found)" in ran.ending


def test_death_by_a_signal(tmp_path: Path) -> None:
    ran = run_command(tmp_path, "kill -SEGV $$")
    assert not ran.passed
    assert ran.ending.startswith("killed by SIGSEGV")


def test_the_tail_of_a_flood(tmp_path: Path) -> None:
    ran = run_command(tmp_path, "seq 1 200000; echo end >&2")
    lines = ran.tail.split("\n")
    assert lines[-2:] == ["200000", "end"]
    assert len(lines) == 40


def test_the_tail_is_harmless(tmp_path: Path) -> None:
    printed = r"\033[31mred\033[0m \033]0;title\007x\n50%%\r100%%\r\n\tta\bb\377\n\n"
    ran = run_command(tmp_path, f"printf '{printed}'")
    assert ran.tail == "red x\n100%\n\ttab\ufffd"


def test_too_long_ends_with_all_children(tmp_path: Path) -> None:
    started = time.monotonic()
    ran = run_command(tmp_path, "sleep 60 & echo $!; sleep 60", timeout=0.3)
    assert time.monotonic() - started < 5
    assert not ran.passed
    assert ran.ending == "stopped: no end after 0.3 s"
    assert _dies(int(ran.tail))


def test_what_ignores_a_gentle_word_is_killed(tmp_path: Path) -> None:
    script = "trap '' TERM; echo $$; while :; do sleep 0.05; done"
    ran = run_command(tmp_path, script, timeout=0.3)
    assert not ran.passed
    assert _dies(int(ran.tail))


@pytest.mark.parametrize("left", ["sleep 60 &", "(while :; do echo x; done) &"])
def test_what_it_leaves_running_ends_with_it(tmp_path: Path, left: str) -> None:
    started = time.monotonic()
    ran = run_command(tmp_path, f"{left} echo $! > pid")
    assert ran.passed
    assert time.monotonic() - started < 5
    assert _dies(int((tmp_path / "pid").read_text()))


def test_closed_output_is_no_end(tmp_path: Path) -> None:
    ran = run_command(tmp_path, "exec >&- 2>&-; sleep 0.3; exit 4")
    assert ran.ending.startswith("exit code 4 ")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ends_with_the_process_that_runs_it(tmp_path: Path, number: signal.Signals) -> None:
    program = """
        import signal
        from ssot_migrate.workspace.command import run_command
        def end(*_):
            raise SystemExit(9)
        signal.signal(signal.SIGTERM, end)
        try:
            run_command(".", "sleep 60 & echo $$ $! > pids; sleep 60")
        except KeyboardInterrupt:
            raise SystemExit(9)
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    with subprocess.Popen(command, cwd=tmp_path, start_new_session=True) as process:
        pids = tmp_path / "pids"
        deadline = time.monotonic() + 10
        while not (pids.exists() and pids.read_text()) and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(number)
        try:
            assert process.wait(10) == 9
        finally:
            process.kill()
    assert all(_dies(int(pid)) for pid in pids.read_text().split())


def test_no_input_is_waited_for(tmp_path: Path) -> None:
    assert run_command(tmp_path, "cat; read line", timeout=5).ending.startswith("exit code 1")


def test_threads_may_run_commands(tmp_path: Path) -> None:
    verdicts: list[bool] = []
    thread = threading.Thread(target=lambda: verdicts.append(run_command(tmp_path, "true").passed))
    thread.start()
    thread.join()
    assert verdicts == [True]
