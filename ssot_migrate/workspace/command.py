"""Runs a command of the user's own, and ends all that it started."""

from __future__ import annotations

import os
import re
import selectors
import signal
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from subprocess import Popen

_TAIL_BYTES = 1 << 16
_TAIL_LINES = 40
_CHUNK_BYTES = 1 << 16
_LOOK_SECONDS = 0.05
_DRAIN_SECONDS = 0.5
_GRACE_SECONDS = 2.0
_NOT_EXECUTABLE, _NOT_FOUND = 126, 127

# Colours, cursor movements, window titles.
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_].*?(?:\x1b\\|\x07|$)|[ -/]*[0-~])")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Ran(msgspec.Struct, frozen=True):
    """How a command ended.

    Args:
        passed: Whether its exit code was 0.
        ending: How it ended, as half a sentence: `exit code 1 after 2.4 s`.
        tail: The last lines that it printed, without escape sequences and other controls.
    """

    passed: bool
    ending: str
    tail: str = ""

    def __str__(self) -> str:
        return f"{self.ending}\n{self.tail}" if self.tail else self.ending


def run_command(root: str | Path, command: str, *, timeout: float | None = None) -> Ran:
    """Run a line of shell in `root` until it ends, and take its exit code for the verdict.

    The command runs in a session of its own, without input. Whatever it leaves running in its
    process group ends with it; so does all of it when it takes too long, and when this process is
    asked to stop. Python writes no bytecode in it: a file that changes twice within a second
    could be taken for what it was in between.

    Args:
        root: The folder to run it in.
        command: What the user typed. It must never come from the tree that is worked on.
        timeout: After how many seconds it counts as failed; None for never.
    """
    from subprocess import DEVNULL, PIPE, STDOUT, Popen

    started = time.monotonic()
    process = Popen(
        command,
        shell=True,
        cwd=root,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=STDOUT,
        start_new_session=True,
    )
    printed, is_over = b"", False
    try:
        for chunk in _printed_by(process, None if timeout is None else started + timeout):
            printed = (printed + chunk)[-_TAIL_BYTES:]
        is_over = _is_over(process)
    finally:
        _end(process, in_peace=is_over)
    seconds = time.monotonic() - started
    ending = _ending(process.returncode) if is_over else f"stopped: no end after {timeout:g} s"
    return Ran(
        is_over and process.returncode == 0,
        f"{ending} after {seconds:.1f} s" if is_over else ending,
        _tail(printed),
    )


def _printed_by(process: Popen[bytes], deadline: float | None) -> Iterator[bytes]:
    """What a process prints until it ends, or until the deadline.

    Its end is watched for besides that of the output, which its children may keep open.
    """
    assert process.stdout is not None
    stream = process.stdout.fileno()
    os.set_blocking(stream, False)
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        is_open, is_over = True, False
        while deadline is None or time.monotonic() < deadline:
            if not is_over and _is_over(process):
                is_over, deadline = True, time.monotonic() + _DRAIN_SECONDS
            if is_open and selector.select(0 if is_over else _LOOK_SECONDS):
                chunk = os.read(stream, _CHUNK_BYTES)
                yield chunk
                if chunk:
                    continue
                is_open = False
                selector.unregister(stream)
            elif is_over:
                return
            elif not is_open:
                time.sleep(_LOOK_SECONDS)


def _is_over(process: Popen[bytes]) -> bool:
    # It stays a zombie: until its group has been ended, its number must not become another's.
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _end(process: Popen[bytes], *, in_peace: bool) -> None:
    """End a process with its group, and wait for it; gently at first unless it is over."""
    try:
        if not in_peace:
            _signal(process, signal.SIGTERM)
            deadline = time.monotonic() + _GRACE_SECONDS
            while time.monotonic() < deadline and not _is_over(process):
                time.sleep(_LOOK_SECONDS)
    finally:
        _signal(process, signal.SIGKILL)
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _signal(process: Popen[bytes], number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _ending(code: int) -> str:
    if code < 0:
        with suppress(ValueError):
            return f"killed by {signal.Signals(-code).name}"
        return f"killed by signal {-code}"
    hint = {_NOT_FOUND: " (not found)", _NOT_EXECUTABLE: " (not executable)"}.get(code, "")
    return f"exit code {code}{hint}"


def _tail(printed: bytes) -> str:
    text = printed.decode("utf-8", "replace").replace("\r\n", "\n")
    # Of a line that was written over again and again, the last state counts.
    rows = [row.rpartition("\r")[2] for row in _ESCAPE.sub("", text).rstrip().split("\n")]
    return "\n".join(_CONTROL.sub("", row).rstrip() for row in rows[-_TAIL_LINES:])
