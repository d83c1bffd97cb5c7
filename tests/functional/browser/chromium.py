"""Chromium as the system has it, or as the system's package manager brings it."""

from __future__ import annotations

import os
import shutil
import subprocess

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_INSTALL = (("update", "-qq"), ("install", "-y", "-qq", "--no-install-recommends", "chromium"))
_PATIENCE_SECONDS = 240


class NoBrowserError(Exception):
    """Why there can be no browser here."""


def executable() -> str:
    """The browser's path: SSOT_TEST_CHROMIUM, or one on PATH, which root has installed if needed.

    Raises:
        NoBrowserError: There is none, and it cannot be installed.
    """
    if named := os.environ.get("SSOT_TEST_CHROMIUM"):
        return named
    if found := _found():
        return found
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        raise NoBrowserError(
            f"none of {', '.join(_NAMES)} is on PATH, SSOT_TEST_CHROMIUM is not set, and only root"
            " could install chromium with apt-get"
        )
    for arguments in _INSTALL:
        _run(apt, *arguments)
    if found := _found():
        return found
    raise NoBrowserError("apt-get installed chromium, and it is not on PATH")


def _found() -> str | None:
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


def _run(*command: str) -> None:
    try:
        done = subprocess.run(
            command,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            capture_output=True,
            text=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise NoBrowserError(f"{' '.join(command)}: {problem}") from problem
    if done.returncode:
        raise NoBrowserError(f"{' '.join(command)} failed: {done.stderr.strip()[-500:]}")
