"""Runs the installed command as its users do."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from .forked import Forks, take_terminal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

PROJECT = Path(__file__).parents[2]
# `make test-wheel` names the command of an environment that has the wheel and nothing else. There
# each run is started anew, so that nothing can depend on what an earlier import left.
_NAMED = os.environ.get("SSOT_MIGRATE_TEST_COMMAND")
_INSTALLED = Path(_NAMED or Path(sys.executable).with_name("ssot-migrate"))
_HAS_FORKS = sys.platform == "linux" and _NAMED is None
COMMAND = (str(_INSTALLED),)
INTERPRETER = str(_INSTALLED.with_name(Path(sys.executable).name))
MODULE = (INTERPRETER, "-m", "ssot_migrate")
PATIENCE_SECONDS = 30

LIBRARIES = sysconfig.get_path("purelib")

_TROUBLE = re.compile(r"Traceback|internal error|Exception ignored|BrokenPipe|Errno")
_READ_AT_START = re.compile("PYTHON|LC_|LANG")
_FORGOTTEN = (
    *("GIT_", "SSOT_MIGRATE_", "PYTHON", "CI"),
    *("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "COLUMNS"),
)


class Result(NamedTuple):
    """What a process left behind."""

    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)

    @property
    def codes(self) -> set[tuple[str, str]]:
        """Rule and path of each finding of a JSON report."""
        return {(found["code"], found["path"]) for found in self.json["findings"]}


def clean_environment(**extra: str) -> dict[str, str]:
    """The developer's environment without what changes our output."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(_FORGOTTEN)}
    return {**kept, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **extra}


def run(
    *args: str | bytes | Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    program: Sequence[str] | None = None,
    stdout: int | None = None,
    given: bytes = b"",
    site: Path | None = None,
) -> Result:
    """Run the command to its end; neither a traceback nor a hang is ever right.

    Args:
        args: Words of the command line.
        cwd: The folder to be in.
        env: Variables that are added to a clean environment.
        program: What is started anew; without it a fork that has imported the command already
            will do, which takes a fraction of the time.
        stdout: A file descriptor, where the output is not of interest.
        given: Standard input.
        site: A folder of installed packages, which PYTHONPATH names to a program started anew.
    """
    words = list(map(os.fsdecode, args))
    environment = clean_environment(**(env or {}))
    is_new = bool(program or not _HAS_FORKS or any(map(_READ_AT_START.match, env or ())))
    if site is not None and is_new:
        environment["PYTHONPATH"] = str(site)
    with TemporaryFile() as stdin, TemporaryFile() as said, TemporaryFile() as complained:
        stdin.write(given)
        stdin.seek(0)
        streams = (stdin, said if stdout is None else stdout, complained)
        if not is_new:
            forks = _forks() if site is None else _forks(site)
            code = forks.run(words, cwd or Path.cwd(), environment, streams, PATIENCE_SECONDS)
        else:
            code = subprocess.run(
                [*(program or COMMAND), *words],
                cwd=cwd,
                env=environment,
                stdin=stdin,
                stdout=streams[1],
                stderr=complained,
                timeout=PATIENCE_SECONDS,
                check=False,
            ).returncode
        output, errors = (_text(stream) for stream in (said, complained))
    assert not _TROUBLE.search(errors), errors
    assert code in (0, 1, 2), (code, errors)
    return Result(code, output, errors)


def _text(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode("utf-8", "surrogateescape")


def run_on_terminal(*args: str, cwd: Path, env: Mapping[str, str], terminal: int) -> int:
    """Run the command as the leader of a session that has a terminal, and close that.

    Args:
        args: Words of the command line.
        cwd: The folder to be in.
        env: Variables that are added to a clean environment.
        terminal: The descriptor of the terminal.

    Returns:
        The exit code.
    """
    environment = clean_environment(**{"TERM": "xterm-256color", **env})
    streams = (terminal, terminal, terminal)
    try:
        if _HAS_FORKS:
            return _forks().run(args, cwd, environment, streams, PATIENCE_SECONDS, leads=True)
        stdin, stdout, stderr = streams
        with Started(
            [*COMMAND, *args],
            cwd=cwd,
            env=environment,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
            preexec_fn=take_terminal,
        ) as process:
            return process.wait(PATIENCE_SECONDS)
    finally:
        os.close(terminal)


@cache
def _forks(*site: Path) -> Forks:
    """One for each process of the test suite, which ends with it, and for each folder."""
    return Forks(_INSTALLED, INTERPRETER, clean_environment(), site)


def scan_json(cwd: Path, *args: str | Path, code: int | None = None) -> Result:
    """Scan without a cache and hold the report against the exit code."""
    result = run("scan", "--no-cache", "--output-format", "json", *args, cwd=cwd)
    report = result.json
    expected = 2 if report["errors"] else 1 if report["findings"] else 0
    assert result.code == (expected if code is None else code), result
    return result


def ours_only(folder: Path) -> dict[str, str]:
    """Variables for pip and virtualenv, where only our own package is of interest.

    Its libraries are those of this environment, and so is setuptools, which the folder leads to.
    """
    folder.mkdir()
    for name in ("setuptools*", "_distutils_hack"):
        for found in Path(LIBRARIES).glob(name):
            (folder / found.name).symlink_to(found)
    return {
        "PIP_NO_DEPS": "1",
        "PIP_NO_COMPILE": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # which pip reads as "none"
        "VIRTUALENV_SYMLINK_APP_DATA": "1",  # pip, which is compiled but once
        "PYTHONPATH": str(folder),
    }


class Started(subprocess.Popen[bytes]):
    """A leader of a group of processes, for whom a test that fails does not wait."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        super().__exit__(kind, error, trace)


def start(*args: str, cwd: Path, **options: Any) -> Started:
    """Start the command as the leader of a group of its own."""
    return Started(
        [*COMMAND, *args],
        cwd=cwd,
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
    )


def tool(name: str) -> str | None:
    """Where a program of the system is, if it is."""
    return shutil.which(name)
