"""Runs one command and prints its exit status, wall time, CPU time and peak memory.

A script of its own, started with `python -I -S`: Linux counts what the parent had in memory at
`exec` as the child's, so the parent has to be small (9 MB, which is therefore the least that the
benchmark can show).
"""

from __future__ import annotations

import os
import sys
import time


def main() -> None:
    """Run `sys.argv[3:]` with its output in the files `sys.argv[1]` and `sys.argv[2]`."""
    stdout, stderr, *command = sys.argv[1:]
    creating = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    redirections = (
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, stdout, creating, 0o600),
        (os.POSIX_SPAWN_OPEN, 2, stderr, creating, 0o600),
    )
    started = time.perf_counter()
    process = os.posix_spawn(command[0], command, os.environ, file_actions=redirections)
    # The usage covers the process and every descendant that was waited for: the times are
    # their sum, the memory (in KB) is that of the largest one.
    _, status, usage = os.wait4(process, 0)
    wall = time.perf_counter() - started
    cpu = usage.ru_utime + usage.ru_stime
    sys.stdout.write(f"{os.waitstatus_to_exitcode(status)} {wall} {cpu} {usage.ru_maxrss}\n")


if __name__ == "__main__":
    main()
