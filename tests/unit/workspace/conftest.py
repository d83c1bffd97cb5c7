"""Trees and git repositories to discover, away from the developer's own git configuration."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Git = Callable[..., str]
    Dig = Callable[[str, int], None]


@pytest.fixture(autouse=True)
def _own_git_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty folder that is no git repository."""
    folder = tmp_path / "root"
    folder.mkdir()
    return folder


@pytest.fixture
def git(root: Path) -> Git:
    """Run git in the root, or in `cwd`, and return what it prints."""

    def run(*args: str, cwd: Path | None = None) -> str:
        identity = ("-c", "user.name=n", "-c", "user.email=e@example.org")
        command = ["git", *identity, "-c", "protocol.file.allow=always", *args]
        return subprocess.run(
            command, cwd=cwd or root, check=True, capture_output=True
        ).stdout.decode()

    return run


@pytest.fixture
def repo(root: Path, git: Git) -> Path:
    """The root, as an empty git repository."""
    git("init", "-q")
    return root


@pytest.fixture(params=["git", "walked"])
def tree(request: pytest.FixtureRequest, root: Path) -> Path:
    """The root, once as a git repository and once without: both must look the same."""
    if request.param == "git":
        request.getfixturevalue("repo")
    return root


@pytest.fixture
def dig(root: Path) -> Iterator[Dig]:
    """Put `a.py` below the root, as many folders deep as told."""

    def descend(name: str, depth: int) -> None:
        here = os.open(root, os.O_RDONLY)
        for _ in range(depth):
            os.mkdir(name, dir_fd=here)
            inner = os.open(name, os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = inner
        os.close(os.open("a.py", os.O_CREAT, dir_fd=here))
        os.close(here)

    yield descend
    # Python's own means to remove a tree give up on such depths.
    subprocess.run(["rm", "-rf", root], check=True)
