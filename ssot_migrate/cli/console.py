"""What reaches the terminal: colour, width, encoding, and the progress line."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from ssot_migrate.domain.errors import SsotMigrateError, UsageError
from ssot_migrate.index.index import Progress, no_progress
from ssot_migrate.reporting.sanitize import visible
from ssot_migrate.workspace.source import plain_reason

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO


def wants_color(stream: TextIO | None, choice: str = "auto") -> bool:
    """Whether to colour output: the choice, then NO_COLOR, FORCE_COLOR, then the terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR") or os.environ.get("CLICOLOR_FORCE", "0") != "0":
        return True
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"


def terminal_width(stream: TextIO | None) -> int | None:
    """The columns of the terminal behind a stream, or None."""
    if stream is None or not stream.isatty():
        return None
    with suppress(OSError, ValueError):
        return os.get_terminal_size(stream.fileno()).columns
    return None


def write(text: str | bytes) -> None:
    """Write to stdout; what its encoding lacks is spelled out, and a closed pipe is fine."""
    stream = sys.stdout
    if stream is None:  # closed by whoever started us
        raise UsageError("the output cannot be written: stdout is closed")
    encoding = stream.encoding or "utf-8"
    data = text.encode(encoding, "backslashreplace") if isinstance(text, str) else text
    try:
        if hasattr(stream, "buffer"):
            stream.flush()
            stream.buffer.write(data)
            stream.buffer.flush()
        else:
            stream.write(data.decode(encoding, "backslashreplace"))
            stream.flush()
    except BrokenPipeError:
        # `| head` has seen enough.
        _let_go_of(stream)
    except OSError as problem:
        _let_go_of(stream)
        raise UsageError(f"the output cannot be written: {plain_reason(problem)}") from problem


def read_input() -> bytes:
    """What stands on stdin, to its end.

    Raises:
        UsageError: It is closed, or cannot be read.
    """
    if sys.stdin is None:  # closed by whoever started us
        raise UsageError("there is nothing to read: stdin is closed")
    try:
        return sys.stdin.buffer.read()
    except OSError as problem:
        raise UsageError(f"stdin cannot be read: {plain_reason(problem)}") from problem


def save(path: str, text: str | bytes) -> None:
    """Write to a file in UTF-8, all or nothing, or to stdout if it is called `-`.

    Raises:
        UsageError: The file cannot be written.
    """
    if path == "-":
        write(text)
        return
    data = text.encode("utf-8", "backslashreplace") if isinstance(text, str) else text
    from ssot_migrate.transaction.whole import write_whole

    try:
        write_whole(path, data)
    except (OSError, ValueError) as problem:
        reason = plain_reason(problem) if isinstance(problem, OSError) else str(problem)
        if isinstance(problem, FileNotFoundError):
            reason = "there is no such folder"
        raise UsageError(f"the output cannot be written to {path}: {reason}") from problem


def let_go_of_stdout() -> None:
    """Forget what could not be written to stdout, if something could not."""
    try:
        sys.stdout.flush()
    except (AttributeError, OSError, ValueError):
        if sys.stdout is not None:
            _let_go_of(sys.stdout)


def _let_go_of(stream: TextIO) -> None:
    """Keep the interpreter from writing the rest, and from complaining, while it closes."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def complain(text: str) -> None:
    """Write a message to stderr, if there is one."""
    if sys.stderr is None:
        return
    with suppress(OSError, ValueError):
        encoding = sys.stderr.encoding or "utf-8"
        sys.stderr.write(f"{text}\n".encode(encoding, "backslashreplace").decode(encoding))
        sys.stderr.flush()


def complain_of(error: SsotMigrateError) -> None:
    """Write what is wrong to stderr."""
    complain("\n".join(f"error: {visible(line)}" for line in str(error).splitlines()))


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[Progress]:
    """A progress bar on stderr for long work; none without a terminal."""
    is_seen = sys.stderr is not None and sys.stderr.isatty()
    if quiet or not is_seen or os.environ.get("TERM") == "dumb":
        yield no_progress
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn
    from rich.progress import Progress as Bar

    # Without a refreshing thread: workers are forked, which threads do not survive.
    bar = Bar(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        transient=True,
        auto_refresh=False,
    )
    tasks: dict[str, TaskID] = {}

    def show(what: str, done: int, total: int) -> None:
        if what not in tasks:
            tasks[what] = bar.add_task(what, total=total)
        bar.update(tasks[what], completed=done, total=total)
        bar.refresh()

    with bar:
        yield show
