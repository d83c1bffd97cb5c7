"""The one place that runs git.

A repository is input like any other, and its configuration may name programs. Every call
therefore switches off what git would run by itself: file-system monitors, hooks, pagers and the
fetching of missing objects.
"""

from __future__ import annotations

import os
import time
from functools import cache
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from pathlib import Path
    from subprocess import Popen
    from types import TracebackType

# A pipe in the place of a `.gitignore` makes git wait for ever.
PATIENCE_SECONDS = 25.0

_HARMLESS = (
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "safe.bareRepository=explicit"),
)
# These come from the user, never from the repository; CI systems grant `safe.directory` this way.
_USERS_OWN = (
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_KEY_",
    "GIT_CONFIG_VALUE_",
    "GIT_CEILING_DIRECTORIES",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
)


class Output(msgspec.Struct, frozen=True):
    """What git printed on its way to success."""

    stdout: bytes
    stderr: bytes


class Running:
    """A git process that works while its caller does; leaving the `with` block ends it."""

    def __init__(self, process: Popen[bytes] | None, given: bytes | None = None) -> None:
        self._process = process
        self._given = given
        self._deadline = time.monotonic() + PATIENCE_SECONDS

    def output(self) -> Output | None:
        """Wait for the process; None where it failed, was missing or took too long."""
        from subprocess import TimeoutExpired

        if self._process is None:
            return None
        try:
            stdout, stderr = self._process.communicate(
                self._given, timeout=max(0.0, self._deadline - time.monotonic())
            )
        except TimeoutExpired:
            return None
        return Output(stdout, stderr) if self._process.returncode == 0 else None

    def __enter__(self) -> Running:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None:
            with self._process as process:
                process.kill()


def run(
    root: str | Path, *args: str, given: bytes | None = None, index: str | None = None
) -> bytes | None:
    """Run git in `root`; what it printed, or None where it is missing or fails.

    Args:
        root: The folder.
        args: Its arguments.
        given: What it reads from its standard input.
        index: The file to take for its index; None for the repository's own.
    """
    with start(root, *args, given=given, index=index) as running:
        output = running.output()
    return None if output is None else output.stdout


def start(
    root: str | Path, *args: str, given: bytes | None = None, index: str | None = None
) -> Running:
    """Start git in `root` without waiting for it; the arguments are those of `run`."""
    from subprocess import DEVNULL, PIPE, Popen

    executable = _executable(os.environ.get("PATH", os.defpath))
    if executable is None or not is_below_a_mark(root):
        return Running(None)
    command = [executable, "--no-pager", *_HARMLESS, *args]
    environment = _environment() | ({} if index is None else {"GIT_INDEX_FILE": index})
    try:
        stdin = DEVNULL if given is None else PIPE
        process = Popen(command, cwd=root, env=environment, stdin=stdin, stdout=PIPE, stderr=PIPE)
    except OSError:
        return Running(None)
    return Running(process, given)


def is_below_a_mark(root: str | Path) -> bool:
    """Whether git would find a repository, be it a broken one, on its way up from `root`.

    To ask takes git milliseconds, and most folders of tests and of unpacked archives have none.
    """
    folder = os.path.realpath(root)
    while not os.path.lexists(os.path.join(folder, ".git")):
        folder, below = os.path.dirname(folder), folder
        if folder == below:
            return False
    return True


def commit_of(root: str | Path, revision: str) -> str | None:
    """The full name of the commit that a revision names; None where git knows no such one.

    `main...` is the last commit that the current one has in common with `main`.
    """
    if revision.endswith("..."):
        other, here = commit_of(root, revision.removesuffix("...")), commit_of(root, "HEAD")
        if other is None or here is None:
            return None
        base = run(root, "merge-base", other, here)
        return None if base is None else base.decode("ascii", "replace").strip()
    wanted = f"{revision}^{{commit}}"
    commit = run(root, "rev-parse", "--verify", "--quiet", "--end-of-options", wanted)
    return None if commit is None else commit.decode("ascii", "replace").strip()


def changed_since(root: str | Path, revision: str) -> frozenset[str] | None:
    """The files below `root` that differ from a revision, untracked ones included.

    Returns:
        Paths relative to `root`; None where git is missing or knows no such revision.
    """
    name = commit_of(root, revision)
    if name is None:
        return None
    tracked = differing(root, name)
    untracked = run(root, "ls-files", "--others", "--exclude-standard", "-z")
    if tracked is None or untracked is None:
        return None
    return tracked | _paths(untracked)


def differing(root: str | Path, *args: str, index: str | None = None) -> frozenset[str] | None:
    """The tracked files below `root` between which `git diff` sees a difference.

    Args:
        root: The folder; paths are relative to it.
        args: What is compared, as `git diff` takes it.
        index: As for `run`.

    Returns:
        None where git fails.
    """
    switches = without_filters(root)
    if switches is None:
        return None
    options = ("--name-only", "--relative", "--no-renames", "--ignore-submodules=all", "-z")
    printed = run(root, *switches, "diff", "--no-ext-diff", *options, *args, "--", index=index)
    return None if printed is None else _paths(printed)


def staged(root: str | Path) -> frozenset[str] | None:
    """The files below `root` with changes that are staged, as a hook of `git commit` sees them.

    Returns:
        None where git is missing or the folder is in no repository.
    """
    return differing(root, "--cached", index=index_file(root))


def index_file(root: str | Path) -> str | None:
    """The index that `git commit` shows to its hooks; None for the repository's own.

    `git commit -a` and `git commit FILE` do not use the one that is always there.
    """
    named = os.environ.get("GIT_INDEX_FILE")
    folder = run(root, "rev-parse", "--absolute-git-dir") if named else None
    if not named or folder is None:
        return None
    file = os.path.realpath(named)
    inside = os.path.join(os.path.realpath(os.fsdecode(folder.removesuffix(b"\n"))), "")
    return file if file.startswith(inside) else None


def without_filters(root: str | Path) -> list[str] | None:
    """Settings that keep git from running the programs which a repository names as filters.

    Returns:
        None where they cannot be told.
    """
    names = run(root, "config", "--name-only", "-z", "--get-regexp", r"^filter\.") or b""
    switches = []
    for name in sorted(set(names.split(b"\0"))):
        setting = os.fsdecode(name)
        if "=" in setting:  # where the name ends, git would not know
            return None
        if setting.endswith((".clean", ".process")):
            switches += ["-c", f"{setting}="]
        elif setting.endswith(".required"):
            switches += ["-c", f"{setting}=false"]
    return switches


def _paths(listing: bytes) -> frozenset[str]:
    return frozenset(map(os.fsdecode, filter(None, listing.split(b"\0"))))


@cache
def _executable(search_path: str) -> str | None:
    # A relative entry of PATH would find a program of the scanned tree.
    for folder in filter(os.path.isabs, search_path.split(os.pathsep)):
        candidate = os.path.join(folder, "git")
        if os.path.isfile(candidate) and os.access(candidate, os.X_OK):
            return candidate
    return None


def _environment() -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith(_USERS_OWN)
    }
    return kept | {
        "LC_ALL": "C",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        # An empty list allows no transport, for versions of git without the switch above.
        "GIT_ALLOW_PROTOCOL": "",
    }
