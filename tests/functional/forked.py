"""Runs the command in forks of one interpreter that has imported it already.

Each run is a process of its own, with its own folder, environment and streams; it only lacks the
start of an interpreter and the imports, which take longer than most runs. What is read while an
interpreter starts (`PYTHON...`, the locale) is that of the first start: what depends on that is
not for here.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from threading import Lock
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

_MOST_BYTES = 100_000
_STREAMS = 3
# What commands import only when they need it, and what only extras have.
_LATE = ("libcst", "networkx", "rich.console", "rich.progress", "jinja2", "multiprocessing.pool")
_EXTRAS = ("ssot_migrate.editor", "ssot_migrate.runtime", "ssot_migrate.index.cluster")


class Forks:
    """The forks of one interpreter, one at a time.

    Args:
        command: The installed script.
        interpreter: The one that the script names.
        environment: For the start; each run brings its own.
        site: Folders to import from first.
    """

    def __init__(
        self, command: Path, interpreter: str, environment: Mapping[str, str], site: Iterable[Path]
    ) -> None:
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._server = subprocess.Popen(
                (interpreter, "-I", __file__, *site),
                env=dict(environment),
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
            )
        self._command = command
        self._turn = Lock()

    def run(
        self,
        args: Sequence[str],
        cwd: Path,
        env: Mapping[str, str],
        streams: Sequence[IO[bytes] | int],
        patience: float,
        *,
        leads: bool = False,
    ) -> int:
        """Run the command to its end.

        Args:
            args: Its words.
            cwd: Its folder.
            env: Its whole environment.
            streams: Its standard input, output and error.
            patience: Seconds that it has.
            leads: Whether it leads a session, whose terminal its standard input is.

        Returns:
            The exit code; negative for a signal.

        Raises:
            TimeoutExpired: It is killed.
        """
        words = [str(self._command), *args]
        order = json.dumps([words, str(cwd), dict(env), leads]).encode()
        numbers = [one if isinstance(one, int) else one.fileno() for one in streams]
        with self._turn:
            socket.send_fds(self._ours, [order], numbers)
            pid = int(self._ours.recv(_MOST_BYTES))
            self._ours.settimeout(patience)
            try:
                return int(self._ours.recv(_MOST_BYTES))
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)
                self._ours.settimeout(None)
                self._ours.recv(_MOST_BYTES)
                raise subprocess.TimeoutExpired(list(args), patience) from None
            finally:
                self._ours.settimeout(None)


def _serve(orders: socket.socket) -> None:
    """Fork for each order; a fork returns, to go on as the command."""
    while True:
        order, streams, _, _ = socket.recv_fds(orders, _MOST_BYTES, _STREAMS)
        if not order:
            os._exit(0)
        if not (pid := os.fork()):
            break
        for stream in streams:
            os.close(stream)
        orders.send(b"%d" % pid)
        orders.send(b"%d" % os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    orders.close()
    sys.argv, cwd, environment, leads = json.loads(order)
    if leads:
        os.setsid()
        take_terminal()
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)


def take_terminal() -> None:
    """Let Ctrl-C on the terminal that is the standard input reach this process."""
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _import_all() -> None:
    import ssot_migrate

    for name in (*_LATE, *_names(ssot_migrate.__path__, "ssot_migrate.")):
        with suppress(ImportError):
            importlib.import_module(name)


def _names(folders: Iterable[str], prefix: str) -> Iterator[str]:
    for module in pkgutil.iter_modules(folders, prefix):
        if module.name.startswith(_EXTRAS) or module.name.endswith(".__main__"):
            continue
        yield module.name
        if module.ispkg:
            below = [os.path.join(folder, module.name.rpartition(".")[2]) for folder in folders]
            yield from _names(below, f"{module.name}.")


if __name__ == "__main__":
    from ssot_migrate.__main__ import main

    sys.path[:0] = sys.argv[1:]
    _import_all()
    gc.freeze()
    _serve(socket.socket(fileno=os.dup(sys.stdin.fileno())))
    main()
