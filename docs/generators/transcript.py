"""Shell sessions in pages: the commands are written by hand, what they print is filled in."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).parents[2]

_SESSION = re.compile(r"(?<=^```console\n)(.*?)(?=^```$)", re.DOTALL | re.MULTILINE)
_RUN_ID = re.compile(r"\b\d{8}-\d{6}-[0-9a-f]{4}\b")
_SOME_RUN = "20261105-093000-4a1c"
_END = "\036"
_ENVIRONMENT = {
    **{f"GIT_{role}_NAME": "Reader" for role in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{role}_EMAIL": "reader@example.org" for role in ("AUTHOR", "COMMITTER")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    # The day on which it is: what is due on a later one is not.
    "SOURCE_DATE_EPOCH": "1793836800",
}


def transcribed(text: str) -> str:
    """A page with all its sessions run anew, as one, in a clone of which only fixtures are needed.

    Each line that begins with `$ ` is run by bash, and what it prints is shown below it. The ids of
    runs differ each time, so one of them stands for all.
    """
    commands = [
        line.removeprefix("$ ")
        for session in _SESSION.findall(text)
        for line in session.splitlines()
        if line.startswith("$ ")
    ]
    shown = zip(commands, _run(commands), strict=True)

    def filled(session: re.Match[str]) -> str:
        count = sum(line.startswith("$ ") for line in session[0].splitlines())
        return "".join(f"$ {command}\n{output}" for command, output in islice(shown, count))

    return _SESSION.sub(filled, text)


def _run(commands: list[str]) -> list[str]:
    """What each command prints, on both streams."""
    dropped = ("CI", "NO_COLOR", "FORCE_COLOR", "SSOT_MIGRATE_OUTPUT_FORMAT")
    environment = {key: value for key, value in os.environ.items() if key not in dropped}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    # After each command, a mark; `$?` is what the command left.
    script = "".join(f"{command}\n(c=$?; printf '{_END}'; exit $c)\n" for command in commands)
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder, "ssot-migrate")
        clone.mkdir()
        (clone / "fixtures").symlink_to(ROOT / "fixtures")
        done = subprocess.run(
            ["bash"],
            input=script,
            cwd=clone,
            env={**environment, **_ENVIRONMENT, "PATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    return _RUN_ID.sub(_SOME_RUN, done.stdout).split(_END)[:-1]
