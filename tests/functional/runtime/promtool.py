"""Prometheus' `promtool`: the one on the PATH, or one out of Debian's package, which is kept."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

_PACKAGE = "prometheus"
_PATIENCE_SECONDS = 120
_QUICK = ("-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=10")


class NoPromtoolError(Exception):
    """Why there can be no promtool here."""


def promtool() -> str:
    """The path of the program.

    Raises:
        NoPromtoolError: It is not here, and apt cannot get it.
    """
    if (found := shutil.which("promtool")) is not None:
        return found
    kept = _cache() / "promtool"
    if not kept.exists():
        with tempfile.TemporaryDirectory(prefix="promtool-") as folder:
            _fetch(Path(folder), kept)
    return str(kept)


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "ssot-migrate-tests"


def _fetch(folder: Path, kept: Path) -> None:
    """Take the program out of the package; nothing is installed."""
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise NoPromtoolError("no promtool is on the PATH, and there is no apt to get one")
    download = ("apt-get", *_QUICK, "download", _PACKAGE)
    try:
        _run(folder, *download)
    except NoPromtoolError:
        if os.geteuid() != 0:
            raise
        _run(folder, "apt-get", *_QUICK, "update")  # its lists are missing, or too old
        _run(folder, *download)
    (package,) = folder.glob("*.deb")
    _run(folder, "dpkg", "-x", str(package), "files")
    kept.parent.mkdir(parents=True, exist_ok=True)
    # Another process may do the same: the last one puts a whole file in the place of a whole one.
    arriving = kept.with_name(f"{kept.name}.{os.getpid()}")
    shutil.move(folder / "files" / "usr" / "bin" / "promtool", arriving)
    arriving.replace(kept)


def _run(folder: Path, *command: str) -> None:
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NoPromtoolError(f"no promtool: {command[0]} did not end in time") from None
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise NoPromtoolError(f"no promtool is on the PATH, and {command[0]} says: {said}")
